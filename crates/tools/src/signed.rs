//! `dinie webhooks verify`: whether a webhook was signed with a secret, and if not, why not.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use domain::webhook::signature::{Secret, header};
use serde_json::{Value, json};

use crate::clock::real_now;
use crate::failure::Failure;
use crate::output::{Output, OutputFlags, bad, good, say_value};
use crate::profile::{DEFAULT, Profiles};
use crate::say;

/// The age of a webhook that receivers should accept, in seconds.
const TOLERANCE_S: i64 = 300;
const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The arguments of the command.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The file with the body, byte for byte; - for the input.
    #[arg(long, value_name = "FILE")]
    body: String,
    /// A header, such as "webhook-id: evt_…"; may be repeated.
    #[arg(long = "header", short = 'H', value_name = "HEADER")]
    headers: Vec<String>,
    /// A file with one header in each line.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<String>,
    /// The secret, whsec_… (default: the one of `dinie listen`).
    #[arg(long, env = "DINIE_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// The profile whose secret of `dinie listen` is used.
    #[arg(long, env = "DINIE_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    /// Age that is accepted, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = TOLERANCE_S)]
    tolerance: i64,
    #[command(flatten)]
    output: OutputFlags,
}

/// Prints whether the webhook is authentic. Fails if it is not.
pub(crate) fn run(args: &VerifyArgs) -> anyhow::Result<()> {
    let body = bytes_of(&args.body)?;
    let secret = args.secret()?;
    let webhook = Webhook { body: &body, headers: args.headers()? };
    let reasons = webhook.reasons(&secret, real_now().seconds(), args.tolerance);
    let is_authentic = reasons.is_empty();
    match args.output.or(Output::Table) {
        output @ Output::Json => say_value(&json!({"valid": is_authentic, "reasons": reasons}), output),
        Output::Table if is_authentic => say(&good("The signature is right.")),
        Output::Table => reasons.iter().for_each(|reason| say(&format!("{} {reason}", bad("wrong")))),
    }
    if is_authentic { Ok(()) } else { bail!("a receiver must refuse this webhook") }
}

impl VerifyArgs {
    fn secret(&self) -> anyhow::Result<String> {
        if let Some(secret) = &self.secret {
            return Ok(secret.trim().to_owned());
        }
        let name = self.profile.as_deref().unwrap_or(DEFAULT);
        let profiles = Profiles::read()?;
        let kept = profiles.find(name).and_then(|profile| profile.listen_secret.clone());
        kept.ok_or_else(|| Failure::Usage("--secret is needed: the endpoint's whsec_…".to_owned()).into())
    }

    /// The headers by their names in lower case.
    fn headers(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let file = self.headers_file.as_deref().map(bytes_of).transpose()?;
        let file = file.map_or_else(String::new, |bytes| String::from_utf8_lossy(&bytes).into_owned());
        let lines = file.lines().chain(self.headers.iter().map(String::as_str));
        let mut headers = BTreeMap::new();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let Some((name, value)) = line.split_once(':') else {
                return Err(Failure::Usage(format!("{line:?} is no header such as webhook-id: evt_…")).into());
            };
            headers.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
        Ok(headers)
    }
}

fn bytes_of(path: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(Path::new(path))
        .map_err(|error| Failure::Settings(format!("the file {path}: {error}")).into())
}

/// The secret of a text; `None` if the text has another form.
pub(crate) fn secret_of(text: &str) -> Option<Secret> {
    let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    bytes.try_into().ok().map(Secret::new)
}

/// A webhook as a receiver has it.
struct Webhook<'a> {
    body: &'a [u8],
    headers: BTreeMap<String, String>,
}

impl Webhook<'_> {
    /// Every reason to refuse the webhook.
    fn reasons(&self, secret: &str, now_s: i64, tolerance_s: i64) -> Vec<String> {
        let mut reasons = Vec::new();
        for name in [ID, TIMESTAMP, SIGNATURE] {
            if !self.headers.contains_key(name) {
                reasons.push(format!("the header {name} is missing"));
            }
        }
        let Some(key) = secret_of(secret) else {
            reasons.push(
                "the secret is no whsec_ with base64 of 32 bytes: copy all of it, without spaces".to_owned(),
            );
            return reasons;
        };
        let of = |name: &str| self.headers.get(name).map(String::as_str);
        let (Some(id), Some(at), Some(signature)) = (of(ID), of(TIMESTAMP), of(SIGNATURE)) else {
            return reasons;
        };
        let Ok(at) = at.parse::<i64>() else {
            reasons.push(format!("{TIMESTAMP} must be a number of seconds, not {at:?}"));
            return reasons;
        };
        let age = now_s.saturating_sub(at);
        if age.abs() > tolerance_s {
            let when = if age > 0 { "old" } else { "in the future" };
            reasons.push(format!(
                "{TIMESTAMP} is {} s {when}, and {tolerance_s} s are accepted: an old webhook may be a replay; is this \
                 machine's clock right?",
                age.abs()
            ));
        }
        reasons.extend(self.wrong_signature(&key, id, at, signature));
        reasons
    }

    /// Why no signature matches; `None` if one does.
    fn wrong_signature(&self, key: &Secret, id: &str, at: i64, given: &str) -> Option<String> {
        let given: Vec<&str> = given.split_whitespace().collect();
        let matches = |body: &[u8], at: i64| given.contains(&&*header(&[key], id, at, body));
        if matches(self.body, at) {
            return None;
        }
        if !given.iter().any(|entry| entry.starts_with("v1,")) {
            return Some(format!("{SIGNATURE} has no entry that begins with v1,"));
        }
        let guess = self.likely().into_iter().find(|(_, body)| matches(body, at)).map(|(why, _)| why);
        let guess = guess.unwrap_or_else(|| {
            "the secret is that of another endpoint, or body or headers are those of another delivery"
                .to_owned()
        });
        Some(format!("the signature does not match: {guess}"))
    }

    /// Bodies that programs commonly verify instead of the received one.
    fn likely(&self) -> Vec<(String, Vec<u8>)> {
        let body = self.body;
        let trimmed = body.trim_ascii().to_vec();
        let again = serde_json::from_slice::<Value>(body).map(|value| value.to_string().into_bytes());
        let mut bodies = vec![(
            "the body has other spaces or line breaks around it than the one that was sent".to_owned(),
            trimmed,
        )];
        if let Ok(again) = again {
            let why = "the body was parsed and written again; verify the bytes as they arrived";
            bodies.push((why.to_owned(), again));
        }
        bodies.push(("the body lacks its last line break".to_owned(), [body, b"\n"].concat()));
        bodies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn reasons(
        body: &[u8], change: impl FnOnce(&mut BTreeMap<String, String>), secret: &Secret,
    ) -> Vec<String> {
        let sent = br#"{"type":"loan.active"}"#;
        let signature = header(&[&Secret::new([1; 32])], "evt_1", NOW, sent);
        let pairs = [(ID, "evt_1".to_owned()), (TIMESTAMP, NOW.to_string()), (SIGNATURE, signature)];
        let mut headers = pairs.map(|(name, value)| (name.to_owned(), value)).into();
        change(&mut headers);
        Webhook { body, headers }.reasons(&secret.reveal(), NOW + 10, TOLERANCE_S)
    }

    #[test]
    fn each_mistake_of_a_receiver_is_named() {
        let (right, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let body = br#"{"type":"loan.active"}"#;
        assert!(reasons(body, |_| {}, &right).is_empty());
        let one = |reasons: Vec<String>| reasons.join("; ");
        assert!(one(reasons(body, |_| {}, &other)).contains("another endpoint"));
        assert!(one(reasons(b"{\"type\":\"loan.active\"}\n", |_| {}, &right)).contains("line breaks"));
        assert!(one(reasons(b"{\"type\": \"loan.active\"}", |_| {}, &right)).contains("written again"));
        let missing = reasons(body, |headers| drop(headers.remove(ID)), &right);
        assert!(one(missing).contains("webhook-id is missing"));
        let old = |headers: &mut BTreeMap<String, String>| {
            headers.insert(TIMESTAMP.to_owned(), (NOW - 4_000).to_string());
        };
        let found = reasons(body, old, &right);
        assert!(found[0].contains("4010 s old") && found.len() == 2, "{found:?}");
        let milliseconds = |headers: &mut BTreeMap<String, String>| {
            headers.insert(TIMESTAMP.to_owned(), "2023-11-14".to_owned());
        };
        assert!(one(reasons(body, milliseconds, &right)).contains("number of seconds"));
    }
}
