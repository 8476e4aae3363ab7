//! The subject of an e-mail, as pages of people show it.

use app::mails::{MailReport, Patience};

use crate::pages::texts::Texts;

/// The subject of an e-mail. That of an e-mail with a code holds the code.
pub(in crate::pages) fn subject(report: &MailReport, t: &Texts) -> String {
    let secret = || t.customer.secret_mail.to_owned();
    match &report.mail {
        Some(mail) if mail.patience == Patience::Minutes => secret(),
        Some(mail) => mail.subject.clone(),
        None => secret(),
    }
}
