//! Identifiers as types, so that a file is never looked up by a response's ID.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an identifier as it came; what it may look like is its issuer's business.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The identifier as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// A stored answer: `resp_…` when our server made it (`ai-api.md` 2 and 3).
    ResponseId
}
identifier! {
    /// An uploaded file: `file-…` when our server made it (`ai-api.md` 1). Lives 7 days.
    FileId
}
identifier! {
    /// AICON's user (`aicon.md` 3.4 and 4).
    UserId
}
identifier! {
    /// A model registered at AICON, in OAuth's terms the client (`aicon.md` 1). Base64: often ends in `=`.
    ClientId
}
identifier! {
    /// A use as AICON knows it: a UUID v4, the same on every try to record it (`aicon.md` 6, `usageGUID`).
    UsageGuid
}
