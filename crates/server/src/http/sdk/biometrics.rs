//! Hosted sessions, and tokens for applications that guide customers through them.

use app::Failed;
use app::kyc::sessions::SessionRefused;
use axum::response::Response;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;
use domain::time::RealTime;
use wire::problem::{Code, Problem};
use wire::sdk::biometrics::{BiometricsSession, ExchangeCode, SessionToken};
use wire::sdk::scalar::Timestamp;

use crate::http::auth::ExchangeCaller;
use crate::http::call::{PartnerWrite, WriteCall};
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId};
use crate::http::hosted_session;
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection, of_store};
use crate::tokens::{Bearer, Grant, SessionGrant};

/// Open a biometrics session
///
/// Send the customer to `session_url`, or exchange its code in your own application. One session may be open at a
/// time.
#[utoipa::path(
    post, path = "/customers/{customer_id}/biometrics",
    operation_id = "createBiometricsSession", tag = "Biometrics",
    extensions(("x-codes" = json!(codes(&[Code::SessionAlreadyActive, Code::InvalidState])))),
    responses((status = 200, description = "The session with its link.", body = BiometricsSession))
)]
pub(super) async fn open(
    call: PartnerWrite<PathId<CustomerId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    hosted_session::open(call, ReviewStart::OnRequest, |session_url, expires_at| {
        Answer::ok(&BiometricsSession { session_url, expires_at: Timestamp(expires_at) })
    })
    .await
}

/// Exchange a session's code for a token
///
/// A code works once. The token is bound to the session's customer. Until the review begins, it may read the KYC,
/// upload evidence, request the review and give a bank account. Only for credentials with the scope
/// `biometrics:exchange`.
#[utoipa::path(
    post, path = "/biometrics/session-exchange",
    operation_id = "exchangeBiometricsSession", tag = "Biometrics",
    extensions(("x-codes" = json!(codes(&[Code::InvalidCode])))),
    request_body = ExchangeCode,
    responses((status = 200, description = "A token for the session's customer.", body = SessionToken))
)]
pub(super) async fn exchange(call: WriteCall<ExchangeCaller, (), JsonBody>) -> Result<Response, Rejection> {
    let (state, ExchangeCaller { client, partner }) = (&call.state, call.caller);
    let lifetime = state.config.lifetimes.session_token;
    // The token is signed within the transaction, with keys as fresh as those of any other token.
    state.tokens.refresh_if_old(&state.store).await.map_err(of_store)?;
    let inside = state.clone();
    let exchange = move |tx: &mut app::Tx<'_>, real: RealTime, given: &ExchangeCode| {
        let session = app::kyc::sessions::exchange(tx, partner, real, &given.code, lifetime)
            .map_err(|failed| failed.map_refused(Refused))?;
        let grant = SessionGrant { session: session.id, customer: session.customer };
        let bearer = Bearer { client, partner, grant: Grant::Session(grant) };
        let token = inside.tokens.sign(bearer, session.id.to_string(), real, lifetime)?;
        Ok::<_, Failed<Refused>>((session.customer, token))
    };
    let command = ExchangeCode::read(&call.body.value);
    call.run(command, exchange, move |done, _now| {
        let (customer, token) = done;
        Answer::ok(&SessionToken {
            access_token: token.clone(),
            token_type: "bearer",
            expires_in: lifetime.as_secs(),
            customer_id: customer.to_string(),
        })
    })
    .await
}

/// The refusal of a code. Like a wrong password, it has no reason in its answer.
struct Refused(SessionRefused);

impl Refusal for Refused {
    fn problem(self) -> Problem {
        match self.0 {
            SessionRefused::Unknown
            | SessionRefused::Expired
            | SessionRefused::Used
            | SessionRefused::Completed
            | SessionRefused::InvalidState
            | SessionRefused::OtherBrowser => {
                Problem::new(Code::InvalidCode, "the code is unknown, has been used, or its time is over")
            }
        }
    }
}
