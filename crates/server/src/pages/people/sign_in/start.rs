//! The first page of the sign-in: the address and the password.
//!
//! The answer and its time do not tell whether an address is known. Wrong passwords are limited by the address typed
//! and the caller's network together, so nobody locks out another person.

use app::Failed;
use app::people::factors::{self, Known};
use app::people::sign_in::SignInRefused;
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Origin;
use domain::credential::Environment;
use domain::person::Email;

use super::super::entry::browser_of;
use super::super::gate::{COOKIE, attempted, opened_by};
use super::super::steps::{self, leading};
use super::hashing;
use super::query::{Back, of_form};
use crate::http::address::origin_of;
use crate::http::extract::body_up_to;
use crate::http::limits::Claimed;
use crate::http::problem::of_store;
use crate::http::recorded::Named;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::kit::framed;
use crate::pages::texts::Texts;
use crate::sso::Provider;
use crate::state::AppState;

/// Most bytes of the form.
const MOST_BYTES: usize = 4_096;

#[derive(Template)]
#[template(path = "people/sign_in.html")]
struct SignIn {
    t: &'static Texts,
    frame: Frame,
    path: String,
    is_sandbox: bool,
    to: String,
    email: String,
    wrong: bool,
    /// The button of the lender's own provider; empty if there is none.
    provider: String,
    /// The address of that button.
    provider_page: String,
}

fn page(
    state: &AppState, (headers, query): (&HeaderMap, &Query<FrameQuery>), typed: Option<String>, to: String,
) -> Response {
    let frame = Frame::of(headers, query);
    let wrong = typed.is_some();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SignIn {
        t: frame.texts(),
        frame,
        path: leading(steps::SIGN_IN, &to),
        provider: state
            .provider
            .as_ref()
            .map(|provider| by_provider(provider, frame.texts()))
            .into_iter()
            .collect(),
        provider_page: leading("/sign-in/sso", &to),
        is_sandbox: state.config.environment == Environment::Sandbox,
        to,
        email: typed.into_iter().collect(),
        wrong,
    };
    framed(status, &page)
}

/// The words on the button of the lender's own provider.
fn by_provider(provider: &Provider, t: &Texts) -> String {
    if provider.name().is_empty() { t.sign_in.sso.to_owned() } else { (t.sign_in.sso_named)(provider.name()) }
}

/// Asks for the address and the password.
pub(in crate::pages) async fn show(
    State(state): State<AppState>, headers: HeaderMap, query: Query<FrameQuery>, Query(back): Query<Back>,
) -> Response {
    page(&state, (&headers, &query), None, back.place())
}

/// Checks the password, and opens the session that lacks the second factor.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>, query: Query<FrameQuery>, request: Request,
) -> Response {
    let (origin, address) = (browser_of(&state, &request), origin_of(&request, &state.config.proxies).sure);
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let form = match body_up_to(request, MOST_BYTES).await.and_then(|bytes| Form::read(&bytes)) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let (typed, to) = (form.text_or_empty("email"), of_form(&form));
    let (mark, claimed) = claim(&state, &typed);
    if let Err(limited) = state.limits.may_try(claimed, address) {
        return failure(&limited);
    }
    let known = match known(&state, &typed).await {
        Ok(known) => known,
        Err(failed) => return failed,
    };
    let hash = known.as_ref().and_then(|known| known.password.clone());
    let right = hashing::matches(&state, form.exact("password"), hash).await;
    let named = Named::of(&state, &parts);
    let operator = known.as_ref().map(|known| known.operator.id);
    if let Some(known) = known.filter(|_| right) {
        match opened(&state, known, origin, &named).await {
            Ok(Some((place, secret))) => {
                opened_by("password");
                return COOKIE.set(&state, &secret, see_other(&leading(place, &to)));
            }
            // The person was revoked, or changed the password, while it was checked.
            Ok(None) => {}
            Err(failed) => return failed,
        }
    }
    state.limits.failed(claimed, address);
    let refused = page(&state, (&parts.headers, &query), Some(typed), to);
    attempted(&state, operator, &named, mark, refused).await
}

/// The keyed hash of an address that somebody signs in with, for the trail, and the key under which wrong passwords are
/// counted.
fn claim(state: &AppState, typed: &str) -> (String, Claimed) {
    let mark = state.store.keyring().lookup("sign_in", &typed.to_lowercase());
    let number = u128::from_str_radix(&mark[..32], 16).expect("a keyed hash is hexadecimal");
    (mark, Claimed::Address(number))
}

/// The active person with an address. A text that is no address belongs to nobody.
async fn known(state: &AppState, typed: &str) -> Result<Option<Known>, Response> {
    let Ok(email) = Email::parse(typed) else { return Ok(None) };
    let now = state.clock.now();
    let known = state.store.read(move |tx| factors::known(tx, now, &email)).await;
    known.map_err(|error| failure(&of_store(error)))
}

/// Opens the session. Returns the page of its next step and its secret; `None` if the person changed meanwhile.
async fn opened(
    state: &AppState, known: Known, origin: Origin, named: &Named,
) -> Result<Option<(&'static str, String)>, Response> {
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let call = named.changing(now, known.operator.id, StatusCode::SEE_OTHER, b"");
    let open = move |tx: &mut app::Tx<'_>| {
        let opened = factors::after_password(tx, now, &known, origin.clone(), limits)?;
        app::people::trail::note(tx, &call)?;
        Ok::<_, Failed<SignInRefused>>(opened)
    };
    match state.store.write(open).await {
        Ok((signed_in, secret)) => Ok(Some((signed_in.lacks.map_or("/console", steps::place), secret))),
        Err(Failed::Refused(_changed_meanwhile)) => Ok(None),
        Err(Failed::Store(error)) => Err(failure(&of_store(error))),
    }
}
