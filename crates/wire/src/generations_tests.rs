//! Both generations tell each state of a loan, each in its own word (the table of the contract).

use domain::loan::{Failure, LoanState, Signatures};
use domain::time::Timestamp;
use serde_json::json;

use crate::{reference, sdk};

#[test]
fn each_state_of_a_loan_has_its_word_in_each_generation() {
    let since = Timestamp::from_seconds(1);
    let failure = Failure { code: "disbursement_failed".into(), message: "devolvido".into() };
    for (state, of_reference, of_sdk) in [
        (LoanState::Processing, "processing", "awaiting_signatures"),
        (LoanState::ContractGenerated, "contract_generated", "awaiting_signatures"),
        (
            LoanState::AwaitingSignatures(Signatures { received: 1, required: 2 }),
            "awaiting_signatures",
            "awaiting_signatures",
        ),
        (LoanState::Signed, "signed", "processing"),
        (LoanState::Disbursing, "disbursing", "processing"),
        (LoanState::Active { since }, "active", "active"),
        (LoanState::Finished { since }, "finished", "finished"),
        (LoanState::Cancelled, "cancelled", "cancelled"),
        (LoanState::Error(failure), "error", "error"),
    ] {
        assert_eq!(json!(reference::loan::LoanStatus::from(&state)), json!(of_reference));
        assert_eq!(json!(sdk::loan::LoanStatus::from(&state)), json!(of_sdk));
    }
}
