//! The permission of an operators' operation, as its handler declares it and the document shows it.

use domain::access::Permission;
use serde_json::Value;
use utoipa::openapi::path::Operation;

/// The extension in which an operators' operation names its permission:
/// `extensions(("x-permission" = json!(Permission::DecideKyc.name())))`.
const DECLARED: &str = "x-permission";

/// The permission that an operation declares; `None` if it declares none.
pub fn permission_of(operation: &Operation) -> Option<Permission> {
    let declared = operation.extensions.as_ref()?.get(DECLARED);
    declared.and_then(Value::as_str).and_then(|word| word.parse().ok())
}
