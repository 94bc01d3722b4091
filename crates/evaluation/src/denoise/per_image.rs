//! One figure for each of the images that stand beside full dose.

use serde::{Deserialize, Serialize};

/// A figure of the input, of tuned non-local means and of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PerImage<T> {
    /// Of the low-dose input.
    pub input: T,
    /// Of tuned non-local means.
    pub non_local_means: T,
    /// Of the model.
    pub output: T,
}

impl<T> PerImage<T> {
    /// Gives what is made of each figure.
    pub fn map<U>(self, of: impl FnMut(T) -> U) -> PerImage<U> {
        PerImage::from(self.into_array().map(of))
    }

    /// Gives the figures in their order: input, tuned non-local means, model.
    pub fn into_array(self) -> [T; 3] {
        [self.input, self.non_local_means, self.output]
    }
}

impl<T> From<[T; 3]> for PerImage<T> {
    fn from([input, non_local_means, output]: [T; 3]) -> Self {
        Self { input, non_local_means, output }
    }
}
