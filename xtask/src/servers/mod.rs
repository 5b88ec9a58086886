//! The three servers of `demo` and `dev`: who listens where, and how each is started.

mod kind;
mod plan;
mod running;

use std::net::{Ipv4Addr, TcpListener};

pub(crate) use kind::Kind;
pub(crate) use plan::Plan;
pub(crate) use running::Running;

use crate::{
    error::{Error, Result},
    progress,
    setup::Toolbox,
};

/// The ports start here unless `--port-base` says otherwise.
pub(crate) const DEFAULT_PORT_BASE: u16 = 8790;

/// The ports of one running set, counted from the base.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// AICON itself: login, API, console.
    pub(crate) aicon: u16,
    /// What the user opens.
    pub(crate) site: u16,
    /// The provider's back end.
    pub(crate) backend: u16,
    /// `dev` only: AICON's hosting, from which Trunk's server takes `configs.json`.
    pub(crate) hosting: u16,
    /// Type 3 only: the back end once more, for callers with an API key.
    pub(crate) by_key: u16,
}

impl Ports {
    pub(crate) fn from_base(base: u16) -> Result<Self> {
        let last = base.checked_add(4).filter(|_| base > 0);
        let by_key = last.ok_or_else(|| {
            Error::Unmet(format!(
                "`--port-base {base}` leaves no room for five ports"
            ))
        })?;
        Ok(Self {
            aicon: base,
            site: base + 1,
            backend: base + 2,
            hosting: base + 3,
            by_key,
        })
    }
}

/// The origin of a port of this machine, as a browser writes it.
pub(crate) fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Fails when something listens on one of `ports` already.
pub(crate) fn check_free(command: &str, base: u16, ports: &[(u16, &str)]) -> Result<()> {
    for &(port, what) in ports {
        if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Err(Error::Unmet(format!(
                "port {port}, meant for {what}, cannot be used: {error}; choose others with `cargo xtask {command} --port-base \
                 {}`",
                suggested_base(base)
            )));
        }
    }
    Ok(())
}

/// The first base from `start` on, in steps of ten, all of whose ports are free.
///
/// # Errors
/// When none of the first hundred is.
pub(crate) fn free_base(start: u16) -> Result<u16> {
    let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut bases = (0..100).filter_map(|n| start.checked_add(n * 10));
    let free = bases.find(|base| (0..5).all(|n| base.checked_add(n).is_some_and(is_free)));
    free.ok_or_else(|| Error::Unmet(format!("no five ports are free from {start} on")))
}

/// Builds both servers in the dev profile.
pub(crate) fn build(toolbox: &Toolbox) -> Result<()> {
    let mut cargo = toolbox.command("cargo");
    cargo.args([
        "build",
        "--package",
        "aicon-backend",
        "--package",
        "aicon-sandbox",
    ]);
    progress::run(
        "building the back end and AICON's sandbox",
        &mut cargo,
        "servers",
    )
}

fn suggested_base(base: u16) -> u16 {
    base.checked_add(1000)
        .filter(|next| *next < 60_000)
        .unwrap_or(DEFAULT_PORT_BASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_its_purpose_and_the_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let text = check_free("demo", 8790, &[(port, "the app")])
            .unwrap_err()
            .to_string();
        for part in [
            port.to_string().as_str(),
            "the app",
            "cargo xtask demo --port-base 9790",
        ] {
            assert!(text.contains(part), "{part} is missing in `{text}`");
        }
    }

    #[test]
    fn a_free_base_leaves_out_what_is_taken() {
        let first = free_base(38_790).unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first + 4)).unwrap();
        assert_ne!(free_base(38_790).unwrap(), first);
        drop(taken);
    }

    #[test]
    fn the_five_ports_are_different_and_fit() {
        let ports = Ports::from_base(65_531).unwrap();
        assert_eq!(
            [
                ports.aicon,
                ports.site,
                ports.backend,
                ports.hosting,
                ports.by_key
            ],
            [65_531, 65_532, 65_533, 65_534, 65_535]
        );
        assert!(Ports::from_base(65_532).is_err());
        assert!(Ports::from_base(0).is_err());
    }
}
