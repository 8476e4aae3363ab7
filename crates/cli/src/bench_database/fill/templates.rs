//! The template histories: one for each age and fate.

use std::sync::Arc;
use std::time::Duration;

use app::autopilot::Rules;
use app::customers::registry::CompanyRegistry;
use app::links::Links;
use app::synthetic::{Fate, History, World};
use app::{Lender, Rates};
use domain::credential::Environment;
use domain::kyc::MediaType;
use domain::time::Timestamp;
use server::clock::real_now;
use server::config::Config;
use store::blob::StoredBlob;
use store::contracts::Copy;
use store::db::DatabaseUrl;
use store::mails::MailMode;
use store::seal::sha256_hex;
use store::{Store, StoreError, Tx};
use tempfile::TempDir;
use tools::bench::Mix;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// The ages: days since the registration, and the number of customers of that age among 360.
pub(super) const AGES: [(u32, u32); 14] = [
    (345, 30),
    (315, 30),
    (285, 30),
    (255, 30),
    (225, 30),
    (195, 30),
    (165, 30),
    (135, 30),
    (105, 30),
    (75, 30),
    (45, 30),
    (15, 18),
    (3, 6),
    (0, 6),
];

/// The fates of twelve customers who registered long ago. Eight have a loan, of ten installments on average.
const LONG_AGO: [Fate; 12] = [
    Fate::Registered,
    Fate::OnTime(12),
    Fate::Offered,
    Fate::OnTime(3),
    Fate::Unsigned,
    Fate::Late(12),
    Fate::Denied,
    Fate::OnTime(12),
    Fate::Owners(18),
    Fate::Offered,
    Fate::Unpaid(12),
    Fate::OnTime(12),
];

/// The fates of twelve customers who registered recently.
const JUST_NOW: [Fate; 12] = [
    Fate::Registered,
    Fate::OnTime(12),
    Fate::Offered,
    Fate::OnTime(12),
    Fate::Unsigned,
    Fate::Late(12),
    Fate::Denied,
    Fate::OnTime(12),
    Fate::Owners(18),
    Fate::UnderReview,
    Fate::Failed,
    Fate::Unpaid(12),
];

/// A history, and the time range of its copies.
pub(super) struct Template {
    pub(super) history: History,
    /// Longest time by which a copy may begin earlier on the same business date.
    pub(super) room: Duration,
}

/// Every template, by age and fate.
pub(super) struct Templates {
    histories: Vec<Template>,
    /// The end of the histories.
    pub(super) present: Timestamp,
}

impl Templates {
    /// Lives every fate at every age, in a separate database.
    pub(super) fn live(attachment: &[u8]) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let config = Config::temporary(folder.path())?;
        let store = Store::open(
            &DatabaseUrl::Sqlite(folder.path().join("histories.db")),
            config.master_keys.clone(),
        )?;
        let blob = StoredBlob {
            size: i64::try_from(attachment.len())?,
            sha256: sha256_hex(attachment),
            media_type: MediaType::Pdf,
        };
        let (rules, present) = (rules(&config), whole_seconds(real_now().unmoved()));
        let mut histories = Vec::new();
        for (days, _) in AGES {
            let (start, room) = beginning(present, days);
            for fate in Self::fates(days) {
                let (rules, blob) = (rules.clone(), blob.clone());
                let history = store.write_blocking(move |tx: &mut Tx<'_>| {
                    let partner = app::partners::create(tx, start.unmoved(), "Modelo")?.id;
                    let world = World { rules: &rules, file_of: &|_kind, _who| blob.clone(), until: present };
                    app::synthetic::make(tx, partner, start, fate, &world)
                });
                histories.push(Template { history: history.map_err(|error: StoreError| error)?, room });
            }
        }
        Ok(Self { histories, present })
    }

    const fn fates(days: u32) -> [Fate; 12] {
        if days < 5 { JUST_NOW } else { LONG_AGO }
    }

    /// The template of a customer of an age. Customers of a partner have consecutive numbers.
    pub(super) fn drawn(&self, age: usize, number: usize, mix: Mix) -> usize {
        let first = age * LONG_AGO.len();
        let any = first + number % LONG_AGO.len();
        match mix {
            Mix::Borrowers => any,
            // Nine of twenty have any fate, so six of these have a loan.
            Mix::Prospects if number % 20 < 9 => any,
            Mix::Prospects => {
                let of_age = first..first + LONG_AGO.len();
                let without: Vec<usize> = of_age.filter(|at| self.at(*at).history.loan.is_none()).collect();
                without[number / 20 % without.len()]
            }
        }
    }

    pub(super) fn at(&self, index: usize) -> &Template {
        &self.histories[index]
    }

    /// A contract's document, from the first history that has one.
    pub(super) fn pdf(&self, copy: Copy) -> Option<&[u8]> {
        let loans = self.histories.iter().filter_map(|template| template.history.loan.as_ref());
        loans.flat_map(|loan| &loan.pdfs).find(|pdf| pdf.copy == copy).map(|pdf| &*pdf.bytes)
    }
}

fn rules(config: &Config) -> Rules {
    let lender = Lender {
        creditor: config.creditor.clone(),
        payer: config.payer.clone(),
        links: Links::new("http://127.0.0.1"),
        mail_mode: MailMode::Keep,
        book: Rates::new(config.rates.clone()),
        lifetimes: config.lifetimes,
        overpayment_limit: config.overpayment_limit,
    };
    Rules {
        environment: Environment::Sandbox,
        lender: Arc::new(lender),
        policy: None,
        registry: CompanyRegistry::of(Environment::Sandbox),
    }
}

/// The latest registration of customers that registered `days` days ago. The second value says how much earlier on
/// that business date the others registered. A history's dates follow from its business date.
fn beginning(present: Timestamp, days: u32) -> (Timestamp, Duration) {
    let day = present.minus(DAY * days).business_date();
    let start = Timestamp::end_of_business_date(day).minus(HOUR * 4).min(present.minus(HOUR));
    let day = start.business_date();
    let midnight = Timestamp::end_of_business_date(day).minus(HOUR * 24);
    (start, start.since(midnight).min(HOUR * 8))
}

/// Cuts a moment to the whole second. Every moment of a template is whole, because the microseconds distinguish its
/// copies.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds())
}
