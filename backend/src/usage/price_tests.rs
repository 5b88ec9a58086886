//! Tables and properties of price rules.

use aicon_protocol::ai::Usage;
use proptest::prelude::*;

use super::*;

fn amount(rule: &PriceRule, input: u64, output: u64) -> u64 {
    rule.amount(Usage {
        input_tokens: input,
        output_tokens: output,
        total_tokens: input.saturating_add(output),
    })
}

fn per_1000(input: u64, output: u64, minimum: u64, rounding: Rounding) -> PriceRule {
    PriceRule::Per1000Tokens {
        input,
        output,
        minimum,
        rounding,
    }
}

#[test]
fn the_default_is_the_sample_s_rule() {
    let rule = PriceRule::default();
    for (input, output, won) in [
        (0, 0, 100),
        (40, 60, 100),
        (41, 60, 150),
        (u64::MAX, u64::MAX, 150),
    ] {
        assert_eq!(amount(&rule, input, output), won, "{input} {output}");
    }
}

#[test]
fn a_part_of_a_won_is_rounded_as_stated_and_once() {
    use Rounding::{Down, Nearest, Up};
    for (rounding, input, output, won) in [
        (Up, 1, 0, 1),
        (Up, 1000, 0, 3),
        (Up, 1000, 1, 4),
        (Down, 333, 0, 0),
        (Down, 334, 0, 1),
        (Nearest, 166, 0, 0),
        (Nearest, 167, 0, 1),
        // 0.3 won and 0.3 won: one rounding makes 1 of them, two would make 0.
        (Nearest, 100, 20, 1),
        (Up, 0, 0, 0),
    ] {
        let rule = per_1000(3, 15, 0, rounding);
        assert_eq!(
            amount(&rule, input, output),
            won,
            "{rounding:?} {input} {output}"
        );
    }
    assert_eq!(amount(&per_1000(3, 15, 10, Down), 1, 1), 10);
}

#[test]
fn what_is_more_than_the_database_holds_costs_the_most_that_it_holds() {
    let rule = per_1000(u64::MAX, u64::MAX, 0, Rounding::Up);
    assert_eq!(amount(&rule, u64::MAX, u64::MAX), MAX_AMOUNT);
}

#[test]
fn a_rule_is_read_from_toml_and_json_and_an_impossible_one_is_refused() {
    #[derive(serde::Deserialize)]
    struct Holder {
        price: PriceRule,
    }
    let read = |text: &str| toml::from_str::<Holder>(text).map(|holder| holder.price);
    assert_eq!(
        read("price = { rule = \"per_use\", won = 7 }").unwrap(),
        PriceRule::PerUse { won: 7 }
    );
    assert_eq!(
        read(
            "price = { rule = \"tiers\", tiers = [{ up_to_tokens = 100, won = 100 }], above = 150 }"
        )
        .unwrap(),
        PriceRule::default()
    );
    assert_eq!(
        read("price = { rule = \"per_1000_tokens\", input = 1, output = 2 }").unwrap(),
        per_1000(1, 2, 0, Rounding::Up)
    );
    for wrong in [
        "price = { rule = \"per_use\", won = -1 }",
        "price = { rule = \"per_use\", won = 1.5 }",
        "price = { rule = \"per_use\", won = 1, wons = 2 }",
        "price = { rule = \"free\" }",
        "price = { rule = \"tiers\", tiers = [{ up_to_tokens = 9, won = 5 }], above = 4 }",
        "price = { rule = \"tiers\", tiers = [{ up_to_tokens = 9, won = 1 }, { up_to_tokens = 9, won = 2 }], above = 4 }",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert!(
        serde_json::from_str::<PriceRule>(r#"{"rule":"per_use","won":9223372036854775808}"#)
            .is_err()
    );
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..5_000_u64, any::<u64>(), u64::MAX - 2..=u64::MAX]
}

fn won() -> impl Strategy<Value = u64> {
    prop_oneof![0..1_000_u64, 0..=MAX_AMOUNT]
}

pub(crate) fn rules() -> impl Strategy<Value = PriceRule> {
    let rounding = prop_oneof![
        Just(Rounding::Up),
        Just(Rounding::Down),
        Just(Rounding::Nearest)
    ];
    let tiers = prop::collection::vec((count(), won()), 0..5).prop_map(|pairs| {
        let (mut tokens, mut prices): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        tokens.sort_unstable();
        tokens.dedup();
        prices.sort_unstable();
        let above = prices.last().copied().unwrap_or(3);
        let tiers = tokens.into_iter().zip(prices);
        let tiers = tiers.map(|(up_to_tokens, won)| Tier { up_to_tokens, won });
        PriceRule::Tiers {
            tiers: tiers.collect(),
            above,
        }
    });
    prop_oneof![
        won().prop_map(|won| PriceRule::PerUse { won }),
        tiers,
        (any::<u64>(), any::<u64>(), won(), rounding).prop_map(
            |(input, output, minimum, rounding)| per_1000(input, output, minimum, rounding)
        ),
    ]
}

proptest! {
    #[test]
    fn more_tokens_never_cost_less_and_nothing_overflows(rule in rules(), input in count(), output in count(), more in count()) {
        let base = amount(&rule, input, output);
        prop_assert!(base <= MAX_AMOUNT);
        prop_assert!(amount(&rule, input.saturating_add(more), output) >= base);
        prop_assert!(amount(&rule, input, output.saturating_add(more)) >= base);
    }

    #[test]
    fn a_rounded_price_is_within_one_won_of_the_exact_one(
        input in 0..1_000_000_u64, output in 0..1_000_000_u64, a in 0..10_000_u64, b in 0..10_000_u64,
    ) {
        let exact = input * a + output * b;
        let of = |rounding| amount(&per_1000(a, b, 0, rounding), input, output) * 1000;
        prop_assert!(of(Rounding::Down) <= exact && exact - of(Rounding::Down) < 1000);
        prop_assert!(of(Rounding::Up) >= exact && of(Rounding::Up) - exact < 1000);
        prop_assert!(of(Rounding::Nearest).abs_diff(exact) <= 500);
    }

    #[test]
    fn what_is_written_is_read_again(rule in rules()) {
        let json = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PriceRule>(&json).unwrap(), &rule);
        prop_assert_eq!(rule.to_string().parse::<PriceRule>().unwrap(), rule);
    }
}
