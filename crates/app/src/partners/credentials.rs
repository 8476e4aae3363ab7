//! Credentials: make, list and revoke them, and check their secrets.

use domain::credential::{
    ClientId, Credential, CredentialState, CredentialTerms, Environment, Maker, Reach, Scope,
};
use domain::id::PartnerId;
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
use store::partners::Partner;
use store::seal::sha256_hex;
use store::{Cursor, StoreError, Stored, Tx};
use subtle::ConstantTimeEq as _;

use crate::random;
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// Most active credentials of a partner.
pub const MOST_ACTIVE: i64 = 50;

/// A credential to make.
#[derive(Debug, Clone)]
pub struct CreateCredential {
    /// The environment of the credential.
    pub environment: Environment,
    /// Name of the credential, for people.
    pub name: String,
    /// The scope of its tokens.
    pub scope: Scope,
    /// Its time of expiry, if it expires.
    pub expires_at: Option<RealTime>,
    /// The maker of the credential.
    pub created_by: Maker,
}

/// A credential with its secret. Only the secret's hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedCredential {
    /// The credential.
    pub credential: Credential,
    /// The secret.
    pub secret: String,
}

/// The reason why no credential was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateCredentialRefused {
    /// There is no such partner.
    NotFound,
    /// The partner already has [`MOST_ACTIVE`] active credentials.
    TooMany,
    /// Its time of expiry is in the past.
    AlreadyOver,
    /// The credential that makes it was revoked or has expired meanwhile.
    MakerEnded,
}

/// Makes a credential.
pub fn create(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, command: &CreateCredential,
) -> Result<CreatedCredential, Failed<CreateCredentialRefused>> {
    if store::partners::find(tx, tenant)?.is_none() {
        return Err(Failed::Refused(CreateCredentialRefused::NotFound));
    }
    if command.expires_at.is_some_and(|end| end <= now) {
        return Err(Failed::Refused(CreateCredentialRefused::AlreadyOver));
    }
    store::partners::touch(tx, tenant)?;
    if let Maker::Credential(maker) = command.created_by {
        // A revoked or expired credential makes no others. The partner's row serializes this with a revocation.
        let maker = store::credentials::find(tx, tenant, maker)?;
        if !maker.is_some_and(|maker| maker.state_at(now) == CredentialState::Active) {
            return Err(Failed::Refused(CreateCredentialRefused::MakerEnded));
        }
    }
    if store::credentials::count_active(tx, tenant, now)? >= MOST_ACTIVE {
        return Err(Failed::Refused(CreateCredentialRefused::TooMany));
    }
    let secret = format!("dinie_cs_{}_{}", command.environment.marker(), random::hex::<32>(tx));
    let client_id = ClientId::new(command.environment, now, tx.random_bytes());
    let terms = CredentialTerms {
        name: command.name.clone(),
        scope: command.scope,
        expires_at: command.expires_at,
        created_by: Some(command.created_by),
    };
    let hash = sha256_hex(secret.as_bytes());
    let credential =
        store::credentials::insert(tx, Credential::create(client_id, tenant, terms, now), &hash)?;
    Ok(CreatedCredential { credential, secret })
}

/// A credential to replace.
#[derive(Debug, Clone, Copy)]
pub struct ReplaceCredential {
    /// The environment of the new credential.
    pub environment: Environment,
    /// The credential that it replaces.
    pub client: ClientId,
    /// The time at which the replaced one ends, if it does not end before; at once if it is not in the future.
    pub ends_at: RealTime,
    /// The maker of the new credential.
    pub created_by: Maker,
}

/// The reason why a credential was not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceCredentialRefused {
    /// There is no such credential.
    NotFound,
    /// It has ended.
    Ended,
    /// The partner already has [`MOST_ACTIVE`] active credentials.
    TooMany,
}

not_found_in!(ReplaceCredentialRefused);

/// Makes a credential with the name, the scope and the time of expiry of another one, which ends later. One commit does
/// both.
pub fn replace(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, command: &ReplaceCredential,
) -> Result<CreatedCredential, Failed<ReplaceCredentialRefused>> {
    let found = store::credentials::find(tx, tenant, command.client)?;
    let old = found.ok_or(Failed::Refused(ReplaceCredentialRefused::NotFound))?;
    let CredentialTerms { name, scope, expires_at, created_by: _ } = old.terms.clone();
    let create_command = CreateCredential {
        environment: command.environment,
        name,
        scope,
        expires_at,
        created_by: command.created_by,
    };
    let ended = old.change(|old| old.end_by(command.ends_at, now));
    let ended = ended.map_err(|_illegal| Failed::Refused(ReplaceCredentialRefused::Ended))?;
    store::credentials::save(tx, ended)?;
    create(tx, tenant, now, &create_command).map_err(|failed| {
        failed.map_refused(|refused| match refused {
            CreateCredentialRefused::NotFound => ReplaceCredentialRefused::NotFound,
            CreateCredentialRefused::TooMany => ReplaceCredentialRefused::TooMany,
            CreateCredentialRefused::AlreadyOver | CreateCredentialRefused::MakerEnded => {
                ReplaceCredentialRefused::Ended
            }
        })
    })
}

/// A page of the partner's credentials.
pub fn list(
    tx: &mut Tx<'_>, tenant: PartnerId, cursor: &Cursor<ClientId>,
) -> Result<Page<Credential>, Failed<ListRefused>> {
    page_or_refused(store::credentials::list(tx, tenant, cursor)?)
}

/// A partner's credential with the partner, and the name of the operator who made it.
pub fn find_with_maker(
    tx: &mut Tx<'_>, tenant: PartnerId, client: ClientId,
) -> Result<(Partner, Credential, Option<String>), Failed<NotFound>> {
    let partner = store::partners::find(tx, tenant)?.ok_or(Failed::Refused(NotFound))?;
    let credential = of_token(tx, tenant, client)?.ok_or(Failed::Refused(NotFound))?;
    let name = match credential.terms.created_by {
        Some(Maker::Operator(id)) => store::operators::names(tx, &[id])?.remove(&id),
        Some(Maker::Credential(_) | Maker::CommandLine | Maker::Provider) | None => None,
    };
    Ok((partner, credential, name))
}

/// The reason why a credential was not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokeRefused {
    /// There is no such credential.
    NotFound,
    /// It is already revoked.
    AlreadyRevoked,
}

not_found_in!(RevokeRefused);

/// The result of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The credential that was named.
    pub credential: Credential,
    /// Every credential that the revocation ended. Their tokens end too.
    pub ended: Vec<ClientId>,
}

/// Revokes a credential, and with [`Reach::WithCreated`] also all credentials that descend from it. Their tokens end
/// too. A credential that has already ended is refused, unless a credential that it made ends now.
pub fn revoke(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, client: ClientId, reach: Reach,
) -> Result<Revoked, Failed<RevokeRefused>> {
    let found = store::credentials::find(tx, tenant, client)?;
    let credential = found.ok_or(Failed::Refused(RevokeRefused::NotFound))?;
    // The partner's row serializes this with the creation of a credential.
    store::partners::touch(tx, tenant)?;
    let mut ended = Vec::new();
    let credential = end(tx, now, credential, &mut ended)?;
    if reach == Reach::WithCreated {
        end_created(tx, tenant, now, client, &mut ended)?;
    }
    if ended.is_empty() {
        return Err(Failed::Refused(RevokeRefused::AlreadyRevoked));
    }
    Ok(Revoked { credential, ended })
}

/// Ends a credential, if it has not ended.
fn end(
    tx: &mut Tx<'_>, now: RealTime, credential: Stored<Credential>, ended: &mut Vec<ClientId>,
) -> Result<Credential, StoreError> {
    let as_it_is = Credential::clone(&credential);
    let Ok(revoked) = credential.change(|credential| credential.revoke(now)) else { return Ok(as_it_is) };
    ended.push(as_it_is.client_id);
    Ok(store::credentials::save(tx, revoked)?.into_value())
}

/// Ends all credentials that a credential has made, directly or indirectly. A maker is older than its credentials, so
/// the recursion ends.
fn end_created(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, client: ClientId, ended: &mut Vec<ClientId>,
) -> Result<(), StoreError> {
    let mut makers = vec![client];
    while let Some(maker) = makers.pop() {
        for made in store::credentials::made_by(tx, tenant, maker)? {
            makers.push(made.client_id);
            end(tx, now, made, ended)?;
        }
    }
    Ok(())
}

/// The credential of a client id and secret; `None` if either is wrong or the credential has ended.
pub fn authenticate(
    tx: &mut Tx<'_>, now: RealTime, client: ClientId, secret: &str,
) -> Result<Option<Credential>, StoreError> {
    // Nobody can guess the hash of 32 random bytes. The comparison in constant time does not reveal how close a guess
    // was.
    let given = sha256_hex(secret.as_bytes());
    let found = store::credentials::find_by_client(tx, client)?;
    let matching = found.filter(|(_, hash)| bool::from(hash.as_bytes().ct_eq(given.as_bytes())));
    let Some((credential, _)) = matching else { return Ok(None) };
    if credential.state_at(now) != CredentialState::Active {
        return Ok(None);
    }
    store::credentials::mark_used(tx, credential.partner, client, now)?;
    Ok(Some(credential.into_value()))
}

/// The credential behind a token, whatever its state.
pub fn of_token(
    tx: &mut Tx<'_>, tenant: PartnerId, client: ClientId,
) -> Result<Option<Credential>, StoreError> {
    Ok(store::credentials::find(tx, tenant, client)?.map(Stored::into_value))
}
