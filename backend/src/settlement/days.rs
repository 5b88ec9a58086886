//! Days of a time zone as spans of time.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A time zone by its IANA name, in which days begin and end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// Why a text names no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an IANA time zone such as `UTC` or `Asia/Seoul`, found `{0}`")]
pub struct ZoneError(String);

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date of the calendar as `YYYY/MM/DD`, such as `2025/10/01`, found `{0}`")]
pub struct DateError(String);

/// Reads `YYYY/MM/DD`, all ten characters of it, as AICON writes dates (`aicon.md` 6).
///
/// # Errors
/// Another form, or a day that the calendar does not have.
pub fn date(text: &str) -> Result<Date, DateError> {
    let parts = || {
        let (year, rest) = text.split_once('/')?;
        let (month, day) = rest.split_once('/')?;
        let number = |digits: &str, length: usize| {
            let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<i16>().ok()).flatten()
        };
        let (month, day) = (number(month, 2)?, number(day, 2)?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(number(year, 4)?, month, day).ok()
    };
    parts().ok_or_else(|| DateError(text.to_owned()))
}

impl Zone {
    /// Coordinated universal time, in which AICON's sample counts days.
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        }
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Milliseconds since the epoch from the first moment of the first day to the last one of the last day: each moment
    /// is in exactly one day, also where clocks are changed at midnight or a whole day is left out.
    pub fn span(&self, first: Date, last: Date) -> Range<i64> {
        let until = match last.tomorrow() {
            Ok(day_after) => self.day_start(day_after),
            Err(_) => i64::MAX,
        };
        self.day_start(first)..until
    }

    /// The day to which a moment belongs.
    pub fn day_of(&self, milliseconds: i64) -> Date {
        let moment = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX);
        let mut date = moment.to_zoned(self.zone.clone()).date();
        // Clocks that go back over midnight show the day before once more, after the new one has begun.
        while let Ok(next) = date.tomorrow() {
            if self.day_start(next) > milliseconds {
                break;
            }
            date = next;
        }
        date
    }

    /// The day's span that holds a moment.
    pub fn today(&self, milliseconds: i64) -> Range<i64> {
        let day = self.day_of(milliseconds);
        self.span(day, day)
    }

    /// The last days that there are lie beyond what a timestamp holds; they begin after everything.
    fn day_start(&self, day: Date) -> i64 {
        day.to_zoned(self.zone.clone())
            .map_or(i64::MAX, |start| start.timestamp().as_millisecond())
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let zone = TimeZone::get(text).map_err(|_| ZoneError(text.to_owned()))?;
        // Told to people again and again: in the database's spelling, not in theirs.
        let name = zone.iana_name().unwrap_or(text).to_owned();
        Ok(Self { name, zone })
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(text: String) -> Result<Self, ZoneError> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_month_ends_with_its_last_day_in_each_zone() {
        let october = |zone: &Zone| {
            let span = zone.span(date("2025/10/01").unwrap(), date("2025/10/31").unwrap());
            (span.start, span.end)
        };
        assert_eq!(
            october(&Zone::utc()),
            (at("2025-10-01T00:00:00Z"), at("2025-11-01T00:00:00Z"))
        );
        assert_eq!(
            october(&zone("Asia/Seoul")),
            (at("2025-09-30T15:00:00Z"), at("2025-10-31T15:00:00Z"))
        );
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for good in ["2024/02/29", "2000/02/29", "2025/12/31", "9999/12/31"] {
            assert!(date(good).is_ok(), "{good}");
        }
        for bad in [
            "2025/02/29",
            "1900/02/29",
            "2025/13/01",
            "2025/00/01",
            "2025/04/31",
            "2025-10-01",
            "2025/1/1",
            "20251001",
            "2025/10/01 ",
            "+025/10/01",
            "２０２５/10/01",
            "2025/10/011",
            "2025/10",
            "",
        ] {
            assert!(date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_empty() {
        let apia = zone("Pacific/Apia");
        let day = date("2011/12/30").unwrap();
        assert!(apia.span(day, day).is_empty());
    }

    #[test]
    fn an_unknown_zone_is_told_what_is_expected() {
        let error = "Asia/Soul".parse::<Zone>().unwrap_err().to_string();
        assert!(error.contains("`Asia/Seoul`") && error.contains("`Asia/Soul`"));
        assert_eq!(zone("asia/seoul").name(), "Asia/Seoul");
    }

    fn zones() -> impl Strategy<Value = Zone> {
        // Without and with summer time, changed at midnight, changed over midnight, a quarter of an hour off, a day lost.
        prop::sample::select(vec![
            "UTC",
            "Asia/Seoul",
            "America/New_York",
            "America/Sao_Paulo",
            "America/St_Johns",
            "Asia/Kathmandu",
            "Pacific/Apia",
            "Australia/Lord_Howe",
        ])
        .prop_map(zone)
    }

    proptest! {
        #[test]
        fn each_moment_is_in_the_one_day_that_it_belongs_to(
            zone in zones(),
            moment in at("1985-01-01T00:00:00Z")..at("2035-01-01T00:00:00Z"),
        ) {
            let day = zone.day_of(moment);
            prop_assert!(zone.span(day, day).contains(&moment));
            let (before, after) = (day.yesterday().unwrap(), day.tomorrow().unwrap());
            prop_assert!(!zone.span(before, before).contains(&moment));
            prop_assert!(!zone.span(after, after).contains(&moment));
        }

        #[test]
        fn a_span_of_days_is_its_days_one_after_the_other(
            zone in zones(),
            start in 0..12_000_i32,
            days in 0..400_i32,
        ) {
            let day = |offset: i32| {
                date("1990/01/01").unwrap().checked_add(jiff::Span::new().days(offset)).unwrap()
            };
            let whole = zone.span(day(start), day(start + days));
            let mut reached = whole.start;
            for offset in start..=start + days {
                let one = zone.span(day(offset), day(offset));
                prop_assert_eq!(one.start, reached);
                reached = one.end;
            }
            prop_assert_eq!(reached, whole.end);
        }

        #[test]
        fn written_dates_are_read_again(offset in 0..3_000_000_i32) {
            let day = date("0001/01/01").unwrap().checked_add(jiff::Span::new().days(offset)).unwrap();
            prop_assert_eq!(date(&day.strftime("%Y/%m/%d").to_string()), Ok(day));
        }
    }
}
