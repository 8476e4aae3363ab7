//! The e-mails as they are sent, with invented resources, for the pages of the settings.

use domain::bank::{AccountDetails, AccountKind};
use domain::id::{PartnerId, ResourceId as _};
use domain::loan::{Loan, Signer};
use domain::spelled;
use domain::time::Timestamp;

use crate::lender::Lender;
use crate::mails::{self, Confirmation, Message};
use crate::webhooks::samples::Source;

/// An e-mail that the lender sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// A signer is invited to sign.
    Invitation,
    /// The code with which a signer signs.
    SigningCode,
    /// Everybody has signed.
    Signed,
    /// The money was sent.
    Disbursed,
    /// The borrower must confirm another account.
    AccountChange,
    /// The account was changed.
    AccountChanged,
}

spelled!(Letter {
    Invitation = "invitation",
    SigningCode = "signing_code",
    Signed = "signed",
    Disbursed = "disbursed",
    AccountChange = "account_change",
    AccountChanged = "account_changed",
});

/// An e-mail as it is sent, on invented resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The e-mail.
    pub letter: Letter,
    /// Its subject.
    pub subject: String,
    /// Its text, in Portuguese and then in English.
    pub text: String,
}

/// The code in samples.
const CODE: &str = "123456";

/// Every e-mail, as it would be sent at `now`. It is empty if no rates are in force, because there is no loan then.
pub fn letters(now: Timestamp, lender: &Lender) -> Vec<Sample> {
    let Some(loan) = loan(now, lender) else { return Vec::new() };
    let Some(signer) = loan.signers.first() else { return Vec::new() };
    let sample = |letter| {
        let Message { subject, text, .. } = message(letter, &loan, signer, lender);
        Sample { letter, subject, text }
    };
    Letter::ALL.into_iter().map(sample).collect()
}

fn message(letter: Letter, loan: &Loan, signer: &Signer, lender: &Lender) -> Message {
    let link =
        signer.link.as_ref().map_or_else(|| lender.links.signing_page(), |link| lender.links.signing(link));
    let confirmation = Confirmation { link: "exemplo", code: CODE };
    match letter {
        Letter::Invitation => mails::invitation(loan, signer, &link, lender),
        Letter::SigningCode => mails::signing_code(loan, signer, CODE),
        Letter::Signed => mails::all_signed(loan, signer, &link),
        Letter::Disbursed => mails::money_sent(loan, signer, &link),
        Letter::AccountChange => mails::change_asked(&account(), &confirmation, lender),
        Letter::AccountChanged => mails::change_made(&account(), lender),
    }
}

/// An invented loan.
fn loan(now: Timestamp, lender: &Lender) -> Option<Loan> {
    let (tenant, mut random) = (PartnerId::new(now, [0; 10]), || [7; 10]);
    Source { tenant, now, random: &mut random, book: &lender.book.in_force() }.loan()
}

fn account() -> AccountDetails {
    AccountDetails {
        bank_id: "001".to_owned(),
        bank_name: "Banco do Brasil S.A.".to_owned(),
        branch: "1234".to_owned(),
        number: "567890".to_owned(),
        digit: "1".to_owned(),
        kind: AccountKind::Checking,
    }
}
