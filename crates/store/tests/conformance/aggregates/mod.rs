//! Aggregates read back equal, are sealed at rest, and are found under their partner only.

mod customers;
mod loans;
mod webhooks;

use std::convert::Infallible;
use std::time::Duration;

use domain::closed::Changed;
use domain::credit::{Decision, Outcome};
use domain::customer::{Customer, CustomerFile, CustomerRecord, CustomerState, LegalNature, Registration};
use domain::id::{CustomerId, EndpointId, PartnerId};
use domain::kyc::{KycFile, Subject, SubjectRole};
use domain::loan::iof::{IofRates, IofRegime};
use domain::loan::pricing::{Charges, Product};
use domain::loan::rates::{IofVersion, RateBook};
use domain::loan::{LinkToken, Loan, Opening};
use domain::money::{Cents, Rate};
use domain::offer::{NewOffer, Offer, OfferTerms, Term};
use domain::person::{Email, Name, Phone};
use domain::simulation::Simulation;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{RealTime, Timestamp};
use domain::webhook::endpoint::{Endpoint, EndpointInput, EndpointUpdate, Generation, NewEndpoint};
use domain::webhook::pattern::Pattern;
use domain::webhook::signature::Secret;
use store::deliveries::NewDelivery;
use store::{StoreError, Tx};

use crate::{Bench, on_both};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_780_000_000 + second)
}

pub(crate) fn real(second: i64) -> RealTime {
    at(second).unmoved()
}

pub(crate) fn partner(bench: &Bench) -> PartnerId {
    bench.write(|tx| store::partners::insert(tx, "Mercado Exemplo", real(0))).unwrap().id
}

/// Runs the body on each engine, with a new partner.
pub(crate) fn on_both_with_partner(body: impl Fn(&Bench, PartnerId)) {
    on_both(|bench| body(bench, partner(bench)));
}

/// A CPF with agreeing check digits from a number.
pub(crate) fn cpf(number: u32) -> Cpf {
    Cpf::of_number(number).unwrap()
}

pub(crate) fn customer(
    tx: &mut Tx<'_>, partner: PartnerId, number: u32, name: &str, second: i64,
) -> CustomerFile {
    let cpf = cpf(number);
    let name = Name::parse(name).ok();
    let registration = Registration {
        cpf,
        cnpj: Cnpj::parse("11222333000181").ok(),
        name: name.clone(),
        email: Email::parse("ana@example.com").ok(),
        phone: Phone::parse("+5511999999999").ok(),
        trading_name: None,
    };
    let subject = Subject { id: tx.new_id(at(second)), name, cpf, role: SubjectRole::Applicant, email: None };
    let subjects = vec![subject];
    let kyc = KycFile::opened(LegalNature::Mei, &subjects, &registration);
    let customer = Customer {
        id: tx.new_id(at(second)),
        partner,
        state: CustomerState::PendingKyc,
        registration,
        external_id: Some(format!("ext-{number}")),
        legal_nature: LegalNature::Mei,
        subjects,
        created_at: at(second),
        updated_at: at(second),
    };
    CustomerFile::restored(CustomerRecord { customer, kyc })
}

pub(crate) fn inserted(
    bench: &Bench, partner: PartnerId, number: u32, name: &'static str, second: i64,
) -> CustomerFile {
    bench
        .write(move |tx| {
            let file = customer(tx, partner, number, name, second);
            store::customers::insert_without_events(tx, &file)?;
            Ok(file)
        })
        .unwrap()
}

pub(crate) fn terms() -> OfferTerms {
    OfferTerms {
        approved_amount: Cents::new(5_000_000),
        min_amount: Cents::new(100_000),
        interest_rate: Rate::from_scaled(3_500_000),
        term: Term::Range { min: 3, max: 24 },
        product: Product {
            fee: Product::DEFAULT_FEE,
            regime: IofRegime::Simples,
            charges: Charges::Financed,
        },
    }
}

pub(crate) fn rates() -> RateBook {
    let rates = |daily| IofRates { daily: Rate::from_scaled(daily), additional: Rate::from_scaled(380_000) };
    let since = "2025-07-16".parse().unwrap();
    let reduced_up_to = Cents::new(3_000_000);
    RateBook::new(
        vec![IofVersion { since, company: rates(8_200), reduced: rates(2_740), reduced_up_to }],
        vec![],
    )
}

pub(crate) fn offer(bench: &Bench, file: &CustomerFile) -> Offer {
    let (partner, customer) = (file.customer.partner, file.customer.id);
    bench
        .write(move |tx| {
            let decision = Decision {
                inputs: vec![("revenue".to_owned(), "10".to_owned())],
                decided_by: domain::actor::Actor::Sandbox,
                valid_days: Some(10),
                id: tx.new_id(at(1)),
                customer,
                outcome: Outcome::Approved(terms()),
                policy_version: "test-1".into(),
                reasons: vec!["a reason".into()],
                decided_at: at(1),
            };
            store::credit::insert_decision(tx, partner, &decision)?;
            let open = store::credit::approved_without_offer(tx, partner, customer)?;
            assert_eq!(open, std::slice::from_ref(&decision));
            let offer = new_offer(tx, partner, customer);
            store::offers::insert_without_events(tx, &offer, decision.id)?;
            let none = store::credit::approved_without_offer(tx, partner, customer)?;
            assert_eq!(none, Vec::<Decision>::new());
            Ok(offer)
        })
        .unwrap()
}

/// A loan of the simulation that waits for signatures, with the link `a secret`.
pub(crate) fn issued(
    tx: &mut Tx<'_>, file: &CustomerFile, simulation: &Simulation, now: Timestamp,
) -> Result<Changed<Loan>, StoreError> {
    let opening = Opening::of(tx.new_id(now), &file.customer, simulation, at(600_000));
    let number = store::loans::next_ccb_number(tx, 2026)?;
    let link = || LinkToken::new("a secret".into());
    Ok(Loan::open(&opening, now).then(|loan| loan.issue(number, link, now))?)
}

/// An endpoint whose secret has been rotated.
pub(crate) fn endpoint(tx: &mut Tx<'_>, partner: PartnerId) -> Changed<Endpoint> {
    let new = NewEndpoint {
        id: tx.new_id(at(1)),
        partner,
        generation: Generation::Reference,
        url: "https://example.com/hook".into(),
        patterns: vec![Pattern::stored("loan.*".into())],
        description: None,
        secret: Secret::new([2; 32]),
    };
    let Ok(rotated) = Endpoint::create(new, at(1)).then(|endpoint| {
        Ok::<_, Infallible>(endpoint.rotate_secret(Secret::new([1; 32]), Duration::from_secs(8), real(1)))
    });
    rotated
}

/// An endpoint that was switched on or off.
pub(crate) fn switched(endpoint: Endpoint, input: EndpointInput) -> Changed<Endpoint> {
    let update = EndpointUpdate { switch: Some(input), ..EndpointUpdate::default() };
    endpoint.update(&update, at(1)).unwrap()
}

/// A delivery with the place of its making.
pub(crate) fn delivery(tx: &mut Tx<'_>, endpoint: EndpointId, place: usize) -> NewDelivery {
    NewDelivery {
        cause: domain::cause::Cause::default(),
        event_type: "loan.active",
        id: store::deliveries::ordered_id(tx, real(1), place),
        endpoint,
        event: tx.new_id(at(1)),
        body: Some("{}".into()),
        leased_until: None,
    }
}

fn new_offer(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Offer {
    let (id, valid_until) = (tx.new_id(at(1)), at(1_000_000));
    let new = NewOffer { id, customer, partner, external_id: None, terms: terms(), valid_until };
    Offer::open(new, at(1)).into_parts().0
}
