//! The grounds of proposals: what an approval of credit or a write-off needs beside its subject.
//!
//! Terms and reasons name people and their figures, so they are sealed. They never change, so they are sealed for the id
//! of their proposal without a version.

use domain::credit::{Approval, NewTerms};
use domain::id::{PartnerId, ProposalId};
use serde::{Deserialize, Serialize};

use crate::document::{TermsDoc, context, from_json, parsed, to_json};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// The grounds as they are stored.
    struct GroundsRow in "proposal_grounds" by (partner_id, id) {
        partner_id: PartnerId,
        id: ProposalId,
        sealed: Vec<u8>,
    }
}

/// The grounds of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grounds {
    /// The credit to approve.
    Credit(Approval),
    /// The reason of a write-off.
    WriteOff(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GroundsDoc {
    Credit(ApprovalDoc),
    WriteOff(String),
}

#[derive(Serialize, Deserialize)]
struct ApprovalDoc {
    terms: TermsDoc,
    simples_declared_on: Option<String>,
    inputs: Vec<(String, String)>,
    policy_version: String,
    reasons: Vec<String>,
    valid_days: Option<u16>,
}

impl ApprovalDoc {
    fn of(approval: &Approval) -> Self {
        Self {
            terms: TermsDoc::of(&approval.offer.terms),
            simples_declared_on: approval.offer.simples_declared_on.map(|day| day.to_string()),
            inputs: approval.inputs.clone(),
            policy_version: approval.policy_version.clone(),
            reasons: approval.reasons.clone(),
            valid_days: approval.valid_days,
        }
    }

    fn read(self) -> Result<Approval, StoreError> {
        let Self { terms, simples_declared_on, inputs, policy_version, reasons, valid_days } = self;
        let simples_declared_on = simples_declared_on.as_deref().map(parsed).transpose()?;
        let offer = NewTerms { terms: terms.read()?, simples_declared_on };
        Ok(Approval { offer, inputs, policy_version, reasons, valid_days })
    }
}

/// Keeps the grounds of a proposal.
pub fn insert(
    tx: &mut Tx<'_>, partner: PartnerId, id: ProposalId, grounds: &Grounds,
) -> Result<(), StoreError> {
    let grounds = to_json(&match grounds {
        Grounds::Credit(approval) => GroundsDoc::Credit(ApprovalDoc::of(approval)),
        Grounds::WriteOff(reason) => GroundsDoc::WriteOff(reason.clone()),
    });
    let sealed = tx.seal(partner, &context("proposal_grounds", id), grounds.as_bytes())?;
    tx.insert(&GroundsRow { partner_id: partner, id, sealed })
}

/// The grounds of a proposal; `None` if it has none.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: ProposalId) -> Result<Option<Grounds>, StoreError> {
    let row: Option<GroundsRow> = tx.find("where partner_id = $1 and id = $2", args![partner, id])?;
    let Some(row) = row else { return Ok(None) };
    let plain = tx.unseal(partner, &context("proposal_grounds", id), &row.sealed)?;
    Ok(Some(match from_json(&plain)? {
        GroundsDoc::Credit(approval) => Grounds::Credit(approval.read()?),
        GroundsDoc::WriteOff(reason) => Grounds::WriteOff(reason),
    }))
}
