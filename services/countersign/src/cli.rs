//! The command line.

use clap::{Args, Parser, Subcommand};
use contract::Role;
use std::net::SocketAddr;
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
    /// Starts everything in one process, or the named services.
    Serve(Serve),
    /// Manages accounts.
    #[command(subcommand)]
    User(User),
    /// Checks the ledger.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Shows or checks the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints the GraphQL schema.
    Schema,
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

/// Where the configuration comes from.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// Configuration file (TOML); `countersign config default` prints the reference.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Folder for databases, objects and keys; overrides the configuration.
    #[arg(long)]
    pub data: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Services to start; all when none is named.
    pub services: Vec<String>,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: Source,
    /// Adds demo accounts with generated passwords.
    #[arg(long)]
    pub demo: bool,
    /// Address of the web and the API.
    #[arg(long)]
    pub http: Option<SocketAddr>,
}

/// `user`
#[derive(Debug, Subcommand)]
pub enum User {
    /// Adds an account. The password is read from the first line of standard input.
    Add {
        /// The name to sign in with.
        username: String,
        /// The name that is printed beside a signature.
        #[arg(long)]
        printed_name: String,
        /// What the person may do; repeat it for several.
        #[arg(long = "role", required = true, value_parser = role)]
        roles: Vec<Role>,
        /// Where the configuration comes from.
        #[command(flatten)]
        source: Source,
    },
}

/// `config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prints the reference: every key with its default.
    Default,
    /// Says whether a configuration can be used.
    Check(Source),
}

fn role(text: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.into_iter().map(Role::as_str).collect();
        format!("one of {}", known.join(", "))
    })
}

/// `ledger`
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Checks the whole ledger against its exported checkpoints. Exit code 0: whole; 1: altered, naming the first
    /// bad entry; 2: can't tell.
    Verify {
        /// Where the configuration comes from.
        #[command(flatten)]
        source: Source,
        /// Verifier key of the ledger, kept somewhere the ledger's operator can't write; the one below the data
        /// folder when absent.
        #[arg(long)]
        key: Option<PathBuf>,
    },
}
