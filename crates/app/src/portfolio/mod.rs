//! A partner's customers and loans, as its team sees them in the dashboard: the facts of the partner's API, gathered
//! for a page.
//!
//! Nothing here shows decisions, notes or tags of operators, or anything of another partner.

mod caused;
mod customer;
mod loan;

pub mod statement;
pub mod timeline;

pub use self::caused::{Caused, caused};
pub use self::customer::{CustomerSheet, customer};
pub use self::loan::{LoanSheet, loan};
pub use self::statement::{LoanStatement, StatementLine};
