//! The examples of the documents' fields. They use the same customer, offer and loan everywhere. Dates are in the
//! future, so that an example is still valid when somebody sends it.

use utoipa::openapi::schema::{Object, Type};

use super::sample::{Sample, is};

/// The first moment in the examples: 2030-04-01T12:00:00Z.
const BEGINNING: i64 = 1_901_275_200;
/// A CPF, bare or punctuated.
const CPF: &str = r"^(\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2})$";
/// A CNPJ, bare or punctuated. It may contain letters.
const CNPJ: &str =
    r"^([0-9A-Za-z]{12}\d{2}|[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-\d{2})$";
/// A CPF as answers write it.
const PUNCTUATED_CPF: &str = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$";
/// A CNPJ as answers write it.
const PUNCTUATED_CNPJ: &str = r"^[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}$";
const SIGNING_SECRET: Sample =
    Sample::Form("^whsec_[A-Za-z0-9+/]{43}=$", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=");
const TOKEN: Sample =
    Sample::Form("^dinie_at_", "dinie_at_eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJ4In0.c2ln");
const CLIENT_SECRET: Sample = Sample::Form(
    "^dinie_cs_(test|live)_[0-9a-f]{64}$",
    "dinie_cs_test_5c1f0e6b7a3d4c2e9f8b1a0d6e7c5b4a3f2e1d0c9b8a79685746352413f2e1d0",
);
const DOCUMENT_TYPES: Sample = Sample::OneOf(&[
    "cnh",
    "identity_card_front",
    "identity_card_back",
    "selfie",
    "proof_of_address",
    "ccmei",
    "ei_registration_requirement",
    "articles_of_association",
    "eireli_incorporation_statement",
    "income_statement",
]);

/// The sample of a field, which may depend on the schema that has it.
pub(super) fn of(schema: &str, field: &str) -> Option<Sample> {
    of_schema(schema, field).or_else(|| of_request(schema, field)).or_else(|| anywhere(field))
}

/// Fields with a different meaning in each schema.
fn of_schema(schema: &str, field: &str) -> Option<Sample> {
    Some(match (schema, field) {
        ("Credential" | "CreatedCredential", "id") => Sample::ClientId,
        ("Bank", "id") => Sample::Form(r"^\d{3}$", "001"),
        (_, "id") => Sample::Id(prefix(schema)?),
        ("Bank", "name") => Sample::Text("Banco do Brasil S.A."),
        ("Credential" | "CreatedCredential" | "CreateCredential", "name") => Sample::Text("checkout"),
        ("Document" | "UploadDocument", "type") => DOCUMENT_TYPES,
        ("KycItem", "type") => Sample::OneOf(ITEM_TYPES),
        ("KycItem", "description") => Sample::Text("CNH (frente e verso em um arquivo)"),
        ("KycItem", "message") => Sample::Text("A foto está ilegível; envie outra."),
        ("Transaction", "type") => Sample::OneOf(&["installment"]),
        ("Document", "status") => Sample::OneOf(&["submitted", "approved", "rejected"]),
        ("Delivery", "status") => Sample::OneOf(&["delivered", "pending", "failed"]),
        ("BankAccount" | "GivenAccount", "kind") => Sample::OneOf(&["checking", "saving", "payment"]),
        ("BiometricsSession", "expires_at") => Sample::Moment(BEGINNING + 3_600),
        ("CreateCredential" | "Credential" | "CreatedCredential", "expires_at") => {
            Sample::Moment(2_082_758_399)
        }
        ("LoanError", "code") => Sample::Text("disbursement_failed"),
        ("LoanError", "message") => Sample::Text("The bank returned the Pix."),
        ("Transaction", "interest") => Sample::Amount(35_763),
        ("Transaction", "principal") => Sample::Amount(70_336),
        ("Problem", "type") => Sample::Text("https://api.dinie.com.br/errors/validation-failed"),
        ("Problem" | "ProblemField", "detail") => {
            Sample::Text("not a valid CPF: eleven digits whose check digits agree")
        }
        ("Problem" | "ProblemField", "param") => Sample::Text("cpf"),
        ("Problem", "error") => Sample::Text("invalid_client"),
        ("Recover", "since") => Sample::Moment(1_793_491_200),
        ("SessionToken", "expires_in") => Sample::Count(1_800),
        _other => return None,
    })
}

/// Every type of a KYC item: documents, the hosted selfie, and fields of the registration.
const ITEM_TYPES: &[&str] = &[
    "cnh",
    "identity_card_front",
    "identity_card_back",
    "selfie",
    "biometrics",
    "proof_of_address",
    "ccmei",
    "ei_registration_requirement",
    "articles_of_association",
    "eireli_incorporation_statement",
    "income_statement",
    "name",
    "email",
    "phone",
    "cnpj",
    "trading_name",
];

/// The prefix of the ids of a schema's resource.
fn prefix(schema: &str) -> Option<&'static str> {
    let begins = [
        ("Customer", "cust"),
        ("Loan", "ln"),
        ("CreditOffer", "co"),
        ("Offer", "co"),
        ("FixedTermOffer", "co"),
        ("TermRangeOffer", "co"),
        ("Simulation", "sim"),
        ("Transaction", "tx"),
        ("Document", "doc"),
        ("Delivery", "dlv"),
        ("Endpoint", "we"),
        ("CreatedEndpoint", "we"),
        ("RotatedSecret", "we"),
        ("BankAccount", "ba"),
        ("Subject", "sub"),
    ];
    if schema.ends_with("Event") || schema.ends_with("Webhook") {
        return Some("evt");
    }
    begins.into_iter().find(|(beginning, _)| schema.starts_with(beginning)).map(|(_, prefix)| prefix)
}

/// Fields that accept more forms in requests than answers use.
fn of_request(schema: &str, field: &str) -> Option<Sample> {
    if !schema.starts_with("Create") && !schema.starts_with("Update") {
        return None;
    }
    Some(match field {
        "cpf" => Sample::Form(CPF, "529.982.247-25"),
        "cnpj" => Sample::Form(CNPJ, "11.222.333/0001-81"),
        "installments" | "installment_count" => Sample::Between(1, 1_000, 12),
        _other => return None,
    })
}

/// Fields with the same meaning in every schema.
fn anywhere(field: &str) -> Option<Sample> {
    of_people(field)
        .or_else(|| of_money(field))
        .or_else(|| of_time(field))
        .or_else(|| of_kyc(field))
        .or_else(|| of_webhooks(field))
        .or_else(|| {
            Some(match field {
                "customer_id" => Sample::Id("cust"),
                "clock_id" => Sample::Id("clk"),
                "credit_offer_id" => Sample::Id("co"),
                "simulation_id" => Sample::Id("sim"),
                "loan_id" => Sample::Id("ln"),
                "event_id" => Sample::Id("evt"),
                "delivery_id" => Sample::Id("dlv"),
                "client_id" => Sample::ClientId,
                "client_secret" => CLIENT_SECRET,
                "access_token" => TOKEN,
                "scope" => Sample::Text("partner"),
                "token_type" => Sample::OneOf(&["bearer"]),
                "grant_type" => Sample::OneOf(&["client_credentials"]),
                "expires_in" => Sample::Count(3_600),
                "object" => Sample::OneOf(&["list"]),
                "file" => Sample::Text("%PDF-1.7\n"),
                "has_more" => Sample::Flag(false),
                "instance" => Sample::Text("/v3/customers"),
                "request_id" => Sample::Text("req_5f2b8c1d9e0a4b7c6d3e2f10"),
                "error_description" => {
                    Sample::Text("the client id or its secret is wrong, or the credential has ended")
                }
                _other => return None,
            })
        })
}

fn of_people(field: &str) -> Option<Sample> {
    Some(match field {
        "cpf" => Sample::Form(PUNCTUATED_CPF, "529.982.247-25"),
        "cnpj" => Sample::Form(PUNCTUATED_CNPJ, "11.222.333/0001-81"),
        "name" => Sample::Text("Ana Souza"),
        "email" => Sample::Format("email", "ana@example.com"),
        "phone" => Sample::Form(r"^\+[1-9]\d{7,14}$", "+5511999999999"),
        "trading_name" => Sample::Text("Doces da Ana"),
        "external_id" => Sample::Text("merchant-42"),
        "bank_id" => Sample::Form(r"^\d{3}$", "001"),
        "bank_name" => Sample::Text("Banco do Brasil S.A."),
        "display_name" => Sample::Text("001 - BCO DO BRASIL S.A."),
        "branch" => Sample::Form(r"^\d{4}$", "1234"),
        "number" => Sample::Form(r"^\d{1,20}$", "567890"),
        "digit" => Sample::Form("^[0-9X]$", "1"),
        _other => return None,
    })
}

fn of_money(field: &str) -> Option<Sample> {
    Some(match field {
        "requested_amount" | "net_amount" | "amount" => Sample::Amount(1_000_000),
        "principal_amount" => Sample::Amount(1_021_786),
        "iof" | "iof_amount" => Sample::Amount(9_786),
        "service_fee" | "fees_amount" | "fee_amount" => Sample::Amount(12_000),
        "interest_amount" => Sample::Amount(251_401),
        "total_amount" | "total_loan_amount" => Sample::Amount(1_273_187),
        "installments_value" | "installment_amount" | "amount_due" | "amount_remaining" => {
            Sample::Amount(106_099)
        }
        "amount_paid" | "fees" => Sample::Amount(0),
        "approved_amount" => Sample::Amount(5_000_000),
        "min_amount" => Sample::Amount(100_000),
        "interest_rate" | "interest_percentage" | "monthly_interest_rate" => Sample::Percent("3.5"),
        "annual_interest_rate" => Sample::Percent("51.11"),
        "cet" | "cet_percentage" | "annual_cet_rate" => Sample::Percent("58.58"),
        "monthly_cet_rate" => Sample::Percent("3.92"),
        "number_of_installments" | "installment_count" | "installments" => Sample::Between(1, 1_000, 12),
        "min_installments" => Sample::Between(1, 1_000, 3),
        "max_installments" => Sample::Between(1, 1_000, 24),
        "installment_number" => Sample::Between(1, 1_000, 1),
        "days_overdue" => Sample::Count(0),
        "due_date_rule" => Sample::Null,
        "first_due_date" | "due_date" => Sample::Format("date", "2030-05-01"),
        "ccb_number" => Sample::Form(r"^CCB-\d{4}-\d{6}$", "CCB-2030-001234"),
        "disbursement_method" => Sample::OneOf(&["pix"]),
        "signing_url" => {
            Sample::Format("uri", "https://api.dinie.com.br/sign/eW91ciBjb250cmFjdCBpcyByZWFkeQ")
        }
        "signatures_received" | "signatures_required" => Sample::Count(1),
        _other => return None,
    })
}

fn of_time(field: &str) -> Option<Sample> {
    Some(match field {
        "created_at" | "started_at" | "timestamp" => Sample::Moment(BEGINNING),
        "updated_at" | "uploaded_at" | "last_used_at" => Sample::Moment(BEGINNING + 5),
        "next_attempt_at" => Sample::Moment(BEGINNING + 300),
        "previous_secret_expires_at" => Sample::Moment(BEGINNING + 3_600),
        "signed_at" => Sample::Moment(BEGINNING + 600),
        "valid_until" => Sample::Moment(BEGINNING + 30 * 86_400),
        "paid_at" => Sample::Moment(1_903_876_200),
        _other => return None,
    })
}

fn of_kyc(field: &str) -> Option<Sample> {
    Some(match field {
        "session_url" => Sample::Format(
            "uri",
            "https://api.dinie.com.br/biometrics?code=dinie_bsc_6f0c1b9e2d7a4c5f8e3b0a6d9c2f7e1b4a8d5c0f3e6b9a1d",
        ),
        "code" => Sample::Text("dinie_bsc_6f0c1b9e2d7a4c5f8e3b0a6d9c2f7e1b4a8d5c0f3e6b9a1d"),
        "requirement_id" => Sample::Text("identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607"),
        "requirement_type" => Sample::OneOf(&[
            "identity",
            "selfie",
            "email",
            "proof_of_address",
            "company_document",
            "ei_mei_documents",
            "articles_of_association",
            "eireli_incorporation_statement",
            "income_statement",
        ]),
        "label" => Sample::Text("Documento de identidade (CNH ou RG)"),
        "mandatory" | "submitted" => Sample::Flag(true),
        "evidence_type" => Sample::OneOf(&[
            "cnh",
            "rg",
            "selfie",
            "email",
            "proof_of_address",
            "ccmei",
            "ei_mei",
            "articles_of_association",
            "eireli_incorporation_statement",
            "income_statement",
        ]),
        "attachment_type" => Sample::OneOf(&[
            "file",
            "front",
            "back",
            "photo",
            "email",
            "ei_registration_requirement",
            "ccmei",
        ]),
        "review_reason" => Sample::Text("A foto está ilegível; envie outra."),
        "value" => Sample::Format("email", "socia@example.com"),
        _other => return None,
    })
}

fn of_webhooks(field: &str) -> Option<Sample> {
    Some(match field {
        "url" => Sample::Format("uri", "https://example.com/webhooks/dinie"),
        "description" => Sample::Text("orders of the shop"),
        "secret" => SIGNING_SECRET,
        "expire_current_in" => Sample::Between(0, 86_400, 3_600),
        "deliveries" => Sample::Count(3),
        "event_type" => Sample::Text("loan.active"),
        "duration_ms" => Sample::Count(87),
        "status_code" => Sample::Between(100, 599, 200),
        "response" => Sample::Text("ok"),
        "outcome" => {
            Sample::OneOf(&["delivered", "refused", "timeout", "unreachable", "forbidden", "unreadable"])
        }
        "api_version" => Sample::OneOf(&["2026-03-01"]),
        _other => return None,
    })
}

/// The example of a list of texts.
pub(super) fn texts(field: &str) -> Option<&'static [&'static str]> {
    (field == "events").then_some(&["loan.*", "customer.active"])
}

/// Whether the field is null in the examples: the loan is new, and the item was not sent back.
pub(super) fn is_null(schema: &str, field: &str) -> bool {
    matches!(
        (schema, field),
        ("Loan", "net_amount" | "disbursement_method")
            | ("Transaction", "paid_at")
            | ("KycItem", "message" | "uploaded_at")
            | ("Submitted", "review_reason")
            | ("Endpoint" | "CreatedEndpoint", "disabled_reason")
            | ("Delivery", "next_attempt_at")
            | ("CreatedCredential", "last_used_at")
    )
}

/// Whether an example omits this field, because it would contradict another one.
pub(super) fn is_absent(schema: &str, field: &str) -> bool {
    matches!(
        (schema, field),
        ("UploadAttachment", "value")
            | ("Problem", "error" | "error_description")
            | ("LoanStatusData", "error")
    )
}

/// Most patterns of events of an endpoint.
pub(super) const MOST_EVENTS: usize = 50;

/// Writes the longest length of a request's text into a schema, if the schema has none.
pub(super) fn limit_length(field: &str, object: &mut Object) {
    let most = match field {
        "name" | "trading_name" => 120,
        "email" | "value" => 254,
        "external_id" | "code" => 255,
        "url" => 2_048,
        _as_the_type_says => return,
    };
    if is(&object.schema_type, &Type::String) {
        object.min_length.get_or_insert(1);
        object.max_length.get_or_insert(most);
    }
}
