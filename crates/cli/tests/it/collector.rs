//! A collector of OpenTelemetry: the receiving side of OTLP over HTTP, with the types of `opentelemetry-proto`.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::sink::until;

/// The messages that a collector has received.
#[derive(Clone, Default)]
pub(crate) struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    lines: Arc<Mutex<Vec<LogRecord>>>,
    pub(crate) services: Arc<Mutex<Vec<String>>>,
    /// The statuses of the next answers; then 200.
    pub(crate) answers: Arc<Mutex<Vec<u16>>>,
}

impl Collector {
    pub(crate) async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .route("/v1/logs", post(take_lines))
            .route("/v1/traces", post(take_spans))
            .with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (collector, address)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<LogRecord> {
        self.lines.lock().unwrap().clone()
    }

    fn note(&self, resource: Option<Resource>) {
        for attribute in resource.unwrap().attributes {
            if attribute.key == "service.name" {
                self.services.lock().unwrap().push(text(attribute.value.and_then(|any| any.value)));
            }
        }
    }

    /// Waits for a span with this name.
    pub(crate) async fn span(&self, name: &str) -> Span {
        let found = || self.spans().into_iter().find(|span| span.name == name);
        until(found, || format!("{name} among {:?}", names(&self.spans()))).await
    }
}

pub(crate) fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

/// The status of a refusal, if the next message is refused.
fn refused(collector: &Collector, headers: &HeaderMap) -> Option<StatusCode> {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert_eq!(headers["x-collector-token"], "5ec4e7");
    collector.answers.lock().unwrap().pop().map(|status| StatusCode::from_u16(status).unwrap())
}

async fn take_spans(
    State(collector): State<Collector>, headers: HeaderMap, body: Bytes,
) -> (StatusCode, Vec<u8>) {
    if let Some(status) = refused(&collector, &headers) {
        return (status, Vec::new());
    }
    for of_resource in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
        collector.note(of_resource.resource);
        let spans = of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans);
        collector.spans.lock().unwrap().extend(spans);
    }
    (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
}

async fn take_lines(
    State(collector): State<Collector>, headers: HeaderMap, body: Bytes,
) -> (StatusCode, Vec<u8>) {
    if let Some(status) = refused(&collector, &headers) {
        return (status, Vec::new());
    }
    for of_resource in ExportLogsServiceRequest::decode(body).unwrap().resource_logs {
        collector.note(of_resource.resource);
        let lines = of_resource.scope_logs.into_iter().flat_map(|of_scope| of_scope.log_records);
        collector.lines.lock().unwrap().extend(lines);
    }
    (StatusCode::OK, ExportLogsServiceResponse::default().encode_to_vec())
}

pub(crate) fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        other => panic!("{other:?} is no text"),
    }
}
