//! One signed delivery of each event of the client libraries' generation, for their own suite to verify and parse.

use domain::credential::Environment;
use domain::customer::{Customer, CustomerEvent, CustomerFile, CustomerState, LegalNature, Registration};
use domain::event::{Event, Happening};
use domain::id::{
    CustomerId, DeliveryId, EventId, LoanId, OfferId, PartnerId, ResourceId, SimulationId, SubjectId,
};
use domain::kyc::{KycFile, Subject, SubjectRole};
use domain::links::Links;
use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::loan::{Failure, LinkToken, Loan, LoanEvent, LoanState, PaymentReceived, Signatures};
use domain::money::{Cents, Rate};
use domain::offer::{Offer, OfferEvent, OfferState, OfferTerms, Term};
use domain::person::{Email, Name, Phone};
use domain::simulation::simulate;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use domain::webhook::endpoint::Generation;
use domain::webhook::signature::{self, Secret};
use serde_json::json;
use server::app::registry::CompanyRegistry;

use crate::architecture::root;
use crate::support::{START, TestApp};

fn id<I: ResourceId>(place: u8) -> I {
    I::new(START, [place; 10])
}

fn customer(state: CustomerState) -> Box<CustomerFile> {
    let registration = Registration {
        cpf: Cpf::parse("529.982.247-25").unwrap(),
        cnpj: Some(Cnpj::parse("11.222.333/0001-81").unwrap()),
        name: Some(Name::parse("Ana Souza").unwrap()),
        email: Some(Email::parse("ana@example.com").unwrap()),
        phone: Some(Phone::parse("+5511999999999").unwrap()),
        trading_name: Some(Name::parse("Doces da Ana").unwrap()),
    };
    let co_owner = CompanyRegistry::of(Environment::Sandbox).look_up(&Registration {
        email: Some(Email::parse("ana+ltda@example.com").unwrap()),
        ..registration.clone()
    });
    let co_owner = &co_owner.co_owners[0];
    let subject =
        |place, name, cpf, role| Subject { id: id::<SubjectId>(place), name, cpf, role, email: None };
    let subjects = vec![
        subject(1, registration.name.clone(), registration.cpf, SubjectRole::Applicant),
        subject(2, co_owner.name.clone(), co_owner.cpf, SubjectRole::CoOwner),
    ];
    let kyc = KycFile::opened(LegalNature::Ltda, &subjects, &registration);
    let customer = Customer {
        id: id::<CustomerId>(3),
        partner: id::<PartnerId>(4),
        version: 1,
        state,
        registration,
        external_id: Some("merchant-1".into()),
        legal_nature: LegalNature::Ltda,
        subjects,
        created_at: START,
        updated_at: START,
    };
    Box::new(CustomerFile { customer, kyc })
}

fn offer(state: OfferState) -> Offer {
    let product =
        Product { fee: Product::DEFAULT_FEE, regime: IofRegime::Simples, charges: Charges::Financed };
    let terms = OfferTerms {
        approved_amount: Cents::new(5_000_000),
        min_amount: Cents::new(100_000),
        interest_rate: Rate::from_scaled(3_500_000),
        term: Term::Range { min: 3, max: 24 },
        product,
    };
    Offer {
        id: id::<OfferId>(5),
        partner: id(4),
        version: 1,
        customer: id(3),
        external_id: Some("merchant-1".into()),
        state,
        terms,
        valid_until: START.plus(std::time::Duration::from_secs(86_400)),
        created_at: START,
        updated_at: START,
    }
}

fn loan(app: &TestApp, state: LoanState, signed: usize) -> Box<Loan> {
    let offer = offer(OfferState::Available);
    let book = &app.state.config.rates;
    let simulation = simulate(&offer, id::<SimulationId>(6), START, Cents::new(1_000_050), 12, book).unwrap();
    let subjects = customer(CustomerState::Active).customer.subjects;
    let mut loan = Loan::open(id::<LoanId>(7), id(3), &simulation, &subjects, None, START, offer.valid_until);
    loan.ccb_number = Some(domain::loan::CcbNumber { year: 2026, number: 1 });
    loan.signers[0].link = Some(LinkToken::new("a-link".into()));
    for signer in loan.signers.iter_mut().take(signed) {
        signer.signed_at = Some(START);
    }
    loan.state = state;
    Box::new(loan)
}

fn happenings(app: &TestApp) -> Vec<Happening> {
    let customer = |event, state| Happening::Customer(event, customer(state));
    let offer = |event, state| Happening::Offer(event, Box::new(offer(state)));
    let loan = |event, state, signed| Happening::Loan(event, loan(app, state, signed));
    let payment = PaymentReceived { amount: Cents::new(103_482), paid_at: START, installment_number: 12 };
    let waiting = |received| LoanState::AwaitingSignatures(Signatures { received, required: 2 });
    let failure = Failure { code: "disbursement_failed".into(), message: "O Pix foi devolvido.".into() };
    vec![
        customer(CustomerEvent::Created, CustomerState::PendingKyc),
        customer(CustomerEvent::UnderReview, CustomerState::UnderReview),
        customer(CustomerEvent::Active, CustomerState::Active),
        customer(CustomerEvent::Denied, CustomerState::Denied),
        customer(CustomerEvent::KycUpdated, CustomerState::PendingKyc),
        offer(OfferEvent::Available, OfferState::Available),
        offer(OfferEvent::Expired, OfferState::Expired),
        loan(LoanEvent::AwaitingSignatures, waiting(0), 0),
        loan(LoanEvent::SignatureReceived, waiting(1), 1),
        loan(LoanEvent::Disbursing, LoanState::Disbursing, 2),
        loan(LoanEvent::Active, LoanState::Active { since: START }, 2),
        loan(LoanEvent::PaymentReceived(payment), LoanState::Finished { since: START }, 2),
        loan(LoanEvent::Finished, LoanState::Finished { since: START }, 2),
        loan(LoanEvent::Cancelled, LoanState::Cancelled, 0),
        loan(LoanEvent::Error, LoanState::Error(failure), 2),
    ]
}

/// `UPDATE_SAMPLES=1 cargo test -p server --test it` writes the file anew.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the variable is this test's own switch")]
async fn the_committed_deliveries_are_the_servers() {
    let app = TestApp::new().await;
    let (secret, links) = (Secret::new([9; 32]), Links::new("https://dinie.test"));
    let sample = |(happening, place): (Happening, u8)| {
        let event = Event { id: id::<EventId>(place), partner: id(4), occurred_at: START, happening };
        let rendered =
            server::generations::render(Generation::Sdk, &event, id::<DeliveryId>(place), &links).unwrap();
        let (webhook_id, at) = (event.id.to_string(), Timestamp::seconds(START));
        let signature = signature::header(&[&secret], &webhook_id, at, &rendered.body);
        json!({
            "type": rendered.name,
            "headers": {
                "webhook-id": webhook_id, "webhook-timestamp": at.to_string(), "webhook-signature": signature
            },
            "body": String::from_utf8(rendered.body).unwrap()
        })
    };
    let events: Vec<_> = happenings(&app).into_iter().zip(1..).map(sample).collect();
    let mut names: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    names.sort_unstable();
    let mut all = wire::sdk::event::NAMES.to_vec();
    all.sort_unstable();
    assert_eq!(names, all);
    let mut written =
        serde_json::to_string_pretty(&json!({"secret": secret.reveal(), "events": events})).unwrap();
    written.push('\n');
    let path = root().join("crates/server/tests/it/samples/sdk_events.json");
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == written, "the samples are not the server's; run with UPDATE_SAMPLES=1");
}
