//! Everything that the lender has about one person, for the person who asks for it (Lei 13.709/2018, LGPD, art. 18, II).
//!
//! A person is a CPF: it may be registered with several partners. The loans are here with what the borrower signed and paid.
//! The lender's notes about itself are not: the ledger, the queues, the audit trail.

use std::collections::BTreeSet;

use domain::access::Permission;
use domain::bank::BankAccount;
use domain::credit::Decision;
use domain::id::{CustomerId, PartnerId};
use domain::loan::signing::Evidence;
use domain::loan::{Installment, Loan};
use domain::offer::Offer;
use domain::page::{Limit, Page};
use domain::person::Email;
use domain::queue::CaseSubject;
use domain::tax_id::Cpf;
use domain::time::{RealTime, Timestamp};
use store::contracts::{Copy, Document};
use store::customers::CustomerFilter;
use store::kyc::StoredDocument;
use store::loans::LoanFilter;
use store::mails::MailReport;
use store::offers::OfferFilter;
use store::payments::RecordedPayment;
use store::{Cursor, Failed, StoreError, Tx};

use crate::customer_timeline::{self, Happened};
use crate::customers::tags::{self, Tagged};
use crate::people::notes::{self, SignedNote};
use crate::refused::{ListRefused, NotFound};
use crate::{credit, customers, loans, payments};

/// Most e-mails to each address, the newest first.
const MAILS: i64 = 1_000;

/// One registration of a person with a partner, with all that followed from it.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The partner.
    pub partner: PartnerId,
    /// Its name.
    pub partner_name: Option<String>,
    /// The partner's time of the export.
    pub now: Timestamp,
    /// The registration with its KYC and its tags.
    pub customer: Tagged,
    /// The submitted files.
    pub documents: Vec<StoredDocument>,
    /// The account that receives loans.
    pub account: Option<BankAccount>,
    /// The decisions on its credit, the newest hundred.
    pub decisions: Vec<Decision>,
    /// Its offers.
    pub offers: Vec<Offer>,
    /// Its loans.
    pub loans: Vec<OwnLoan>,
    /// The e-mails to its people.
    pub mails: Vec<MailReport>,
    /// The notes of operators on it and on its loans.
    pub notes: Vec<SignedNote>,
    /// Its history with the events for the partner, the newest first.
    pub history: Vec<Happened>,
    /// The ids of rows that are damaged and therefore missing, each once.
    pub unreadable: Vec<String>,
}

/// A loan of the person.
#[derive(Debug, Clone)]
pub struct OwnLoan {
    /// The loan.
    pub loan: Loan,
    /// Its installments.
    pub installments: Vec<Installment>,
    /// The payments.
    pub payments: Vec<RecordedPayment>,
    /// The evidence of the signatures.
    pub signatures: Vec<Evidence>,
    /// The copies of its contract.
    pub copies: Vec<Document>,
}

/// The CPF of a customer's person, and its registrations with any partner, the newest first.
pub fn registrations(tx: &mut Tx<'_>, id: CustomerId) -> Result<(Cpf, Vec<CustomerId>), Failed<NotFound>> {
    let partner = store::directory::owner(tx, &id)?.ok_or(Failed::Refused(NotFound))?;
    let file = store::customers::find(tx, partner, id)?.ok_or(Failed::Refused(NotFound))?.into_value();
    if file.is_erased() {
        return Err(Failed::Refused(NotFound));
    }
    let cpf = file.customer.registration.cpf;
    let filter = CustomerFilter { cpf: Some(cpf), ..CustomerFilter::default() };
    let mut unreadable = Vec::new();
    let same = every(
        |cursor| tags::list(tx, None, &filter, None, cursor),
        |tagged| tagged.file.customer.id,
        &mut unreadable,
    )?;
    Ok((cpf, same.into_iter().map(|tagged| tagged.file.customer.id).collect()))
}

/// Everything of one registration, at the real time `real`.
pub fn registration(
    tx: &mut Tx<'_>, real: RealTime, id: CustomerId,
) -> Result<Registration, Failed<NotFound>> {
    let mut sheet = customers::sheet(tx, real, id)?;
    let partner = sheet.file.customer.partner;
    let mut unreadable = Vec::new();
    let of_customer = OfferFilter { customer: Some(id), state: None };
    let offers = every(
        |cursor| credit::offers::list(tx, Some(partner), &of_customer, cursor),
        |offer| offer.id,
        &mut unreadable,
    )?;
    let of_customer = LoanFilter { partner: Some(partner), customer: Some(id), state: None };
    let borrowed = every(|cursor| loans::list(tx, &of_customer, cursor), |loan| loan.id, &mut unreadable)?;
    let mut mails = Vec::new();
    for address in sheet.file.customer.emails().map(Email::as_str).collect::<BTreeSet<_>>() {
        mails.extend(readable(store::mails::reports_to(tx, partner, address, MAILS)?, &mut unreadable));
    }
    let mut notes = Vec::new();
    for subject in borrowed.iter().map(|loan| CaseSubject::Loan(loan.id)).chain([CaseSubject::Customer(id)]) {
        notes.extend(every(
            |cursor| notes::list(tx, subject, cursor),
            |signed| signed.note.id,
            &mut unreadable,
        )?);
    }
    let history = customer_timeline::timeline(tx, &sheet, [Permission::ReadPartners].into_iter().collect())?;
    let own = |loan| own_loan(tx, partner, loan, &mut unreadable);
    let loans = borrowed.into_iter().map(own).collect::<Result<_, _>>()?;
    Ok(Registration {
        partner,
        partner_name: sheet.partners.remove(&partner),
        now: sheet.now,
        documents: sheet.documents,
        account: sheet.account,
        decisions: readable(credit::decisions(tx, partner, id)?, &mut unreadable),
        customer: Tagged { file: sheet.file, tags: sheet.tags },
        offers,
        loans,
        mails,
        notes,
        history,
        unreadable,
    })
}

fn own_loan(
    tx: &mut Tx<'_>, partner: PartnerId, loan: Loan, unreadable: &mut Vec<String>,
) -> Result<OwnLoan, StoreError> {
    let mut installments = Vec::new();
    loop {
        let after = installments.last().map(|last: &Installment| last.id);
        let page = loans::installments(tx, partner, loan.id, after, Limit::MOST).map_err(as_read)?;
        let (has_more, next) = (page.has_more, readable(page, unreadable));
        let is_last = !has_more || next.is_empty();
        installments.extend(next);
        if is_last {
            break;
        }
    }
    let paid =
        every(|cursor| payments::list(tx, partner, loan.id, cursor), |paid| paid.payment.id, unreadable)?;
    let signatures = readable(store::signing::listed_evidence(tx, partner, loan.id)?, unreadable);
    let mut copies = Vec::new();
    for copy in [Copy::Issued, Copy::Signed] {
        let document = Document { partner, loan: loan.id, copy };
        if store::contracts::kept(tx, document)?.is_some() {
            copies.push(document);
        }
    }
    Ok(OwnLoan { loan, installments, payments: paid, signatures, copies })
}

/// The readable items of a page. The ids of the others are noted.
fn readable<T>(page: Page<T>, unreadable: &mut Vec<String>) -> Vec<T> {
    unreadable.extend(page.unreadable.into_iter().map(|damaged| damaged.id));
    page.items
}

/// All items of a list, page by page.
pub(super) fn every<T, I>(
    mut page: impl FnMut(&Cursor<I>) -> Result<Page<T>, Failed<ListRefused>>, id: impl Fn(&T) -> I,
    unreadable: &mut Vec<String>,
) -> Result<Vec<T>, StoreError> {
    let (mut cursor, mut found) = (Cursor::first(Limit::MOST), Vec::new());
    loop {
        let page = page(&cursor).map_err(as_read)?;
        let (has_more, items) = (page.has_more, readable(page, unreadable));
        cursor.after = items.last().map(&id);
        found.extend(items);
        if !has_more || cursor.after.is_none() {
            unreadable.sort_unstable();
            unreadable.dedup();
            return Ok(found);
        }
    }
}

/// The error of a list whose cursors are those of its own pages.
fn as_read(failed: Failed<ListRefused>) -> StoreError {
    match failed {
        Failed::Store(error) => error,
        Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor) => StoreError::Conflict,
    }
}
