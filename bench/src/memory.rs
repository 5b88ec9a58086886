//! What processes hold and use, by `/proc`.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The server's name among processes.
const SERVER: &str = "aicon-backend";

/// Between two looks at the browser, whose shares take a while to count.
const BROWSER_INTERVAL: Duration = Duration::from_millis(50);

/// Between two looks at the server, whose readers live for some ten milliseconds.
const SERVER_INTERVAL: Duration = Duration::from_millis(4);

/// What Linux tells processor time in, whatever the kernel's own tick.
const TICK: Duration = Duration::from_millis(10);

/// Bytes that groups of processes hold, all descendants of this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The server's resident set.
    pub(crate) server: u64,
    /// Its children's, which read PDFs: resident sets, summed.
    pub(crate) readers: u64,
    /// The browser: shared pages divided among those that share them, all its processes summed.
    pub(crate) browser: u64,
    /// Of that the processes which hold pages.
    pub(crate) pages: u64,
}

impl Held {
    /// What is held now.
    pub(crate) fn now() -> Self {
        Self::by_servers().or(Self::by_browser())
    }

    fn by_servers() -> Self {
        let processes = descendants(std::process::id());
        let is_server = |process: &Process| process.name == SERVER;
        let servers: Vec<u32> = processes
            .iter()
            .filter(|process| is_server(process))
            .map(|process| process.id)
            .collect();
        let mut held = Self::default();
        for process in &processes {
            if servers.contains(&process.parent) {
                held.readers += resident(process.id);
            } else if is_server(process) {
                held.server += resident(process.id);
            }
        }
        held
    }

    fn by_browser() -> Self {
        let mut held = Self::default();
        let processes = descendants(std::process::id());
        for process in processes
            .iter()
            .filter(|process| process.name.starts_with("chrom"))
        {
            let share = share(process.id);
            held.browser += share;
            if is_page(process.id) {
                held.pages += share;
            }
        }
        held
    }

    /// The higher of each.
    fn or(self, other: Self) -> Self {
        Self {
            server: self.server.max(other.server),
            readers: self.readers.max(other.readers),
            browser: self.browser.max(other.browser),
            pages: self.pages.max(other.pages),
        }
    }
}

/// Looks at all processes until asked.
pub(crate) struct Watch {
    is_over: Arc<AtomicBool>,
    looks: [JoinHandle<Held>; 2],
}

impl Watch {
    pub(crate) fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let looks: [(Duration, fn() -> Held); 2] = [
            (SERVER_INTERVAL, Held::by_servers),
            (BROWSER_INTERVAL, Held::by_browser),
        ];
        let looks = looks.map(|(interval, look)| {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                let mut peak = look();
                while !is_over.load(Ordering::Relaxed) {
                    thread::sleep(interval);
                    peak = peak.or(look());
                }
                peak
            })
        });
        Self { is_over, looks }
    }

    /// The highest of each that was seen.
    pub(crate) fn peak(self) -> Held {
        self.is_over.store(true, Ordering::Relaxed);
        let peaks = self
            .looks
            .map(|looks| looks.join().expect("looking at files does not panic"));
        peaks[0].or(peaks[1])
    }
}

/// Bytes that a process has held at most, from the text of its `status`.
pub(crate) fn high_water_mark(status: &str) -> Option<f64> {
    kibibytes(status, "VmHWM:").map(|kibibytes| kibibytes as f64 * 1024.0)
}

/// Processor time that a process has used, its threads' that have ended too; in steps of 10 ms.
pub(crate) fn processor_time(id: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let ticks = user_and_system_ticks(&stat).ok_or(io::ErrorKind::InvalidData)?;
    Ok(TICK * ticks)
}

/// The fields `utime` and `stime`, the 14th and 15th.
fn user_and_system_ticks(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11).map(str::parse::<u32>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

struct Process {
    id: u32,
    parent: u32,
    name: String,
}

fn descendants(root: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
    for entry in entries {
        let id = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let stat = id.and_then(|_: u32| fs::read_to_string(entry.path().join("stat")).ok());
        if let (Some(id), Some((name, parent))) = (id, stat.as_deref().and_then(name_and_parent)) {
            let name = name.to_owned();
            let process = Process { id, parent, name };
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut found, mut parents) = (Vec::new(), vec![root]);
    while let Some(parent) = parents.pop() {
        let next = children.remove(&parent).unwrap_or_default();
        parents.extend(next.iter().map(|process| process.id));
        found.extend(next);
    }
    found
}

/// `12 (name) S 1 …`; a name may hold brackets and blanks.
fn name_and_parent(stat: &str) -> Option<(&str, u32)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1;
    Some((name, rest.split_whitespace().nth(1)?.parse().ok()?))
}

/// Chromium rewrites the command line of its processes: blanks stand where zeros stood.
fn is_page(id: u32) -> bool {
    let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    line.contains("--type=renderer")
}

/// The resident set, in bytes.
pub(crate) fn resident(id: u32) -> u64 {
    of_file(id, "status", "VmRSS:")
}

fn share(id: u32) -> u64 {
    of_file(id, "smaps_rollup", "Pss:")
}

/// Bytes; a process that has ended holds none.
fn of_file(id: u32, file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
    kibibytes(&text, key).unwrap_or_default() * 1024
}

fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n";
        assert_eq!(high_water_mark(status), Some(2.0 * 1024.0 * 1024.0));
        assert_eq!(high_water_mark("Name: x\n"), None);
    }

    #[test]
    fn a_name_may_hold_brackets() {
        assert_eq!(name_and_parent("7 (a) b) S 12 7 7"), Some(("a) b", 12)));
        assert_eq!(name_and_parent("nothing"), None);
    }

    #[test]
    fn processor_time_is_user_and_system() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 30 12 13";
        assert_eq!(user_and_system_ticks(stat), Some(42));
        assert_eq!(user_and_system_ticks("nothing"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_this_process_holds_is_told() {
        let id = std::process::id();
        assert!(resident(id) > 100_000 && share(id) > 100_000);
        assert_eq!(resident(0), 0);
    }
}
