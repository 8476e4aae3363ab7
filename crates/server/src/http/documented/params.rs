//! The parameters that many operations share. Each is defined once and referred to.

use domain::queue::Queue;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Components, HttpMethod, Ref, RefOr, Required};

use super::api::Api;
use super::sample::{self, Sample};
use super::vocabulary;

/// The pattern of a case's place in its queue.
const CASE_PLACE: &str = r"^(-?\d+|\d{4}-\d{2}-\d{2})_(cust|ln|prop|ml)_[0-9a-f]{32}$";

/// The page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameters, which are read one by one")]
pub struct PageParams {
    /// The most items on the page.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u8>,
    /// The id of the last item of the previous page. Without it the list begins at its first item.
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

/// The reach of a revocation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameter, which is read by itself")]
pub struct RevokeParams {
    /// Whether every credential that this one created is revoked too, and every credential that those created. An
    /// extension.
    #[param(default = false)]
    revoke_created: Option<bool>,
}

/// Declares the parameters that bound lists in time: the type of a moment, then the description of each bound.
macro_rules! time_bounds {
    ($moment:ty, $($(#[$attribute:meta])* $name:ident: $since:tt, $until:tt;)+) => {$(
        $(#[$attribute])*
        #[derive(utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[expect(dead_code, reason = "it documents the parameters, which are read one by one")]
        pub(in crate::http) struct $name {
            #[doc = $since]
            since: Option<$moment>,
            #[doc = $until]
            until: Option<$moment>,
        }
    )+};
}

pub(in crate::http) use time_bounds;

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
    parameter("limit", ParameterIn::Query, "The most items on the page.")
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
    // The server refuses no value, so the schema has no bounds.
    let schema = ObjectBuilder::new().schema_type(Type::String);
    let description = "An id of yours for this request, of 1 to 128 visible ASCII characters. The answer and the \
                       server's log carry it. A value of another form is replaced by an id of the server.";
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

/// Completes the parameters. It adds those in the path, replaces the handler's by references to the shared ones, and
/// adds those that follow from rules.
pub(super) fn complete(api: Api, method: &HttpMethod, path: &str, operation: &mut Operation) {
    let id = operation.operation_id.clone().expect("every handler names its operation");
    let parameters = operation.parameters.get_or_insert_default();
    parameters.splice(0..0, of_path(path));
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
    for parameter in parameters.iter_mut() {
        if let RefOr::T(own) = parameter {
            *parameter = RefOr::T(completed(api, &id, own.clone()));
        }
    }
    let writes = matches!(method, HttpMethod::Post | HttpMethod::Patch);
    let is_token = id == "createToken";
    if writes && !is_token && api != Api::Sandbox {
        parameters.push(shared_parameter("IdempotencyKey"));
    }
    parameters.push(shared_parameter("RequestId"));
}

/// The parameters in a path. Every name in braces is an id.
fn of_path(path: &str) -> Vec<RefOr<Parameter>> {
    let named = |part: &str| part.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
    let parameter = |name: String| {
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema));
        RefOr::T(parameter.build())
    };
    path.split('/').filter_map(named).map(parameter).collect()
}

/// Whether the list has the oldest entry first by default. Only the ledger has.
fn is_described_ascending(parameter: &Parameter) -> bool {
    parameter.description.as_deref().is_some_and(|text| text.contains("asc (default)"))
}

fn shared_parameter(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}

/// Adds the description and an example to an operation's own parameter.
fn completed(api: Api, operation: &str, own: Parameter) -> Parameter {
    let sample = sample(api, operation, &own);
    let description = match &own.parameter_in {
        ParameterIn::Path => Some(path_description(&own.name).to_owned()),
        _other => own.description.clone(),
    };
    let mut schema = own.schema.clone();
    let written = serde_json::to_value(&own).expect("a parameter is JSON");
    let mut example = written.get("example").cloned();
    if let (Some(RefOr::T(Schema::Object(object))), Some(sample)) = (&mut schema, sample) {
        sample.complete(object);
        example = example.or(object.example.take());
    }
    if let Some(RefOr::T(Schema::Object(object))) = &mut schema {
        sample::printable(object);
    }
    if let Some(RefOr::Ref(_)) = &schema {
        let status = match operation {
            id if id.contains("Offer") => "available",
            id if id.contains("Mail") => "failed",
            _other => "active",
        };
        example.get_or_insert_with(|| json!(status));
    }
    ParameterBuilder::from(own).description(description).schema(schema).example(example).build()
}

/// The value of a path parameter in examples.
pub(super) fn path_example(name: &str) -> String {
    let sample = path_sample(name).map(|sample| sample.value(&SchemaType::Type(Type::String)));
    match sample {
        Some(Value::String(text)) => text,
        _no_sample => format!("{{{name}}}"),
    }
}

/// The sample of an id in a path.
fn path_sample(name: &str) -> Option<Sample> {
    Some(match name {
        "endpoint_id" => Sample::Id("we"),
        "partner_id" => Sample::Id("ptr"),
        "document_id" => Sample::Id("doc"),
        "payment_id" => Sample::Id("pay"),
        "mail_id" => Sample::Id("ml"),
        "operator_id" | "member_id" => Sample::Id("op"),
        "proposal_id" => Sample::Id("prop"),
        "note_id" => Sample::Id("note"),
        "bank_file_id" => Sample::Id("bf"),
        "saved_view_id" => Sample::Id("view"),
        "policy_version_id" => Sample::Id("pol"),
        "queue" => Sample::OneOf(&Queue::NAMES),
        "page" => Sample::Form("^[1-9][0-9]{0,2}$", "1"),
        "subject_id" => Sample::Id("ln"),
        "request_id" => Sample::Form("^[A-Za-z0-9_.-]+$", "req_4eda7559c0de0ea58a7a4a14"),
        "key" => Sample::Form("^[A-Za-z0-9_.-]+$", "0190f3b4-c5d6-7e8f-90a1-b2c3d4e5f607"),
        other => vocabulary::of("", other)?,
    })
}

fn path_description(name: &str) -> &'static str {
    match name {
        "client_id" => "The client id of the credential.",
        "customer_id" => "The id of the customer.",
        "clock_id" => "The id of the clock.",
        "credit_offer_id" => "The id of the offer.",
        "loan_id" => "The id of the loan.",
        "endpoint_id" => "The id of the webhook endpoint.",
        "delivery_id" => "The id of the delivery.",
        "event_id" => "The id of the event.",
        "partner_id" => "The id of the partner.",
        "document_id" => "The id of the document.",
        "payment_id" => "The id of the payment.",
        "mail_id" => "The id of the e-mail.",
        "operator_id" => "The id of the operator.",
        "member_id" => "The id of the member.",
        "proposal_id" => "The id of the proposal.",
        "note_id" => "The id of the note.",
        "bank_file_id" => "The id of the file.",
        "saved_view_id" => "The id of the saved view.",
        "policy_version_id" => "The id of the version of the policy.",
        "queue" => "The name of the queue.",
        "page" => "The number of the page, from 1.",
        "request_id" => "The id of the request, as in `x-request-id`, or its id in the log.",
        "key" => "The idempotency key.",
        "subject_id" => "The id of the subject: a customer, a loan, a proposal or an e-mail.",
        _other => "The id of the resource.",
    }
}

fn sample(api: Api, operation: &str, own: &Parameter) -> Option<Sample> {
    let is_number = matches!(&own.schema, Some(RefOr::T(Schema::Object(object)))
        if sample::is(&object.schema_type, &Type::Integer));
    Some(match own.name.as_str() {
        "cpf" => vocabulary::of("CreateCustomer", "cpf")?,
        "cnpj" => vocabulary::of("CreateCustomer", "cnpj")?,
        // The number of an entry. Its handler gives the full description.
        "starting_after" if is_number => return None,
        // Its handler gives its form.
        "request_id" if own.parameter_in == ParameterIn::Query => return None,
        "starting_after" => listed(operation)?,
        "sort" => match api {
            Api::Sdk => Sample::OneOf(&["created_at", "updated_at"]),
            Api::Reference | Api::Operator | Api::Sandbox => {
                Sample::OneOf(&["created_at", "updated_at", "name"])
            }
        },
        "order" => Sample::OneOf(&["asc", "desc"]),
        "copy" => Sample::OneOf(&["issued", "signed"]),
        "date" => Sample::Format("date", "2030-05-01"),
        "type" => Sample::OneOf(match api {
            Api::Sdk => wire::sdk::event::names(),
            Api::Reference | Api::Operator | Api::Sandbox => wire::reference::event::names(),
        }),
        "since" => Sample::Moment(1_793_491_200),
        "until" => Sample::Moment(1_901_275_200),
        "status" => status(operation)?,
        "revoke_created" => Sample::Flag(true),
        name => path_sample(name)?,
    })
}

/// A sample of `starting_after` for a list.
fn listed(operation: &str) -> Option<Sample> {
    Some(match operation {
        "listCredentials" | "listPartnerCredentials" => Sample::ClientId,
        "listCustomers" => Sample::Id("cust"),
        "listCustomerCreditOffers" | "listCreditOffers" => Sample::Id("co"),
        "listTransactions" | "listInstallments" => Sample::Id("tx"),
        "listWebhookEndpoints" => Sample::Id("we"),
        "listWebhookDeliveries" => Sample::Id("dlv"),
        "listEvents" => Sample::Id("evt"),
        "listPartners" => Sample::Id("ptr"),
        "listOperators" => Sample::Id("op"),
        "listProposals" => Sample::Id("prop"),
        "listLoans" => Sample::Id("ln"),
        "listPayments" | "findPayments" => Sample::Id("pay"),
        "listMails" => Sample::Id("ml"),
        "listNotes" => Sample::Id("note"),
        "listBankFiles" => Sample::Id("bf"),
        "listPolicyVersions" => Sample::Id("pol"),
        "listCases" => Sample::Form(CASE_PLACE, "1793491200000000_ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"),
        "listRequests" | "listPartnersRequests" => Sample::Id("rlog"),
        "getLedger" | "listJournalEntries" => Sample::Id("je"),
        _other => return None,
    })
}

/// The statuses that filter a list whose handler names no type for them.
fn status(operation: &str) -> Option<Sample> {
    Some(Sample::OneOf(match operation {
        "listWebhookDeliveries" => &["failed", "pending", "delivered"],
        _other => return None,
    }))
}
