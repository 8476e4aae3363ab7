//! Visits of the pages that a borrower opens by a link. A visit holds no personal data: the page, the moment and a word
//! for the device.

use std::time::Duration;

use crate::id::{LoggedRequestId, PartnerId, ResourceId as _};
use crate::spelled;
use crate::time::{RealTime, Timestamp};

/// Visits of one page from one kind of device within this time are one visit. So a reloaded page adds no rows.
const ONE_VISIT: Duration = Duration::from_mins(10);

/// A page that a borrower opens by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VisitedPage {
    /// The page that shows a contract and takes its signature.
    Signing,
    /// The page with the debt and its Pix codes.
    Payment,
    /// The session that takes a selfie and documents.
    Kyc,
}

spelled!(VisitedPage { Signing = "signing", Payment = "payment", Kyc = "kyc" });

/// The kind of device, as the browser names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// A telephone.
    Phone,
    /// A tablet.
    Tablet,
    /// A computer.
    Computer,
    /// No browser that we know, such as the preview of a chat.
    Program,
}

spelled!(Device { Phone = "phone", Tablet = "tablet", Computer = "computer", Program = "program" });

impl Device {
    /// The device of a browser that sends this `User-Agent`.
    pub fn of(agent: &str) -> Self {
        let has = |word: &str| agent.contains(word);
        if !has("Mozilla/") || has("bot") || has("Bot") {
            Self::Program
        } else if has("iPad") || has("Tablet") || (has("Android") && !has("Mobile")) {
            Self::Tablet
        } else if has("iPhone") || has("Android") || has("Mobile") {
            Self::Phone
        } else {
            Self::Computer
        }
    }
}

/// A visit of a page about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageVisit {
    /// The partner of the resource.
    pub partner: PartnerId,
    /// The id of the loan or the customer.
    pub subject: String,
    /// The moment.
    pub at: RealTime,
    /// The moment of the partner's clock.
    pub on_clock: Timestamp,
    /// The page.
    pub page: VisitedPage,
    /// The device.
    pub device: Device,
}

impl PageVisit {
    /// The id of its row. Visits that count as one have the same id.
    pub fn id(&self) -> LoggedRequestId {
        let span = i64::try_from(ONE_VISIT.as_micros()).expect("ten minutes");
        let begin = RealTime::from_micros(self.at.micros().div_euclid(span) * span);
        let mut bytes = [0; 10];
        bytes[0] = self.page as u8;
        bytes[1] = self.device as u8;
        LoggedRequestId::new(begin, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_by_a_short_word() {
        for (agent, device) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1",
                Device::Phone,
            ),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130.0 Mobile Safari/537.36", Device::Phone),
            ("Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/130.0 Safari/537.36", Device::Tablet),
            ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Mobile/15E148", Device::Tablet),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/132.0", Device::Computer),
            ("Mozilla/5.0 (compatible; Googlebot/2.1)", Device::Program),
            ("WhatsApp/2.23.20.0", Device::Program),
            ("", Device::Program),
        ] {
            assert_eq!(Device::of(agent), device, "{agent}");
        }
    }

    #[test]
    fn a_page_that_is_opened_again_within_minutes_is_one_visit() {
        let visit = |seconds: i64, page, device| PageVisit {
            partner: PartnerId::new(RealTime::from_seconds(1), [0; 10]),
            subject: String::new(),
            at: RealTime::from_seconds(1_790_000_400 + seconds),
            on_clock: Timestamp::from_micros(0),
            page,
            device,
        };
        let first = visit(0, VisitedPage::Signing, Device::Phone);
        assert_eq!(first.id(), visit(120, VisitedPage::Signing, Device::Phone).id());
        assert_ne!(first.id(), visit(700, VisitedPage::Signing, Device::Phone).id());
        assert_ne!(first.id(), visit(0, VisitedPage::Payment, Device::Phone).id());
        assert_ne!(first.id(), visit(0, VisitedPage::Signing, Device::Computer).id());
    }
}
