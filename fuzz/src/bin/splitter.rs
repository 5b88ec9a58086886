//! The target of libFuzzer.

#![no_main]

use aicon_fuzz::{input::Input, laws};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::check(&Input::from_bytes(bytes)));
