//! The forms that tag a customer.

use app::customers::tags::{self, TagRefused};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::customer::Tag;
use domain::id::{CustomerId, PartnerId};

use super::page::page;
use super::shown::{Place, Problem, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Adds a tag.
pub(in crate::pages::console) async fn add(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    change(visit, &id, &headers, &body, tags::add).await
}

/// Removes a tag.
pub(in crate::pages::console) async fn remove(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    change(visit, &id, &headers, &body, tags::remove).await
}

type UseCase = fn(&mut Tx<'_>, PartnerId, CustomerId, &Tag) -> Result<Vec<Tag>, Failed<TagRefused>>;

async fn change(visit: Visit, id: &str, headers: &HeaderMap, body: &Bytes, use_case: UseCase) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(headers) };
    let (text, tab) = match Form::read(body) {
        Ok(form) => (form.line("tag"), form.line("tab")),
        Err(rejection) => return failure(&rejection),
    };
    let place = Place { tab, ..Place::default() };
    let Ok(tag) = Tag::parse(&text) else {
        let shown = Shown { problem: Some(Problem::NoTag), ..Shown::masked(place) };
        return page(visit, headers, id, shown, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let real = visit.state.clock.now();
    let change = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &customer)?;
        use_case(tx, partner, customer, &tag)
    };
    match visit.change(body, change).await {
        // A tag that somebody else has removed meanwhile is as good as removed.
        Ok(_) | Err(Failed::Refused(TagRefused::NotFound)) => {
            let is_name = !place.tab.is_empty() && place.tab.bytes().all(|byte| byte.is_ascii_lowercase());
            let tab = if is_name { format!("?tab={}", place.tab) } else { String::new() };
            see_other(&visit.kept(&format!("/console/customers/{customer}{tab}")))
        }
        Err(Failed::Refused(TagRefused::TooMany)) => {
            let shown = Shown { problem: Some(Problem::TooManyTags), ..Shown::masked(place) };
            page(visit, headers, id, shown, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
