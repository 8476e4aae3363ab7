//! A change of a customer with what is to be told of it.

use domain::customer::{CustomerEvent, CustomerFile, CustomerInput};
use domain::event::Happening;
use domain::kyc::ReviewStart;
use domain::machine::Illegal;
use domain::time::Timestamp;
use store::{StoreError, Tx};

/// A customer being changed, with what is to be told of it, each event with the file as it was then.
pub(crate) struct CustomerChange<'f> {
    pub(crate) file: &'f mut CustomerFile,
    pub(crate) told: Vec<Happening>,
}

impl<'f> CustomerChange<'f> {
    pub(crate) fn of(file: &'f mut CustomerFile) -> Self {
        Self { file, told: Vec::new() }
    }

    pub(crate) fn tell(&mut self, event: CustomerEvent) {
        self.told.push(Happening::Customer(event, Box::new(self.file.clone())));
    }

    pub(crate) fn step(&mut self, input: CustomerInput) -> Result<(), Illegal> {
        let transition = self.file.customer.state.step(input)?;
        self.file.customer.state = transition.next;
        for event in transition.events {
            self.tell(event);
        }
        Ok(())
    }

    /// Begins the review where nothing mandatory is missing and the way of starting allows it.
    pub(crate) fn start_review_if_complete(&mut self, start: ReviewStart) {
        if start == ReviewStart::Automatic && self.file.kyc.is_complete() {
            // A customer that is not pending has nothing to start.
            let _not_pending = self.step(CustomerInput::ReviewStarted);
        }
    }

    /// Writes the customer and appends its events.
    pub(crate) fn save(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.file.customer.updated_at = now;
        store::customers::update(tx, self.file)?;
        store::outbox::append(tx, self.file.customer.partner, now, self.told)
    }
}
