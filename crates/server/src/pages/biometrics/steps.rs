//! The page of a session in progress: its steps, and the account.

use app::Failed;
use app::kyc::sessions::{SessionRefused, is_file};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::bank::{Bank, BankAccount};
use domain::customer::CustomerState;
use domain::kyc::BiometricsSession;

use super::messages::{Wrong, no_session};
use super::requirements::{Step, step};
use crate::http::problem::of_store;
use crate::pages::answer::{failure, page};
use crate::pages::form::Form;
use crate::state::AppState;

/// Messages beside the steps: the fault, and the refused account.
#[derive(Default)]
pub(super) struct StepMessages {
    pub(super) wrong: Vec<Wrong>,
    pub(super) account: Form,
}

#[derive(Template)]
#[template(path = "biometrics.html")]
struct Steps {
    wrong: Vec<Wrong>,
    form: Form,
    /// Whether files are still accepted. After the review has begun, only the account is.
    pending: bool,
    minutes: u64,
    done: usize,
    requirements: Vec<Step>,
    has_cnpj: bool,
    account: Option<AccountShown>,
    banks: &'static [Bank],
    lacking: Vec<(String, &'static str)>,
}

struct AccountShown {
    bank: String,
    number: String,
}

/// Shows the steps of a session.
pub(super) async fn steps(state: &AppState, session: &BiometricsSession, messages: StepMessages) -> Response {
    let (tenant, customer) = (session.partner, session.customer);
    let read = state.store.read(move |tx| {
        let file = app::customers::find(tx, tenant, customer)?;
        let account = match app::customers::bank_accounts::find(tx, tenant, customer) {
            Ok(account) => Some(account),
            Err(Failed::Refused(app::NotFound)) => None,
            Err(error) => return Err(error),
        };
        Ok((file, account))
    });
    let (file, account) = match read.await {
        Ok(found) => found,
        Err(Failed::Refused(app::NotFound)) => return no_session(SessionRefused::Unknown),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let requirements: Vec<Step> = file
        .kyc
        .requirements
        .iter()
        .enumerate()
        .filter(|(_, requirement)| is_file(requirement.key.kind))
        .map(|(index, requirement)| step(&file, index, requirement))
        .collect();
    let status = if messages.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let pending = file.customer.state == CustomerState::PendingKyc;
    let shown = Steps {
        wrong: messages.wrong,
        form: messages.account,
        has_cnpj: file.customer.registration.cnpj.is_some(),
        pending,
        minutes: session.expires_at.since(state.now_of(session.partner)).as_secs().div_ceil(60),
        done: requirements.iter().filter(|step| step.is_in).count(),
        lacking: requirements
            .iter()
            .filter(|s| s.mandatory && !s.is_in)
            .map(|s| (s.title.clone(), s.english))
            .collect(),
        requirements,
        account: account.as_ref().map(AccountShown::from),
        banks: Bank::all(),
    };
    page(status, &shown)
}

impl From<&BankAccount> for AccountShown {
    fn from(account: &BankAccount) -> Self {
        let details = &account.details;
        Self {
            bank: format!("{} - {}", details.bank_id, details.bank_name),
            number: format!("{} / {}-{}", details.branch, details.number, details.digit),
        }
    }
}
