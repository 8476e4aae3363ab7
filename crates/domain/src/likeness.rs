//! The values that two customers have in common, so that they may be the same.
//!
//! Nobody gives the lender a postal address: a proof of address is a file. So the same address shows in the same file,
//! e-mail address or telephone.

use crate::customer::Customer;
use crate::person::Email;
use crate::spelled;

/// A value that two customers have in common, the strongest sign first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// The CNPJ of the company.
    Cnpj,
    /// The CPF of the person responsible for the company.
    Cpf,
    /// The bank account.
    BankAccount,
    /// A file that was sent for the KYC, byte for byte.
    Document,
    /// The telephone number.
    Phone,
    /// An e-mail address.
    Email,
}

spelled!(Likeness {
    Cnpj = "cnpj",
    Cpf = "cpf",
    BankAccount = "bank_account",
    Document = "document",
    Phone = "phone",
    Email = "email",
});

impl Likeness {
    /// The values that the registrations and the people of two customers have in common.
    pub fn between(one: &Customer, other: &Customer) -> Vec<Self> {
        let (ours, theirs) = (&one.registration, &other.registration);
        let has_email = |email: &Email| other.emails().any(|theirs| theirs.mailbox() == email.mailbox());
        let found = [
            (ours.cnpj.is_some() && ours.cnpj == theirs.cnpj, Self::Cnpj),
            (ours.cpf == theirs.cpf, Self::Cpf),
            (ours.phone.is_some() && ours.phone == theirs.phone, Self::Phone),
            (one.emails().any(has_email), Self::Email),
        ];
        found.into_iter().filter_map(|(is_alike, likeness)| is_alike.then_some(likeness)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::{CustomerState, LegalNature, Registration};
    use crate::id::{CustomerId, PartnerId, ResourceId as _};
    use crate::kyc::{Subject, SubjectRole};
    use crate::person::Phone;
    use crate::tax_id::{Cnpj, Cpf};
    use crate::time::Timestamp;

    fn customer(number: u8) -> Customer {
        let now = Timestamp::from_seconds(1_780_000_000);
        let digits = 100_000_000 + u32::from(number);
        Customer {
            id: CustomerId::new(now, [number; 10]),
            partner: PartnerId::new(now, [number; 10]),
            state: CustomerState::Active,
            registration: Registration {
                cpf: Cpf::of_number(digits).unwrap(),
                cnpj: Some(Cnpj::of_number(digits)),
                name: None,
                email: Email::parse(&format!("c{number}@example.com")).ok(),
                phone: Phone::parse(&format!("+55119{digits:08}")).ok(),
                trading_name: None,
            },
            external_id: None,
            legal_nature: LegalNature::Ltda,
            subjects: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn customers_are_alike_by_each_value_that_both_have() {
        let (one, mut other) = (customer(1), customer(2));
        assert_eq!(Likeness::between(&one, &other), []);
        other.registration.phone.clone_from(&one.registration.phone);
        assert_eq!(Likeness::between(&one, &other), [Likeness::Phone]);
        other.registration.cnpj = one.registration.cnpj;
        other.registration.cpf = one.registration.cpf;
        assert_eq!(Likeness::between(&one, &other), [Likeness::Cnpj, Likeness::Cpf, Likeness::Phone]);
    }

    #[test]
    fn what_neither_customer_gave_is_nothing_in_common() {
        let (mut one, mut other) = (customer(1), customer(2));
        for customer in [&mut one, &mut other] {
            customer.registration.cnpj = None;
            customer.registration.phone = None;
            customer.registration.email = None;
        }
        assert_eq!(Likeness::between(&one, &other), []);
    }

    #[test]
    fn the_address_of_a_co_owner_counts_in_any_case() {
        let (one, mut other) = (customer(1), customer(2));
        other.subjects.push(Subject {
            id: crate::id::SubjectId::new(one.created_at, [9; 10]),
            name: None,
            cpf: Cpf::of_number(100_000_009).unwrap(),
            role: SubjectRole::CoOwner,
            email: Email::parse("C1@Example.com").ok(),
        });
        assert_eq!(Likeness::between(&one, &other), [Likeness::Email]);
        assert_eq!(Likeness::between(&other, &one), [Likeness::Email]);
    }
}
