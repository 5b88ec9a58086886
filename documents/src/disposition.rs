//! The header by which a browser saves a file under its name.

use std::fmt::Write as _;

use crate::SafeName;

/// The value of `Content-Disposition` for a download (RFC 6266): an ASCII name for old clients, and the real one in the
/// notation of RFC 8187 (once 5987). Pure ASCII, so fit for any header type.
pub fn attachment(name: &SafeName) -> String {
    let mut value = String::from("attachment; filename=\"");
    // A `%` in the plain name is decoded by some browsers and not by others.
    value.extend(name.as_str().chars().map(|char| match char {
        '%' => '_',
        char if char.is_ascii() => char,
        _ => '_',
    }));
    value.push_str("\"; filename*=UTF-8''");
    for byte in name.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            write!(value, "%{byte:02X}").expect("a string takes all writes");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_names_are_told() {
        assert_eq!(
            attachment(&SafeName::new("결과 100%.csv")),
            "attachment; filename=\"__ 100_.csv\"; filename*=UTF-8''%EA%B2%B0%EA%B3%BC%20100%25.csv"
        );
    }

    proptest! {
        #[test]
        fn any_name_is_one_header_value(name in "(?s:.{0,80})") {
            let value = attachment(&SafeName::new(&name));
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(value.matches('"').count(), 2);
        }
    }
}
