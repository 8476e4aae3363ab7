//! The tags in a customer's e-mail address that steer the sandbox, and the search for those without an effect.

use domain::id::{CustomerId, LoanId, PartnerId};
use domain::loan::LoanStateKind;
use domain::page::Limit;
use domain::person::Email;
use domain::spelling::resembled;
use store::loans::LoanFilter;
use store::{Cursor, StoreError, Tx};

use super::paying::{PAYING, days_late};
use crate::tags;

/// Every tag that has an effect.
pub const TAGS: [&str; 20] = [
    "manual",
    "sends_files",
    "takes_loan",
    "kyc_rejected",
    "denied",
    "no_offer",
    "range_offer",
    "small_offer",
    "credit_referred",
    "never_signs",
    "never_disbursed",
    "disbursement_pending",
    "disbursement_failed",
    "pays_on_time",
    "pays_late",
    "stops_paying",
    "ei",
    "eireli",
    "ltda",
    "sa",
];

/// A tag without an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The tag as it was written.
    pub tag: String,
    /// The tag that it resembles, if there is one.
    pub meant: Option<&'static str>,
}

/// The tags of an address that have no effect, in order.
pub fn unknown(email: &Email) -> Vec<Unknown> {
    let unknown = |tag: &&str| !tag.is_empty() && !TAGS.contains(tag);
    tags::of(email)
        .filter(unknown)
        .map(|tag| Unknown { tag: tag.to_owned(), meant: resembled(tag, TAGS) })
        .collect()
}

/// A tag that came too late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLate {
    /// The tag.
    pub tag: &'static str,
    /// An active loan that it does not steer. The payments of a loan are planned when it becomes active.
    pub loan: LoanId,
}

/// The active loans of a customer, if its new address has a tag that makes it pay and its present one has none.
pub fn too_late(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId, new: &Email,
) -> Result<Vec<TooLate>, StoreError> {
    let Some(tag) = PAYING.into_iter().find(|paying| tags::of(new).any(|tag| tag == *paying)) else {
        return Ok(Vec::new());
    };
    let Some(file) = store::customers::find(tx, tenant, customer)? else { return Ok(Vec::new()) };
    if days_late(&file.customer).is_some() {
        return Ok(Vec::new());
    }
    let (customer, state) = (Some(customer), Some(LoanStateKind::Active));
    let filter = LoanFilter { partner: Some(tenant), customer, state };
    let Ok(loans) = store::loans::list(tx, &filter, &Cursor::first(Limit::DEFAULT))? else {
        return Ok(Vec::new());
    };
    Ok(loans.items.into_iter().map(|loan| TooLate { tag, loan: loan.id }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_tags(address: &str) -> Vec<(String, Option<&'static str>)> {
        let email = Email::parse(address).unwrap();
        unknown(&email).into_iter().map(|unknown| (unknown.tag, unknown.meant)).collect()
    }

    #[test]
    fn a_mistyped_tag_is_reported_with_the_tag_that_was_meant() {
        assert_eq!(unknown_tags("ana@example.com"), []);
        assert_eq!(unknown_tags("ana+kyc_rejected+ltda@example.com"), []);
        for (tag, meant) in [
            ("kyc_rejectd", Some("kyc_rejected")),
            ("Manual", Some("manual")),
            ("ltd", Some("ltda")),
            ("pays_in_time", Some("pays_on_time")),
            ("neversigns", Some("never_signs")),
            ("disbursment_failed", Some("disbursement_failed")),
            ("newsletter", None),
            ("2026", None),
        ] {
            assert_eq!(unknown_tags(&format!("ana+{tag}@example.com")), [(tag.to_owned(), meant)]);
        }
        let both = unknown_tags("ana+manual+denyed+x1y2@example.com");
        assert_eq!(both, [("denyed".to_owned(), Some("denied")), ("x1y2".to_owned(), None)]);
    }
}
