//! RLE Lossless, decoded within the size that the image attributes give.
//!
//! The library's decoder allocates by the segment count of the header and refuses large empty images; this one does
//! neither.
//!
//! # Source
//! PS3.5 annex G.

/// Why a frame can't be decoded.
pub(crate) const BROKEN: &str = "the RLE frame is broken";

/// Decodes one frame of one sample per pixel into little-endian samples of `bytes_per_sample`.
pub(crate) fn decode(frame: &[u8], pixels: usize, bytes_per_sample: usize) -> Result<Vec<u8>, &'static str> {
    let word = |index: usize| {
        let bytes = frame.get(4 * index..4 * index + 4).ok_or(BROKEN)?;
        Ok::<_, &'static str>(u32::from_le_bytes(bytes.try_into().expect("four bytes were cut out")) as usize)
    };
    if word(0)? != bytes_per_sample {
        return Err("the RLE frame hasn't one segment per byte of a sample");
    }
    let mut samples = vec![0; pixels * bytes_per_sample];
    for segment in 0..bytes_per_sample {
        let start = word(1 + segment)?;
        let end = if segment + 1 < bytes_per_sample { word(2 + segment)? } else { frame.len() };
        let packed = frame.get(start..end).ok_or(BROKEN)?;
        // The first segment holds the most significant byte.
        unpack(packed, &mut samples, bytes_per_sample - 1 - segment, bytes_per_sample)?;
    }
    Ok(samples)
}

/// Writes the bytes of a PackBits segment to every `step`th place from `first`.
fn unpack(packed: &[u8], samples: &mut [u8], first: usize, step: usize) -> Result<(), &'static str> {
    let mut places = samples.iter_mut().skip(first).step_by(step);
    let mut left = places.len();
    let mut at = 0;
    while left > 0 {
        let control = i8::from_le_bytes([*packed.get(at).ok_or(BROKEN)?]);
        at += 1;
        let count = usize::from(control.unsigned_abs()) + 1;
        match control {
            -128 => {}
            0.. => {
                let literal = packed.get(at..at + count).ok_or(BROKEN)?;
                places.by_ref().zip(literal).for_each(|(place, byte)| *place = *byte);
                at += count;
                left = left.saturating_sub(count);
            }
            _ => {
                let byte = *packed.get(at).ok_or(BROKEN)?;
                places.by_ref().take(count).for_each(|place| *place = byte);
                at += 1;
                left = left.saturating_sub(count);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_literals_and_no_operations_unpack() {
        // The example of Apple's technical note 1023.
        let packed =
            [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0x80, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA];
        let mut samples = vec![0; 24];
        unpack(&packed, &mut samples, 0, 1).unwrap();
        assert_eq!(samples[..10], [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA]);
        assert_eq!(samples[10..], [&[0x80, 0x00, 0x2A, 0x22][..], &[0xAA; 10]].concat());
    }

    #[test]
    fn a_header_that_names_billions_of_segments_costs_nothing() {
        let mut frame = vec![0; 64];
        frame[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(decode(&frame, 16, 2).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(frame in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&frame, 100, 2);
            let _ = decode(&frame, 100, 1);
        }
    }
}
