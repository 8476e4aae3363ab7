//! The course of a history: the acts of a customer, and time that passes between them.

use domain::bank::{AccountDetails, AccountKind};
use domain::customer::Registration;
use domain::event::Event;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{AttachmentSource, FileLimits, ReviewStart};
use domain::loan::Loan;
use domain::money::Cents;
use domain::offer::{Offer, OfferState};
use domain::page::{Limit, Page};
use domain::person::{Email, Name, Phone};
use domain::simulation::Simulation;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use std::time::Duration;
use store::Failed;
use store::contracts::{Copy, Document};
use store::deliveries::FirstDelivery;
use store::jobs::Job;
use store::kyc::StoredDocument;
use store::ledger::JournalEntry;
use store::outbox::{FannedOut, Waiting};
use store::seal::sha256_hex;
use store::{Cursor, StoreError, Stored, Tx};

use crate::autopilot::{self, Task};
use crate::contracts;
use crate::credit::offers::{self, SimulateOffer};
use crate::customers::bank_accounts::{self, Given};
use crate::customers::{self, RegisterCustomer, Registered};
use crate::kyc::{self, NewDocument, NewEvidence, Room, SubmitEvidence};
use crate::loans::{self, CreateLoan};

use super::history::{Fate, History, LoanHistory, Pdf, Who, World};

/// Makes the history of a new customer of `partner`, who registers at `start`.
pub fn make(
    tx: &mut Tx<'_>, partner: PartnerId, start: Timestamp, fate: Fate, world: &World<'_>,
) -> Result<History, StoreError> {
    // Only the tags matter; each copy replaces the rest.
    let number = u32::from_be_bytes(tx.random_bytes());
    let who = Who {
        number,
        name: Name::kept("Ana Souza"),
        company: Name::kept("Doces da Ana"),
        mailbox: "modelo".to_owned(),
        amount: Cents::new(1_000_000),
        account: number,
    };
    let mut course = Course::new(partner, world);
    course.papers = Papers::Remembered;
    let begun = course.begin(tx, start, fate, &who)?;
    course.pass(tx, world.until)?;
    course.remember(tx, begun)
}

/// Lets a customer of `partner` join at `start`, after everything that happens before. The server renders the documents
/// of the contract when it runs. Returns the submitted documents, whose files are to be written.
pub fn join(
    tx: &mut Tx<'_>, partner: PartnerId, (start, fate): (Timestamp, Fate), who: &Who, world: &World<'_>,
) -> Result<Vec<StoredDocument>, StoreError> {
    let mut course = Course::new(partner, world);
    course.pass(tx, start)?;
    Ok(course.begin(tx, start, fate, who)?.documents)
}

/// Lets everything happen to the customers of `partner` that happens until the world's present.
pub fn pass(tx: &mut Tx<'_>, partner: PartnerId, world: &World<'_>) -> Result<(), StoreError> {
    Course::new(partner, world).pass(tx, world.until)
}

/// Time between two acts of the customer. The sandbox decides in a second.
const SOON: Duration = Duration::from_secs(600);

/// The place of the documents of contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Papers {
    /// They are part of the history.
    Remembered,
    /// A server writes them.
    LeftToServer,
}

/// A history that is being made.
struct Course<'a> {
    partner: PartnerId,
    world: &'a World<'a>,
    papers: Papers,
    events: Vec<Event>,
    pdfs: Vec<Pdf>,
}

/// The acts of a customer itself.
struct Begun {
    customer: CustomerId,
    documents: Vec<StoredDocument>,
    accepted: Option<(Simulation, Loan)>,
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

impl<'a> Course<'a> {
    const fn new(partner: PartnerId, world: &'a World<'a>) -> Self {
        Self { partner, world, papers: Papers::LeftToServer, events: Vec::new(), pdfs: Vec::new() }
    }

    /// Registers a customer, submits its files and takes its loan.
    fn begin(
        &mut self, tx: &mut Tx<'_>, start: Timestamp, fate: Fate, who: &Who,
    ) -> Result<Begun, StoreError> {
        let customer = self.register(tx, start, fate, who)?;
        self.pass(tx, start.plus(SOON))?;
        let documents = match fate {
            Fate::Registered => Vec::new(),
            _kyc_required => self.submit_files(tx, customer, start.plus(SOON), who)?,
        };
        self.pass(tx, start.plus(SOON * 2))?;
        let found = offers_of(tx, self.partner, customer)?;
        let open = found.iter().find(|offer| offer.state == OfferState::Available);
        let accepted = match (open, fate.installments()) {
            (Some(offer), Some(installments)) => {
                Some(self.take(tx, offer, (who.amount, installments), start.plus(SOON * 2))?)
            }
            _no_loan => None,
        };
        Ok(Begun { customer, documents, accepted })
    }

    fn register(
        &self, tx: &mut Tx<'_>, at: Timestamp, fate: Fate, who: &Who,
    ) -> Result<CustomerId, StoreError> {
        let Who { number, name, company, mailbox, .. } = who;
        let email = Email::parse(&format!("{mailbox}+{}@example.com", fate.tags()));
        let registration = Registration {
            cpf: Cpf::of_number(*number).ok_or_else(|| misfit("no CPF"))?,
            cnpj: Some(Cnpj::of_number(*number)),
            name: Some(name.clone()),
            email: Some(email.map_err(|_| misfit("no address"))?),
            phone: Phone::parse(&format!("+55119{:08}", number % 100_000_000)).ok(),
            trading_name: Some(company.clone()),
        };
        let command = RegisterCustomer { registration, external_id: Some(format!("{mailbox}-{number}")) };
        let registered = customers::register(tx, self.partner, at, self.world.rules.registry, &command);
        match registered.map_err(refused)? {
            Registered::New(file) | Registered::Existing(file) => Ok(file.customer.id),
        }
    }

    /// Submits a file for each mandatory requirement, and the account.
    fn submit_files(
        &self, tx: &mut Tx<'_>, customer: CustomerId, at: Timestamp, who: &Who,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let partner = self.partner;
        let details =
            AccountDetails::new(AccountKind::Checking, "001", "1234", &who.account.to_string(), "0");
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
            let blob = (self.world.file_of)(kind, who);
            let room = Room { largest: blob.size, limits: FileLimits::default() };
            let announced = kyc::announce_file(tx, partner, at.unmoved(), customer, room).map_err(refused)?;
            let id = announced.document;
            let document = NewDocument { id, blob_key: announced.blob_key, blob };
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
        &self, tx: &mut Tx<'_>, offer: &Offer, (requested, installments): (Cents, u16), at: Timestamp,
    ) -> Result<(Simulation, Loan), StoreError> {
        let lender = &*self.world.rules.lender;
        let wanted = SimulateOffer { offer: offer.id, requested, installments };
        let simulated = offers::simulate(tx, self.partner, at, &wanted, &lender.book.in_force());
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
        let placed = |waiting: &Waiting| FannedOut {
            id: waiting.id,
            occurred_at: waiting.occurred_at,
            // A course has no deliveries; its copies have.
            first_delivery: FirstDelivery::of(waiting.occurred_at.unmoved(), 0),
        };
        store::outbox::fanned_out(tx, feed, &waiting.iter().map(placed).collect::<Vec<_>>())?;
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
        if self.papers == Papers::Remembered {
            contracts::stored(tx, document, &document.blob_key())?;
            self.pdfs.push(Pdf { copy: document.copy, bytes, sha256, created_at: at });
        }
        Ok(())
    }

    /// Reads all rows of the history.
    fn remember(mut self, tx: &mut Tx<'_>, begun: Begun) -> Result<History, StoreError> {
        let (partner, Begun { customer, documents, accepted }) = (self.partner, begun);
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
