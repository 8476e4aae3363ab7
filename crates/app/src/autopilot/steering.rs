//! The tags in a customer's e-mail address that steer the sandbox, and the search for mistyped ones.

use domain::person::Email;
use domain::spelling::resembled;

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
