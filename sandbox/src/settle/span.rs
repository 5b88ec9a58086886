//! The days of a settlement (pure).

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::SettleRequest;

/// Page sizes of the contract.
const PAGE_SIZES: std::ops::RangeInclusive<u64> = 1..=1000;

/// How long after its end a provider may book a use: at a span's end it may then count for the next one.
const BOOKING_SECONDS: i64 = 120;

/// Days, and when they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// First and last day, both included.
    pub(crate) days: (Date, Date),
    /// UTC, included.
    start: DateTime,
    /// UTC, not included.
    end: DateTime,
}

/// A request that makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SpanError {
    #[error("`month` is not a month of the form YYYY-MM: `{0}`")]
    Month(String),
    #[error("`{0}` is not a day of the form YYYY-MM-DD: `{1}`")]
    Day(&'static str, String),
    #[error("either `month` is expected, or `from` and `to`")]
    Which,
    #[error("`from` is after `to`")]
    Order,
    #[error("`page_size` must be from 1 to 1000, not {0}")]
    PageSize(u64),
    #[error("`utc_offset_hours` must be from -12 to 14, not {0}")]
    Offset(i8),
}

impl Span {
    /// # Errors
    ///
    /// When the request makes no sense.
    pub(crate) fn of(request: &SettleRequest) -> Result<Self, SpanError> {
        let hours = request.utc_offset_hours;
        if !(-12..=14).contains(&hours) {
            return Err(SpanError::Offset(hours));
        }
        let (first, last) = days(request)?;
        let offset = i64::from(hours).hours();
        // The calendar ends in 9999: what lies beyond its edges is cut there.
        let utc = |midnight: DateTime| midnight.saturating_sub(offset);
        Ok(Self {
            days: (first, last),
            start: utc(first.at(0, 0, 0, 0)),
            end: utc(last.saturating_add(1.day()).at(0, 0, 0, 0)),
        })
    }

    pub(super) fn contains(&self, at: DateTime) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether a use that ended then may have been booked after the span.
    pub(super) fn is_at_edge(&self, at: DateTime) -> bool {
        self.contains(at) && at >= self.end.saturating_sub(BOOKING_SECONDS.seconds())
    }
}

/// # Errors
///
/// When it is out of the contract's range.
pub(super) fn page_size(request: &SettleRequest) -> Result<u64, SpanError> {
    let size = request.page_size.unwrap_or(*PAGE_SIZES.end());
    if PAGE_SIZES.contains(&size) {
        Ok(size)
    } else {
        Err(SpanError::PageSize(size))
    }
}

fn days(request: &SettleRequest) -> Result<(Date, Date), SpanError> {
    match (&request.month, &request.from, &request.to) {
        (Some(month), None, None) => {
            let first =
                parse(&format!("{month}-01")).ok_or_else(|| SpanError::Month(month.clone()))?;
            Ok((first, first.last_of_month()))
        }
        (None, Some(from), Some(to)) => {
            let first = parse(from).ok_or_else(|| SpanError::Day("from", from.clone()))?;
            let last = parse(to).ok_or_else(|| SpanError::Day("to", to.clone()))?;
            if first > last {
                return Err(SpanError::Order);
            }
            Ok((first, last))
        }
        _ => Err(SpanError::Which),
    }
}

fn parse(day: &str) -> Option<Date> {
    Date::strptime("%Y-%m-%d", day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(month: &str, utc_offset_hours: i8) -> Result<Span, SpanError> {
        Span::of(&SettleRequest {
            month: Some(month.to_owned()),
            utc_offset_hours,
            ..SettleRequest::default()
        })
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_has_its_own_length() {
        for (name, last) in [("2024-02", 29), ("2025-02", 28), ("2025-12", 31)] {
            assert_eq!(month(name, 0).unwrap().days.1.day(), last);
        }
    }

    #[test]
    fn a_span_begins_and_ends_at_the_providers_midnight() {
        let utc = month("2025-10", 0).unwrap();
        assert!(utc.contains(at("2025-10-01T00:00:00")) && utc.contains(at("2025-10-31T23:59:59")));
        assert!(
            !utc.contains(at("2025-09-30T23:59:59")) && !utc.contains(at("2025-11-01T00:00:00"))
        );
        let korea = month("2025-10", 9).unwrap();
        assert!(
            korea.contains(at("2025-09-30T15:00:00")) && !korea.contains(at("2025-10-31T15:00:00"))
        );
    }

    #[test]
    fn only_the_last_minutes_are_at_the_edge() {
        let span = month("2025-10", 0).unwrap();
        assert!(span.is_at_edge(at("2025-10-31T23:58:00")));
        assert!(!span.is_at_edge(at("2025-10-31T23:57:59")));
        assert!(!span.is_at_edge(at("2025-11-01T00:00:00")));
    }

    #[test]
    fn the_calendars_last_month_is_no_panic() {
        assert!(month("9999-12", -12).is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["2025-13", "2025", "", "2025-10-01", "x"] {
            assert!(
                matches!(month(wrong, 0), Err(SpanError::Month(_))),
                "{wrong}"
            );
        }
        assert_eq!(month("2025-10", 15), Err(SpanError::Offset(15)));
        let from_to = |from: &str, to: Option<&str>| {
            Span::of(&SettleRequest {
                from: Some(from.to_owned()),
                to: to.map(str::to_owned),
                ..SettleRequest::default()
            })
        };
        assert_eq!(
            from_to("2025-10-02", Some("2025-10-01")),
            Err(SpanError::Order)
        );
        assert_eq!(from_to("2025-10-02", None), Err(SpanError::Which));
        assert!(from_to("2025-10-02", Some("2025-10-02")).is_ok());
    }
}
