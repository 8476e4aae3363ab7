//! A loan with its contract number, its signers, its price and its state.

use super::number::CcbNumber;
use super::pricing::Quote;
use super::questions::SigningPhase;
use super::signer::{LinkToken, Signer};
use super::snapshot::{Figures, LoanSnapshot, SnapshotSigner};
use super::state::{DisbursementMethod, Failure, LoanEvent, LoanInput, LoanState, PaymentReceived};
use super::write_off::{DAYS_BEFORE_WRITE_OFF, NotWrittenOff, WriteOff};
use crate::bank::Destination;
use crate::closed::{Changed, closed};
use crate::customer::Customer;
use crate::id::{CustomerId, LoanId, OfferId, PartnerId, SimulationId, SubjectId};
use crate::kyc::Subject;
use crate::machine::Illegal;
use crate::person::Email;
use crate::simulation::Simulation;
use crate::tax_id::Cpf;
use crate::time::{Date, Timestamp};

/// Whether the borrower owes something on a loan, after its payments were allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owed {
    /// It is paid off.
    Nothing,
    /// An installment is open.
    Something,
}

/// An order to the bank: one attempt to disburse the loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The destination of the money.
    pub destination: Destination,
    /// Time of the order.
    pub ordered_at: Timestamp,
    /// The time at which the money came back, and the reason; `None` if it did not.
    pub returned: Option<(Timestamp, Failure)>,
}

closed! {
    /// A loan. Only its commands change it.
    pub struct Loan(LoanRecord) sends (LoanEvent, Box<LoanSnapshot>);
}

/// The fields of a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanRecord {
    /// The loan's id.
    pub id: LoanId,
    /// The partner.
    pub partner: PartnerId,
    /// The borrower.
    pub customer: CustomerId,
    /// The offer that it took.
    pub offer: OfferId,
    /// The simulation whose price it has.
    pub simulation: SimulationId,
    /// The state of its machine.
    pub state: LoanState,
    /// The price with the schedule.
    pub quote: Quote,
    /// The contract's number, once it exists.
    pub ccb_number: Option<CcbNumber>,
    /// The signers.
    pub signers: Vec<Signer>,
    /// The destination of the money, from the first signature on; after a return, that of the next order.
    pub destination: Option<Destination>,
    /// Its orders to the bank, the first attempt first.
    pub orders: Vec<Attempt>,
    /// Its write-off, if it was written off.
    pub write_off: Option<WriteOff>,
    /// The time at which an unsigned loan is cancelled.
    pub sign_by: Timestamp,
    /// Time of the request.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// The values of a new loan.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The loan's id.
    pub id: LoanId,
    /// The borrower.
    pub customer: CustomerId,
    /// The accepted simulation.
    pub simulation: &'a Simulation,
    /// The persons who must sign.
    pub signers: &'a [Subject],
    /// The company's registered e-mail address, for co-owners without an address.
    pub registered_email: Option<&'a Email>,
    /// The time at which an unsigned loan is cancelled.
    pub sign_by: Timestamp,
}

impl<'a> Opening<'a> {
    /// The values of a loan of a simulation to its customer.
    pub fn of(id: LoanId, customer: &'a Customer, simulation: &'a Simulation, sign_by: Timestamp) -> Self {
        Self {
            id,
            customer: customer.id,
            simulation,
            signers: &customer.subjects,
            registered_email: customer.registration.email.as_ref(),
            sign_by,
        }
    }
}

impl Loan {
    /// A loan of a simulation, in `processing`.
    pub fn open(opening: &Opening<'_>, now: Timestamp) -> Changed<Self> {
        let Opening { id, customer, simulation, signers, registered_email, sign_by } = *opening;
        let loan = Self(LoanRecord {
            id,
            partner: simulation.partner,
            customer,
            offer: simulation.offer,
            simulation: simulation.id,
            state: LoanState::Processing,
            quote: simulation.quote.clone(),
            ccb_number: None,
            signers: signers.iter().map(|subject| Signer::of(subject, registered_email)).collect(),
            destination: None,
            orders: Vec::new(),
            write_off: None,
            sign_by,
            created_at: now,
            updated_at: now,
        });
        loan.sending(vec![LoanEvent::Created])
    }

    /// Numbers the contract, gives each signer a link and asks for the signatures.
    pub fn issue(
        mut self, number: CcbNumber, mut link: impl FnMut() -> LinkToken, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        self.0.ccb_number = Some(number);
        for signer in &mut self.0.signers {
            signer.link.get_or_insert_with(&mut link);
        }
        let required = u16::try_from(self.signers.len()).expect("a loan has a handful of signers");
        self.take(&LoanInput::ContractGenerated, now)?
            .then(|loan| loan.take(&LoanInput::SignaturesRequested { required }, now))
    }

    /// Records a signature. After the first one, the money goes to `destination`.
    pub fn sign(
        mut self, signer: SubjectId, destination: Destination, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        self.0.destination = Some(destination);
        for known in self.0.signers.iter_mut().filter(|known| known.subject == signer) {
            known.signed_at = Some(now);
        }
        self.take(&LoanInput::SignatureReceived, now)
    }

    /// Renews the invitations of a loan that waits for signatures. Signers who have not signed get their present
    /// e-mail addresses, and those in `links` get new links.
    pub fn invite_again(
        mut self, subjects: &[Subject], registered_email: Option<&Email>, links: Vec<(SubjectId, LinkToken)>,
        now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        if self.state.kind().signing_phase() != SigningPhase::Open {
            return Err(Illegal { machine: "loan", state: self.state.name(), input: "invite_again" });
        }
        for signer in self.0.signers.iter_mut().filter(|signer| signer.signed_at.is_none()) {
            if let Some(subject) = subjects.iter().find(|subject| subject.id == signer.subject) {
                signer.email = Signer::of(subject, registered_email).email;
            }
        }
        for (subject, link) in links {
            if let Some(signer) = self.0.signers.iter_mut().find(|signer| signer.subject == subject) {
                signer.link = Some(link);
            }
        }
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }

    /// Orders the disbursement to a destination.
    pub fn start_disbursement(
        self, destination: Destination, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        self.add_order(destination, &LoanInput::DisbursementStarted, now)
    }

    /// Orders the disbursement again that the bank returned. A loan that failed before its first order has no contract
    /// that everybody signed, so it is refused.
    pub fn pay_again(self, destination: Destination, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        if self.orders.is_empty() {
            return Err(Illegal { machine: "loan", state: self.state.name(), input: "pay_again" });
        }
        self.add_order(destination, &LoanInput::DisbursementRepeated, now)
    }

    /// Adds an order to a destination.
    fn add_order(
        mut self, destination: Destination, input: &LoanInput, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        self.0.orders.push(Attempt { destination: destination.clone(), ordered_at: now, returned: None });
        self.0.destination = Some(destination);
        self.take(input, now)
    }

    /// Records that the customer has received the money.
    pub fn confirm_disbursement(self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.take(&LoanInput::DisbursementConfirmed { at: now }, now)
    }

    /// Records that the money did not reach the customer. Another order would go to the destination `next`.
    pub fn fail(
        mut self, failure: Failure, next: Destination, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        self.0.destination = Some(next);
        if let Some(newest) = self.0.orders.last_mut() {
            newest.returned = Some((now, failure.clone()));
        }
        self.take(&LoanInput::Failed(failure), now)
    }

    /// Cancels the loan before the money has left.
    pub fn cancel(self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.take(&LoanInput::Cancelled, now)
    }

    /// Changes the destination of a loan that waits for signatures or for its disbursement, also for another one after
    /// a return. Other states refuse it, because an ordered disbursement cannot change its destination.
    pub fn redirect(mut self, destination: Destination, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        if !self.state.kind().can_be_redirected() {
            return Err(Illegal { machine: "loan", state: self.state.name(), input: "redirect" });
        }
        self.0.destination = Some(destination);
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }

    /// Records a payment. If it pays off an active loan, the loan is finished.
    pub fn receive(
        mut self, payment: PaymentReceived, owed: Owed, now: Timestamp,
    ) -> Result<Changed<Self>, Illegal> {
        let ends = owed == Owed::Nothing && self.state.is_repaying();
        self.0.updated_at = now;
        let received = self.sending(vec![LoanEvent::PaymentReceived(payment)]);
        if ends { received.then(|loan| loan.take(&LoanInput::PaidOff, now)) } else { Ok(received) }
    }

    /// Reverses a payment. If it had paid off the loan and something is owed now, the loan is active again.
    pub fn reverse_payment(mut self, owed: Owed, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.0.updated_at = now;
        match owed {
            Owed::Something => self.take(&LoanInput::PaymentReversed, now),
            Owed::Nothing => Ok(Changed::silent(self)),
        }
    }

    /// Whether the loan, which is `days` overdue, can be written off now.
    pub fn may_be_written_off(&self, days: u32) -> Result<(), NotWrittenOff> {
        if self.write_off.is_some() {
            return Err(NotWrittenOff::Before);
        }
        if !self.state.is_repaying() {
            return Err(NotWrittenOff::NotActive);
        }
        if days <= DAYS_BEFORE_WRITE_OFF {
            return Err(NotWrittenOff::TooEarly(days));
        }
        Ok(())
    }

    /// Writes an active loan off that is `days` overdue. Its state stays, because the borrower still owes the money.
    pub fn write_off(mut self, write_off: WriteOff, days: u32) -> Result<Changed<Self>, NotWrittenOff> {
        self.may_be_written_off(days)?;
        self.0.updated_at = write_off.at;
        self.0.write_off = Some(write_off);
        Ok(Changed::silent(self))
    }

    /// Erases the people of a loan that is over: its signers, its destinations, and the words of a write-off. The figures
    /// and the times remain, for the books. A returned disbursement can still be paid again, so it is not over.
    pub fn erase_people(mut self) -> Result<Changed<Self>, Illegal> {
        if !self.is_over() {
            return Err(Illegal { machine: "loan", state: self.state.name(), input: "erase_people" });
        }
        for signer in &mut self.0.signers {
            let Signer { subject: _, name, cpf, role: _, email, link, signed_at: _ } = signer;
            (*name, *cpf, *email, *link) = (None, Cpf::ERASED, None, None);
        }
        (self.0.destination, self.0.orders) = (None, Vec::new());
        if let Some(write_off) = &mut self.0.write_off {
            write_off.reason = String::new();
        }
        Ok(Changed::silent(self))
    }

    /// Whether nothing can follow: it is paid back, or it was cancelled or failed without an order to the bank.
    pub fn is_over(&self) -> bool {
        match self.state {
            LoanState::Finished { .. } | LoanState::Cancelled => true,
            LoanState::Error(_) => self.orders.is_empty(),
            LoanState::Processing
            | LoanState::ContractGenerated
            | LoanState::AwaitingSignatures(_)
            | LoanState::Signed
            | LoanState::Disbursing
            | LoanState::Active { .. } => false,
        }
    }

    /// Takes one step of the machine.
    fn take(mut self, input: &LoanInput, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let transition = self.state.step(input)?;
        self.0.state = transition.next;
        self.0.updated_at = now;
        Ok(self.sending(transition.events))
    }

    /// The loan with its events, each with a snapshot of the loan as it is now.
    fn sending(self, events: Vec<LoanEvent>) -> Changed<Self> {
        let happened = |event| (event, Box::new(LoanSnapshot::from(&self)));
        let events = events.into_iter().map(happened).collect();
        Changed::new(self, events)
    }

    /// The way in which the money is paid out, for disbursing, active and finished loans.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        self.state.disbursement_method()
    }

    /// Whether the customer has received the money.
    pub fn is_disbursed(&self) -> bool {
        self.state.is_disbursed()
    }

    /// The attempt of this number, counted from 1.
    pub fn attempt(&self, attempt: u32) -> Option<&Attempt> {
        self.orders.get(usize::try_from(attempt.checked_sub(1)?).ok()?)
    }

    /// The number of orders to the bank so far. The newest order is the attempt of this number.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.orders.len()).expect("people order each attempt")
    }

    /// The secret of the applicant's signing link, while the contract can be signed.
    pub fn open_signing_token(&self) -> Option<&LinkToken> {
        let first = self.signers.first().filter(|_| self.state.has_open_link());
        first.and_then(|signer| signer.link.as_ref())
    }

    /// The contract's number as text; empty before the contract exists.
    pub fn contract_name(&self) -> String {
        self.ccb_number.map_or_else(String::new, |number| number.to_string())
    }

    /// The signer to whom this link belongs.
    pub fn signer_of_link(&self, token: &str) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.link.as_ref().is_some_and(|link| link.expose() == token))
    }

    /// The first due date.
    pub fn first_due(&self) -> Date {
        self.quote.first_due()
    }
}

impl From<&Loan> for LoanSnapshot {
    fn from(loan: &Loan) -> Self {
        let signer = |signer: &Signer| SnapshotSigner {
            name: signer.name.clone(),
            cpf: signer.cpf,
            signed_at: signer.signed_at,
        };
        Self {
            id: loan.id,
            partner: loan.partner,
            customer: loan.customer,
            offer: loan.offer,
            state: loan.state.clone(),
            figures: Figures {
                requested: loan.quote.requested,
                principal: loan.quote.principal,
                net: loan.quote.net,
                installments: loan.quote.installments(),
            },
            ccb_number: loan.ccb_number,
            signers: loan.signers.iter().map(signer).collect(),
            open_link: loan.open_signing_token().cloned(),
        }
    }
}
