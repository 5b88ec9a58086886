//! Child processes that never outlive a task: each leads its own process group, which is ended as a whole.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::error::{Error, Result};

/// How often a child is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(100);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A running child and all that it starts. Dropping it kills the whole group.
pub(crate) struct Group {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Group {
    /// Starts `command` with both outputs going to the file `log`.
    ///
    /// # Errors
    /// When the log cannot be created or the program cannot be started.
    pub(crate) fn spawn(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        if let Some(parent) = log.parent() {
            crate::workspace::create_dir(parent)?;
        }
        let out = File::create(log).map_err(Error::path("create", log))?;
        let err = out.try_clone().map_err(Error::path("open", log))?;
        command.stdout(out).stderr(err);
        Self::spawn_as_it_is(name, command, log.to_owned())
    }

    /// Starts `command` with its outputs as the caller has set them.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn spawn_attached(name: &str, command: &mut Command) -> Result<Self> {
        Self::spawn_as_it_is(name, command, PathBuf::new())
    }

    fn spawn_as_it_is(name: &str, command: &mut Command, log: PathBuf) -> Result<Self> {
        lead_group(command);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(Error::io("start", program))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// What the child is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The file that holds what the child wrote.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The child itself, to take its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The exit status when the child has ended.
    pub(crate) fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .map_err(Error::io("wait for", &self.name))
    }

    /// Waits for the end of the child.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the user stops the task before; the group is ended then.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            check_interrupted()?;
            std::thread::sleep(POLL);
        }
    }

    /// Asks every group to end, waits up to `grace` for all of them together, then kills what is left.
    pub(crate) fn stop_all(mut groups: Vec<Self>, grace: Duration) {
        for group in &groups {
            group.signal(Signal::Terminate);
        }
        let deadline = Instant::now() + grace;
        while Instant::now() < deadline {
            groups.retain_mut(|group| matches!(group.child.try_wait(), Ok(None)));
            if groups.is_empty() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }

    fn signal(&self, signal: Signal) {
        // A group that is gone already is what we want: the error carries no news.
        let _ = send(&self.child, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From here on Ctrl-C, SIGTERM and SIGHUP no longer end the process: tasks see them by [`interrupted`], end their children
/// and return.
pub(crate) fn watch_signals() {
    let set = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst));
    set.expect("the handler is set once, at the start of the process");
}

/// Whether the user has asked to stop.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// [`interrupted`] as an error, for `?`.
pub(crate) fn check_interrupted() -> Result<()> {
    if interrupted() {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}

/// The last `count` lines of a log, each indented by four blanks, after a line break; empty when there are none.
pub(crate) fn log_tail(log: &Path, count: usize) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let start = lines.len().saturating_sub(count);
    lines[start..]
        .iter()
        .map(|line| format!("\n    {line}"))
        .collect()
}

#[derive(Clone, Copy)]
enum Signal {
    Terminate,
    Kill,
}

#[cfg(unix)]
fn lead_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(unix)]
fn send(child: &Child, signal: Signal) -> io::Result<()> {
    use nix::{sys::signal, unistd::Pid};
    let group = Pid::from_raw(child.id().try_into().map_err(io::Error::other)?);
    let signal = match signal {
        Signal::Terminate => signal::Signal::SIGTERM,
        Signal::Kill => signal::Signal::SIGKILL,
    };
    signal::killpg(group, signal).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn lead_group(_command: &mut Command) {}

// Without process groups only the child itself can be reached, and only by `kill` when it is dropped.
#[cfg(not(unix))]
fn send(_child: &Child, _signal: Signal) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn alive(pid: &str) -> bool {
        // A killed grandchild may stay a zombie until init reaps it: it runs no longer.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with(['R', 'S', 'D']))
    }

    fn wait_until(mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < deadline, "the condition did not come true");
            std::thread::yield_now();
        }
    }

    fn grandchild(log: &Path) -> String {
        let mut pid = String::new();
        wait_until(|| {
            pid = fs::read_to_string(log).unwrap_or_default();
            pid.ends_with('\n')
        });
        pid.trim().to_owned()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn dropping_a_group_ends_what_the_child_has_started() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let group = Group::spawn(
            "sh",
            Command::new("sh").args(["-c", "sleep 600 & echo $!; wait"]),
            &log,
        )
        .unwrap();
        let pid = grandchild(&log);
        assert!(alive(&pid));
        drop(group);
        wait_until(|| !alive(&pid));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_that_ignores_the_polite_signal_is_killed_after_the_grace() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let script = "trap '' TERM; sleep 600 & echo $!; wait; wait";
        let group = Group::spawn("sh", Command::new("sh").args(["-c", script]), &log).unwrap();
        let pid = grandchild(&log);
        Group::stop_all(vec![group], Duration::from_millis(300));
        wait_until(|| !alive(&pid));
    }

    #[test]
    fn the_tail_of_a_log_is_indented_and_skips_empty_lines() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        fs::write(&log, "a\n\nb\nc\n").unwrap();
        assert_eq!(log_tail(&log, 2), "\n    b\n    c");
        assert_eq!(log_tail(&dir.path().join("none"), 2), "");
    }
}
