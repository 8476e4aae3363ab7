//! The part in view, the decisions and the signers of a loan's page.

use app::loan_sheet::{Blocked, Detail, Happened, LoanAction, Possible, Sheet, What};
use app::mails::{MailReport, Patience};
use app::payments::RecordedPayment;
use domain::access::{FourEyes, Permission};
use domain::id::LoanId;
use domain::ledger::LedgerAccount;
use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::written;

use super::super::moments::HappenedRow;
use super::super::notes::{NotesView, On};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::loan::{ScheduleRow, schedule};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The part in view.
pub(super) enum View {
    Schedule(Vec<ScheduleRow>),
    Payments(Vec<PaymentRow>, String),
    Ledger(Vec<(&'static str, Money)>, Vec<EntryRow>, String),
    Contract(Vec<EvidenceRow>, Vec<(&'static str, String)>, String),
    Mails(Vec<MailRow>),
    Timeline(Vec<HappenedRow>),
    Notes(NotesView),
}

/// A payment.
pub(super) struct PaymentRow {
    pub(super) reference: String,
    pub(super) amount: Money,
    pub(super) paid_on: String,
    pub(super) recorded: String,
    pub(super) kind: &'static str,
    pub(super) reversed: String,
    /// The page that asks whether to reverse it; empty if the person may not, or if it is reversed.
    pub(super) reverse: String,
}

/// An entry of the journal: its postings, and the principal that is lent after it.
pub(super) struct EntryRow {
    pub(super) day: String,
    pub(super) cause: &'static str,
    pub(super) postings: Vec<(&'static str, Option<Money>, Option<Money>)>,
    pub(super) lent: Money,
}

/// The evidence of a signature.
pub(super) struct EvidenceRow {
    pub(super) name: String,
    pub(super) cpf: String,
    pub(super) when: String,
    pub(super) how: &'static str,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) sha256: String,
}

/// An e-mail.
pub(super) struct MailRow {
    pub(super) subject: String,
    /// The text as it was sent; empty if it holds a code.
    pub(super) text: String,
    pub(super) when: String,
    pub(super) badge: Badge,
}

/// A decision, and the reason why it cannot be made now.
pub(super) struct Act {
    pub(super) label: &'static str,
    pub(super) note: &'static str,
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) is_blocked: bool,
    pub(super) needs_two: bool,
}

impl View {
    pub(super) fn of(visit: &Visit, sheet: &Sheet) -> Self {
        let (t, grants) = (visit.texts(), &visit.visitor.grants);
        let id = sheet.statement.loan.id;
        let next = |tab: &str, last: Option<String>| {
            last.map_or_else(String::new, |last| format!("/console/loans/{id}?tab={tab}&after={last}"))
        };
        match &sheet.detail {
            Detail::Schedule => Self::Schedule(schedule(sheet, t)),
            Detail::Payments(page) => {
                let may = grants.allows(Permission::ReversePayment);
                let last = page.items.last().filter(|_| page.has_more);
                let rows = page.items.iter().map(|payment| PaymentRow::of(payment, may, t)).collect();
                Self::Payments(rows, next("payments", last.map(|last| last.payment.id.to_string())))
            }
            Detail::Ledger { balances, entries } => {
                let balance = |posting: &domain::ledger::Posting| {
                    ((t.loan.account)(posting.account), Money(posting.amount))
                };
                let last = entries.items.last().filter(|_| entries.has_more);
                Self::Ledger(
                    balances.iter().map(balance).collect(),
                    entries.items.iter().map(|running| EntryRow::of(running, t)).collect(),
                    next("ledger", last.map(|last| last.entry.id.to_string())),
                )
            }
            Detail::Contract { signatures, sha256, has_signed_copy } => Self::Contract(
                signatures.items.iter().map(|evidence| EvidenceRow::of(evidence, t)).collect(),
                copies(id, *has_signed_copy, t),
                sha256.clone().unwrap_or_else(String::new),
            ),
            Detail::Mails(mails) => Self::Mails(mails.iter().map(|mail| MailRow::of(mail, t)).collect()),
            Detail::Timeline(all) => {
                let row = |one: &Happened| match &one.what {
                    What::Recorded(event) => HappenedRow::recorded(event, sheet.statement.loan.partner, t),
                    what => HappenedRow::of(one.at, (happened(what, t), String::new(), "")),
                };
                Self::Timeline(all.iter().map(row).collect())
            }
            Detail::Notes(page) => {
                Self::Notes(NotesView::of(visit, &On::loan(id), page, t.loan.no_notes_text))
            }
        }
    }
}

impl PaymentRow {
    fn of(recorded: &RecordedPayment, may_reverse: bool, t: &'static Texts) -> Self {
        let payment = &recorded.payment;
        Self {
            reference: recorded.reference.clone(),
            amount: Money(payment.amount),
            paid_on: written::day_of(payment.paid_at),
            recorded: exact(recorded.recorded_at),
            kind: match payment.kind {
                domain::loan::debt::PaymentKind::Installments => t.asking.installments,
                domain::loan::debt::PaymentKind::Payoff => t.asking.payoff,
            },
            reversed: recorded.reversed_at.map_or_else(String::new, written::day_of),
            reverse: if may_reverse && recorded.reversed_at.is_none() {
                format!("/console/payments/{}/reverse", payment.id)
            } else {
                String::new()
            },
        }
    }
}

impl EntryRow {
    fn of(running: &app::ledger::Running, t: &'static Texts) -> Self {
        let entry = &running.entry;
        let side = |posting: &domain::ledger::Posting| {
            let account: LedgerAccount = posting.account;
            let (debit, credit) = posting.sides();
            ((t.loan.account)(account), debit.map(Money), credit.map(Money))
        };
        Self {
            day: written::day_of(entry.entered_at),
            cause: (t.loan.cause)(&entry.cause),
            postings: entry.postings.iter().map(side).collect(),
            lent: Money(running.principal_after),
        }
    }
}

impl EvidenceRow {
    fn of(evidence: &Evidence, t: &'static Texts) -> Self {
        let (how, sent_to) = match &evidence.authentication {
            Authentication::CodeByMail { address, of: Mailbox::Signer } => (t.loan.by_code, address.as_ref()),
            Authentication::CodeByMail { address, of: Mailbox::Company } => {
                (t.loan.by_company_code, address.as_ref())
            }
            Authentication::Sandbox => (t.loan.by_sandbox, None),
        };
        let known = [
            (t.loan.sent_to, sent_to.map(ToString::to_string)),
            (t.loan.from_address, evidence.address.map(|address| address.to_string())),
            (t.loan.browser, evidence.user_agent.clone()),
            (t.loan.consent, Some(evidence.consent.clone())),
        ];
        Self {
            name: evidence.name.as_ref().map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string),
            cpf: evidence.cpf.masked(),
            when: exact(evidence.signed_at),
            how,
            facts: known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
            sha256: evidence.document_sha256.clone(),
        }
    }
}

/// The addresses of the contract's copies.
fn copies(id: LoanId, has_signed_copy: bool, t: &Texts) -> Vec<(&'static str, String)> {
    let of = |copy: &str| format!("/console/loans/{id}/contract.pdf?copy={copy}");
    let signed = has_signed_copy.then(|| (t.loan.signed_copy, of("signed")));
    signed.into_iter().chain([(t.loan.issued, of("issued"))]).collect()
}

impl MailRow {
    fn of(report: &MailReport, t: &'static Texts) -> Self {
        let open = report.mail.as_ref().filter(|mail| mail.patience != Patience::Minutes);
        Self {
            subject: subject(report, t),
            text: open.map_or_else(String::new, |mail| mail.text.clone()),
            when: exact(report.created_at),
            badge: Badge::of_mail(report.state, &t.badges),
        }
    }
}

/// The subject of an e-mail. That of an e-mail with a code holds the code.
fn subject(report: &MailReport, t: &Texts) -> String {
    let open = report.mail.as_ref().filter(|mail| mail.patience != Patience::Minutes);
    open.map_or_else(|| t.customer.secret_mail.to_owned(), |mail| mail.subject.clone())
}

/// A moment of a loan's history, in words.
pub(in crate::pages::console) fn happened(what: &What, t: &'static Texts) -> String {
    let nobody = |name: &Option<String>| name.clone().unwrap_or_else(|| t.loan.nobody.to_owned());
    match what {
        What::Requested => t.loan.happened_requested.to_owned(),
        What::Signed { name } => (t.loan.happened_signed)(&nobody(name)),
        What::Disbursed { amount } => (t.loan.happened_disbursed)(&written::money(*amount)),
        What::Paid { amount } => (t.loan.happened_paid)(&written::money(*amount)),
        What::Reversed { amount } => (t.loan.happened_reversed)(&written::money(*amount)),
        What::WrittenOff { amount } => (t.loan.happened_written_off)(&written::money(*amount)),
        What::Finished => t.loan.step_finished.to_owned(),
        What::Cancelled => t.loan.step_cancelled.to_owned(),
        What::Failed { reason } => (t.loan.happened_failed)(reason),
        What::Mail(report) => (t.customer.mail_written)(&subject(report, t)),
        What::Note { author } => (t.loan.happened_note)(&nobody(author)),
        What::Recorded(event) => event.kind.name().to_owned(),
    }
}

/// The decisions, those that can be made first.
pub(super) fn acts(possible: &[Possible], id: LoanId, four_eyes: FourEyes, t: &'static Texts) -> Vec<Act> {
    let act = |one: &Possible| {
        let needs_two = one.action.proposal().is_some();
        let (note, href) = match one.blocked {
            None => ((t.loan.action_note)(one.action), address(one.action, id)),
            Some(Blocked::Proposed(proposal)) => {
                (t.loan.is_proposed, format!("/console/proposals/{proposal}"))
            }
            Some(Blocked::NotPermitted) => (t.loan.not_permitted, String::new()),
            Some(Blocked::State) => ((t.loan.blocked)(one.action), String::new()),
        };
        Act {
            label: (t.loan.action)(one.action),
            note,
            icon: icon(one.action),
            href,
            is_blocked: one.blocked.is_some(),
            needs_two: needs_two && four_eyes == FourEyes::Required,
        }
    };
    let mut acts: Vec<Act> = possible.iter().map(act).collect();
    acts.sort_by_key(|act| act.is_blocked);
    acts
}

fn address(action: LoanAction, id: LoanId) -> String {
    match action {
        LoanAction::ReversePayment => format!("/console/loans/{id}?tab=payments"),
        other => format!("/console/loans/{id}/ask/{}", other.name()),
    }
}

fn icon(action: LoanAction) -> &'static str {
    match action {
        LoanAction::RecordPayment => "arrow-left-right",
        LoanAction::ReversePayment | LoanAction::FailDisbursement => "undo-2",
        LoanAction::InviteSigners => "mail",
        LoanAction::OrderDisbursement | LoanAction::PayAgain => "banknote",
        LoanAction::ConfirmDisbursement => "check-check",
        LoanAction::Cancel => "ban",
        LoanAction::WriteOff => "book-open-check",
    }
}
