//! A ledger row as AICON is told of it (`aicon.md` 6).

use aicon_protocol::aicon::{DataInfo, ParameterInfo, RecordUsage};
use secrecy::{ExposeSecret as _, SecretString};

use super::content::ContentLimit;
use super::time::TimeFormat;
use crate::store::ReportedUse;

/// The record-usage object of a row. Without a secret it is what settlement shows.
pub fn record_usage(
    row: ReportedUse,
    secret: Option<&SecretString>,
    time_format: &TimeFormat,
) -> RecordUsage {
    let limit = ContentLimit::from_column(row.content_limit);
    RecordUsage {
        user_id: row.owner,
        client_id: row.client,
        client_secret: secret.map(|secret| secret.expose_secret().to_owned()),
        data_info: DataInfo {
            usage_guid: row.guid.as_str().to_owned(),
            amount_for_settlement: row.amount,
            timestamp_start_string: time_format.write(row.started_at),
            timestamp_end_string: time_format.write(row.ended_at),
            token_in: row.input_tokens,
            token_out: row.output_tokens,
            response_code: row.response_code,
        },
        parameter_info: ParameterInfo {
            input_content: limit.cut(row.input),
            output_content: limit.cut(row.content),
        },
    }
}

#[cfg(test)]
mod tests {
    use aicon_protocol::id::{ClientId, UsageGuid, UserId};
    use serde_json::Value;

    use super::*;

    const GOLDEN: &str = include_str!("../../../tests/wire/record-usage.json");

    fn row() -> ReportedUse {
        ReportedUse {
            guid: UsageGuid::new("0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001"),
            owner: UserId::new("user-1"),
            client: ClientId::new("Y2xpZW50LWZvci10ZXN0cw=="),
            response_code: 200,
            started_at: 1_761_192_306_001,
            ended_at: 1_761_192_309_998,
            input: "안녕하세요".into(),
            content: "안녕하세요! 무엇을 도와드릴까요?".into(),
            input_tokens: 12,
            output_tokens: 345,
            amount: 150,
            content_limit: None,
        }
    }

    /// The fixture without its line ends and indentation: whitespace outside of strings.
    fn compact(json: &str) -> String {
        let mut is_text = false;
        let mut is_escaped = false;
        let keep = |&character: &char| {
            if is_text {
                let ends = character == '"' && !is_escaped;
                is_escaped = character == '\\' && !is_escaped;
                is_text = !ends;
                return true;
            }
            is_text = character == '"';
            !character.is_whitespace()
        };
        json.chars().filter(keep).collect()
    }

    #[test]
    fn a_report_is_to_the_byte_what_the_official_sample_sends() {
        let secret = SecretString::from("not-a-real-secret");
        let record = record_usage(row(), Some(&secret), &TimeFormat::default());
        assert_eq!(serde_json::to_string(&record).unwrap(), compact(GOLDEN));
        let golden: Value = serde_json::from_str(GOLDEN).unwrap();
        assert_eq!(serde_json::to_value(&record).unwrap(), golden);
    }

    #[test]
    fn content_is_sent_as_far_as_the_row_says_and_no_secret_unless_given() {
        let mut cut = row();
        cut.content_limit = Some(3);
        let record = record_usage(cut, None, &TimeFormat::default());
        let content = &record.parameter_info;
        assert_eq!(
            (
                content.input_content.as_str(),
                content.output_content.as_str()
            ),
            ("안녕하", "안녕하")
        );
        assert!(
            !serde_json::to_string(&record)
                .unwrap()
                .contains("clientSecret")
        );
        let mut off = row();
        off.content_limit = Some(0);
        let record = record_usage(off, None, &TimeFormat::default());
        assert_eq!(record.parameter_info, ParameterInfo::default());
    }
}
