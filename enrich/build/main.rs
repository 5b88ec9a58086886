//! Writes the grammars of the worker, a part of the collection of the `two-face` package.

#[cfg(feature = "engine")]
mod classes;
#[cfg(feature = "engine")]
#[path = "../src/grammars.rs"]
mod grammars;
#[cfg(feature = "engine")]
mod subset;

#[expect(clippy::print_stdout, reason = "cargo reads it")]
fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/grammars.rs");
    #[cfg(feature = "engine")]
    subset::write();
}
