//! The list of calls with its filters, newest first.

use app::partners::credentials;
use app::{Cursor, Failed, ListRefused, NotFound, Tx, request_log};
use askama::Template;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::credential::Credential;
use domain::id::PartnerId;
use domain::page::Limit;
use domain::request_log::{FoundRequests, LoggedRequest};

use super::filters::{Filters, LIST};
use super::words::{tone, took};
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The statuses and the classes that the form offers.
const STATUSES: [&str; 12] =
    ["2xx", "4xx", "5xx", "400", "401", "403", "404", "409", "422", "429", "500", "503"];
/// The methods of the API.
const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

#[derive(Template)]
#[template(path = "dashboard/requests.html")]
struct RequestsPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    /// Whether the server keeps a log.
    is_kept: bool,
    about: String,
    filters: Filters,
    statuses: [&'static str; STATUSES.len()],
    methods: [&'static str; METHODS.len()],
    /// The ids and the names of the partner's credentials.
    keys: Vec<(String, String)>,
    rows: Vec<Row>,
    /// The address at which the search goes on; empty at its end.
    next: String,
    /// Whether the page has fewer calls than it could show, although the search has not ended.
    is_partial: bool,
}

/// A call.
struct Row {
    href: String,
    tone: &'static str,
    status: u16,
    method: String,
    called: String,
    /// The code of the problem; empty without one.
    problem: String,
    took: String,
    at: Moment,
}

/// Shows a page of the calls that meet the filters.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, RawQuery(query): RawQuery, headers: HeaderMap,
) -> Response {
    let partner = desk.partner.id;
    let filters = match Filters::read(query.as_deref(), partner) {
        Ok(filters) => filters,
        Err(rejection) => return failure(&rejection),
    };
    let keys = match keys(&visit, partner).await {
        Ok(keys) => keys,
        Err(failed) => return refused_list(&headers, failed),
    };
    let is_kept = visit.state.request_log.is_on();
    let found = if is_kept && !filters.has_wrong() {
        let (filter, cursor) = (filters.filter.clone(), filters.cursor);
        let search =
            move |tx: &mut Tx<'_>| Ok::<_, Failed<NotFound>>(request_log::search(tx, &filter, &cursor)?);
        match visit.state.request_log.read(search).await {
            Ok(found) => found,
            Err(rejection) => return failure(&rejection),
        }
    } else {
        FoundRequests { items: Vec::new(), next: None }
    };
    let status = if filters.has_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    framed(status, &page(visit, filters, &keys, &found, is_kept))
}

/// The partner's credentials, for the form.
async fn keys(visit: &Visit, partner: PartnerId) -> Result<Vec<Credential>, Failed<ListRefused>> {
    let first = Cursor::first(Limit::MOST);
    let page = visit.state.store.list(move |tx| credentials::list(tx, partner, &first)).await?;
    Ok(page.items)
}

fn page(
    visit: Visit, filters: Filters, keys: &[Credential], found: &FoundRequests, is_kept: bool,
) -> RequestsPage {
    let (t, around) = (visit.texts(), visit.around());
    let settings = visit.state.request_log.settings();
    let days = |span: std::time::Duration| span.as_secs() / 86_400;
    RequestsPage {
        t,
        is_kept,
        about: (t.requests.about)(
            days(settings.kept),
            around.is_sandbox().then(|| days(settings.bodies_kept)),
        ),
        statuses: STATUSES,
        methods: METHODS,
        keys: keys.iter().map(|key| (key.client_id.to_string(), key.terms.name.clone())).collect(),
        rows: found.items.iter().map(Row::of).collect(),
        next: found.next.map_or_else(String::new, |last| filters.after(last)),
        is_partial: found.next.is_some() && found.items.len() < filters.cursor.limit.get(),
        filters,
        path: visit.path,
        frame: visit.frame,
        around,
    }
}

impl Row {
    fn of(call: &LoggedRequest) -> Self {
        Self {
            href: format!("{LIST}/{}", call.id),
            tone: tone(call.status),
            status: call.status,
            method: call.method.clone(),
            called: call.path.clone(),
            problem: call.problem.as_ref().map_or_else(String::new, |problem| problem.code.clone()),
            took: took(call.took),
            at: Moment::exactly(call.at.unmoved()),
        }
    }
}

impl RequestsPage {
    /// The words for a filter that cannot be read; empty if it can.
    fn wrong(&self, name: &str) -> &'static str {
        if self.filters.is_wrong(name) { (self.t.requests.wrong)(name) } else { "" }
    }

    fn is_chosen(&self, name: &str, value: &str) -> bool {
        self.filters.value(name) == value
    }
}
