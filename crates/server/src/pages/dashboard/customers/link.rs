//! Makes the link to the page on which the customer sends its part of the KYC, and shows it once.

use app::Failed;
use app::directory::OnClock;
use app::kyc::sessions::{self, OpenSessionRefused};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;

use super::one::{self, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/kyc_link.html")]
struct LinkPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    customer: String,
    link: String,
    ends: Moment,
}

/// Opens a hosted session and shows its link.
pub(in crate::pages::dashboard) async fn create(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let tenant = match desk.tenant_of(&visit.state, OnClock::Customer(customer)).await {
        Ok(tenant) => tenant,
        Err(rejection) => return failure(&rejection),
    };
    let lifetime = visit.state.config.lifetimes.biometrics_link;
    let now = visit.state.now_of(tenant);
    let open = move |tx: &mut app::Tx<'_>| {
        sessions::open(tx, tenant, now, customer, ReviewStart::Automatic, lifetime)
    };
    let opened = match visit.change_and_answer(StatusCode::OK, b"", open).await {
        Ok(opened) => opened,
        Err(Failed::Refused(OpenSessionRefused::NotFound)) => return unknown(&headers),
        Err(Failed::Refused(OpenSessionRefused::AlreadyOpen | OpenSessionRefused::InvalidState(_))) => {
            let problem = visit.texts().portfolio.no_link.to_owned();
            let shown = Shown { problem, ..Shown::default() };
            return one::page(visit, &desk, &headers, &id, (StatusCode::CONFLICT, shown)).await;
        }
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let (t, around) = (visit.texts(), visit.around());
    let page = LinkPage {
        t,
        customer: format!("/dashboard/customers/{id}"),
        link: visit.state.lender.links.biometrics(&opened.code),
        ends: Moment::exactly(opened.session.expires_at),
        frame: visit.frame,
        path: format!("/dashboard/customers/{id}"),
        around,
    };
    framed(StatusCode::OK, &page)
}
