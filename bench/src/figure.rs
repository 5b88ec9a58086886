//! Measured values with their bounds.

use serde::Serialize;
use serde_json::json;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Shown for comparison.
    None,
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    unit: &'static str,
    target: Target,
    measured: f64,
}

impl Figure {
    pub(crate) fn new(
        name: impl Into<String>,
        unit: &'static str,
        target: Target,
        measured: f64,
    ) -> Self {
        Self {
            name: name.into(),
            unit,
            target,
            measured,
        }
    }

    /// Whether the value keeps its target; without one it does.
    pub(crate) fn holds(&self) -> bool {
        match self.target {
            Target::AtLeast(bound) => self.measured >= bound,
            Target::AtMost(bound) => self.measured <= bound,
            Target::None => true,
        }
    }

    fn target_text(&self) -> String {
        match self.target {
            Target::AtLeast(bound) => format!(">= {}", number(bound)),
            Target::AtMost(bound) => format!("<= {}", number(bound)),
            Target::None => String::new(),
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.target, self.holds()) {
            (Target::None, _) => "",
            (_, true) => "holds",
            (_, false) => "DOES NOT HOLD",
        }
    }
}

/// The table for people.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut rows = vec![["", "measured", "target", ""].map(str::to_owned)];
    for figure in figures {
        let measured = format!("{} {}", number(figure.measured), figure.unit);
        rows.push([
            figure.name.clone(),
            measured.trim_end().to_owned(),
            figure.target_text(),
            figure.verdict().to_owned(),
        ]);
    }
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let (name, measured, target) = (width(0), width(1), width(2));
    rows.iter()
        .map(|row| {
            let line = format!(
                "{:name$}  {:>measured$}  {:>target$}  {}",
                row[0], row[1], row[2], row[3]
            );
            line.trim_end().to_owned() + "\n"
        })
        .collect()
}

/// The same for programs.
pub(crate) fn json(figures: &[Figure]) -> String {
    let figures: Vec<_> = figures
        .iter()
        .map(|figure| {
            let mut value = json!(figure);
            value["holds"] = match figure.target {
                Target::None => serde_json::Value::Null,
                _ => figure.holds().into(),
            };
            value
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "figures": figures }));
    text.expect("numbers and texts are JSON") + "\n"
}

/// Three digits that count, thousands grouped.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    if digits > 0 {
        return text;
    }
    let grouped = text.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = grouped.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_beyond_its_bound_does_not_hold() {
        let figure = |target, value| Figure::new("x", "ms", target, value);
        assert!(figure(Target::AtMost(2.0), 2.0).holds());
        assert!(!figure(Target::AtMost(2.0), 2.1).holds());
        assert!(!figure(Target::AtLeast(5000.0), 4999.0).holds());
        assert!(figure(Target::None, 1.0).holds());
    }

    #[test]
    fn the_table_shows_value_target_and_verdict() {
        let figures = [
            Figure::new("uses", "/s", Target::AtLeast(5000.0), 12_345.6),
            Figure::new("page", "ms", Target::AtMost(50.0), 61.27),
        ];
        assert_eq!(
            table(&figures),
            "       measured    target\n\
             uses  12,346 /s  >= 5,000  holds\n\
             page    61.3 ms   <= 50.0  DOES NOT HOLD\n"
        );
        let json: serde_json::Value = serde_json::from_str(&json(&figures)).unwrap();
        assert_eq!(json["figures"][1]["holds"], false);
    }
}
