//! The judgement over what is left. Pure.

use std::collections::HashMap;

use aicon_protocol::aicon::RecordUsage;

use crate::facts::{Exported, Facts};
use crate::load::Chatted;

/// The response code of a whole answer.
const COMPLETED: u16 = 200;

/// What is wrong, a sentence for each; nothing is what everyone hopes for.
///
/// The rules: an answer that a client holds as completed is in the ledger exactly once, with its text; no chat has two
/// completed rows, and one without a key no second row at all; a chat whose ID a client has seen has a row; ledger,
/// sandbox and export have the same uses, the same GUIDs, the same sums; nothing is open.
pub fn audit(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    clients(facts, &mut violations);
    delivery(facts, &mut violations);
    sums(facts, &mut violations);
    export(facts, &mut violations);
    if facts.open != 0 {
        violations.push(format!("{} uses are open still", facts.open));
    }
    for id in &facts.unknown {
        violations.push(format!("the completed answer {id} cannot be looked up"));
    }
    violations
}

fn clients(facts: &Facts, violations: &mut Vec<String>) {
    let mut rows: HashMap<&str, Vec<&Exported>> = HashMap::new();
    for row in &facts.exported {
        rows.entry(&row.input_content).or_default().push(row);
    }
    let mut chats: HashMap<&str, Vec<&Chatted>> = HashMap::new();
    for chat in &facts.chats {
        let message = chat.ask.message.as_str();
        chats.entry(message).or_default().push(chat);
    }
    for (message, tries) in &chats {
        let rows = rows.get(message).map_or(&[][..], Vec::as_slice);
        judge_chat(message, tries, rows, violations);
    }
    for message in rows.keys().filter(|message| !chats.contains_key(*message)) {
        violations.push(format!("nobody has asked `{message}`"));
    }
}

fn judge_chat(message: &str, tries: &[&Chatted], rows: &[&Exported], violations: &mut Vec<String>) {
    let completed: Vec<_> = rows
        .iter()
        .filter(|row| row.response_code == COMPLETED)
        .collect();
    if completed.len() > 1 {
        violations.push(format!(
            "`{message}` has {} completed rows",
            completed.len()
        ));
    }
    let has_key = tries.iter().any(|chat| chat.ask.key.is_some());
    if !has_key && rows.len() > 1 {
        violations.push(format!("`{message}` has {} rows", rows.len()));
    }
    for chat in tries {
        if chat.seen.id.is_some() && rows.is_empty() {
            violations.push(format!("`{message}` was begun and has no row"));
        }
        let Some(content) = &chat.seen.completed else {
            continue;
        };
        match completed.first() {
            None => violations.push(format!("`{message}` was completed and is lost")),
            Some(row) if row.output_content != *content => {
                violations.push(format!("`{message}` was answered otherwise than recorded"));
            }
            Some(_) => {}
        }
    }
    let mut ids: Vec<_> = tries
        .iter()
        .filter(|chat| chat.seen.completed.is_some())
        .filter_map(|chat| chat.seen.id.as_deref())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 {
        violations.push(format!("`{message}` was answered under {} IDs", ids.len()));
    }
}

fn delivery(facts: &Facts, violations: &mut Vec<String>) {
    let mut settled: HashMap<&str, &RecordUsage> = HashMap::new();
    for usage in &facts.settled {
        let guid = usage.data_info.usage_guid.as_str();
        if settled.insert(guid, usage).is_some() {
            violations.push(format!("the GUID {guid} is in the settlement twice"));
        }
    }
    let mut recorded: HashMap<&str, &RecordUsage> = HashMap::new();
    for use_ in &facts.recorded {
        let guid = use_.usage.data_info.usage_guid.as_str();
        if recorded.insert(guid, &use_.usage).is_some() {
            violations.push(format!("the sandbox has the GUID {guid} twice"));
        }
        if use_.conflicts > 0 {
            violations.push(format!(
                "the use {guid} was told in {} other ways",
                use_.conflicts
            ));
        }
        match settled.get(guid) {
            None => violations.push(format!(
                "the sandbox was told of {guid}, the ledger was not"
            )),
            Some(usage) if **usage != use_.usage => {
                violations.push(format!("sandbox and settlement tell {guid} differently"));
            }
            Some(_) => {}
        }
    }
    for row in &facts.exported {
        let guid = row.usage_guid.as_str();
        match settled.get(guid) {
            None => violations.push(format!("the export has {guid}, the settlement has not")),
            Some(usage) if !agrees(row, usage) => {
                violations.push(format!("export and settlement tell {guid} differently"));
            }
            Some(_) => {}
        }
    }
    for guid in settled.keys().filter(|guid| !recorded.contains_key(*guid)) {
        violations.push(format!("the use {guid} was never delivered"));
    }
}

/// What a client does not let AICON see is empty there.
fn agrees(row: &Exported, usage: &RecordUsage) -> bool {
    let (told, info) = (&usage.parameter_info, &usage.data_info);
    row.amount_for_settlement == info.amount_for_settlement
        && row.response_code == info.response_code
        && (told.input_content.is_empty() || told.input_content == row.input_content)
        && (told.output_content.is_empty() || told.output_content == row.output_content)
}

fn export(facts: &Facts, violations: &mut Vec<String>) {
    let mut rows: HashMap<&str, usize> = HashMap::new();
    for row in &facts.exported {
        *rows.entry(row.response_id.as_str()).or_default() += 1;
    }
    let completed = facts
        .chats
        .iter()
        .filter(|chat| chat.seen.completed.is_some());
    for id in completed.filter_map(|chat| chat.seen.id.as_deref()) {
        match rows.get(id) {
            Some(1) => {}
            rows => violations.push(format!(
                "the completed answer {id} is in the export {} times",
                rows.unwrap_or(&0)
            )),
        }
    }
}

fn sums(facts: &Facts, violations: &mut Vec<String>) {
    let amount = |usage: &RecordUsage| usage.data_info.amount_for_settlement;
    let settled: u64 = facts.settled.iter().map(amount).sum();
    let recorded: u64 = facts.recorded.iter().map(|row| amount(&row.usage)).sum();
    let exported: u64 = facts
        .exported
        .iter()
        .map(|row| row.amount_for_settlement)
        .sum();
    if settled != recorded || settled != exported {
        violations.push(format!(
            "the settlement sums to {settled} won, the sandbox to {recorded}, the export to {exported}"
        ));
    }
    let rows = facts.settled.len() as u64;
    if facts.total_count != rows || facts.exported.len() as u64 != rows {
        violations.push(format!(
            "the settlement announces {} uses, its pages have {rows}, the export {}",
            facts.total_count,
            facts.exported.len()
        ));
    }
    let unpaid = |usage: &&RecordUsage| {
        usage.data_info.response_code == COMPLETED && usage.data_info.amount_for_settlement == 0
    };
    for usage in facts.settled.iter().filter(unpaid) {
        let guid = &usage.data_info.usage_guid;
        violations.push(format!("the completed use {guid} costs nothing"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Ask, Seen};
    use crate::servers::Recorded;
    use serde_json::json;

    fn row(message: &str, guid: &str, code: u16) -> RecordUsage {
        serde_json::from_value(json!({
            "userId": "user-0", "clientId": "YQ==",
            "dataInfo": {
                "usageGUID": guid, "amountForSettlement": 100, "responseCode": code, "tokenIn": 1, "tokenOut": 2,
                "timestampStartString": "2025/10/23T04:05:06.000Z", "timestampEndString": "2025/10/23T04:05:09.000Z"
            },
            "parameterInfo": { "inputContent": message, "outputContent": message }
        }))
        .unwrap()
    }

    fn chat(message: &str, id: &str, is_completed: bool) -> Chatted {
        Chatted {
            ask: Ask {
                message: message.to_owned(),
                model: "echo",
                key: None,
                stop_after: None,
            },
            seen: Seen {
                id: Some(id.to_owned()),
                completed: is_completed.then(|| message.to_owned()),
                ..Seen::default()
            },
        }
    }

    fn exported(message: &str, guid: &str, code: u16) -> Exported {
        Exported {
            usage_guid: guid.to_owned(),
            amount_for_settlement: 100,
            response_id: format!("resp_{message}"),
            response_code: code,
            input_content: message.to_owned(),
            output_content: message.to_owned(),
        }
    }

    fn good() -> Facts {
        let settled = vec![row("a", "1", 200), row("b", "2", 499)];
        let recorded = settled.iter().map(|usage| Recorded {
            usage: usage.clone(),
            repeats: 1,
            conflicts: 0,
        });
        Facts {
            chats: vec![chat("a", "resp_a", true), chat("b", "resp_b", false)],
            recorded: recorded.collect(),
            exported: vec![exported("a", "1", 200), exported("b", "2", 499)],
            total_count: 2,
            settled,
            open: 0,
            unknown: Vec::new(),
        }
    }

    #[test]
    fn a_run_without_a_loss_passes() {
        assert_eq!(audit(&good()), Vec::<String>::new());
    }

    #[test]
    fn a_completed_answer_without_its_row_is_found() {
        let mut facts = good();
        facts.settled[0].data_info.response_code = 500;
        facts.recorded[0].usage.data_info.response_code = 500;
        facts.exported[0].response_code = 500;
        assert_eq!(audit(&facts), ["`a` was completed and is lost"]);
    }

    #[test]
    fn a_begun_chat_without_a_row_is_found() {
        let mut facts = good();
        facts.chats.push(chat("c", "resp_c", false));
        assert_eq!(audit(&facts), ["`c` was begun and has no row"]);
    }

    #[test]
    fn a_chat_with_two_rows_is_found() {
        let mut facts = good();
        facts.settled.push(row("a", "3", 200));
        facts.exported.push(exported("a", "3", 200));
        let violations = audit(&facts).join("\n");
        for part in ["2 completed rows", "2 rows", "never delivered", "300 won"] {
            assert!(
                violations.contains(part),
                "{part} is missing in {violations}"
            );
        }
    }

    #[test]
    fn a_use_that_was_told_in_two_ways_is_found() {
        let mut facts = good();
        facts.recorded[1].conflicts = 1;
        assert_eq!(audit(&facts), ["the use 2 was told in 1 other ways"]);
        let mut facts = good();
        facts.recorded[1].usage.data_info.token_out = 3;
        assert_eq!(audit(&facts), ["sandbox and settlement tell 2 differently"]);
    }

    #[test]
    fn a_sum_that_is_a_won_off_and_an_open_row_are_found() {
        let mut facts = good();
        facts.exported[0].amount_for_settlement = 101;
        facts.open = 1;
        let violations = audit(&facts).join("\n");
        for part in ["tell 1 differently", "the export to 201", "1 uses are open"] {
            assert!(
                violations.contains(part),
                "{part} is missing in {violations}"
            );
        }
    }

    #[test]
    fn answers_of_one_chat_under_two_ids_are_found() {
        let mut facts = good();
        facts.chats[0].ask.key = Some("key".to_owned());
        let mut again = facts.chats[0].clone();
        again.seen.id = Some("resp_other".to_owned());
        facts.chats.push(again);
        assert_eq!(
            audit(&facts),
            [
                "`a` was answered under 2 IDs",
                "the completed answer resp_other is in the export 0 times"
            ]
        );
    }
}
