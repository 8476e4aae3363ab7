//! People who sign in to the console. Their address and their factors are sealed under the key of the operator that
//! they are.

use domain::access::{
    Authenticator, AuthenticatorSecret, Passkey, PasswordHash, Person, PersonRecord, Subject,
};
use domain::closed::Changed;
use domain::id::OperatorId;
use domain::person::Email;
use domain::time::RealTime;
use serde::{Deserialize, Serialize};

use crate::document::{self, corrupt, versioned};
use crate::operators::data_keys;
use crate::table::table;
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A person as it is stored.
    struct PersonRow in "people" by (id) {
        id: OperatorId,
        version: i64,
        email_hash: String,
        account_hash: Option<String>,
        sealed: Vec<u8>,
        created_at: RealTime,
    }
}

const TABLE: &str = "people";

#[derive(Serialize, Deserialize)]
struct PersonDoc {
    email: String,
    provider: Option<(String, String)>,
    password: Option<String>,
    authenticator: Option<(Vec<u8>, u64)>,
    recovery_codes: Vec<String>,
    passkeys: Vec<PasskeyDoc>,
}

#[derive(Serialize, Deserialize)]
struct PasskeyDoc {
    id: String,
    name: String,
    document: String,
    added_at: i64,
    used_at: Option<i64>,
}

impl PersonDoc {
    fn of(person: &Person) -> Self {
        let passkey = |passkey: &Passkey| PasskeyDoc {
            id: passkey.id.clone(),
            name: passkey.name.clone(),
            document: passkey.document.clone(),
            added_at: passkey.added_at.micros(),
            used_at: passkey.used_at.map(RealTime::micros),
        };
        Self {
            email: person.email.to_string(),
            provider: person.provider.as_ref().map(|at| (at.issuer.clone(), at.subject.clone())),
            password: person.password.as_ref().map(|hash| hash.0.clone()),
            authenticator: person.authenticator.as_ref().map(|app| (app.secret.0.clone(), app.last_step)),
            recovery_codes: person.recovery_codes.clone(),
            passkeys: person.passkeys.iter().map(passkey).collect(),
        }
    }

    fn read(self, id: OperatorId, created_at: RealTime) -> Result<PersonRecord, StoreError> {
        let passkey = |PasskeyDoc { id, name, document, added_at, used_at }| Passkey {
            id,
            name,
            document,
            added_at: RealTime::from_micros(added_at),
            used_at: used_at.map(RealTime::from_micros),
        };
        let app = |(secret, last_step)| Authenticator { secret: AuthenticatorSecret(secret), last_step };
        Ok(PersonRecord {
            id,
            email: Email::parse(&self.email).map_err(corrupt)?,
            provider: self.provider.map(|(issuer, subject)| Subject { issuer, subject }),
            password: self.password.map(PasswordHash),
            authenticator: self.authenticator.map(app),
            recovery_codes: self.recovery_codes,
            passkeys: self.passkeys.into_iter().map(passkey).collect(),
            created_at,
        })
    }
}

impl PersonRow {
    /// The row of a person at a version.
    fn of(tx: &mut Tx<'_>, person: &Person, version: i64) -> Result<Self, StoreError> {
        let json = document::to_json(&PersonDoc::of(person));
        let nonce = tx.random_bytes();
        let context = versioned(TABLE, person.id, version);
        Ok(Self {
            id: person.id,
            version,
            email_hash: email_hash(tx, &person.email),
            account_hash: person.provider.as_ref().map(|account| account_hash(tx, account)),
            sealed: data_keys(tx, person.id)?.seal(nonce, &context, json.as_bytes()),
            created_at: person.created_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<Person>, StoreError> {
        let json = data_keys(tx, self.id)?.open(&versioned(TABLE, self.id, self.version), &self.sealed)?;
        let record = document::from_json::<PersonDoc>(&json)?.read(self.id, self.created_at)?;
        Ok(Stored::new(self.version, Person::restored(record)))
    }
}

/// The keyed hash of an address. Case does not count.
fn email_hash(tx: &Tx<'_>, email: &Email) -> String {
    tx.keyring().lookup("operator_email", &email.as_str().to_lowercase())
}

/// The keyed hash of an account at the lender's provider.
fn account_hash(tx: &Tx<'_>, Subject { issuer, subject }: &Subject) -> String {
    tx.keyring().lookup("operator_account", &format!("{issuer}\n{subject}"))
}

/// Adds a person; `Duplicate` if another person has the address.
pub fn insert(tx: &mut Tx<'_>, person: Changed<Person>) -> Result<Person, StoreError> {
    let person = person.into_value();
    let row = PersonRow::of(tx, &person, Stored::<Person>::FIRST)?;
    tx.insert_now(&row)?;
    Ok(person)
}

/// Saves a person's factors and account, if nobody else has changed the row since it was read.
pub fn save(tx: &mut Tx<'_>, person: Stored<Changed<Person>>) -> Result<Stored<Person>, StoreError> {
    person.save(|person, before| {
        let row = PersonRow::of(tx, person, before + 1)?;
        tx.update(
            args![row.id],
            before,
            &[PersonRow::account_hash.to(&row.account_hash), PersonRow::sealed.to(&row.sealed)],
        )
    })
}

/// The person who is this operator.
pub fn find(tx: &mut Tx<'_>, id: OperatorId) -> Result<Option<Stored<Person>>, StoreError> {
    tx.find_opened("where id = $1", args![id], PersonRow::open)
}

/// The person with this address.
pub fn find_by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<Stored<Person>>, StoreError> {
    let hash = email_hash(tx, email);
    tx.find_opened("where email_hash = $1", args![hash], PersonRow::open)
}

/// The person with this account at the lender's provider.
pub fn find_by_account(tx: &mut Tx<'_>, account: &Subject) -> Result<Option<Stored<Person>>, StoreError> {
    let hash = account_hash(tx, account);
    tx.find_opened("where account_hash = $1", args![hash], PersonRow::open)
}

/// Whether nobody can sign in to the console yet.
pub fn none_yet(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(!tx.has::<PersonRow>("limit 1", args![])?)
}
