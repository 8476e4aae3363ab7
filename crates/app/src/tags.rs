//! The tags in a customer's e-mail address, with which a partner steers the sandbox: `ana+manual+ltda@example.com` has
//! `manual` and `ltda`.

use domain::customer::Registration;
use domain::person::Email;

/// The tags of an address, in order.
pub(crate) fn of(email: &Email) -> impl Iterator<Item = &str> {
    let local = email.as_str().split_once('@').map_or(email.as_str(), |(local, _)| local);
    local.split('+').skip(1)
}

/// Whether the customer's address has a tag.
pub(crate) fn has(registration: &Registration, tag: &str) -> bool {
    registration.email.as_ref().is_some_and(|email| of(email).any(|known| known == tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_follow_the_name_in_an_address() {
        let of_address = |address: &str| {
            let email = Email::parse(address).unwrap();
            of(&email).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of_address("ana+kyc_rejected+ltda@example.com"), ["kyc_rejected", "ltda"]);
        assert!(of_address("ana@example.com").is_empty());
    }
}
