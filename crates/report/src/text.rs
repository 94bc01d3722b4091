//! Words in a tone.

/// Words, each in a tone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<(String, Tone)>);

/// How words are said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As the rest.
    #[default]
    Plain,
    /// Beside the matter.
    Quiet,
    /// Against what should be.
    Bad,
}

impl Text {
    /// Words beside the matter.
    pub fn quiet(words: impl Into<String>) -> Self {
        Self(vec![(words.into(), Tone::Quiet)])
    }

    /// Words that say what should not be.
    pub fn bad(words: impl Into<String>) -> Self {
        Self(vec![(words.into(), Tone::Bad)])
    }

    /// These words and then others.
    #[must_use]
    pub fn and(mut self, others: impl Into<Self>) -> Self {
        self.0.extend(others.into().0);
        self
    }

    /// The words with their tones.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&str, Tone)> {
        self.0.iter().map(|(words, tone)| (words.as_str(), *tone))
    }

    /// The words alone.
    pub(crate) fn words(&self) -> String {
        self.0.iter().map(|(words, _)| words.as_str()).collect()
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self(vec![(words, Tone::Plain)])
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}
