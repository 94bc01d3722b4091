//! The transfer syntaxes that are taken in; every other one is refused in negotiation, by its name.

use dicom_dictionary_std::uids;
use dicom_encoding::transfer_syntax::TransferSyntaxIndex as _;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

/// How a data set is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferSyntax {
    /// Implicit VR Little Endian.
    ImplicitLittle,
    /// Explicit VR Little Endian.
    ExplicitLittle,
    /// Explicit VR Big Endian (retired, still sent).
    ExplicitBig,
    /// Deflated Explicit VR Little Endian.
    Deflated,
    /// RLE Lossless.
    Rle,
    /// JPEG Baseline, 8 bit, lossy.
    JpegBaseline,
    /// JPEG Lossless, process 14.
    JpegLossless,
    /// JPEG Lossless, process 14, selection value 1.
    JpegLosslessFirstOrder,
    /// JPEG 2000, lossless only.
    Jpeg2000Lossless,
    /// JPEG 2000.
    Jpeg2000,
}

impl TransferSyntax {
    /// Every transfer syntax that is taken in, native ones first.
    pub const ALL: [Self; 10] = [
        Self::ExplicitLittle,
        Self::ImplicitLittle,
        Self::ExplicitBig,
        Self::Deflated,
        Self::Rle,
        Self::JpegBaseline,
        Self::JpegLossless,
        Self::JpegLosslessFirstOrder,
        Self::Jpeg2000Lossless,
        Self::Jpeg2000,
    ];

    /// Finds a transfer syntax by its UID; `None` when it isn't taken in.
    pub fn from_uid(uid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|syntax| syntax.uid() == uid)
    }

    /// Gives the UID.
    pub fn uid(self) -> &'static str {
        match self {
            Self::ImplicitLittle => uids::IMPLICIT_VR_LITTLE_ENDIAN,
            Self::ExplicitLittle => uids::EXPLICIT_VR_LITTLE_ENDIAN,
            // The dictionary marks the name as retired; senders still use it.
            Self::ExplicitBig => "1.2.840.10008.1.2.2",
            Self::Deflated => uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Rle => uids::RLE_LOSSLESS,
            Self::JpegBaseline => uids::JPEG_BASELINE8_BIT,
            Self::JpegLossless => uids::JPEG_LOSSLESS,
            Self::JpegLosslessFirstOrder => uids::JPEG_LOSSLESS_SV1,
            Self::Jpeg2000Lossless => uids::JPEG2000_LOSSLESS,
            Self::Jpeg2000 => uids::JPEG2000,
        }
    }

    /// Whether elements carry no VR.
    pub fn is_implicit(self) -> bool {
        self == Self::ImplicitLittle
    }

    /// Whether numbers are big-endian.
    pub fn is_big_endian(self) -> bool {
        self == Self::ExplicitBig
    }

    /// Whether pixel data comes as compressed fragments.
    pub fn is_encapsulated(self) -> bool {
        !matches!(self, Self::ImplicitLittle | Self::ExplicitLittle | Self::ExplicitBig | Self::Deflated)
    }
}

/// Gives a transfer syntax for people: its UID, and the standard's name for it where it has one.
pub(crate) fn described(uid: &str) -> String {
    match TransferSyntaxRegistry.get(uid) {
        Some(known) => format!("{} ({})", known.uid(), known.name()),
        None => uid.to_owned(),
    }
}
