//! Whether a use has the contract's shape (pure).

use aicon_protocol::aicon::RecordUsage;
use jiff::civil::DateTime;
use uuid::Uuid;

/// How the contract writes a time.
const TIME_FORMAT: &str = "%Y/%m/%dT%H:%M:%S.000Z";

/// The most won of one use that JSON's readers carry exactly (RFC 8259, 6).
const MAX_AMOUNT: u64 = (1 << 53) - 1;

/// What is wrong with a use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("`userId` is blank")]
    BlankUser,
    #[error("`dataInfo.usageGUID` is not a UUID of version 4: `{0}`")]
    Guid(String),
    #[error("`dataInfo.{field}` is not a time of the form `{TIME_FORMAT}`: `{value}`")]
    Time { field: &'static str, value: String },
    #[error("the use ends before it starts")]
    EndsBeforeStart,
    #[error("`dataInfo.responseCode` is not an HTTP status: {0}")]
    ResponseCode(u16),
    #[error("`dataInfo.amountForSettlement` is above {MAX_AMOUNT}: {0}")]
    Amount(u64),
}

/// What of a use was read while it was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) guid: Uuid,
    /// UTC, in whole seconds.
    pub(crate) ended_at: DateTime,
}

/// Checks a use.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn check(usage: &RecordUsage) -> Result<Checked, UsageError> {
    let info = &usage.data_info;
    if usage.user_id.as_str().trim().is_empty() {
        return Err(UsageError::BlankUser);
    }
    let guid = Uuid::try_parse(&info.usage_guid)
        .ok()
        .filter(|guid| guid.get_version_num() == 4)
        .ok_or_else(|| UsageError::Guid(info.usage_guid.clone()))?;
    let started_at = time("timestampStartString", &info.timestamp_start_string)?;
    let ended_at = time("timestampEndString", &info.timestamp_end_string)?;
    if ended_at < started_at {
        return Err(UsageError::EndsBeforeStart);
    }
    if !(100..=599).contains(&info.response_code) {
        return Err(UsageError::ResponseCode(info.response_code));
    }
    if info.amount_for_settlement > MAX_AMOUNT {
        return Err(UsageError::Amount(info.amount_for_settlement));
    }
    Ok(Checked { guid, ended_at })
}

fn time(field: &'static str, value: &str) -> Result<DateTime, UsageError> {
    parse(value).ok_or_else(|| UsageError::Time {
        field,
        value: value.to_owned(),
    })
}

/// By place, since each call reads two times and a bench lives on the difference.
fn parse(value: &str) -> Option<DateTime> {
    const SHAPE: &[u8; 24] = b"0000/00/00T00:00:00.000Z";
    let bytes: &[u8; 24] = value.as_bytes().try_into().ok()?;
    let fits = SHAPE
        .iter()
        .zip(bytes)
        .enumerate()
        .all(|(place, (shape, byte))| match shape {
            b'0' if place < 20 => byte.is_ascii_digit(),
            _ => byte == shape,
        });
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .fold(0, |sum: i16, digit| sum * 10 + i16::from(digit - b'0'))
    };
    let small = |from: usize| i8::try_from(number(from, from + 2)).ok();
    if !fits {
        return None;
    }
    DateTime::new(
        number(0, 4),
        small(5)?,
        small(8)?,
        small(11)?,
        small(14)?,
        small(17)?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::super::sample as usage;
    use super::*;

    #[test]
    fn a_use_of_the_contract_passes() {
        let checked = check(&usage()).unwrap();
        assert_eq!(checked.ended_at.to_string(), "2025-10-23T04:05:09");
    }

    #[test]
    fn a_time_in_another_form_is_refused() {
        for wrong in [
            "2025-10-23T04:05:06.000Z",
            "2025/10/23 04:05:06",
            "2025/13/23T04:05:06.000Z",
            "2025/02/29T04:05:06.000Z",
            "2025/10/23T24:05:06.000Z",
            "2025/10/23T04:05:06.001Z",
            "2025/10/23T04:05:06.000Z ",
            "2025/1x/23T04:05:06.000Z",
            "가025/10/23T04:05:06.0Z",
            "",
        ] {
            let mut usage = usage();
            usage.data_info.timestamp_start_string = wrong.to_owned();
            assert!(
                matches!(check(&usage), Err(UsageError::Time { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_use_that_ends_before_it_starts_is_refused() {
        let mut usage = usage();
        usage.data_info.timestamp_end_string = "2025/10/23T04:05:05.000Z".to_owned();
        assert_eq!(check(&usage), Err(UsageError::EndsBeforeStart));
    }

    #[test]
    fn a_guid_of_another_version_is_refused() {
        let mut usage = usage();
        usage.data_info.usage_guid = "0d9fcb1e-6a2f-1c0b-9a59-6d1f4ef2a001".to_owned();
        assert!(matches!(check(&usage), Err(UsageError::Guid(_))));
    }

    #[test]
    fn an_amount_that_javascript_would_round_is_refused() {
        let mut usage = usage();
        usage.data_info.amount_for_settlement = MAX_AMOUNT;
        assert!(check(&usage).is_ok());
        usage.data_info.amount_for_settlement += 1;
        assert_eq!(check(&usage), Err(UsageError::Amount(1 << 53)));
    }
}
