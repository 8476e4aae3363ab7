//! `dinie trigger`: makes an event happen in a running sandbox, on a new customer, or sends a sample of it.
//!
//! It never moves the partner's main clock. A customer whose event needs time is on a clock that the command makes.
//!
//! Reasons: docs/decisions/0041.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::course::{Course, Steps, course};
use domain::event::EventKind;
use domain::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use wire::generations::{event_kind, event_names};

use crate::access::AccessFlags;
use crate::failure::Failure;
use crate::hint::did_you_mean;
use crate::output::{Output, OutputFlags, say_value};
use crate::overrides::Overrides;
use crate::partner::{ApiGeneration, FILES, Partner, iso, key, moment, text};
use crate::say_error;

/// The arguments of the command.
#[derive(Args)]
pub struct TriggerArgs {
    /// The event's name, such as loan.active. Without it, the command lists all names.
    event: Option<String>,
    /// Sends a sample to each active endpoint of the partner instead. Nothing happens to a customer.
    #[arg(long)]
    sample: bool,
    /// A value instead of the invented one, such as loan.requested_amount=5000.00 or customer.name=…; may be repeated.
    #[arg(long = "override", value_name = "NAME=VALUE", conflicts_with = "sample")]
    overrides: Vec<String>,
    /// A file of JSON with such values: {"customer": {…}, "loan": {…}}.
    #[arg(long, value_name = "FILE", conflicts_with = "sample")]
    fixture: Option<PathBuf>,
    /// The API generation that the command uses.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    access: AccessFlags,
}

impl TriggerArgs {
    fn overrides(&self) -> anyhow::Result<Overrides> {
        Ok(Overrides::read(self.fixture.as_deref(), &self.overrides)?)
    }
}

/// Makes the event happen, and prints it. An event without a course is sent as a sample.
pub async fn run(args: &TriggerArgs) -> anyhow::Result<()> {
    let generation = args.generation;
    let names = event_names(generation.to_domain());
    let known = || names.join(", ");
    let name = args.event.as_ref().ok_or_else(|| Failure::Usage(format!("name an event: {}", known())))?;
    let kind = event_kind(generation.to_domain(), name).ok_or_else(|| {
        let hint = did_you_mean(name, names.iter().copied());
        Failure::Usage(format!("there is no event {name}{hint}; there are {}", known()))
    })?;
    args.overrides()?;
    let access = args.access.access()?;
    if !access.client_id.starts_with("dinie_ci_test_") {
        let why = "the event cannot be undone, so the command needs a sandbox's credential: dinie_ci_test_…";
        return Err(Failure::Usage(why.to_owned()).into());
    }
    let base = format!("{}{}", access.url, generation.base());
    let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
    match course(kind).filter(|_| !args.sample) {
        Some(course) => happen(args, &partner, &access.url, name, course).await,
        None => send_samples(&partner, name, args.output.or(Output::Json)).await,
    }
}

/// Makes an event happen, and prints it as the list of events shows it.
async fn happen(
    args: &TriggerArgs, partner: &Partner, url: &str, name: &str, course: &Course,
) -> anyhow::Result<()> {
    let sandbox = partner.at(format!("{url}/sandbox"), None);
    let overrides = args.overrides()?;
    let clock = if course.steps.need_time() { Some(own_clock(&sandbox, name).await?) } else { None };
    let journey =
        Journey { generation: args.generation, partner, sandbox: &sandbox, overrides: &overrides, clock };
    let subject = journey.drive(course).await?;
    let shown = |events: &Value| {
        let mut events = events["data"].as_array().into_iter().flatten();
        events.find(|event| is_about(event, &subject)).map(|event| text(event, "id"))
    };
    let id = partner.waited(&format!("/events?type={name}&limit=100"), &subject, shown).await??;
    // Read once more for the order of its fields.
    let path = format!("/events/{id}");
    let event = partner.answer(partner.request(Method::GET, &path), &format!("GET {path}")).await?;
    say_value(&event, args.output.or(Output::Json));
    Ok(())
}

/// The beginning of the names of this command's clocks.
const OWN: &str = "dinie trigger ";

/// Makes a clock for a run, and returns its id. The clock stays, so that its customer can be looked at. If the sandbox
/// has no room for one more, the oldest clock of this command is deleted with its customer.
async fn own_clock(sandbox: &Partner, event: &str) -> anyhow::Result<String> {
    let body = json!({"name": format!("{OWN}{event}")});
    let made = match sandbox.post("/clocks", &body, 201).await {
        Err(error) if is_refused_as_full(&error) && delete_oldest(sandbox).await? => {
            sandbox.post("/clocks", &body, 201).await?
        }
        made => made?,
    };
    done(&made, "clock")
}

/// Whether a clock was not made because there are too many.
fn is_refused_as_full(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Failure::Answered(answered)) if answered.status == 409)
}

/// Deletes the oldest clock of this command; `false` if it has none.
async fn delete_oldest(sandbox: &Partner) -> anyhow::Result<bool> {
    let clocks = sandbox.get("/clocks").await?;
    let mut clocks = clocks["data"].as_array().into_iter().flatten();
    let own = |clock: &&Value| clock["name"].as_str().is_some_and(|name| name.starts_with(OWN));
    let Some(oldest) = clocks.find(own) else { return Ok(false) };
    let id = text(oldest, "id")?;
    sandbox.call(Method::DELETE, &format!("/clocks/{id}"), None, 204).await?;
    say_error(&format!("deleted   {id}"));
    Ok(true)
}

/// Sends a sample of an event to each active endpoint, and prints the deliveries.
async fn send_samples(partner: &Partner, name: &str, output: Output) -> anyhow::Result<()> {
    let endpoints = partner.get("/webhooks/endpoints?limit=100").await?;
    let mut sent = 0;
    for endpoint in endpoints["data"].as_array().context("the endpoints are no list")? {
        if endpoint["status"] != "active" {
            continue;
        }
        let path = format!("/webhooks/endpoints/{}/test", text(endpoint, "id")?);
        let request = partner.request(Method::POST, &path).header("idempotency-key", key(None));
        let body = json!({"type": name}).to_string();
        let request = request.header("content-type", "application/json").body(body);
        let delivery = partner.answer(request, &format!("POST {path}")).await?;
        say_value(&delivery, output);
        sent += 1;
    }
    ensure!(sent > 0, "no sample was sent, because the partner has no active endpoint");
    Ok(())
}

/// Whether an event is about a resource, or about an offer to a customer.
fn is_about(event: &Value, subject: &str) -> bool {
    event["data"]["id"] == subject || event["data"]["customer_id"] == subject
}

/// Whether the command can make an event happen, and not only send a sample of it.
pub fn can_happen(event: EventKind) -> bool {
    course(event).is_some()
}

/// The journey of a new customer through one generation.
struct Journey<'a> {
    generation: ApiGeneration,
    partner: &'a Partner,
    sandbox: &'a Partner,
    overrides: &'a Overrides,
    /// The clock of the customer; `None` for the main clock, which does not move.
    clock: Option<String>,
}

impl Journey<'_> {
    /// Takes the steps of a course. Returns the id of the resource that the event is about.
    async fn drive(&self, course: &Course) -> anyhow::Result<String> {
        let mut registration = self.overrides.registration(course.tags);
        if let Some(clock) = &self.clock {
            registration["clock_id"] = clock.as_str().into();
        }
        let customer = self.partner.post("/customers", &registration, 201).await?;
        let id = done(&customer, "customer")?;
        match course.steps {
            Steps::Register => Ok(id),
            Steps::SubmitFile => {
                self.generation.submit_file(self.partner, &customer, &FILES[0]).await?;
                Ok(id)
            }
            Steps::SubmitFiles => {
                self.generation.submit_files(self.partner, &customer).await?;
                Ok(id)
            }
            Steps::LetOfferLapse => {
                let offer = self.offer(&customer).await?;
                self.wait_past(moment(&offer["valid_until"])?).await?;
                text(&offer, "id")
            }
            Steps::TakeLoan => self.loan(&customer, 12).await,
            Steps::PayFirst => self.paid(&customer, 12, Paid::First).await,
            Steps::PayAll => self.paid(&customer, 6, Paid::All).await,
            Steps::LetLoanLapse => {
                let loan = self.loan(&customer, 12).await?;
                let now = self.sandbox.get(&self.clock_path()?).await?;
                let week = std::time::Duration::from_secs(7 * 86_400);
                self.wait_past(moment(&now["now"])?.plus(week)).await?;
                Ok(loan)
            }
        }
    }

    /// The offer of a customer whose KYC has been accepted.
    async fn offer(&self, customer: &Value) -> anyhow::Result<Value> {
        self.generation.submit_files(self.partner, customer).await?;
        let path = format!("/customers/{}/credit-offers?status=available", text(customer, "id")?);
        let offer = self.partner.first(&path).await?;
        done(&offer, "offer")?;
        Ok(offer)
    }

    /// The id of a loan of a customer's offer.
    async fn loan(&self, customer: &Value, installments: u16) -> anyhow::Result<String> {
        let offer = text(&self.offer(customer).await?, "id")?;
        let installments = self.overrides.installments(installments);
        let requested = self.overrides.requested();
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

    /// Lets time pass on the customer's clock until after a moment.
    async fn wait_past(&self, until: Timestamp) -> anyhow::Result<()> {
        let until = iso(until.plus(std::time::Duration::from_secs(2)));
        self.sandbox.post(&format!("{}/advance", self.clock_path()?), &json!({"until": until}), 200).await?;
        say_error(&format!("time      {until}"));
        Ok(())
    }

    /// The path of the customer's clock.
    fn clock_path(&self) -> anyhow::Result<String> {
        let clock = self.clock.as_ref().context("a course that needs time has a clock")?;
        Ok(format!("/clocks/{clock}"))
    }
}

/// The installments to pay.
#[derive(Clone, Copy)]
enum Paid {
    First,
    All,
}

/// Prints the resource that was made on the error stream, because the output is only the event. Returns the
/// resource's id.
fn done(made: &Value, what: &str) -> anyhow::Result<String> {
    let id = text(made, "id")?;
    say_error(&format!("{what:<9} {id}"));
    Ok(id)
}
