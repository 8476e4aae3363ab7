//! The partner's page of the sandbox: its clock, and what will happen before time passes. Production has no such page.

mod advance;
mod clocks;
mod mailbox;
mod only;
mod page;
mod scenarios;
mod tape;
mod words;

pub(super) use self::advance::advance;
pub(super) use self::clocks::{chosen, create as make_clock, delete as delete_clock, reset_all, tenant_of};
pub(super) use self::mailbox::show as mailbox;
pub(super) use self::page::show;
pub(super) use self::scenarios::{start, trigger};
pub(super) use self::tape::live;
