//! The names that the demo reads in each generation.

use crate::partner::ApiGeneration;

/// A generation's names for the things that the demo reads.
pub(super) struct Names {
    /// The events of the loan.
    of_loan: &'static [&'static str],
    /// A loan's figures with their names in its simulation.
    pub(super) figures: &'static [(&'static str, &'static str)],
    /// The figures of the report.
    pub(super) report: &'static [(&'static str, &'static str)],
}

/// The events until there is an offer. Both generations have the same names for them.
const UNTIL_THE_OFFER: [&str; 8] = [
    "customer.created",
    "customer.kyc_updated",
    "customer.kyc_updated",
    "customer.kyc_updated",
    "customer.under_review",
    "customer.kyc_updated",
    "customer.active",
    "credit_offer.available",
];

impl Names {
    /// The events that the journey must cause. The API does not promise their order.
    pub(super) fn expected(&self) -> Vec<&'static str> {
        [&UNTIL_THE_OFFER[..], self.of_loan].concat()
    }
}

const REFERENCE: Names = Names {
    of_loan: &[
        "loan.created",
        "loan.contract_generated",
        "loan.awaiting_signatures",
        "loan.signed",
        "loan.disbursing",
        "loan.active",
    ],
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

const SDK: Names = Names {
    of_loan: &["loan.created", "loan.signature_received", "loan.processing", "loan.active"],
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

/// A generation's names.
pub(super) const fn of(generation: ApiGeneration) -> &'static Names {
    match generation {
        ApiGeneration::Reference => &REFERENCE,
        ApiGeneration::Sdk => &SDK,
    }
}
