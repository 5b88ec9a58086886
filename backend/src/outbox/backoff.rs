//! How long to wait before the next try.

use std::time::{Duration, SystemTime};

/// The longest wait that an answer's `Retry-After` is followed for: a slip of AICON's must not stop reports for days.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// "Full jitter": anything from nothing to a ceiling that doubles with each try, so that what failed together is not sent
/// again together. `random` is any number; `tries` is 1 after the first one.
pub(super) fn full_jitter(first: Duration, longest: Duration, tries: u32, random: u64) -> Duration {
    let doubled = first.saturating_mul(
        1_u32
            .checked_shl(tries.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    let ceiling = doubled.min(longest);
    let milliseconds = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % milliseconds.saturating_add(1).max(1))
}

/// Any number.
pub(super) fn random() -> u64 {
    // Without a random source everything waits the longest, which is right as well.
    getrandom::u64().unwrap_or(u64::MAX)
}

/// `Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3), an hour at most; `None` for anything else.
pub(super) fn retry_after(header: &str, now_ms: i64) -> Option<Duration> {
    let header = header.trim();
    let wait = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        Duration::from_secs(header.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(header).ok()?;
        let now =
            SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
        date.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = 784_111_777_000;
        for (header, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Sat, 06 Nov 2094 08:00:00 GMT", Some(3600)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                retry_after(header, now),
                seconds.map(Duration::from_secs),
                "{header}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_never_over_its_ceiling(tries in any::<u32>(), random in any::<u64>()) {
            let (first, longest) = (Duration::from_millis(500), Duration::from_secs(60));
            let wait = full_jitter(first, longest, tries, random);
            prop_assert!(wait <= longest);
            prop_assert!(tries > 1 || wait <= first);
            prop_assert!(full_jitter(first, Duration::ZERO, tries, random).is_zero());
        }

        #[test]
        fn no_header_brings_it_down(header in ".{0,40}", now in any::<i64>()) {
            let _ = retry_after(&header, now);
        }
    }
}
