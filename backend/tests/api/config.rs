//! The command line and the configuration, through the real binary.

use std::process::{Command, Output};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/aicon-backend.example.toml");

fn print_config(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aicon-backend"));
    command
        .env_clear()
        .args(["serve", "--print-config"])
        .args(arguments)
        .envs(variables.iter().copied());
    command.output().unwrap()
}

fn failure(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = print_config(arguments, variables);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn flags_beat_the_environment_and_the_environment_beats_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("c.toml");
    std::fs::write(
        &file,
        "listen = \"127.0.0.1:1\"\ndata = \"from-file\"\n[limits]\nbody_bytes = 7\n",
    )
    .unwrap();
    let output = print_config(
        &[
            "--config",
            file.to_str().unwrap(),
            "--listen",
            "127.0.0.1:3",
        ],
        &[
            ("AICON_LISTEN", "127.0.0.1:2"),
            ("AICON_LIMIT_BODY_BYTES", "9"),
        ],
    );
    let printed: toml::Table = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    assert_eq!(printed["listen"].as_str(), Some("127.0.0.1:3"));
    assert_eq!(printed["data"].as_str(), Some("from-file"));
    assert_eq!(printed["limits"]["body_bytes"].as_integer(), Some(9));
}

#[test]
fn printed_configuration_hides_secrets() {
    let output = print_config(
        &[],
        &[
            ("OPENAI_API_KEY", "canary"),
            ("AICON_CLIENT_SECRET", "canary"),
            ("AICON_API_KEY", "canary"),
            ("AICON_KEY", "canary"),
        ],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !text.contains("canary"));
    assert_eq!(text.matches("(hidden)").count(), 4, "{text}");
}

#[test]
fn a_wrong_value_names_key_source_and_expectation() {
    for (variables, parts) in [
        (
            ("AICON_LISTEN", "here"),
            [
                "listen",
                "environment variable AICON_LISTEN",
                "socket address",
            ],
        ),
        (
            ("AICON_TRUSTED_PROXIES", "10.0.0.0/99"),
            [
                "proxy.trusted",
                "environment variable AICON_TRUSTED_PROXIES",
                "expected an address",
            ],
        ),
        (
            ("AICON_LIMIT_BODY_BYTES", "many"),
            [
                "limits.body_bytes",
                "environment variable AICON_LIMIT_BODY_BYTES",
                "usize",
            ],
        ),
        (
            ("AICON_AUTH", "open"),
            ["auth.mode", "environment variable AICON_AUTH", "api-key"],
        ),
        (
            ("AICON_CORS_ORIGINS", "*"),
            [
                "cors.origins",
                "environment variable AICON_CORS_ORIGINS",
                "expected an origin",
            ],
        ),
        (
            ("AICON_TIMEOUT_IDLE", "soon"),
            [
                "timeouts.idle",
                "environment variable AICON_TIMEOUT_IDLE",
                "duration",
            ],
        ),
        (
            ("AICON_PRICE", "100"),
            [
                "aicon.price",
                "environment variable AICON_PRICE",
                "`per-use:100`",
            ],
        ),
        (
            ("AICON_CONTENT", "some"),
            [
                "aicon.content",
                "environment variable AICON_CONTENT",
                "`whole`, `off` or a number",
            ],
        ),
        (
            ("AICON_RECORD_USAGE_TIME_FORMAT", "%!"),
            [
                "aicon.record_usage_time_format",
                "AICON_RECORD_USAGE_TIME_FORMAT",
                "expected a format",
            ],
        ),
        (
            ("AICON_RECORD_USAGE_PATH", "usage"),
            [
                "aicon.record_usage_path",
                "`usage`",
                "/Provider/record-usage",
            ],
        ),
        (
            ("AI_PROVIDER", "openai"),
            ["providers.openai.api_key", "OPENAI_API_KEY", "API key"],
        ),
        (
            ("AI_PROVIDER", "opena"),
            ["ai.provider", "opena", "`claude`"],
        ),
        (
            ("AICON_AUTH", "aicon"),
            [
                "aicon.api_endpoint",
                "AICON_API_ENDPOINT",
                "https://api.aicon.or.kr/api",
            ],
        ),
    ] {
        let error = failure(&[], &[variables]);
        for part in parts {
            assert!(
                error.contains(part),
                "{variables:?}: `{part}` is not in: {error}"
            );
        }
    }
    let error = failure(&["--listen", "here"], &[]);
    assert!(error.contains("flag --listen"), "{error}");
}

#[test]
fn an_unknown_key_in_the_file_is_an_error_that_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mine.toml");
    std::fs::write(&file, "[limits]\nbody_byte = 7\n").unwrap();
    let error = failure(&["--config", file.to_str().unwrap()], &[]);
    assert!(
        error.contains("mine.toml") && error.contains("body_byte"),
        "{error}"
    );
    let error = failure(&["--config", "missing.toml"], &[]);
    assert!(
        error.contains("missing.toml") && error.contains("no such file"),
        "{error}"
    );
}

#[test]
fn the_example_file_is_valid_and_names_every_section() {
    let output = print_config(&["--config", EXAMPLE], &[]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(EXAMPLE).unwrap();
    for section in [
        "log",
        "auth",
        "aicon",
        "cors",
        "ai",
        "providers",
        "models",
        "demo",
        "proxy",
        "limits",
        "settlement",
        "metrics",
        "timeouts",
    ] {
        assert!(text.contains(&format!("[{section}")), "{section}");
    }
}

#[test]
fn the_settlement_s_access_says_what_it_needs() {
    let key = ("AICON_SETTLEMENT_API_KEY", "canary");
    for (variables, parts) in [
        (
            &[("AICON_SETTLEMENT_ACCESS", "api-key")][..],
            &["settlement.api_key", "AICON_SETTLEMENT_API_KEY"][..],
        ),
        (
            &[("AICON_SETTLEMENT_ACCESS", "addresses")],
            &["settlement.addresses", "AICON_SETTLEMENT_ADDRESSES"],
        ),
        (
            &[key, ("AICON_SETTLEMENT_API_KEY_FILE", "key")],
            &["settlement.api_key", "settlement.api_key_file", "both"],
        ),
        (
            &[("AICON_SETTLEMENT_TIME_ZONE", "Seoul")],
            &["settlement.time_zone", "`Seoul`", "`Asia/Seoul`"],
        ),
        (
            &[("AICON_SETTLEMENT_ADDRESSES", "10.0.0.0/99")],
            &["settlement.addresses", "10.0.0.0/99"],
        ),
        (
            &[("AICON_SETTLEMENT_INCLUDE_SECRET", "maybe")],
            &["settlement.include_secret", "maybe"],
        ),
    ] {
        let told = failure(&[], variables);
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("canary"), "{told}");
    }
    let output = print_config(&[], &[key, ("AICON_SETTLEMENT_ACCESS", "api-key")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("(hidden)") && !text.contains("canary"),
        "{text}"
    );
}

#[test]
fn clients_name_their_secret_once_and_it_is_not_printed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("c.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write(
        "[[aicon.clients]]\nid = \"a=\"\nsecret = \"canary\"\nprice = \"per-use:7\"\ncontent = 5\n",
    );
    let output = print_config(&["--config", file.to_str().unwrap()], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("(hidden)") && !text.contains("canary"),
        "{text}"
    );
    let printed: toml::Table = text.parse().unwrap();
    let client = &printed["aicon"]["clients"][0];
    assert_eq!(client["price"]["won"].as_integer(), Some(7));
    assert_eq!(client["content"].as_integer(), Some(5));
    for (wrong, part) in [
        (
            "[[aicon.clients]]\nid = \"a\"\nsecret = \"canary\"\nsecret_env = \"B\"\n",
            "one of the secret itself",
        ),
        (
            "[aicon]\nclient_id = \"a\"\n[[aicon.clients]]\nid = \"a\"\n",
            "each client once",
        ),
        (
            "[[aicon.clients]]\nid = \"a\"\nmodels = []\n",
            "at least one",
        ),
        (
            "[aicon.usage]\nconcurrency_per_client = 0\n",
            "aicon.usage.concurrency_per_client",
        ),
    ] {
        write(wrong);
        let error = failure(&["--config", file.to_str().unwrap()], &[]);
        assert!(
            error.contains(part) && !error.contains("canary"),
            "{wrong}: {error}"
        );
    }
}
