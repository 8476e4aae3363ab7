//! Letters to customers: what they say, in Portuguese first, committed with what they tell of.

use domain::account_change::AccountChange;
use domain::id::{MailId, PartnerId};
use domain::letter::{LetterInput, LetterState};
use domain::loan::{Loan, Signer};
use domain::page::Page;
use domain::person::Email;
use domain::time::Timestamp;
use domain::written;
use store::mails::{Leased, LetterFile, LetterFilter, Mail, Patience, Step};
use store::{Cursor, StoreError, Tx, row_count};

use super::{Failed, Lender, ListRefused, NotFound, collection, page_or_refused};

/// What a letter says.
struct Letter {
    subject: String,
    text: String,
    patience: Patience,
}

fn post(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: Timestamp,
    to: &Email,
    letter: Letter,
    lender: &Lender,
) -> Result<(), StoreError> {
    let Letter { subject, text, patience } = letter;
    let (id, to) = (tx.new_id(now), to.clone());
    let mail = Mail { id, partner, to, subject, text, patience, attempts: 0, created_at: now };
    store::mails::insert(tx, &mail, lender.post)
}

fn greeting(signer: &Signer) -> String {
    signer.name.as_ref().map_or_else(|| "Olá,".to_owned(), |name| format!("Olá, {name},"))
}

/// Writes to each signer who has an address and a link.
fn post_to_signers(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    lender: &Lender,
    which: impl Fn(&Signer) -> bool,
    letter: impl Fn(&Signer, &str) -> Letter,
) -> Result<(), StoreError> {
    for signer in loan.signers.iter().filter(|signer| which(signer)) {
        let (Some(to), Some(link)) = (&signer.email, &signer.link) else { continue };
        let letter = letter(signer, &lender.links.signing(link));
        post(tx, loan.partner, now, to, letter, lender)?;
    }
    Ok(())
}

/// Asks each signer who has not signed to do so, with a link of their own.
pub(super) fn invitations(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    lender: &Lender,
) -> Result<(), StoreError> {
    let contract = loan.contract_name();
    let unsigned = |signer: &Signer| signer.signed_at.is_none();
    post_to_signers(tx, now, loan, lender, unsigned, |signer, link| Letter {
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
    })
}

/// Sends a signer's code.
pub(super) fn code(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    (signer, to): (&Signer, &Email),
    code: &str,
    lender: &Lender,
) -> Result<(), StoreError> {
    let contract = loan.contract_name();
    let letter = Letter {
        subject: format!("Seu código para assinar: {code}"),
        text: format!(
            "{}\n\nSeu código para assinar a {contract} é:\n\n{code}\n\nEle vale por 10 minutos e uma só vez. Não o \
             passe a ninguém.\nSe você não pediu este código, ignore esta mensagem.\n\n\
             Your code to sign {contract} is {code}. It works once, for 10 minutes.\n",
            greeting(signer)
        ),
        patience: Patience::Minutes,
    };
    post(tx, loan.partner, now, to, letter, lender)
}

/// Asks the borrower to confirm another account, with a link and its code.
pub(super) fn account_change(
    tx: &mut Tx<'_>,
    now: Timestamp,
    change: &AccountChange,
    (link, code): (&str, &str),
    lender: &Lender,
) -> Result<(), StoreError> {
    let letter = Letter {
        subject: format!("Seu código para trocar de conta: {code}"),
        text: format!(
            "Olá,\n\nPediram que o seu dinheiro passe a ir para outra conta:\n{}\n\nSe foi você, abra o link e informe \
             o código:\n{}\n\n{code}\n\nEle vale por 10 minutos e uma só vez. Não o passe a ninguém. Se não foi você, \
             ignore esta mensagem: sem o código nada muda.\n\n\
             Somebody asked to send your money to another account. If it was you, open the link and give the code \
             {code}. If not, ignore this message: without the code nothing changes.\n",
            written::account(&change.details),
            lender.links.account_change(link),
        ),
        patience: Patience::Minutes,
    };
    post(tx, change.partner, now, &change.to, letter, lender)
}

/// Tells the borrower that the account was changed.
pub(super) fn account_changed(
    tx: &mut Tx<'_>,
    now: Timestamp,
    change: &AccountChange,
    lender: &Lender,
) -> Result<(), StoreError> {
    let letter = Letter {
        subject: "Sua conta foi trocada".to_owned(),
        text: format!(
            "Olá,\n\nVocê confirmou outra conta para receber o seu dinheiro:\n{}\n\nSe não foi você, responda a {} \
             sem demora.\n\nYou confirmed another account for your money. If it was not you, talk to us at once.\n",
            written::account(&change.details),
            lender.creditor.name,
        ),
        patience: Patience::Hours,
    };
    post(tx, change.partner, now, &change.to, letter, lender)
}

/// Tells each signer that everybody has signed.
pub(super) fn signed(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    lender: &Lender,
) -> Result<(), StoreError> {
    let contract = loan.contract_name();
    post_to_signers(
        tx,
        now,
        loan,
        lender,
        |_every_signer| true,
        |signer, link| Letter {
            subject: format!("{contract} assinada"),
            patience: Patience::Hours,
            text: format!(
                "{}\n\nTodos assinaram a {contract}. A via assinada, com a página de assinaturas, está em:\n{link}\n\n\
             Everybody has signed. The signed copy is at the link above.\n",
                greeting(signer)
            ),
        },
    )
}

/// Tells the applicant that the money has come, and where to pay.
pub(super) fn disbursed(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    lender: &Lender,
) -> Result<(), StoreError> {
    let Some((signer, to)) = loan.signers.first().and_then(|signer| Some((signer, signer.email.as_ref()?)))
    else {
        return Ok(());
    };
    let page = lender.links.payment(collection::page_token(tx, loan.id));
    let letter = Letter {
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
    };
    post(tx, loan.partner, now, to, letter, lender)
}

/// How long a letter is left to whoever took it, before it is tried again.
const LEASE: std::time::Duration = std::time::Duration::from_secs(90);
/// How often a letter is tried: over some seventeen hours.
const MOST_ATTEMPTS: i64 = 12;
/// How often one is that brings a code: over less than the ten minutes for which it works.
const MOST_ATTEMPTS_WITH_A_CODE: i64 = 4;

/// The partners with letters to be sent.
pub fn partners_with_due(tx: &mut Tx<'_>, real: Timestamp, most: i64) -> Result<Vec<PartnerId>, StoreError> {
    store::mails::partners_with_due(tx, real, most)
}

/// Takes letters of these partners to be sent, at most `most`.
pub fn lease(
    tx: &mut Tx<'_>,
    real: Timestamp,
    partners: &[PartnerId],
    most: i64,
) -> Result<Leased, StoreError> {
    let (mut leased, mut left) = (Leased::default(), most);
    for partner in partners {
        let Leased { mails, unreadable } = store::mails::lease(tx, *partner, real, LEASE, left)?;
        left -= row_count(mails.len() + unreadable.len());
        leased.mails.extend(mails);
        leased.unreadable.extend(unreadable);
        if left <= 0 {
            break;
        }
    }
    Ok(leased)
}

/// Notes that a mail server took a letter.
pub fn sent(tx: &mut Tx<'_>, real: Timestamp, mail: &Mail) -> Result<(), StoreError> {
    end(tx, real, mail, LetterInput::Taken, "")
}

/// Gives a letter up that was refused for good.
pub fn refused(tx: &mut Tx<'_>, real: Timestamp, mail: &Mail, reason: &str) -> Result<(), StoreError> {
    end(tx, real, mail, LetterInput::GivenUp, reason)
}

/// Ends a letter that waits. Where another node has ended it meanwhile, that stays.
fn end(
    tx: &mut Tx<'_>,
    real: Timestamp,
    mail: &Mail,
    input: LetterInput,
    reason: &str,
) -> Result<(), StoreError> {
    let to = stepped(LetterState::Waiting, input)?;
    let step = Step { to, reason, at: real };
    store::mails::step(tx, mail.partner, mail.id, LetterState::Waiting, &step).map(drop)
}

/// A step that cannot be refused here; a refusal is a defect.
fn stepped(state: LetterState, input: LetterInput) -> Result<LetterState, StoreError> {
    let step = state.step(input).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    Ok(step.next)
}

/// Notes a try in vain: it is made again after a while, longer each time; then the letter is given up.
pub fn failed(tx: &mut Tx<'_>, real: Timestamp, mail: &Mail, reason: &str) -> Result<(), StoreError> {
    let tried = Mail { attempts: mail.attempts + 1, ..mail.clone() };
    let most = match mail.patience {
        Patience::Minutes => MOST_ATTEMPTS_WITH_A_CODE,
        Patience::Hours => MOST_ATTEMPTS,
    };
    if tried.attempts >= most {
        let reason = format!("{reason}; tried {} times", tried.attempts);
        return end(tx, real, mail, LetterInput::GivenUp, &reason);
    }
    stepped(LetterState::Waiting, LetterInput::Delayed)?;
    let wait = 15_u64 << tried.attempts.clamp(0, 11);
    store::mails::put_off(tx, &tried, real.plus(std::time::Duration::from_secs(wait)))
}

/// Why a letter is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAgainRefused {
    /// It is not there.
    NotFound,
    /// It was not given up.
    NotFailed(LetterState),
    /// It brought a code, which is over by now.
    BroughtCode,
    /// Its row is damaged.
    Unreadable,
}

impl From<NotFound> for SendAgainRefused {
    fn from(_: NotFound) -> Self {
        Self::NotFound
    }
}

/// A page of letters of all partners.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &LetterFilter,
    cursor: &Cursor<MailId>,
    kept_since: Timestamp,
) -> Result<Page<LetterFile>, Failed<ListRefused>> {
    page_or_refused(store::mails::list(tx, filter, cursor, kept_since)?)
}

/// Lets a letter that was given up wait again, with all its tries before it. It goes to the address that it was written to.
pub fn send_again(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    real: Timestamp,
    id: MailId,
) -> Result<LetterFile, Failed<SendAgainRefused>> {
    let find = |tx: &mut Tx<'_>| store::mails::find(tx, tenant, id);
    let letter = find(tx)?.ok_or(Failed::Refused(SendAgainRefused::NotFound))?;
    if letter.state.step(LetterInput::SendAgain).is_err() {
        return Err(Failed::Refused(SendAgainRefused::NotFailed(letter.state)));
    }
    match letter.mail {
        None => return Err(Failed::Refused(SendAgainRefused::Unreadable)),
        Some(Mail { patience: Patience::Minutes, .. }) => {
            return Err(Failed::Refused(SendAgainRefused::BroughtCode));
        }
        Some(Mail { patience: Patience::Hours, .. }) => {}
    }
    store::mails::requeue(tx, tenant, id, letter.state, real)?;
    find(tx)?.ok_or(Failed::Store(StoreError::NotFound))
}

/// When the next letter is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    store::mails::next_due(tx)
}

/// The newest letters to an address: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str) -> Result<Page<Mail>, StoreError> {
    store::mails::to_address(tx, address, 50)
}

/// The newest letters to a partner's customers.
pub fn of_partner(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<Page<Mail>, StoreError> {
    store::mails::of_partner(tx, tenant, 100)
}

/// Drops up to `rows` letters written before `cutoff`; returns how many.
pub fn purge(tx: &mut Tx<'_>, cutoff: Timestamp, rows: i64) -> Result<u64, StoreError> {
    store::mails::purge(tx, cutoff, rows)
}
