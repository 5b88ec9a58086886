use std::{fs, path::Path, process::ExitCode, time::SystemTime};

use crate::{
    demo,
    error::{Error, Result},
    process::{self, Group},
    progress,
    servers::{self, Kind, Plan, Running, origin},
    setup::{self, Toolbox},
    site, workspace,
};

/// Arguments of `cargo xtask dev`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The first of four ports: AICON's sandbox, the app, the back end, and the source of `configs.json`.
    #[arg(long, value_name = "PORT", default_value_t = servers::DEFAULT_PORT_BASE)]
    port_base: u16,
}

/// The `dev` command: Trunk's server rebuilds the app and reloads the page; the servers are rebuilt and restarted when
/// their sources change.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = Plan::new("dev", args.port_base, Kind::Hosted)?;
    let ports = plan.ports;
    let wanted = [
        (ports.aicon, "AICON's sandbox"),
        (ports.site, "the app"),
        (ports.backend, "the back end"),
        (ports.hosting, "AICON's hosting"),
    ];
    servers::check_free("dev", args.port_base, &wanted)?;
    let toolbox = setup::for_builds()?;
    servers::build(&toolbox)?;
    let mut running = Running::new(vec![
        plan.start_sandbox(&toolbox, None, ports.hosting)?,
        plan.start_backend(&toolbox, None)?,
    ]);
    let result = serve(&toolbox, &plan, &mut running);
    progress::say("stopping");
    running.stop();
    match result {
        Ok(()) | Err(Error::Interrupted) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

fn serve(toolbox: &Toolbox, plan: &Plan, running: &mut Running) -> Result<()> {
    running.wait_for(&plan.login_url())?;
    running.wait_for(&format!("{}/readyz", origin(plan.ports.backend)))?;
    let mut trunk = start_trunk(toolbox, plan)?;
    demo::announce(plan);
    progress::say(
        "the page answers when Trunk has built it; edits below src/, backend/ or sandbox/ are picked up",
    );
    let mut watched = SERVERS.map(|server| newest(server.sources));
    loop {
        running.check()?;
        if let Some(status) = trunk.try_wait()? {
            process::check_interrupted()?;
            return Err(Error::Unmet(format!("Trunk has ended ({status})")));
        }
        for (server, seen) in SERVERS.iter().zip(&mut watched) {
            let now = newest(server.sources);
            if now != *seen {
                *seen = now;
                restart(toolbox, plan, running, server)?;
            }
        }
        std::thread::sleep(process::POLL * 5);
    }
}

struct Server {
    package: &'static str,
    sources: &'static [&'static str],
}

const SERVERS: [Server; 2] = [
    Server {
        package: "aicon-backend",
        sources: &["backend/src", "backend/Cargo.toml", "protocol/src"],
    },
    Server {
        package: "aicon-sandbox",
        sources: &["sandbox/src", "sandbox/Cargo.toml", "protocol/src"],
    },
];

fn restart(toolbox: &Toolbox, plan: &Plan, running: &mut Running, server: &Server) -> Result<()> {
    let mut cargo = toolbox.command("cargo");
    cargo.args(["build", "--package", server.package]);
    match progress::run(
        &format!("building {}", server.package),
        &mut cargo,
        server.package,
    ) {
        Ok(()) => {}
        // Half-typed code is the normal state of affairs here: the old server stays until the new one builds.
        Err(error @ Error::Command { .. }) => {
            progress::say(&format!("{error}\n    the running one is kept"));
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    if server.package == "aicon-backend" {
        running.replace("the back end", || plan.start_backend(toolbox, None))
    } else {
        running.replace("AICON's sandbox", || {
            plan.start_sandbox(toolbox, None, plan.ports.hosting)
        })
    }
}

/// Trunk's server on the site's port, writing to this terminal. Its output directory is its own, so that `dist/` stays
/// the release build.
fn start_trunk(toolbox: &Toolbox, plan: &Plan) -> Result<Group> {
    let dist = workspace::target().join("dev").join("dist");
    workspace::create_dir(&dist)?;
    // Trunk refuses to ignore a directory that is not there.
    workspace::create_dir(&workspace::root().join("dist"))?;
    let mut trunk = site::trunk(toolbox);
    trunk
        .args([
            "serve",
            "--cargo-profile",
            "dev",
            "--address",
            "127.0.0.1",
            "--disable-address-lookup",
        ])
        .args(["--port", &plan.ports.site.to_string(), "--dist"])
        .arg(dist)
        .args([
            "--proxy-backend",
            &format!("{}/configs/", origin(plan.ports.hosting)),
        ])
        .args(["--proxy-rewrite", "/configs/", "--proxy-no-system-proxy"])
        // Trunk's log is its user interface; stdout is kept for our three lines.
        .stdout(std::io::stderr());
    Group::spawn_attached("Trunk", &mut trunk)
}

/// The time of the newest file below `sources`.
fn newest(sources: &[&str]) -> Option<SystemTime> {
    let files = sources
        .iter()
        .flat_map(|source| site::files_below(&workspace::root().join(source)));
    files.filter_map(|file| modified(&file)).max()
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|meta| meta.modified()).ok()
}
