//! The parts of a loan's page that operators and partners both see: the state line, the figures, the picture, and the
//! schedule.

mod chart;
pub(in crate::pages) mod figures;
mod schedule;
mod steps;

pub(in crate::pages) use self::chart::Chart;
pub(in crate::pages) use self::schedule::{ScheduleRow, payment_page, schedule, signers};
pub(in crate::pages) use self::steps::line;
