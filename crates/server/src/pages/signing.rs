//! The page on which a loan is signed: its figures, its schedule, and one button of consent.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::SubjectId;
use domain::loan::{Loan, LoanState};
use store::{Failed, StoreError};

use super::{failure, format, message, page};
use crate::app;
use crate::http::extract::{body_up_to, form_pairs};
use crate::http::problem::of_store;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "sign.html")]
struct SigningPage {
    token: String,
    ccb: String,
    net: String,
    installments: u16,
    installment: String,
    total: String,
    cet: String,
    rate: String,
    principal: String,
    fee: String,
    iof: String,
    sign_by: String,
    signer: SubjectId,
    signer_name: String,
    signed: usize,
    signers: usize,
    rows: Vec<Row>,
    wrong: Option<&'static str>,
}

struct Row {
    number: u16,
    due: String,
    payment: String,
    principal: String,
    interest: String,
    balance: String,
}

/// Shows the loan.
pub(super) async fn show(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    shown(&state, token, None).await
}

async fn shown(state: &AppState, token: String, wrong: Option<&'static str>) -> Response {
    match find(state, &token).await {
        Ok(Some(loan)) => loan_page(state, &loan, token, wrong),
        Ok(None) => unknown(),
        Err(error) => failure(&of_store(error)),
    }
}

async fn find(state: &AppState, token: &str) -> Result<Option<Loan>, StoreError> {
    let token = token.to_owned();
    state.store.read(move |tx| app::loans::find_by_link(tx, &token)).await
}

fn loan_page(state: &AppState, loan: &Loan, token: String, wrong: Option<&'static str>) -> Response {
    let signable =
        matches!(loan.state, LoanState::AwaitingSignatures(_)) && state.now_of(loan.partner) <= loan.sign_by;
    let next = loan.signers.iter().find(|signer| signer.signed_at.is_none()).filter(|_| signable);
    let Some(signer) = next else { return not_signable(&loan.state) };
    let quote = &loan.quote;
    let row = |row: &domain::loan::schedule::Installment| Row {
        number: row.number,
        due: format::date(row.due),
        payment: format::money(row.payment),
        principal: format::money(row.principal),
        interest: format::money(row.interest),
        balance: format::money(row.balance),
    };
    let template = SigningPage {
        token,
        ccb: loan.ccb_number.map(|number| number.to_string()).unwrap_or_default(),
        net: format::money(quote.net),
        installments: quote.installments(),
        installment: format::money(quote.installment),
        total: format::money(quote.total),
        cet: format::percent(quote.cet_annual),
        rate: format::percent(quote.monthly_rate),
        principal: format::money(quote.principal),
        fee: format::money(quote.fee),
        iof: format::money(quote.iof),
        sign_by: format::day_of(loan.sign_by),
        signer: signer.subject,
        signer_name: signer.name.as_ref().map_or_else(|| "titular".to_owned(), ToString::to_string),
        signed: loan.signers.iter().filter(|signer| signer.signed_at.is_some()).count(),
        signers: loan.signers.len(),
        rows: quote.schedule.iter().map(row).collect(),
        wrong,
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &template)
}

/// Takes the consent of the signer that the page named.
pub(super) async fn submit(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let form = match body_up_to(request, 4_096).await {
        Ok(bytes) => Consent::read(&bytes),
        Err(rejection) => return failure(&rejection),
    };
    let Some(signer) = form.signer.filter(|_| form.given) else {
        let wrong = "Marque que você leu e concorda. / Tick that you have read and agree.";
        return shown(&state, token, Some(wrong)).await;
    };
    let loan = match find(&state, &token).await {
        Ok(Some(loan)) => loan,
        Ok(None) => return unknown(),
        Err(error) => return failure(&of_store(error)),
    };
    let (now, tenant, id) = (state.now_of(loan.partner), loan.partner, loan.id);
    match state.store.write(move |tx| app::loans::sign(tx, tenant, now, id, signer)).await {
        Ok(loan) if matches!(loan.state, LoanState::AwaitingSignatures(_)) => {
            shown(&state, token, None).await
        }
        Ok(_signed) => message(
            StatusCode::OK,
            "Contrato assinado",
            "Tudo certo! O valor será enviado por Pix. Você já pode fechar esta página.",
            "All set. The money will be sent by Pix. You may close this page.",
        ),
        // Somebody signed in between: what the page says now is the answer.
        Err(Failed::Refused(_)) => shown(&state, token, None).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// What the form says.
struct Consent {
    signer: Option<SubjectId>,
    given: bool,
}

impl Consent {
    fn read(bytes: &[u8]) -> Self {
        let mut consent = Self { signer: None, given: false };
        let pairs = std::str::from_utf8(bytes).ok().and_then(form_pairs).unwrap_or_default();
        for (name, value) in pairs {
            match name.as_str() {
                "signer" => consent.signer = value.parse().ok(),
                "consent" => consent.given = value == "yes",
                _other => {}
            }
        }
        consent
    }
}

fn unknown() -> Response {
    message(
        StatusCode::NOT_FOUND,
        "Link inválido",
        "Este link não existe. Confira se ele foi copiado por inteiro.",
        "This link does not exist. Check that it was copied whole.",
    )
}

fn not_signable(state: &LoanState) -> Response {
    match state {
        LoanState::Signed | LoanState::Disbursing | LoanState::Active { .. } | LoanState::Finished { .. } => {
            message(
                StatusCode::OK,
                "Contrato assinado",
                "Este contrato já está assinado. Você pode fechar esta página.",
                "This contract has been signed. You may close this page.",
            )
        }
        LoanState::Processing
        | LoanState::ContractGenerated
        | LoanState::AwaitingSignatures(_)
        | LoanState::Cancelled
        | LoanState::Error(_) => message(
            StatusCode::GONE,
            "Contrato indisponível",
            "O prazo para assinar este contrato acabou ou ele foi cancelado.",
            "The time to sign this contract is over, or it was cancelled.",
        ),
    }
}
