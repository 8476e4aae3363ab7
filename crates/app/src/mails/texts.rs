//! The texts of e-mails, in Portuguese first. Each e-mail is committed together with its cause.

use domain::bank::AccountDetails;
use domain::bank_account_change::BankAccountChange;
use domain::cause::Cause;
use domain::id::{MailId, PartnerId};
use domain::loan::{Loan, Signer};
use domain::person::Email;
use domain::time::Timestamp;
use domain::written;
use store::mails::{Mail, Patience};
use store::spans::{Named, SpanKind};
use store::{StoreError, Tx};

use crate::lender::Lender;

/// The text of an e-mail.
pub(crate) struct Message {
    /// The subject.
    pub(crate) subject: String,
    /// The text, in Portuguese and then in English.
    pub(crate) text: String,
    patience: Patience,
}

fn queue(
    tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp, to: &Email, message: Message, lender: &Lender,
) -> Result<(), StoreError> {
    let Message { subject, text, patience } = message;
    let (id, to) = (tx.new_id(now), to.clone());
    let cause = in_letter(tx, id);
    let mail = Mail { id, partner, to, subject, text, patience, attempts: 0, created_at: now, cause };
    store::mails::insert(tx, &mail, lender.mail_mode)
}

/// The cause of an e-mail that is written now.
pub(super) fn in_letter(tx: &mut Tx<'_>, id: MailId) -> Cause {
    let cause = tx.cause().clone();
    tx.in_span(&cause, || Named::new(SpanKind::Internal, "letter").text("dinie.mail.id", id.to_string()))
}

fn greeting(signer: &Signer) -> String {
    signer.name.as_ref().map_or_else(|| "Olá,".to_owned(), |name| format!("Olá, {name},"))
}

/// Queues an e-mail to each signer with an address and a link.
fn queue_for_signers(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, lender: &Lender, which: impl Fn(&Signer) -> bool,
    message: impl Fn(&Signer, &str) -> Message,
) -> Result<(), StoreError> {
    for signer in loan.signers.iter().filter(|signer| which(signer)) {
        let (Some(to), Some(link)) = (&signer.email, &signer.link) else { continue };
        let message = message(signer, &lender.links.signing(link));
        queue(tx, loan.partner, now, to, message, lender)?;
    }
    Ok(())
}

/// Invites each signer who has not signed, with the signer's own link.
pub(crate) fn invitations(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, lender: &Lender,
) -> Result<(), StoreError> {
    let unsigned = |signer: &Signer| signer.signed_at.is_none();
    let message = |signer: &Signer, link: &str| invitation(loan, signer, link, lender);
    queue_for_signers(tx, now, loan, lender, unsigned, message)
}

/// The invitation of a signer.
pub(crate) fn invitation(loan: &Loan, signer: &Signer, link: &str, lender: &Lender) -> Message {
    let contract = loan.contract_name();
    Message {
        subject: format!("Assine a {contract}"),
        patience: Patience::Hours,
        text: format!(
            "{}\n\nA {} preparou o contrato {contract}: {} a receber, em parcelas: {}.\n\n\
             Leia e assine até {}, neste link, que é só seu:\n{link}\n\n\
             Please read and sign your contract at the link above.\n",
            greeting(signer),
            lender.creditor.name,
            written::money(loan.quote.net),
            written::installments(&loan.quote),
            written::day_of(loan.sign_by),
        ),
    }
}

/// The code of a signer.
#[derive(Clone, Copy)]
pub(crate) struct SignerCode<'a> {
    /// The signer.
    pub(crate) signer: &'a Signer,
    /// The address.
    pub(crate) to: &'a Email,
    /// The six digits.
    pub(crate) code: &'a str,
}

/// Sends a signer's code.
pub(crate) fn code(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, code: &SignerCode<'_>, lender: &Lender,
) -> Result<(), StoreError> {
    queue(tx, loan.partner, now, code.to, signing_code(loan, code.signer, code.code), lender)
}

/// A signer's code.
pub(crate) fn signing_code(loan: &Loan, signer: &Signer, code: &str) -> Message {
    let contract = loan.contract_name();
    Message {
        subject: format!("Seu código para assinar: {code}"),
        text: format!(
            "{}\n\nSeu código para assinar a {contract} é:\n\n{code}\n\nEle vale por 10 minutos e uma só vez. Não o \
             passe a ninguém.\nSe você não pediu este código, ignore esta mensagem.\n\n\
             Your code to sign {contract} is {code}. It works once, for 10 minutes.\n",
            greeting(signer)
        ),
        patience: Patience::Minutes,
    }
}

/// A link and a code with which a borrower confirms another account.
#[derive(Clone, Copy)]
pub(crate) struct Confirmation<'a> {
    /// The secret of the link.
    pub(crate) link: &'a str,
    /// The six digits.
    pub(crate) code: &'a str,
}

/// Asks the borrower to confirm another account, with a link and its code.
pub(crate) fn account_change(
    tx: &mut Tx<'_>, now: Timestamp, change: &BankAccountChange, confirmation: &Confirmation<'_>,
    lender: &Lender,
) -> Result<(), StoreError> {
    let message = change_asked(&change.details, confirmation, lender);
    queue(tx, change.partner, now, &change.to, message, lender)
}

/// The question whether the money should go to another account.
pub(crate) fn change_asked(
    account: &AccountDetails, confirmation: &Confirmation<'_>, lender: &Lender,
) -> Message {
    let Confirmation { link, code } = *confirmation;
    Message {
        subject: format!("Seu código para trocar de conta: {code}"),
        text: format!(
            "Olá,\n\nPediram que o seu dinheiro passe a ir para outra conta:\n{}\n\nSe foi você, abra o link e informe \
             o código:\n{}\n\n{code}\n\nEle vale por 10 minutos e uma só vez. Não o passe a ninguém. Se não foi você, \
             ignore esta mensagem: sem o código nada muda.\n\n\
             Somebody asked to send your money to another account. If it was you, open the link and give the code \
             {code}. If not, ignore this message: without the code nothing changes.\n",
            written::account(account),
            lender.links.account_change(link),
        ),
        patience: Patience::Minutes,
    }
}

/// Writes to the borrower after the account was changed.
pub(crate) fn account_changed(
    tx: &mut Tx<'_>, now: Timestamp, change: &BankAccountChange, lender: &Lender,
) -> Result<(), StoreError> {
    queue(tx, change.partner, now, &change.to, change_made(&change.details, lender), lender)
}

/// The confirmation that the account was changed.
pub(crate) fn change_made(account: &AccountDetails, lender: &Lender) -> Message {
    Message {
        subject: "Sua conta foi trocada".to_owned(),
        text: format!(
            "Olá,\n\nVocê confirmou outra conta para receber o seu dinheiro:\n{}\n\nSe não foi você, responda a {} \
             sem demora.\n\nYou confirmed another account for your money. If it was not you, talk to us at once.\n",
            written::account(account),
            lender.creditor.name,
        ),
        patience: Patience::Hours,
    }
}

/// Writes to each signer after everybody has signed.
pub(crate) fn signed(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, lender: &Lender,
) -> Result<(), StoreError> {
    let message = |signer: &Signer, link: &str| all_signed(loan, signer, link);
    queue_for_signers(tx, now, loan, lender, |_every_signer| true, message)
}

/// The news that everybody has signed.
pub(crate) fn all_signed(loan: &Loan, signer: &Signer, link: &str) -> Message {
    let contract = loan.contract_name();
    Message {
        subject: format!("{contract} assinada"),
        patience: Patience::Hours,
        text: format!(
            "{}\n\nTodos assinaram a {contract}. A via assinada, com a página de assinaturas, está em:\n{link}\n\n\
             Everybody has signed. The signed copy is at the link above.\n",
            greeting(signer)
        ),
    }
}

/// Writes to the applicant after the disbursement, with the address of the payment page.
pub(crate) fn disbursed(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, page: &str, lender: &Lender,
) -> Result<(), StoreError> {
    let Some((signer, to)) = loan.signers.first().and_then(|signer| Some((signer, signer.email.as_ref()?)))
    else {
        return Ok(());
    };
    queue(tx, loan.partner, now, to, money_sent(loan, signer, page), lender)
}

/// The news that the money was sent.
pub(crate) fn money_sent(loan: &Loan, signer: &Signer, page: &str) -> Message {
    Message {
        subject: format!("Seu dinheiro chegou: {}", written::money(loan.quote.net)),
        patience: Patience::Hours,
        text: format!(
            "{}\n\nEnviamos {} por Pix. A primeira parcela, de {}, vence em {}.\n\n\
             Veja suas parcelas e pague por Pix em:\n{page}\n\n\
             Your money is on its way. See and pay your installments at the link above.\n",
            greeting(signer),
            written::money(loan.quote.net),
            written::money(loan.quote.installment),
            written::date(loan.first_due())
        ),
    }
}
