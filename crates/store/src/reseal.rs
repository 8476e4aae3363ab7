//! Brings the values of earlier versions into today's form, once in a database's life. It runs before the store is
//! used, some rows at a time. An interrupted run continues where it stopped.
//!
//! Earlier versions sealed a changing row without its version, so that an older value could be put back. They kept
//! reasons and inputs of credit decisions, references of payments and descriptions of endpoints in clear text. After
//! this step nothing in the old form is accepted any more. A row that does not open in the old form either is damaged
//! and stays as it is.

use crate::db::Row;
use crate::document::{self, corrupt, versioned};
use crate::idempotency::Holder;
use crate::seal::DataKey;
use crate::{OpenError, Store, StoreError, Tx, args, credit, payments, settings, webhook_endpoints};

/// The setting that says that all of this is done.
const DONE: (&str, &str) = ("sealed_form", "2");
/// How many rows one transaction takes.
const AT_ONCE: i64 = 500;

/// The primary key of the last row that was looked at.
type Place = (String, String);
/// Brings the rows after a place into today's form; the place of the last one, `None` at the end.
type Step = fn(&mut Tx<'_>, &Place) -> Result<Option<Place>, StoreError>;

const STEPS: [Step; 7] = [
    |tx, after| versions(tx, "customers", after),
    |tx, after| versions(tx, "bank_accounts", after),
    |tx, after| versions(tx, "loans", after),
    endpoints,
    answers,
    decisions,
    references,
];

pub(crate) fn run(store: &Store) -> Result<(), OpenError> {
    let failed = |error: StoreError| OpenError::Engine(error.to_string());
    if store.write_blocking(|tx| settings::get(tx, DONE.0)).map_err(failed)?.is_some() {
        return Ok(());
    }
    for step in STEPS {
        let mut after = Some(Place::default());
        while let Some(place) = after {
            after = store.write_blocking(move |tx| step(tx, &place)).map_err(failed)?;
        }
    }
    store.write_blocking(|tx| settings::get_or_set(tx, DONE.0, DONE.1)).map(drop).map_err(failed)
}

/// A table whose primary key is a partner and another column, with what is read of it after the two.
struct Table {
    name: &'static str,
    key: &'static str,
    columns: &'static str,
}

/// Reads some rows after a place and brings each into today's form. An unreadable row is logged and left as it is.
fn each<T>(
    tx: &mut Tx<'_>,
    table: &Table,
    after: &Place,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    bring: impl Fn(&mut Tx<'_>, &Place, T) -> Result<(), StoreError>,
) -> Result<Option<Place>, StoreError> {
    let Table { name, key, columns } = table;
    let sql = format!(
        "select partner_id, {key}, {columns} from {name} where (partner_id, {key}) > ($1, $2) \
         order by partner_id, {key} limit {AT_ONCE}"
    );
    let found = tx.query(&sql, args![after.0, after.1], |row| {
        let place: Place = (row.get(0)?, row.get(1)?);
        Ok((place, read(row)))
    })?;
    let last = found.last().map(|(place, _)| place.clone());
    for (place, row) in found {
        match row.and_then(|row| bring(tx, &place, row)) {
            Err(StoreError::Corrupt(why)) => {
                tracing::error!(table = name, id = place.1, why, "a damaged row stays as it is");
            }
            settled => settled?,
        }
    }
    Ok(last)
}

fn id<I: std::str::FromStr>(text: &str) -> Result<I, StoreError> {
    text.parse().map_err(|_| corrupt("an id that is none"))
}

/// The opened value of a row in the old form; `None` for a row in today's form.
fn opened(key: &DataKey, context: &str, today: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    match key.open(today, sealed) {
        Ok(_) => Ok(None),
        Err(_) => key.open(context, sealed).map(Some),
    }
}

/// Seals the rows of a table for their versions.
fn versions(tx: &mut Tx<'_>, name: &'static str, after: &Place) -> Result<Option<Place>, StoreError> {
    let table = Table { name, key: "id", columns: "version, sealed" };
    let read = |row: &Row<'_>| Ok((row.get::<i64>(2)?, row.get::<Vec<u8>>(3)?));
    each(tx, &table, after, read, |tx, (partner, row), (version, sealed)| {
        let key = Holder::Partner(id(partner)?).data_key(tx)?;
        let today = versioned(name, row, version);
        if let Some(plain) = opened(&key, &format!("{name}:{row}"), &today, &sealed)? {
            let sealed = key.seal(tx.random_bytes(), &today, &plain);
            let sql =
                format!("update {name} set sealed = $4 where partner_id = $1 and id = $2 and version = $3");
            tx.execute_one(&sql, args![*partner, *row, version, sealed])?;
        }
        Ok(())
    })
}

/// Seals endpoints for their versions, with their descriptions.
fn endpoints(tx: &mut Tx<'_>, after: &Place) -> Result<Option<Place>, StoreError> {
    let table = Table { name: "webhook_endpoints", key: "id", columns: "version, sealed, description" };
    let read =
        |row: &Row<'_>| Ok((row.get::<i64>(2)?, row.get::<Vec<u8>>(3)?, row.get::<Option<String>>(4)?));
    each(tx, &table, after, read, |tx, (partner, row), (version, sealed, description)| {
        let key = Holder::Partner(id(partner)?).data_key(tx)?;
        let today = versioned("webhook_endpoints", row, version);
        let context = format!("webhook_endpoints:{row}");
        let Some(mut plain) = opened(&key, &context, &today, &sealed)? else { return Ok(()) };
        if let Some(description) = description {
            plain = webhook_endpoints::with_description(&plain, description)?;
        }
        let sealed = key.seal(tx.random_bytes(), &today, &plain);
        let sql = "update webhook_endpoints set sealed = $4, description = null \
                   where partner_id = $1 and id = $2 and version = $3";
        tx.execute_one(sql, args![*partner, *row, version, sealed])
    })
}

/// Seals stored answers for the moments at which their keys were claimed.
fn answers(tx: &mut Tx<'_>, after: &Place) -> Result<Option<Place>, StoreError> {
    let table = Table { name: "idempotency_keys", key: "key", columns: "created_at, sealed" };
    let read = |row: &Row<'_>| Ok((row.get::<i64>(2)?, row.get::<Option<Vec<u8>>>(3)?));
    each(tx, &table, after, read, |tx, (holder, row), (claimed_at, sealed)| {
        let Some(sealed) = sealed else { return Ok(()) };
        let key = match holder.parse().map(Holder::Partner) {
            Ok(partner) => partner.data_key(tx)?,
            Err(_) => Holder::Operator(id(holder)?).data_key(tx)?,
        };
        let today = versioned("idempotency_keys", row, claimed_at);
        if let Some(plain) = opened(&key, &format!("idempotency_keys:{row}"), &today, &sealed)? {
            let sealed = key.seal(tx.random_bytes(), &today, &plain);
            let sql = "update idempotency_keys set sealed = $4 where partner_id = $1 and key = $2 and created_at = $3";
            tx.execute_one(sql, args![*holder, *row, claimed_at, sealed])?;
        }
        Ok(())
    })
}

/// Seals the reasons and inputs of decisions.
fn decisions(tx: &mut Tx<'_>, after: &Place) -> Result<Option<Place>, StoreError> {
    let table = Table { name: "credit_decisions", key: "id", columns: "reasons, inputs, sealed" };
    let read =
        |row: &Row<'_>| Ok((row.get::<String>(2)?, row.get::<String>(3)?, row.get::<Option<Vec<u8>>>(4)?));
    each(tx, &table, after, read, |tx, (partner, row), (reasons, inputs, sealed)| {
        if sealed.is_some() {
            return Ok(());
        }
        let reasons: Vec<String> = document::from_json(reasons.as_bytes())?;
        let inputs: Vec<(String, String)> = document::from_json(inputs.as_bytes())?;
        let sealed = credit::grounds_sealed(tx, id(partner)?, id(row)?, &reasons, &inputs)?;
        let sql = "update credit_decisions set sealed = $3, reasons = '', inputs = '' where partner_id = $1 and id = $2";
        tx.execute_one(sql, args![*partner, *row, sealed])
    })
}

/// Seals the references of payments and replaces them by their hashes.
fn references(tx: &mut Tx<'_>, after: &Place) -> Result<Option<Place>, StoreError> {
    let table = Table { name: "payments", key: "id", columns: "reference_hash, sealed" };
    let read = |row: &Row<'_>| Ok((row.get::<String>(2)?, row.get::<Option<Vec<u8>>>(3)?));
    each(tx, &table, after, read, |tx, (partner, row), (reference, sealed)| {
        if sealed.is_some() {
            return Ok(());
        }
        let owner = id(partner)?;
        let sealed = payments::reference_sealed(tx, owner, id(row)?, &reference)?;
        let hash = payments::reference_hash(tx, owner, &reference);
        let sql = "update payments set reference_hash = $3, sealed = $4 where partner_id = $1 and id = $2";
        tx.execute_one(sql, args![*partner, *row, hash, sealed])
    })
}
