//! The one way out for letters: SMTP, by `lettre`.

use std::time::Duration;

use app::mails::Mail;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::config::MailServer;

/// How long a mail server may take with a letter, from the connection on; less than the letter's lease.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A connection to a mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// The status or the kind of a failure, without the server's words.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("status {code}"),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => "it cannot be talked to".to_owned(),
    }
}

/// A letter that was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// The letter itself cannot be sent.
    #[error("the letter cannot be put together: {0}")]
    Letter(#[from] lettre::error::Error),
    /// An address that mail does not know.
    #[error("the address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The server refused it for good (5xx); what it says may name the receiver and stays out.
    #[error("the mail server refused it: status {0}")]
    Refused(u16),
    /// The server did not take it now; what it says may name the receiver and stays out.
    #[error("the mail server did not take it: {0}")]
    Server(String),
    /// The server took too long.
    #[error("the mail server took too long")]
    TimedOut,
}

impl Undelivered {
    /// Whether trying again would change nothing.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Letter(_) | Self::Address(_) | Self::Refused(_) => true,
            Self::Server(_) | Self::TimedOut => false,
        }
    }
}

/// Replies of 5xx that are about the server's own account or its encryption and not about a letter (RFC 4954): they end
/// when somebody mends the configuration.
const ABOUT_THE_ACCOUNT: [u16; 4] = [530, 534, 535, 538];

fn undelivered(error: &lettre::transport::smtp::Error) -> Undelivered {
    match error.status().map(u16::from) {
        Some(code) if code >= 500 && !ABOUT_THE_ACCOUNT.contains(&code) => Undelivered::Refused(code),
        _worth_another_try => Undelivered::Server(said(error)),
    }
}

impl Mailer {
    /// A mailer of a server; nothing is connected yet.
    pub fn new(server: &MailServer) -> anyhow::Result<Self> {
        // The library's error may contain a part of the URL, and so the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server.url.expose())
            .map_err(|_| anyhow::anyhow!("the mail server's URL cannot be used"))?;
        let transport = transport.timeout(Some(TIMEOUT)).build();
        Ok(Self { transport, from: Mailbox::new(Some("Dinie".into()), server.from.as_str().parse()?) })
    }

    /// Hands a letter over.
    pub async fn send(&self, mail: &Mail) -> Result<(), Undelivered> {
        let to = Mailbox::new(None, mail.to.as_str().parse()?);
        let message = Message::builder()
            // A repeated e-mail has the same message id, so the receiver drops the copy.
            .message_id(Some(format!("<{}@dinie>", mail.id)))
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(error)) => Err(undelivered(&error)),
            Err(_elapsed) => Err(Undelivered::TimedOut),
        }
    }
}
