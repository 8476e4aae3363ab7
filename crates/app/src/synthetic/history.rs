//! A template history: one customer from the registration to the present, made by the real use cases.

use domain::bank::{AccountDetails, AccountKind, BankAccount};
use domain::credit::Decision;
use domain::customer::{CustomerFile, Registration};
use domain::event::Event;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{AttachmentSource, FileLimits, ReviewStart};
use domain::loan::contract::Contract;
use domain::loan::signing::Evidence;
use domain::loan::{Installment, Loan};
use domain::money::Cents;
use domain::offer::{Offer, OfferState};
use domain::page::{Limit, Page};
use domain::person::{Email, Name, Phone};
use domain::simulation::Simulation;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use std::time::Duration;
use store::Failed;
use store::blob::StoredBlob;
use store::contracts::{Copy, Document};
use store::jobs::Job;
use store::kyc::StoredDocument;
use store::ledger::JournalEntry;
use store::mails::Mail;
use store::outbox::Waiting;
use store::payments::RecordedPayment;
use store::seal::sha256_hex;
use store::{Cursor, StoreError, Stored, Tx};

use crate::autopilot::{self, Rules, Task};
use crate::contracts;
use crate::credit::offers::{self, SimulateOffer};
use crate::customers::bank_accounts::{self, Given};
use crate::customers::{self, RegisterCustomer, Registered};
use crate::kyc::{self, NewDocument, NewEvidence, Room, SubmitEvidence};
use crate::loans::{self, CreateLoan};

/// The course of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No document was submitted.
    Registered,
    /// The documents wait for their review.
    UnderReview,
    /// KYC has refused the customer.
    Denied,
    /// The customer has an offer and accepts no loan.
    Offered,
    /// The loan waits for its signature, or has been cancelled since.
    Unsigned,
    /// The disbursement failed.
    Failed,
    /// Each of this number of installments is paid when it is due.
    OnTime(u16),
    /// The same for a company with two owners, who both sign.
    Owners(u16),
    /// Each of this number of installments is paid ten days late.
    Late(u16),
    /// None of this number of installments is paid.
    Unpaid(u16),
}

impl Fate {
    /// The tags in the customer's address, which steer the sandbox.
    const fn tags(self) -> &'static str {
        match self {
            Self::Registered | Self::UnderReview => "manual",
            Self::Denied => "denied+range_offer",
            Self::Offered | Self::Unpaid(_) => "range_offer",
            Self::Unsigned => "range_offer+never_signs",
            Self::Failed => "range_offer+disbursement_failed",
            Self::OnTime(_) => "range_offer+pays_on_time",
            Self::Owners(_) => "range_offer+pays_on_time+ltda",
            Self::Late(_) => "range_offer+pays_late",
        }
    }

    /// Number of installments of the loan, if there is one.
    pub const fn installments(self) -> Option<u16> {
        match self {
            Self::Registered | Self::UnderReview | Self::Denied | Self::Offered => None,
            Self::Unsigned | Self::Failed => Some(12),
            Self::OnTime(count) | Self::Owners(count) | Self::Late(count) | Self::Unpaid(count) => {
                Some(count)
            }
        }
    }
}

/// The environment of a history.
pub struct World<'a> {
    /// The inputs of the autopilot's decisions.
    pub rules: &'a Rules,
    /// The file that is submitted for every requirement.
    pub blob: &'a StoredBlob,
    /// The present.
    pub until: Timestamp,
}

/// All rows of a history.
#[derive(Debug)]
pub struct History {
    /// The customer.
    pub file: CustomerFile,
    /// The submitted files.
    pub documents: Vec<StoredDocument>,
    /// The account.
    pub account: Option<BankAccount>,
    /// The decisions, each with its offer.
    pub decisions: Vec<(Decision, Option<Offer>)>,
    /// The simulation, if one was made.
    pub simulation: Option<Simulation>,
    /// The loan.
    pub loan: Option<LoanHistory>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The e-mails.
    pub mails: Vec<Mail>,
    /// The jobs that are still open.
    pub jobs: Vec<Job>,
}

/// All rows of a loan.
#[derive(Debug)]
pub struct LoanHistory {
    /// The loan.
    pub loan: Loan,
    /// The facts of its contract.
    pub contract: Contract,
    /// The contract's documents.
    pub pdfs: Vec<Pdf>,
    /// The signatures.
    pub evidence: Vec<Evidence>,
    /// The installments.
    pub installments: Vec<Installment>,
    /// The payments.
    pub payments: Vec<RecordedPayment>,
    /// The journal.
    pub entries: Vec<JournalEntry>,
}

/// A document of a contract.
#[derive(Debug, Clone)]
pub struct Pdf {
    /// The issued or the signed copy.
    pub copy: Copy,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in hex.
    pub sha256: String,
    /// Time at which it was ordered.
    pub created_at: Timestamp,
}

/// Makes the history of a new customer of `partner`, who registers at `start`.
pub fn make(
    tx: &mut Tx<'_>, partner: PartnerId, start: Timestamp, fate: Fate, world: &World<'_>,
) -> Result<History, StoreError> {
    let mut course = Course { partner, world, events: Vec::new(), pdfs: Vec::new() };
    let customer = course.register(tx, start, fate)?;
    course.pass(tx, start.plus(SOON))?;
    let documents = match fate {
        Fate::Registered => Vec::new(),
        _kyc_required => course.submit_files(tx, customer, start.plus(SOON))?,
    };
    course.pass(tx, start.plus(SOON * 2))?;
    let found = offers_of(tx, partner, customer)?;
    let open = found.iter().find(|offer| offer.state == OfferState::Available);
    let accepted = match (open, fate.installments()) {
        (Some(offer), Some(installments)) => {
            Some(course.take(tx, offer, installments, start.plus(SOON * 2))?)
        }
        _no_loan => None,
    };
    course.pass(tx, world.until)?;
    course.remember(tx, customer, documents, accepted)
}

/// Time between two acts of the customer. The sandbox decides in a second.
const SOON: Duration = Duration::from_secs(600);

/// A history that is being made.
struct Course<'a> {
    partner: PartnerId,
    world: &'a World<'a>,
    events: Vec<Event>,
    pdfs: Vec<Pdf>,
}

/// A use case of a template history that is refused shows a defect of the template.
fn refused<R: std::fmt::Debug>(failed: Failed<R>) -> StoreError {
    match failed {
        Failed::Store(error) => error,
        Failed::Refused(refusal) => {
            StoreError::Defect(format!("a template history was refused: {refusal:?}"))
        }
    }
}

fn misfit(what: &str) -> StoreError {
    StoreError::Defect(format!("a template history: {what}"))
}

impl Course<'_> {
    fn register(&self, tx: &mut Tx<'_>, at: Timestamp, fate: Fate) -> Result<CustomerId, StoreError> {
        // Only the tags matter; each copy replaces the rest.
        let number = u32::from_be_bytes(tx.random_bytes());
        let email = Email::parse(&format!("modelo+{}@example.com", fate.tags()));
        let registration = Registration {
            cpf: Cpf::of_number(number).ok_or_else(|| misfit("no CPF"))?,
            cnpj: Some(Cnpj::of_number(number)),
            name: Some(Name::kept("Ana Souza")),
            email: Some(email.map_err(|_| misfit("no address"))?),
            phone: Phone::parse("+5511999999999").ok(),
            trading_name: Some(Name::kept("Doces da Ana")),
        };
        let command = RegisterCustomer { registration, external_id: Some(format!("modelo-{number}")) };
        let registered = customers::register(tx, self.partner, at, self.world.rules.registry, &command);
        match registered.map_err(refused)? {
            Registered::New(file) | Registered::Existing(file) => Ok(file.customer.id),
        }
    }

    /// Submits a file for each mandatory requirement, and the account.
    fn submit_files(
        &self, tx: &mut Tx<'_>, customer: CustomerId, at: Timestamp,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let (partner, blob) = (self.partner, self.world.blob);
        let details = AccountDetails::new(AccountKind::Checking, "001", "1234", "123456", "0");
        let details = details.map_err(|_| misfit("no account"))?;
        let given = bank_accounts::put(tx, partner, at, customer, &details, &self.world.rules.lender);
        if !matches!(given.map_err(refused)?, Given::Applied(_)) {
            return Err(misfit("the account needs a confirmation"));
        }
        let file = customers::find(tx, partner, customer).map_err(refused)?;
        let lacking: Vec<_> = file.kyc.lacking().map(|requirement| requirement.key).collect();
        let mut documents = Vec::new();
        for (key, minute) in lacking.into_iter().zip(1..) {
            let at = at.plus(Duration::from_secs(60) * minute);
            let kind = *key.kind.alternatives().first().ok_or_else(|| misfit("no evidence"))?;
            let slot = *kind.complete_sets()[0].first().ok_or_else(|| misfit("no slot"))?;
            let room = Room { largest: blob.size, limits: FileLimits::default() };
            let announced = kyc::announce_file(tx, partner, at.unmoved(), customer, room).map_err(refused)?;
            let id = announced.document;
            let document = NewDocument { id, blob_key: announced.blob_key, blob: blob.clone() };
            let command = SubmitEvidence {
                customer,
                evidence: NewEvidence::File(document),
                source: AttachmentSource::Upload,
                review_start: ReviewStart::Automatic,
                limits: FileLimits::default(),
            };
            kyc::submit_evidence(tx, partner, at, &command, |_file| Some((key, kind, slot)))
                .map_err(refused)?;
            documents.push(
                store::kyc::find_document(tx, partner, id)?.ok_or_else(|| misfit("a document is missing"))?,
            );
        }
        Ok(documents)
    }

    /// Simulates an offer and makes the loan.
    fn take(
        &self, tx: &mut Tx<'_>, offer: &Offer, installments: u16, at: Timestamp,
    ) -> Result<(Simulation, Loan), StoreError> {
        let lender = &*self.world.rules.lender;
        let wanted = SimulateOffer { offer: offer.id, requested: Cents::new(1_000_000), installments };
        let simulated = offers::simulate(tx, self.partner, at, &wanted, &lender.book);
        let simulation = simulated.map_err(refused)?;
        let command = CreateLoan::of(&simulation);
        let loan = loans::create(tx, self.partner, at.plus(SOON), &command, lender).map_err(refused)?;
        Ok((simulation, loan))
    }

    /// Lets time pass as a running sandbox would: fans out events, makes due decisions and expires offers and links, in
    /// the order of time.
    fn pass(&mut self, tx: &mut Tx<'_>, until: Timestamp) -> Result<(), StoreError> {
        loop {
            self.fan_out(tx)?;
            let job = autopilot::due_jobs(tx, self.partner, until, 1)?.pop();
            let lapse = loans::next_deadline(tx)?.map(|deadline| deadline.plus(Duration::from_secs(1)));
            match (job, lapse.filter(|lapse| *lapse <= until.unmoved())) {
                (Some(job), lapse) if lapse.is_none_or(|lapse| job.due_at.unmoved() <= lapse) => {
                    self.perform(tx, &job)?;
                }
                (_, Some(lapse)) => {
                    let done = loans::cancel_unsigned(tx, lapse)? + offers::expire_lapsed(tx, lapse)?;
                    if done == 0 {
                        return Err(misfit("an offer or loan past its end does not end"));
                    }
                }
                (_, None) => return Ok(()),
            }
        }
    }

    fn fan_out(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let feed = store::outbox::feed(tx, self.partner)?.ok_or(StoreError::Conflict)?;
        let waiting = store::outbox::waiting(tx, self.partner, 1_000)?;
        if waiting.is_empty() {
            return Ok(());
        }
        let moments: Vec<_> = waiting.iter().map(|waiting| (waiting.id, waiting.occurred_at)).collect();
        store::outbox::fanned_out(tx, feed, &moments)?;
        let open = |waiting: Waiting| waiting.open(tx)?;
        let events = waiting.into_iter().map(open).collect::<Result<Vec<Event>, _>>()?;
        autopilot::plan(tx, self.world.rules, &events)?;
        self.events.extend(events);
        Ok(())
    }

    fn perform(&mut self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        let task = Task::of(job).ok_or_else(|| misfit("an unknown job"))?;
        if let Task::SignLoan(id) = task {
            self.set(tx, Document { partner: self.partner, loan: id, copy: Copy::Issued }, job.due_at)?;
        }
        autopilot::perform(tx, job.due_at, job, task, self.world.rules)
    }

    /// Renders a contract's document, unless that is done.
    fn set(&mut self, tx: &mut Tx<'_>, document: Document, at: Timestamp) -> Result<(), StoreError> {
        let kept = store::contracts::kept(tx, document)?;
        if kept.is_none_or(|kept| kept.sha256.is_some()) {
            return Ok(());
        }
        let bytes = contracts::draft(tx, document)?.set();
        let bytes = bytes.map_err(|not_set| StoreError::Defect(not_set.to_string()))?;
        let sha256 = sha256_hex(&bytes);
        contracts::fix(tx, document, &sha256, bytes.len())?;
        contracts::stored(tx, document)?;
        self.pdfs.push(Pdf { copy: document.copy, bytes, sha256, created_at: at });
        Ok(())
    }

    /// Reads all rows of the history.
    fn remember(
        mut self, tx: &mut Tx<'_>, customer: CustomerId, documents: Vec<StoredDocument>,
        accepted: Option<(Simulation, Loan)>,
    ) -> Result<History, StoreError> {
        let partner = self.partner;
        let file = customers::find(tx, partner, customer).map_err(refused)?;
        let offers = offers_of(tx, partner, customer)?;
        let decisions = whole(store::credit::of_customer(tx, partner, customer)?)?;
        if decisions.len() > 1 || offers.len() > decisions.len() {
            return Err(misfit("more than one decision"));
        }
        let decisions = decisions.into_iter().zip(offers.into_iter().map(Some).chain([None])).collect();
        let (simulation, loan) = match accepted {
            None => (None, None),
            Some((simulation, loan)) => (Some(simulation), Some(self.remember_loan(tx, &loan)?)),
        };
        let mut mails = whole(store::mails::of_partner(tx, partner, 100)?)?;
        mails.reverse();
        Ok(History {
            file,
            documents,
            account: store::bank_accounts::of_customer(tx, partner, customer)?.map(Stored::into_value),
            decisions,
            simulation,
            loan,
            events: self.events,
            mails,
            jobs: store::jobs::due(tx, partner, Timestamp::MAX, 100)?,
        })
    }

    fn remember_loan(&mut self, tx: &mut Tx<'_>, loan: &Loan) -> Result<LoanHistory, StoreError> {
        let (partner, id) = (self.partner, loan.id);
        for copy in [Copy::Issued, Copy::Signed] {
            self.set(tx, Document { partner, loan: id, copy }, loan.created_at.plus(SOON))?;
        }
        let loan = loans::find(tx, partner, id).map_err(refused)?;
        let (contract, _) =
            store::contracts::facts(tx, &loan)?.ok_or_else(|| misfit("a loan without a contract"))?;
        let payments = store::payments::list(tx, partner, id, &Cursor::first(Limit::MOST))?;
        let entries = store::ledger::of_loan(tx, partner, id, &Cursor::first(Limit::MOST))?;
        let in_order = |mut entries: Vec<JournalEntry>| {
            entries.reverse();
            entries
        };
        let lost = |_unknown| misfit("an unknown cursor");
        Ok(LoanHistory {
            contract,
            pdfs: std::mem::take(&mut self.pdfs),
            evidence: store::signing::evidence(tx, partner, id)?,
            installments: store::installments::all(tx, partner, id)?,
            payments: whole(payments.map_err(lost)?)?,
            entries: in_order(whole(entries.map_err(lost)?)?),
            loan,
        })
    }
}

fn offers_of(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<Vec<Offer>, StoreError> {
    let cursor = Cursor::first(Limit::MOST);
    whole(offers::list_of_customer(tx, partner, customer, None, &cursor).map_err(refused)?)
}

/// A page that is a whole list.
fn whole<T>(page: Page<T>) -> Result<Vec<T>, StoreError> {
    if page.has_more || !page.unreadable.is_empty() {
        return Err(misfit("a list is not whole on one page"));
    }
    Ok(page.items)
}
