//! Hosted sessions, in which customers submit their own part of KYC: on this server's page, or in an application that
//! exchanges the link's code for a token.
//!
//! Reasons: docs/decisions/0007.

use std::time::Duration;

use domain::bank::AccountDetails;
use domain::customer::{CustomerFile, CustomerState};
use domain::id::{BiometricsSessionId, CustomerId, PartnerId};
use domain::kyc::{
    AttachmentSource, BiometricsSession, EvidenceKind, FileLimits, NewSession, Requirement, RequirementKey,
    RequirementKind, RequirementState, ReviewStart, SessionState, Slot,
};
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::{StoreError, Stored, Tx};
use subtle::ConstantTimeEq as _;

use super::documents::{self, NewDocument, NewEvidence, SubmitEvidence, SubmitEvidenceRefused, Target};
use super::ending::complete;
use super::review::{self, RequestRefused};
use crate::customers;
use crate::customers::bank_accounts::{self, GiveRefused, Given};
use crate::lender::Lender;
use crate::{clock, random};

/// The reason why no hosted session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenSessionRefused {
    /// There is no such customer.
    NotFound,
    /// The customer already has an open session.
    AlreadyOpen,
    /// The customer's KYC is not pending, or every file has been accepted.
    InvalidState(CustomerState),
}

/// A session with the code of its link. Only the code's hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The session.
    pub session: BiometricsSession,
    /// The single-use code.
    pub code: String,
}

/// Opens a hosted session in which the customer submits their own part of KYC.
pub fn open(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, review_start: ReviewStart,
    lifetime: Duration,
) -> Result<OpenedSession, Failed<OpenSessionRefused>> {
    let refused = |refusal| Err(Failed::Refused(refusal));
    let Some(file) = store::customers::find(tx, tenant, customer)? else {
        return refused(OpenSessionRefused::NotFound);
    };
    if documents::receivable(&file).is_err() || !requires_files(&file) {
        return refused(OpenSessionRefused::InvalidState(file.customer.state));
    }
    let newest = store::kyc::newest_session(tx, tenant, customer)?;
    if newest.is_some_and(|session| session.is_open(now)) {
        return refused(OpenSessionRefused::AlreadyOpen);
    }
    let code = format!("dinie_bsc_{}", random::hex::<24>(tx));
    let id = tx.new_id(now);
    let new = NewSession { id, partner: tenant, customer, review_start, lifetime };
    let session = store::kyc::insert_session(tx, BiometricsSession::open(new, now), &code)?;
    // The version of the customer serializes two sessions that are opened at the same time.
    customers::hold(tx, file)?;
    Ok(OpenedSession { session, code })
}

/// The reason why a session cannot begin or continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionRefused {
    /// The code or the secret is unknown.
    Unknown,
    /// The session has expired.
    Expired,
    /// The code has been exchanged.
    Used,
    /// Everything was submitted.
    Completed,
    /// The customer's KYC is no longer pending.
    InvalidState,
    /// The browser's secret was not issued for this session's link.
    OtherBrowser,
}

/// Checks that a session in use can continue: it is not completed or expired, and its customer's KYC is pending. The
/// beginning of the review ends every permission of a session, whoever began the review.
pub fn check(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: BiometricsSessionId,
) -> Result<(), Failed<SessionRefused>> {
    let session = store::kyc::find_session(tx, tenant, id)?;
    let session = going(session.ok_or(Failed::Refused(SessionRefused::Unknown))?, now)?;
    match session.state {
        SessionState::InUse => pending(tx, &session).map(drop),
        SessionState::Open | SessionState::Visited | SessionState::Completed => {
            Err(Failed::Refused(SessionRefused::Unknown))
        }
    }
}

/// The customer of a session, while its KYC is pending.
fn pending(tx: &mut Tx<'_>, session: &BiometricsSession) -> Result<CustomerFile, Failed<SessionRefused>> {
    let file = store::customers::find(tx, session.partner, session.customer)?;
    let file = file.ok_or(Failed::Refused(SessionRefused::Unknown))?;
    documents::receivable(&file).map_err(|_state| Failed::Refused(SessionRefused::InvalidState))?;
    Ok(file.into_value())
}

/// The session of an unused code. It records that a person has opened the page.
pub fn visit(
    tx: &mut Tx<'_>, real: RealTime, code: &str,
) -> Result<BiometricsSession, Failed<SessionRefused>> {
    let session = store::kyc::find_session_by_code(tx, code)?;
    let (session, _now) = found(tx, real, session)?;
    let session = unused(session)?;
    pending(tx, &session)?;
    match session.state {
        SessionState::Open => {
            let visited = session.change(BiometricsSession::visit).map_err(StoreError::from)?;
            Ok(store::kyc::save_session(tx, visited)?.into_value())
        }
        SessionState::Visited | SessionState::InUse | SessionState::Completed => Ok(session.into_value()),
    }
}

fn unused(session: Stored<BiometricsSession>) -> Result<Stored<BiometricsSession>, Failed<SessionRefused>> {
    match session.state {
        SessionState::Open | SessionState::Visited => Ok(session),
        SessionState::InUse | SessionState::Completed => Err(Failed::Refused(SessionRefused::Used)),
    }
}

fn going(
    session: Stored<BiometricsSession>, now: Timestamp,
) -> Result<Stored<BiometricsSession>, Failed<SessionRefused>> {
    match session.state {
        SessionState::Completed => Err(Failed::Refused(SessionRefused::Completed)),
        _unfinished if !session.is_open(now) => Err(Failed::Refused(SessionRefused::Expired)),
        SessionState::Open | SessionState::Visited | SessionState::InUse => Ok(session),
    }
}

/// A session that was found by a secret, if it can continue.
pub type Found = Result<BiometricsSession, Failed<SessionRefused>>;

/// A session that was found by a secret, with its partner's time at the real time `real`.
fn found(
    tx: &mut Tx<'_>, real: RealTime, session: Option<Stored<BiometricsSession>>,
) -> Result<(Stored<BiometricsSession>, Timestamp), Failed<SessionRefused>> {
    let session = session.ok_or(Failed::Refused(SessionRefused::Unknown))?;
    let now = clock::at(tx, session.partner, real)?;
    Ok((going(session, now)?, now))
}

/// The session of a code, used or not, if it can begin or continue.
pub fn of_code(tx: &mut Tx<'_>, real: RealTime, code: &str) -> Found {
    let session = store::kyc::find_session_by_code(tx, code)?;
    found(tx, real, session).map(|(session, _)| session.into_value())
}

/// Exchanges a code of the partner, on any of its clocks. The code works once; from then on the session lasts
/// `lifetime`.
pub fn exchange(
    tx: &mut Tx<'_>, partner: PartnerId, real: RealTime, code: &str, lifetime: Duration,
) -> Result<BiometricsSession, Failed<SessionRefused>> {
    let unknown = || Failed::Refused(SessionRefused::Unknown);
    let session = store::kyc::find_session_by_code(tx, code)?.ok_or_else(unknown)?;
    // Another partner's code is unknown, whatever its state is.
    if store::tenants::owner(tx, session.partner)? != partner {
        return Err(unknown());
    }
    let (own, now) = found(tx, real, Some(session))?;
    Ok(begin(tx, now, unused(own)?, lifetime)?.into_value())
}

/// Exchanges a code in a browser, which continues the session for `lifetime` with its own `secret`. The same browser
/// may repeat it, because a person presses a button twice or an answer is lost.
pub fn begin_on_page(
    tx: &mut Tx<'_>, real: RealTime, code: &str, secret: &str, lifetime: Duration,
) -> Result<(), Failed<SessionRefused>> {
    let session = store::kyc::find_session_by_code(tx, code)?;
    let (session, now) = found(tx, real, session)?;
    if store::kyc::find_session_by_page(tx, secret)?.is_some_and(|of_page| of_page.id == session.id) {
        return Ok(());
    }
    let session = unused(session)?;
    if !is_issued(tx, &session, secret) {
        return Err(Failed::Refused(SessionRefused::OtherBrowser));
    }
    let session = begin(tx, now, session, lifetime)?;
    Ok(store::kyc::keep_page_secret(tx, &session, secret)?)
}

/// A new secret for a browser that has opened a session's link. One half is random; the other half proves that this
/// server issued it for this session. So nobody can plant their own secret in another person's browser before the
/// button is pressed. Several secrets may be issued. The session continues with the one that the pressed button sends.
pub fn page_secret(tx: &mut Tx<'_>, session: &BiometricsSession) -> String {
    let random = random::hex::<16>(tx);
    let mark = store::kyc::page_mark(tx, session.id, &random);
    format!("{random}{}", &mark[..HALF])
}

/// Length of half a browser's secret, in characters.
const HALF: usize = 32;

/// Whether a browser's secret was issued for this session.
fn is_issued(tx: &Tx<'_>, session: &BiometricsSession, secret: &str) -> bool {
    let halves = secret.split_at_checked(HALF).filter(|(_, mark)| mark.len() == HALF);
    halves.is_some_and(|(random, mark)| {
        let issued = store::kyc::page_mark(tx, session.id, random);
        bool::from(issued.as_bytes()[..HALF].ct_eq(mark.as_bytes()))
    })
}

fn begin(
    tx: &mut Tx<'_>, now: Timestamp, session: Stored<BiometricsSession>, lifetime: Duration,
) -> Result<Stored<BiometricsSession>, Failed<SessionRefused>> {
    // A link from before the review must not allow changes after the review has begun.
    pending(tx, &session)?;
    let begun = session.change(|session| session.begin(lifetime, now)).map_err(StoreError::from)?;
    Ok(store::kyc::save_session(tx, begun)?)
}

/// The session that a browser continues.
pub fn of_page(tx: &mut Tx<'_>, real: RealTime, secret: &str) -> Found {
    let session = store::kyc::find_session_by_page(tx, secret)?;
    found(tx, real, session).map(|(session, _)| session.into_value())
}

/// The session of this id, if no person has opened its page and its link still works.
pub fn unvisited(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: BiometricsSessionId,
) -> Result<Option<BiometricsSession>, StoreError> {
    let session = store::kyc::find_session(tx, tenant, id)?;
    let unvisited = session.filter(|session| session.state == SessionState::Open && session.is_open(now));
    Ok(unvisited.map(Stored::into_value))
}

/// The present state of the session, if it can continue.
fn current(
    tx: &mut Tx<'_>, now: Timestamp, session: &BiometricsSession,
) -> Result<Stored<BiometricsSession>, Failed<SessionRefused>> {
    let session = store::kyc::find_session(tx, session.partner, session.id)?;
    going(session.ok_or(Failed::Refused(SessionRefused::Unknown))?, now)
}

/// Submits the selfie of a session that nobody has opened, and ends the session.
pub fn take_selfie(
    tx: &mut Tx<'_>, now: Timestamp, session: &BiometricsSession, document: NewDocument, limits: FileLimits,
) -> Result<CustomerFile, Failed<SessionRefused>> {
    let current = current(tx, now, session)?;
    let file = documents::submit_evidence(
        tx,
        current.partner,
        now,
        &submission(&current, document, limits),
        selfie_target,
    )
    .map_err(|failed| failed.map_refused(|_| SessionRefused::InvalidState))?;
    complete(tx, current)?;
    Ok(file)
}

fn submission(session: &BiometricsSession, document: NewDocument, limits: FileLimits) -> SubmitEvidence {
    SubmitEvidence {
        customer: session.customer,
        evidence: NewEvidence::File(document),
        source: AttachmentSource::HostedSession,
        review_start: session.review_start,
        limits,
    }
}

/// The reason why a session's page refused something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRefused {
    /// The session cannot continue.
    Session(SessionRefused),
    /// The KYC file does not accept it.
    Evidence(SubmitEvidenceRefused),
    /// The review has begun, so the present account cannot be replaced.
    AccountKept,
    /// These mandatory files are missing or to be corrected.
    Incomplete(Vec<RequirementKey>),
}

impl From<SessionRefused> for PageRefused {
    fn from(refused: SessionRefused) -> Self {
        Self::Session(refused)
    }
}

/// Submits a file on a session's page.
pub fn submit_file(
    tx: &mut Tx<'_>, now: Timestamp, session: &BiometricsSession, document: NewDocument, target: Target,
    limits: FileLimits,
) -> Result<CustomerFile, Failed<PageRefused>> {
    let current = current(tx, now, session).map_err(|failed| failed.map_refused(PageRefused::from))?;
    documents::submit_evidence(tx, current.partner, now, &submission(&current, document, limits), |_| {
        Some(target)
    })
    .map_err(|failed| failed.map_refused(PageRefused::Evidence))
}

/// Sets the bank account in a session. After the beginning of the review the present account cannot be replaced. A
/// first account is still accepted, because the last file of a page begins the review by itself.
pub fn give_account(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, session: BiometricsSessionId,
    details: &AccountDetails, lender: &Lender,
) -> Result<Given, Failed<PageRefused>> {
    let unknown = || Failed::Refused(PageRefused::Session(SessionRefused::Unknown));
    let session = store::kyc::find_session(tx, tenant, session)?.ok_or_else(unknown)?;
    let session = going(session, now).map_err(|failed| failed.map_refused(PageRefused::from))?;
    let file = store::customers::find(tx, tenant, session.customer)?.ok_or_else(unknown)?;
    let account = store::bank_accounts::of_customer(tx, tenant, session.customer)?;
    match (file.customer.state, account) {
        (CustomerState::PendingKyc, _) | (CustomerState::UnderReview | CustomerState::Active, None) => {}
        (CustomerState::UnderReview | CustomerState::Active, Some(account))
            if account.details == *details =>
        {
            return Ok(Given::Applied(account.into_value()));
        }
        (CustomerState::UnderReview | CustomerState::Active, Some(_)) => {
            return Err(Failed::Refused(PageRefused::AccountKept));
        }
        (CustomerState::Creating | CustomerState::Denied, _) => {
            return Err(Failed::Refused(PageRefused::Session(SessionRefused::InvalidState)));
        }
    }
    // The version of the customer serializes the account and the beginning of the review.
    customers::hold(tx, file)?;
    bank_accounts::put(tx, tenant, now, session.customer, details, lender).map_err(|failed| {
        failed.map_refused(|refused| match refused {
            GiveRefused::NotFound => PageRefused::Session(SessionRefused::Unknown),
            GiveRefused::NoAddress | GiveRefused::TooSoon(_) => PageRefused::AccountKept,
        })
    })
}

/// Ends a session whose files are all submitted, and begins the review if it has not begun. If only a field of the
/// registration is missing, the partner has to give it and begin the review.
pub fn submit(
    tx: &mut Tx<'_>, now: Timestamp, session: &BiometricsSession,
) -> Result<(), Failed<PageRefused>> {
    let current = current(tx, now, session).map_err(|failed| failed.map_refused(PageRefused::from))?;
    match review::begin(tx, current.partner, now, current.customer) {
        // The review begins now, or the last file began it, as the reference promises.
        Ok(_) | Err(Failed::Refused(RequestRefused::InvalidState(_))) => {}
        Err(Failed::Refused(RequestRefused::Incomplete(lacking))) => {
            let files: Vec<_> = lacking.into_iter().filter(|key| is_file(key.kind)).collect();
            if !files.is_empty() {
                return Err(Failed::Refused(PageRefused::Incomplete(files)));
            }
        }
        Err(Failed::Refused(RequestRefused::NotFound)) => {
            return Err(Failed::Refused(SessionRefused::Unknown.into()));
        }
        Err(Failed::Store(error)) => return Err(error.into()),
    }
    Ok(complete(tx, current)?)
}

/// Whether a file is missing, or may be replaced.
fn requires_files(file: &CustomerFile) -> bool {
    let accepted = |state: &RequirementState| matches!(state, RequirementState::Accepted { .. });
    file.kyc.requirements.iter().any(|r| is_file(r.key.kind) && !accepted(&r.state))
}

/// Whether files meet a requirement of this kind.
pub fn is_file(kind: RequirementKind) -> bool {
    !matches!(kind, RequirementKind::RegistrationField(_) | RequirementKind::Email)
}

/// The first selfie that is still missing, else the first that may be replaced: the applicant's, then each co-owner's.
fn selfie_target(file: &CustomerFile) -> Option<Target> {
    let selfies = || file.kyc.requirements.iter().filter(|r| r.key.kind == RequirementKind::Selfie);
    let submitted = |r: &&Requirement| matches!(r.state, RequirementState::Submitted { .. });
    let requirement = selfies().find(|r| !r.state.is_in()).or_else(|| selfies().find(submitted))?;
    Some((requirement.key, EvidenceKind::Selfie, Slot::Photo))
}
