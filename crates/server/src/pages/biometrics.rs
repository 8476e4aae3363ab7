//! The hosted session: a customer hands in their documents, selfie and bank account, and submits them.
//!
//! The link's code is exchanged once, by a button and not by opening the link, so that a chat's preview uses
//! nothing up. From then on the browser holds a cookie, with which a reload goes on where it was.
//!
//! Reasons: docs/decisions/0007.

use std::sync::Arc;

use app::Failed;
use app::customers::bank_accounts::Given;
use app::kyc::sessions::{PageRefused, SessionRefused, is_file};
use app::kyc::{HandInRefused, NewDocument, Target};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::bank::{AccountDetails, AccountFault, AccountKind, Bank, BankAccount};
use domain::customer::{CustomerFile, CustomerState};
use domain::kyc::{
    BiometricsSession, EvidenceKind, MediaType, Requirement, RequirementKind, RequirementState, Slot,
    SubjectRole,
};

use super::answer::{SNIFF, failure, fields_of, message, page};
use crate::http::address::origin_of;
use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};
use crate::http::upload::{self, ReceivedFile};
use crate::state::AppState;

/// Browsers take this name only over TLS (or from this machine), for this host and every path: no other host and no
/// plain connection can plant it.
const COOKIE_NAME: &str = "__Host-dinie_session";
/// For a sandbox without TLS, in browsers that take no secure cookie from one.
const PLAIN_COOKIE_NAME: &str = "dinie_session";
const HOME: &str = "/biometrics";

/// The script of the page.
pub(super) async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache"), (SNIFF, "nosniff")],
        include_str!("../../templates/biometrics.js"),
    )
}

#[derive(Template)]
#[template(path = "biometrics_begin.html")]
struct Begin<'a> {
    code: &'a str,
    minutes: u64,
}

/// Lets an address change so much in a minute and no more: a file, a form, a link tried.
pub(super) async fn not_too_often(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let tries_a_link = request.uri().query().is_some_and(|query| query.contains("code="));
    let counts = request.method() == Method::POST || tries_a_link;
    if counts && let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return failure(&limited);
    }
    next.run(request).await
}

/// Where the session stands: its steps, or the way in.
pub(super) async fn show(
    State(state): State<AppState>,
    method: Method,
    headers: HeaderMap,
    query: Result<Query, Rejection>,
) -> Response {
    // What looks at a link's headers (a chat's preview) is not a person.
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let code = match query {
        Ok(mut query) => query.text("code"),
        // An address that is no text holds no link of ours.
        Err(_no_text) => return no_session(SessionRefused::Unknown),
    };
    let (real, secret) = (state.clock.now(), secret_of(&state, &headers));
    let asked = code.clone();
    let found = state.store.read(move |tx| {
        let own = secret.as_deref().map(|secret| app::kyc::sessions::of_page(tx, real, secret)).transpose();
        match &asked {
            // A link stands for its own session, whatever this browser was doing before.
            Some(code) => {
                let of_link = app::kyc::sessions::of_code(tx, real, code)?;
                let same = match own {
                    Ok(own) => own.is_some_and(|own| own.id == of_link.id),
                    Err(Failed::Refused(_over_or_unknown)) => false,
                    Err(error @ Failed::Store(_)) => return Err(error),
                };
                Ok((of_link, same))
            }
            None => Ok((own?.ok_or(Failed::Refused(SessionRefused::Unknown))?, true)),
        }
    });
    match (found.await, code) {
        (Ok((session, true)), _) => steps(&state, &session, Told::default()).await,
        (Ok((_, false)), Some(code)) => way_in(&state, &code).await,
        (Ok((_, false)), None) => no_session(SessionRefused::Unknown),
        (Err(Failed::Refused(refused)), _) => no_session(refused),
        (Err(Failed::Store(error)), _) => failure(&of_store(error)),
    }
}

/// The way into a session, with the secret under which this browser will go on with it.
async fn way_in(state: &AppState, code: &str) -> Response {
    let (real, asked) = (state.clock.now(), code.to_owned());
    let visit = state.store.write(move |tx| {
        let session = app::kyc::sessions::visit(tx, real, &asked)?;
        let secret = app::kyc::sessions::page_secret(tx, &session);
        Ok((session, secret))
    });
    match visit.await {
        Ok((session, secret)) => {
            let minutes = session.expires_at.since(state.now_of(session.partner)).as_secs().div_ceil(60);
            with_cookie(state, &secret, page(StatusCode::OK, &Begin { code, minutes }))
        }
        Err(Failed::Refused(refused)) => no_session(refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Exchanges the link's code; from then on the browser's cookie stands for the session.
pub(super) async fn begin(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let code = form.text("code").filter(|_| !is_foreign(&headers));
    let Some(code) = code else { return no_session(SessionRefused::Unknown) };
    let Some(secret) = secret_of(&state, &headers) else { return no_session(SessionRefused::OtherBrowser) };
    let (real, lifetime) = (state.clock.now(), state.config.lifetimes.session_token);
    let begin =
        move |tx: &mut app::Tx<'_>| app::kyc::sessions::begin_on_page(tx, real, &code, &secret, lifetime);
    match state.store.write(begin).await {
        Ok(()) => see_other(HOME),
        Err(Failed::Refused(refused)) => no_session(refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

fn with_cookie(state: &AppState, secret: &str, mut response: Response) -> Response {
    // It outlives the session, so that afterwards the page can say what became of it.
    let mut cookies =
        vec![format!("{COOKIE_NAME}={secret}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure")];
    if !state.lender.links.is_https() {
        cookies.push(format!(
            "{PLAIN_COOKIE_NAME}={secret}; Path={HOME}; Max-Age=86400; HttpOnly; SameSite=Lax"
        ));
    }
    for cookie in cookies {
        let cookie = HeaderValue::from_str(&cookie).expect("a secret is hexadecimal, and the rest is ours");
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn see_other(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, place), (CACHE_CONTROL, "no-store")]).into_response()
}

/// The addresses of the page's forms lead home when they are opened.
pub(super) async fn home() -> Response {
    see_other(HOME)
}

/// The browser's secret. Without TLS the plain cookie counts where there is no other.
fn secret_of(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<(&str, &str)> =
        cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    // The server made no shorter secret, and a shorter one could be guessed.
    let named = |wanted: &str| pairs.iter().find(|(name, value)| *name == wanted && value.len() == 64);
    let plain = || named(PLAIN_COOKIE_NAME).filter(|_| !state.lender.links.is_https());
    named(COOKIE_NAME).or_else(plain).map(|(_, value)| (*value).to_owned())
}

/// Whether another site's page made the browser send this.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin").and_then(|origin| origin.split_once("://")), text("host")) {
        (Some((_, origin)), Some(host)) => origin != host,
        (None, _) | (_, None) => headers.contains_key("origin"),
    }
}

/// The session of a request that changes something.
async fn session_of(state: &AppState, headers: &HeaderMap) -> Result<BiometricsSession, Response> {
    let secret = secret_of(state, headers).filter(|_| !is_foreign(headers));
    let Some(secret) = secret else { return Err(no_session(SessionRefused::Unknown)) };
    let real = state.clock.now();
    let session = state.store.read(move |tx| app::kyc::sessions::of_page(tx, real, &secret)).await;
    session.map_err(|failed| match failed {
        Failed::Refused(refused) => no_session(refused),
        Failed::Store(error) => failure(&of_store(error)),
    })
}

/// What the page tells besides where the session stands: what went wrong, and an account that was not taken.
#[derive(Default)]
struct Told {
    wrong: Vec<Wrong>,
    account: AccountForm,
}

/// The account's form as it was sent.
#[derive(Default, Clone)]
struct AccountForm {
    bank: String,
    kind: String,
    branch: String,
    number: String,
    digit: String,
}

#[derive(Template)]
#[template(path = "biometrics.html")]
struct Steps {
    wrong: Vec<Wrong>,
    form: AccountForm,
    /// Whether files are still taken; once the review has begun only the account is.
    pending: bool,
    minutes: u64,
    done: usize,
    requirements: Vec<Step>,
    has_cnpj: bool,
    account: Option<AccountShown>,
    banks: &'static [Bank],
    lacking: Vec<(String, &'static str)>,
}

/// What went wrong, in both languages.
#[derive(Clone, Copy)]
struct Wrong {
    portuguese: &'static str,
    english: &'static str,
}

/// A requirement as the page shows it.
struct Step {
    title: String,
    english: &'static str,
    mandatory: bool,
    is_in: bool,
    accepted: bool,
    reason: Option<String>,
    choices: Vec<Choice>,
}

/// One way to meet a requirement.
struct Choice {
    title: (&'static str, &'static str),
    open: bool,
    parts: Vec<Part>,
}

/// One file of a choice.
struct Part {
    /// Names the part in the address of its upload.
    place: String,
    label: (&'static str, &'static str),
    filled: bool,
    /// Which camera a telephone offers.
    camera: &'static str,
    accept: &'static str,
}

struct AccountShown {
    bank: String,
    number: String,
}

async fn steps(state: &AppState, session: &BiometricsSession, told: Told) -> Response {
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
    let status = if told.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let pending = file.customer.state == CustomerState::PendingKyc;
    let shown = Steps {
        wrong: told.wrong,
        form: told.account,
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

fn step(file: &CustomerFile, index: usize, requirement: &Requirement) -> Step {
    let (title, english) = title(requirement.key.kind);
    let subject = file.customer.subjects.iter().find(|subject| Some(subject.id) == requirement.key.subject);
    let owner = subject
        .filter(|subject| subject.role == SubjectRole::CoOwner)
        .map(|subject| subject.name.as_ref().map_or_else(|| "sócio".to_owned(), ToString::to_string));
    let reason = match &requirement.state {
        RequirementState::Rejected { reason, .. } => Some(reason.clone()),
        RequirementState::Missing
        | RequirementState::Submitted { .. }
        | RequirementState::Accepted { .. } => None,
    };
    Step {
        title: owner.map_or_else(|| title.to_owned(), |name| format!("{title} de {name}")),
        english,
        mandatory: requirement.mandatory,
        is_in: requirement.state.is_in(),
        accepted: matches!(requirement.state, RequirementState::Accepted { .. }),
        reason,
        choices: choices(requirement)
            .enumerate()
            .map(|(place, (kind, slots))| choice(requirement, index, place, kind, slots))
            .collect(),
    }
}

/// Every way to meet a requirement: a kind of evidence with one of its complete sets of slots.
fn choices(requirement: &Requirement) -> impl Iterator<Item = (EvidenceKind, &'static [Slot])> + use<> {
    let kinds = requirement.key.kind.alternatives().iter();
    kinds.flat_map(|kind| kind.complete_sets().iter().map(|set| (*kind, *set)))
}

fn choice(
    requirement: &Requirement,
    index: usize,
    place: usize,
    kind: EvidenceKind,
    slots: &'static [Slot],
) -> Choice {
    let evidence = requirement.evidence.as_ref().filter(|evidence| evidence.kind == kind);
    let filled =
        |slot: Slot| evidence.and_then(|e| e.in_slot(slot)).is_some_and(|attachment| !attachment.rejected);
    let parts: Vec<Part> = slots
        .iter()
        .enumerate()
        .map(|(part, slot)| Part {
            place: format!("{index}.{place}.{part}"),
            label: part_label(kind, *slot),
            filled: filled(*slot),
            camera: if *slot == Slot::Photo { "user" } else { "environment" },
            accept: if *slot == Slot::Photo {
                "image/jpeg,image/png"
            } else {
                "image/jpeg,image/png,application/pdf"
            },
        })
        .collect();
    // What was begun or sent back stands open, else the first choice.
    let sent = evidence.is_some_and(|evidence| slots.iter().any(|slot| evidence.in_slot(*slot).is_some()));
    let open = sent || (requirement.evidence.is_none() && place == 0);
    Choice { title: choice_title(kind, slots), open, parts }
}

fn title(kind: RequirementKind) -> (&'static str, &'static str) {
    match kind {
        RequirementKind::Identity => ("Documento de identidade", "Identity document"),
        RequirementKind::Selfie => ("Selfie", "Selfie"),
        RequirementKind::Email => ("E-mail", "E-mail"),
        RequirementKind::ProofOfAddress => ("Comprovante de endereço", "Proof of address"),
        RequirementKind::CompanyDocument => ("CCMEI", "MEI certificate"),
        RequirementKind::EiMeiDocuments => {
            ("Registro de empresário individual", "Sole trader's registration")
        }
        RequirementKind::ArticlesOfAssociation => ("Contrato social ou estatuto", "Articles of association"),
        RequirementKind::EireliIncorporationStatement => {
            ("Ato constitutivo de EIRELI", "EIRELI's incorporation")
        }
        RequirementKind::IncomeStatement => ("Demonstrativo de faturamento", "Income statement"),
        RequirementKind::RegistrationField(_) => ("Dado cadastral", "Registration"),
    }
}

fn choice_title(kind: EvidenceKind, slots: &[Slot]) -> (&'static str, &'static str) {
    match (kind, slots.len()) {
        (EvidenceKind::Cnh, 1) => ("CNH em um arquivo", "Driver's licence, one file"),
        (EvidenceKind::Cnh, _) => ("CNH: frente e verso", "Driver's licence, both sides"),
        (EvidenceKind::Rg, _) => ("RG: frente e verso", "Identity card, both sides"),
        (EvidenceKind::EiMei, _) if slots.contains(&Slot::Ccmei) => ("CCMEI", "MEI certificate"),
        (EvidenceKind::EiMei, _) => ("Requerimento de empresário", "Sole trader's application"),
        _single => ("", ""),
    }
}

fn part_label(kind: EvidenceKind, slot: Slot) -> (&'static str, &'static str) {
    match (kind, slot) {
        (_, Slot::Front) => ("Frente", "Front"),
        (_, Slot::Back) => ("Verso", "Back"),
        (_, Slot::Photo) => ("Foto do seu rosto", "Photo of your face"),
        (EvidenceKind::Cnh, Slot::File) => ("Arquivo com frente e verso", "File with both sides"),
        _document => ("Arquivo", "File"),
    }
}

/// Takes a file for the part that the address names.
pub(super) async fn upload(
    State(state): State<AppState>,
    headers: HeaderMap,
    query: Result<Query, Rejection>,
    request: Request,
) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let place = match query {
        Ok(mut query) => query.text("place"),
        Err(rejection) => return failure(&rejection),
    };
    let taken = match upload::receive(&state, session.partner, session.customer, request).await {
        Ok(form) => match form.file {
            Some(ReceivedFile::Stored(file)) => take(&state, &session, place.as_deref(), file).await,
            Some(ReceivedFile::WithoutRoom { .. }) => Err(NotTaken::wrong(NO_ROOM)),
            None => Err(NotTaken::wrong(NO_FILE)),
        },
        Err(rejection) => Err(NotTaken::of_upload(&rejection)),
    };
    answer(&state, &session, &headers, taken).await
}

async fn take(
    state: &AppState,
    session: &BiometricsSession,
    place: Option<&str>,
    file: NewDocument,
) -> Result<(), NotTaken> {
    let (now, tenant, customer) = (state.now_of(session.partner), session.partner, session.customer);
    let found = state.store.read(move |tx| app::customers::find(tx, tenant, customer)).await;
    let target = match found.map(|customer| place.and_then(|place| target(&customer, place))) {
        Ok(Some((_, _, Slot::Photo))) if file.blob.media_type == MediaType::Pdf => {
            Err(NotTaken::wrong(NO_PHOTO))
        }
        Ok(Some(target)) => Ok(target),
        Ok(None) => Err(NotTaken::wrong(NOT_WANTED)),
        Err(Failed::Refused(app::NotFound)) => Err(NotTaken::Session(SessionRefused::Unknown)),
        Err(Failed::Store(error)) => Err(NotTaken::Failed(of_store(error))),
    };
    let target = match target {
        Ok(target) => target,
        Err(not_taken) => {
            upload::discard(state, tenant, Some(ReceivedFile::Stored(file))).await;
            return Err(not_taken);
        }
    };
    let (session, inside, limits) = (session.clone(), file.clone(), state.config.files);
    let hand_in = move |tx: &mut app::Tx<'_>| {
        app::kyc::sessions::hand_in(tx, now, &session, inside.clone(), target, limits)
    };
    match state.store.write(hand_in).await {
        Ok(_customer) => Ok(()),
        Err(Failed::Refused(refused)) => {
            upload::discard(state, tenant, Some(ReceivedFile::Stored(file))).await;
            Err(refused.into())
        }
        // It may have been committed, so only the purge worker, which looks, may delete the file.
        Err(Failed::Store(error)) => Err(NotTaken::Failed(of_store(error))),
    }
}

/// The target of `requirement.choice.part`, three indices into the customer's file.
fn target(file: &CustomerFile, place: &str) -> Option<Target> {
    let mut indices = place.split('.').map(|index| index.parse::<usize>().ok());
    let (requirement, choice, part) = (indices.next()??, indices.next()??, indices.next()??);
    let requirement = file.kyc.requirements.get(requirement).filter(|r| is_file(r.key.kind))?;
    let (kind, slots) = choices(requirement).nth(choice)?;
    Some((requirement.key, kind, *slots.get(part)?))
}

/// Takes the bank account.
pub(super) async fn give_account(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let form = match Form::read(&body) {
        Ok(form) => form.account(),
        Err(rejection) => return failure(&rejection),
    };
    let taken = match details(&form) {
        Ok(details) => {
            let (tenant, id, now) = (session.partner, session.id, state.now_of(session.partner));
            let lender = Arc::clone(&state.lender);
            let give = move |tx: &mut app::Tx<'_>| {
                app::kyc::sessions::give_account(tx, tenant, now, id, &details, &lender)
            };
            match state.store.write(give).await {
                Ok(Given::Stands(_)) => Ok(()),
                Ok(Given::ToConfirm(_)) => Err(NotTaken::wrong(TO_CONFIRM)),
                Err(failed) => Err(NotTaken::from(failed)),
            }
        }
        Err(wrong) => Err(NotTaken::Wrong(Told { wrong, account: form })),
    };
    answer(&state, &session, &headers, taken).await
}

/// The account of a form, or everything that is wrong with it.
fn details(form: &AccountForm) -> Result<AccountDetails, Vec<Wrong>> {
    let Ok(kind) = form.kind.parse::<AccountKind>() else { return Err(vec![NO_KIND]) };
    // People write the dots and dashes that are printed on their cards.
    let plain = |text: &str| text.replace(['.', '-', ' '], "");
    AccountDetails::new(kind, &form.bank, &plain(&form.branch), &plain(&form.number), &form.digit).map_err(
        |faults| {
            let wrong = |(_, fault): (&str, AccountFault)| match fault {
                AccountFault::UnknownBank => NO_BANK,
                AccountFault::Branch => NO_BRANCH,
                AccountFault::Number(_) => NO_NUMBER,
                AccountFault::Digit(_) => NO_DIGIT,
            };
            faults.into_iter().map(wrong).collect()
        },
    )
}

/// Ends the session and begins the review.
pub(super) async fn submit(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let (now, inside) = (state.now_of(session.partner), session.clone());
    match state.store.write(move |tx| app::kyc::sessions::submit(tx, now, &inside)).await {
        Ok(()) => no_session(SessionRefused::Completed),
        Err(failed) => answer(&state, &session, &headers, Err(NotTaken::from(failed))).await,
    }
}

/// The texts of a form.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        fields_of(body).map(Self)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.trim().to_owned())
    }

    fn account(&self) -> AccountForm {
        // A browser sends an empty field as well; what is missing is as wrong as what is empty.
        let text = |name| self.text(name).into_iter().collect();
        AccountForm {
            bank: text("bank"),
            kind: text("kind"),
            branch: text("branch"),
            number: text("number"),
            digit: text("digit"),
        }
    }
}

/// Why something was not taken on the page.
enum NotTaken {
    /// The person can set it right.
    Wrong(Told),
    /// The session is over.
    Session(SessionRefused),
    /// The server failed.
    Failed(Rejection),
}

impl NotTaken {
    fn wrong(wrong: Wrong) -> Self {
        Self::Wrong(Told { wrong: vec![wrong], account: AccountForm::default() })
    }

    fn of_upload(rejection: &Rejection) -> Self {
        match rejection.0.code.status() {
            413 => Self::wrong(TOO_LARGE),
            422 => Self::wrong(NO_DOCUMENT),
            400 => Self::wrong(NO_FILE),
            _other => Self::Failed(rejection.clone()),
        }
    }
}

impl From<PageRefused> for NotTaken {
    fn from(refused: PageRefused) -> Self {
        match refused {
            PageRefused::Session(refused) => Self::Session(refused),
            PageRefused::HandIn(HandInRefused::AlreadyAccepted) => Self::wrong(ACCEPTED),
            PageRefused::HandIn(HandInRefused::NoRoom(_)) => Self::wrong(NO_ROOM),
            PageRefused::HandIn(HandInRefused::NotAskedFor) => Self::wrong(NOT_WANTED),
            PageRefused::HandIn(HandInRefused::NotFound) => Self::Session(SessionRefused::Unknown),
            PageRefused::HandIn(HandInRefused::InvalidState(_)) => {
                Self::Session(SessionRefused::InvalidState)
            }
            PageRefused::AccountKept => Self::wrong(ACCOUNT_KEPT),
            PageRefused::Incomplete(_) => Self::wrong(INCOMPLETE),
        }
    }
}

impl From<SessionRefused> for NotTaken {
    fn from(refused: SessionRefused) -> Self {
        Self::Session(refused)
    }
}

impl<R: Into<NotTaken>> From<Failed<R>> for NotTaken {
    fn from(failed: Failed<R>) -> Self {
        match failed {
            Failed::Refused(refused) => refused.into(),
            Failed::Store(error) => Self::Failed(of_store(error)),
        }
    }
}

const fn wrong(portuguese: &'static str, english: &'static str) -> Wrong {
    Wrong { portuguese, english }
}

const NO_FILE: Wrong = wrong("Escolha um arquivo.", "Choose a file.");
const NO_DOCUMENT: Wrong =
    wrong("Envie uma foto JPEG ou PNG, ou um PDF.", "Send a JPEG or PNG photo, or a PDF.");
const NO_PHOTO: Wrong = wrong("Envie uma foto JPEG ou PNG.", "Send a JPEG or PNG photo.");
const TOO_LARGE: Wrong = wrong("O arquivo passa de 10 MB.", "The file is over 10 MB.");
const NO_ROOM: Wrong = wrong(
    "Você já enviou arquivos demais. Os substituídos são apagados em uma hora; tente de novo depois.",
    "You have sent too many files. Replaced ones are deleted in an hour; try again then.",
);
const NOT_WANTED: Wrong = wrong("Este arquivo não é pedido.", "This file is not asked for.");
const ACCEPTED: Wrong = wrong("Este item já foi aceito.", "This item has been accepted.");
const INCOMPLETE: Wrong = wrong("Ainda falta enviar alguma etapa.", "Some steps are still missing.");
const ACCOUNT_KEPT: Wrong = wrong(
    "A análise já começou e a conta não pode mais ser trocada aqui. Fale com quem lhe passou este link.",
    "The review has begun, and the account cannot be changed here any more. Talk to whoever sent you this link.",
);
const TO_CONFIRM: Wrong = wrong(
    "Você já assinou um contrato. Para trocar a conta, use o link e o código que enviamos ao seu e-mail.",
    "You have signed a contract. To change the account, use the link and the code that we sent to your e-mail.",
);
const NO_KIND: Wrong = wrong("Escolha o tipo da conta.", "Choose the kind of account.");
const NO_BANK: Wrong = wrong("Escolha o banco.", "Choose the bank.");
const NO_BRANCH: Wrong = wrong(
    "A agência tem quatro números, sem o dígito.",
    "The branch has four digits, without its check digit.",
);
const NO_NUMBER: Wrong =
    wrong("Confira o número da conta, sem o dígito.", "Check the account's number, without its check digit.");
const NO_DIGIT: Wrong = wrong("Confira o dígito da conta.", "Check the account's check digit.");

/// To a script a status with a sentence, to a browser the page again.
async fn answer(
    state: &AppState,
    session: &BiometricsSession,
    headers: &HeaderMap,
    taken: Result<(), NotTaken>,
) -> Response {
    let to_script = headers.get("x-requested-with").is_some();
    match taken {
        Ok(()) if to_script => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => see_other(HOME),
        Err(NotTaken::Wrong(told)) if to_script => {
            let sentence = |wrong: &Wrong| format!("{} / {}", wrong.portuguese, wrong.english);
            let sentence = told.wrong.iter().map(sentence).collect::<Vec<_>>().join(" ");
            (StatusCode::UNPROCESSABLE_ENTITY, [(CONTENT_TYPE, "text/plain; charset=utf-8")], sentence)
                .into_response()
        }
        Err(NotTaken::Wrong(told)) => steps(state, session, told).await,
        Err(NotTaken::Session(refused)) => no_session(refused),
        Err(NotTaken::Failed(rejection)) => failure(&rejection),
    }
}

fn no_session(refused: SessionRefused) -> Response {
    let (title, portuguese, english) = match refused {
        SessionRefused::Unknown => (
            "Link inválido",
            "Este link não existe. Confira se ele foi copiado por inteiro.",
            "This link does not exist. Check that it was copied whole.",
        ),
        SessionRefused::Expired => (
            "Link expirado",
            "O prazo deste link acabou. O que você já enviou está guardado. Peça um novo a quem o enviou.",
            "This link has expired. What you have sent is kept. Ask whoever sent it for a new one.",
        ),
        SessionRefused::Used => (
            "Link já utilizado",
            "Este link já foi aberto em outro navegador. Continue por lá ou peça um novo a quem o enviou.",
            "This link has been opened in another browser. Go on there, or ask whoever sent it for a new one.",
        ),
        SessionRefused::Completed => (
            "Recebido",
            "Pronto! Recebemos o que foi enviado. Se faltar algo, você receberá um novo link. Pode fechar esta página.",
            "Done. We have what was sent. If anything is missing you will get a new link. You may close this page.",
        ),
        SessionRefused::OtherBrowser => (
            "Ative os cookies",
            "Esta página precisa do cookie que o link traz. Ative os cookies e abra o link de novo.",
            "This page needs the cookie that the link brings. Allow cookies and open the link again.",
        ),
        SessionRefused::InvalidState => (
            "Cadastro em análise",
            "Seu cadastro já está em análise e não precisa de mais nada.",
            "Your registration is under review and needs nothing more.",
        ),
    };
    let status = match refused {
        SessionRefused::Unknown => StatusCode::NOT_FOUND,
        SessionRefused::Expired | SessionRefused::Used => StatusCode::GONE,
        SessionRefused::Completed => StatusCode::OK,
        SessionRefused::InvalidState => StatusCode::CONFLICT,
        SessionRefused::OtherBrowser => StatusCode::BAD_REQUEST,
    };
    message(status, title, portuguese, english)
}
