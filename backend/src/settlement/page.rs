//! Pages of a span of the ledger. Numbers in it are gapless, so that a page is a range and its cost does not grow with
//! its number; and what has a number keeps it, so that pages never shift.

use crate::store::Span;

/// One page: which rows, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows in the span.
    pub total_count: u64,
    /// Pages in the span.
    pub total_pages: u64,
    /// The page's rows; absent past the end.
    pub rows: Option<Span>,
}

impl Page {
    /// Page `number`, from 1, of `size` rows, of which there is at least one.
    pub fn of(span: Option<Span>, number: u64, size: u64) -> Self {
        let Some(Span { first, last }) = span else {
            return Self {
                total_count: 0,
                total_pages: 0,
                rows: None,
            };
        };
        let total_count = last - first + 1;
        let skipped = number.saturating_sub(1).saturating_mul(size);
        let rows = (skipped < total_count).then(|| Span {
            first: first + skipped,
            last: last.min(first + skipped + (size - 1)),
        });
        Self {
            total_count,
            total_pages: total_count.div_ceil(size),
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_past_the_end_is_empty_however_far() {
        let span = Some(Span { first: 5, last: 9 });
        for number in [4, u64::MAX] {
            let page = Page::of(span, number, 2);
            assert_eq!(
                (page.rows, page.total_count, page.total_pages),
                (None, 5, 3)
            );
        }
        assert_eq!(Page::of(None, 1, 1000).total_pages, 0);
    }

    proptest! {
        #[test]
        fn the_pages_are_the_span_once(first in 1..1_000_u64, count in 1..500_u64, size in 1..=1000_u64) {
            let span = Span { first, last: first + count - 1 };
            let pages = Page::of(Some(span), 1, size).total_pages;
            let mut next = first;
            for number in 1..=pages {
                let rows = Page::of(Some(span), number, size).rows.unwrap();
                prop_assert_eq!(rows.first, next);
                prop_assert!(rows.last - rows.first < size);
                next = rows.last + 1;
            }
            prop_assert_eq!(next, span.last + 1);
            prop_assert_eq!(Page::of(Some(span), pages + 1, size).rows, None);
        }
    }
}
