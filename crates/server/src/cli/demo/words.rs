//! What the demo's journey is called in each generation: paths, names, scalars.

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use domain::money::Cents;
use serde_json::{Value, json};

use super::partner::{JPEG, PDF, Partner};
use super::text;

/// A wire generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DemoGeneration {
    /// The public reference, `/v3`.
    Reference,
    /// The client libraries, `/api/v3`.
    Sdk,
}

/// A generation's names of what the journey touches.
pub(super) struct Words {
    /// What every path begins with.
    pub(super) base: &'static str,
    /// What the events of the journey must be; their order is not promised.
    pub(super) expected: &'static [&'static str],
    /// The number of installments in a simulation and in a loan, and in the request for one.
    pub(super) count: &'static str,
    pub(super) asked_count: &'static str,
    /// The installment in a simulation and in the request for a loan.
    pub(super) installment: &'static str,
    /// A loan's figures with their names in its simulation.
    pub(super) figures: &'static [(&'static str, &'static str)],
    /// The figures of the report.
    pub(super) report: &'static [(&'static str, &'static str)],
}

const REFERENCE: Words = Words {
    base: "/v3",
    expected: &[
        "customer.created",
        "customer.kyc_updated",
        "customer.kyc_updated",
        "customer.kyc_updated",
        "customer.under_review",
        "customer.kyc_updated",
        "customer.active",
        "credit_offer.available",
        "loan.created",
        "loan.contract_generated",
        "loan.awaiting_signatures",
        "loan.signed",
        "loan.disbursing",
        "loan.active",
    ],
    count: "number_of_installments",
    asked_count: "installments",
    installment: "installments_value",
    figures: &[("total_amount", "total_loan_amount"), ("iof", "iof_amount"), ("cet", "cet_percentage")],
    report: &[
        ("contract", "ccb_number"),
        ("requested", "requested_amount"),
        ("received", "net_amount"),
        ("service fee", "service_fee"),
        ("IOF", "iof"),
        ("installment", "installments_value"),
        ("total", "total_amount"),
        ("monthly rate, %", "interest_rate"),
        ("CET a year, %", "cet"),
    ],
};

const SDK: Words = Words {
    base: "/api/v3",
    expected: &[
        "customer.created",
        "customer.kyc_updated",
        "customer.kyc_updated",
        "customer.kyc_updated",
        "customer.under_review",
        "customer.kyc_updated",
        "customer.active",
        "credit_offer.available",
        "loan.created",
        "loan.signature_received",
        "loan.processing",
        "loan.active",
    ],
    count: "installment_count",
    asked_count: "installment_count",
    installment: "installment_amount",
    figures: &[
        ("total_amount", "total_amount"),
        ("iof_amount", "iof_amount"),
        ("principal_amount", "principal_amount"),
        ("annual_cet_rate", "annual_cet_rate"),
    ],
    report: &[
        ("contract", "ccb_number"),
        ("requested", "requested_amount"),
        ("debt", "principal_amount"),
        ("IOF", "iof_amount"),
        ("installment", "installment_amount"),
        ("total", "total_amount"),
        ("monthly rate, %", "monthly_interest_rate"),
        ("CET a year, %", "annual_cet_rate"),
    ],
};

/// An amount of an answer, a string or a number.
pub(super) fn cents(value: &Value) -> anyhow::Result<Cents> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (reais, decimals) = text.split_once('.').unwrap_or((&text, ""));
    Cents::parse(&format!("{reais}.{decimals:0<2}")).with_context(|| format!("{value} is no amount"))
}

impl DemoGeneration {
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Reference => &REFERENCE,
            Self::Sdk => &SDK,
        }
    }

    /// An amount as requests have it.
    pub(super) fn amount(self, cents: Cents) -> anyhow::Result<Value> {
        match self {
            Self::Reference => Ok(json!(cents.to_string())),
            Self::Sdk => Ok(serde_json::from_str(&cents.to_string())?),
        }
    }

    /// Hands in everything that the customer's KYC asks for, and sees that the review begins.
    pub(super) async fn hand_in(self, partner: &Partner, customer: &Value) -> anyhow::Result<()> {
        let id = text(customer, "id")?;
        match self {
            Self::Reference => {
                for (kind, content) in [("cnh", PDF), ("selfie", JPEG), ("ccmei", PDF)] {
                    let path = format!("/customers/{id}/documents");
                    let document = partner.upload(&path, &[("type", kind)], content).await?;
                    ensure!(document["status"] == "submitted", "the {kind} is not submitted: {document}");
                }
                Ok(())
            }
            Self::Sdk => {
                let path = format!("/customers/{id}/kyc-attachments");
                for (requirement, evidence, slot, content) in [
                    ("identity", "cnh", "file", PDF),
                    ("selfie", "selfie", "photo", JPEG),
                    ("company_document", "ccmei", "file", PDF),
                ] {
                    let mut asked = customer["kyc"].as_array().into_iter().flatten();
                    let item = asked.find(|item| item["requirement_type"] == requirement);
                    let item = text(
                        item.with_context(|| format!("{requirement} is not asked for"))?,
                        "requirement_id",
                    )?;
                    let texts =
                        [("requirement_id", &*item), ("evidence_type", evidence), ("attachment_type", slot)];
                    let attachment = partner.upload(&path, &texts, content).await?;
                    ensure!(attachment["submitted"] == true, "the {evidence} is not submitted: {attachment}");
                }
                partner.post(&format!("/customers/{id}/kyc-review"), &json!({}), 202).await.map(drop)
            }
        }
    }
}
