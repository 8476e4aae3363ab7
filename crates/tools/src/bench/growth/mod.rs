//! `dinie bench growth`: fills a database with complete customers and measures whether its size slows the program.

mod kept;
mod measuring;
mod queries;

pub(super) use self::kept::{Opened, fill, measure as measure_kept};
pub(super) use self::measuring::{Form, Plan, Report, measure};
