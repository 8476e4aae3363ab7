//! Both generations have a word for each state of a loan (the table of the contract).

use domain::loan::{Failure, LoanState, LoanStateKind, Signatures};
use domain::time::Timestamp;
use serde_json::json;

use crate::{reference, sdk};

/// A loan's state of each kind, with its words in the reference and in the client libraries' generation.
fn names(kind: LoanStateKind) -> (LoanState, &'static str, &'static str) {
    let since = Timestamp::from_seconds(1);
    let failure = Failure { code: "disbursement_failed".into(), message: "devolvido".into() };
    let signatures = Signatures { received: 1, required: 2 };
    match kind {
        LoanStateKind::Processing => (LoanState::Processing, "processing", "awaiting_signatures"),
        LoanStateKind::ContractGenerated => {
            (LoanState::ContractGenerated, "contract_generated", "awaiting_signatures")
        }
        LoanStateKind::AwaitingSignatures => {
            (LoanState::AwaitingSignatures(signatures), "awaiting_signatures", "awaiting_signatures")
        }
        LoanStateKind::Signed => (LoanState::Signed, "signed", "processing"),
        LoanStateKind::Disbursing => (LoanState::Disbursing, "disbursing", "processing"),
        LoanStateKind::Active => (LoanState::Active { since }, "active", "active"),
        LoanStateKind::Finished => (LoanState::Finished { since }, "finished", "finished"),
        LoanStateKind::Cancelled => (LoanState::Cancelled, "cancelled", "cancelled"),
        LoanStateKind::Error => (LoanState::Error(failure), "error", "error"),
    }
}

#[test]
fn each_state_of_a_loan_has_its_word_in_each_generation() {
    for kind in LoanStateKind::ALL {
        let (state, of_reference, of_sdk) = names(kind);
        assert_eq!(state.kind(), kind);
        assert_eq!(json!(reference::loan::LoanStatus::from(&state)), json!(of_reference));
        assert_eq!(json!(sdk::loan::LoanStatus::from(&state)), json!(of_sdk));
    }
}
