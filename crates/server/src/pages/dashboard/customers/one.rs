//! One customer: its state, the items of its KYC, its data, offers and loans.
//!
//! Personal data is masked. It has an address of its own in full, so the audit trail shows who has seen it.

use app::Failed;
use app::NotFound;
use app::directory::OnClock;
use app::portfolio::timeline::{Logged, of_customer};
use app::portfolio::{self, CustomerSheet};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;
use domain::customer::CustomerState;
use domain::id::CustomerId;
use domain::kyc::{Requirement, RequirementState};
use domain::loan::Loan;
use domain::offer::Offer;
use domain::written;

use super::line::line;
use crate::pages::answer::failure;
use crate::pages::console::customers::title;
use crate::pages::dashboard::timeline::{Place, Timeline, logged};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Moment, Money, Step};
use crate::pages::kit::tab::Tab;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::signing::masked;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/customer.html")]
struct CustomerPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    badge: Badge,
    line: Vec<Step>,
    in_full: bool,
    /// The data of the registration, each with its name.
    facts: Vec<(&'static str, String)>,
    items: Vec<Item>,
    offers: Vec<OfferRow>,
    loans: Vec<LoanRow>,
    link: Link,
    tabs: Vec<Tab>,
    /// The history, if it is in view.
    timeline: Option<Timeline>,
    /// Why no link was made; empty if none was asked for.
    problem: String,
}

/// An item of the KYC.
struct Item {
    title: String,
    badge: Badge,
    is_optional: bool,
    /// The reason of the rejection; empty without one.
    reason: String,
}

struct OfferRow {
    id: String,
    amount: Money,
    valid_until: String,
    badge: Badge,
}

struct LoanRow {
    href: String,
    contract: String,
    amount: Money,
    made_at: String,
    badge: Badge,
}

/// The link to the page on which the customer sends its part of the KYC.
enum Link {
    /// A new one can be made.
    Possible,
    /// A new one can be made, by people with another role.
    OfOthers,
    /// One is open until this moment.
    Open(Moment),
    /// The customer has nothing to send.
    NotNeeded,
}

/// How the page shows a customer.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) in_full: bool,
    pub(super) place: Place,
    /// Why no link was made; empty if none was asked for.
    pub(super) problem: String,
}

/// Shows a customer with masked data.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, Query(place): Query<Place>, headers: HeaderMap,
) -> Response {
    let shown = Shown { place, ..Shown::default() };
    page(visit, &desk, &headers, &id, (StatusCode::OK, shown)).await
}

/// Shows a customer with its data in full.
pub(in crate::pages::dashboard) async fn reveal(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let shown = Shown { in_full: true, ..Shown::default() };
    page(visit, &desk, &headers, &id, (StatusCode::OK, shown)).await
}

/// The answer with a customer's page.
pub(super) async fn page(
    visit: Visit, desk: &Desk, headers: &HeaderMap, id: &str, (status, shown): (StatusCode, Shown),
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(headers) };
    let tenant = match desk.tenant_of(&visit.state, OnClock::Customer(id)).await {
        Ok(tenant) => tenant,
        Err(rejection) => return failure(&rejection),
    };
    let (real, role) = (visit.state.clock.now(), desk.role);
    let has_timeline = shown.place.is_timeline();
    let logged =
        if has_timeline { logged(&visit, (desk.partner.id, tenant), id.to_string()).await } else { None };
    let has_calls = logged.is_some();
    // Without the log the rest of the history is there.
    let logged = logged.unwrap_or(Logged { calls: Vec::new(), visits: Vec::new() });
    let read = move |tx: &mut app::Tx<'_>| {
        let sheet = portfolio::customer(tx, tenant, real, id)?;
        let all = if has_timeline { Some(of_customer(tx, &sheet, &logged)?) } else { None };
        Ok::<_, Failed<NotFound>>((sheet, all))
    };
    match visit.state.store.read(read).await {
        Ok((sheet, all)) => {
            let (t, own) = (visit.texts(), format!("/dashboard/customers/{id}"));
            let timeline = all.map(|all| Timeline::of(&all, &own, shown.place.source(), has_calls, t));
            let page = CustomerPage { timeline, ..CustomerPage::of(visit, &sheet, role, shown) };
            framed(status, &page)
        }
        Err(failed) => refused(headers, failed),
    }
}

impl CustomerPage {
    fn of(visit: Visit, sheet: &CustomerSheet, role: TeamRole, shown: Shown) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let customer = &sheet.file.customer;
        let name = customer.registration.known_as();
        Self {
            id: customer.id.to_string(),
            name: name.map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string),
            badge: Badge::of_customer(customer.state, &t.badges),
            line: line(&sheet.file, t),
            in_full: shown.in_full,
            facts: facts(sheet, shown.in_full, t),
            items: sheet.file.kyc.requirements.iter().map(|one| Item::of(sheet, one, t)).collect(),
            offers: sheet.offers.items.iter().map(|offer| OfferRow::of(offer, t)).collect(),
            loans: sheet.loans.items.iter().map(|loan| LoanRow::of(loan, t)).collect(),
            link: Link::of(sheet, role),
            tabs: shown.place.tabs(&format!("/dashboard/customers/{}", customer.id), t),
            timeline: None,
            problem: shown.problem,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}

/// The data of the registration.
fn facts(sheet: &CustomerSheet, in_full: bool, t: &'static Texts) -> Vec<(&'static str, String)> {
    let customer = &sheet.file.customer;
    let data = &customer.registration;
    let cpf = if in_full { data.cpf.to_string() } else { data.cpf.masked() };
    let cnpj = data.cnpj.map(|cnpj| if in_full { cnpj.to_string() } else { cnpj.masked() });
    let email = data.email.as_ref().map(|email| if in_full { email.to_string() } else { masked(email) });
    let phone =
        data.phone.as_ref().map(|phone| if in_full { phone.to_string() } else { ending(phone.as_str()) });
    let all = [
        (t.customers.name, data.name.as_ref().map(ToString::to_string)),
        (t.customer.cpf, Some(cpf)),
        ("CNPJ", cnpj),
        (t.sign_in.email, email),
        (t.portfolio.phone, phone),
        (t.portfolio.external_id, customer.external_id.clone()),
        (t.customers.made_at, Some(written::day_of(customer.created_at))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The end of a telephone number.
fn ending(phone: &str) -> String {
    let end: String = phone.chars().skip(phone.chars().count().saturating_sub(4)).collect();
    format!("•••• {end}")
}

impl Item {
    fn of(sheet: &CustomerSheet, requirement: &Requirement, t: &'static Texts) -> Self {
        let reason = match &requirement.state {
            RequirementState::Rejected { reason, .. } => reason.clone(),
            RequirementState::Missing
            | RequirementState::Submitted { .. }
            | RequirementState::Accepted { .. } => String::new(),
        };
        Self {
            title: title(&sheet.file, requirement, t),
            badge: Badge::of_requirement(&requirement.state, &t.badges),
            is_optional: !requirement.mandatory,
            reason,
        }
    }
}

impl OfferRow {
    fn of(offer: &Offer, t: &'static Texts) -> Self {
        Self {
            id: offer.id.to_string(),
            amount: Money(offer.terms.approved_amount),
            valid_until: written::day_of(offer.valid_until),
            badge: Badge::of_offer(offer.state, &t.badges),
        }
    }
}

impl LoanRow {
    fn of(loan: &Loan, t: &'static Texts) -> Self {
        Self {
            href: format!("/dashboard/loans/{}", loan.id),
            contract: loan.ccb_number.map_or_else(|| loan.id.to_string(), |number| number.to_string()),
            amount: Money(loan.quote.requested),
            made_at: written::day_of(loan.created_at),
            badge: Badge::of_loan(&loan.state, &t.badges),
        }
    }
}

impl Link {
    fn of(sheet: &CustomerSheet, role: TeamRole) -> Self {
        let open = sheet.session.as_ref().filter(|session| session.is_open(sheet.now));
        match (sheet.file.customer.state, open) {
            (CustomerState::PendingKyc, Some(session)) => Self::Open(Moment::exactly(session.expires_at)),
            (CustomerState::PendingKyc, None) if role.includes(TeamRole::Developer) => Self::Possible,
            (CustomerState::PendingKyc, None) => Self::OfOthers,
            (
                CustomerState::Creating
                | CustomerState::UnderReview
                | CustomerState::Active
                | CustomerState::Denied,
                _,
            ) => Self::NotNeeded,
        }
    }
}
