//! The parameters that many operations share. Each is defined once and referred to.

use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, HttpMethod, Ref, RefOr, Required};

use super::Api;

/// The page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameters, which are read one by one")]
pub struct PageParams {
    /// How many items the page has at most.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u8>,
    /// The id of the last item of the page before. Without it the list begins at its first item.
    starting_after: Option<String>,
}

/// The direction of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameter, which is read by itself")]
pub struct OrderParam {
    /// `desc`: newest first. `asc`: oldest first.
    order: Option<String>,
}

/// Defines the shared parameters that an API has.
pub(super) fn define(api: Api, components: &mut Components) {
    let mut add = |name: &str, parameter: ParameterBuilder| {
        components.parameters.insert(name.to_owned(), RefOr::T(parameter.build()));
    };
    add("RequestId", request_id());
    if api != Api::Sandbox {
        add("Limit", limit());
        add("Order", order());
        add("IdempotencyKey", idempotency_key(api));
    }
}

fn parameter(name: &str, place: ParameterIn, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
}

fn limit() -> ParameterBuilder {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(json!(25)));
    parameter("limit", ParameterIn::Query, "How many items the page has at most.")
        .schema(Some(schema))
        .example(Some(json!(25)))
}

fn order() -> ParameterBuilder {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["desc", "asc"]))
        .default(Some(json!("desc")));
    parameter("order", ParameterIn::Query, "`desc` lists the newest item first, `asc` the oldest.")
        .schema(Some(schema))
        .example(Some(json!("desc")))
}

fn request_id() -> ParameterBuilder {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(128))
        .pattern(Some("^[!-~]+$"));
    let description = "An id of yours for this request. The answer and the server's log carry it. A value of \
                       another form is replaced by an id of the server.";
    parameter("x-request-id", ParameterIn::Header, description)
        .schema(Some(schema))
        .example(Some(json!("checkout-4711")))
}

fn idempotency_key(api: Api) -> ParameterBuilder {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    let description = "Makes it safe to send the request again for 24 hours: the same key with the same method, \
                       path and body gives the stored answer. `Idempotency-Key` and `X-Idempotency-Key` are the \
                       same header.";
    let name = match api {
        Api::Sdk => "X-Idempotency-Key",
        Api::Reference | Api::Operator | Api::Sandbox => "Idempotency-Key",
    };
    parameter(name, ParameterIn::Header, description)
        .schema(Some(schema))
        .example(Some(json!("0190f3b4-c5d6-7e8f-90a1-b2c3d4e5f607")))
}

/// Refers to the shared parameters in place of what the handler says, and adds those that follow from rules.
pub(super) fn complete(api: Api, method: &HttpMethod, operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    for parameter in parameters.iter_mut() {
        let shared = match &*parameter {
            RefOr::T(own) if own.parameter_in == ParameterIn::Query => match own.name.as_str() {
                "limit" => Some("Limit"),
                "order" if own.schema.is_none() || !is_described_ascending(own) => Some("Order"),
                _own => None,
            },
            _other => None,
        };
        if let Some(name) = shared {
            *parameter = shared_parameter(name);
        }
    }
    let writes = matches!(method, HttpMethod::Post | HttpMethod::Patch);
    let is_token = operation.operation_id.as_deref() == Some("createToken");
    if writes && !is_token && api != Api::Sandbox {
        parameters.push(shared_parameter("IdempotencyKey"));
    }
    parameters.push(shared_parameter("RequestId"));
}

/// The ledger alone lists the oldest entry first unless it is asked otherwise.
fn is_described_ascending(parameter: &Parameter) -> bool {
    parameter.description.as_deref().is_some_and(|text| text.contains("asc (default)"))
}

fn shared_parameter(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}
