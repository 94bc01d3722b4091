//! Why received bytes can't be used: for the sender as a status, for a person as a sentence and a remedy.

use crate::transfer_syntax;
use contract::Refusal;
use dicom_core::Tag;

/// Why received bytes can't be used. Messages name tags and numbers, never values, so that they may be logged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unusable {
    /// No DICOM file at all.
    #[error("the bytes aren't a DICOM file: {0}")]
    NotDicom(&'static str),
    /// A transfer syntax that isn't taken in.
    #[error("transfer syntax {} isn't taken in", transfer_syntax::described(.0))]
    TransferSyntax(String),
    /// An element reaches beyond the end of the bytes or of the sequence that holds it.
    #[error("element {tag} claims {claimed} bytes where {left} are left")]
    Truncated {
        /// The element.
        tag: Tag,
        /// Its length as declared.
        claimed: u64,
        /// What there is.
        left: u64,
    },
    /// The structure of elements and items is broken.
    #[error("at byte {at}: {what}")]
    Structure {
        /// Byte offset in the data set.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Sequences nested deeper than anything real.
    #[error("sequences are nested more than {0} deep")]
    TooDeep(usize),
    /// More elements than anything real.
    #[error("the data set has more than {0} elements and items")]
    TooManyElements(usize),
    /// Elements of the file meta group or of a command inside the data set.
    #[error("element {0} doesn't belong in a data set")]
    ForeignGroup(Tag),
    /// Root elements out of order or doubled: readers would disagree about what the object says.
    #[error("element {0} is out of order or doubled")]
    Order(Tag),
    /// A deflated data set that can't be inflated, or grows beyond the limit.
    #[error("the deflated data set can't be inflated within {0} bytes")]
    Deflate(u64),
    /// A required attribute is absent or empty.
    #[error("attribute {0} is missing")]
    Missing(Tag),
    /// A UID that breaks the rules of PS3.5 chapter 9.
    #[error("attribute {tag} is no valid UID: {why}")]
    Uid {
        /// The attribute.
        tag: Tag,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A value that is longer than any real one, or isn't of its kind.
    #[error("attribute {tag} has no usable value: {why}")]
    Value {
        /// The attribute.
        tag: Tag,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Text in a character set that isn't known.
    #[error("the specific character set isn't known")]
    CharacterSet,
    /// The image attributes contradict each other or are out of range.
    #[error("the image can't be as described: {0}")]
    Image(String),
    /// Pixel data shorter or longer than the image attributes say.
    #[error("pixel data has {found} bytes where the image attributes say {expected}")]
    PixelLength {
        /// By rows, columns, samples, frames and bits.
        expected: u64,
        /// As stored.
        found: u64,
    },
    /// The data set is about another object than the command said.
    #[error("the data set isn't the object that was announced: {0} differs")]
    Mismatch(Tag),
}

impl Unusable {
    /// Gives the stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDicom(_) => "not_dicom",
            Self::TransferSyntax(_) => "transfer_syntax",
            Self::Truncated { .. } => "truncated",
            Self::Structure { .. } => "structure",
            Self::TooDeep(_) => "nested_too_deep",
            Self::TooManyElements(_) => "too_many_elements",
            Self::ForeignGroup(_) => "foreign_group",
            Self::Order(_) => "element_order",
            Self::Deflate(_) => "deflate",
            Self::Missing(_) => "attribute_missing",
            Self::Uid { .. } => "uid",
            Self::Value { .. } => "attribute_value",
            Self::CharacterSet => "character_set",
            Self::Image(_) => "image_attributes",
            Self::PixelLength { .. } => "pixel_length",
            Self::Mismatch(_) => "mismatch",
        }
    }

    /// Gives the attribute that the reason is about, if it is about one.
    pub fn attribute(&self) -> Option<Tag> {
        match self {
            Self::Missing(tag) | Self::Mismatch(tag) | Self::Uid { tag, .. } | Self::Value { tag, .. } => {
                Some(*tag)
            }
            Self::CharacterSet => Some(dicom_dictionary_std::tags::SPECIFIC_CHARACTER_SET),
            _ => None,
        }
    }

    /// Gives the status for the sender: of C-STORE (PS3.4 table B.2-1), and 0xC122 of STOW-RS (PS3.18 table I.2-2).
    pub fn status(&self) -> u16 {
        match self {
            Self::Mismatch(_) => 0xA900,
            Self::TransferSyntax(_) => 0xC122,
            _ => 0xC000,
        }
    }

    /// Says what a person can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::TransferSyntax(_) => {
                "let the sender use one of the transfer syntaxes of the conformance statement"
            }
            Self::Truncated { .. } | Self::PixelLength { .. } | Self::Deflate(_) => {
                "send the object again; if it fails again, its file at the sender is damaged"
            }
            Self::CharacterSet => "let the sender name a character set of PS3.3 C.12.1.1.2",
            _ => "ask the maker of the sender to correct the object, then send it again",
        }
    }

    /// Gives the reason as a refusal.
    pub fn refusal(&self) -> Refusal {
        Refusal::new(self.code(), self.to_string(), self.remedy())
    }
}
