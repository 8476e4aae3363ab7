//! Maintenance of tables: stored answers, months, and work in small steps.

pub mod answers;
pub mod months;
pub mod steps;
