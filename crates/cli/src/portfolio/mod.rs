//! `dinie demo --console`: a sandbox with a living portfolio, to see the console at work.
//!
//! The portfolio's customers joined three partners during the last eleven months: the table of rates begins a year
//! ago. The real use cases and the sandbox's own decisions made everything, in the order of time. Names and companies
//! are invented.

mod people;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use app::autopilot::Rules;
use app::people::invitations::{self, Invite};
use app::people::proposals::{self, Proposer};
use app::synthetic::{self, Who, World};
use bytes::Bytes;
use domain::access::FourEyes;
use domain::credential::Maker;
use domain::id::{LoanId, OperatorId, PartnerId};
use domain::kyc::{EvidenceKind, MediaType};
use domain::loan::LoanStateKind;
use domain::page::Limit;
use domain::person::Email;
use domain::time::Timestamp;
use server::clock::Clock;
use server::config::{Config, Flags};
use server::serve::Server;
use server::state::AppState;
use store::blob::{BlobKey, StoredBlob};
use store::kyc::StoredDocument;
use store::loans::LoanFilter;
use store::seal::sha256_hex;
use store::{Cursor, StoreError, Tx};
use tempfile::TempDir;
use tools::say;

use self::people::{Newcomer, PARTNERS};
use super::serve::stop_on_signal;

/// An invented driving licence.
const LICENCE: &[u8] = include_bytes!("cnh.jpg");
/// An invented portrait.
const PORTRAIT: &[u8] = include_bytes!("selfie.jpg");
/// Largest size of a file, in bytes.
const MOST_BYTES: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(86_400);
/// Time by which partners are older than their first customers.
const OLDER: u32 = 30;
/// Signed loans whose disbursement waits for a second person.
const PROPOSED: usize = 3;

/// Fills a new sandbox, prints a link that signs in to its console, and serves it until a signal. Without `--data` the
/// sandbox is in a temporary folder.
pub(super) async fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut flags = flags.clone();
    let folder = TempDir::new()?;
    if flags.data.is_none() {
        flags.data = Some(folder.path().to_owned());
    }
    let server = Server::open(Config::load(&flags)?, Clock::System).await?;
    server
        .first_credential()
        .await?
        .context("this sandbox has data already: name a new folder with --data")?;
    let link = server.first_link().await?.context("a new sandbox has a first link")?;
    let began = Instant::now();
    let customers = fill(server.state()).await?;
    let seconds = began.elapsed().as_secs_f32();
    say(&format!("\n  {customers} customers of {} partners in {seconds:.1} s.", PARTNERS.len()));
    say("  Sign in to the operators' console. The link works once, for ten minutes:\n");
    say(&format!("    {link}\n"));
    let stop = stop_on_signal()?;
    say("  Ctrl-C ends the sandbox.");
    server.run(stop).await
}

/// Makes the portfolio. Returns the number of its customers.
async fn fill(state: &AppState) -> anyhow::Result<usize> {
    let now = Timestamp::from_seconds(state.clock.now().unmoved().seconds());
    let rules = Arc::new(server::workers::autopilot::rules(state));
    let mut partners = Vec::new();
    for name in PARTNERS {
        let created = now.minus(DAY * (people::OLDEST_DAYS + OLDER)).unmoved();
        let create = move |tx: &mut Tx<'_>| app::partners::create(tx, created, name);
        partners.push(state.store.write(create).await?.id);
    }
    let newcomers = people::newcomers(now);
    let count = newcomers.len();
    for Newcomer { partner, start, fate, who } in newcomers {
        let (partner, rules, number) = (partners[partner], Arc::clone(&rules), who.number);
        let join =
            move |tx: &mut Tx<'_>| synthetic::join(tx, partner, (start, fate), &who, &world(&rules, now));
        for document in state.store.write::<_, StoreError>(join).await? {
            write_file(state, &document, number).await?;
        }
    }
    for partner in partners {
        let rules = Arc::clone(&rules);
        let pass = move |tx: &mut Tx<'_>| synthetic::pass(tx, partner, &world(&rules, now));
        state.store.write::<_, StoreError>(pass).await?;
        propose(state, partner).await?;
    }
    Ok(count)
}

fn world(rules: &Rules, until: Timestamp) -> World<'_> {
    World { rules, file_of: &file_of, until }
}

fn file_of(kind: EvidenceKind, who: &Who) -> StoredBlob {
    let content = own(if kind == EvidenceKind::Selfie { PORTRAIT } else { LICENCE }, who.number);
    let size = i64::try_from(content.len()).expect("a picture of some kilobytes fits");
    StoredBlob { size, sha256: sha256_hex(&content), media_type: MediaType::Jpeg }
}

/// A customer's own copy of a picture. Bytes after a picture's end are not shown.
fn own(picture: &[u8], number: u32) -> Vec<u8> {
    [picture, &number.to_be_bytes()].concat()
}

/// Writes the file of a document that a customer submitted.
async fn write_file(state: &AppState, document: &StoredDocument, number: u32) -> anyhow::Result<()> {
    let (partner, name) = (document.partner, document.blob_key.clone());
    let key = move |tx: &mut Tx<'_>| {
        Ok::<_, StoreError>((BlobKey::of_file(tx, partner, &name)?, tx.random_bytes()))
    };
    let (key, nonce) = state.store.write(key).await?;
    let mut contents = [PORTRAIT, LICENCE].into_iter().map(|picture| own(picture, number));
    let content = contents.find(|content| sha256_hex(content) == document.sha256);
    let content = Bytes::from(content.context("the document is one of ours")?);
    let source = futures::stream::iter([Ok::<_, std::convert::Infallible>(content)]);
    state.blobs.put(&key, &document.blob_key, nonce, source, MOST_BYTES).await?;
    Ok(())
}

/// Proposes the disbursement of some signed loans of a partner, in the name of an invented colleague.
async fn propose(state: &AppState, partner: PartnerId) -> anyhow::Result<()> {
    let filter = LoanFilter { partner: Some(partner), state: Some(LoanStateKind::Signed), customer: None };
    let signed = move |tx: &mut Tx<'_>| store::loans::list(tx, &filter, &Cursor::first(Limit::MOST));
    let signed = state.store.read::<_, StoreError>(signed).await?;
    let signed = signed.map_err(|_unknown| anyhow::anyhow!("a first page has no cursor"))?;
    let loans: Vec<LoanId> = signed.items.iter().map(|loan| loan.id).take(PROPOSED).collect();
    ensure!(!loans.is_empty(), "no loan of the portfolio waits for its money");
    let now = state.clock.now();
    let proposer =
        Proposer { operator: colleague(state, partner).await?, four_eyes: FourEyes::Required, now };
    for loan in loans {
        let propose =
            move |tx: &mut Tx<'_>| proposals::order_disbursement(tx, partner, now.unmoved(), loan, &proposer);
        let proposed = state.store.write(propose).await;
        proposed.map_err(|failed| anyhow::anyhow!("a disbursement was not proposed: {failed:?}"))?;
    }
    Ok(())
}

/// A colleague who looks after a partner's loans.
async fn colleague(state: &AppState, partner: PartnerId) -> anyhow::Result<OperatorId> {
    let now = state.clock.now();
    let invite = Invite {
        name: "Marcos Vieira".to_owned(),
        email: Email::parse(&format!("marcos.{partner}@example.com"))?,
        roles: "treasury".parse().map_err(|_| anyhow::anyhow!("there is no role treasury"))?,
        team: None,
        created_by: Maker::CommandLine,
    };
    let lender = Arc::clone(&state.lender);
    let invited = state.store.write(move |tx| invitations::invite(tx, now, &invite, &lender)).await;
    let (operator, _link) = invited.map_err(|failed| anyhow::anyhow!("{failed:?}"))?;
    Ok(operator.id)
}
