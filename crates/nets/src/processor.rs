//! Where a network's tensors live.

use candle_core::{Device, Result};

/// A processor that networks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Processor {
    /// This machine's own, with kernels of ours.
    #[default]
    Cpu,
    /// The first CUDA device, with candle's kernels; only in a program that was built with the feature `cuda`.
    Cuda,
}

impl Processor {
    /// # Errors
    /// When there is no such processor, or the program wasn't built for it.
    pub(crate) fn device(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda => Device::new_cuda(0),
        }
    }
}
