/// Examples of which a reader gets something else here, each with the reason. An example that is no longer different fails
/// the test as one that is newly different does.
pub(crate) const DIFFERENCES: &[(&str, &str)] = &[
    ("spec 20", BACKSLASH),
    (
        "spec 346",
        "a host with a backtick is refused; what is left of the address is one",
    ),
    ("spec 600", "a host of dots only is refused"),
    ("spec 597", HOST),
    ("spec 602", BARE),
    ("spec 603", BACKSLASH),
    ("spec 605", HOST),
    ("spec 606", BARE),
    ("spec 608", BARE),
    ("spec 611", BARE),
    ("spec 612", BARE),
    (
        "linkify 13",
        "a bare address ends before `>`, which often closes what stands around it",
    ),
];

const BACKSLASH: &str =
    "browsers read a backslash in an address as a slash, others do not: refused";
const BARE: &str = "a bare address is a link (GitHub Flavored Markdown)";
const HOST: &str = "a host is written as browsers resolve it, in small letters";
