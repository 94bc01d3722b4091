//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Two radiologists sign every AI-made image before anybody else sees it. Not a cleared medical device.
#[derive(Debug, Parser)]
#[command(name = "countersign", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a model on a DICOM series or a volume file, without the platform.
    Infer(Infer),
    /// Trains a model under a recipe, or goes on where training stopped.
    Train(Train),
}

/// `infer`
#[derive(Debug, Args)]
pub struct Infer {
    /// Folder of the model: `model.toml` and `weights.safetensors`.
    pub model: PathBuf,
    /// Folder with the DICOM files of one series, or a .nii, .nii.gz, .nrrd or .inv3 file.
    #[arg(long)]
    pub input: PathBuf,
    /// Folder for `image.nii.gz`, `lower.nii.gz`, `upper.nii.gz` and `scores.json`.
    #[arg(long)]
    pub out: PathBuf,
}

/// `train`
#[derive(Debug, Args)]
pub struct Train {
    /// The recipe; the model is written beside it.
    pub recipe: PathBuf,
    /// Folder with the subjects' files, as the model's `fetch-data` leaves them.
    #[arg(long)]
    pub images: PathBuf,
    /// Folder for the checkpoint and the model; the recipe's own when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Leaves this subject out: a fold, for measuring.
    #[arg(long)]
    pub without: Option<String>,
}
