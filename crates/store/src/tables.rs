//! Every table of the schema, as its module declares it.
//!
//! A test compares this list with the tables and columns of a new database on both engines. Another one writes and
//! reads a row of every table, so a new table is tested as soon as it is declared.

use crate::table::Table;
#[cfg(feature = "test-support")]
use crate::{StoreError, Tx, db::Arg, samples::Samples, table::select};

/// A generated row, as written and as read.
#[cfg(feature = "test-support")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// The values that were written.
    pub written: Vec<Arg<'static>>,
    /// The values that were read.
    pub read: Vec<Arg<'static>>,
}

/// Writes a generated row and reads it back by its primary key.
#[cfg(feature = "test-support")]
fn round_trip<R: Table>(tx: &mut Tx<'_>, samples: &mut Samples) -> Result<Trip, StoreError> {
    let row = R::sample(samples);
    tx.insert(&row)?;
    let written = row.args();
    let place_of = |key: &&str| R::COLUMNS.iter().position(|column| column == key);
    let key: Vec<Arg<'_>> = R::KEY.iter().filter_map(place_of).map(|at| written[at].clone()).collect();
    let condition = |(place, column): (usize, &&str)| format!("{column} = ${place}");
    let conditions: Vec<String> = (1..).zip(R::KEY).map(condition).collect();
    let sql = select::<R>(&format!("where {}", conditions.join(" and ")));
    let read: R = tx.fetch_one(&sql, &key)?;
    let kept = |args: Vec<Arg<'_>>| args.iter().map(Arg::kept).collect();
    Ok(Trip { written: kept(row.args()), read: kept(read.args()) })
}

/// A declared table.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// The table's name.
    pub name: &'static str,
    /// The columns of its primary key.
    pub key: &'static [&'static str],
    /// The table's columns.
    pub columns: &'static [&'static str],
    /// Writes a generated row and reads it back.
    #[cfg(feature = "test-support")]
    pub round_trip: fn(&mut Tx<'_>, &mut Samples) -> Result<Trip, StoreError>,
}

impl Declared {
    const fn of<R: Table>() -> Self {
        Self {
            name: R::NAME,
            key: R::KEY,
            columns: R::COLUMNS,
            #[cfg(feature = "test-support")]
            round_trip: round_trip::<R>,
        }
    }
}

/// Every table, in the order of the foundation: a row's parents come before it.
pub const ALL: &[Declared] = &[
    Declared::of::<crate::settings::SettingRow>(),
    Declared::of::<crate::master_keys::MasterKeyRow>(),
    Declared::of::<crate::system_keys::SystemKeyRow>(),
    Declared::of::<crate::nodes::NodeRow>(),
    Declared::of::<crate::data_keys::DataKeyRow>(),
    Declared::of::<crate::partners::PartnerRow>(),
    Declared::of::<crate::credentials::CredentialRow>(),
    Declared::of::<crate::operators::OperatorRow>(),
    Declared::of::<crate::people::PersonRow>(),
    Declared::of::<crate::entries::EntryRow>(),
    Declared::of::<crate::program_logins::LoginRow>(),
    Declared::of::<crate::person_mails::PersonMailRow>(),
    Declared::of::<crate::sessions::SessionRow>(),
    Declared::of::<crate::challenges::ChallengeRow>(),
    Declared::of::<crate::proposals::ProposalRow>(),
    Declared::of::<crate::proposal_grounds::GroundsRow>(),
    Declared::of::<crate::cases::CaseRow>(),
    Declared::of::<crate::case_ends::EndRow>(),
    Declared::of::<crate::case_visits::VisitRow>(),
    Declared::of::<crate::audit::CallRow>(),
    Declared::of::<crate::audit::EntryRow>(),
    Declared::of::<crate::audit::HeadRow>(),
    Declared::of::<crate::customers::CustomerRow>(),
    Declared::of::<crate::customer_tags::TagRow>(),
    Declared::of::<crate::erasures::ErasureRow>(),
    Declared::of::<crate::search::CodeRow>(),
    Declared::of::<crate::search::FeedRow>(),
    Declared::of::<crate::file_secrets::SecretRow>(),
    Declared::of::<crate::kyc::DocumentRow>(),
    Declared::of::<crate::kyc::IntentRow>(),
    Declared::of::<crate::kyc::SessionRow>(),
    Declared::of::<crate::bank_accounts::BankAccountRow>(),
    Declared::of::<crate::bank_account_changes::BankAccountChangeRow>(),
    Declared::of::<crate::credit::DecisionRow>(),
    Declared::of::<crate::exposure::TurnRow>(),
    Declared::of::<crate::offers::OfferRow>(),
    Declared::of::<crate::simulations::SimulationRow>(),
    Declared::of::<crate::loans::LoanRow>(),
    Declared::of::<crate::loans::CounterRow>(),
    Declared::of::<crate::contracts::ContractRow>(),
    Declared::of::<crate::policies::VersionRow>(),
    Declared::of::<crate::saved_views::ViewRow>(),
    Declared::of::<crate::bank_files::FileRow>(),
    Declared::of::<crate::bank_files::OrderRow>(),
    Declared::of::<crate::signing::InvitationRow>(),
    Declared::of::<crate::signing::SignatureRow>(),
    Declared::of::<crate::installments::InstallmentRow>(),
    Declared::of::<crate::payments::PaymentRow>(),
    Declared::of::<crate::ledger::EntryRow>(),
    Declared::of::<crate::postings::PostingRow>(),
    Declared::of::<crate::journal_sums::WaitingRow>(),
    Declared::of::<crate::journal_sums::SumRow>(),
    Declared::of::<crate::webhook_endpoints::EndpointRow>(),
    Declared::of::<crate::outbox::EventRow>(),
    Declared::of::<crate::outbox::FeedRow>(),
    Declared::of::<crate::deliveries::DeliveryRow>(),
    Declared::of::<crate::deliveries::BodyRow>(),
    Declared::of::<crate::deliveries::AttemptRow>(),
    Declared::of::<crate::lane_changes::LaneChangeRow>(),
    Declared::of::<crate::idempotency::KeyRow>(),
    Declared::of::<crate::jobs::JobRow>(),
    Declared::of::<crate::mails::MailRow>(),
    Declared::of::<crate::notes::NoteRow>(),
];

/// The tables of the request log, which may be in a file of their own.
pub const OF_REQUEST_LOG: &[Declared] = &[
    Declared::of::<crate::request_log::CallRow>(),
    Declared::of::<crate::request_log::MarkRow>(),
    Declared::of::<crate::request_log::BodiesRow>(),
    Declared::of::<crate::request_log::VisitRow>(),
];
