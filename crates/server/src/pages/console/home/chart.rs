//! The chart of a queue: a bar up for the arrivals of each hour, a bar down for its departures.

use std::fmt::Write as _;

use app::queues::{HOURS, Movement};

/// Width of a bar.
const BAR: usize = 8;
/// Distance from a bar to the next one.
const STEP: usize = 12;
/// Height of the line between arrivals and departures.
const AXIS: i64 = 18;

/// A chart as paths of an SVG of 92 by 37.
pub(super) struct Chart {
    pub(super) arrived: String,
    pub(super) left: String,
    /// The chart in words.
    pub(super) label: String,
}

impl Chart {
    pub(super) fn of(movement: &Movement, words: fn(&str, i64, i64) -> String, name: &str) -> Self {
        let largest = movement.arrived.iter().chain(&movement.left).copied().fold(1, i64::max);
        let bars = |counts: &[i64; HOURS], sign: char| {
            let mut path = String::new();
            for (hour, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                // Every count is seen, however large the largest one is.
                let height = (count * AXIS / largest).max(2);
                let back = if sign == '-' { '+' } else { '-' };
                let (x, from) = (hour * STEP, if sign == '-' { AXIS } else { AXIS + 1 });
                let (up, down) = (signed(sign, height), signed(back, height));
                write!(path, "M{x} {from}v{up}h{BAR}v{down}z").expect("a text accepts every text");
            }
            path
        };
        let (arrived, left) = (movement.arrived.iter().sum(), movement.left.iter().sum());
        Self {
            arrived: bars(&movement.arrived, '-'),
            left: bars(&movement.left, '+'),
            label: words(name, arrived, left),
        }
    }
}

fn signed(sign: char, height: i64) -> String {
    if sign == '-' { format!("-{height}") } else { height.to_string() }
}

#[cfg(test)]
mod tests {
    use domain::queue::Queue;

    use super::*;

    #[test]
    fn bars_are_in_proportion_and_the_smallest_is_seen() {
        let movement = Movement {
            queue: Queue::Disbursing,
            arrived: [0, 100, 0, 0, 0, 0, 0, 1],
            left: [50, 0, 0, 0, 0, 0, 0, 0],
        };
        let chart = Chart::of(&movement, |name, arrived, left| format!("{name} {arrived} {left}"), "x");
        assert_eq!(chart.arrived, "M12 18v-18h8v18zM84 18v-2h8v2z");
        assert_eq!(chart.left, "M0 19v9h8v-9z");
        assert_eq!(chart.label, "x 101 50");
    }
}
