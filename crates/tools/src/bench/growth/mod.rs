//! `dinie bench growth`: fills a database with complete customers and measures whether its size slows the program.

mod measuring;
mod queries;
mod saved;

pub(super) use self::measuring::{Form, Plan, Report, measure};
pub(super) use self::saved::{Opened, fill, measure as measure_saved};
