//! A customer's page, from the sheet that the use case read.

use app::customer_timeline;
use app::customers::Sheet;
use app::people::notes::SignedNote;
use askama::Template;
use domain::access::{Permission, Permissions};
use domain::customer::CustomerState;
use domain::kyc::{Requirement, RequirementState};
use domain::page::Page;

use super::super::moments::HappenedRow;
use super::super::notes::{NotesView, On};
use super::card::Card;
use super::history;
use super::label::Label;
use super::rows::{self, DuplicateRow, LoanRow, MailRow, OfferRow};
use super::shown::{Problem, Shown};
use super::viewer::{Counts, Sheets};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::shown::Money;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::{REASONS, Texts};

/// The part of the page in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Review,
    Offers,
    Loans,
    Mails,
    Timeline,
    Notes,
}

/// What the part in view needs beside the sheet.
pub(super) enum Detail {
    OfSheet,
    /// The numbers of pages of the documents in view.
    Review(Counts),
    Timeline(Vec<customer_timeline::Happened>),
    Notes(Page<SignedNote>),
}

impl Part {
    pub(super) fn of(tab: &str) -> Self {
        match tab {
            "offers" => Self::Offers,
            "loans" => Self::Loans,
            "mails" => Self::Mails,
            "timeline" => Self::Timeline,
            "notes" => Self::Notes,
            _review => Self::Review,
        }
    }

    /// The permission that the operator API asks for the same.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Self::Review | Self::Timeline => Permission::ReadCustomers,
            Self::Offers => Permission::ReadCredit,
            Self::Loans => Permission::ReadLoans,
            Self::Mails => Permission::ReadMails,
            Self::Notes => Permission::ReadNotes,
        }
    }
}

#[derive(Template)]
#[template(path = "console/customer.html")]
pub(super) struct CustomerPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    badge: Badge,
    tax_id: String,
    in_full: bool,
    nature: String,
    partner: String,
    account: String,
    part: Part,
    requirements: Vec<Item>,
    decided: usize,
    decided_words: String,
    card: Option<Card>,
    granted: Money,
    outstanding: Money,
    tags: Vec<Label>,
    /// The part in view, to which the forms of tags lead back.
    tab: String,
    duplicates: Vec<DuplicateRow>,
    has_more_duplicates: bool,
    offers: Vec<OfferRow>,
    loans: Vec<LoanRow>,
    mails: Vec<MailRow>,
    moments: Vec<HappenedRow>,
    /// The notes, if they are in view.
    notes: Option<NotesView>,
    reasons: [&'static str; REASONS.len()],
    problem: Option<Problem>,
    /// The title and the text about the erasure of its data, if somebody has asked for it.
    erasure: Option<(&'static str, String)>,
    /// The permissions of the person.
    may: Permissions,
    /// Whether the person may refuse the customer for good now.
    may_refuse: bool,
}

/// A requirement in the list.
struct Item {
    href: String,
    title: String,
    badge: Badge,
    mandatory: bool,
    is_shown: bool,
}

impl CustomerPage {
    pub(super) fn of(visit: Visit, sheet: &Sheet, detail: &Detail, shown: &Shown) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let customer = &sheet.file.customer;
        let requirements = &sheet.file.kyc.requirements;
        let at = in_view(requirements, shown.place.r);
        let item = |(place, requirement): (usize, &Requirement)| Item {
            href: visit.kept(&format!("/console/customers/{}?r={}", customer.id, place + 1)),
            title: rows::title(&sheet.file, requirement, t),
            badge: Badge::of_requirement(&requirement.state, &t.badges),
            mandatory: requirement.mandatory,
            is_shown: at == Some(place),
        };
        let is_decided = |requirement: &&Requirement| match requirement.state {
            RequirementState::Accepted { .. } | RequirementState::Rejected { .. } => true,
            RequirementState::Missing | RequirementState::Submitted { .. } => false,
        };
        let decided = requirements.iter().filter(is_decided).count();
        let no_counts = Counts::new();
        let counts = if let Detail::Review(counts) = detail { counts } else { &no_counts };
        let (moments, notes) = match detail {
            Detail::OfSheet | Detail::Review(_) => (Vec::new(), None),
            Detail::Timeline(all) => (history::rows(sheet, all, t), None),
            Detail::Notes(page) => {
                let notes = NotesView::of(&visit, &On::customer(customer.id), page, t.customer.no_notes_text);
                (Vec::new(), Some(notes))
            }
        };
        Self {
            id: customer.id.to_string(),
            name: rows::name(&sheet.file, t),
            badge: Badge::of_customer(customer.state, &t.badges),
            tax_id: tax_id(sheet, shown.in_full),
            in_full: shown.in_full,
            nature: customer.legal_nature.name().to_uppercase(),
            partner: rows::partner(sheet, customer.partner),
            account: account(sheet, t),
            part: Part::of(&shown.place.tab),
            decided_words: (t.customer.decided)(decided, requirements.len()),
            decided,
            card: at.map(|place| Card::of(sheet, place, shown, counts, t)),
            requirements: requirements.iter().enumerate().map(item).collect(),
            granted: Money(sheet.exposure.granted),
            outstanding: Money(sheet.exposure.outstanding),
            tags: sheet.tags.iter().map(Label::of).collect(),
            tab: shown.place.tab.clone(),
            duplicates: rows::duplicates(sheet, t),
            has_more_duplicates: sheet.duplicates.has_more,
            offers: rows::offers(sheet, t),
            loans: rows::loans(sheet, t),
            mails: rows::mails(sheet, t),
            moments,
            notes,
            reasons: REASONS,
            problem: shown.problem,
            erasure: sheet.erasure.as_ref().map(|wish| rows::erasure(wish, t)),
            may: visit.visitor.grants.permissions,
            may_refuse: customer.state == CustomerState::UnderReview
                && visit.visitor.grants.allows(Permission::RefuseCustomer),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// An address of this customer, which keeps the case for which the page was opened.
    fn own(&self, rest: &str) -> String {
        self.around.kept(&format!("/console/customers/{}{rest}", self.id))
    }

    fn may_tag(&self) -> bool {
        self.may.contains(Permission::TagCustomers)
    }

    fn may_export(&self) -> bool {
        self.may.contains(Permission::ExportPersonalData)
    }

    /// Whether the erasure can be asked for.
    fn may_erase(&self) -> bool {
        self.erasure.is_none() && self.may.contains(Permission::ErasePersonalData)
    }

    fn may_withdraw(&self) -> bool {
        self.may.contains(Permission::WithdrawOffer)
    }

    /// Whether the person may see a part.
    fn reads(&self, tab: &str) -> bool {
        self.may.contains(Part::of(tab).permission())
    }

    fn is_part(&self, tab: &str) -> bool {
        self.part == Part::of(tab)
    }
}

/// The place of the requirement in view: the asked one, or the first that waits for a decision, or the first.
pub(super) fn in_view(requirements: &[Requirement], asked: Option<usize>) -> Option<usize> {
    let asked = asked.and_then(|place| place.checked_sub(1)).filter(|place| *place < requirements.len());
    let waits = |requirement: &Requirement| matches!(requirement.state, RequirementState::Submitted { .. });
    asked.or_else(|| requirements.iter().position(waits)).or_else(|| (!requirements.is_empty()).then_some(0))
}

/// The company's CNPJ, or else the person's CPF.
fn tax_id(sheet: &Sheet, in_full: bool) -> String {
    let registration = &sheet.file.customer.registration;
    match (registration.cnpj, in_full) {
        (_, false) => registration.masked_tax_id(),
        (Some(cnpj), true) => cnpj.to_string(),
        (None, true) => registration.cpf.to_string(),
    }
}

/// The bank and the end of the account's number.
fn account(sheet: &Sheet, t: &'static Texts) -> String {
    let Some(account) = &sheet.account else { return t.customer.no_account.to_owned() };
    let details = &account.details;
    format!("{} {}", details.bank_name, details.masked())
}
