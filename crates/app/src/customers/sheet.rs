//! Everything about one customer on one sheet, for the person who decides: the registration with KYC, the amounts that
//! it owes over all partners, its offers, loans and e-mails, and customers that may be the same.
//!
//! The number of statements is the same for every customer, and one more for each co-owner's e-mail address.

use std::collections::HashMap;

use domain::bank::BankAccount;
use domain::credit::policy::Exposure;
use domain::customer::{CustomerFile, Tag};
use domain::id::{CustomerId, PartnerId};
use domain::loan::Loan;
use domain::offer::Offer;
use domain::page::{Limit, Page};
use domain::time::{RealTime, Timestamp};
use store::erasures::Erasure;
use store::exposure::Exposed;
use store::kyc::StoredDocument;
use store::loans::LoanFilter;
use store::mails::MailReport;
use store::offers::OfferFilter;
use store::{Cursor, Failed, StoreError, Tx};

use super::duplicates::{self, Duplicate, Known};
use super::tags;
use crate::clock;
use crate::refused::NotFound;

/// Most e-mails on a sheet.
const MAILS: i64 = 50;

/// A customer's sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The customer with its KYC.
    pub file: CustomerFile,
    /// The present time of its partner.
    pub now: Timestamp,
    /// The submitted documents.
    pub documents: Vec<StoredDocument>,
    /// The account that receives loans.
    pub account: Option<BankAccount>,
    /// The amounts of the company over all partners, or of the person if there is no company.
    pub exposure: Exposure,
    /// The newest offers.
    pub offers: Page<Offer>,
    /// The newest loans.
    pub loans: Page<Loan>,
    /// The newest e-mails to the address of the registration.
    pub mails: Page<MailReport>,
    /// The tags of operators.
    pub tags: Vec<Tag>,
    /// Customers of any partner that may be the same.
    pub duplicates: Page<Duplicate>,
    /// The wish for the erasure of its data, if there is one.
    pub erasure: Option<Erasure>,
    /// The names of the partners on the sheet.
    pub partners: HashMap<PartnerId, String>,
}

/// The sheet of a customer of any partner, at the real time `real`.
pub fn sheet(tx: &mut Tx<'_>, real: RealTime, id: CustomerId) -> Result<Sheet, Failed<NotFound>> {
    let partner = store::directory::owner(tx, &id)?.ok_or(Failed::Refused(NotFound))?;
    let now = clock::at(tx, partner, real)?;
    let file = store::customers::find(tx, partner, id)?.ok_or(Failed::Refused(NotFound))?.into_value();
    let exposed = Exposed::company(tx, &file.customer);
    let exposed = exposed.unwrap_or_else(|| Exposed::person(tx, &file.customer));
    let documents = store::kyc::documents_of(tx, partner, id)?;
    let account = store::bank_accounts::of_customer(tx, partner, id)?.map(store::Stored::into_value);
    let details = account.as_ref().map(|account| &account.details);
    let duplicates = duplicates::of(tx, &Known { file: &file, account: details, documents: &documents })?;
    let others = duplicates.items.iter().map(|duplicate| duplicate.file.customer.partner);
    let partners: Vec<PartnerId> = others.chain([partner]).collect();
    let address = file.customer.registration.email.clone();
    let mails = match address {
        Some(address) => store::mails::reports_to(tx, partner, address.as_str(), MAILS)?,
        None => Page::empty(false),
    };
    Ok(Sheet {
        documents,
        account,
        exposure: store::exposure::of(tx, &exposed)?,
        offers: offers(tx, partner, id)?,
        loans: loans(tx, partner, id)?,
        partners: store::partners::names(tx, &partners)?,
        mails,
        tags: tags::of(tx, partner, id)?,
        erasure: store::erasures::find(tx, partner, id)?,
        duplicates,
        now,
        file,
    })
}

fn offers(tx: &mut Tx<'_>, partner: PartnerId, id: CustomerId) -> Result<Page<Offer>, StoreError> {
    let filter = OfferFilter { customer: Some(id), state: None };
    // A first page has no cursor that could be unknown.
    Ok(store::offers::list(tx, Some(partner), &filter, &Cursor::first(Limit::MOST))?
        .unwrap_or_else(|_unknown| Page::empty(false)))
}

fn loans(tx: &mut Tx<'_>, partner: PartnerId, id: CustomerId) -> Result<Page<Loan>, StoreError> {
    let filter = LoanFilter { partner: Some(partner), customer: Some(id), state: None };
    Ok(store::loans::list(tx, &filter, &Cursor::first(Limit::MOST))?
        .unwrap_or_else(|_unknown| Page::empty(false)))
}
