//! How a use ended, as the ledger sees it: its status code and what of it is charged.

use aicon_protocol::ai::Usage;

use super::price::PriceRule;

/// Every way in which a use ends; a crash, which nobody is there to see, is completed by the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The model said all it had to say.
    Completed,
    /// The model's length limit cut it: what there is of it is good.
    LengthLimit,
    /// The client stopped it or went away.
    Left,
    /// The upstream refused before its first word.
    Refused {
        /// The HTTP status that the client was answered.
        status: u16,
    },
    /// It broke off after the answer had begun.
    BrokenOff {
        /// 502, 503 or 504, as it would have been before.
        status: u16,
    },
}

impl Ending {
    /// The use's HTTP status. 499 is nginx's word for a client that closed the request.
    pub fn response_code(self) -> u16 {
        match self {
            Self::Completed | Self::LengthLimit => 200,
            Self::Left => 499,
            Self::Refused { status } | Self::BrokenOff { status } => status,
        }
    }

    /// What the use costs, in won: by the rule where the client got what there is to pay for, else nothing.
    pub fn amount(self, rule: &PriceRule, usage: Usage, is_anything_said: bool) -> u64 {
        match self {
            Self::Completed | Self::LengthLimit => rule.amount(usage),
            Self::Left if is_anything_said => rule.amount(usage),
            Self::Left | Self::Refused { .. } | Self::BrokenOff { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_client_got_is_charged() {
        let rule = PriceRule::PerUse { won: 7 };
        for (ending, is_anything_said, code, amount) in [
            (Ending::Completed, true, 200, 7),
            (Ending::LengthLimit, true, 200, 7),
            (Ending::Left, true, 499, 7),
            (Ending::Left, false, 499, 0),
            (Ending::Refused { status: 429 }, false, 429, 0),
            (Ending::BrokenOff { status: 504 }, true, 504, 0),
        ] {
            let found = ending.amount(&rule, Usage::new(1, 1), is_anything_said);
            assert_eq!(
                (ending.response_code(), found),
                (code, amount),
                "{ending:?}"
            );
        }
    }
}
