//! The picture of an endpoint's last 24 hours, a cell for each half hour, and the figures of its attempts.

use std::time::Duration;

use app::webhooks::{EndpointFigures, Recent};
use domain::time::RealTime;
use domain::webhook::delivery::DeliveryStateKind;

use crate::pages::dashboard::requests::took;
use crate::pages::texts::Texts;

/// Number of cells.
const CELLS: usize = 48;
/// The time of a cell.
const CELL: Duration = Duration::from_mins(30);
/// Width of a cell with its gap, in units of the picture.
const STEP: usize = 15;

/// The time that the picture shows.
pub(super) const SPAN: Duration = Duration::from_hours(24);

/// How the deliveries of half an hour ended. The worst one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Nothing,
    AtOnce,
    AfterMore,
    NotYet,
}

/// The picture, and the numbers beside it.
pub(super) struct Day {
    /// The paths of the cells with no delivery, and of those whose worst delivery was accepted at once, was accepted after
    /// more attempts, or was not accepted.
    pub(super) paths: [String; 4],
    pub(super) accepted: usize,
    pub(super) not_accepted: usize,
    /// The share of accepted deliveries that needed one attempt, in percent.
    pub(super) at_once: Option<u32>,
}

impl Day {
    /// The day that ends at `now`.
    pub(super) fn of(recent: &[Recent], now: RealTime) -> Self {
        let mut cells = [Ended::Nothing; CELLS];
        let (mut accepted, mut at_once) = (0, 0);
        for delivery in recent {
            let ended = match (delivery.state, delivery.attempts) {
                (DeliveryStateKind::Delivered, 0 | 1) => Ended::AtOnce,
                (DeliveryStateKind::Delivered, _more) => Ended::AfterMore,
                // One that waits for its first attempt is not late.
                (DeliveryStateKind::Pending, 0) => Ended::Nothing,
                (DeliveryStateKind::Pending | DeliveryStateKind::Failed, _) => Ended::NotYet,
            };
            accepted += usize::from(delivery.state == DeliveryStateKind::Delivered);
            at_once += usize::from(ended == Ended::AtOnce);
            let ago = usize::try_from(now.since(delivery.made_at).as_secs() / CELL.as_secs());
            if let Some(cell) = ago.ok().and_then(|ago| cells.get_mut((CELLS - 1).checked_sub(ago)?)) {
                *cell = ended.max(*cell);
            }
        }
        let path = |wanted: Ended| {
            let at = cells.iter().enumerate().filter(|(_, cell)| **cell == wanted);
            at.map(|(at, _)| format!("M{} 2h11v22h-11z", at * STEP + 2)).collect::<Vec<_>>().concat()
        };
        Self {
            paths: [Ended::Nothing, Ended::AtOnce, Ended::AfterMore, Ended::NotYet].map(path),
            accepted,
            not_accepted: recent.len() - accepted,
            at_once: (at_once * 100).checked_div(accepted).and_then(|share| u32::try_from(share).ok()),
        }
    }
}

/// The figures of an endpoint's attempts, as pages show them. Each is a dash if nothing was measured.
pub(super) struct Shown {
    pub(super) success: String,
    pub(super) p50: String,
    pub(super) p95: String,
}

impl Shown {
    pub(super) fn of(figures: &EndpointFigures, t: &Texts) -> Self {
        let or_dash = |figure: Option<String>| figure.unwrap_or_else(|| "–".to_owned());
        let share = |share: usize| (t.webhooks.percent)(share / 10, share % 10);
        Self {
            success: or_dash(figures.success_per_mille().map(share)),
            p50: or_dash(figures.p50.map(took)),
            p95: or_dash(figures.p95.map(took)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_delivery_of_half_an_hour_decides_its_cell() {
        let now = RealTime::from_seconds(1_790_000_000);
        let recent = |minutes, state, attempts| Recent {
            made_at: now.minus(Duration::from_mins(minutes)),
            state,
            attempts,
        };
        let day = Day::of(
            &[
                recent(1, DeliveryStateKind::Delivered, 1),
                recent(2, DeliveryStateKind::Delivered, 3),
                recent(40, DeliveryStateKind::Pending, 2),
                recent(41, DeliveryStateKind::Delivered, 1),
                recent(23 * 60 + 59, DeliveryStateKind::Delivered, 1),
                recent(3 * 1_440, DeliveryStateKind::Failed, 10),
            ],
            now,
        );
        assert_eq!(day.paths[3], "M692 2h11v22h-11z", "the cell before the last one");
        assert_eq!(day.paths[2], "M707 2h11v22h-11z", "the last cell");
        assert_eq!(day.paths[1], "M2 2h11v22h-11z", "the first cell");
        assert_eq!((day.accepted, day.not_accepted, day.at_once), (4, 2, Some(75)));
        assert_eq!(Day::of(&[], now).at_once, None);
    }
}
