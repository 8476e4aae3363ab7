//! The further clocks of the page: the choice of one, the forms that make and delete one, and the reset.
//!
//! Reasons: docs/decisions/0041.

use app::sandbox::{self, ClockName, DeleteRefused, Left, MakeRefused, NewClock, SandboxClock};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::{ClockId, PartnerId};
use domain::time::{Date, RealTime, Timestamp};
use domain::written;
use wire::sandbox::latest;

use super::only::{HERE, SandboxOnly};
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::desk::Desk;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;
use crate::workers::reset;

/// The page of a clock. `rest` is the rest of the query; empty for none.
pub(super) fn address(clock: Option<ClockId>, rest: &str) -> String {
    match (clock, rest) {
        (None, "") => HERE.to_owned(),
        (None, rest) => format!("{HERE}?{rest}"),
        (Some(id), "") => format!("{HERE}?clock={id}"),
        (Some(id), rest) => format!("{HERE}?clock={id}&{rest}"),
    }
}

/// The clock that a page or a form names; `None` for the main clock. Its time is noted for this node.
pub(in crate::pages::dashboard) async fn chosen(
    visit: &Visit, desk: &Desk, named: &str, headers: &HeaderMap,
) -> Result<Option<SandboxClock>, Response> {
    if named.is_empty() {
        return Ok(None);
    }
    let Ok(id) = named.parse::<ClockId>() else { return Err(unknown(headers)) };
    let owner = desk.partner.id;
    match visit.state.store.look_up(move |tx| sandbox::find(tx, owner, id)).await {
        Ok(clock) => {
            visit.state.partner_clocks.note(id.tenant(), clock.ahead);
            Ok(Some(clock))
        }
        Err(failed) => Err(refused(headers, failed)),
    }
}

/// The tenant of the chosen clock.
pub(in crate::pages::dashboard) fn tenant_of(desk: &Desk, clock: Option<&SandboxClock>) -> PartnerId {
    clock.map_or(desk.partner.id, |clock| clock.id.tenant())
}

/// A clock in the list of clocks.
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) date: String,
    pub(super) current: bool,
}

impl Choice {
    /// The main clock and all others.
    pub(super) fn all(
        main: Timestamp, clocks: &[SandboxClock], chosen: Option<&SandboxClock>, real: RealTime,
        t: &'static Texts,
    ) -> Vec<Self> {
        let date = |at: Timestamp| written::date(at.business_date());
        let main = Self {
            href: address(None, ""),
            name: t.clocks.main.to_owned(),
            date: date(main),
            current: chosen.is_none(),
        };
        let other = |clock: &SandboxClock| Self {
            href: address(Some(clock.id), ""),
            name: clock.name.clone(),
            date: date(real.on_clock(clock.ahead)),
            current: chosen.is_some_and(|chosen| chosen.id == clock.id),
        };
        std::iter::once(main).chain(clocks.iter().map(other)).collect()
    }
}

/// Makes a clock. A day is the clock's first one; it begins at its end.
pub(in crate::pages::dashboard) async fn create(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let (owner, real) = (desk.partner.id, visit.state.clock.now());
    let Ok(name) = ClockName::parse(&form.text_or_empty("name")) else {
        return see_other(&address(None, "wrong=name"));
    };
    let begins_at = match &*form.text_or_empty("begins_at") {
        "" => None,
        day => match day.parse::<Date>().map(Timestamp::end_of_business_date) {
            Ok(moment) if moment <= latest(real) => Some(moment),
            _wrong => return see_other(&address(None, "wrong=begin")),
        },
    };
    let new = NewClock { name, begins_at };
    match visit.change(&body, move |tx: &mut Tx<'_>| sandbox::make(tx, owner, real, &new)).await {
        Ok(clock) => see_other(&address(Some(clock.id), "")),
        Err(Failed::Refused(MakeRefused::TooMany)) => see_other(&address(None, "wrong=many")),
        Err(Failed::Refused(MakeRefused::BeforeRealTime)) => see_other(&address(None, "wrong=begin")),
        Err(failed @ Failed::Store(_)) => failure(&failed.into()),
    }
}

/// Deletes a clock with everything on it, if the form confirms it.
pub(in crate::pages::dashboard) async fn delete(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, headers: HeaderMap, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let Ok(id) = form.text_or_empty("clock").parse::<ClockId>() else { return unknown(&headers) };
    if form.text_or_empty("confirm") != "yes" {
        return see_other(&address(Some(id), "wrong=confirm"));
    }
    let (owner, real) = (desk.partner.id, visit.state.clock.now());
    let step = (id, sandbox::ROWS_AT_ONCE);
    // The audit trail has the first step of a large clock.
    let first = visit.change(&body, move |tx: &mut Tx<'_>| sandbox::delete(tx, owner, real, step));
    let done = match first.await {
        Ok(Left::More) => reset::delete_clock(&visit.state, owner, id).await,
        first => first.map(drop),
    };
    match done {
        Ok(()) => {
            visit.state.partner_clocks.forget(id.tenant());
            see_other(&address(None, "done=deleted"))
        }
        Err(Failed::Refused(DeleteRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(DeleteRefused::Advancing)) => see_other(&address(Some(id), "wrong=moving")),
        Err(failed @ Failed::Store(_)) => failure(&failed.into()),
    }
}

/// Resets the sandbox, if the form confirms it. The audit trail has the form before the first deletion, because each
/// clock is deleted in a commit of its own.
pub(in crate::pages::dashboard) async fn reset_all(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    if form.text_or_empty("confirm") != "yes" {
        return see_other(&address(None, "wrong=confirm"));
    }
    let owner = desk.partner.id;
    let noted = visit.change(&body, move |tx: &mut Tx<'_>| {
        sandbox::list(tx, owner).map_err(Failed::<DeleteRefused>::from)
    });
    let done = match noted.await {
        Ok(_clocks) => reset::run(&visit.state, owner).await,
        Err(failed) => Err(failed),
    };
    match done {
        Ok(()) => see_other(&address(None, "done=reset")),
        Err(Failed::Refused(DeleteRefused::Advancing)) => see_other(&address(None, "wrong=moving")),
        Err(failed @ (Failed::Refused(DeleteRefused::NotFound) | Failed::Store(_))) => {
            failure(&failed.into())
        }
    }
}
