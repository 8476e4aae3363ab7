//! Valid inputs: companies, files, forms and decisions.

use serde_json::{Value, json};

/// A CPF with valid check digits.
pub(crate) fn cpf(number: u32) -> String {
    domain::tax_id::Cpf::of_number(number).unwrap().to_string()
}

/// A registration with every field. Its e-mail address carries the tags.
pub(crate) fn registration(number: u32, tags: &str) -> Value {
    let email =
        if tags.is_empty() { "ana@example.com".to_owned() } else { format!("ana+{tags}@example.com") };
    json!({
        "cpf": cpf(number), "cnpj": "11.222.333/0001-81", "name": "Ana Souza", "email": email,
        "phone": "+5511999999999", "trading_name": "Doces da Ana", "external_id": format!("m-{number}")
    })
}

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n% a document";
pub(crate) const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a photograph";

/// A multipart form.
pub(crate) fn form(boundary: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// An operator's decision on a requirement, with all its documents.
pub(crate) fn decision(requirement: &Value, verdict: &str) -> Value {
    let attachments = requirement["attachments"].as_array().unwrap().iter();
    let documents: Vec<&Value> =
        attachments.map(|one| &one["document_id"]).filter(|id| !id.is_null()).collect();
    let reason = if verdict == "reject" { json!("ilegível") } else { Value::Null };
    json!({"requirement_id": requirement["id"], "verdict": verdict, "reason": reason, "document_ids": documents})
}
