//! The query of get-usage-for-settlement (`aicon.md` 6), checked strictly: who asks for the wrong days must not get a
//! page that looks right.

use std::fmt;

use jiff::civil::Date;

use super::days::date;

/// Rows of the largest page.
const LARGEST_PAGE: u64 = 1000;

/// Characters of a wrong value that are told back.
const TOLD_BACK: usize = 40;

const PAGE_SIZE: Parameter = Parameter {
    name: "pageSize",
    expected: "1~1000의 정수",
    example: "100",
};
const PAGE_NUMBER: Parameter = Parameter {
    name: "pageNumber",
    expected: "1 이상의 정수",
    example: "1",
};
const START: Parameter = Parameter {
    name: "settlementStartDate",
    expected: "달력에 있는 YYYY/MM/DD 날짜",
    example: "2025/10/01",
};
const END: Parameter = Parameter {
    name: "settlementEndDate",
    expected: "달력에 있는 YYYY/MM/DD 날짜",
    example: "2025/10/31",
};

/// Which page of which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// From 1.
    pub page_number: u64,
    /// 1 to 1000.
    pub page_size: u64,
    /// The first day.
    pub first: Date,
    /// The last day, not before the first one.
    pub last: Date,
}

/// One parameter that is wrong. Written out, it says which, what was found, what is expected, and an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    parameter: Parameter,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameter {
    name: &'static str,
    expected: &'static str,
    example: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Missing,
    Twice,
    Value(String),
    /// The start lies behind the end.
    Order(Date, Date),
}

impl Query {
    /// Reads a URL's query. Parameters that nobody knows count nothing.
    ///
    /// # Errors
    /// Every mistake, so that one answer is enough to put all of them right.
    pub fn parse(query: &str) -> Result<Self, Vec<Mistake>> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let page_number = read(&pairs, PAGE_NUMBER, |text| {
            whole(text).filter(|&number| number >= 1)
        });
        let page_size = read(&pairs, PAGE_SIZE, |text| {
            whole(text).filter(|size| (1..=LARGEST_PAGE).contains(size))
        });
        let first = read(&pairs, START, |text| date(text).ok());
        let last = read(&pairs, END, |text| date(text).ok());
        match (page_number, page_size, first, last) {
            (Ok(page_number), Ok(page_size), Ok(first), Ok(last)) if first <= last => Ok(Self {
                page_number,
                page_size,
                first,
                last,
            }),
            (page_number, page_size, first, last) => {
                let order = match (&first, &last) {
                    (Ok(first), Ok(last)) if first > last => Some(Mistake {
                        parameter: START,
                        problem: Problem::Order(*first, *last),
                    }),
                    _ => None,
                };
                Err([
                    page_size.err(),
                    page_number.err(),
                    first.err(),
                    last.err(),
                    order,
                ]
                .into_iter()
                .flatten()
                .collect())
            }
        }
    }
}

impl Mistake {
    /// The parameter's name.
    pub fn name(&self) -> &'static str {
        self.parameter.name
    }

    /// Whether it is not there at all.
    pub fn is_missing(&self) -> bool {
        self.problem == Problem::Missing
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parameter {
            name,
            expected,
            example,
        } = self.parameter;
        match &self.problem {
            Problem::Missing => write!(f, "필수 파라미터가 제공되지 않았습니다: {name}. ")?,
            Problem::Twice => write!(f, "파라미터 {name}이(가) 두 번 이상 제공되었습니다. ")?,
            Problem::Value(found) => write!(
                f,
                "파라미터 {name}의 값 `{found}`이(가) 올바르지 않습니다. "
            )?,
            Problem::Order(first, last) => write!(
                f,
                "파라미터 {name}의 값 `{}`이(가) {}의 값 `{}`보다 늦습니다. ",
                first.strftime("%Y/%m/%d"),
                END.name,
                last.strftime("%Y/%m/%d"),
            )?,
        }
        write!(f, "필요한 값: {expected} (예: {name}={example})")
    }
}

fn read<T>(
    pairs: &[(String, String)],
    parameter: Parameter,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Mistake> {
    let mut values = pairs
        .iter()
        .filter(|(name, _)| name == parameter.name)
        .map(|(_, value)| value);
    let problem = match (values.next(), values.next()) {
        (None, _) => Problem::Missing,
        (Some(_), Some(_)) => Problem::Twice,
        (Some(value), None) => match parse(value) {
            Some(parsed) => return Ok(parsed),
            None => Problem::Value(told_back(value)),
        },
    };
    Err(Mistake { parameter, problem })
}

/// Digits only: `parse` alone takes a sign too.
fn whole(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn told_back(value: &str) -> String {
    value
        .chars()
        .filter(|character| !character.is_control())
        .take(TOLD_BACK)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "pageSize=100&pageNumber=2&settlementStartDate=2025/10/01&settlementEndDate=2025%2F10%2F31";

    fn mistakes(query: &str) -> Vec<String> {
        let found = Query::parse(query).unwrap_err();
        found.iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn a_good_query_is_read() {
        let query = Query::parse(GOOD).unwrap();
        assert_eq!((query.page_size, query.page_number), (100, 2));
        assert_eq!(
            (query.first.to_string(), query.last.to_string()),
            ("2025-10-01".to_owned(), "2025-10-31".to_owned())
        );
    }

    #[test]
    fn each_mistake_names_its_parameter_what_was_found_what_is_expected_and_an_example() {
        for (parameter, value, expected) in [
            ("pageSize", "0", "1~1000"),
            ("pageSize", "1001", "1~1000"),
            ("pageSize", "ten", "1~1000"),
            ("pageSize", "%2B5", "1~1000"),
            ("pageSize", "1e2", "1~1000"),
            ("pageSize", "", "1~1000"),
            ("pageNumber", "0", "1 이상"),
            ("pageNumber", "-1", "1 이상"),
            ("pageNumber", "99999999999999999999999", "1 이상"),
            ("settlementStartDate", "2025-10-01", "YYYY/MM/DD"),
            ("settlementStartDate", "2025/02/29", "YYYY/MM/DD"),
            ("settlementEndDate", "2025/10/32", "YYYY/MM/DD"),
        ] {
            let pairs = GOOD.split('&').map(|pair| {
                let name = pair.split('=').next().unwrap();
                if name == parameter {
                    format!("{name}={value}")
                } else {
                    pair.to_owned()
                }
            });
            let found = mistakes(&pairs.collect::<Vec<_>>().join("&"));
            let shown = value.replace("%2B", "+");
            assert_eq!(found.len(), 1, "{parameter}={value}: {found:?}");
            for part in [
                parameter,
                &format!("`{shown}`"),
                expected,
                &format!("예: {parameter}="),
            ] {
                assert!(found[0].contains(part), "{part}: {}", found[0]);
            }
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        assert_eq!(mistakes("").len(), 4);
        assert!(
            Query::parse("")
                .unwrap_err()
                .iter()
                .all(Mistake::is_missing)
        );
        assert_eq!(
            mistakes("pageSize=x&settlementStartDate=y&settlementEndDate=2025/10/01").len(),
            3
        );
    }

    #[test]
    fn a_start_behind_the_end_and_a_parameter_given_twice_are_mistakes() {
        let behind = GOOD.replace("2025/10/01", "2025/11/01");
        let found = mistakes(&behind);
        assert!(
            found[0].contains("`2025/11/01`") && found[0].contains("settlementEndDate"),
            "{found:?}"
        );
        let twice = mistakes(&format!("{GOOD}&pageSize=100"));
        assert!(twice[0].contains("pageSize"), "{twice:?}");
    }

    #[test]
    fn what_is_told_back_is_short_and_of_one_line() {
        let long = GOOD.replace("100", &format!("a%0Ab{}", "c".repeat(5000)));
        let found = mistakes(&long);
        assert!(
            found[0].len() < 300 && !found[0].contains('\n'),
            "{found:?}"
        );
    }
}
