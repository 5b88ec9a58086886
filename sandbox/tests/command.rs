//! The binary: what it prints and how it ends.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // An error means that it has ended already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn sandbox(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aicon-sandbox"));
    command
        .arg("serve")
        .args(["--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0"])
        .args(flags);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn the_first_line_names_both_origins_and_they_answer() {
    let mut child = Killed(
        sandbox(&["--client-secret", "given-secret"])
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(child.0.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let first = lines.next().unwrap();
    let mut words = first.split(' ');
    assert_eq!(words.next(), Some("listening"));
    let aicon = words
        .next()
        .unwrap()
        .strip_prefix("aicon=")
        .unwrap()
        .to_owned();
    let site = words
        .next()
        .unwrap()
        .strip_prefix("site=")
        .unwrap()
        .to_owned();
    assert_eq!(
        reqwest::get(format!("{aicon}/")).await.unwrap().status(),
        200
    );
    assert_eq!(
        reqwest::get(format!("{site}/")).await.unwrap().status(),
        403
    );
    let rest: Vec<String> = lines
        .by_ref()
        .take_while(|line| !line.starts_with("users"))
        .collect();
    assert!(!rest.join("\n").contains("given-secret"));
}

#[test]
fn a_wrong_flag_says_what_is_expected() {
    for (flags, expected) in [
        (&["--redirect-uri", "no-url"][..], "redirect URI"),
        (&["--iis-mime", "wasm"], ".EXT=TYPE"),
        (&["--access-ttl", "soon"], "access-ttl"),
    ] {
        let output = sandbox(flags).output().unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(expected), "{text}");
    }
}
