//! The terms of a customer: the values by which it is found although its data is sealed.

use std::collections::BTreeSet;
use std::fmt;

use super::words::{parts, words};
use crate::bank::AccountDetails;
use crate::customer::Customer;
use crate::person::{Email, Name, Phone};
use crate::tax_id::Cpf;

/// A value by which a customer is found. Only its keyed hash is stored.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    kind: &'static str,
    value: String,
}

/// Hides the value: logs hold no names and no contacts.
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [private]", self.kind)
    }
}

impl Term {
    /// The kind of the value. Equal values of different kinds are different terms.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// A part of a name.
    pub(super) fn name_part(part: &str) -> Self {
        Self { kind: "name", value: part.to_owned() }
    }

    /// An e-mail address. Its case does not count.
    pub fn email(email: &Email) -> Self {
        Self { kind: "email", value: email.mailbox() }
    }

    /// A telephone number.
    pub fn phone(phone: &Phone) -> Self {
        Self { kind: "phone", value: phone.as_str().to_owned() }
    }

    /// The tax number of a co-owner.
    pub fn co_owner(cpf: Cpf) -> Self {
        Self { kind: "co_owner", value: cpf.digits().to_owned() }
    }

    /// A bank account.
    pub fn account(account: &AccountDetails) -> Self {
        Self { kind: "account", value: account.identity() }
    }
}

/// The terms of a customer's registration and people. Its CPF and its CNPJ have columns of their own. Its bank account
/// changes alone and is another term.
pub fn terms(customer: &Customer) -> BTreeSet<Term> {
    let registration = &customer.registration;
    let mut terms = BTreeSet::new();
    for name in names(customer) {
        for word in words(name.as_str()) {
            terms.extend(parts(&word).map(Term::name_part));
        }
    }
    terms.extend(customer.emails().map(Term::email));
    terms.extend(registration.phone.iter().map(Term::phone));
    let people = customer.subjects.iter().map(|subject| subject.cpf);
    terms.extend(people.filter(|cpf| *cpf != registration.cpf).map(Term::co_owner));
    terms
}

/// The names of the company and of its people.
pub(super) fn names(customer: &Customer) -> impl Iterator<Item = &Name> {
    let Customer { registration, subjects, .. } = customer;
    let people = subjects.iter().filter_map(|subject| subject.name.as_ref());
    registration.trading_name.iter().chain(&registration.name).chain(people)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Query, words::words};
    use super::*;
    use crate::customer::Customer;
    use crate::id::{CustomerId, PartnerId, ResourceId as _};
    use crate::registration::{LegalNature, Registration};
    use crate::time::Timestamp;

    fn named(name: &str) -> Customer {
        let now = Timestamp::from_seconds(1_780_000_000);
        let registration = Registration {
            cpf: Cpf::of_number(529_982_247).unwrap(),
            cnpj: None,
            name: None,
            email: Email::parse("Ana@Example.com").ok(),
            phone: None,
            trading_name: Name::parse(name).ok(),
        };
        Customer {
            id: CustomerId::new(now, [1; 10]),
            partner: PartnerId::new(now, [2; 10]),
            state: crate::customer::CustomerState::Active,
            registration,
            external_id: None,
            legal_nature: LegalNature::Mei,
            subjects: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether a search for the text finds the customer by name.
    fn finds(text: &str, customer: &Customer) -> bool {
        let Some(name) = Query::parse(text).and_then(|query| query.name()) else { return false };
        let has = terms(customer);
        name.terms().iter().all(|term| has.contains(term)) && name.matches(customer)
    }

    #[test]
    fn a_term_is_not_printed() {
        let printed = format!("{:?}", terms(&named("Padaria Sol")));
        assert!(
            printed.contains("name") && !printed.contains("pad") && !printed.contains("ana"),
            "{printed}"
        );
    }

    #[test]
    fn an_address_is_found_in_any_case() {
        let sought = Term::email(&Email::parse("ana@example.com").unwrap());
        assert!(terms(&named("Padaria Sol")).contains(&sought));
    }

    proptest! {
        #[test]
        fn a_customer_is_found_by_each_word_of_its_name_and_by_each_beginning(
            name in "[A-Za-zÀ-ÿ0-9]{1,12}( [A-Za-zÀ-ÿ0-9]{1,12}){0,4}", letters in 3_usize..13,
        ) {
            let customer = named(&name);
            for word in words(&name) {
                prop_assert!(finds(&word, &customer), "{word}");
                let beginning: String = word.chars().take(letters).collect();
                prop_assert!(finds(&beginning, &customer), "{beginning}");
            }
            prop_assert!(words(&name).is_empty() || finds(&name.to_uppercase(), &customer));
        }

        #[test]
        fn a_customer_is_not_found_by_words_of_others(name in "[a-m]{3,12} [a-m]{3,12}", other in "[n-z]{3,12}") {
            let customer = named(&name);
            prop_assert!(!finds(&other, &customer));
            let both = format!("{name} {other}");
            prop_assert!(!finds(&both, &customer));
        }
    }
}
