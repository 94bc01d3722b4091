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
    /// Runs a worker as a process of its own.
    Worker(Worker),
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
    /// Measures a model against full-dose images, its own input and tuned non-local means. Exit code 1 where a bar
    /// is missed.
    Evaluate(Evaluate),
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
    /// Folder for the checkpoint and the model; the recipe's own when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Leaves this subject out: a fold, for measuring.
    #[arg(long)]
    pub leave_out: Option<String>,
    /// Where the subjects are.
    #[command(flatten)]
    pub images: Images,
}

/// `evaluate`
#[derive(Debug, Args)]
pub struct Evaluate {
    /// Folder of the model.
    pub model: PathBuf,
    /// The recipe that names subjects and doses; the one in the model's folder when absent.
    #[arg(long)]
    pub recipe: Option<PathBuf>,
    /// Only this subject.
    #[arg(long)]
    pub subject: Option<String>,
    /// Where the subjects are.
    #[command(flatten)]
    pub images: Images,
}

/// Where the subjects of a recipe are.
#[derive(Debug, Clone, Args)]
pub struct Images {
    /// Folder that the model's `fetch-data` filled; `<cache>/<model name>` when absent, as there.
    #[arg(long)]
    pub images: Option<PathBuf>,
    /// Folder for what can be fetched or computed again.
    #[arg(long, env = "COUNTERSIGN_CACHE")]
    pub cache: Option<PathBuf>,
    /// The home folder, in which the cache is when nothing else is said.
    #[arg(long, env = "HOME", hide = true)]
    home: Option<PathBuf>,
}

impl Images {
    /// The folder of the subjects of the model `name`.
    pub fn folder(&self, name: &str) -> PathBuf {
        let home = self.home.clone().unwrap_or_default();
        let cache = self.cache.clone().unwrap_or_else(|| home.join(".cache").join("countersign"));
        self.images.clone().unwrap_or_else(|| cache.join(name))
    }
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
    /// Address where DICOM associations are accepted.
    #[arg(long)]
    pub dicom: Option<SocketAddr>,
    /// Adds a clinical destination, `AE@host:port`; may be repeated.
    #[arg(long = "destination", value_parser = destination)]
    pub destinations: Vec<Peer>,
}

/// A DICOM peer as it is named on the command line.
#[derive(Debug, Clone)]
pub struct Peer {
    /// AE title.
    pub ae_title: String,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

fn destination(text: &str) -> Result<Peer, String> {
    let parts = text.split_once('@').and_then(|(ae, rest)| Some((ae, rest.rsplit_once(':')?)));
    let (ae_title, (host, port)) = parts.ok_or("wanted is AE@host:port")?;
    let port = port.parse().map_err(|_| format!("'{port}' is no port"))?;
    Ok(Peer { ae_title: ae_title.to_owned(), host: host.to_owned(), port })
}

/// `worker`
#[derive(Debug, Args)]
pub struct Worker {
    /// The pool whose jobs it takes; overrides the configuration.
    #[arg(long)]
    pub pool: Option<String>,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: Source,
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
