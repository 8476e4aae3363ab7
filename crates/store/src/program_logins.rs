//! Programs that ask for a credential (`dinie login`). A person confirms one by its code. Secrets are kept as hashes only.

use domain::id::{OperatorId, PartnerId};
use domain::time::RealTime;

use crate::seal::sha256_hex;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A login as it is stored.
    struct LoginRow in "program_logins" by (secret_hash) {
        secret_hash: String,
        code: String,
        name: String,
        confirmed_for: Option<PartnerId>,
        confirmed_by: Option<OperatorId>,
        created_at: RealTime,
        expires_at: RealTime,
    }
}

/// A program that asks for a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramLogin {
    /// The code that a person compares, in its short form.
    pub code: String,
    /// The name that the program gives itself.
    pub name: String,
    /// The partner for which a person has confirmed it, and the person.
    pub confirmed: Option<(PartnerId, OperatorId)>,
    /// Time of the request.
    pub created_at: RealTime,
    /// The end of the request.
    pub expires_at: RealTime,
}

impl LoginRow {
    fn read(self) -> ProgramLogin {
        ProgramLogin {
            code: self.code,
            name: self.name,
            confirmed: self.confirmed_for.zip(self.confirmed_by),
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

/// Adds a login.
pub fn insert(tx: &mut Tx<'_>, login: &ProgramLogin, secret: &str) -> Result<(), StoreError> {
    let row = LoginRow {
        secret_hash: sha256_hex(secret.as_bytes()),
        code: login.code.clone(),
        name: login.name.clone(),
        confirmed_for: None,
        confirmed_by: None,
        created_at: login.created_at,
        expires_at: login.expires_at,
    };
    tx.insert_now(&row).map_err(StoreError::duplicate_as_conflict)
}

/// The login with this secret.
pub fn find(tx: &mut Tx<'_>, secret: &str) -> Result<Option<ProgramLogin>, StoreError> {
    let hash = sha256_hex(secret.as_bytes());
    Ok(tx.find::<LoginRow>("where secret_hash = $1", args![hash])?.map(LoginRow::read))
}

/// The login with this code.
pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<ProgramLogin>, StoreError> {
    Ok(tx.find::<LoginRow>("where code = $1", args![code])?.map(LoginRow::read))
}

/// Notes the confirmation of a login. Returns whether nobody had confirmed it and its time was not over.
pub fn confirm(
    tx: &mut Tx<'_>, code: &str, partner: PartnerId, person: OperatorId, now: RealTime,
) -> Result<bool, StoreError> {
    let sql = "update program_logins set confirmed_for = $1, confirmed_by = $2 \
               where code = $3 and confirmed_by is null and expires_at > $4";
    Ok(tx.execute(sql, args![partner, person, code, now])? == 1)
}

/// Uses up a login. Of two uses at once, one returns true.
pub fn take(tx: &mut Tx<'_>, secret: &str) -> Result<bool, StoreError> {
    let hash = sha256_hex(secret.as_bytes());
    Ok(tx.execute("delete from program_logins where secret_hash = $1", args![hash])? == 1)
}

/// Drops up to `rows` logins that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "delete from program_logins where secret_hash in \
               (select secret_hash from program_logins where expires_at < $1 order by expires_at limit $2)";
    tx.execute(sql, args![cutoff, rows])
}
