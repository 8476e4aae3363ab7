//! Signing in by the lender's own provider: the way there, and the way back.

use app::people::provider::{self, Outcome, ProviderRefused, Vouched};
use app::people::sign_in::{self, SignInRefused, SignedIn};
use app::{Failed, StoreError, Tx};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Subject;
use domain::person::Email;
use serde::Deserialize;

use super::super::entry::browser_of;
use super::super::gate::{COOKIE, attempted, opened_by};
use super::super::notice::{notice, unknown};
use super::super::steps;
use crate::http::address::origin_of;
use crate::http::problem::of_store;
use crate::http::recorded::Named;
use crate::pages::answer::failure;
use crate::pages::cookie::{SecretCookie, see_other};
use crate::sso::{Account, Ask, Asked, Provider, ProviderFault};
use crate::state::AppState;

/// The cookie with the secret of a browser that went to the provider.
const ASKING: SecretCookie = SecretCookie {
    name: "__Host-dinie_sso",
    plain_name: "dinie_sso",
    plain_path: "/sign-in/sso",
    seconds: 600,
};

/// The longest name that is taken over, as in the operator API.
const LONGEST_NAME: usize = 100;

#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct Question {
    #[serde(default)]
    to: String,
    /// Present if the person must prove again who they are.
    proof: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct Answered {
    code: Option<String>,
    #[serde(default)]
    state: String,
    /// The provider that answers (RFC 9207), if it says so.
    iss: Option<String>,
}

/// Sends the browser to the provider.
pub(in crate::pages) async fn ask(
    State(state): State<AppState>, Query(question): Query<Question>, request: Request,
) -> Response {
    let headers = request.headers().clone();
    let Some(provider) = &state.provider else { return unknown(&headers) };
    if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return failure(&limited);
    }
    let secret = app::database::hex(&app::database::Random::open().bytes::<32>());
    let (to, at, fresh) = (steps::back(&question.to).to_owned(), state.clock.now(), question.proof.is_some());
    let ask = Ask::new(&state.store, &secret, Asked { to, at, fresh });
    match provider.page(&ask, at).await {
        Ok(page) => ASKING.set(&state, &secret, see_other(&page)),
        Err(fault) => unavailable(&headers, &fault),
    }
}

/// Signs the person in for whom the provider answered.
pub(in crate::pages) async fn answer(
    State(state): State<AppState>, Query(answered): Query<Answered>, request: Request,
) -> Response {
    let headers = request.headers().clone();
    let Some(provider) = &state.provider else { return unknown(&headers) };
    if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return failure(&limited);
    }
    let (now, origin) = (state.clock.now(), browser_of(&state, &request));
    let named = Named::of(&state, &request.into_parts().0);
    let is_other = answered.iss.as_ref().is_some_and(|iss| *iss != provider.config().issuer);
    let secret = ASKING.secret_of(&state, &headers).filter(|_| !is_other);
    let ask = secret.and_then(|secret| Ask::answered(&state.store, &secret, &answered.state, now));
    // Without a code the person said no at the provider, or the provider did.
    let (Some(ask), Some(code)) = (ask, answered.code) else {
        let again = notice(&headers, StatusCode::BAD_REQUEST, |t| (t.sso_again, t.sso_again_text));
        return attempted(&state, None, &named, String::new(), again).await;
    };
    let account = match provider.account(&code, &ask, now).await {
        Ok(account) => account,
        Err(fault) => {
            let answer = unavailable(&headers, &fault);
            return attempted(&state, None, &named, String::new(), answer).await;
        }
    };
    let mark = state.store.keyring().lookup("sso_account", &account.subject);
    let (vouched, limits) = (vouched(provider, account), state.config.sessions);
    let before = if ask.asked.fresh { signed_in(&state, &headers).await } else { None };
    let noted = named.clone();
    let sign_in = move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        let outcome = provider::sign_in(tx, now, &vouched, (origin.clone(), before.as_ref()), limits)?;
        let (operator, status) = match &outcome {
            Outcome::Opened(signed_in, _) => (signed_in.operator.id, StatusCode::SEE_OTHER),
            Outcome::Refused(_, Some(operator)) => (*operator, StatusCode::FORBIDDEN),
            Outcome::Refused(_, None) => return Ok(outcome),
        };
        app::people::trail::note(tx, &noted.changing(now, operator, status, b""))?;
        Ok(outcome)
    };
    let answer = match state.store.write(sign_in).await {
        Ok(Outcome::Opened(_, secret)) => {
            opened_by("provider");
            COOKIE.set(&state, &secret, see_other(&ask.asked.to))
        }
        Ok(Outcome::Refused(refused, Some(_noted))) => refusal(&headers, refused),
        Ok(Outcome::Refused(refused, None)) => {
            attempted(&state, None, &named, mark, refusal(&headers, refused)).await
        }
        Err(error) => failure(&of_store(error)),
    };
    ASKING.forget(&state, answer)
}

/// The provider's claims, as the use case needs them.
fn vouched(provider: &Provider, account: Account) -> Vouched {
    let Account { subject, email, name, groups } = account;
    let name: String = name.chars().filter(|sign| !sign.is_control()).take(LONGEST_NAME).collect();
    let fits = domain::visible::check_name(&name).is_ok();
    Vouched {
        roles: provider.config().roles_of(&groups),
        account: Subject { issuer: provider.config().issuer.clone(), subject },
        email: email.and_then(|email| Email::parse(&email).ok()),
        name: if fits { name } else { "?".to_owned() },
    }
}

/// The person of the browser's session, whose place the new session takes.
async fn signed_in(state: &AppState, headers: &HeaderMap) -> Option<SignedIn> {
    let secret = COOKIE.secret_of(state, headers)?;
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let find = move |tx: &mut Tx<'_>| sign_in::of_session(tx, now, &secret, limits);
    let found: Result<SignedIn, Failed<SignInRefused>> = state.store.read(find).await;
    found.ok()
}

fn unavailable(headers: &HeaderMap, fault: &ProviderFault) -> Response {
    tracing::warn!(error = %fault, "the provider signed nobody in");
    notice(headers, StatusCode::BAD_GATEWAY, |t| (t.sso_failed, t.sso_failed_text))
}

fn refusal(headers: &HeaderMap, refused: ProviderRefused) -> Response {
    notice(headers, StatusCode::FORBIDDEN, |t| match refused {
        ProviderRefused::NoRoles => (t.sso_no_roles, t.sso_no_roles_text),
        ProviderRefused::NoAddress => (t.sso_no_address, t.sso_no_address_text),
        ProviderRefused::OtherAccount => (t.sso_other, t.sso_other_text),
        ProviderRefused::Revoked => (t.revoked, t.revoked_text),
    })
}
