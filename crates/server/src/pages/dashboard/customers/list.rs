//! The list of customers, newest first, with a filter by state, or the customers that a search finds.

use app::customers::{self, CustomerFilter};
use app::{Cursor, Failed, ListRefused, Tx, search};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::customer::{CustomerFile, CustomerState};
use domain::id::PartnerId;
use domain::page::{Limit, Page};
use domain::search::Query as Sought;
use domain::written;
use serde::Deserialize;

use crate::pages::addresses::{joined, query_of};
use crate::pages::dashboard::sandbox::{chosen, tenant_of};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::tab::Tab;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/customers.html")]
struct CustomersPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    /// The text of the search; empty without one.
    sought: String,
    states: Vec<Tab>,
    rows: Vec<Row>,
    /// Whether the search found more than the page shows.
    has_more: bool,
    next: String,
}

struct Row {
    href: String,
    name: String,
    tax_id: String,
    external_id: String,
    badge: Badge,
    made_at: String,
}

/// The part of the address with the filter, the search and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    #[serde(default)]
    status: String,
    #[serde(default)]
    q: String,
    after: Option<String>,
    /// The id of a clock; empty for the main clock.
    #[serde(default)]
    clock: String,
}

impl Asked {
    fn state(&self) -> Option<CustomerState> {
        // An address with an unknown state shows all states.
        self.status.parse().ok()
    }
}

/// The address of the list.
fn href(state: Option<CustomerState>, after: Option<String>, clock: &str) -> String {
    let clock = Some(clock.to_owned()).filter(|clock| !clock.is_empty());
    let given = [("status", state.map(|state| state.name().to_owned())), ("after", after), ("clock", clock)];
    joined("/dashboard/customers", &query_of(given))
}

/// Shows a page of the customers.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let sought = Sought::parse(&asked.q);
    let clock = match chosen(&visit, &desk, &asked.clock, &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    let tenant = tenant_of(&desk, clock.as_ref());
    let page = match read(&visit, tenant, &asked, sought.clone()).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around, state) = (visit.texts(), visit.around(), asked.state());
    let words = (t.customers.all_states, t.customers.of_state);
    let last = page.items.last().filter(|_| page.has_more && sought.is_none());
    let shown = CustomersPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        states: Tab::of_states(CustomerState::ALL, state, words, |of| href(of, None, &asked.clock)),
        rows: page.items.iter().map(|file| Row::of(file, t)).collect(),
        has_more: page.has_more && sought.is_some(),
        next: last
            .map_or_else(String::new, |last| href(state, Some(last.customer.id.to_string()), &asked.clock)),
        sought: sought.map_or_else(String::new, |sought| sought.text().to_owned()),
    };
    framed(StatusCode::OK, &shown)
}

async fn read(
    visit: &Visit, partner: PartnerId, asked: &Asked, sought: Option<Sought>,
) -> Result<Page<CustomerFile>, Failed<ListRefused>> {
    if let Some(sought) = sought {
        let find = move |tx: &mut Tx<'_>| Ok(search::customers_of(tx, partner, &sought)?);
        return visit.state.store.list(find).await;
    }
    let filter = CustomerFilter { state: asked.state(), ..CustomerFilter::default() };
    let after = asked.after.as_ref().and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let list = move |tx: &mut Tx<'_>| customers::list(tx, Some(partner), &filter, &cursor);
    visit.state.store.list(list).await
}

impl Row {
    fn of(file: &CustomerFile, t: &'static Texts) -> Self {
        let customer = &file.customer;
        let name = customer.registration.known_as();
        Self {
            href: format!("/dashboard/customers/{}", customer.id),
            name: name.map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string),
            tax_id: customer.registration.masked_tax_id(),
            external_id: customer.external_id.iter().cloned().collect(),
            badge: Badge::of_customer(customer.state, &t.badges),
            made_at: written::day_of(customer.created_at),
        }
    }
}
