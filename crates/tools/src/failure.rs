//! Failures of the commands that call a server, with what to do next. Each kind has its own exit status.

use serde_json::Value;

/// A failure whose kind programs may ask for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line contradicts itself, or names something that does not exist.
    #[error("{0}")]
    Usage(String),
    /// A file of the command is missing or wrong.
    #[error("{0}")]
    Settings(String),
    /// No server answers.
    #[error(
        "{url} does not answer ({why}); is the server running there? Start it with `dinie serve`, or name another one with \
         --url"
    )]
    Unreachable {
        /// The server.
        url: String,
        /// The reason, as the system gives it.
        why: String,
    },
    /// No credential was given.
    #[error("{0}")]
    NoCredential(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The server has refused a request or failed.
    #[error("{0}")]
    Answered(Answered),
}

/// An answer that says that a request has failed.
#[derive(Debug, thiserror::Error)]
#[error("{request} answered {status}{}{}", explained(.problem), request_id(.problem))]
pub struct Answered {
    /// The method and the path.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The body: a problem (RFC 9457), or a text of another program.
    pub problem: Value,
}

impl Failure {
    /// The exit status. docs/MANUAL.md lists them.
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Settings(_) => 3,
            Self::Unreachable { .. } => 4,
            Self::NoCredential(_) => 5,
            Self::NotFound(_) => 6,
            Self::Answered(answered) => match answered.status {
                401 | 403 => 5,
                404 => 6,
                408 | 429 | 500.. => 8,
                _refused => 7,
            },
        }
    }

    /// A credential that is missing.
    pub(crate) fn no_credential(profile: &str) -> Self {
        Self::NoCredential(format!(
            "--client-id and --client-secret are needed (or DINIE_CLIENT_ID and DINIE_CLIENT_SECRET), and the profile \
             {profile} has none: `dinie login` gets one; a new sandbox prints one when it first starts; \
             `dinie credential create` makes one beside the server"
        ))
    }
}

/// The problem in a sentence. Several wrong fields have a line each.
fn explained(problem: &Value) -> String {
    let text = |key: &str| problem[key].as_str().filter(|text| !text.is_empty());
    let sentence = text("detail").or_else(|| text("title")).or_else(|| problem.as_str());
    let mut explained = sentence.map_or_else(String::new, |sentence| format!(": {sentence}"));
    for error in problem["errors"].as_array().filter(|errors| errors.len() > 1).into_iter().flatten() {
        if let (Some(param), Some(detail)) = (error["param"].as_str(), error["detail"].as_str()) {
            explained = format!("{explained}\n  {param}: {detail}");
        }
    }
    explained
}

fn request_id(problem: &Value) -> String {
    problem["request_id"].as_str().map_or_else(String::new, |id| format!(" (request {id})"))
}

/// The status of an answer that is the cause of an error.
pub(crate) fn answered(error: &anyhow::Error) -> Option<u16> {
    match error.downcast_ref::<Failure>() {
        Some(Failure::Answered(answered)) => Some(answered.status),
        _other => None,
    }
}
