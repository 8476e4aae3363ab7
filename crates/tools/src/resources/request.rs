//! `dinie get|post|patch|delete PATH`: any request of the API.

use clap::{Args, ValueEnum};
use reqwest::Method;

use super::body::json_of;
use crate::access::AccessFlags;
use crate::failure::Failure;
use crate::output::{Output, OutputFlags, say_value};
use crate::partner::{ApiGeneration, Partner, key};

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes or does.
    Post,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Verb {
    fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}

/// The arguments of the command.
#[derive(Args)]
pub struct RequestArgs {
    /// The path, such as /v3/customers or /v3/loans/ln_…. A path of neither generation continues that of --generation.
    path: String,
    /// The body as JSON, @FILE or - for the input.
    #[arg(long, short, value_name = "JSON")]
    data: Option<String>,
    /// Makes it safe to repeat the command for 24 hours (default: a new key).
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// The API generation of a path of neither.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    access: AccessFlags,
}

impl RequestArgs {
    /// Sends the request and prints the answer.
    pub async fn send(&self, verb: Verb) -> anyhow::Result<()> {
        let (generation, path) = self.place()?;
        let body = self.data.as_deref().map(json_of).transpose()?;
        let access = self.access.access()?;
        let base = format!("{}{}", access.url, generation.base());
        let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
        let mut request = partner.at(access.url, None).request(verb.method(), &path);
        if verb != Verb::Get {
            request = request.header("idempotency-key", key(self.idempotency_key.as_deref()));
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = partner.answer(request, &format!("{} {path}", verb.method())).await?;
        if !answer.is_null() {
            say_value(&answer, self.output.or(Output::Json));
        }
        Ok(())
    }

    /// The generation of the path, which also signs in, and the whole path.
    fn place(&self) -> Result<(ApiGeneration, String), Failure> {
        if self.path.contains("://") {
            let why = "the path begins with a slash, such as /v3/customers; --url names the server";
            return Err(Failure::Usage(why.to_owned()));
        }
        let path = format!("/{}", self.path.trim_start_matches('/'));
        let is_below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.starts_with(['/', '?']));
        if is_below("/api/v3") {
            Ok((ApiGeneration::Sdk, path))
        } else if is_below("/v3") || is_below("/sandbox") {
            Ok((ApiGeneration::Reference, path))
        } else {
            Ok((self.generation, format!("{}{path}", self.generation.base())))
        }
    }
}
