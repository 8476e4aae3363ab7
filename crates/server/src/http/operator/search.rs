//! The search over everything.

use app::Tx;
use axum::Json;
use domain::access::Permission;
use domain::search::Query as Sought;
use wire::operator::List;
use wire::operator::search::SearchHit;

use super::place::Read;
use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};

/// Search everything
///
/// Finds resources of all partners by one text, at most twenty, exact matches first: any id, a CPF or CNPJ with or
/// without punctuation, an e-mail address, a telephone number, the number of a contract, the txid of a Pix charge, the
/// reference of a payment, a partner's own id of a customer, the id of a request of an operator, and the name of a
/// company or of its people. Each word of a name may be the beginning of a word; case and accents do not count. A
/// customer is found by name within about a second of its registration. Only resources that the operator may read are
/// found.
#[utoipa::path(
    get, path = "/search", operation_id = "search", tag = "Search",
    extensions(("x-permission" = json!(Permission::Search.name()))),
    params((
        "q" = String, Query,
        description = "The text to search for.",
        min_length = 1, max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        example = "padaria serra"
    )),
    responses((status = 200, description = "The found resources.", body = List<SearchHit>))
)]
pub(super) async fn search(call: Read, mut query: Query) -> Result<Json<List<SearchHit>>, Rejection> {
    let wrong = "must have 1 to 128 characters, at least one that is no space";
    query.require("q");
    let sought = query.read("q", wrong, Sought::parse);
    query.finish()?;
    let sought = sought.expect("a query without faults has its text");
    let may = call.caller.grants().permissions;
    let search = move |tx: &mut Tx<'_>| app::search::search(tx, &sought, may);
    let page = call.state.store.list(search).await.map_err(of_store)?;
    Ok(Json(List::of(page, |hit| SearchHit {
        kind: hit.kind.into(),
        id: hit.id,
        partner_id: hit.partner,
        customer_id: hit.customer,
        title: hit.title,
        tax_id: hit.tax_id,
        label: hit.label,
        state: hit.state,
        matched_by: hit.matched.into(),
    })))
}
