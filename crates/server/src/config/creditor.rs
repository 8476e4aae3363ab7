//! The creditor, in whose name contracts are made, and the mail server.

use std::path::{Path, PathBuf};

use domain::credential::Environment;
use domain::loan::contract::Creditor;
use domain::loan::pix::{MOST_LOCATION, Receiver};
use domain::person::Email;
use domain::tax_id::Cnpj;
use serde::Deserialize;

use super::error::ConfigError;

use super::hidden::Hidden;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CreditorFile {
    name: Option<String>,
    cnpj: Option<String>,
    address: Option<String>,
    city: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MailFile {
    smtp_url: Option<Hidden>,
    smtp_url_file: Option<PathBuf>,
    from: Option<String>,
}

impl MailFile {
    /// The server's URL, and the file that has it.
    pub(super) fn secret(&self) -> (Option<&Hidden>, Option<&Path>) {
        (self.smtp_url.as_ref(), self.smtp_url_file.as_deref())
    }
}

/// The server that sends e-mails.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// `smtp://…` or `smtps://…`, with user and password if the server requires them.
    pub url: Hidden,
    /// The sender of e-mails.
    pub from: Email,
}

/// The creditor. Production must name one. A sandbox that names none gets an invented one.
pub(super) fn creditor(file: CreditorFile, environment: Environment) -> Result<Creditor, ConfigError> {
    let CreditorFile { name, cnpj, address, city } = file;
    match (name, cnpj, address, city, environment) {
        (None, None, None, None, Environment::Sandbox) => sandbox(),
        (Some(name), Some(cnpj), Some(address), Some(city), _) => {
            let (name, city) = (text("name", name)?, text("city", city)?);
            if Receiver::new(&name, &city).is_none() {
                return Err(ConfigError::Creditor(
                    "name and city must each have a Latin letter or a digit: Pix codes contain nothing else"
                        .into(),
                ));
            }
            Ok(Creditor { name, cnpj: number(&cnpj)?, address: text("address", address)?, city })
        }
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

/// The mail server: flags win over the file. Production requires one, because signers receive their codes by e-mail.
pub(super) fn mail(
    url: Option<Hidden>, from: Option<String>, file: MailFile, environment: Environment,
) -> Result<Option<MailServer>, ConfigError> {
    match (url.or(file.smtp_url), from.or(file.from), environment) {
        (Some(url), Some(from), _) => {
            let from =
                Email::parse(&from).map_err(|error| ConfigError::Mail(format!("the sender is {error}")))?;
            check_mail_server(url.expose(), environment)?;
            Ok(Some(MailServer { url, from }))
        }
        (None, _, Environment::Sandbox) => Ok(None),
        (Some(_), None, _) => {
            Err(ConfigError::Mail("--smtp-url needs --mail-from, the sender of the e-mails".into()))
        }
        (None, _, Environment::Production) => Err(ConfigError::Mail(
            "production needs --smtp-url and --mail-from: signers receive their codes by e-mail".into(),
        )),
    }
}

/// Checks the mail server's URL. The error does not contain the URL, because it may hold a password.
fn check_mail_server(url: &str, environment: Environment) -> Result<(), ConfigError> {
    let wrong = |why: &str| Err(ConfigError::Mail(why.into()));
    let Ok(url) = url::Url::parse(url) else {
        return wrong("--smtp-url is not a URL; write smtp://HOST:PORT or smtps://USER:PASSWORD@HOST");
    };
    let mut encryption = url.query_pairs().filter(|(name, _)| name == "tls").map(|(_, value)| value);
    let encryption = encryption.next();
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("--smtp-url names no host");
    }
    match (url.scheme(), encryption.as_deref()) {
        ("smtps", None) | ("smtp", Some("required")) => Ok(()),
        ("smtp", None | Some("opportunistic")) => {
            // An attacker on the network path can remove the offer of TLS. The password would then be in clear text.
            if environment == Environment::Production && url.password().is_some() {
                return wrong(
                    "production sends a password to a mail server only with TLS: add ?tls=required to --smtp-url, or \
                     use smtps://",
                );
            }
            Ok(())
        }
        ("smtp" | "smtps", _) => wrong(
            "the tls parameter of --smtp-url must be required or opportunistic, and is only for smtp://",
        ),
        _other => wrong("--smtp-url must begin with smtp:// or smtps://"),
    }
}

/// Checks the length of the public URL. A Pix code has little room for its payment URL.
pub(super) fn check_public_url(url: Option<&str>) -> Result<(), ConfigError> {
    // `/pix/` and the 33 characters of a charge follow the public URL.
    let room = MOST_LOCATION - 38;
    let host =
        url.map_or("", |url| url.split_once("://").map_or(url, |(_, host)| host).trim_end_matches('/'));
    if host.len() > room || !host.is_ascii() {
        return Err(ConfigError::PublicUrl(room));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str, environment: Environment) -> Result<Option<MailServer>, ConfigError> {
        let (url, from) = (Some(url.to_owned().into()), Some("dinie@example.com".to_owned()));
        mail(url, from, MailFile::default(), environment)
    }

    #[test]
    fn production_sends_a_password_to_a_mail_server_only_with_tls() {
        for url in
            ["smtp://dinie:geheim@mail.example", "smtp://dinie:geheim@mail.example:25?tls=opportunistic"]
        {
            let error = server(url, Environment::Production).unwrap_err().to_string();
            assert!(error.contains("tls=required") && !error.contains("geheim"), "{error}");
            assert!(server(url, Environment::Sandbox).unwrap().is_some());
        }
        for url in [
            "smtp://dinie:geheim@mail.example?tls=required",
            "smtps://dinie:geheim@mail.example",
            "smtp://localhost:25",
        ] {
            assert!(server(url, Environment::Production).unwrap().is_some(), "{url}");
        }
    }

    #[test]
    fn the_error_of_a_wrong_mail_server_url_does_not_contain_the_url() {
        for url in [
            "dinie:geheim@mail.example",
            "http://dinie:geheim@mail.example",
            "smtp://dinie:geheim@mail.example?tls=geheim",
            "smtps://dinie:geheim@mail.example?tls=required",
            "smtp://dinie:geheim@",
            "geheim",
        ] {
            for environment in [Environment::Sandbox, Environment::Production] {
                let error = server(url, environment).unwrap_err().to_string();
                assert!(error.contains("--smtp-url") && !error.contains("geheim"), "{url}: {error}");
            }
        }
    }
}
