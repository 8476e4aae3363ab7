//! The institution in whose name contracts are made, and how its letters leave.

use domain::credential::Environment;
use domain::loan::contract::Creditor;
use domain::loan::pix::MOST_LOCATION;
use domain::person::Email;
use domain::tax_id::Cnpj;
use serde::Deserialize;

use super::ConfigError;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CreditorFile {
    name: Option<String>,
    cnpj: Option<String>,
    address: Option<String>,
    city: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MailFile {
    smtp_url: Option<String>,
    from: Option<String>,
}

/// How letters leave.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// `smtp://…` or `smtps://…`, with user and password where the server wants them.
    pub url: String,
    /// Who the letters are from.
    pub from: Email,
}

/// The creditor: named in production, a made-up one in a sandbox that names none.
pub(super) fn creditor(file: CreditorFile, environment: Environment) -> Result<Creditor, ConfigError> {
    let CreditorFile { name, cnpj, address, city } = file;
    match (name, cnpj, address, city, environment) {
        (None, None, None, None, Environment::Sandbox) => sandbox(),
        (Some(name), Some(cnpj), Some(address), Some(city), _) => Ok(Creditor {
            name: text("name", name)?,
            cnpj: number(&cnpj)?,
            address: text("address", address)?,
            city: text("city", city)?,
        }),
        _incomplete => Err(ConfigError::Creditor(
            "name, cnpj, address and city of [creditor] must all be given: contracts are made in its name"
                .into(),
        )),
    }
}

fn sandbox() -> Result<Creditor, ConfigError> {
    Ok(Creditor {
        name: "Dinie Sandbox Sociedade de Crédito Direto S.A.".into(),
        cnpj: number("11222333000181")?,
        address: "Rua do Exemplo, 100, Centro, São Paulo/SP".into(),
        city: "São Paulo".into(),
    })
}

fn number(text: &str) -> Result<Cnpj, ConfigError> {
    Cnpj::parse(text).map_err(|error| ConfigError::Creditor(error.to_string()))
}

fn text(name: &str, value: String) -> Result<String, ConfigError> {
    let length = value.chars().count();
    if length == 0 || length > 160 || value.chars().any(char::is_control) {
        return Err(ConfigError::Creditor(format!("{name} must have 1 to 160 characters")));
    }
    Ok(value)
}

/// The mail server: flags over the file; production demands one, as signers' codes leave by mail.
pub(super) fn mail(
    url: Option<String>,
    from: Option<String>,
    file: MailFile,
    environment: Environment,
) -> Result<Option<MailServer>, ConfigError> {
    match (url.or(file.smtp_url), from.or(file.from), environment) {
        (Some(url), Some(from), _) => {
            let from =
                Email::parse(&from).map_err(|error| ConfigError::Mail(format!("the sender is {error}")))?;
            Ok(Some(MailServer { url, from }))
        }
        (None, _, Environment::Sandbox) => Ok(None),
        (Some(_), None, _) => Err(ConfigError::Mail("--mail-from says who letters are from".into())),
        (None, _, Environment::Production) => Err(ConfigError::Mail(
            "production needs --smtp-url and --mail-from: signers receive their codes by mail".into(),
        )),
    }
}

/// A Pix code has little room for the URL under which it is paid.
pub(super) fn check_public_url(url: Option<&str>) -> Result<(), ConfigError> {
    // `/pix/` and the 33 characters of a charge follow.
    let room = MOST_LOCATION - 38;
    let host =
        url.map_or("", |url| url.split_once("://").map_or(url, |(_, host)| host).trim_end_matches('/'));
    if host.len() > room || !host.is_ascii() {
        return Err(ConfigError::PublicUrl(room));
    }
    Ok(())
}
