//! `dinie trigger`: makes an event happen in a running sandbox, on a new customer of its own.

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::event::EventKind;
use domain::money::Cents;
use domain::time::Timestamp;
use serde_json::{Value, json};
use wire::generations::{event_kind, event_names};

use crate::access::AccessFlags;
use crate::partner::{ApiGeneration, FILES, Partner, iso, moment, new_registration, text};
use crate::{say, say_error};

/// What it is told.
#[derive(Debug, Args)]
pub struct TriggerArgs {
    /// The event's name, such as loan.active; without it, all names are told.
    event: Option<String>,
    /// The API generation that it speaks.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    #[command(flatten)]
    access: AccessFlags,
}

/// Makes the event happen, and prints it.
pub async fn run(args: &TriggerArgs) -> anyhow::Result<()> {
    let generation = args.generation;
    let names = || event_names(generation.spoken()).join(", ");
    let name = args.event.as_ref().with_context(|| format!("name an event: {}", names()))?;
    let kind = event_kind(generation.spoken(), name)
        .with_context(|| format!("there is no event {name}; there are {}", names()))?;
    let access = args.access.access()?;
    ensure!(
        access.client_id.starts_with("dinie_ci_test_"),
        "what it makes is not undone, so it takes a sandbox's credential: dinie_ci_test_…"
    );
    let base = format!("{}{}", access.url, generation.base());
    let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
    let sandbox = partner.at(format!("{}/sandbox", access.url), None);
    let subject = Journey { generation, partner: &partner, sandbox: &sandbox }.drive(kind).await?;
    let told = |events: &Value| {
        let mut events = events["data"].as_array().into_iter().flatten();
        events.find(|event| is_about(event, &subject)).cloned()
    };
    let event = partner.waited(&format!("/events?type={name}&limit=100"), &subject, told).await?;
    say(&serde_json::to_string_pretty(&event)?);
    Ok(())
}

/// Whether an event is about a resource, or about an offer to a customer.
fn is_about(event: &Value, subject: &str) -> bool {
    event["data"]["id"] == subject || event["data"]["customer_id"] == subject
}

/// What a customer is steered by, in the tags of its address.
fn tags(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CustomerDenied => "denied",
        EventKind::LoanPaymentReceived => "pays_on_time",
        EventKind::LoanFinished => "pays_on_time+small_offer",
        EventKind::LoanCancelled => "never_signs",
        EventKind::LoanError => "disbursement_failed",
        EventKind::CustomerCreated
        | EventKind::CustomerUnderReview
        | EventKind::CustomerActive
        | EventKind::CustomerKycUpdated
        | EventKind::OfferAvailable
        | EventKind::OfferExpired
        | EventKind::LoanCreated
        | EventKind::LoanContractGenerated
        | EventKind::LoanAwaitingSignatures
        | EventKind::LoanSignatureReceived
        | EventKind::LoanSigned
        | EventKind::LoanDisbursing
        | EventKind::LoanActive
        | EventKind::BiometricsOpened => "",
    }
}

/// How far a new customer is to go.
struct Journey<'a> {
    generation: ApiGeneration,
    partner: &'a Partner,
    sandbox: &'a Partner,
}

impl Journey<'_> {
    /// Does what leads to an event; returns the id of what it will be about.
    async fn drive(&self, kind: EventKind) -> anyhow::Result<String> {
        let customer = self.partner.post("/customers", &new_registration(tags(kind)), 201).await?;
        let id = done(&customer, "customer")?;
        match kind {
            EventKind::CustomerCreated => Ok(id),
            EventKind::CustomerKycUpdated => {
                self.generation.hand_in_one(self.partner, &customer, &FILES[0]).await?;
                Ok(id)
            }
            EventKind::CustomerUnderReview
            | EventKind::CustomerActive
            | EventKind::CustomerDenied
            | EventKind::OfferAvailable => {
                self.generation.hand_in(self.partner, &customer).await?;
                Ok(id)
            }
            EventKind::OfferExpired => {
                let offer = self.offer(&customer).await?;
                self.wait_past(moment(&offer["valid_until"])?).await?;
                text(&offer, "id")
            }
            EventKind::LoanCreated
            | EventKind::LoanContractGenerated
            | EventKind::LoanAwaitingSignatures
            | EventKind::LoanSignatureReceived
            | EventKind::LoanSigned
            | EventKind::LoanDisbursing
            | EventKind::LoanActive
            | EventKind::LoanError => self.loan(&customer, 12).await,
            EventKind::LoanPaymentReceived => self.paid(&customer, 12, Paid::First).await,
            EventKind::LoanFinished => self.paid(&customer, 6, Paid::All).await,
            EventKind::LoanCancelled => {
                let loan = self.loan(&customer, 12).await?;
                let now = self.sandbox.get("/clock").await?;
                let week = std::time::Duration::from_secs(7 * 86_400);
                self.wait_past(moment(&now["now"])?.plus(week)).await?;
                Ok(loan)
            }
            EventKind::BiometricsOpened => anyhow::bail!("partners do not hear of it"),
        }
    }

    /// The offer of a customer whose KYC has been accepted.
    async fn offer(&self, customer: &Value) -> anyhow::Result<Value> {
        self.generation.hand_in(self.partner, customer).await?;
        let path = format!("/customers/{}/credit-offers?status=available", text(customer, "id")?);
        let offer = self.partner.first(&path).await?;
        done(&offer, "offer")?;
        Ok(offer)
    }

    /// The id of a loan of a customer's offer.
    async fn loan(&self, customer: &Value, installments: u16) -> anyhow::Result<String> {
        let offer = text(&self.offer(customer).await?, "id")?;
        let requested = Cents::new(300_000);
        let simulation = self.generation.simulate(self.partner, &offer, requested, installments).await?;
        let request = self.generation.loan_request(&offer, &simulation);
        done(&self.partner.post("/loans", &request, 201).await?, "loan")
    }

    /// The id of a loan that was paid.
    async fn paid(&self, customer: &Value, installments: u16, paid: Paid) -> anyhow::Result<String> {
        let loan = self.loan(customer, installments).await?;
        self.partner.until(&format!("/loans/{loan}"), "status", "active").await?;
        let path = format!("/loans/{loan}/transactions?limit=100");
        let transactions = self.partner.get(&path).await?;
        let rows = transactions["data"].as_array().context("the transactions are no list")?;
        let last = match paid {
            Paid::First => rows.first(),
            Paid::All => rows.last(),
        };
        let due = text(last.context("no installments")?, "due_date")?.parse()?;
        self.wait_past(Timestamp::end_of_business_date(due)).await?;
        Ok(loan)
    }

    /// Lets time pass until after a moment, for this partner.
    async fn wait_past(&self, until: Timestamp) -> anyhow::Result<()> {
        let until = iso(until.plus(std::time::Duration::from_secs(2)));
        self.sandbox.post("/clock/advance", &json!({"until": until}), 200).await?;
        say_error(&format!("clock     {until}"));
        Ok(())
    }
}

/// Which installments are to be paid.
#[derive(Clone, Copy)]
enum Paid {
    First,
    All,
}

/// Says what was made, beside the event, which alone is the output; returns its id.
fn done(made: &Value, what: &str) -> anyhow::Result<String> {
    let id = text(made, "id")?;
    say_error(&format!("{what:<9} {id}"));
    Ok(id)
}
