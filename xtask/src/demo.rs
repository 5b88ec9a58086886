use std::{path::Path, process::ExitCode};

use crate::{
    error::{Error, Result},
    process, progress,
    servers::{self, Plan, Running, origin},
    setup, site,
};

/// Arguments of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The first of three ports: AICON's sandbox, the app, the back end.
    #[arg(long, value_name = "PORT", default_value_t = servers::DEFAULT_PORT_BASE)]
    port_base: u16,
    /// Start everything, see that every part answers, and stop.
    #[arg(long)]
    exit_when_ready: bool,
}

/// The `demo` command. Stdout gets three lines and nothing else.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = Plan::new("demo", args.port_base)?;
    let ports = plan.ports;
    // Before the builds, which may take minutes.
    check_ports(args.port_base, &plan)?;
    let toolbox = setup::for_builds()?;
    servers::build(&toolbox)?;
    let dist = site::build(&toolbox)?;
    check_ports(args.port_base, &plan)?;
    let mut running = Running::new(vec![
        plan.start_sandbox(&toolbox, Some(&dist), ports.site)?,
        plan.start_backend(&toolbox)?,
    ]);
    let result = serve(&plan, &dist, &mut running, args.exit_when_ready);
    progress::say("stopping");
    running.stop();
    match result {
        Ok(()) | Err(Error::Interrupted) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

fn serve(plan: &Plan, dist: &Path, running: &mut Running, exit_when_ready: bool) -> Result<()> {
    wait_until_ready(plan, dist, running)?;
    announce(plan);
    if exit_when_ready {
        return Ok(());
    }
    loop {
        running.check()?;
        std::thread::sleep(process::POLL);
    }
}

/// The three lines: where to open, who to log in as, how to stop.
pub(crate) fn announce(plan: &Plan) {
    println!(
        "Open    {}  (AICON's console: {})",
        origin(plan.ports.site),
        origin(plan.ports.aicon)
    );
    println!("Log in  as `demo`, or any other user on AICON's login page; there is no password");
    println!("Stop    with Ctrl-C");
}

fn check_ports(base: u16, plan: &Plan) -> Result<()> {
    let ports = plan.ports;
    let wanted = [
        (ports.aicon, "AICON's sandbox"),
        (ports.site, "the app"),
        (ports.backend, "the back end"),
    ];
    servers::check_free("demo", base, &wanted)
}

fn wait_until_ready(plan: &Plan, dist: &Path, running: &mut Running) -> Result<()> {
    let (site, backend) = (origin(plan.ports.site), origin(plan.ports.backend));
    running.wait_for(&plan.login_url())?;
    running.wait_for(&format!("{backend}/readyz"))?;
    let page = running.wait_for(&format!("{site}/"))?;
    let built = dist.join("index.html");
    let built = std::fs::read_to_string(&built).map_err(Error::path("read", &built))?;
    if page != built {
        return Err(Error::Unmet(format!(
            "{site} answers, but with another page than dist/index.html"
        )));
    }
    let config = running.wait_for(&format!("{site}/configs/configs.json"))?;
    if !config.contains(&backend) {
        return Err(Error::Unmet(format!(
            "{site}/configs/configs.json is not the one of this demo"
        )));
    }
    Ok(())
}
