//! A partner's credentials: client ids, scopes and their state machine (active → revoked | expired).

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::closed::{Changed, closed};
use crate::id::{InvalidId, OperatorId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::{Moment as _, RealTime};

/// The environment that a process serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Simulated decisions, no real money.
    Sandbox,
    /// Real decisions and real money.
    Production,
}

// The words in configuration and tokens.
spelled!(Environment { Sandbox = "sandbox", Production = "production" });

impl Environment {
    /// The word in client ids and secrets.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Sandbox => "test",
            Self::Production => "live",
        }
    }
}

/// A client id: `dinie_ci_test_…` or `dinie_ci_live_…`, then 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientId {
    /// The environment in which it is valid.
    pub environment: Environment,
    uuid: Uuid,
}

impl ClientId {
    /// A new client id from the moment and ten random bytes.
    pub fn new(environment: Environment, now: RealTime, random: [u8; 10]) -> Self {
        let uuid = uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &random).into_uuid();
        Self { environment, uuid }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dinie_ci_{}_{}", self.environment.marker(), self.uuid.as_simple())
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (environment, hex) = if let Some(hex) = text.strip_prefix("dinie_ci_test_") {
            (Environment::Sandbox, hex)
        } else if let Some(hex) = text.strip_prefix("dinie_ci_live_") {
            (Environment::Production, hex)
        } else {
            return Err(InvalidId);
        };
        let canonical = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let uuid = Uuid::try_parse(hex).ok().filter(|_| canonical).ok_or(InvalidId)?;
        Ok(Self { environment, uuid })
    }
}

/// The rights of a credential's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything that belongs to the partner.
    Partner,
    /// Only the exchange of a biometrics code for a session token.
    BiometricsExchange,
}

// The words in tokens and commands.
spelled!(Scope { Partner = "partner", BiometricsExchange = "biometrics:exchange" });

/// The maker of a credential or an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Maker {
    /// A token of another credential of the same partner.
    Credential(ClientId),
    /// An operator of the lender.
    Operator(OperatorId),
    /// The command line, or the first start of a sandbox.
    CommandLine,
    /// The first sign-in of a person by the lender's own provider.
    Provider,
}

const COMMAND_LINE: &str = "command_line";
const PROVIDER: &str = "provider";

/// A client id, an operator's id, `command_line` or `provider`.
impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(client) => client.fmt(f),
            Self::Operator(operator) => operator.fmt(f),
            Self::CommandLine => f.write_str(COMMAND_LINE),
            Self::Provider => f.write_str(PROVIDER),
        }
    }
}

impl FromStr for Maker {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            COMMAND_LINE => Ok(Self::CommandLine),
            PROVIDER => Ok(Self::Provider),
            id => {
                let operator = |_not_a_client| id.parse().map(Self::Operator);
                id.parse().map(Self::Credential).or_else(operator)
            }
        }
    }
}

/// The credentials that one revocation revokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only the credential.
    Alone,
    /// The credential and every credential that descends from it: those that it created, those that these created,
    /// and so on.
    WithCreated,
}

closed! {
    /// A credential. Only its commands change it.
    pub struct Credential(CredentialRecord);
}

/// The fields of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRecord {
    /// The credential's id, which is the client id.
    pub client_id: ClientId,
    /// The owner.
    pub partner: PartnerId,
    /// The values from its creation. Only its time of expiry may come earlier.
    pub terms: CredentialTerms,
    /// The state of its machine.
    pub state: CredentialState,
    /// Time of its last token.
    pub last_used_at: Option<RealTime>,
    /// Time of creation.
    pub created_at: RealTime,
    /// Time of the last change.
    pub updated_at: RealTime,
}

/// The values that a credential keeps from its creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialTerms {
    /// The partner's name for it.
    pub name: String,
    /// Time of expiry, if it expires.
    pub expires_at: Option<RealTime>,
    /// The rights of its tokens.
    pub scope: Scope,
    /// The maker; `None` if the credential is older than this record.
    pub created_by: Option<Maker>,
}

impl Credential {
    /// A new credential, active at once.
    pub fn create(
        client_id: ClientId, partner: PartnerId, terms: CredentialTerms, now: RealTime,
    ) -> Changed<Self> {
        let credential = Self(CredentialRecord {
            client_id,
            partner,
            terms,
            state: CredentialState::Active,
            last_used_at: None,
            created_at: now,
            updated_at: now,
        });
        Changed::silent(credential)
    }

    /// Revokes a credential that is active at `now`.
    pub fn revoke(mut self, now: RealTime) -> Result<Changed<Self>, Illegal> {
        self.0.state = self.state_at(now).step(CredentialInput::Revoke)?.next;
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }

    /// Ends a credential that is active at `now` at a moment; an earlier time of expiry stays.
    pub fn end_by(mut self, at: RealTime, now: RealTime) -> Result<Changed<Self>, Illegal> {
        if at <= now {
            return self.revoke(now);
        }
        // The machine refuses a credential that has ended.
        self.state_at(now).step(CredentialInput::Expire)?;
        let end = self.terms.expires_at.map_or(at, |end| end.min(at));
        self.0.terms.expires_at = Some(end);
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }

    /// The state at `now`. An active credential past its expiry is expired, even if no job has stored this yet.
    pub fn state_at(&self, now: RealTime) -> CredentialState {
        let past = self.terms.expires_at.is_some_and(|end| now >= end);
        match self.state {
            CredentialState::Active if past => CredentialState::Expired,
            CredentialState::Active => CredentialState::Active,
            CredentialState::Revoked => CredentialState::Revoked,
            CredentialState::Expired => CredentialState::Expired,
        }
    }
}

/// The state of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialState {
    /// It obtains tokens.
    Active,
    /// The partner revoked it.
    Revoked,
    /// Its time of expiry has passed.
    Expired,
}

/// The inputs of a credential's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialInput {
    /// The partner revokes it.
    Revoke,
    /// Its time of expiry passes.
    Expire,
}

/// Credentials have no domain events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialEvent {}

spelled!(CredentialState { Active = "active", Revoked = "revoked", Expired = "expired" });

impl CredentialState {
    /// Takes one step of the machine.
    pub fn step(self, input: CredentialInput) -> Result<Transition<Self, CredentialEvent>, Illegal> {
        let name = match input {
            CredentialInput::Revoke => "revoke",
            CredentialInput::Expire => "expire",
        };
        match (self, input) {
            (Self::Active, CredentialInput::Revoke) => Ok(Transition::silent(Self::Revoked)),
            (Self::Active, CredentialInput::Expire) => Ok(Transition::silent(Self::Expired)),
            (Self::Revoked | Self::Expired, CredentialInput::Revoke | CredentialInput::Expire) => {
                Err(Illegal { machine: "credential", state: self.name(), input: name })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_machine_is_this_matrix() {
        use {CredentialInput as I, CredentialState as S};
        let states = [S::Active, S::Revoked, S::Expired];
        insta::assert_snapshot!(crate::machine::matrix(&states, &[I::Revoke, I::Expire], |s, i| s.step(*i)));
    }

    #[test]
    fn a_maker_reads_back() {
        use crate::id::ResourceId;
        let now = RealTime::from_seconds(1_700_000_000);
        let client = ClientId::new(Environment::Sandbox, now, [9; 10]);
        let operator = OperatorId::new(now, [9; 10]);
        for maker in [Maker::Credential(client), Maker::Operator(operator), Maker::CommandLine] {
            assert_eq!(maker.to_string().parse(), Ok(maker));
        }
        assert!("somebody".parse::<Maker>().is_err());
    }

    #[test]
    fn a_client_id_reads_back_and_names_its_environment() {
        let id = ClientId::new(Environment::Production, RealTime::from_seconds(1_700_000_000), [9; 10]);
        assert!(id.to_string().starts_with("dinie_ci_live_"));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["dinie_ci_test_", "dinie_ci_beta_00000000000000000000000000000000", "dinie_ci_test_0G"] {
            assert!(text.parse::<ClientId>().is_err(), "{text}");
        }
    }
}
