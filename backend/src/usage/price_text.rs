//! Price rules as one word of a command line.

use std::fmt;
use std::str::FromStr;

use super::price::{PriceError, PriceRule, RawRule, Rounding, Tier};

const EXPECTED: &str = "`per-use:100`, `tiers:100=100,150` (up to 100 tokens 100 won, else 150) or \
                        `per-1000-tokens:input=20,output=60,minimum=10,rounding=up`";

/// `per-use:100`, `tiers:100=100,150`, `per-1000-tokens:input=20,output=60,minimum=10,rounding=up`.
impl fmt::Display for PriceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerUse { won } => write!(f, "per-use:{won}"),
            Self::Tiers { tiers, above } => {
                f.write_str("tiers:")?;
                for Tier { up_to_tokens, won } in tiers {
                    write!(f, "{up_to_tokens}={won},")?;
                }
                write!(f, "{above}")
            }
            Self::Per1000Tokens {
                input,
                output,
                minimum,
                rounding,
            } => write!(
                f,
                "per-1000-tokens:input={input},output={output},minimum={minimum},rounding={}",
                rounding.name()
            ),
        }
    }
}

impl FromStr for PriceRule {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        raw(text)
            .ok_or_else(|| PriceError::Text {
                found: text.to_owned(),
                expected: EXPECTED,
            })?
            .try_into()
    }
}

impl Rounding {
    const ALL: [Self; 3] = [Self::Up, Self::Down, Self::Nearest];

    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Nearest => "nearest",
        }
    }
}

fn raw(text: &str) -> Option<RawRule> {
    let (name, rest) = text.trim().split_once(':')?;
    let mut parts = rest.split(',').map(str::trim);
    match name {
        "per-use" => Some(RawRule::PerUse {
            won: rest.trim().parse().ok()?,
        }),
        "tiers" => {
            let above = parts.next_back()?.parse().ok()?;
            let tiers = parts.map(tier).collect::<Option<_>>()?;
            Some(RawRule::Tiers { tiers, above })
        }
        "per-1000-tokens" => {
            let (mut input, mut output, mut minimum, mut rounding) = (None, None, 0, Rounding::Up);
            for part in parts {
                match part.split_once('=')? {
                    ("input", won) => input = Some(won.parse().ok()?),
                    ("output", won) => output = Some(won.parse().ok()?),
                    ("minimum", won) => minimum = won.parse().ok()?,
                    ("rounding", name) => {
                        rounding = Rounding::ALL
                            .into_iter()
                            .find(|known| known.name() == name)?;
                    }
                    _ => return None,
                }
            }
            Some(RawRule::Per1000Tokens {
                input: input?,
                output: output?,
                minimum,
                rounding,
            })
        }
        _ => None,
    }
}

fn tier(text: &str) -> Option<Tier> {
    let (tokens, won) = text.split_once('=')?;
    Some(Tier {
        up_to_tokens: tokens.parse().ok()?,
        won: won.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_word_and_a_wrong_one_is_told_what_is_right() {
        assert_eq!(PriceRule::default().to_string(), "tiers:100=100,150");
        assert_eq!("tiers:100=100,150".parse(), Ok(PriceRule::default()));
        assert_eq!("per-use:5".parse(), Ok(PriceRule::PerUse { won: 5 }));
        for wrong in [
            "",
            "100",
            "per-use:",
            "per-use:1.5",
            "tiers:",
            "tiers:1=2,3=4",
            "per-1000-tokens:input=1",
            "per-1000-tokens:input=1,output=2,tax=3",
            "free:0",
        ] {
            let error = wrong.parse::<PriceRule>().unwrap_err().to_string();
            assert!(error.contains("expected `per-use:100`"), "{wrong}: {error}");
        }
        assert_eq!(
            "tiers:10=9,8".parse::<PriceRule>(),
            Err(PriceError::Falling)
        );
    }
}
