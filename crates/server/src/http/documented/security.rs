//! The ways to authenticate at each API.

use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use super::api::Api;

/// Defines the ways to authenticate, and requires one of them for every operation that names none.
pub(super) fn define(api: Api, document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let ways: &[&str] = match api {
        Api::Operator => {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme("operator", SecurityScheme::Http(bearer));
            &["operator"]
        }
        Api::Sdk => tokens(components, "/api/v3/auth/token"),
        Api::Reference | Api::Sandbox => tokens(components, "/v3/auth/token"),
    };
    let none: [&str; 0] = [];
    document.security = Some(ways.iter().map(|way| SecurityRequirement::new(*way, none)).collect());
}

/// The partners' access tokens, and the credentials that obtain them at the path of the token endpoint.
fn tokens(components: &mut Components, path: &str) -> &'static [&'static str] {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let flow = Flow::ClientCredentials(ClientCredentials::new(path, Scopes::new()));
    components.add_security_scheme("client_credentials", SecurityScheme::OAuth2(OAuth2::new([flow])));
    let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
    components.add_security_scheme("basic", SecurityScheme::Http(basic));
    &["bearer", "client_credentials"]
}
