//! The partner whose dashboard it is: the member's own one. In a sandbox, the lender's people who may make credentials
//! choose one.

use app::partners::{self, Partner};
use app::{Cursor, Failed, ListRefused, StoreError};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::{Permission, TeamRole};
use domain::credential::Environment;
use domain::id::PartnerId;
use domain::page::{Limit, Order};

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::{see_other, values};
use crate::pages::form::Form;
use crate::pages::people::desk::Desk;
use crate::pages::people::notice::{forbidden, notice, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::people::visitor::Visitor;
use crate::state::AppState;

/// The cookie with the id of the chosen partner. It is no secret: every request checks what the person may do.
const CHOSEN: &str = "dinie_partner";

/// Gives a request the desk at which its person works, and refuses those who have none.
pub(super) async fn at_desk(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Desk>().is_some() {
        return next.run(request).await;
    }
    let may = |visitor: &Visitor| visitor.grants.allows(Permission::CreateCredential);
    let is_allowed = state.config.environment == Environment::Sandbox
        && request.extensions().get::<Visitor>().is_some_and(may);
    if !is_allowed {
        return forbidden(request.headers());
    }
    let chosen = values(request.headers(), CHOSEN).find_map(|id| id.parse().ok());
    match partner(&state, chosen).await {
        Ok(Some(partner)) => {
            request.extensions_mut().insert(Desk { partner, role: TeamRole::Admin, is_member: false });
            next.run(request).await
        }
        Ok(None) => {
            notice(request.headers(), StatusCode::NOT_FOUND, |t| (t.no_partner_yet, t.no_partner_yet_text))
        }
        Err(error) => failure(&of_store(error)),
    }
}

/// The chosen partner, or else the oldest one.
async fn partner(state: &AppState, chosen: Option<PartnerId>) -> Result<Option<Partner>, StoreError> {
    if let Some(id) = chosen
        && let Some(partner) = state.store.look_up(move |tx| partners::find(tx, id)).await?
    {
        return Ok(Some(partner));
    }
    let oldest = Cursor { order: Order::Ascending, ..Cursor::first(Limit::ONE) };
    match state.store.list(move |tx| partners::list(tx, &oldest)).await {
        Ok(page) => Ok(page.items.into_iter().next()),
        Err(Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor)) => Ok(None),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Chooses the partner of the dashboard, for the lender's people.
pub(super) async fn choose(visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let id = match Form::read(&body) {
        Ok(form) => form.text_or_empty("partner").parse::<PartnerId>(),
        Err(rejection) => return failure(&rejection),
    };
    let (Ok(id), false) = (id, visit.desk.is_some_and(|desk| desk.is_member)) else {
        return unknown(&headers);
    };
    let mut response = see_other("/dashboard");
    let cookie = format!("{CHOSEN}={id}; Path=/dashboard; HttpOnly; SameSite=Lax");
    let cookie = HeaderValue::from_str(&cookie).expect("an id is letters and digits");
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
