//! `dinie bench growth`: fills a database with complete customers and asks whether its size is felt.

mod kept;
mod measuring;
mod queries;

pub(super) use self::kept::{Opened, fill, measure as measure_kept};
pub(super) use self::measuring::{Form, Plan, Report, measure};
