//! The pages of the steps of a sign-in, and the way back to the page that the person asked for.

use domain::access::Step;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages::kit::frame::own_address;

/// The page on which a person proves again who they are.
pub(super) const PROOF: &str = "/console/proof";
/// The page of the sign-in.
pub(super) const SIGN_IN: &str = "/console/sign-in";

/// The page of a step.
pub(super) fn place(step: Step) -> &'static str {
    match step {
        Step::ChoosePassword => "/console/sign-in/password",
        Step::GiveCode => "/console/sign-in/code",
        Step::SetUpSecondFactor => "/console/sign-in/authenticator",
    }
}

/// Whether a page belongs to a step, and not to the console.
pub(super) fn is_step(path: &str) -> bool {
    [Step::ChoosePassword, Step::GiveCode, Step::SetUpSecondFactor].map(place).contains(&path)
}

/// The page that leads to `to` afterwards.
pub(super) fn leading(page: &str, to: &str) -> String {
    if to == "/console" || to.is_empty() {
        return page.to_owned();
    }
    format!("{page}?to={}", utf8_percent_encode(to, NON_ALPHANUMERIC))
}

/// The page to which a form leads: one of the console, or else its first page.
pub(super) fn back(to: &str) -> &str {
    let of_console = to == "/console" || to.starts_with("/console/") || to.starts_with("/console?");
    if of_console && own_address(to).is_some() { to } else { "/console" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_only_into_the_console() {
        for to in ["/console", "/console/people?after=1", "/console?x=1"] {
            assert_eq!(back(to), to);
        }
        for to in
            ["", "https://example.com", "//example.com", "/consoles", "/console/\\x", "/pay/1", "/console/\n"]
        {
            assert_eq!(back(to), "/console", "{to}");
        }
        assert_eq!(leading(PROOF, "/console/a?b"), "/console/proof?to=%2Fconsole%2Fa%3Fb");
    }
}
