//! The only sender of e-mails: SMTP, by `lettre`.

use std::time::Duration;

use domain::id::MailId;
use domain::person::Email;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::config::MailServer;

/// Longest time of a mail server for an e-mail, including the connection. It is shorter than the e-mail's lease.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The parts of an e-mail that a mail server receives.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The e-mail's id.
    pub id: MailId,
    /// The receiver.
    pub to: &'a Email,
    /// The subject line.
    pub subject: &'a str,
    /// The body.
    pub text: &'a str,
}

/// A connection to a mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// The status or the kind of a failure. The server's text stays out.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("status {code}"),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => "it cannot be talked to".to_owned(),
    }
}

/// The reason that an e-mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// The e-mail itself cannot be sent.
    #[error("the e-mail cannot be composed: {0}")]
    Message(#[from] lettre::error::Error),
    /// The address is not a valid e-mail address.
    #[error("the address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The server refused it permanently (5xx). Its text may name the receiver and stays out.
    #[error("the mail server refused it: status {0}")]
    Refused(u16),
    /// The server did not accept it now. Its text may name the receiver and stays out.
    #[error("the mail server did not take it: {0}")]
    Server(String),
    /// The server took too long.
    #[error("the mail server took too long")]
    TimedOut,
}

impl Undelivered {
    /// Whether a retry would change nothing.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Message(_) | Self::Address(_) | Self::Refused(_) => true,
            Self::Server(_) | Self::TimedOut => false,
        }
    }
}

/// Replies of 5xx about the server's own account or encryption, not about an e-mail (RFC 4954). They end when
/// somebody corrects the configuration.
const ABOUT_THE_ACCOUNT: [u16; 4] = [530, 534, 535, 538];

fn undelivered(error: &lettre::transport::smtp::Error) -> Undelivered {
    match error.status().map(u16::from) {
        Some(code) if code >= 500 && !ABOUT_THE_ACCOUNT.contains(&code) => Undelivered::Refused(code),
        _worth_another_try => Undelivered::Server(said(error)),
    }
}

impl Mailer {
    /// A mailer for a server. It does not connect yet.
    pub fn new(server: &MailServer) -> anyhow::Result<Self> {
        // The library's error may contain a part of the URL, and so the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server.url.expose())
            .map_err(|_| anyhow::anyhow!("the mail server's URL cannot be used"))?;
        let transport = transport.timeout(Some(TIMEOUT)).build();
        Ok(Self { transport, from: Mailbox::new(Some("Dinie".into()), server.from.as_str().parse()?) })
    }

    /// Connects and signs in, and sends nothing. The error does not contain the server's text.
    pub async fn greet(&self) -> Result<(), String> {
        let refused = "the mail server refuses this server; are user and password in smtp_url right?";
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(refused.to_owned()),
            Err(error) if error.is_permanent() => Err(format!("{refused} ({})", said(&error))),
            Err(error) => Err(format!(
                "the mail server cannot be used: {}; are host, port and encryption in smtp_url right?",
                said(&error)
            )),
        }
    }

    /// Sends an e-mail.
    pub async fn send(&self, mail: Letter<'_>) -> Result<(), Undelivered> {
        let to = Mailbox::new(None, mail.to.as_str().parse()?);
        let message = Message::builder()
            // A retried e-mail has the same id, so a receiver recognizes a duplicate.
            .message_id(Some(format!("<{}@dinie>", mail.id)))
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.to_owned())?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(error)) => Err(undelivered(&error)),
            Err(_elapsed) => Err(Undelivered::TimedOut),
        }
    }
}
