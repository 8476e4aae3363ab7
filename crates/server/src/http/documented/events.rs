//! The events of a generation: the bodies of webhooks, and the events of the list.

use app::links::Links;
use app::webhooks::samples::Source;
use domain::cause::Cause;
use domain::event::Event;
use domain::id::{DeliveryId, EventId, PartnerId, ResourceId};
use domain::loan::rates::RateBook;
use domain::time::Timestamp;
use domain::webhook::endpoint::Generation;
use serde_json::{Value, json};
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathItemBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{Discriminator, Object, ObjectBuilder, OneOf, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, Ref, RefOr, Required};
use wire::SigningPage;
use wire::event_schema::Sent;
use wire::generations;

/// The time of the samples: 2030-04-01T12:00:00Z.
const NOW: i64 = 1_901_275_200;

/// Adds the webhooks of a generation, and the events of its list.
pub(super) fn complete(generation: Generation, book: &RateBook, document: &mut OpenApi) {
    let names = generations::event_names(generation);
    let components = document.components.get_or_insert_default();
    let mut union = OneOf::new();
    let mut discriminator = Discriminator::new("type");
    for sent in generations::all_sent(generation) {
        let (name, data) = (sent.name, sent.data());
        for (nested, schema) in data.nested {
            components.schemas.entry(nested).or_insert(schema);
        }
        let described = components.schemas.entry(data.component.clone()).or_insert(data.schema);
        if let RefOr::T(Schema::Object(object)) = described {
            object.description.get_or_insert_with(|| about(name).to_owned());
        }
        let Some(RefOr::T(Schema::Object(listed))) = components.schemas.get("Event").cloned() else {
            continue;
        };
        let event_schema = event(&listed, sent, &data.component);
        let sent = webhook(generation, &event_schema);
        components.schemas.insert(format!("{}Event", pascal(name)), RefOr::T(Schema::Object(event_schema)));
        components.schemas.insert(format!("{}Webhook", pascal(name)), RefOr::T(Schema::Object(sent)));
        let reference = Ref::from_schema_name(format!("{}Event", pascal(name)));
        discriminator.mapping.insert(name.to_owned(), reference.ref_location.clone());
        union.items.push(RefOr::Ref(reference));
    }
    if let Some(RefOr::T(Schema::Object(sample))) = components.schemas.get_mut("SendTest")
        && let Some(RefOr::T(Schema::Object(r#type))) = sample.properties.get_mut("type")
    {
        r#type.enum_values = Some(names.iter().map(|name| json!(name)).collect());
    }
    union.description = Some("An event of one of the partner's resources. `type` is its name.".to_owned());
    union.discriminator = Some(discriminator);
    for sent in generations::all_sent(generation) {
        let item = path_item(generation, sent, book);
        document.webhooks.get_or_insert_default().paths.insert(sent.name.to_owned(), item);
    }
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Event".to_owned(), RefOr::T(Schema::OneOf(union)));
}

/// `loan.payment_received` as `LoanPaymentReceived`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    name.split(['.', '_']).filter_map(capital).collect()
}

/// The description of an event's data.
fn about(name: &str) -> &'static str {
    match name.split('.').next() {
        Some("customer") => "The customer as it was when the event happened.",
        Some("credit_offer") => "The offer as it was when the event happened.",
        _a_loan => "The loan as it was when the event happened.",
    }
}

/// The schema of an event with one name in the list of events.
fn event(listed: &Object, sent: Sent, data: &str) -> Object {
    let Sent { name, meaning, .. } = sent;
    let mut event = listed.clone();
    event.description = Some(format!("`{name}`: {meaning}"));
    let r#type = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The name of the event."))
        .enum_values(Some([name]))
        .examples([json!(name)]);
    event.properties.insert("type".to_owned(), RefOr::T(Schema::Object(r#type.build())));
    let mut reference = Ref::from_schema_name(data);
    "The resource as it was at that moment.".clone_into(&mut reference.description);
    event.properties.insert("data".to_owned(), RefOr::Ref(reference));
    event
}

/// The schema of the delivery's body for the same event.
fn webhook(generation: Generation, event: &Object) -> Object {
    let mut body = event.clone();
    match generation {
        Generation::Reference => {
            body.properties.shift_remove("id");
            body.required.retain(|field| field != "id");
        }
        Generation::Sdk => {
            let delivery = ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .description(Some("Identifies the delivery: one event to one endpoint."));
            body.properties.insert("delivery_id".to_owned(), RefOr::T(Schema::Object(delivery.build())));
            body.required.push("delivery_id".to_owned());
        }
    }
    body
}

fn path_item(generation: Generation, sent: Sent, book: &RateBook) -> PathItem {
    PathItemBuilder::new().operation(HttpMethod::Post, operation(generation, sent, book)).build()
}

fn operation(generation: Generation, sent: Sent, book: &RateBook) -> Operation {
    let Sent { name, meaning, .. } = sent;
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(format!("{}Webhook", pascal(name)))))
        .example(Some(sample(generation, name, book)))
        .build();
    let body = RequestBodyBuilder::new()
        .description(Some("The event. Verify the signature over these bytes before you read them."))
        .content("application/json", content)
        .required(Some(Required::True))
        .build();
    let text = "Any 2xx within five seconds accepts the event. Any other result is retried, ten times over three days.";
    let gone = "The endpoint is disabled, and the event waits.";
    OperationBuilder::new()
        .tag("Webhooks")
        .operation_id(Some(format!("on{}", pascal(name))))
        .summary(Some(name))
        .description(Some(format!("Sent when {meaning}")))
        .parameters(Some(headers()))
        .request_body(Some(body))
        .response("2XX", ResponseBuilder::new().description(text).build())
        .response("410", ResponseBuilder::new().description(gone).build())
        .securities(Some([utoipa::openapi::SecurityRequirement::default()]))
        .build()
}

fn headers() -> Vec<Parameter> {
    let header = |name: &str, description: &str, pattern: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .example(Some(json!(example)))
            .build()
    };
    vec![
        header(
            "webhook-id",
            "The id of the event: the same for every attempt and every endpoint. Use it to drop repetitions.",
            "^evt_[0-9a-f]{32}$",
            "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607",
        ),
        header("webhook-timestamp", "The time of the attempt, in Unix seconds.", "^[0-9]+$", "1901275201"),
        header(
            "webhook-signature",
            "`v1,` and the base64 of the HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, under the bytes that \
             the secret has after `whsec_`. While two secrets sign there are two signatures with a space between them.",
            "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    ]
}

/// The body of a sample, made as `sendTestWebhook` makes it.
fn sample(generation: Generation, name: &str, book: &RateBook) -> Value {
    let mut next = 0_u8;
    let mut random = || {
        next = next.wrapping_add(1);
        [next; 10]
    };
    let now = Timestamp::from_seconds(NOW);
    let tenant = PartnerId::new(now, [1; 10]);
    let body = generations::event_kind(generation, name).and_then(|kind| {
        let domain_event = Source { tenant, now, random: &mut random, book }.domain_event(kind)?;
        let event = Event {
            id: EventId::new(now, [2; 10]),
            partner: tenant,
            occurred_at: now,
            domain_event,
            cause: Cause::default(),
        };
        let signing_page = SigningPage::new(Links::new("https://api.dinie.com.br").signing_page());
        generations::render(generation, &event, DeliveryId::new(now, [3; 10]), &signing_page)
    });
    let body = body.expect("each event of a generation has a sample");
    serde_json::from_slice(&body.body).expect("a body is JSON")
}
