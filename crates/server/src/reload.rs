//! Takes a changed configuration while the server runs. `dinie serve` calls it at SIGHUP.
//!
//! Everything is read and checked first. If a part is wrong, nothing changes. Reasons: docs/decisions/0043.

use std::sync::Arc;

use crate::config::Flags;
use crate::config::reload::Loaded;
use crate::state::AppState;
use crate::telemetry;
use crate::tls::Certificate;

/// The configuration of a running server, and where to read it again.
#[derive(Debug)]
pub struct Reloader {
    flags: Flags,
    loaded: Loaded,
    certificate: Option<Arc<Certificate>>,
}

impl Reloader {
    /// A server's configuration as it was read at the start.
    pub fn new(flags: Flags, loaded: Loaded, certificate: Option<Arc<Certificate>>) -> Self {
        Self { flags, loaded, certificate }
    }

    /// Opens the access log's file again, reads the configuration again and takes what a running server can take. The log tells what was taken, what needs a
    /// restart, or why nothing was taken.
    pub fn reload(&mut self, state: &AppState) {
        // Also with a wrong configuration: the file was renamed anyway.
        state.access_log.reopen();
        let newer = match Loaded::again(&self.flags) {
            Ok(newer) => newer,
            Err(error) => {
                tracing::error!(%error, "the configuration is wrong; the server keeps the one that it has");
                return;
            }
        };
        let needs_restart = self.loaded.needing_a_restart(&newer);
        let taken = [
            ("rates", state.lender.book.replace(newer.config.rates.clone())),
            ("policy", state.policies.replace_file(newer.config.policy.clone())),
            ("limits", state.limits.replace(newer.config.limits)),
            ("certificate", self.takes_certificate()),
            ("log", newer.config.log != self.loaded.config.log && telemetry::set_level(&newer.config.log)),
        ];
        let taken: Vec<&str> =
            taken.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect();
        tracing::info!(taken = taken.join(", "), "the configuration was read again");
        if needs_restart.is_empty() {
            self.loaded = newer;
        } else {
            // They are named again at the next reload, because the server still has the old ones.
            tracing::warn!(
                settings = needs_restart.join(", "),
                "these settings have changed and need a restart"
            );
            self.loaded.config = newer.config;
        }
    }

    /// Reads the certificate again. Its files have just been checked.
    fn takes_certificate(&self) -> bool {
        match self.certificate.as_ref().map(|certificate| certificate.reload()) {
            Some(Ok(differs)) => differs,
            Some(Err(error)) => {
                tracing::error!(%error, "the certificate cannot be used; the old one stays");
                false
            }
            None => false,
        }
    }
}
