//! The cookie with which a browser continues its session.

use crate::pages::cookie::SecretCookie;

/// The address of the session's page.
pub(super) const HOME: &str = "/biometrics";

/// It outlives the session, so that the page can show the outcome afterwards.
pub(super) const COOKIE: SecretCookie = SecretCookie {
    name: "__Host-dinie_session",
    plain_name: "dinie_session",
    plain_path: HOME,
    seconds: 86_400,
};
