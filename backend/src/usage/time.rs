//! Times as AICON writes them.

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use serde::{Deserialize, Serialize};

/// A `strftime` format, which has been tried; times are UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeFormat(String);

impl TimeFormat {
    /// Milliseconds since the epoch as text. What is out of the calendar's range is the epoch.
    pub fn write(&self, milliseconds: i64) -> String {
        format(&self.0, milliseconds).unwrap_or_default()
    }
}

impl Default for TimeFormat {
    /// As AICON's sample writes it (`aicon.md` 6): whole seconds, whose milliseconds are always 000.
    fn default() -> Self {
        Self("%Y/%m/%dT%H:%M:%S.000Z".to_owned())
    }
}

impl TryFrom<String> for TimeFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match format(&text, 0) {
            Ok(_) => Ok(Self(text)),
            Err(error) => Err(format!(
                "found `{text}`, expected a format such as `%Y/%m/%dT%H:%M:%S.000Z`: {error}"
            )),
        }
    }
}

impl From<TimeFormat> for String {
    fn from(format: TimeFormat) -> Self {
        format.0
    }
}

fn format(format: &str, milliseconds: i64) -> Result<String, jiff::Error> {
    let timestamp = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    BrokenDownTime::from(timestamp).to_string(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_sample_does_and_as_the_setting_says() {
        let at = 1_761_192_306_789;
        assert_eq!(TimeFormat::default().write(at), "2025/10/23T04:05:06.000Z");
        let own = TimeFormat::try_from("%Y-%m-%dT%H:%M:%S%.3fZ".to_owned()).unwrap();
        assert_eq!(own.write(at), "2025-10-23T04:05:06.789Z");
        assert!(
            TimeFormat::try_from("%Q-%!".to_owned())
                .unwrap_err()
                .contains("expected a format")
        );
    }
}
