//! Rules of the whole repository that no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("`xtask/` is a directory of the workspace")
        .to_owned()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "`{program} {arguments:?}` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the output is text")
}

/// The tracked files that exist, relative to the root.
fn tracked() -> Vec<String> {
    let list = output("git", &["ls-files"]);
    let files: Vec<String> = list
        .lines()
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect();
    assert!(
        files.iter().any(|file| file == "Cargo.toml"),
        "the list of tracked files is not that of this repository"
    );
    files
}

/// Lines of tracked text files that hold one of `words`, as `file:line: text`.
fn lines_with(words: &[String], extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in tracked() {
        let extension = Path::new(&file)
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !extensions.is_empty() && !extensions.contains(&extension.as_str()) {
            continue;
        }
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

/// Joined at run time, so that this file does not hold the words that it looks for.
fn word(parts: &[&str]) -> String {
    parts.concat()
}

#[test]
fn no_unfinished_code_and_no_debugging_leftovers() {
    let words = [
        word(&["to", "do!("]),
        word(&["db", "g!("]),
        word(&["unimple", "mented!("]),
        word(&["FIX", "ME"]),
    ];
    let found = lines_with(&words, &["rs"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_absolute_paths_of_a_machine() {
    let words = [
        word(&["/ro", "ot/"]),
        word(&["\"/wo", "rk/"]),
        word(&[" /wo", "rk/"]),
        word(&["`/wo", "rk/"]),
    ];
    let mut found = lines_with(&words, &[]);
    found.extend(lines_with(&[word(&["/arti", "factory"])], &[]));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_generated_directory_is_tracked() {
    for file in tracked() {
        assert!(
            !["target/", "dist/"].iter().any(|dir| file.starts_with(dir)),
            "`{file}` is generated"
        );
    }
}

#[test]
fn every_member_inherits_the_lints() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    assert!(members.len() > 1);
    for member in members {
        let path = root().join(member.as_str().unwrap()).join("Cargo.toml");
        let member: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let inherits = member
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        assert_eq!(
            inherits,
            Some(true),
            "`{}` has its own lints",
            path.display()
        );
    }
}

#[test]
fn the_ci_script_runs_the_test_command_and_nothing_else() {
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    let commands: Vec<&str> = script
        .lines()
        .map(str::trim)
        .filter(|line| {
            !line.is_empty()
                && !line.starts_with('#')
                && !line.starts_with("set ")
                && !line.starts_with("cd ")
        })
        .collect();
    assert_eq!(commands, ["exec cargo xtask test"]);
}

#[test]
fn the_bundle_holds_no_library_of_the_browser_twice() {
    let arguments = "tree --locked --package aicon-microsite --edges normal --target wasm32-unknown-unknown --prefix none --format {p}";
    let tree = output("cargo", &arguments.split(' ').collect::<Vec<_>>());
    let mut crates: Vec<(&str, &str)> = tree
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rest)| (name, rest.split(' ').next().unwrap_or_default()))
        .filter(|(name, _)| {
            [
                "gloo",
                "web-sys",
                "js-sys",
                "wasm-bindgen",
                "yew",
                "serde",
                "pulldown",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        })
        .collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(
        crates.iter().any(|(name, _)| *name == "yew"),
        "the tree is not that of the app:\n{tree}"
    );
    for pair in crates.windows(2) {
        assert!(
            pair[0].0 != pair[1].0,
            "`{}` is in the bundle as {} and {}",
            pair[0].0,
            pair[0].1,
            pair[1].1
        );
    }
}

#[test]
fn the_server_of_the_bundle_knows_every_type_that_it_holds() {
    let config = fs::read_to_string(root().join("assets/web.config")).unwrap();
    for extension in [".wasm", ".json", ".webmanifest", ".woff2"] {
        let (remove, add) = (
            format!("<remove fileExtension=\"{extension}\""),
            format!("<mimeMap fileExtension=\"{extension}\""),
        );
        let (remove, add) = (config.find(&remove), config.find(&add));
        assert!(
            remove.is_some() && remove < add,
            "{extension} must be removed before it is defined"
        );
    }
}
