//! Medians.

use std::time::Duration;

/// The middle one; of an even number the upper of both.
///
/// # Panics
/// When there is no value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What this part of the values does not exceed, by the nearest rank.
///
/// # Panics
/// When there is no value.
pub(crate) fn percentile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (part * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}

/// [`median`] of times, in milliseconds.
pub(crate) fn median_ms(times: Vec<Duration>) -> f64 {
    median(
        times
            .into_iter()
            .map(|time| time.as_secs_f64() * 1e3)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_are_by_rank() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(values.clone(), 0.95), 95.0);
        assert_eq!(percentile(values, 1.0), 100.0);
        assert_eq!(percentile(vec![7.0], 0.5), 7.0);
        assert_eq!(median_ms(vec![Duration::from_micros(1500)]), 1.5);
    }
}
