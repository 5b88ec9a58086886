//! Reads all pages of a settlement, and notes where they are at odds with the contract.

use aicon_protocol::aicon::{RecordUsage, SettlementPage};
use jiff::civil::Date;
use reqwest::Client;

use crate::provider::{PageError, Provider};

/// How many faults are worth reading.
const MAX_FAULTS: usize = 20;

/// What the provider states.
#[derive(Debug, Default)]
pub(super) struct Statement {
    pub(super) uses: Vec<RecordUsage>,
    pub(super) pages: u64,
    pub(super) stated_count: u64,
    pub(super) faults: Vec<String>,
}

/// # Errors
///
/// When a page is not had.
pub(super) async fn read(
    client: &Client,
    provider: &Provider,
    days: (Date, Date),
    page_size: u64,
) -> Result<Statement, PageError> {
    let mut statement = Statement::default();
    loop {
        let number = statement.pages + 1;
        let page = provider
            .settlement_page(client, days, number, page_size)
            .await?;
        if !statement.take(number, page_size, page) {
            statement.check_count();
            return Ok(statement);
        }
    }
}

impl Statement {
    pub(super) fn leaked_secrets(&self) -> u64 {
        let leaks = self
            .uses
            .iter()
            .filter(|usage| usage.client_secret.is_some());
        leaks.count() as u64
    }

    /// Whether another page is to follow.
    fn take(&mut self, number: u64, page_size: u64, page: SettlementPage) -> bool {
        let SettlementPage {
            page_number,
            page_size: stated_size,
            total_count,
            total_pages,
            model_usages,
        } = page;
        let len = model_usages.len() as u64;
        self.check(page_number == number, || {
            format!("page {number} calls itself page {page_number}")
        });
        self.check(stated_size == page_size, || {
            format!("page {number} calls its size {stated_size}, asked for were {page_size}")
        });
        self.check(total_pages == total_count.div_ceil(page_size), || {
            format!("page {number} states {total_pages} pages for {total_count} uses")
        });
        let before = self.stated_count;
        self.check(number == 1 || total_count == before, || {
            format!("page {number} states {total_count} uses, the page before {before}")
        });
        let expected = total_count
            .saturating_sub((number - 1).saturating_mul(page_size))
            .min(page_size);
        self.check(len == expected, || {
            format!("page {number} holds {len} uses, expected are {expected}")
        });
        self.pages = number;
        self.stated_count = total_count;
        self.uses.extend(model_usages);
        // An empty page ends it too: what it states may be without end.
        number < total_pages && len > 0
    }

    fn check_count(&mut self) {
        let (got, stated) = (self.uses.len() as u64, self.stated_count);
        self.check(got == stated, || {
            format!("the pages hold {got} uses, stated are {stated}")
        });
    }

    fn check(&mut self, is_good: bool, fault: impl FnOnce() -> String) {
        if !is_good && self.faults.len() < MAX_FAULTS {
            self.faults.push(fault());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::sample;

    fn page(number: u64, total: u64, uses: usize) -> SettlementPage {
        SettlementPage {
            page_number: number,
            page_size: 2,
            total_count: total,
            total_pages: total.div_ceil(2),
            model_usages: vec![sample(); uses],
        }
    }

    #[test]
    fn good_pages_have_no_faults_and_end_with_the_last() {
        let mut statement = Statement::default();
        assert!(statement.take(1, 2, page(1, 3, 2)));
        assert!(!statement.take(2, 2, page(2, 3, 1)));
        statement.check_count();
        assert_eq!(statement.faults, Vec::<String>::new());
        assert_eq!((statement.uses.len(), statement.pages), (3, 2));
    }

    #[test]
    fn a_month_without_uses_is_one_empty_page() {
        let mut statement = Statement::default();
        assert!(!statement.take(1, 2, page(1, 0, 0)));
        assert_eq!(statement.faults, Vec::<String>::new());
    }

    #[test]
    fn pages_that_contradict_themselves_are_named() {
        for wrong in [page(2, 3, 2), page(1, 3, 1), page(1, 3, 3), page(1, 3, 0)] {
            let mut statement = Statement::default();
            statement.take(1, 2, wrong.clone());
            assert!(!statement.faults.is_empty(), "{wrong:?}");
        }
        let mut shifting = Statement::default();
        shifting.take(1, 2, page(1, 3, 2));
        shifting.take(2, 2, page(2, 4, 2));
        assert_eq!(shifting.faults.len(), 1, "{:?}", shifting.faults);
    }

    #[test]
    fn an_empty_page_ends_a_statement_without_end() {
        let mut statement = Statement::default();
        assert!(!statement.take(1, 2, page(1, u64::MAX, 0)));
    }
}
