//! The command line.

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use contract::Role;
use contract::rollout::Stage;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Two radiologists sign every AI-made image before anybody else sees it. Not a cleared medical device.
#[derive(Debug, Parser)]
#[command(name = "countersign", version)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// For the kill tests: `point` or `point#n`, where the process dies when it gets there (for the nth time).
    #[cfg(feature = "failpoints")]
    #[arg(long, env = "COUNTERSIGN_KILL_AT", value_delimiter = ',', hide = true)]
    pub kill_at: Vec<crate::faults::KillPoint>,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts everything in one process, or the named services.
    Serve(Serve),
    /// Runs a worker as a process of its own.
    Worker(Worker),
    /// Manages accounts.
    #[command(subcommand)]
    User(User),
    /// Manages deployments: a model in use at a site.
    #[command(subcommand)]
    Deployment(Deployment),
    /// Model versions: takes packages in, and signs them for others.
    #[command(subcommand)]
    Model(ModelCommand),
    /// Makes the quality report of a period, as PDF or as one page of HTML.
    Report(Report),
    /// Checks the ledger.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Shows or checks the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Looks at everything that a start needs, and says what to do about what is missing. Exit code 1 when
    /// something is.
    Doctor(Source),
    /// Prints the GraphQL schema.
    Schema,
    /// Prints how sequential stop rules behave, per accepted rate and monthly number, as a Markdown table.
    StopRules,
    /// Runs a model on a DICOM series or a volume file, without the platform.
    Infer(Infer),
    /// Trains a model under a recipe, or goes on where training stopped.
    Train(Train),
    /// Measures a model against full-dose images, its own input and tuned non-local means. Exit code 1 where a bar
    /// is missed.
    Evaluate(Evaluate),
    /// Compares two kinds of images over readers and cases, by what readers rated: areas under the ROC curve after
    /// Obuchowski and Rockette, agreement, non-inferiority. Exit code 1 where it isn't shown.
    ReaderStudy(ReaderStudy),
}

/// `infer`
#[derive(Debug, Args)]
pub(crate) struct Infer {
    /// Folder of the model: `model.toml` and `weights.safetensors`.
    pub model: PathBuf,
    /// Folder with the DICOM files of one series, or a .nii, .nii.gz, .nrrd or .inv3 file.
    #[arg(long)]
    pub input: PathBuf,
    /// Folder for `image.nii.gz`, `lower.nii.gz`, `upper.nii.gz` and `scores.json`.
    #[arg(long)]
    pub out: PathBuf,
    /// Percent of what the model takes away that is given back to the image, as texture.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub texture: u8,
    /// Where the network runs; `cuda` needs a program that was built with that feature.
    #[arg(long, value_enum, default_value_t)]
    pub processor: Processor,
}

/// A processor that networks run on.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Processor {
    /// This machine's own.
    #[default]
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl From<Processor> for nets::Processor {
    fn from(processor: Processor) -> Self {
        match processor {
            Processor::Cpu => Self::Cpu,
            Processor::Cuda => Self::Cuda,
        }
    }
}

/// `train`
#[derive(Debug, Args)]
pub(crate) struct Train {
    /// The recipe; the model is written beside it.
    pub recipe: PathBuf,
    /// Folder for the checkpoint and the model; the recipe's own when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Leaves this subject out: a fold, for measuring.
    #[arg(long)]
    pub leave_out: Option<String>,
    /// Trains no step: calibrates the model that lies in the folder anew, by the folds that are there now.
    #[arg(long)]
    pub calibrate: bool,
    /// Where the steps are made; `cuda` needs a program that was built with that feature.
    #[arg(long, value_enum, default_value_t)]
    pub processor: Processor,
    /// Where the subjects are.
    #[command(flatten)]
    pub images: Images,
}

/// `evaluate`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Evaluate {
    /// Folder of the model.
    pub model: PathBuf,
    /// The recipe that names subjects and doses; the one in the model's folder when absent.
    #[arg(long)]
    pub recipe: Option<PathBuf>,
    /// Only this subject.
    #[arg(long)]
    pub subject: Option<String>,
    /// A fold to measure too, as `subject=folder`: a model that never saw this subject.
    #[arg(long = "fold", value_parser = fold)]
    pub folds: Vec<(String, PathBuf)>,
    /// Inserts lesions of several sizes and contrasts and measures what is kept of them; takes minutes more.
    #[arg(long)]
    pub lesions: bool,
    /// Percent of what the model takes away that is given back to its images, as texture: everything is measured so.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub texture: u8,
    /// Measures with another anchor: a Gaussian of so many pixels, or none where it is 0. Never written into the model's folder.
    #[arg(long, conflicts_with_all = ["write", "input"])]
    pub anchor: Option<f64>,
    /// Tampers with the model's images and measures how well the run-time consistency tells it; and measures the
    /// Hallucination Index over six realisations of the noise on three slices. Takes minutes more.
    #[arg(long)]
    pub tamper: bool,
    /// Measures, instead, edges and noise on a phantom of water with rods.
    #[arg(long)]
    pub phantom: bool,
    /// Measures, instead, what becomes of the model under other noise, kernels and slice thickness, and on an MR image:
    /// where it must not be used. On those that it has never seen, at the recipe's first dose.
    #[arg(long, conflicts_with = "phantom")]
    pub site_shift: bool,
    /// Writes `metrics.json` and the tables of `card.md` into the model's folder.
    #[arg(long)]
    pub write: bool,
    /// A site's own acceptance test: no recipe, but this low-dose image. A folder with the DICOM files of one series, or
    /// a .nii, .nii.gz, .nrrd or .inv3 file.
    #[arg(long, requires_all = ["reference", "out"], conflicts_with_all = ["recipe", "subject", "folds", "lesions", "tamper", "phantom", "site_shift", "write"])]
    pub input: Option<PathBuf>,
    /// The full-dose image of the same patient on the same grid, as --input.
    #[arg(long, requires = "input")]
    pub reference: Option<PathBuf>,
    /// A lesion's mask on the same grid (above 0 is inside), as a file.
    #[arg(long, requires = "input")]
    pub mask: Option<PathBuf>,
    /// Folder for `report.html` and `report.json`.
    #[arg(long, requires = "input")]
    pub out: Option<PathBuf>,
    /// Where the subjects are.
    #[command(flatten)]
    pub images: Images,
}

/// `reader-study`
#[derive(Debug, Args)]
pub(crate) struct ReaderStudy {
    /// CSV with the head `reader,arm,case,truth,rating`: every reader rates every case in both arms, a higher rating is for
    /// the disease, and the truth is 1 where a case has it, else 0.
    pub ratings: PathBuf,
    /// The arm that is to be no worse than the other one.
    #[arg(long)]
    pub arm: String,
    /// By how much of the area under the ROC curve it may be worse.
    #[arg(long, default_value_t = 0.05)]
    pub margin: f64,
    /// File for the figures, as JSON.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

fn fold(text: &str) -> Result<(String, PathBuf), String> {
    let (subject, folder) = text.split_once('=').ok_or("a fold is given as subject=folder")?;
    Ok((subject.to_owned(), folder.into()))
}

/// Where the subjects of a recipe are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Images {
    /// Folder that the model's `fetch-data` filled; `<cache>/<model name>` when absent, as there.
    #[arg(long = "images")]
    pub given: Option<PathBuf>,
    /// Folder for what can be fetched or computed again.
    #[arg(long, env = "COUNTERSIGN_CACHE")]
    pub cache: Option<PathBuf>,
    /// The home folder, in which the cache is when nothing else is said.
    #[arg(long, env = "HOME", hide = true)]
    home: Option<PathBuf>,
}

impl Images {
    /// The folder of the subjects of the model `name`.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let home = self.home.clone().unwrap_or_default();
        let cache = self.cache.clone().unwrap_or_else(|| home.join(".cache").join("countersign"));
        self.given.clone().unwrap_or_else(|| cache.join(name))
    }
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Args)]
pub(crate) struct Source {
    /// Configuration file (TOML); `countersign config default` prints the reference.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Folder for databases, objects and keys; overrides the configuration.
    #[arg(long)]
    pub data: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
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
pub(crate) struct Peer {
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
pub(crate) struct Worker {
    /// The pool whose jobs it takes; overrides the configuration.
    #[arg(long)]
    pub pool: Option<String>,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: Source,
}

/// `user`
#[derive(Debug, Subcommand)]
pub(crate) enum User {
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

/// `deployment`
#[derive(Debug, Subcommand)]
pub(crate) enum Deployment {
    /// Registers the models of the models folder and puts the newest version of one to use, at the stage shadow. From
    /// there on it is moved up by two people on evidence. Repeating it changes nothing.
    Add(Box<AddDeployment>),
}

/// `deployment add`
#[derive(Debug, Args)]
pub(crate) struct AddDeployment {
    /// What people call it; unique at its site.
    pub name: String,
    /// Name of the model.
    #[arg(long)]
    pub model: String,
    /// The site.
    #[arg(long)]
    pub site: String,
    /// Modality (0008,0060) of the series that it wants.
    #[arg(long)]
    pub modality: String,
    /// Body part (0018,0015) that it wants; repeat it for several, leave it out for any.
    #[arg(long = "body-part")]
    pub body_parts: Vec<String>,
    /// Word in the description that stands for an absent body part; repeat it for several.
    #[arg(long = "body-part-word")]
    pub body_part_words: Vec<String>,
    /// Fewest images of a series that it wants.
    #[arg(long, default_value_t = 1)]
    pub instances_min: u32,
    /// Pool of the workers.
    #[arg(long, default_value = "cpu")]
    pub pool: String,
    /// Percent of what the model takes away that is given back to its images, as texture; it never changes.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub texture: u8,
    /// First stage. Above shadow no evidence speaks for it, and `--banner` says so to every reader.
    #[arg(long, default_value = "shadow", value_parser = stage)]
    pub stage: Stage,
    /// Standing warning.
    #[arg(long)]
    pub banner: Option<String>,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: Source,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Address of the running installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Account of somebody of quality; the password is read from standard input.
    #[arg(long)]
    pub username: String,
    /// First day of the period (UTC).
    #[arg(long)]
    pub from: NaiveDate,
    /// Last day of the period (UTC).
    #[arg(long)]
    pub to: NaiveDate,
    /// The file to write; its ending says in which form, unless `--format` does.
    #[arg(long)]
    pub out: PathBuf,
    /// The form.
    #[arg(long)]
    pub format: Option<ReportFormat>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReportFormat {
    /// To be kept and printed.
    Pdf,
    /// One page that needs nothing else.
    Html,
}

/// `model`
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Takes in a package: a folder or zip archive that a trusted publisher signed. It is registered and can be put to use;
    /// nothing uses it yet.
    Import {
        /// The package.
        package: PathBuf,
        /// Where the configuration comes from.
        #[command(flatten)]
        source: Source,
    },
    /// Signs a model's folder as a package: writes `tensors.json`, `SHA256SUMS` and `SHA256SUMS.sig` into it.
    Sign {
        /// Folder with `model.toml`, `weights.safetensors`, `card.md`, `metrics.json` and `LICENSE`.
        folder: PathBuf,
        /// Folder of the publisher's key pair; it is made there when it is missing.
        #[arg(long)]
        keys: PathBuf,
        /// The publisher's name: the key is `NAME.key`, and sites trust `NAME.pub`.
        #[arg(long)]
        publisher: String,
    },
}

/// `config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
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

fn stage(text: &str) -> Result<Stage, String> {
    let known = [Stage::Suspended, Stage::Shadow, Stage::Pilot, Stage::Supervised, Stage::General];
    known.into_iter().find(|stage| stage.as_str() == text).ok_or_else(|| {
        let known: Vec<&str> = known.into_iter().map(Stage::as_str).collect();
        format!("one of {}", known.join(", "))
    })
}

/// `ledger`
#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    /// Checks the whole ledger against its exported checkpoints, or one proof file with the public key alone. Exit
    /// code 0: whole; 1: altered, naming the first bad entry; 2: can't tell.
    Verify {
        /// Where the configuration comes from.
        #[command(flatten)]
        source: Source,
        /// Checkpoints that were kept somewhere the ledger's operator can't write; those of the export folder when
        /// absent. A file `leaves.bin` beside it sharpens the answer.
        #[arg(long, conflicts_with = "proof")]
        checkpoint: Option<PathBuf>,
        /// A proof file; neither database nor configuration is looked at.
        #[arg(long, requires = "key", conflicts_with_all = ["config", "data"])]
        proof: Option<PathBuf>,
        /// Verifier key of the ledger, kept somewhere the ledger's operator can't write; the one below the data
        /// folder when absent.
        #[arg(long)]
        key: Option<PathBuf>,
        /// Verifier key of a witness: it must have cosigned a checkpoint, which is looked for in `witnessed.txt` beside
        /// the checkpoints.
        #[arg(long, conflicts_with = "proof")]
        witness_key: Option<PathBuf>,
    },
    /// Writes a proof file for an entry, which `verify --proof` checks without the ledger.
    Prove {
        /// The place of the entry, from 0.
        entry: u64,
        /// Shows, instead, that the ledger was only appended to since the entry was first signed.
        #[arg(long)]
        consistency: bool,
        /// Folder for the file.
        #[arg(long, default_value = ".")]
        out: PathBuf,
        /// Where the configuration comes from.
        #[command(flatten)]
        source: Source,
    },
}
