//! The loan of a copied history: contract, signatures, installments, payments and journal.

use domain::bank::Destination;
use domain::id::{LoanId, PaymentId};
use domain::loan::contract::{Company, Contract, Party};
use domain::loan::debt::Payment;
use domain::loan::signing::Evidence;
use domain::loan::{Attempt, Installment, Loan, LoanRecord, LoanState, Signer};
use domain::simulation::Simulation;
use store::contracts::SyntheticDocument;
use store::ledger::JournalEntry;
use store::payments::RecordedPayment;
use store::{StoreError, Tx};

use super::super::history::LoanHistory;
use super::{Copier, SharedPdf};

impl Copier<'_> {
    pub(super) fn loan(
        &mut self, tx: &mut Tx<'_>, simulation: &Simulation, old: &LoanHistory,
    ) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let simulation = Simulation {
            id: self.id(tx, simulation.id)?,
            partner,
            offer: self.id(tx, simulation.offer)?,
            valid_until: self.at(simulation.valid_until),
            created_at: self.at(simulation.created_at),
            quote: simulation.quote.clone(),
        };
        match &old.loan.state {
            LoanState::Cancelled => store::simulations::insert(tx, &simulation)?,
            _used => store::simulations::insert_used(tx, &simulation)?,
        }
        let loan = self.loan_itself(tx, &old.loan)?;
        store::loans::insert_without_events(tx, &loan)?;
        let contract = self.contract(&old.contract)?;
        for pdf in &old.pdfs {
            let SharedPdf { blob_key, sha256, size } = self.owner.files.of(pdf.copy).clone();
            let document = SyntheticDocument {
                copy: pdf.copy,
                sha256,
                size,
                blob_key,
                created_at: self.at(pdf.created_at),
            };
            store::contracts::insert_synthetic(tx, &loan, &contract, &document)?;
        }
        store::signing::invite(tx, &loan)?;
        for evidence in &old.evidence {
            let (cpf, name) = self.who(evidence.cpf, evidence.name.as_ref());
            let (subject, signed_at) = (self.id(tx, evidence.subject)?, self.at(evidence.signed_at));
            let document_sha256 = self.owner.files.issued.sha256.clone();
            let evidence = Evidence { subject, cpf, name, signed_at, document_sha256, ..evidence.clone() };
            store::signing::insert_evidence(tx, &loan, &evidence)?;
        }
        self.money(tx, old, loan.id)
    }

    fn loan_itself(&mut self, tx: &mut Tx<'_>, old: &Loan) -> Result<Loan, StoreError> {
        let mut signers = Vec::with_capacity(old.signers.len());
        for signer in &old.signers {
            let (cpf, name) = self.who(signer.cpf, signer.name.as_ref());
            signers.push(Signer {
                subject: self.id(tx, signer.subject)?,
                cpf,
                name,
                email: Some(self.email.clone()),
                link: self.link(tx, signer.link.as_ref()),
                signed_at: signer.signed_at.map(|at| self.at(at)),
                role: signer.role,
            });
        }
        let (id, customer) = (self.id(tx, old.id)?, self.id(tx, old.customer)?);
        let (offer, simulation) = (self.id(tx, old.offer)?, self.id(tx, old.simulation)?);
        let destination = |old: &Destination| match old {
            Destination::CompanyKey(_) => Destination::CompanyKey(self.person.cnpj),
            Destination::PersonKey(_) => Destination::PersonKey(self.person.cpf),
            Destination::Account(account) => Destination::Account(self.account(account)),
        };
        let attempt = |old: &Attempt| Attempt {
            destination: destination(&old.destination),
            ordered_at: self.at(old.ordered_at),
            returned: old.returned.as_ref().map(|(at, why)| (self.at(*at), why.clone())),
        };
        Ok(Loan::restored(LoanRecord {
            id,
            partner: self.owner.partner,
            customer,
            offer,
            simulation,
            state: old.state.moved(|moment| self.at(moment)),
            ccb_number: self.person.ccb_number,
            destination: old.destination.as_ref().map(destination),
            orders: old.orders.iter().map(attempt).collect(),
            signers,
            sign_by: self.at(old.sign_by),
            created_at: self.at(old.created_at),
            updated_at: self.at(old.updated_at),
            ..old.record().clone()
        }))
    }

    fn contract(&self, old: &Contract) -> Result<Contract, StoreError> {
        let party = |party: &Party| {
            let (cpf, name) = self.who(party.cpf, party.name.as_ref());
            Party { name, cpf, role: party.role }
        };
        let number = self.person.ccb_number;
        Ok(Contract {
            number: number.ok_or_else(|| StoreError::Defect("a contract without a number".into()))?,
            company: Company { name: Some(self.company.clone()), cnpj: Some(self.person.cnpj) },
            signers: old.signers.iter().map(party).collect(),
            ..old.clone()
        })
    }

    /// Writes installments, payments and journal.
    fn money(&mut self, tx: &mut Tx<'_>, old: &LoanHistory, loan: LoanId) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let mut installments = Vec::with_capacity(old.installments.len());
        for installment in &old.installments {
            let mut position = installment.position.clone();
            position.settled_at = position.settled_at.map(|at| self.at(at));
            installments.push(Installment {
                id: self.id(tx, installment.id)?,
                partner,
                loan,
                position,
                created_at: self.at(installment.created_at),
                updated_at: self.at(installment.updated_at),
                monthly_rate: installment.monthly_rate,
            });
        }
        store::installments::insert_all(tx, &installments)?;
        for payment in &old.payments {
            let id = self.id(tx, payment.payment.id)?;
            let recorded = RecordedPayment {
                payment: Payment { id, paid_at: self.at(payment.payment.paid_at), ..payment.payment },
                partner,
                loan,
                reference: format!("filled-{id}"),
                recorded_at: self.at(payment.recorded_at),
                reversed_at: payment.reversed_at.map(|at| self.at(at)),
                recorded_by: payment.recorded_by,
            };
            store::payments::insert(tx, &recorded)?;
        }
        for entry in &old.entries {
            let subject = match entry.subject.parse::<PaymentId>() {
                Ok(payment) => self.id(tx, payment)?.to_string(),
                Err(_the_loan) => loan.to_string(),
            };
            let entry = JournalEntry {
                id: self.id(tx, entry.id)?,
                partner,
                loan,
                subject,
                entered_at: self.at(entry.entered_at),
                ..entry.clone()
            };
            store::ledger::append(tx, &entry)?;
        }
        Ok(())
    }
}
