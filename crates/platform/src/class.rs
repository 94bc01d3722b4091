//! What to do about an error.

/// What the one who handles an error does about it. Every service error has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The same thing may work later: back off and repeat.
    Retry,
    /// The domain says no; repeating changes nothing and nobody needs to look.
    Refuse,
    /// Repeating changes nothing and a person must look: keep it where they can.
    Park,
}
