//! The bare insert loop, to which the API is compared: only the inserts of a registration, through the store seam.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::id::CustomerId;
use server::clock::real_now;
use store::{Store, StoreError, Tx, args};

use super::queues::micros;

/// Inserts customers and their events, one customer a script, from `writers` tasks at once. Returns the latencies in
/// microseconds, and the span.
pub(super) async fn insert(
    store: &Store, writers: u64, span: Duration,
) -> anyhow::Result<(Vec<u64>, Duration)> {
    let now = real_now();
    let partner = store.write(move |tx| store::partners::insert(tx, "bare", now)).await?.id;
    let number = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..writers {
        let (store, number) = (store.clone(), Arc::clone(&number));
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while began.elapsed() < span {
                let number = number.fetch_add(1, Ordering::Relaxed);
                let started = Instant::now();
                store.write(move |tx| insert_one(tx, partner, number)).await?;
                latencies.push(micros(started.elapsed()));
            }
            Ok::<_, StoreError>(latencies)
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok((latencies, began.elapsed()))
}

/// The two rows of a registration, as large as those that the API writes.
fn insert_one(tx: &mut Tx<'_>, partner: domain::id::PartnerId, number: u64) -> Result<(), StoreError> {
    let now = real_now();
    let (customer, event): (CustomerId, domain::id::EventId) = (tx.new_id(now), tx.new_id(now));
    let (sealed, snapshot, kyc) = ([7_u8; 350].to_vec(), [7_u8; 1_000].to_vec(), [7_u8; 400].to_vec());
    let (hash, code) = (format!("{number:064}"), format!("{number:096}"));
    tx.execute_later(
        "insert into customers (partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, \
         name_code, sealed, kyc, created_at, updated_at) values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![partner, customer, "pending_kyc", "mei", hash, hash, hash, code, sealed, kyc, now, now],
    )?;
    tx.execute_later(
        "insert into events (partner_id, id, kind, sealed, occurred_at) values ($1, $2, $3, $4, $5)",
        args![partner, event, "customer_created", snapshot, now],
    )?;
    Ok(())
}
