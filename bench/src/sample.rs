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
    fn the_median_is_the_middle_of_the_sorted_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median_ms(vec![Duration::from_micros(1500)]), 1.5);
    }
}
