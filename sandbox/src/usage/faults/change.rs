//! Changes of the faults, from JSON, flags and the console's form (pure).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{Fault, RecordFaults};

/// The longest outage and delay, a day: longer ones are a slip of the hand.
const MAX_SECONDS: f64 = 86_400.0;

/// What to change; the rest stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordFaultChange {
    /// Everything back to no fault first.
    #[serde(default)]
    pub(super) clear: bool,
    pub(super) seed: Option<u64>,
    /// Faults that are not named stay as they are.
    #[serde(default)]
    percent: BTreeMap<Fault, f64>,
    retry_after_s: Option<u64>,
    delay_percent: Option<f64>,
    delay_ms: Option<u64>,
    refuse_users: Option<Vec<String>>,
    refuse_status: Option<u16>,
    /// Seconds from now in which every connection is reset; 0 ends an outage.
    pub(super) outage_s: Option<f64>,
}

/// A change that makes no sense.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum RecordFaultError {
    #[error("`{0}` must be from 0 to 100, not {1}")]
    Percent(&'static str, f64),
    #[error("the faults' percentages add up to {0}, which is above 100")]
    Sum(f64),
    #[error("`refuse_status` must be from 400 to 499, not {0}")]
    RefuseStatus(u16),
    #[error("`{0}` must be from 0 to a day")]
    TooLong(&'static str),
    #[error("`{0}` is no fault of record usage: expected NAME=VALUE as in the documentation")]
    Flag(String),
}

impl RecordFaultChange {
    /// The settings after the change.
    ///
    /// # Errors
    ///
    /// When it makes no sense.
    pub(super) fn applied_to(
        &self,
        before: &RecordFaults,
    ) -> Result<RecordFaults, RecordFaultError> {
        let mut settings = if self.clear {
            RecordFaults::default()
        } else {
            before.clone()
        };
        for (&fault, &value) in &self.percent {
            settings
                .percent
                .insert(fault, percent(fault.as_str(), value)?);
        }
        let sum: f64 = settings.percent.values().sum();
        // Shares such as 33.3 + 33.3 + 33.4 miss 100 by a rounding.
        if sum > 100.0 + 1e-9 {
            return Err(RecordFaultError::Sum(sum));
        }
        if let Some(value) = self.delay_percent {
            settings.delay_percent = percent("delay_percent", value)?;
        }
        if let Some(delay_ms) = self.delay_ms {
            #[expect(
                clippy::cast_precision_loss,
                reason = "what is near the limit may fall on either side"
            )]
            duration("delay_ms", delay_ms as f64 / 1000.0)?;
            settings.delay_ms = delay_ms;
        }
        if let Some(status) = self.refuse_status {
            if !(400..500).contains(&status) {
                return Err(RecordFaultError::RefuseStatus(status));
            }
            settings.refuse_status = status;
        }
        settings.seed = self.seed.unwrap_or(settings.seed);
        settings.retry_after_s = self.retry_after_s.unwrap_or(settings.retry_after_s);
        if let Some(users) = &self.refuse_users {
            settings.refuse_users.clone_from(users);
        }
        Ok(settings)
    }

    /// From the console's form. A seed that is not changed does not start the draws anew.
    ///
    /// # Errors
    ///
    /// When a field makes no sense.
    pub(crate) fn from_form(
        fields: &[(String, String)],
        seed: u64,
    ) -> Result<Self, RecordFaultError> {
        let mut flags = Vec::new();
        for (name, value) in fields {
            let values = match name.as_str() {
                "refuse_user" => value.split(',').collect(),
                _ => vec![value.as_str()],
            };
            let filled = values.into_iter().map(str::trim);
            flags.extend(
                filled
                    .filter(|value| !value.is_empty())
                    .map(|value| format!("{name}={value}")),
            );
        }
        let mut change = Self::from_flags(&flags)?;
        change.seed = change.seed.filter(|new| *new != seed);
        change.refuse_users.get_or_insert_default();
        Ok(change)
    }

    /// From `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// When one makes no sense.
    pub(super) fn from_flags(flags: &[String]) -> Result<Self, RecordFaultError> {
        let mut change = Self::default();
        for flag in flags.iter().filter(|flag| !flag.is_empty()) {
            change
                .take_flag(flag)
                .ok_or_else(|| RecordFaultError::Flag(flag.clone()))?;
        }
        Ok(change)
    }

    fn take_flag(&mut self, flag: &str) -> Option<()> {
        let (name, value) = flag.split_once('=')?;
        match name {
            "seed" => self.seed = Some(value.parse().ok()?),
            "retry_after_s" => self.retry_after_s = Some(value.parse().ok()?),
            "delay_percent" => self.delay_percent = Some(value.parse().ok()?),
            "delay_ms" => self.delay_ms = Some(value.parse().ok()?),
            "refuse_status" => self.refuse_status = Some(value.parse().ok()?),
            "outage_s" => self.outage_s = Some(value.parse().ok()?),
            "refuse_user" => self
                .refuse_users
                .get_or_insert_default()
                .push(value.to_owned()),
            _ => {
                let fault = Fault::ALL
                    .into_iter()
                    .find(|fault| fault.as_str() == name)?;
                self.percent.insert(fault, value.parse().ok()?);
            }
        }
        Some(())
    }
}

fn percent(name: &'static str, value: f64) -> Result<f64, RecordFaultError> {
    if (0.0..=100.0).contains(&value) {
        Ok(value)
    } else {
        Err(RecordFaultError::Percent(name, value))
    }
}

/// # Errors
///
/// When it is negative or beyond a day.
pub(super) fn duration(name: &'static str, seconds: f64) -> Result<Duration, RecordFaultError> {
    if (0.0..=MAX_SECONDS).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(RecordFaultError::TooLong(name))
    }
}
