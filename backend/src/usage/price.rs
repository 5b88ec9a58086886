//! Price rules: whole won from token counts.

use aicon_protocol::ai::Usage;
use serde::{Deserialize, Serialize};

/// The highest price of one use, in won. It is also the most that the database's signed 64 bits hold; what a rule makes
/// dearer costs this much.
pub const MAX_AMOUNT: u64 = i64::MAX as u64;

/// What one use costs, in won, by its tokens. More tokens never cost less.
///
/// In TOML and JSON it is the text that a command line takes, or an object whose `rule` names the variant:
///
/// ```toml
/// price = "tiers:100=100,150"
/// price = { rule = "per_use", won = 100 }
/// price = { rule = "tiers", tiers = [{ up_to_tokens = 100, won = 100 }], above = 150 }
/// price = { rule = "per_1000_tokens", input = 20, output = 60, minimum = 10, rounding = "up" }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "RawRule")]
pub enum PriceRule {
    /// The same for each use.
    PerUse {
        /// Won.
        won: u64,
    },
    /// By the sum of input and output tokens.
    Tiers {
        /// In rising order of both tokens and won.
        tiers: Vec<Tier>,
        /// Won above the last tier.
        above: u64,
    },
    /// Each token a thousandth of a price. The sum of both sides is rounded, once, and then raised to the minimum.
    Per1000Tokens {
        /// Won for 1,000 input tokens.
        input: u64,
        /// Won for 1,000 output tokens.
        output: u64,
        /// Won that each use costs at least.
        minimum: u64,
        /// What happens to a part of a won.
        rounding: Rounding,
    },
}

/// One step of [`PriceRule::Tiers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The most tokens, of input and output together, that this tier covers.
    pub up_to_tokens: u64,
    /// What a use within it costs.
    pub won: u64,
}

/// What happens to a part of a won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the next whole won.
    #[default]
    Up,
    /// Dropped.
    Down,
    /// To the nearer whole won, half a won up.
    Nearest,
}

/// Why a rule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// A use with more tokens would cost less, or a tier covers nothing.
    #[error("tiers must rise: each covers more tokens than the one before and costs no less")]
    Falling,
    /// See [`MAX_AMOUNT`].
    #[error("a price must be at most {MAX_AMOUNT} won")]
    TooHigh,
    /// The text is no rule.
    #[error("found `{found}`, expected {expected}")]
    Text {
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl PriceRule {
    /// The price of a use with so many tokens, in won, at most [`MAX_AMOUNT`]. Where the sum of the tokens is more than
    /// 64 bits hold, it counts as the most that they do.
    pub fn amount(&self, usage: Usage) -> u64 {
        let (input, output) = (usage.input_tokens, usage.output_tokens);
        let amount = match self {
            Self::PerUse { won } => *won,
            Self::Tiers { tiers, above } => {
                let total = input.saturating_add(output);
                let tier = tiers.iter().find(|tier| total <= tier.up_to_tokens);
                tier.map_or(*above, |tier| tier.won)
            }
            Self::Per1000Tokens {
                input: of_input,
                output: of_output,
                minimum,
                rounding,
            } => {
                let thousandths = (u128::from(input) * u128::from(*of_input))
                    .saturating_add(u128::from(output) * u128::from(*of_output));
                let won = rounding.thousandths(thousandths);
                u64::try_from(won).unwrap_or(u64::MAX).max(*minimum)
            }
        };
        amount.min(MAX_AMOUNT)
    }

    fn checked(self) -> Result<Self, PriceError> {
        let is_too_high = |won: &u64| *won > MAX_AMOUNT;
        match &self {
            Self::PerUse { won } if is_too_high(won) => Err(PriceError::TooHigh),
            Self::Tiers { tiers, above } => {
                let rises = |pair: &[Tier]| {
                    pair[0].up_to_tokens < pair[1].up_to_tokens && pair[0].won <= pair[1].won
                };
                if is_too_high(above) {
                    Err(PriceError::TooHigh)
                } else if !tiers.windows(2).all(rises)
                    || tiers.last().is_some_and(|tier| tier.won > *above)
                {
                    Err(PriceError::Falling)
                } else {
                    Ok(self)
                }
            }
            Self::Per1000Tokens { minimum, .. } if is_too_high(minimum) => Err(PriceError::TooHigh),
            Self::PerUse { .. } | Self::Per1000Tokens { .. } => Ok(self),
        }
    }
}

impl Default for PriceRule {
    /// AICON's sample (`aicon.md` 6): 100 won up to 100 tokens, else 150.
    fn default() -> Self {
        let tiers = vec![Tier {
            up_to_tokens: 100,
            won: 100,
        }];
        Self::Tiers { tiers, above: 150 }
    }
}

impl Rounding {
    fn thousandths(self, sum: u128) -> u128 {
        let (whole, part) = (sum / 1000, sum % 1000);
        let up = match self {
            Self::Up => part > 0,
            Self::Down => false,
            Self::Nearest => part >= 500,
        };
        whole + u128::from(up)
    }
}

/// A rule as configuration holds it: the text of a command line, or an object.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a price rule such as `tiers:100=100,150` or `{ rule = \"per_use\", won = 100 }`"
)]
enum Written {
    Text(String),
    Rule(RawRule),
}

impl TryFrom<Written> for PriceRule {
    type Error = PriceError;

    fn try_from(written: Written) -> Result<Self, PriceError> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Rule(rule) => rule.try_into(),
        }
    }
}

/// A rule as it is written, before it is checked.
#[derive(Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RawRule {
    PerUse {
        won: u64,
    },
    Tiers {
        tiers: Vec<Tier>,
        above: u64,
    },
    #[serde(rename = "per_1000_tokens")]
    Per1000Tokens {
        input: u64,
        output: u64,
        #[serde(default)]
        minimum: u64,
        #[serde(default)]
        rounding: Rounding,
    },
}

impl TryFrom<RawRule> for PriceRule {
    type Error = PriceError;

    fn try_from(raw: RawRule) -> Result<Self, PriceError> {
        match raw {
            RawRule::PerUse { won } => Self::PerUse { won },
            RawRule::Tiers { tiers, above } => Self::Tiers { tiers, above },
            RawRule::Per1000Tokens {
                input,
                output,
                minimum,
                rounding,
            } => Self::Per1000Tokens {
                input,
                output,
                minimum,
                rounding,
            },
        }
        .checked()
    }
}

impl From<PriceRule> for RawRule {
    fn from(rule: PriceRule) -> Self {
        match rule {
            PriceRule::PerUse { won } => Self::PerUse { won },
            PriceRule::Tiers { tiers, above } => Self::Tiers { tiers, above },
            PriceRule::Per1000Tokens {
                input,
                output,
                minimum,
                rounding,
            } => Self::Per1000Tokens {
                input,
                output,
                minimum,
                rounding,
            },
        }
    }
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
