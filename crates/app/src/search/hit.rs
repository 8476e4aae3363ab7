//! A hit of a search, with what people recognize it by.

use domain::customer::Customer;
use domain::search::{Kind, Match};
use store::search::exact::Place;

/// A found resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its kind.
    pub kind: Kind,
    /// Its id. The number of an entry of the audit trail.
    pub id: String,
    /// Its partner, if it has one.
    pub partner: Option<String>,
    /// Its customer, if it has one.
    pub customer: Option<String>,
    /// The name of its company, or else of the person; the name of a resource without a customer.
    pub title: Option<String>,
    /// The masked CNPJ of its company, or else the masked CPF of the person.
    pub tax_id: Option<String>,
    /// A number or word of its own, such as the number of the contract.
    pub label: Option<String>,
    /// The resource that it is a part of: the loan of an installment or a payment, the endpoint of a delivery.
    pub within: Option<String>,
    /// Its state, if it has one.
    pub state: Option<String>,
    /// The value by which it was found.
    pub matched: Match,
}

impl Hit {
    /// A found customer.
    pub(super) fn of_customer(customer: &Customer, matched: Match) -> Self {
        let id = customer.id.to_string();
        let hit = Self {
            kind: Kind::Customer,
            id: id.clone(),
            partner: Some(customer.partner.to_string()),
            customer: Some(id),
            title: None,
            tax_id: None,
            label: None,
            within: None,
            state: Some(customer.state.name().to_owned()),
            matched,
        };
        hit.about(customer)
    }

    /// A resource at its place.
    pub(super) fn at(place: Place, matched: Match) -> Self {
        let Place { kind, id, partner, customer, state, label, within } = place;
        Self { kind, id, partner, customer, title: None, tax_id: None, label, within, state, matched }
    }

    /// The hit with the names of its customer.
    pub(super) fn about(mut self, customer: &Customer) -> Self {
        let registration = &customer.registration;
        self.title = registration.known_as().map(ToString::to_string);
        self.tax_id = Some(registration.masked_tax_id());
        self
    }
}
