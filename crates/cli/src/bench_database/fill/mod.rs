//! Fills a database with complete customers of many partners. The first partner has half of the customers.
//!
//! Each template history is made once, in a separate database. Its copies are drafted and sealed on every core, some
//! hundred customers in one transaction.

mod indexes;
mod plan;
mod templates;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use app::links::Links;
use app::synthetic::{Code, Files, Owner, SharedPdf};
use app::webhooks::CreateEndpoint;
use app::webhooks::fan_out::Rendered;
use bytes::Bytes;
use domain::event::Event;
use domain::id::{DeliveryId, EndpointId, PartnerId};
use domain::webhook::endpoint::Generation;
use domain::webhook::pattern::Pattern;
use server::clock::real_now;
use server::generations;
use store::blob::{BlobKey, Blobs};
use store::contracts::Copy;
use store::seal::sha256_hex;
use store::{Store, StoreError, Tx};
use tools::bench::{Filled, Filling, Mix};
use wire::SigningPage;

use self::plan::{Drawn, Plan};
use self::templates::Templates;

/// Customers that one transaction writes.
const AT_ONCE: u32 = 256;
/// Codes of searches that one transaction writes.
const CODES_AT_ONCE: usize = 20_000;
/// SQLite's page cache in KiB while it is filled. It is large because keyed hashes touch random pages of their
/// indexes.
const PAGES_KIB: u32 = 1 << 20;
/// Number of partners.
const PARTNERS: usize = 20;
/// The file that every customer submits.
const ATTACHMENT: &[u8] = b"%PDF-1.7 bench";
/// Largest size of a shared file, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// A partner with its endpoint.
struct Tenant {
    partner: PartnerId,
    endpoint: EndpointId,
    generation: Generation,
    files: Files,
}

/// Fills one database, once or several times.
pub(super) struct Filler {
    templates: Templates,
    tenants: Vec<Tenant>,
    /// Customers made so far.
    made: u32,
}

impl Filler {
    /// Makes the template histories and the other partners of a filling.
    pub(super) fn open(store: &Store, filling: &Filling) -> anyhow::Result<Self> {
        let Filling { data, first, url, .. } = filling;
        let templates = Templates::live(ATTACHMENT)?;
        let blobs = Blobs::in_folder(&data.join("blobs"))?;
        let mut tenants = Vec::with_capacity(PARTNERS);
        for number in 0..PARTNERS {
            let generation = if number % 2 == 0 { Generation::Reference } else { Generation::Sdk };
            let known = (number == 0).then_some(*first);
            let (partner, endpoint) = tenant(store, known, generation, &format!("{url}/{number}"))?;
            let files = shared_files(store, &blobs, partner, &templates)?;
            tenants.push(Tenant { partner, endpoint, generation, files });
        }
        let (now, kept) = (templates.present, app::Lifetimes::default().events);
        store.write_blocking(move |tx: &mut Tx<'_>| {
            app::synthetic::open_months(tx, now.minus(kept).unmoved(), now.unmoved())
        })?;
        Ok(Self { templates, tenants, made: 0 })
    }

    /// The first partner's endpoint.
    pub(super) fn endpoint(&self) -> EndpointId {
        self.tenants[0].endpoint
    }

    /// Makes customers until this filler has made all of the filling's.
    pub(super) fn fill(&mut self, store: &Store, filling: &Filling) -> anyhow::Result<Filled> {
        for Tenant { partner, .. } in &self.tenants {
            // A draft seals with keys in memory, and this store may be newly opened.
            let partner = *partner;
            store.write_blocking(move |tx: &mut Tx<'_>| tx.seal(partner, "", b"").map(drop))?;
        }
        store.write_blocking(|tx: &mut Tx<'_>| tx.keep_pages(PAGES_KIB))?;
        let (began, before) = (Instant::now(), bytes(store)?);
        let numbers = self.made..filling.customers.max(self.made);
        let plan = self.numbered(store, numbers.clone(), filling.mix)?;
        let dropped = indexes::drop_all(store)?;
        let codes = self.write(store, &plan)?;
        index(store, codes)?;
        indexes::build(store, dropped)?;
        let now = real_now();
        for Tenant { partner, .. } in &self.tenants {
            let partner = *partner;
            store.write_blocking(move |tx: &mut Tx<'_>| app::synthetic::end(tx, partner, now))?;
            sum(store, partner)?;
        }
        let took = began.elapsed();
        analyze(store)?;
        store.close()?;
        let grown = bytes(store)? - before;
        self.made = numbers.end;
        let count = numbers.end - numbers.start;
        let loans = plan.drawn.iter().filter(|drawn| drawn.ccb_number.is_some()).count();
        let rate = u128::from(count) * 1_000 / took.as_millis().max(1);
        Ok(Filled {
            customers: count,
            loans: u32::try_from(loans)?,
            milliseconds: took.as_millis(),
            customers_per_second: u64::try_from(rate)?,
            bytes_per_customer: grown / i64::from(count.max(1)),
        })
    }

    /// Each customer's partner, history and contract number.
    fn numbered(&self, store: &Store, numbers: Range<u32>, mix: Mix) -> anyhow::Result<Plan> {
        let mut plan = Plan::of(numbers, &self.templates, self.tenants.len(), mix);
        for (year, count) in plan.contracts(&self.templates) {
            let last = store
                .write_blocking(move |tx: &mut Tx<'_>| app::synthetic::contract_numbers(tx, year, count))?;
            plan.number_contracts(&self.templates, last, count);
        }
        plan.gather();
        Ok(plan)
    }

    /// Writes the customers. Returns their codes for the index of searches.
    fn write(&self, store: &Store, plan: &Plan) -> anyhow::Result<Vec<Code>> {
        let batches: Vec<&[Drawn]> = plan.drawn.chunks(AT_ONCE as usize).collect();
        let next = AtomicUsize::new(0);
        let work = || -> anyhow::Result<Vec<Code>> {
            let mut codes = Vec::new();
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let draft = store.draft(|tx| self.draft(tx, batch, &mut codes))?;
                let draft = Arc::new(draft);
                store.write_blocking(move |tx: &mut Tx<'_>| tx.run_draft(&draft))?;
            }
            Ok(codes)
        };
        // One more than there are cores, because one worker always waits for its commit.
        let workers = std::thread::available_parallelism()?.get() + 1;
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut codes = Vec::new();
            for worker in workers {
                codes.extend(worker.join().map_err(|_panic| anyhow::anyhow!("a filling thread panicked"))??);
            }
            Ok(codes)
        })
    }

    fn draft(&self, tx: &mut Tx<'_>, batch: &[Drawn], codes: &mut Vec<Code>) -> Result<(), StoreError> {
        let signing_page = SigningPage::new(Links::new("http://127.0.0.1").signing_page());
        for drawn in batch {
            tx.begin_unrelated();
            let tenant = &self.tenants[drawn.tenant];
            let generation = tenant.generation;
            let render = |event: &Event, delivery: DeliveryId| -> Option<Rendered> {
                generations::render(generation, event, delivery, &signing_page)
            };
            let owner = Owner {
                partner: tenant.partner,
                endpoint: tenant.endpoint,
                render: &render,
                files: &tenant.files,
            };
            let template = self.templates.at(drawn.template);
            let person = drawn.person(template, self.templates.present);
            codes.extend(app::synthetic::copy(tx, &template.history, &owner, &person)?);
        }
        Ok(())
    }
}

/// Entries of the journal that are added to their sums at once.
const ENTRIES_AT_ONCE: i64 = 4_096;

/// Adds all entries of a partner to the sums of the journal.
fn sum(store: &Store, partner: PartnerId) -> anyhow::Result<()> {
    let step = move |tx: &mut Tx<'_>| app::books::advance(tx, partner, "", ENTRIES_AT_ONCE);
    while store.write_blocking(step)?.added > 0 {}
    Ok(())
}

/// Brings the codes of all customers into the index of searches, in the order of the index.
fn index(store: &Store, mut codes: Vec<Code>) -> anyhow::Result<()> {
    codes.sort_unstable();
    let codes = Arc::new(codes);
    for first in (0..codes.len()).step_by(CODES_AT_ONCE) {
        let codes = Arc::clone(&codes);
        store.write_blocking(move |tx: &mut Tx<'_>| {
            app::synthetic::index(tx, &codes[first..codes.len().min(first + CODES_AT_ONCE)])
        })?;
    }
    Ok(())
}

/// A partner with an endpoint that subscribes to every event. It also loads the partner's key into memory.
fn tenant(
    store: &Store, known: Option<PartnerId>, generation: Generation, url: &str,
) -> anyhow::Result<(PartnerId, EndpointId)> {
    // Endpoints and partners must be older than the filled customers.
    let at = real_now().minus(plan::OLDEST);
    let url = url.to_owned();
    let every =
        Pattern::parse("*", wire::generations::event_names(generation)).context("a pattern of everything")?;
    let made = store.write_blocking(move |tx: &mut Tx<'_>| {
        let partner = match known {
            Some(partner) => partner,
            None => app::partners::create(tx, at, "Parceiro de medição")?.id,
        };
        let command =
            CreateEndpoint { generation, url: url.clone(), patterns: vec![every.clone()], description: None };
        let endpoint = app::webhooks::create(tx, partner, at.unmoved(), &command)?;
        tx.seal(partner, "", b"")?;
        Ok::<_, store::Failed<app::webhooks::TooMany>>((partner, endpoint.id))
    });
    made.map_err(|failed| anyhow::anyhow!("no partner was made: {failed:?}"))
}

/// Writes the files that all filled customers of a partner share.
fn shared_files(
    store: &Store, blobs: &Blobs, partner: PartnerId, templates: &Templates,
) -> anyhow::Result<Files> {
    let put = |base: String, content: &[u8]| -> anyhow::Result<String> {
        let ((key, name), nonce) = store.write_blocking(move |tx: &mut Tx<'_>| {
            // An earlier filling may have written the same file.
            let written = BlobKey::of_new(tx, partner, &base)?;
            let keys = if written.0.has_secret() { written } else { BlobKey::make(tx, partner, &base)? };
            Ok::<_, StoreError>((keys, tx.random_bytes()))
        })?;
        let source =
            futures::stream::iter([Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(content))]);
        tokio::runtime::Handle::current().block_on(blobs.put(&key, &name, nonce, source, MOST_BYTES))?;
        Ok(name)
    };
    let pdf = |copy: Copy, name: &str| -> anyhow::Result<SharedPdf> {
        let bytes = templates.pdf(copy).context("a template has a contract")?;
        let blob_key = put(format!("{partner}/contracts/filled-{name}"), bytes)?;
        Ok(SharedPdf { blob_key, sha256: sha256_hex(bytes), size: bytes.len() })
    };
    Ok(Files {
        attachment: put(format!("{partner}/filled"), ATTACHMENT)?,
        issued: pdf(Copy::Issued, "issued")?,
        signed: pdf(Copy::Signed, "signed")?,
    })
}

/// Updates the planner's statistics. PostgreSQL does this only after some minutes, and until then plans for empty
/// tables.
fn analyze(store: &Store) -> anyhow::Result<()> {
    for table in store::verify::tables() {
        let analyze = move |tx: &mut Tx<'_>| match tx.dialect().analyze {
            Some(analyze) => tx.execute(&format!("{analyze} {table}"), &[]).map(drop),
            None => Ok(()),
        };
        store.write_blocking::<_, StoreError>(analyze)?;
    }
    Ok(())
}

fn bytes(store: &Store) -> anyhow::Result<i64> {
    let bytes = |tx: &mut Tx<'_>| tx.query_one(tx.dialect().database_bytes, &[], |row| row.get::<i64>(0));
    Ok(store.write_blocking::<_, StoreError>(bytes)?)
}
