//! Customers that may be the same as another one.

use axum::Json;
use domain::access::Permission;
use domain::id::CustomerId;
use wire::operator::List;
use wire::operator::duplicate::Duplicate;

use super::place::Read;
use crate::http::extract::PathId;
use crate::http::problem::Rejection;

/// List possible duplicates of a customer
///
/// Customers of all partners with the same CNPJ, CPF, bank account, KYC file, telephone or e-mail address: at most 20,
/// the strongest sign first, then the newest. `has_more` says that there are more; there is no next page.
#[utoipa::path(
    get, path = "/customers/{customer_id}/duplicates", operation_id = "listDuplicates", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadCustomers.name()))),
    responses((status = 200, description = "Customers that may be the same.", body = List<Duplicate>))
)]
pub(super) async fn of_customer(call: Read<PathId<CustomerId>>) -> Result<Json<List<Duplicate>>, Rejection> {
    let page = call.find(app::customers::duplicates).await?;
    Ok(Json(List::of(page, |duplicate| Duplicate::of(&duplicate.file, &duplicate.alike))))
}
