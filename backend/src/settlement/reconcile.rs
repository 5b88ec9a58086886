//! AICON's statement against the ledger: what only one of them has, what they state differently, what each adds up to.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::statement::StatementEntry;

/// Whose sums they are where neither side names the client.
const NOBODY: &str = "(unknown)";

/// A use as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The use's GUID.
    pub guid: String,
    /// The client.
    pub client: String,
    /// Won.
    pub amount: u64,
}

/// A comparison on its way: it begins with the statement, then takes the ledger's rows one by one.
#[derive(Debug, Default)]
pub struct Reconciliation {
    stated: HashMap<String, Stated>,
    report: Report,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Everything on which the sides differ; none if they agree.
    pub differences: Vec<Difference>,
    /// Both sides' sums for each client.
    pub clients: BTreeMap<String, Sums>,
    /// Both sides' sums.
    pub total: Sums,
}

/// What both sides add up to. `here` is the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Uses in the ledger.
    pub uses_here: u64,
    /// Uses in the statement.
    pub uses_at_aicon: u64,
    /// Won in the ledger.
    pub won_here: u128,
    /// Won in the statement.
    pub won_at_aicon: u128,
}

/// One thing on which the sides differ. Amounts are won.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// The ledger has the use, the statement does not.
    MissingAtAicon {
        /// Which use.
        guid: String,
        /// The ledger's client.
        client: String,
        /// The ledger's amount.
        here: u64,
    },
    /// The statement has the use, the ledger has no such use on any day.
    MissingHere {
        /// Which use.
        guid: String,
        /// The statement's client.
        client: Option<String>,
        /// The statement's amount.
        at_aicon: u64,
    },
    /// Both have the use, at different prices.
    Amount {
        /// Which use.
        guid: String,
        /// The ledger's client.
        client: String,
        /// The ledger's amount.
        here: u64,
        /// The statement's amount.
        at_aicon: u64,
    },
    /// Both have the use, for different clients.
    Client {
        /// Which use.
        guid: String,
        /// The ledger's client.
        here: String,
        /// The statement's client.
        at_aicon: String,
    },
    /// The statement has the use, the ledger has it on a day that was not asked for.
    OtherDay {
        /// Which use.
        guid: String,
        /// The ledger's client.
        client: String,
        /// The ledger's day.
        recorded: Date,
        /// The ledger's amount.
        here: u64,
        /// The statement's amount.
        at_aicon: u64,
    },
    /// The statement has the use more than once.
    Repeated {
        /// Which use.
        guid: String,
        /// How often.
        times: u64,
        /// What the statement asks for it beyond the first time.
        beyond_first: u128,
    },
}

#[derive(Debug)]
struct Stated {
    amount: u64,
    client: Option<String>,
    times: u64,
    beyond_first: u128,
    is_found: bool,
}

impl Reconciliation {
    /// Begins with the whole statement.
    pub fn new(entries: Vec<StatementEntry>) -> Self {
        let mut stated: HashMap<String, Stated> = HashMap::with_capacity(entries.len());
        for entry in entries {
            match stated.entry(entry.guid) {
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    known.get_mut().times += 1;
                    known.get_mut().beyond_first += u128::from(entry.amount);
                }
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(Stated {
                        amount: entry.amount,
                        client: entry.client,
                        times: 1,
                        beyond_first: 0,
                        is_found: false,
                    });
                }
            }
        }
        Self {
            stated,
            report: Report::default(),
        }
    }

    /// Takes a row of the days that were asked for. Each row comes once.
    pub fn take(&mut self, row: LedgerEntry) {
        self.report.add_here(&row);
        match self.find(&row) {
            None => self.report.differences.push(Difference::MissingAtAicon {
                guid: row.guid,
                client: row.client,
                here: row.amount,
            }),
            Some(at_aicon) if at_aicon != row.amount => {
                self.report.differences.push(Difference::Amount {
                    guid: row.guid,
                    client: row.client,
                    here: row.amount,
                    at_aicon,
                });
            }
            Some(_) => {}
        }
    }

    /// What the statement has and no row so far: it may be on another day.
    pub fn unfound(&self) -> Vec<String> {
        let unfound = self.stated.iter().filter(|(_, stated)| !stated.is_found);
        let mut guids: Vec<_> = unfound.map(|(guid, _)| guid.clone()).collect();
        guids.sort_unstable();
        guids
    }

    /// Takes a row that the statement has and that was not asked for: because of its day, which is then given, or because
    /// of its client, which it then tells itself.
    pub fn take_from_elsewhere(&mut self, row: LedgerEntry, recorded: Option<Date>) {
        if let (Some(at_aicon), Some(recorded)) = (self.find(&row), recorded) {
            self.report.differences.push(Difference::OtherDay {
                guid: row.guid,
                client: row.client,
                recorded,
                here: row.amount,
                at_aicon,
            });
        }
    }

    /// The result, in the order of kinds and GUIDs.
    pub fn finish(mut self) -> Report {
        for (guid, stated) in self.stated {
            let Stated {
                amount,
                client,
                times,
                beyond_first,
                is_found,
            } = stated;
            self.report
                .add_at_aicon(client.as_deref(), times, u128::from(amount) + beyond_first);
            if times > 1 {
                self.report.differences.push(Difference::Repeated {
                    guid: guid.clone(),
                    times,
                    beyond_first,
                });
            }
            if !is_found {
                self.report.differences.push(Difference::MissingHere {
                    guid,
                    client,
                    at_aicon: amount,
                });
            }
        }
        self.report.differences.sort_unstable();
        self.report
    }

    /// What the statement asks for the row, whose client counts where the statement names none.
    fn find(&mut self, row: &LedgerEntry) -> Option<u64> {
        let stated = self.stated.get_mut(&row.guid)?;
        stated.is_found = true;
        match &stated.client {
            Some(client) if *client != row.client => {
                self.report.differences.push(Difference::Client {
                    guid: row.guid.clone(),
                    here: row.client.clone(),
                    at_aicon: client.clone(),
                });
            }
            Some(_) => {}
            None => stated.client = Some(row.client.clone()),
        }
        Some(stated.amount)
    }
}

impl Report {
    /// Whether the sides agree in everything.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    fn add_here(&mut self, row: &LedgerEntry) {
        let amount = u128::from(row.amount);
        self.each_sums(&row.client, |sums| {
            sums.uses_here += 1;
            sums.won_here += amount;
        });
    }

    fn add_at_aicon(&mut self, client: Option<&str>, uses: u64, won: u128) {
        self.each_sums(client.unwrap_or(NOBODY), |sums| {
            sums.uses_at_aicon += uses;
            sums.won_at_aicon += won;
        });
    }

    fn each_sums(&mut self, client: &str, add: impl Fn(&mut Sums)) {
        add(&mut self.total);
        // Looked up before it is made: a million rows have a few clients.
        match self.clients.get_mut(client) {
            Some(sums) => add(sums),
            None => add(self.clients.entry(client.to_owned()).or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// One thing done to a statement that agreed with the ledger.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Edit {
        None,
        Drop,
        Price(u64),
        Client,
        Unnamed,
        Again,
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            6 => Just(Edit::None),
            1 => Just(Edit::Drop),
            1 => (1..1000_u64).prop_map(Edit::Price),
            1 => Just(Edit::Client),
            1 => Just(Edit::Unnamed),
            1 => Just(Edit::Again),
        ]
    }

    fn row(number: usize) -> LedgerEntry {
        LedgerEntry {
            guid: format!("g{number:04}"),
            client: format!("client-{}", number % 3),
            amount: number as u64 * 7 % 50,
        }
    }

    fn stated(row: &LedgerEntry, edit: Edit) -> Vec<StatementEntry> {
        let mut entry = StatementEntry {
            guid: row.guid.clone(),
            amount: row.amount,
            client: Some(row.client.clone()),
        };
        match edit {
            Edit::None => {}
            Edit::Drop => return Vec::new(),
            Edit::Price(more) => entry.amount += more,
            Edit::Client => entry.client = Some("another".to_owned()),
            Edit::Unnamed => entry.client = None,
            Edit::Again => return vec![entry.clone(), entry],
        }
        vec![entry]
    }

    fn expected(row: &LedgerEntry, edit: Edit) -> Option<Difference> {
        let LedgerEntry {
            guid,
            client,
            amount,
        } = row.clone();
        Some(match edit {
            Edit::None | Edit::Unnamed => return None,
            Edit::Drop => Difference::MissingAtAicon {
                guid,
                client,
                here: amount,
            },
            Edit::Price(more) => Difference::Amount {
                guid,
                client,
                here: amount,
                at_aicon: amount + more,
            },
            Edit::Client => Difference::Client {
                guid,
                here: client,
                at_aicon: "another".to_owned(),
            },
            Edit::Again => Difference::Repeated {
                guid,
                times: 2,
                beyond_first: u128::from(amount),
            },
        })
    }

    proptest! {
        #[test]
        fn every_edit_of_a_statement_is_found_and_none_is_invented(
            edits in prop::collection::vec(edit(), 0..60),
            foreign in 0..5_usize,
            other_day in 0..5_usize,
            turn in any::<prop::sample::Index>(),
        ) {
            let rows: Vec<_> = (0..edits.len()).map(row).collect();
            let day = jiff::civil::date(2025, 9, 30);
            let late: Vec<_> = (500..500 + other_day).map(row).collect();
            let unknown: Vec<_> = (900..900 + foreign).map(row).collect();
            let mut statement: Vec<_> = rows.iter().zip(&edits)
                .flat_map(|(row, edit)| stated(row, *edit))
                .chain(late.iter().chain(&unknown).flat_map(|row| stated(row, Edit::None)))
                .collect();
            if !statement.is_empty() {
                let middle = turn.index(statement.len());
                statement.rotate_left(middle);
            }
            let won_at_aicon: u128 = statement.iter().map(|entry| u128::from(entry.amount)).sum();
            let uses_at_aicon = statement.len() as u64;

            let mut reconciliation = Reconciliation::new(statement);
            rows.iter().cloned().for_each(|row| reconciliation.take(row));
            let open: BTreeSet<_> = reconciliation.unfound().into_iter().collect();
            for row in late.iter().filter(|row| open.contains(&row.guid)) {
                reconciliation.take_from_elsewhere(row.clone(), Some(day));
            }
            let report = reconciliation.finish();

            let mut all: Vec<_> = rows.iter().zip(&edits).filter_map(|(row, edit)| expected(row, *edit)).collect();
            all.extend(late.iter().map(|row| Difference::OtherDay {
                guid: row.guid.clone(), client: row.client.clone(), recorded: day, here: row.amount, at_aicon: row.amount,
            }));
            all.extend(unknown.iter().map(|row| Difference::MissingHere {
                guid: row.guid.clone(), client: Some(row.client.clone()), at_aicon: row.amount,
            }));
            all.sort_unstable();
            prop_assert_eq!(&report.differences, &all);
            prop_assert_eq!(report.is_equal(), all.is_empty());

            let won_here: u128 = rows.iter().map(|row| u128::from(row.amount)).sum();
            let total = Sums { uses_here: rows.len() as u64, uses_at_aicon, won_here, won_at_aicon };
            prop_assert_eq!(report.total, total);
            let by_client = report.clients.values().fold(Sums::default(), |sum, part| Sums {
                uses_here: sum.uses_here + part.uses_here,
                uses_at_aicon: sum.uses_at_aicon + part.uses_at_aicon,
                won_here: sum.won_here + part.won_here,
                won_at_aicon: sum.won_at_aicon + part.won_at_aicon,
            });
            prop_assert_eq!(by_client, total);
        }
    }
}
