//! The pages of the steps of a sign-in, and the way back to the page that the person asked for.

use domain::access::Step;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages::kit::frame::own_address;

/// The page on which a person proves again who they are.
pub(in crate::pages) const PROOF: &str = "/sign-in/proof";
/// The page of the sign-in.
pub(in crate::pages) const SIGN_IN: &str = "/sign-in";

/// The page of a step.
pub(in crate::pages) fn place(step: Step) -> &'static str {
    match step {
        Step::ChoosePassword => "/sign-in/password",
        Step::GiveCode => "/sign-in/code",
        Step::SetUpSecondFactor => "/sign-in/authenticator",
    }
}

/// The first page of a person: the dashboard for a member of a partner's team, and the console for the lender's people.
pub(in crate::pages) fn home(is_member: bool) -> &'static str {
    if is_member { "/dashboard" } else { "/console" }
}

/// Whether a page belongs to a step of the sign-in.
pub(in crate::pages) fn is_step(path: &str) -> bool {
    [Step::ChoosePassword, Step::GiveCode, Step::SetUpSecondFactor].map(place).contains(&path)
}

/// The page that leads to `to` afterwards.
pub(in crate::pages) fn leading(page: &str, to: &str) -> String {
    if to == "/console" || to.is_empty() {
        return page.to_owned();
    }
    format!("{page}?to={}", utf8_percent_encode(to, NON_ALPHANUMERIC))
}

/// The page to which a form leads: one for signed-in people, or else the console's first one, which sends a member of a
/// partner's team to the dashboard.
pub(in crate::pages) fn back(to: &str) -> &str {
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?']);
    let is_ours =
        ["/console", "/dashboard", "/me"].iter().any(|first| to.strip_prefix(first).is_some_and(is_below));
    if is_ours && own_address(to).is_some() { to } else { "/console" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_only_to_pages_for_signed_in_people() {
        for to in ["/console", "/console/people?after=1", "/console?x=1", "/dashboard/keys", "/me"] {
            assert_eq!(back(to), to);
        }
        for to in
            ["", "https://example.com", "//example.com", "/consoles", "/console/\\x", "/pay/1", "/console/\n"]
        {
            assert_eq!(back(to), "/console", "{to}");
        }
        assert_eq!(leading(PROOF, "/console/a?b"), "/sign-in/proof?to=%2Fconsole%2Fa%3Fb");
    }
}
