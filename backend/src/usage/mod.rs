//! What a use costs and how AICON is told of it: prices, token counts, the record-usage object. Nothing here does
//! any I/O.

mod content;
mod ending;
mod price;
mod price_text;
mod record;
mod time;
mod tokens;

pub use content::ContentLimit;
pub use ending::Ending;
pub use price::{MAX_AMOUNT, PriceError, PriceRule, Rounding, Tier};
pub use record::record_usage;
pub use time::TimeFormat;
pub use tokens::{count, count_aside};
