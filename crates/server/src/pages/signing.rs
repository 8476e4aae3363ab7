//! The page on which a signer reads the contract and signs it. It shows the figures first, then the whole text, a
//! code by e-mail and a button of consent. Afterwards it shows the signed copy.

use std::sync::Arc;

use app::contracts::ccb::{Block, text};
use app::signing::{GiveSignature, Opened, Showing, SignRefused};
use app::{Failed, StoreError};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::loan::Loan;
use domain::loan::contract::Contract;
use domain::mailed_code::Checked;
use domain::page_visit::VisitedPage;
use domain::person::Email;
use domain::time::Timestamp;
use domain::written;
use wire::problem::{Code, Problem};

use super::answer::{failure, fields_of, file, invalid_link, message, page, prefers_problem};
use super::notice::{Notice, Refused};
use super::visits::{self, Asked};
use crate::contract_files::{self, ContractFile};
use crate::http::address::origin_of;
use crate::http::extract::body_up_to;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "sign.html")]
struct SigningPage {
    token: String,
    ccb: String,
    net: String,
    installments: String,
    total: String,
    cet: String,
    sign_by: String,
    signed: usize,
    signers: usize,
    signer: String,
    sent_to: Option<String>,
    mailbox: Option<String>,
    consent: String,
    sha256: String,
    blocks: Vec<Block>,
    wrong: Option<String>,
    sent_now: bool,
    destination: String,
    destination_mark: String,
}

#[derive(Template)]
#[template(path = "signed.html")]
struct SignedPage {
    token: String,
    ccb: String,
    waiting: usize,
    /// The issued document's SHA-256; none for a loan that was signed before there were documents.
    sha256: Option<String>,
}

/// Shows the contract behind a link.
pub(super) async fn show(
    State(state): State<AppState>, Path(token): Path<String>, method: Method, headers: HeaderMap,
) -> Response {
    shown(&state, token, Notice::None, Some((method, headers))).await
}

/// `asked`: the request, if somebody opens the page; `None` if it answers a form.
async fn shown(state: &AppState, token: String, notice: Notice, asked: Option<Asked>) -> Response {
    let key = token.clone();
    match state.store.read(move |tx| app::signing::open(tx, &key)).await {
        Ok(Some(opened)) => match issued_of(state, &opened).await {
            Ok(issued) => {
                if let Some(asked) = asked {
                    visits::of_loan(state, &asked, &opened.loan, VisitedPage::Signing);
                }
                opened_page(state, &opened, issued, token, notice)
            }
            Err(error) => failure(&of_store(error)),
        },
        Ok(None) => unknown(),
        Err(error) => failure(&of_store(error)),
    }
}

/// An issued contract.
struct Issued<'a> {
    contract: &'a Contract,
    /// The SHA-256 of its document.
    sha256: String,
}

/// The contract behind a link. Its document is rendered here if necessary.
async fn issued_of<'a>(state: &AppState, opened: &'a Opened) -> Result<Option<Issued<'a>>, StoreError> {
    let Some((contract, sha256)) = &opened.contract else { return Ok(None) };
    let sha256 = match sha256 {
        Some(sha256) => sha256.clone(),
        None => contract_files::fix(state, opened.loan.partner, opened.loan.id).await?,
    };
    Ok(Some(Issued { contract, sha256 }))
}

fn opened_page(
    state: &AppState, opened: &Opened, issued: Option<Issued<'_>>, token: String, notice: Notice,
) -> Response {
    let Opened { loan, signer, .. } = opened;
    match (app::signing::showing(loan, signer, state.now_of(loan.partner)), issued) {
        (Showing::ToSign, Some(issued)) => {
            let status = notice.status();
            page(status, &to_sign(state, opened, issued, token, notice))
        }
        (Showing::Signed, issued) => page(StatusCode::OK, &signed_page(loan, token, issued)),
        (Showing::GivenUp, _) => given_up(),
        (Showing::Over, _) | (Showing::ToSign, None) => not_signable(),
    }
}

fn to_sign(
    state: &AppState, opened: &Opened, Issued { contract, sha256 }: Issued<'_>, token: String, notice: Notice,
) -> SigningPage {
    let Opened { loan, signer, .. } = opened;
    let quote = &loan.quote;
    SigningPage {
        token,
        ccb: loan.contract_name(),
        net: written::money(quote.net),
        installments: written::installments(quote),
        total: written::money(quote.total),
        cet: written::percent(quote.cet_annual),
        sign_by: written::day_of(loan.sign_by),
        signed: loan.signers.iter().filter(|signer| signer.signed_at.is_some()).count(),
        signers: loan.signers.len(),
        signer: signer.name.as_ref().map_or_else(|| signer.cpf.to_string(), ToString::to_string),
        sent_to: signer.email.as_ref().map(masked),
        mailbox: mailbox(state, signer.email.as_ref()),
        consent: text::consent(contract),
        sha256,
        blocks: text::blocks(contract),
        sent_now: notice.sent_now(),
        wrong: notice.wrong(),
        destination: written::destination(&opened.destination),
        destination_mark: opened.destination_mark.clone(),
    }
}

/// `a***@example.com`, because anybody with the link can open the page.
pub(super) fn masked(address: &Email) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or((address.as_str(), ""));
    format!("{}***@{domain}", local.chars().take(1).collect::<String>())
}

/// The sandbox's page with the e-mails that it does not send.
pub(super) fn mailbox(state: &AppState, address: Option<&Email>) -> Option<String> {
    let address = address.filter(|_| state.config.mail.is_none())?;
    let address = percent_encoding::utf8_percent_encode(address.as_str(), percent_encoding::NON_ALPHANUMERIC);
    Some(format!("{}?address={address}", state.lender.links.mailbox()))
}

fn signed_page(loan: &Loan, token: String, issued: Option<Issued<'_>>) -> SignedPage {
    SignedPage {
        token,
        ccb: loan.contract_name(),
        waiting: loan.signers.iter().filter(|signer| signer.signed_at.is_none()).count(),
        sha256: issued.map(|issued| issued.sha256),
    }
}

/// The document as a PDF: the signed copy, if it exists.
pub(super) async fn document(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    match offered(&state, token).await {
        Ok(Some((loan, contract))) => {
            let name = loan.contract_name();
            file("application/pdf", Some(&format!("{name}.pdf")), contract.pdf)
        }
        Ok(None) => unknown(),
        Err(error) => failure(&of_store(error)),
    }
}

async fn offered(state: &AppState, token: String) -> Result<Option<(Loan, ContractFile)>, StoreError> {
    let real = state.clock.now();
    let offered = state.store.read(move |tx| app::signing::document(tx, real, &token)).await?;
    let Some((loan, document)) = offered else { return Ok(None) };
    Ok(contract_files::find(state, document).await?.map(|file| (loan, file)))
}

/// Sends the signer a code.
pub(super) async fn send_code(
    State(state): State<AppState>, Path(token): Path<String>, request: Request,
) -> Response {
    let asks_for_problem = prefers_problem(request.headers());
    if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return refusal_response(&state, token, too_often(limited), asks_for_problem).await;
    }
    let key = token.clone();
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let sent = state.store.write(move |tx| {
        let now = app::signing::time_of(tx, &key, real)?;
        app::signing::send_code(tx, now, &key, &lender)
    });
    match sent.await {
        Ok(_address) => shown(&state, token, Notice::Sent, None).await,
        Err(error) => refused(&state, token, error, asks_for_problem).await,
    }
}

/// Stores the signature of the link's signer.
pub(super) async fn submit(
    State(state): State<AppState>, Path(token): Path<String>, request: Request,
) -> Response {
    let asks_for_problem = prefers_problem(request.headers());
    let origin = origin_of(&request, &state.config.proxies);
    if let Err(limited) = state.limits.page(origin.sure) {
        return refusal_response(&state, token, too_often(limited), asks_for_problem).await;
    }
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let user_agent = agent.map(|agent| agent.chars().take(300).collect());
    let form = match body_up_to(request, 4_096).await.and_then(|bytes| Form::read(&bytes)) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    if !form.consent {
        let problem = Problem::of_field("consent", Code::MissingRequiredField, "the consent was not given");
        let text = "Marque que você leu e concorda. / Tick that you have read and agree.";
        return refusal_response(&state, token, Refused::new(problem, text), asks_for_problem).await;
    }
    // The signature names the document's SHA-256, even if nobody has opened the page.
    if let Err(error) = contract_files::fix_of_link(&state, token.clone()).await {
        return failure(&of_store(error));
    }
    let key = token.clone();
    let Form { code, destination, .. } = form;
    let given = GiveSignature { code, destination, address: origin.caller, user_agent };
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let signed = state.store.write(move |tx| {
        let now = app::signing::time_of(tx, &key, real)?;
        app::signing::sign(tx, now, &key, &given, &lender).map(|signed| (signed, now))
    });
    match signed.await {
        Ok((Checked::Right, _)) => shown(&state, token, Notice::None, None).await,
        Ok((refused, now)) => {
            refusal_response(&state, token, code_refused(refused, now), asks_for_problem).await
        }
        Err(error) => refused(&state, token, error, asks_for_problem).await,
    }
}

/// The refusal of too many forms from one address, as a problem and in words.
pub(super) fn too_often(limited: Rejection) -> Refused {
    let text = "Muitas tentativas deste endereço. Aguarde um minuto. / Too many tries from this address. Wait a minute.";
    Refused::new(*limited.0, text)
}

/// The fields of the form.
struct Form {
    code: String,
    destination: Option<String>,
    consent: bool,
}

impl Form {
    fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        let mut form = Self { code: String::new(), destination: None, consent: false };
        for (name, value) in fields_of(bytes)? {
            match name.as_str() {
                // People type spaces and hyphens into codes.
                "code" => form.code = value.chars().filter(char::is_ascii_digit).collect(),
                "destination" => form.destination = Some(value),
                "consent" => form.consent = value == "yes",
                _other => {}
            }
        }
        Ok(form)
    }
}

/// The problem with a code, for programs and in words.
pub(super) fn code_refused(outcome: Checked, now: Timestamp) -> Refused {
    match outcome {
        Checked::Wrong { left } => code_wrong(left),
        Checked::NoCode | Checked::Right => code_not_open(),
        Checked::Locked(until) => locked(until, now),
        Checked::Closed => closed(),
    }
}

fn code_wrong(left: u16) -> Refused {
    Refused::new(
        Problem::new(Code::InvalidCode, format!("the code is wrong; tries left: {left}")),
        format!("Código incorreto. Tentativas restantes: {left}. / Wrong code; tries left: {left}."),
    )
}

fn code_not_open() -> Refused {
    Refused::new(
        Problem::new(
            Code::InvalidCode,
            "no code is open for this link: none was sent, or it is over or used",
        ),
        "Peça um novo código: nenhum está valendo. / Ask for a new code: none is valid.",
    )
}

pub(super) fn too_soon(next: Timestamp, now: Timestamp) -> Refused {
    Refused::new(
        Problem::new(Code::RateLimitExceeded, "a code has just been sent")
            .retry_after(seconds_until(next, now)),
        "Um código acabou de ser enviado. Aguarde alguns segundos. / A code has just been sent. Wait a few seconds.",
    )
}

/// Seconds to wait, rounded up so that a caller who waits is not too early.
fn seconds_until(moment: Timestamp, now: Timestamp) -> u64 {
    let span = moment.since(now);
    (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1)
}

pub(super) fn locked(until: Timestamp, now: Timestamp) -> Refused {
    let seconds = seconds_until(until, now);
    let minutes = seconds.div_ceil(60);
    Refused::new(
        Problem::new(Code::RateLimitExceeded, "too many wrong codes; the link is locked for a while")
            .retry_after(seconds),
        format!(
            "Muitos códigos errados. Tente de novo em {minutes} minutos. / Too many wrong codes. Try again in {minutes} minutes."
        ),
    )
}

async fn refused(
    state: &AppState, token: String, error: Failed<SignRefused>, asks_for_problem: bool,
) -> Response {
    let refusal = match error {
        Failed::Store(error) => return failure(&of_store(error)),
        Failed::Refused(refusal) => refusal,
    };
    let key = token.clone();
    let real = state.clock.now();
    let now: Result<_, Failed<SignRefused>> =
        state.store.read(move |tx| app::signing::time_of(tx, &key, real)).await;
    let now = match now {
        Ok(now) => now,
        // An unknown link has no partner, so only the real clock applies.
        Err(Failed::Refused(_unknown_link)) => real.unmoved(),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    refusal_response(state, token, refusal_text(&refusal, now), asks_for_problem).await
}

/// A refusal as a problem and in words.
fn refusal_text(refusal: &SignRefused, now: Timestamp) -> Refused {
    match refusal {
        SignRefused::NotFound => Refused::new(Problem::not_found(), String::new()),
        SignRefused::NotOpen => Refused::new(
            Problem::invalid_state("the contract is not to be signed: it is over, or its time is"),
            String::new(),
        ),
        SignRefused::AlreadySigned => {
            Refused::new(Problem::invalid_state("this signer has signed already"), String::new())
        }
        SignRefused::NoAddress => Refused::new(
            Problem::invalid_state("there is no e-mail address to send a code to"),
            "Não há e-mail cadastrado para enviar o código. Fale com quem lhe passou este link. / There is no e-mail \
             address to send the code to.",
        ),
        SignRefused::TooSoon(next) => too_soon(*next, now),
        SignRefused::Locked(until) => locked(*until, now),
        SignRefused::Closed => closed(),
        SignRefused::OtherDestination => Refused::new(
            Problem::of_field(
                "destination",
                Code::InvalidState,
                "the money goes elsewhere than the page said",
            ),
            "O destino do dinheiro mudou. Confira acima e assine de novo. / The money's destination has changed. Check \
             it above and sign again.",
        ),
    }
}

/// The refusal of a link that accepts no codes until a new link is sent.
pub(super) fn closed() -> Refused {
    Refused::new(
        Problem::invalid_state("too many wrong codes in all: this link takes none any more"),
        "Este link foi bloqueado depois de 20 códigos errados. Peça um novo link a quem lhe passou este. / This link is \
         closed after 20 wrong codes. Ask the person who sent it for a new one.",
    )
}

/// Answers with the problem if the request prefers it, otherwise with the page and the words.
async fn refusal_response(
    state: &AppState, token: String, refused: Refused, asks_for_problem: bool,
) -> Response {
    if asks_for_problem {
        return Rejection::from(refused.problem).into_response();
    }
    shown(state, token, Notice::Refused(refused), None).await
}

fn unknown() -> Response {
    invalid_link(
        "Este link não existe. Confira se ele foi copiado por inteiro.",
        "This link does not exist. Check that you copied the whole link.",
    )
}

fn given_up() -> Response {
    message(
        StatusCode::GONE,
        "Contrato cancelado",
        "Este contrato foi assinado e depois cancelado. Nada é devido.",
        "This contract was signed and then cancelled. Nothing is owed.",
    )
}

fn not_signable() -> Response {
    message(
        StatusCode::GONE,
        "Contrato indisponível",
        "O prazo para assinar este contrato acabou ou ele foi cancelado.",
        "The time to sign this contract is over, or it was cancelled.",
    )
}
