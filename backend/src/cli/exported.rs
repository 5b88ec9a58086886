//! A row of the ledger as a line of a table or of JSON.

use serde::Serialize;

use crate::clock::iso;
use crate::settlement::Zone;
use crate::store::{Delivery, LedgerRow};

/// The columns of a table; [`Exported`] has the same in the same order.
pub(super) const COLUMNS: [&str; 20] = [
    "number",
    "day",
    "recordedAt",
    "usageGUID",
    "clientId",
    "userId",
    "model",
    "provider",
    "status",
    "responseCode",
    "startedAt",
    "endedAt",
    "tokenIn",
    "tokenOut",
    "tokensEstimated",
    "amountForSettlement",
    "delivery",
    "deliveredAt",
    "reason",
    "responseId",
];

/// And those of `--content`.
pub(super) const CONTENT_COLUMNS: [&str; 2] = ["inputContent", "outputContent"];

/// A row of the ledger as it is exported. Times are UTC, the day is the time zone's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exported {
    number: u64,
    day: String,
    recorded_at: String,
    #[serde(rename = "usageGUID")]
    usage_guid: String,
    client_id: String,
    user_id: String,
    model: String,
    provider: String,
    status: &'static str,
    response_code: u16,
    started_at: String,
    ended_at: String,
    token_in: u64,
    token_out: u64,
    tokens_estimated: bool,
    amount_for_settlement: u64,
    delivery: &'static str,
    delivered_at: Option<String>,
    reason: Option<String>,
    response_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_content: Option<String>,
}

impl Exported {
    pub(super) fn new(row: LedgerRow, zone: &Zone, with_content: bool) -> Self {
        let (delivery, delivered_at, reason) = match row.delivery {
            Delivery::Pending { last_error, .. } => ("pending", None, last_error),
            Delivery::Delivered { at } => ("delivered", Some(iso(at)), None),
            Delivery::Parked { reason, .. } => ("parked", None, Some(reason)),
        };
        Self {
            number: row.seq,
            day: zone.day_of(row.recorded_at).to_string(),
            recorded_at: iso(row.recorded_at),
            usage_guid: row.guid.as_str().to_owned(),
            client_id: row.client.as_str().to_owned(),
            user_id: row.owner.as_str().to_owned(),
            model: row.model,
            provider: row.provider,
            status: row.status.as_str(),
            response_code: row.response_code,
            started_at: iso(row.started_at),
            ended_at: iso(row.ended_at),
            token_in: row.usage.input_tokens,
            token_out: row.usage.output_tokens,
            tokens_estimated: row.usage_estimated,
            amount_for_settlement: row.amount,
            delivery,
            delivered_at,
            reason: reason.or(row.failure),
            response_id: row.id.as_str().to_owned(),
            input_content: with_content.then_some(row.input),
            output_content: with_content.then_some(row.content),
        }
    }

    /// Changes every text that came from outside.
    pub(super) fn map_texts(mut self, change: impl Fn(String) -> String) -> Self {
        for text in [
            &mut self.usage_guid,
            &mut self.client_id,
            &mut self.user_id,
            &mut self.model,
            &mut self.provider,
            &mut self.response_id,
        ] {
            *text = change(std::mem::take(text));
        }
        for text in [
            &mut self.reason,
            &mut self.input_content,
            &mut self.output_content,
        ] {
            *text = text.take().map(&change);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use aicon_documents::formula_safe;
    use aicon_protocol::ai::Usage;
    use aicon_protocol::id::{ClientId, ResponseId, UsageGuid, UserId};

    use super::*;
    use crate::store::Status;

    fn row(text: &str) -> LedgerRow {
        LedgerRow {
            seq: 1,
            recorded_at: 1_761_922_800_000,
            id: ResponseId::new("resp_1"),
            guid: UsageGuid::new("0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001"),
            owner: UserId::new(text),
            client: ClientId::new(text),
            model: text.to_owned(),
            provider: "demo".to_owned(),
            status: Status::Completed,
            failure: Some(text.to_owned()),
            response_code: 200,
            started_at: 0,
            ended_at: 0,
            input: text.to_owned(),
            content: text.to_owned(),
            usage: Usage::new(1, 2),
            usage_estimated: false,
            amount: 100,
            content_limit: None,
            delivery: Delivery::Delivered { at: 0 },
        }
    }

    fn csv_of(exported: Exported) -> (csv::StringRecord, csv::StringRecord) {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.serialize(exported).unwrap();
        let bytes = table.into_inner().unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().clone();
        let record = reader.records().next().unwrap().unwrap();
        (header, record)
    }

    #[test]
    fn the_heading_names_the_columns_that_rows_have() {
        let zone = "Asia/Seoul".parse().unwrap();
        let (header, record) = csv_of(Exported::new(row("a"), &zone, true));
        let named = COLUMNS.iter().chain(&CONTENT_COLUMNS).copied();
        assert!(header.iter().eq(named), "{header:?}");
        assert_eq!(&record[1], "2025-11-01");
        let (header, _) = csv_of(Exported::new(row("a"), &zone, false));
        assert!(header.iter().eq(COLUMNS), "{header:?}");
    }

    #[test]
    fn no_cell_begins_like_a_formula() {
        for text in ["=1+1", "+a", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let exported = Exported::new(row(text), &Zone::utc(), true);
            let (_, record) = csv_of(exported.map_texts(formula_safe));
            for cell in &record {
                let first = cell.chars().next().unwrap_or('a');
                assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{cell:?}");
            }
            assert_eq!(&record[20], format!("'{text}"));
        }
        assert_eq!(formula_safe("100".to_owned()), "100");
    }
}
