//! From values in the modality's unit back to stored pixels.

use super::{Error, SourceObject};
use dicom_dictionary_std::tags;
use imaging::Volume;

/// How values of one slice become signed 16 bit pixels: with the step of their source, so that rounding costs
/// at most half of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantiser {
    /// Value per step.
    pub(super) slope: f64,
    /// Value of a stored zero.
    pub(super) intercept: f64,
}

impl Quantiser {
    /// Takes the step from the source; absent or empty rescale attributes mean "stored values are values".
    ///
    /// # Errors
    /// When the slope is zero or a number can't be read, or a table stands in their place.
    pub(super) fn of(source: &SourceObject) -> Result<Self, Error> {
        if source.attributes().get(tags::MODALITY_LUT_SEQUENCE).is_some() {
            return Err(Error::Attribute(tags::MODALITY_LUT_SEQUENCE));
        }
        let number = |tag, absent| match source.attributes().bytes(tag) {
            None => Ok(absent),
            Some(_) => source.numbers::<1>(tag).map(|[number]| number),
        };
        let slope = number(tags::RESCALE_SLOPE, 1.0)?;
        if slope == 0.0 {
            return Err(Error::Attribute(tags::RESCALE_SLOPE));
        }
        Ok(Self { slope, intercept: number(tags::RESCALE_INTERCEPT, 0.0)? })
    }

    /// Whether stored values are values.
    pub(super) fn is_identity(&self) -> bool {
        *self == Self { slope: 1.0, intercept: 0.0 }
    }

    /// Rounds slice `slice` of a volume to stored pixels. Nothing is clipped. Where nothing was measured the volume says
    /// nothing either: there stands `padding`, whatever the volume holds.
    ///
    /// # Errors
    /// When a value is not a number or can't be held.
    pub(super) fn stored(
        &self,
        (volume, slice): (&Volume, usize),
        padding: impl Fn(usize) -> Option<i16>,
    ) -> Result<Vec<i16>, Error> {
        let values = volume.slice(slice).iter().enumerate();
        values.map(|(index, &value)| padding(index).map_or_else(|| self.pixel(value, slice), Ok)).collect()
    }

    fn pixel(&self, value: f32, slice: usize) -> Result<i16, Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { slice });
        }
        let stored = ((f64::from(value) - self.intercept) / self.slope).round();
        if (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&stored) {
            return Ok(stored as i16);
        }
        let ends = [i16::MIN, i16::MAX].map(|end| f64::from(end) * self.slope + self.intercept);
        Err(Error::OutOfRange { slice, value, low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;
    use proptest::prelude::*;

    fn line(values: &[f32]) -> Volume {
        Volume::new(values.to_vec(), [values.len(), 1, 1], Affine::from_spacing([1.0; 3])).unwrap()
    }

    proptest! {
        #[test]
        fn rounding_costs_at_most_half_a_step(
            slope in prop::sample::select(vec![0.01, 0.5, 1.0, 1.03e-8, -1.0, 4.2]),
            stored in -30_000_i16..30_000,
            part in -0.49_f64..0.49,
        ) {
            let quantiser = Quantiser { slope, intercept: 0.0 };
            let value = ((f64::from(stored) + part) * slope) as f32;
            let pixel = quantiser.stored((&line(&[value]), 0), |_| None).unwrap()[0];
            let back = f64::from(pixel) * slope;
            prop_assert!((back - f64::from(value)).abs() <= slope.abs() * 0.500_001);
        }
    }

    #[test]
    fn what_can_not_be_held_fails_and_is_not_clipped() {
        let quantiser = Quantiser { slope: 1.0, intercept: -1024.0 };
        assert!(matches!(
            quantiser.stored((&line(&[0.0, 40_000.0]), 0), |_| None),
            Err(Error::OutOfRange { slice: 0, value: 40_000.0, .. })
        ));
        assert!(matches!(
            quantiser.stored((&line(&[f32::NAN]), 0), |_| None),
            Err(Error::NotFinite { slice: 0 })
        ));
    }

    #[test]
    fn r36_what_a_result_holds_where_nothing_was_measured_is_neither_stored_nor_refused() {
        let quantiser = Quantiser { slope: 1.0, intercept: -1024.0 };
        let volume = line(&[0.0, 64_511.0, -1e9, 40.0]);
        let stored = quantiser.stored((&volume, 0), |index| [1, 2].contains(&index).then_some(i16::MIN));
        assert_eq!(stored.unwrap(), [1024, i16::MIN, i16::MIN, 1064]);
    }
}
