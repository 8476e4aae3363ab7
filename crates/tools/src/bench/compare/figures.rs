//! The figures of both programs.

use super::super::load::Measured;
use super::itself::Itself;
use super::loans::Loans;

/// A value of the old program and the same value of the new one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Both<T> {
    pub(super) old: T,
    pub(super) new: T,
}

impl<T> Both<T> {
    pub(super) fn of([old, new]: [T; 2]) -> Self {
        Self { old, new }
    }
}

/// The measured figures.
pub(super) struct Figures {
    pub(super) health: Both<Measured>,
    pub(super) loan: Both<Measured>,
    pub(super) customers_page: Both<Measured>,
    pub(super) installments_page: Both<Measured>,
    pub(super) customers: Both<Measured>,
    pub(super) simulations: Both<Measured>,
    pub(super) loans: Both<Loans>,
    pub(super) itself: Both<Itself>,
}
