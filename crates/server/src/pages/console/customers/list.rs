//! The list of customers of all partners, with filters in the address.

use app::customers::CustomerFilter;
use app::customers::tags::{self, Tagged};
use app::{Cursor, Failed, ListRefused, Tx};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::customer::{CustomerState, Tag};
use domain::id::PartnerId;
use domain::page::Limit;
use domain::written;
use serde::Deserialize;

use super::label::Label;
use super::rows;
use crate::pages::addresses::{joined, query_of};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::tab::Tab;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/customers.html")]
struct CustomersPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    states: Vec<Tab>,
    /// The tag by which the list is filtered; empty if it is not.
    tag: String,
    /// The state and the partner that the form of the tag keeps.
    kept: Vec<(&'static str, String)>,
    /// The address of the list without the tag.
    without_tag: String,
    rows: Vec<Row>,
    next: String,
}

struct Row {
    href: String,
    name: String,
    tax_id: String,
    partner: String,
    badge: Badge,
    tags: Vec<Label>,
    made_at: String,
}

/// The part of the address with the filters and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Asked {
    #[serde(default)]
    status: String,
    #[serde(default)]
    partner_id: String,
    #[serde(default)]
    tag: String,
    after: Option<String>,
}

impl Asked {
    fn state(&self) -> Option<CustomerState> {
        // An address with an unknown state shows all states.
        self.status.parse().ok()
    }

    fn partner(&self) -> Option<PartnerId> {
        self.partner_id.parse().ok()
    }

    fn tag(&self) -> Option<Tag> {
        Tag::parse(&self.tag).ok()
    }

    /// The address of the list with another state, another tag and another place.
    fn href(&self, state: Option<CustomerState>, tag: Option<&Tag>, after: Option<String>) -> String {
        let given = [
            ("status", state.map(|state| state.name().to_owned())),
            ("partner_id", self.partner().map(|id| id.to_string())),
            ("tag", tag.map(Label::escaped)),
            ("after", after),
        ];
        joined("/console/customers", &query_of(given))
    }
}

/// Shows a page of the customers, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let filter = CustomerFilter { state: asked.state(), ..CustomerFilter::default() };
    let (partner, tag) = (asked.partner(), asked.tag());
    let after = asked.after.as_ref().and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let read = move |tx: &mut Tx<'_>| {
        let page = tags::list(tx, partner, &filter, tag.as_ref(), &cursor)?;
        let partners = tags::partners_of(tx, &page.items)?;
        Ok::<_, Failed<ListRefused>>((page, partners))
    };
    let (page, partners) = match visit.state.store.list(read).await {
        Ok(read) => read,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around, state, tag) = (visit.texts(), visit.around(), asked.state(), asked.tag());
    let row = |tagged: &Tagged| {
        let customer = &tagged.file.customer;
        Row {
            href: format!("/console/customers/{}", customer.id),
            name: rows::name(&tagged.file, t),
            tax_id: customer.registration.masked_tax_id(),
            partner: partners.get(&customer.partner).cloned().unwrap_or_else(|| customer.partner.to_string()),
            badge: Badge::of_customer(customer.state, &t.badges),
            tags: tagged.tags.iter().map(Label::of).collect(),
            made_at: written::day_of(customer.created_at),
        }
    };
    let last = page.items.last().filter(|_| page.has_more);
    let words = (t.customers.all_states, t.customers.of_state);
    let states = Tab::of_states(CustomerState::ALL, state, words, |of| asked.href(of, tag.as_ref(), None));
    let kept = [
        ("status", state.map(|state| state.name().to_owned())),
        ("partner_id", asked.partner().map(|id| id.to_string())),
    ];
    let shown = CustomersPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        states,
        kept: kept.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        without_tag: asked.href(state, None, None),
        next: last.map_or_else(String::new, |last| {
            asked.href(state, tag.as_ref(), Some(last.file.customer.id.to_string()))
        }),
        tag: tag.as_ref().map_or_else(String::new, ToString::to_string),
        rows: page.items.iter().map(row).collect(),
    };
    framed(StatusCode::OK, &shown)
}
