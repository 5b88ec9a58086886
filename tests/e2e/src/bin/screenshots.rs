//! Pictures of the pages, for people to look at.

fn main() {}
