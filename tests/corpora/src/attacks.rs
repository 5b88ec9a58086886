//! What was written to run scripts in other people's pages.

use crate::{is_long, literal, package::Package};

/// How many of them a run takes that is not to be long.
const SHORT: usize = 120;

/// Longest one of the short list, in bytes.
const SHORT_BYTES: usize = 512;

/// Payloads in no context. The short list holds every n-th of those that look like markup or an address.
///
/// # Panics
///
/// When a package that holds some is not there or is not what it was.
pub fn payloads() -> Vec<String> {
    let mut payloads = naughty_strings();
    payloads.extend(sanitizer_tests());
    assert!(payloads.len() > 300, "{} payloads", payloads.len());
    if !is_long() {
        let is_likely = |text: &str| text.contains(['<', ':', '&']) && text.len() <= SHORT_BYTES;
        payloads.retain(|text| is_likely(text));
        let step = payloads.len().div_ceil(SHORT);
        payloads = payloads.into_iter().step_by(step).collect();
    }
    payloads
}

/// The Big List of Naughty Strings: markup, and whatever else has broken something.
fn naughty_strings() -> Vec<String> {
    let strings = literal::strings(&Package::named("naughty-strings").read("src/lib.rs"));
    let wanted = strings.into_iter().filter(|text| !text.trim().is_empty());
    wanted.collect()
}

/// The markup with which ammonia's tests attack it.
fn sanitizer_tests() -> Vec<String> {
    let source = Package::named("ammonia").read("src/lib.rs");
    let (_, tests) = source
        .split_once("mod test {")
        .expect("the package has its tests");
    let tests = tests.rsplit_once('}').map_or("", |(tests, _)| tests);
    let mut strings = literal::strings(tests);
    strings.retain(|text| text.contains('<'));
    strings
}
