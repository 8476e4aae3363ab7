//! Proposals: decisions of operators that need a second person.

use domain::access::{Action, Proposal, ProposalRecord, ProposalState, Proposed, RoleNames};
use domain::closed::Changed;
use domain::id::{CustomerId, OperatorId, PartnerId, ProposalId};
use domain::money::Cents;
use domain::page::Page;
use domain::queue::{CaseSubject, Queue};
use domain::time::RealTime;

use crate::case_ends::Moment;
use crate::cases::{self, Entering};
use crate::db::among;
use crate::document::corrupt;
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::table;
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A proposal as it is stored.
    struct ProposalRow in "proposals" by (id) {
        id: ProposalId,
        version: i64,
        action: Action,
        roles: Option<RoleNames>,
        of_partner: Option<PartnerId>,
        subject_id: String,
        subject_version: i64,
        amount: Option<Cents>,
        state: ProposalState,
        proposed_by: OperatorId,
        proposed_at: RealTime,
        expires_at: RealTime,
        decided_by: Option<OperatorId>,
        decided_at: Option<RealTime>,
        note: Option<String>,
    }
}

impl ProposalRow {
    fn of(proposal: &Proposal) -> Self {
        let ProposalRecord { id, proposed, partner, subject, subject_version, amount, state, .. } =
            proposal.record();
        Self {
            id: *id,
            version: Stored::<Proposal>::FIRST,
            action: proposed.action(),
            roles: match proposed {
                Proposed::ChangeRoles(roles) => Some(roles.clone()),
                Proposed::ApproveCredit
                | Proposed::OrderDisbursement
                | Proposed::PayAgain
                | Proposed::ReversePayment
                | Proposed::WriteOff
                | Proposed::AdoptPolicy
                | Proposed::EraseCustomer => None,
            },
            of_partner: *partner,
            subject_id: subject.clone(),
            subject_version: *subject_version,
            amount: *amount,
            state: *state,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            expires_at: proposal.expires_at,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            note: proposal.note.clone(),
        }
    }

    fn read(self) -> Result<Stored<Proposal>, StoreError> {
        let record = ProposalRecord {
            id: self.id,
            proposed: match (self.action, self.roles) {
                (Action::ApproveCredit, _) => Proposed::ApproveCredit,
                (Action::OrderDisbursement, _) => Proposed::OrderDisbursement,
                (Action::PayAgain, _) => Proposed::PayAgain,
                (Action::ReversePayment, _) => Proposed::ReversePayment,
                (Action::WriteOff, _) => Proposed::WriteOff,
                (Action::AdoptPolicy, _) => Proposed::AdoptPolicy,
                (Action::EraseCustomer, _) => Proposed::EraseCustomer,
                (Action::ChangeRoles, Some(roles)) => Proposed::ChangeRoles(roles),
                (Action::ChangeRoles, None) => {
                    return Err(corrupt("a proposal to change roles, without the roles"));
                }
            },
            partner: self.of_partner,
            subject: self.subject_id,
            subject_version: self.subject_version,
            amount: self.amount,
            state: self.state,
            proposed_by: self.proposed_by,
            proposed_at: self.proposed_at,
            expires_at: self.expires_at,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
            note: self.note,
        };
        Ok(Stored::new(self.version, Proposal::restored(record)))
    }
}

/// Adds a proposal. At most one waits for each subject and action.
pub fn insert(
    tx: &mut Tx<'_>, proposal: Changed<Proposal>, customer: Option<CustomerId>,
) -> Result<Proposal, StoreError> {
    let proposal = proposal.into_value();
    tx.insert_now(&ProposalRow::of(&proposal))?;
    let case = Entering {
        partner: proposal.partner,
        queue: Queue::Proposals,
        subject: CaseSubject::Proposal(proposal.id),
        customer,
        amount: proposal.amount,
        sign_by: None,
        at: Moment::Real(proposal.proposed_at),
    };
    cases::enter(tx, &case)?;
    Ok(proposal)
}

/// Saves the decision on a proposal, if nobody else has changed its row since it was read.
pub fn save(tx: &mut Tx<'_>, proposal: Stored<Changed<Proposal>>) -> Result<Stored<Proposal>, StoreError> {
    let (version, changed) = proposal.into_parts();
    let proposal = changed.into_value();
    let changes = [
        ProposalRow::state.to(&proposal.state),
        ProposalRow::decided_by.to(&proposal.decided_by),
        ProposalRow::decided_at.to(&proposal.decided_at),
        ProposalRow::note.to(&proposal.note),
    ];
    tx.update(args![proposal.id], version, &changes)?;
    if proposal.state != ProposalState::Proposed {
        let at = proposal.decided_at.unwrap_or(proposal.expires_at);
        let (subject, queue) = (CaseSubject::Proposal(proposal.id), Queue::Proposals);
        match proposal.partner {
            Some(partner) => cases::leave(tx, partner, subject, queue, Moment::Real(at))?,
            None => cases::leave_lenders(tx, subject, queue, at)?,
        }
    }
    Ok(Stored::new(version + 1, proposal))
}

/// The proposal with this id.
pub fn find(tx: &mut Tx<'_>, id: ProposalId) -> Result<Option<Stored<Proposal>>, StoreError> {
    tx.find("where id = $1", args![id])?.map(ProposalRow::read).transpose()
}

/// These proposals.
pub fn these(tx: &mut Tx<'_>, ids: &[ProposalId]) -> Result<Vec<Proposal>, StoreError> {
    let (these, args) = among(ids, 1);
    let rows = tx.find_all::<ProposalRow>(&format!("where id {these}"), &args)?;
    rows.into_iter().map(|row| Ok(row.read()?.into_value())).collect()
}

/// The proposal that waits for this subject and action.
pub fn waiting_for(
    tx: &mut Tx<'_>, subject: &str, action: Action,
) -> Result<Option<Stored<Proposal>>, StoreError> {
    let waiting = "where subject_id = $1 and action = $2 and state = 'proposed'";
    tx.find(waiting, args![subject, action])?.map(ProposalRow::read).transpose()
}

/// The proposals that wait for this subject, at most one for each action.
pub fn waiting_on(tx: &mut Tx<'_>, subject: &str) -> Result<Vec<Proposal>, StoreError> {
    let rows = tx.find_all::<ProposalRow>("where subject_id = $1 and state = 'proposed'", args![subject])?;
    rows.into_iter().map(|row| Ok(row.read()?.into_value())).collect()
}

/// A page of the proposals, of one state or of all.
pub fn list(
    tx: &mut Tx<'_>, state: Option<ProposalState>, cursor: &Cursor<ProposalId>,
) -> Result<Result<Page<Proposal>, UnknownCursor>, StoreError> {
    Listing::by(ProposalRow::proposed_at, ProposalRow::id).having(ProposalRow::state, state.as_ref()).page(
        tx,
        cursor,
        |row: ProposalRow, _tx| Ok(row.read()?.into_value()),
    )
}

/// Up to a hundred waiting proposals that were made by `cutoff`, oldest first.
pub fn waiting_since(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<Vec<Stored<Proposal>>, StoreError> {
    let due = "where state = 'proposed' and proposed_at <= $1 order by proposed_at, id limit 100";
    tx.find_all(due, args![cutoff])?.into_iter().map(ProposalRow::read).collect()
}
