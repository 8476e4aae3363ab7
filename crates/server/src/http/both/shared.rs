//! The routes that both generations have.

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::dialect::BASE;
use super::{
    credentials, credit_offers, customers, deliveries, events, loans, requests, tokens, webhook_endpoints,
};
use crate::http::auth::authenticated;
use crate::http::prefixed::Prefixed;
use crate::state::AppState;

/// The shared routes, and those that `own` adds for this generation alone. The document lists them in this order.
pub(super) fn with_own(own: impl FnOnce(Prefixed) -> Prefixed, state: &AppState) -> OpenApiRouter<AppState> {
    let first = Prefixed::with(BASE)
        .routes(routes!(credentials::create, credentials::list))
        .routes(routes!(credentials::revoke))
        .routes(routes!(customers::create, customers::list));
    let protected = own(first)
        .routes(routes!(credit_offers::list_of_customer))
        .routes(routes!(credit_offers::list))
        .routes(routes!(credit_offers::show))
        .routes(routes!(credit_offers::simulate))
        .routes(routes!(loans::create))
        .routes(routes!(loans::show))
        .routes(routes!(loans::transactions))
        .routes(routes!(webhook_endpoints::create, webhook_endpoints::list))
        .routes(routes!(webhook_endpoints::show, webhook_endpoints::update, webhook_endpoints::delete))
        .routes(routes!(webhook_endpoints::rotate_secret))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::recover))
        .routes(routes!(deliveries::replay))
        .routes(routes!(deliveries::test))
        .routes(routes!(events::list))
        .routes(routes!(events::show))
        .routes(routes!(requests::list))
        .routes(routes!(requests::show))
        .routes(routes!(requests::key))
        .finish()
        .route_layer(from_fn_with_state(state.clone(), authenticated));
    Prefixed::with(BASE).routes(routes!(tokens::issue)).finish().merge(protected)
}
