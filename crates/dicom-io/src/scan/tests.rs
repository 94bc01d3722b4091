#![expect(clippy::float_cmp, reason = "the numbers are read, not computed")]

use super::*;
use crate::fixture::{CtSeries, hostile};
use proptest::prelude::*;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";

#[test]
fn the_same_slice_reads_the_same_in_every_native_encoding() {
    let slice = CtSeries::new("1.2.3").slice(4);
    let read = |syntax: TransferSyntax| {
        let encoded = slice.encode(syntax);
        let scan = scan(&encoded, syntax.uid()).unwrap();
        assert!(matches!(scan.pixels, Some(PixelSpan::Native { ref bytes, .. }) if bytes.len() == 384));
        scan.header
    };
    let explicit = read(TransferSyntax::ExplicitLittle);
    for syntax in [TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitBig, TransferSyntax::Deflated] {
        assert_eq!(read(syntax), explicit);
    }
    assert_eq!(explicit.patient.name, "Fixture^Ann");
    assert_eq!(explicit.image.unwrap().plane.unwrap().position, [-8.0, -6.0, 10.0]);
}

#[test]
fn how_soon_the_scanner_wants_it_is_read_where_it_says_so() {
    let slice = CtSeries::new("1.2.3").slice(0);
    let priority = |slice: &crate::fixture::DataSet| {
        let encoded = slice.encode(TransferSyntax::ExplicitLittle);
        scan(&encoded, EXPLICIT).unwrap().header.requested_procedure_priority
    };
    assert_eq!(priority(&slice), "");
    let stat = slice.text(tags::REQUESTED_PROCEDURE_PRIORITY, *b"CS", "STAT");
    assert_eq!(priority(&stat), "STAT");
}

#[test]
fn hostile_data_sets_are_refused_with_a_reason_and_a_remedy() {
    for (what, bytes) in hostile() {
        let Err(unusable) = scan(&bytes, EXPLICIT) else { panic!("{what} was taken") };
        assert!(!unusable.remedy().is_empty() && unusable.status() >= 0xA900, "{what}: {unusable}");
    }
}

#[test]
fn a_deflate_bomb_is_refused_before_it_unfolds() {
    let bomb = CtSeries::new("1.2.3").slice(0).bytes(tags::PATIENT_COMMENTS, *b"UT", vec![b' '; 64 << 20]);
    let bomb = bomb.encode(TransferSyntax::Deflated);
    assert!(bomb.len() < 128 * 1024);
    assert!(matches!(scan(&bomb, TransferSyntax::Deflated.uid()), Err(Unusable::Deflate(_))));
}

#[test]
fn transfer_syntaxes_that_are_not_taken_in_are_named() {
    let jpeg_ls = "1.2.840.10008.1.2.4.80";
    assert_eq!(scan(&[], jpeg_ls).unwrap_err(), Unusable::TransferSyntax(jpeg_ls.into()));
}

#[test]
fn names_are_read_in_their_character_sets() {
    let named = |set: &str, name: &[u8]| {
        let slice = CtSeries::new("1.2.3").slice(0).text(tags::SPECIFIC_CHARACTER_SET, *b"CS", set);
        let mut name = name.to_vec();
        name.resize(name.len().next_multiple_of(2), b' ');
        let encoded = slice.bytes(tags::PATIENT_NAME, *b"PN", name).encode(TransferSyntax::ExplicitLittle);
        scan(&encoded, EXPLICIT).unwrap().header.patient.name
    };
    assert_eq!(named("ISO_IR 100", b"M\xFCller^J\xF6rg"), "Müller^Jörg");
    assert_eq!(named("ISO_IR 192", "山田^太郎".as_bytes()), "山田^太郎");
    // PS3.5 example H.3.1: alphabetic, ideographic and phonetic groups.
    let h31 = b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B";
    assert_eq!(named("\\ISO 2022 IR 87", h31), "Yamada^Tarou=山田^太郎=やまだ^たろう");
    // PS3.5 example I.2.
    let i2 = b"Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF";
    assert_eq!(named("\\ISO 2022 IR 149", i2), "Hong^Gildong=洪^吉洞=홍^길동");
}

#[test]
fn private_elements_and_sequences_pass() {
    let content = [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
    let slice = CtSeries::new("1.2.3")
        .slice(0)
        .text(Tag(0x0019, 0x0010), *b"LO", "MAKER A")
        .bytes(Tag(0x0019, 0x1001), *b"UN", b"odd".to_vec())
        .bytes(Tag(0x0019, 0x1002), *b"SQ", content.to_vec());
    for syntax in [TransferSyntax::ExplicitLittle, TransferSyntax::ImplicitLittle] {
        scan(&slice.encode(syntax), syntax.uid()).unwrap();
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_scan_panic(at in 0_usize..1500, value: u8, cut in 0_usize..1500) {
        for syntax in [TransferSyntax::ExplicitLittle, TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitBig] {
            let mut bytes = CtSeries::new("1.2.3").slice(0).encode(syntax);
            let length = bytes.len();
            bytes[at % length] = value;
            let _ = scan(&bytes, syntax.uid());
            let _ = scan(&bytes[..length - cut % length], syntax.uid());
        }
    }

    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for syntax in TransferSyntax::ALL {
            prop_assert!(scan(&bytes, syntax.uid()).is_err());
        }
    }
}
