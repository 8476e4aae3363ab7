//! The place of a partner's credentials in the navigation, and their rows.

use app::partners::Partner;
use domain::credential::{ClientId, Credential, Scope};
use domain::time::RealTime;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::Moment;
use crate::pages::texts::Texts;

/// The place of a partner's credentials in the navigation.
pub(in crate::pages) struct Shelf {
    /// The partner.
    pub(in crate::pages) partner: Partner,
    /// The pages above the list, with their names.
    pub(in crate::pages) above: Vec<(String, String)>,
    /// The address of the page with the list.
    pub(in crate::pages) list: String,
    /// The address of the form that makes a credential.
    pub(in crate::pages) form: String,
    /// The address of the pages of single credentials, without the client id.
    pub(in crate::pages) each: String,
    /// Whether the person may make and revoke them.
    pub(in crate::pages) may_change: bool,
    /// Whether the person may see the calls of the partner's programs.
    pub(in crate::pages) may_see_calls: bool,
    /// The address of the list of calls; empty if there is none.
    pub(in crate::pages) calls: &'static str,
}

impl Shelf {
    /// The address of a credential's page.
    pub(in crate::pages) fn one(&self, client: ClientId) -> String {
        format!("{}/{client}", self.each)
    }
}

/// A credential in the list.
pub(in crate::pages) struct CredentialRow {
    pub(in crate::pages) href: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) client: String,
    pub(in crate::pages) scope: &'static str,
    pub(in crate::pages) badge: Badge,
    pub(in crate::pages) used: Option<Moment>,
    /// The end of the credential, if it ends by itself and has not ended.
    pub(in crate::pages) ends: Option<Moment>,
}

impl CredentialRow {
    pub(in crate::pages) fn of(
        shelf: &Shelf, credential: &Credential, now: RealTime, t: &'static Texts,
    ) -> Self {
        let end = credential.terms.expires_at.filter(|end| *end > now);
        Self {
            href: shelf.one(credential.client_id),
            name: credential.terms.name.clone(),
            client: credential.client_id.to_string(),
            scope: scope(credential.terms.scope, t),
            badge: Badge::of_credential(credential.state_at(now), &t.badges),
            used: credential.last_used_at.map(|at| Moment::ago(at, now, t)),
            ends: end.map(|end| Moment::until(end, now, t)),
        }
    }
}

/// The rights of a credential's tokens, in words.
pub(super) fn scope(scope: Scope, t: &'static Texts) -> &'static str {
    match scope {
        Scope::Partner => t.partner.scope_partner,
        Scope::BiometricsExchange => t.partner.scope_biometrics,
    }
}
