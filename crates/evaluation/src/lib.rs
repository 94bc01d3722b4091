//! Evidence about models: what they do to images whose truth is known, beside what simpler means do; and the
//! statistics by which gates judge. A model comes in as a trait object, so this crate knows no network.

pub mod agreement;
pub mod control;
pub mod denoise;
pub mod drift;
pub mod feature_distance;
pub mod group_sequential;
pub mod hallucination;
pub mod observer;
pub mod phantom;
pub mod radiomics;
pub mod reader_study;
pub mod segmentation;
pub mod sequential;
pub mod statistics;
pub mod uncertainty;
