//! Percentiles of measured times.

/// The smallest of these sorted values that `percent` of 100 values do not exceed; `None` without values.
pub(crate) fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_measured_value() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 50), Some(50));
        assert_eq!(percentile(&hundred, 95), Some(95));
        assert_eq!(percentile(&hundred[..3], 50), Some(2));
        assert_eq!(percentile(&hundred[..1], 95), Some(1));
        assert_eq!(percentile::<u32>(&[], 50), None);
    }
}
