//! The lists of a customer's page.

use app::customers::{Duplicate, Sheet};
use app::personal_data::Erasure;
use domain::customer::CustomerFile;
use domain::id::PartnerId;
use domain::kyc::Requirement;
use domain::loan::Loan;
use domain::offer::{Offer, OfferState};
use domain::written;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::mail_subject::subject;
use crate::pages::texts::Texts;

/// A customer that may be the same.
pub(super) struct DuplicateRow {
    pub(super) href: String,
    pub(super) name: String,
    /// The values that both have in common.
    pub(super) why: String,
    pub(super) tax_id: String,
    pub(super) partner: String,
    pub(super) badge: Badge,
}

/// An offer.
pub(super) struct OfferRow {
    /// The page that asks whether to withdraw it; empty if it is not open.
    pub(super) withdrawal: String,
    pub(super) amount: Money,
    pub(super) valid_until: String,
    pub(super) badge: Badge,
}

/// A loan.
pub(super) struct LoanRow {
    pub(super) href: String,
    pub(super) contract: String,
    pub(super) amount: Money,
    pub(super) made_at: String,
    pub(super) badge: Badge,
}

/// An e-mail.
pub(super) struct MailRow {
    pub(super) href: String,
    pub(super) subject: String,
    pub(super) at: String,
    pub(super) badge: Badge,
}

/// The name of the company, or else of the person.
pub(super) fn name(file: &CustomerFile, t: &'static Texts) -> String {
    let name = file.customer.registration.known_as();
    name.map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string)
}

/// The name of a partner on the sheet.
pub(super) fn partner(sheet: &Sheet, id: PartnerId) -> String {
    sheet.partners.get(&id).cloned().unwrap_or_else(|| id.to_string())
}

/// A requirement, with its person if there are several.
pub(in crate::pages) fn title(file: &CustomerFile, requirement: &Requirement, t: &'static Texts) -> String {
    let what = (t.customer.requirement)(requirement.key.kind);
    let people = &file.customer.subjects;
    let person = people.iter().find(|subject| Some(subject.id) == requirement.key.subject);
    let name = person.and_then(|person| person.name.as_ref());
    name.map_or_else(|| what.to_owned(), |name| (t.customer.of_person)(what, name.as_str()))
}

pub(super) fn duplicates(sheet: &Sheet, t: &'static Texts) -> Vec<DuplicateRow> {
    let row = |duplicate: &Duplicate| {
        let customer = &duplicate.file.customer;
        let why: Vec<&str> = duplicate.alike.iter().map(|likeness| (t.customer.alike)(*likeness)).collect();
        DuplicateRow {
            href: format!("/console/customers/{}", customer.id),
            name: name(&duplicate.file, t),
            why: why.join(", "),
            tax_id: customer.registration.masked_tax_id(),
            partner: partner(sheet, customer.partner),
            badge: Badge::of_customer(customer.state, &t.badges),
        }
    };
    sheet.duplicates.items.iter().map(row).collect()
}

pub(super) fn offers(sheet: &Sheet, t: &'static Texts) -> Vec<OfferRow> {
    let withdrawal =
        |offer: &Offer| format!("/console/customers/{}/offers/{}/withdraw", offer.customer, offer.id);
    let row = |offer: &Offer| OfferRow {
        withdrawal: if offer.state == OfferState::Available { withdrawal(offer) } else { String::new() },
        amount: Money(offer.terms.approved_amount),
        valid_until: written::day_of(offer.valid_until),
        badge: Badge::of_offer(offer.state, &t.badges),
    };
    sheet.offers.items.iter().map(row).collect()
}

pub(super) fn loans(sheet: &Sheet, t: &'static Texts) -> Vec<LoanRow> {
    let row = |loan: &Loan| LoanRow {
        href: format!("/console/loans/{}", loan.id),
        contract: loan.ccb_number.map_or_else(|| loan.id.to_string(), |number| number.to_string()),
        amount: Money(loan.quote.requested),
        made_at: written::day_of(loan.created_at),
        badge: Badge::of_loan(&loan.state, &t.badges),
    };
    sheet.loans.items.iter().map(row).collect()
}

pub(super) fn mails(sheet: &Sheet, t: &'static Texts) -> Vec<MailRow> {
    let row = |report: &app::mails::MailReport| MailRow {
        href: format!("/console/mails/{}", report.id),
        subject: subject(report, t),
        at: exact(report.created_at),
        badge: Badge::of_mail(report.state, &t.badges),
    };
    sheet.mails.items.iter().map(row).collect()
}

/// The erasure of the customer's data in words: a title and a text.
pub(super) fn erasure(wish: &Erasure, t: &'static Texts) -> (&'static str, String) {
    let asked = written::day_of(wish.asked_at.unmoved());
    let Some(at) = wish.erased_at else {
        let until = written::day_of(wish.due_at);
        return (t.customer.erasure_planned, (t.customer.erasure_planned_text)(&asked, &until));
    };
    (t.customer.erased, (t.customer.erased_text)(&asked, &written::day_of(at.unmoved())))
}
