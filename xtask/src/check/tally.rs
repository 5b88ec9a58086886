/// The sum over everything that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

impl Tally {
    /// Adds the result line of one test harness, if `line` is one: both libtest and wasm-bindgen-test end a run with
    /// `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub(super) fn read(&mut self, line: &str) {
        let Some(counts) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        self.passed += count(counts, "passed").unwrap_or(0);
        self.failed += count(counts, "failed").unwrap_or(0);
    }

    /// Adds another tally.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// How many tests have run.
    pub(super) fn total(self) -> usize {
        self.passed + self.failed
    }
}

fn count(counts: &str, what: &str) -> Option<usize> {
    let words: Vec<&str> = counts
        .split([' ', ';', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    let at = words.iter().position(|word| *word == what)?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn the_result_lines_of_both_harnesses_are_summed() {
        let lines = [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.00s",
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.31s",
        ];
        assert_eq!(
            tally(&lines),
            Tally {
                passed: 22,
                failed: 2
            }
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            tally(&["test a ... ok", "5 passed; 0 failed", "test result: "]),
            Tally::default()
        );
    }
}
