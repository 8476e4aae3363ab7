//! The names in each generation of the partners' API: paths, names, scalars.

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use domain::money::Cents;
use domain::time::Timestamp;
use domain::webhook::endpoint::Generation;
use serde_json::{Value, json};

use super::call::{Partner, text};

/// A generation, as commands name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ApiGeneration {
    /// The public reference, `/v3`.
    Reference,
    /// The client libraries, `/api/v3`.
    Sdk,
}

/// A file that a MEI's KYC requires, with its names in each generation.
pub(crate) struct RequiredFile {
    /// The reference's `type`, and the client libraries' kind of evidence.
    kind: &'static str,
    /// The requirement that the file satisfies.
    requirement: &'static str,
    /// The slot of the file.
    slot: &'static str,
    content: &'static [u8],
}

const PDF: &[u8] = b"%PDF-1.7\n% an invented document\n%%EOF\n";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF an invented photograph \xff\xd9";

/// All files that a MEI's KYC requires.
pub(crate) const FILES: [RequiredFile; 3] = [
    RequiredFile { kind: "cnh", requirement: "identity", slot: "file", content: PDF },
    RequiredFile { kind: "selfie", requirement: "selfie", slot: "photo", content: JPEG },
    RequiredFile { kind: "ccmei", requirement: "company_document", slot: "file", content: PDF },
];

/// An amount of an answer: a string or a number.
pub(crate) fn cents(value: &Value) -> anyhow::Result<Cents> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (reais, decimals) = text.split_once('.').unwrap_or((&text, ""));
    Cents::parse(&format!("{reais}.{decimals:0<2}")).with_context(|| format!("{value} is not an amount"))
}

/// A moment of an answer: ISO 8601 or Unix seconds.
pub(crate) fn moment(value: &Value) -> anyhow::Result<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        return Ok(Timestamp::from_seconds(seconds));
    }
    let text = value.as_str().with_context(|| format!("{value} is not a moment"))?;
    let moment: jiff::Timestamp = text.parse()?;
    Ok(Timestamp::from_micros(moment.as_microsecond()))
}

impl ApiGeneration {
    /// The start of every path.
    pub(crate) const fn base(self) -> &'static str {
        match self {
            Self::Reference => "/v3",
            Self::Sdk => "/api/v3",
        }
    }

    /// The same generation as a type of the domain.
    pub(crate) const fn to_domain(self) -> Generation {
        match self {
            Self::Reference => Generation::Reference,
            Self::Sdk => Generation::Sdk,
        }
    }

    /// The field for the number of installments in a simulation and in a loan.
    pub(crate) const fn count(self) -> &'static str {
        match self {
            Self::Reference => "number_of_installments",
            Self::Sdk => "installment_count",
        }
    }

    /// The field for the installment in a simulation and in the request for a loan.
    pub(crate) const fn installment(self) -> &'static str {
        match self {
            Self::Reference => "installments_value",
            Self::Sdk => "installment_amount",
        }
    }

    /// An amount as requests write it.
    fn amount(self, cents: Cents) -> anyhow::Result<Value> {
        match self {
            Self::Reference => Ok(json!(cents.to_string())),
            Self::Sdk => Ok(serde_json::from_str(&cents.to_string())?),
        }
    }

    /// A moment as parameters have it, in whole seconds.
    pub(crate) fn moment(self, moment: Timestamp) -> String {
        match self {
            Self::Reference => iso(moment),
            Self::Sdk => moment.seconds().to_string(),
        }
    }

    /// Submits one file.
    pub(crate) async fn submit_file(
        self, partner: &Partner, customer: &Value, file: &RequiredFile,
    ) -> anyhow::Result<()> {
        let (id, kind) = (text(customer, "id")?, file.kind);
        match self {
            Self::Reference => {
                let path = format!("/customers/{id}/documents");
                let document = partner.upload(&path, &[("type", kind)], file.content).await?;
                ensure!(document["status"] == "submitted", "the {kind} is not submitted: {document}");
            }
            Self::Sdk => {
                let mut items = customer["kyc"].as_array().into_iter().flatten();
                let item = items.find(|item| item["requirement_type"] == file.requirement);
                let item = item.with_context(|| format!("{} is not required", file.requirement))?;
                let item = text(item, "requirement_id")?;
                let texts =
                    [("requirement_id", &*item), ("evidence_type", kind), ("attachment_type", file.slot)];
                let path = format!("/customers/{id}/kyc-attachments");
                let attachment = partner.upload(&path, &texts, file.content).await?;
                ensure!(attachment["submitted"] == true, "the {kind} is not submitted: {attachment}");
            }
        }
        Ok(())
    }

    /// Submits all files that the customer's KYC requires, and checks that the review begins.
    pub(crate) async fn submit_files(self, partner: &Partner, customer: &Value) -> anyhow::Result<()> {
        for file in &FILES {
            self.submit_file(partner, customer, file).await?;
        }
        match self {
            Self::Reference => Ok(()),
            Self::Sdk => {
                let path = format!("/customers/{}/kyc-review", text(customer, "id")?);
                partner.post(&path, &json!({}), 202).await.map(drop)
            }
        }
    }

    /// Simulates an offer.
    pub(crate) async fn simulate(
        self, partner: &Partner, offer: &str, requested: Cents, installments: u16,
    ) -> anyhow::Result<Value> {
        let body = json!({"requested_amount": self.amount(requested)?, "installment_count": installments});
        partner.post(&format!("/credit-offers/{offer}/simulations"), &body, 201).await
    }

    /// The request for a loan on the terms of a simulation.
    pub(crate) fn loan_request(self, offer: &str, simulation: &Value) -> Value {
        let count = match self {
            Self::Reference => "installments",
            Self::Sdk => "installment_count",
        };
        json!({
            "credit_offer_id": offer,
            "simulation_id": simulation["id"],
            count: simulation[self.count()],
            self.installment(): simulation[self.installment()],
            "first_due_date": simulation["first_due_date"],
        })
    }
}

/// A moment in the reference's format, in whole seconds.
pub(crate) fn iso(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.seconds())
        .map_or_else(|_| moment.seconds().to_string(), |at| at.to_string())
}
