//! Recorded uses against the provider's statement, by GUID (pure).

use std::collections::HashSet;

use aicon_protocol::aicon::RecordUsage;
use serde::Serialize;
use uuid::Uuid;

use super::span::Span;
use crate::usage::{Known, Usages};

/// How many differences are listed; all are counted.
const LISTED: usize = 1000;

/// What a comparison brought to light.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Reconciliation {
    /// What is recorded in the sandbox: uses of the span, and those of the statement that were recorded.
    pub(crate) here: Side,
    /// What the statement holds, line by line.
    pub(crate) there: Side,
    /// Stated, but not recorded: on its way, or lost.
    pub(crate) missing_here: Side,
    /// Recorded in the span, but not stated.
    pub(crate) missing_there: Side,
    /// Under both, with another amount. Its sum is how far the amounts are apart.
    pub(crate) amounts_differ: Side,
    /// Under both with the same amount, but something else differs.
    pub(crate) fields_differ: Side,
    /// Stated again.
    pub(crate) duplicates: Side,
    /// Stated without a GUID that is one.
    pub(crate) malformed: Side,
    /// Recorded in the span's last two minutes and not stated, since a use that is booked later counts for the next
    /// span. Not a difference, and not in [`Self::here`].
    pub(crate) at_edge: Side,
    /// The first thousand.
    pub(crate) differences: Vec<Difference>,
}

/// A number of uses and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    pub(crate) count: u64,
    pub(crate) sum_won: u64,
}

/// One use that is not the same here and there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    pub(crate) guid: String,
    pub(crate) user_id: String,
    /// As the use says it.
    pub(crate) ended: String,
    pub(crate) here_won: Option<u64>,
    pub(crate) there_won: Option<u64>,
    /// The contract's names of what differs.
    pub(crate) fields: Vec<&'static str>,
}

/// See [`Difference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// See [`Reconciliation::missing_here`].
    MissingHere,
    /// See [`Reconciliation::missing_there`].
    MissingThere,
    /// See [`Reconciliation::amounts_differ`].
    AmountsDiffer,
    /// See [`Reconciliation::fields_differ`].
    FieldsDiffer,
    /// See [`Reconciliation::duplicates`].
    Duplicate,
    /// See [`Reconciliation::malformed`].
    Malformed,
}

/// Compares. `recorded_before` is the newest ordinal at the time when the statement was asked for: what came later need
/// not be on it.
pub(super) fn reconcile(
    recorded: &Usages,
    statement: &[RecordUsage],
    span: &Span,
    recorded_before: u64,
) -> Reconciliation {
    let mut result = Reconciliation::default();
    let mut stated = HashSet::with_capacity(statement.len());
    for theirs in statement {
        result.there.add(theirs);
        result.take_stated(recorded, theirs, &mut stated);
    }
    let unstated = recorded
        .recorded(1, recorded_before)
        .filter(|known| span.contains(known.ended_at) && !stated.contains(&known.guid));
    for known in unstated {
        result.take_unstated(known, span.is_at_edge(known.ended_at));
    }
    result
}

impl Reconciliation {
    /// Whether there is no difference.
    pub(super) fn is_even(&self) -> bool {
        self.differences.is_empty()
    }

    fn take_stated(&mut self, recorded: &Usages, theirs: &RecordUsage, stated: &mut HashSet<Uuid>) {
        let Ok(guid) = Uuid::try_parse(&theirs.data_info.usage_guid) else {
            self.malformed.add(theirs);
            return self.list(Kind::Malformed, None, Some(theirs), Vec::new());
        };
        if !stated.insert(guid) {
            self.duplicates.add(theirs);
            return self.list(Kind::Duplicate, None, Some(theirs), Vec::new());
        }
        let known = recorded.get(guid).filter(|known| known.record.is_some());
        let Some(known) = known else {
            self.missing_here.add(theirs);
            return self.list(Kind::MissingHere, None, Some(theirs), Vec::new());
        };
        let ours = known.usage.as_ref();
        self.here.add(ours);
        let fields = differing_fields(ours, theirs);
        let apart = amount(ours).abs_diff(amount(theirs));
        if apart > 0 {
            self.amounts_differ.count += 1;
            self.amounts_differ.sum_won = self.amounts_differ.sum_won.saturating_add(apart);
            self.list(Kind::AmountsDiffer, Some(ours), Some(theirs), fields);
        } else if !fields.is_empty() {
            self.fields_differ.add(ours);
            self.list(Kind::FieldsDiffer, Some(ours), Some(theirs), fields);
        }
    }

    fn take_unstated(&mut self, known: &Known, is_at_edge: bool) {
        let ours = known.usage.as_ref();
        if is_at_edge {
            self.at_edge.add(ours);
            return;
        }
        self.here.add(ours);
        self.missing_there.add(ours);
        self.list(Kind::MissingThere, Some(ours), None, Vec::new());
    }

    fn list(
        &mut self,
        kind: Kind,
        ours: Option<&RecordUsage>,
        theirs: Option<&RecordUsage>,
        fields: Vec<&'static str>,
    ) {
        let Some(usage) = ours.or(theirs).filter(|_| self.differences.len() < LISTED) else {
            return;
        };
        self.differences.push(Difference {
            kind,
            guid: usage.data_info.usage_guid.clone(),
            user_id: usage.user_id.as_str().to_owned(),
            ended: usage.data_info.timestamp_end_string.clone(),
            here_won: ours.map(amount),
            there_won: theirs.map(amount),
            fields,
        });
    }
}

impl Side {
    fn add(&mut self, usage: &RecordUsage) {
        self.count += 1;
        self.sum_won = self.sum_won.saturating_add(amount(usage));
    }
}

fn amount(usage: &RecordUsage) -> u64 {
    usage.data_info.amount_for_settlement
}

/// Contents only count where the statement brings some: a provider may keep them to itself.
fn differing_fields(ours: &RecordUsage, theirs: &RecordUsage) -> Vec<&'static str> {
    let (a, b) = (&ours.data_info, &theirs.data_info);
    let (ours_text, theirs_text) = (&ours.parameter_info, &theirs.parameter_info);
    let has_text = !(theirs_text.input_content.is_empty() && theirs_text.output_content.is_empty());
    [
        ("userId", ours.user_id != theirs.user_id),
        ("clientId", ours.client_id != theirs.client_id),
        (
            "amountForSettlement",
            a.amount_for_settlement != b.amount_for_settlement,
        ),
        (
            "timestampStartString",
            a.timestamp_start_string != b.timestamp_start_string,
        ),
        (
            "timestampEndString",
            a.timestamp_end_string != b.timestamp_end_string,
        ),
        ("tokenIn", a.token_in != b.token_in),
        ("tokenOut", a.token_out != b.token_out),
        ("responseCode", a.response_code != b.response_code),
        ("parameterInfo", has_text && ours_text != theirs_text),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::super::SettleRequest;
    use super::*;
    use crate::usage::{check, sample};

    fn span() -> Span {
        Span::of(&SettleRequest {
            month: Some("2025-10".to_owned()),
            ..SettleRequest::default()
        })
        .unwrap()
    }

    fn uses(count: usize) -> Vec<RecordUsage> {
        let mut uses = vec![sample(); count];
        for usage in &mut uses {
            usage.data_info.usage_guid = Uuid::new_v4().to_string();
        }
        uses
    }

    fn recorded(uses: &[RecordUsage]) -> Usages {
        let mut usages = Usages::default();
        for usage in uses {
            let checked = check(usage).unwrap();
            let usage = Arc::new(usage.clone());
            usages.note_try(&usage, checked, "/p", Timestamp::UNIX_EPOCH);
            usages.record(usage, checked, Timestamp::UNIX_EPOCH);
        }
        usages
    }

    fn run(ours: &[RecordUsage], theirs: &[RecordUsage]) -> Reconciliation {
        reconcile(&recorded(ours), theirs, &span(), ours.len() as u64)
    }

    fn kinds(result: &Reconciliation) -> Vec<Kind> {
        result.differences.iter().map(|line| line.kind).collect()
    }

    #[test]
    fn the_same_on_both_sides_is_even_in_any_order() {
        let ours = uses(5);
        let mut theirs = ours.clone();
        theirs.reverse();
        theirs[0].parameter_info.input_content.clear();
        theirs[0].parameter_info.output_content.clear();
        let result = run(&ours, &theirs);
        assert!(result.is_even(), "{result:?}");
        assert_eq!(
            result.here,
            Side {
                count: 5,
                sum_won: 500
            }
        );
        assert_eq!(result.there, result.here);
    }

    #[test]
    fn what_only_one_side_has_is_missing_on_the_other() {
        let all = uses(3);
        let result = run(&all[..2], &all[1..]);
        assert_eq!(kinds(&result), [Kind::MissingHere, Kind::MissingThere]);
        assert_eq!(
            result.missing_here,
            Side {
                count: 1,
                sum_won: 100
            }
        );
        assert_eq!(
            result.missing_there,
            Side {
                count: 1,
                sum_won: 100
            }
        );
        assert_eq!((result.here.count, result.there.count), (2, 2));
    }

    #[test]
    fn another_amount_is_named_with_both() {
        let ours = uses(1);
        let mut theirs = ours.clone();
        theirs[0].data_info.amount_for_settlement = 170;
        let result = run(&ours, &theirs);
        assert_eq!(kinds(&result), [Kind::AmountsDiffer]);
        assert_eq!(
            result.amounts_differ,
            Side {
                count: 1,
                sum_won: 70
            }
        );
        let line = &result.differences[0];
        assert_eq!((line.here_won, line.there_won), (Some(100), Some(170)));
        assert_eq!(line.fields, ["amountForSettlement"]);
    }

    #[test]
    fn another_field_is_named() {
        let ours = uses(1);
        let mut theirs = ours.clone();
        theirs[0].data_info.token_out += 1;
        theirs[0].parameter_info.output_content = "other".to_owned();
        let result = run(&ours, &theirs);
        assert_eq!(kinds(&result), [Kind::FieldsDiffer]);
        assert_eq!(result.differences[0].fields, ["tokenOut", "parameterInfo"]);
    }

    #[test]
    fn a_use_stated_twice_is_a_duplicate_in_any_case_of_its_letters() {
        let ours = uses(1);
        let mut again = ours[0].clone();
        again.data_info.usage_guid.make_ascii_uppercase();
        let result = run(&ours, &[ours[0].clone(), again]);
        assert_eq!(kinds(&result), [Kind::Duplicate]);
        assert_eq!(
            result.there,
            Side {
                count: 2,
                sum_won: 200
            }
        );
    }

    #[test]
    fn a_use_that_was_tried_and_never_recorded_is_missing_here() {
        let theirs = uses(1);
        let mut usages = Usages::default();
        let checked = check(&theirs[0]).unwrap();
        let usage = Arc::new(theirs[0].clone());
        usages.note_try(&usage, checked, "/p", Timestamp::UNIX_EPOCH);
        let result = reconcile(&usages, &theirs, &span(), 0);
        assert_eq!(kinds(&result), [Kind::MissingHere]);
    }

    #[test]
    fn a_use_of_another_month_or_of_after_the_question_is_not_missing_there() {
        let mut ours = uses(3);
        ours[0].data_info.timestamp_start_string = "2025/09/30T23:59:58.000Z".to_owned();
        ours[0].data_info.timestamp_end_string = "2025/09/30T23:59:59.000Z".to_owned();
        let result = reconcile(&recorded(&ours), &ours[1..2], &span(), 2);
        assert!(result.is_even(), "{result:?}");
        assert_eq!(result.here.count, 1);
    }

    #[test]
    fn a_use_at_the_months_end_may_be_on_either_statement() {
        let mut ours = uses(1);
        ours[0].data_info.timestamp_end_string = "2025/10/31T23:59:59.000Z".to_owned();
        let result = run(&ours, &[]);
        assert!(result.is_even());
        assert_eq!((result.at_edge.count, result.here.count), (1, 0));
        assert!(run(&ours, &ours).is_even());
    }

    #[test]
    fn a_line_without_a_guid_is_malformed() {
        let mut theirs = uses(1);
        theirs[0].data_info.usage_guid = "<b>".to_owned();
        assert_eq!(kinds(&run(&[], &theirs)), [Kind::Malformed]);
    }

    #[test]
    fn many_differences_are_counted_and_the_first_are_listed() {
        let result = run(&[], &uses(LISTED + 5));
        assert_eq!(result.missing_here.count, LISTED as u64 + 5);
        assert_eq!(result.differences.len(), LISTED);
    }
}
