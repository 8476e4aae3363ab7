//! The state that every request and worker shares.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use app::customers::registry::CompanyRegistry;
use app::database::{Blobs, DatabaseUrl, Deadlines};
use app::links::Links;
use app::mails::MailMode;
use app::{Lender, Rates, Store, StoreError, Tx};
use domain::credential::{ClientId, Credential, CredentialState, Environment};
use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};
use tokio::sync::Semaphore;
use wire::SigningPage;

use crate::access_log::AccessLog;
use crate::clock::{Clock, PartnerClocks};
use crate::components::Components;
use crate::config::Config;
use crate::file_store;
use crate::http::limits::Limits;
use crate::last_counts::LastCounts;
use crate::overdue::Overdue;
use crate::page_pictures::PagePictures;
use crate::passkeys::RelyingParty;
use crate::policies::Policies;
use crate::private;
use crate::request_log::RequestLog;
use crate::sso::Provider;
use crate::telemetry::Metrics;
use crate::tokens::{Bearer, Tokens};
use crate::traces::Traces;
use crate::trail::{Clerk, Refusals, TrailHead};
use crate::volumes::KnownVolumes;

/// Most documents that are rendered at once while requests wait for them.
const DOCUMENTS_AT_ONCE: usize = 2;
/// Most passwords that are hashed at once.
const PASSWORDS_AT_ONCE: usize = 2;

/// The server's state; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// The parts of an [`AppState`].
pub struct Inner {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The files.
    pub blobs: Blobs,
    /// The time.
    pub clock: Clock,
    /// The time by which the partners' clocks are ahead.
    pub partner_clocks: PartnerClocks,
    /// Access tokens.
    pub tokens: Tokens,
    /// The active credentials.
    pub credentials: CredentialCache,
    /// The limits on the rate of requests.
    pub limits: Limits,
    /// The company registry.
    pub registry: CompanyRegistry,
    /// The lender in whose name loans are made.
    pub lender: Arc<Lender>,
    /// The page on which signers sign, for answers and events.
    pub signing_page: SigningPage,
    /// The credit policy that decides without a person, if there is one.
    pub policies: Policies,
    /// Whether the server was asked to stop. It still serves, but is not ready.
    pub leaving: AtomicBool,
    /// The count of refused operator tokens.
    pub refusals: Refusals,
    /// Calls of operators on their way into the audit trail.
    pub clerk: Clerk,
    /// The number of overdue loans that the navigation shows.
    pub overdue: Overdue,
    /// The volumes of partners that pages show.
    pub volumes: KnownVolumes,
    /// The counts of the queues as each person saw them last.
    pub last_counts: LastCounts,
    /// The log of partners' requests.
    pub request_log: RequestLog,
    /// The access log.
    pub access_log: AccessLog,
    /// The traces, if they are recorded.
    pub traces: Option<Traces>,
    /// The metrics.
    pub metrics: Metrics,
    /// The end of the audit trail, for the metrics.
    pub trail_head: TrailHead,
    /// Whether the components work, and when they did not.
    pub components: Components,
    /// Pictures of the pages of PDFs.
    pub page_pictures: PagePictures,
    /// The lender's own provider, if there is one.
    pub provider: Option<Provider>,
    /// The server as passkeys know it, if browsers make passkeys at its address.
    pub passkeys: Option<RelyingParty>,
    /// Permits to render a document. The work needs a processor, so only a few documents are rendered at once.
    pub setting: Semaphore,
    /// Permits to hash a password, which takes a processor and 19 MiB for tens of milliseconds.
    pub hashing: Arc<Semaphore>,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Opens the database and the files and builds the state. `public_url` is the server's address if the
    /// configuration has none.
    pub async fn open(config: Config, clock: Clock, public_url: &str) -> anyhow::Result<Self> {
        // Before the database, whose pools are measured when they start.
        let metrics = Metrics::install();
        let store = open_store(&config, OpenFor::Serving).await?;
        claim_environment(&store, config.environment).await?;
        private::data_folder(&config.data);
        let blobs = file_store::open_for(&store, config.file_store.clone()).await?;
        let request_log = RequestLog::open(&config, &store).await;
        let tokens = Tokens::open(&store, config.environment, &clock).await?;
        let lender = Arc::new(lender_of(&config, public_url));
        let provider = config.sso.clone();
        let provider = provider.map(|sso| Provider::new(sso, lender.links.provider_return())).transpose()?;
        let state = Self(Arc::new(Inner {
            provider,
            limits: Limits::new(config.limits, &clock),
            registry: CompanyRegistry::of(config.environment),
            credentials: CredentialCache::new(clock.clone()),
            leaving: AtomicBool::new(false),
            refusals: Refusals::default(),
            clerk: Clerk::default(),
            overdue: Overdue::default(),
            volumes: KnownVolumes::default(),
            last_counts: LastCounts::default(),
            request_log,
            access_log: AccessLog::open(config.access_log.as_ref())?,
            traces: config.traces.clone().map(Traces::start).transpose()?,
            metrics,
            trail_head: TrailHead::default(),
            components: Components::default(),
            page_pictures: PagePictures::by(config.program.clone()),
            setting: Semaphore::new(DOCUMENTS_AT_ONCE),
            hashing: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            passkeys: RelyingParty::at(config.public_url.as_deref().unwrap_or(public_url)),
            signing_page: SigningPage::new(lender.links.signing_page()),
            lender,
            policies: Policies::new(config.policy.clone()),
            config,
            store,
            blobs,
            clock,
            partner_clocks: PartnerClocks::default(),
            tokens,
        }));
        state.refresh_partner_clocks().await?;
        state.policies.in_force(&state.store).await?;
        Ok(state)
    }

    /// The partner's time.
    pub fn now_of(&self, partner: PartnerId) -> Timestamp {
        self.partner_clocks.at(partner, self.clock.now())
    }

    /// The time since which events, deliveries and e-mails are kept. Older ones may have been deleted.
    pub fn kept_since(&self) -> RealTime {
        self.clock.now().minus(self.config.lifetimes.events)
    }

    /// Reads the time by which the partners' clocks are ahead, if it may have changed. That happens only in the
    /// sandbox.
    pub async fn refresh_partner_clocks(&self) -> Result<(), StoreError> {
        if self.config.environment == Environment::Sandbox
            && self.partner_clocks.is_stale(self.clock.running())
        {
            self.read_partner_clocks().await?;
        }
        Ok(())
    }

    /// Reads the time by which the partners' clocks are ahead.
    pub async fn read_partner_clocks(&self) -> Result<(), StoreError> {
        // The time is noted before the read, so that a change during the read is read again soon.
        let running = self.clock.running();
        self.partner_clocks.take(self.store.look_up(app::clock::moved).await?, running);
        Ok(())
    }
}

/// The lender of a configuration. `public_url` is the server's address if the configuration has none.
pub fn lender_of(config: &Config, public_url: &str) -> Lender {
    Lender {
        creditor: config.creditor.clone(),
        payer: config.payer.clone(),
        links: Links::new(config.public_url.as_deref().unwrap_or(public_url)),
        mail_mode: config.mail.as_ref().map_or(MailMode::Keep, |_server| MailMode::Send),
        book: Rates::new(config.rates.clone()),
        lifetimes: config.lifetimes,
        overpayment_limit: config.overpayment_limit,
    }
}

/// The purpose for which a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenFor {
    /// A server. It creates the tables of an empty database. It migrates an SQLite file, because no other server uses
    /// it.
    Serving,
    /// A command. It does not change the schema.
    Command,
}

/// Opens the configured database.
pub async fn open_store(config: &Config, purpose: OpenFor) -> anyhow::Result<Store> {
    private::data_folder(&config.data);
    if purpose == OpenFor::Serving || is_file(&config.database) {
        make_private(&config.database)?;
    }
    let (url, key, tree) = (config.database.clone(), config.master_keys.clone(), config.tree);
    let open = move || match purpose {
        OpenFor::Serving => Store::open_to_serve(&url, key, Deadlines::default(), tree),
        OpenFor::Command => Store::open_as_it_is(&url, key, tree),
    };
    Ok(tokio::task::spawn_blocking(open).await??)
}

fn is_file(url: &DatabaseUrl) -> bool {
    matches!(url, DatabaseUrl::Sqlite(path) if path.exists())
}

/// Creates the folder of a database's file, and protects both from other users.
pub fn make_private(url: &DatabaseUrl) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(()) };
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
    }
    private::database_file(path).with_context(|| format!("the file {}", path.display()))
}

/// Claims a database for one environment permanently. The first environment that opens it owns it.
pub async fn claim_environment(store: &Store, environment: Environment) -> anyhow::Result<()> {
    let name = environment.name();
    let owner = store.write(move |tx| app::database::environment(tx, environment)).await?;
    anyhow::ensure!(owner == name, "this database belongs to the environment {owner}, not to {name}");
    Ok(())
}

/// A credential as it was read.
struct Known {
    /// The credential; `None` if there is none.
    credential: Option<Credential>,
    /// Its partner's own limit on requests in ten seconds.
    limit: Option<u32>,
    /// [`Clock::running`] when it was read.
    read_at: Duration,
}

/// The active credentials, read at most [`CredentialCache::FRESH`] ago.
pub struct CredentialCache {
    clock: Clock,
    known: RwLock<HashMap<ClientId, Known>>,
}

impl CredentialCache {
    /// A revocation reaches every node within a second.
    const FRESH: Duration = Duration::from_millis(800);
    /// Most entries. Beyond that the cache is emptied.
    const MOST: usize = 100_000;

    /// An empty cache.
    pub fn new(clock: Clock) -> Self {
        Self { clock, known: RwLock::default() }
    }

    /// Whether a token's credential is active at `now` and still has the token's scope.
    pub async fn is_active(&self, store: &Store, bearer: Bearer, now: RealTime) -> Result<bool, StoreError> {
        let active = |credential: &Option<Credential>| {
            let works = |c: &Credential| {
                c.state_at(now) == CredentialState::Active && c.terms.scope == bearer.grant.credential_scope()
            };
            credential.as_ref().is_some_and(works)
        };
        let running = self.clock.running();
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&bearer.client)
            && running.saturating_sub(known.read_at) < Self::FRESH
        {
            return Ok(active(&known.credential));
        }
        let (partner, client) = (bearer.partner, bearer.client);
        let read = move |tx: &mut Tx<'_>| app::partners::limits::of_token(tx, partner, client);
        let found = store.look_up_newest(read).await?;
        let limit = found.as_ref().and_then(|(_, limit)| *limit);
        let credential = found.map(|(credential, _)| credential);
        let is_active = active(&credential);
        let mut cache = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= Self::MOST {
            cache.clear();
        }
        cache.insert(client, Known { credential, limit, read_at: running });
        Ok(is_active)
    }

    /// The limit on requests in ten seconds that operators have set for a credential's partner, as it was read last.
    pub fn own_limit(&self, client: ClientId) -> Option<u32> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&client)?.limit
    }

    /// Forgets a credential that this node has just revoked.
    pub fn forget(&self, client: ClientId) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&client);
    }
}
