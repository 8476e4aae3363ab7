//! `dinie demo`: a partner's first loan over HTTP, with every webhook verified.

mod access;
mod lifecycle;
mod names;
mod report;
mod sink;
mod steps;

use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::money::Cents;
use serde_json::{Value, json};

pub use self::access::Access;
use self::sink::Sink;
use self::steps::Steps;
use crate::partner::{ApiGeneration, PATIENCE, Partner, cents, new_registration, text};
use crate::say;

/// The arguments of the command.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// A running sandbox; without it the demo starts its own in a temporary folder.
    #[arg(long, requires = "client_id", requires = "client_secret")]
    url: Option<String>,
    /// The credential's client id.
    #[arg(long, requires = "url")]
    client_id: Option<String>,
    /// The credential's secret.
    #[arg(long, requires = "url")]
    client_secret: Option<String>,
    /// The API generation that the demo uses.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    /// Continue from the active loan to the finished one: the signing page, payments, a reversal, an early payoff.
    #[arg(long)]
    through_finish: bool,
    /// Instead, fill a new sandbox with a portfolio of 200 customers, print a link to the operators' console, and serve
    /// until Ctrl-C. The flags of the server apply.
    #[arg(long, conflicts_with_all = ["url", "through_finish", "generation"])]
    pub console: bool,
    /// An operator's token of the running sandbox, for the operator's calls until the finish.
    #[arg(long, requires = "url")]
    operator_token: Option<String>,
}

/// The last step of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// To the active loan.
    FirstLoan,
    /// To the finished one.
    ThroughFinish,
}

/// A sandbox that ends with the demo.
pub trait Sandbox {
    /// The sandbox's URL and its credentials.
    fn access(&self) -> Access;
    /// The trial balance of the whole database in a line; an error if it is wrong.
    fn trial_balance(&self) -> impl Future<Output = anyhow::Result<String>> + Send;
    /// Stops the sandbox.
    fn stop(self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Runs the journey, in the sandbox that the arguments name or in one that `start` starts.
pub async fn run<S: Sandbox>(
    args: &DemoArgs, start: impl AsyncFnOnce() -> anyhow::Result<S>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let course = if args.through_finish { Course::ThroughFinish } else { Course::FirstLoan };
    let (access, own) = match (&args.url, &args.client_id, &args.client_secret) {
        (Some(url), Some(id), Some(secret)) => {
            let token = args.operator_token.clone();
            ensure!(
                token.is_some() || course == Course::FirstLoan,
                "--through-finish needs --operator-token: dinie operator create prints one"
            );
            let (url, client_id, client_secret) = (url.clone(), id.clone(), secret.clone());
            (Access { url, client_id, client_secret, operator_token: token }, None)
        }
        _its_own => start().await.map(|own| (own.access(), Some(own)))?,
    };
    let steps = Steps::new(match course {
        Course::FirstLoan => 9,
        Course::ThroughFinish => 16,
    });
    let outcome = journey(&steps, args.generation, course, &access).await;
    steps.end();
    if let Some(own) = own {
        if outcome.is_ok() && course == Course::ThroughFinish {
            say(&format!("\n{}", own.trial_balance().await?));
        }
        own.stop().await?;
    }
    outcome?;
    say(&format!("\nEverything as documented, in {:.1} s.", began.elapsed().as_secs_f32()));
    Ok(())
}

async fn journey(
    steps: &Steps, generation: ApiGeneration, course: Course, access: &Access,
) -> anyhow::Result<()> {
    let names = names::of(generation);
    steps.begin("requesting an access token");
    let base = format!("{}{}", access.url, generation.base());
    let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
    steps.done("access token");

    steps.begin("registering a webhook endpoint");
    let sink = Sink::start().await?;
    let endpoint = partner.post("/webhooks/endpoints", &json!({"url": sink.url}), 201).await?;
    let secret = text(&endpoint, "secret")?;
    steps.done(&format!("webhook endpoint {} → {}", text(&endpoint, "id")?, sink.url));

    let customer = registered_customer(steps, generation, course, &partner).await?;
    let offer = offer_of(steps, &partner, &customer).await?;
    let loan = loan_of(steps, generation, &partner, &offer).await?;

    let mut lifecycle = lifecycle::Lifecycle::new(&partner, access, &loan)?;
    if course == Course::ThroughFinish {
        lifecycle.sign(steps).await?;
    }
    steps.begin("waiting for signature and disbursement");
    let path = format!("/loans/{}", text(&loan, "id")?);
    let loan = partner.until(&path, "status", "active").await?;
    let transactions = partner.get(&format!("{path}/transactions?limit=100")).await?;
    check_installments(generation, &loan, &transactions)?;
    steps.done(&format!("active loan {} with {} installments", text(&loan, "id")?, loan[generation.count()]));

    let mut expected = names.expected();
    if course == Course::ThroughFinish {
        lifecycle.through_finish(steps).await?;
        expected.extend(lifecycle::EVENTS);
    }

    steps.begin("verifying the webhooks");
    let events = sink.wait_for(&expected, PATIENCE).await?;
    let wrong = events.iter().filter(|event| !event.is_signed_with(&secret)).count();
    ensure!(wrong == 0, "{wrong} webhooks have a wrong signature");
    steps.done(&format!("{} webhooks, every signature right", events.len()));

    partner
        .call(reqwest::Method::DELETE, &format!("/webhooks/endpoints/{}", text(&endpoint, "id")?), None, 204)
        .await?;
    let (loan, transactions) = match course {
        Course::FirstLoan => (loan, transactions),
        Course::ThroughFinish => {
            (partner.get(&path).await?, partner.get(&format!("{path}/transactions?limit=100")).await?)
        }
    };
    report::print(names, &events, &loan, &transactions);
    if course == Course::ThroughFinish {
        lifecycle.print_ledger().await?;
    }
    Ok(())
}

async fn registered_customer(
    steps: &Steps, generation: ApiGeneration, course: Course, partner: &Partner,
) -> anyhow::Result<Value> {
    steps.begin("registering a company");
    let tags = match course {
        Course::FirstLoan => "",
        Course::ThroughFinish => "never_signs",
    };
    let customer = partner.post("/customers", &new_registration(tags), 201).await?;
    let id = text(&customer, "id")?;
    steps.done(&format!("customer {id}"));
    steps.begin("submitting its documents");
    generation.submit_files(partner, &customer).await?;
    let customer = partner.until(&format!("/customers/{id}"), "status", "active").await?;
    steps.done("documents accepted, customer active");
    Ok(customer)
}

async fn offer_of(steps: &Steps, partner: &Partner, customer: &Value) -> anyhow::Result<Value> {
    steps.begin("waiting for an offer");
    let path = format!("/customers/{}/credit-offers?status=available", text(customer, "id")?);
    let offer = partner.first(&path).await?;
    let amount = cents(&offer["approved_amount"])?;
    steps.done(&format!("offer {} of up to R$ {amount}", text(&offer, "id")?));
    Ok(offer)
}

async fn loan_of(
    steps: &Steps, generation: ApiGeneration, partner: &Partner, offer: &Value,
) -> anyhow::Result<Value> {
    steps.begin("simulating");
    let offer_id = text(offer, "id")?;
    let simulation = generation.simulate(partner, &offer_id, Cents::new(1_000_000), 12).await?;
    steps.done(&format!("simulation: 12 × R$ {}", cents(&simulation[generation.installment()])?));
    steps.begin("creating the loan");
    let body = generation.loan_request(&offer_id, &simulation);
    let loan = partner.post("/loans", &body, 201).await?;
    for (figure, simulated) in names::of(generation).figures {
        ensure!(loan[figure] == simulation[simulated], "the loan's {figure} is not the simulation's");
    }
    let again = partner.post("/loans", &body, 201).await?;
    ensure!(again == loan, "the same request under the same key made another loan");
    steps.done(&format!("loan {} with contract {}", text(&loan, "id")?, text(&loan, "ccb_number")?));
    Ok(loan)
}

/// The installments must add up to the loan.
fn check_installments(generation: ApiGeneration, loan: &Value, transactions: &Value) -> anyhow::Result<()> {
    let rows = transactions["data"].as_array().context("the transactions are no list")?;
    let count = loan[generation.count()].as_u64();
    ensure!(Some(rows.len() as u64) == count, "{} installments", rows.len());
    let mut sum = Cents::ZERO;
    for row in rows {
        sum += cents(&row["amount_due"])?;
    }
    let total = cents(&loan["total_amount"])?;
    ensure!(sum == total, "the installments add up to {sum}, not to {total}");
    Ok(())
}
