//! The names and the subjects that a list shows of its cases: one statement for each kind, whatever their number.

use std::collections::HashMap;

use domain::access::{Action, Proposal};
use domain::customer::{CustomerFile, Registration};
use domain::id::{CustomerId, MailId, OperatorId, PartnerId, ProposalId};
use domain::page::Page;
use domain::queue::CaseSubject;
use store::cases::Case;
use store::mails::MailReport;
use store::{StoreError, Tx};

use super::marks::Taker;
use super::view::CaseView;

/// Adds the names, the proposals and the e-mails to a page of cases.
pub(super) fn completed(tx: &mut Tx<'_>, page: Page<CaseView>) -> Result<Page<CaseView>, StoreError> {
    let cases: Vec<&Case> = page.items.iter().map(|view| &view.case).collect();
    let mut known = Known::read(tx, &cases)?;
    Ok(page.filter_map(|view| Some(known.complete(view))))
}

/// One case with its names.
pub(super) fn completed_one(tx: &mut Tx<'_>, view: CaseView) -> Result<CaseView, StoreError> {
    let page = completed(tx, Page::whole(vec![view]))?;
    page.items.into_iter().next().ok_or(StoreError::NotFound)
}

/// The names and subjects of the cases of a page.
struct Known {
    partners: HashMap<PartnerId, String>,
    customers: HashMap<CustomerId, Named>,
    operators: HashMap<OperatorId, String>,
    proposals: HashMap<ProposalId, Proposal>,
    mails: HashMap<MailId, MailReport>,
}

impl Known {
    fn read(tx: &mut Tx<'_>, cases: &[&Case]) -> Result<Self, StoreError> {
        let mut partners: Vec<PartnerId> = cases.iter().filter_map(|case| case.partner).collect();
        partners.sort_unstable();
        partners.dedup();
        let customers: Vec<CustomerId> = cases.iter().filter_map(|case| case.customer).collect();
        let (mut proposals, mut mails) = (Vec::new(), Vec::new());
        for case in cases {
            match case.subject {
                CaseSubject::Proposal(id) => proposals.push(id),
                CaseSubject::Mail(id) => mails.push(id),
                CaseSubject::Customer(_) | CaseSubject::Loan(_) => {}
            }
        }
        let proposals = store::proposals::these(tx, &proposals)?;
        let concerned = proposals.iter().filter_map(concerned);
        let proposers = proposals.iter().map(|proposal| proposal.proposed_by).chain(concerned);
        let operators: Vec<OperatorId> =
            cases.iter().filter_map(|case| case.assignee).chain(proposers).collect();
        Ok(Self {
            partners: store::partners::names(tx, &partners)?,
            customers: store::customers::find_all(tx, None, &customers)?.iter().map(named).collect(),
            operators: store::operators::names(tx, &operators)?,
            proposals: proposals.into_iter().map(|proposal| (proposal.id, proposal)).collect(),
            mails: store::mails::these(tx, &mails)?,
        })
    }

    fn complete(&mut self, view: CaseView) -> CaseView {
        let partner_name = view
            .case
            .partner
            .map(|partner| self.partners.get(&partner).cloned().unwrap_or_else(|| partner.to_string()));
        let customer = view.case.customer.and_then(|id| self.customers.get(&id).cloned());
        let (customer_name, customer_tax_id) =
            customer.map_or((None, None), |(name, tax_id)| (name, Some(tax_id)));
        let taker = |id| self.operators.get(&id).map(|name| Taker { id, name: name.clone() });
        let taker = view.case.assignee.and_then(taker);
        let (proposal, mail) = match view.case.subject {
            CaseSubject::Proposal(id) => (self.proposals.remove(&id), None),
            CaseSubject::Mail(id) => (None, self.mails.remove(&id)),
            CaseSubject::Customer(_) | CaseSubject::Loan(_) => (None, None),
        };
        let concerned = proposal.as_ref().and_then(concerned);
        let concerned = concerned.and_then(|id| self.operators.get(&id).cloned());
        let proposal = proposal.map(|proposal| {
            let name = self.operators.get(&proposal.proposed_by).cloned();
            let name = name.unwrap_or_else(|| proposal.proposed_by.to_string());
            (proposal, name)
        });
        CaseView {
            partner_name: partner_name.into_iter().collect(),
            concerned,
            customer_name,
            customer_tax_id,
            taker,
            proposal,
            mail,
            ..view
        }
    }
}

/// The operator whom a proposal concerns.
fn concerned(proposal: &Proposal) -> Option<OperatorId> {
    match proposal.action() {
        Action::ChangeRoles => proposal.subject.parse().ok(),
        Action::ApproveCredit
        | Action::OrderDisbursement
        | Action::PayAgain
        | Action::ReversePayment
        | Action::WriteOff
        | Action::AdoptPolicy
        | Action::EraseCustomer => None,
    }
}

/// The name under which a customer does business, and its masked tax number.
type Named = (Option<String>, String);

fn named(file: &CustomerFile) -> (CustomerId, Named) {
    let registration = &file.customer.registration;
    let name = registration.known_as().map(ToString::to_string);
    let Registration { cnpj, cpf, .. } = registration;
    let tax_id = cnpj.as_ref().map_or_else(|| cpf.masked(), domain::tax_id::Cnpj::masked);
    (file.customer.id, (name, tax_id))
}
