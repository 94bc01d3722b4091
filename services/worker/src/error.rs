//! Why a worker can't do a job.

use platform::Class;

/// Why a job ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The job is of another version's shape, or asks for something that this version doesn't know.
    #[error("the job can't be read")]
    JobUnreadable(#[source] serde_json::Error),
    /// The job asks for something that the model can't do, and would be passed over.
    #[error("the model has no use for {0}")]
    ParametersUnsupported(String),
    /// No such model here, or another version or other weights of it.
    #[error("model {name} {version} with the wanted weights is not here")]
    ModelUnavailable {
        /// Name of the model.
        name: String,
        /// Its version.
        version: String,
        /// Why it can't be loaded, where it was tried.
        #[source]
        source: Option<Box<nets::Error>>,
    },
    /// The job names a task that the model isn't made for.
    #[error("the model is not made for the task '{0}'")]
    TaskUnsupported(String),
    /// The job names no input volume, or several.
    #[error("the job has {0} source volumes, not 1")]
    Inputs(usize),
    /// The input isn't in the store.
    #[error("the input volume is not in the store")]
    InputMissing,
    /// The input is no volume.
    #[error("the input volume can't be read")]
    InputUnreadable(#[source] volume_io::Error),
    /// The store did not do its part.
    #[error("the store of volumes can't be used")]
    Store(#[from] objects::Error),
    /// The model refused the input, or failed on it.
    #[error("the model failed")]
    Model(#[source] Box<nets::Error>),
    /// The model broke an invariant.
    #[error("the model panicked: {0}")]
    Panicked(String),
    /// The deadline passed before the job began.
    #[error("the deadline passed before the job began")]
    DeadlinePassed,
    /// The worker is told to stop; the job's lease will expire.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// The stable code of the report (`infra/asyncapi.yaml`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::JobUnreadable(_) => "job_unreadable",
            Self::ParametersUnsupported(_) => "parameters_unsupported",
            Self::ModelUnavailable { .. } | Self::TaskUnsupported(_) => "model_unavailable",
            Self::Inputs(_) | Self::InputMissing | Self::InputUnreadable(_) => "input_unreadable",
            Self::Model(source) if is_unsuitable(source) => "input_out_of_domain",
            Self::DeadlinePassed => "deadline_passed",
            Self::Store(_) | Self::Model(_) | Self::Panicked(_) | Self::Stopped => "internal",
        }
    }

    /// What generation does about it.
    pub fn class(&self) -> Class {
        match self {
            // Another worker of the pool may have the model, or be of the job's version; a store or a machine may recover.
            Self::JobUnreadable(_)
            | Self::ModelUnavailable { .. }
            | Self::Store(_)
            | Self::Panicked(_)
            | Self::Stopped => Class::Retry,
            Self::ParametersUnsupported(_) | Self::DeadlinePassed => Class::Refuse,
            Self::Model(source) if is_unsuitable(source) => Class::Refuse,
            Self::TaskUnsupported(_)
            | Self::Inputs(_)
            | Self::InputMissing
            | Self::InputUnreadable(_)
            | Self::Model(_) => Class::Park,
        }
    }

    /// The error and its causes in one line, for the report.
    pub(crate) fn words(&self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }
}

fn is_unsuitable(error: &nets::Error) -> bool {
    matches!(error, nets::Error::Unsuitable(_))
}
