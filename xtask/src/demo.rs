use std::{path::Path, process::ExitCode};

use serde_json::json;

use crate::{
    error::{Error, Result},
    process, progress,
    servers::{self, Kind, Plan, Running, origin},
    setup::{self, Toolbox},
    site,
};

/// Arguments of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How the model is registered at AICON: 1 AICON hosts the app, 2 AICON's own chat or form, 3 the provider hosts the app,
    /// 4 AICON leads to the provider's site.
    #[arg(long = "type", value_enum, default_value = "1")]
    kind: Kind,
    /// The first of five ports: AICON's sandbox, the app, the back end, two more.
    #[arg(long, value_name = "PORT", default_value_t = servers::DEFAULT_PORT_BASE)]
    port_base: u16,
    /// Start everything, see that every part answers, and stop.
    #[arg(long)]
    exit_when_ready: bool,
}

/// The `demo` command. Stdout gets three lines and nothing else.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = Plan::new("demo", args.port_base, args.kind)?;
    // Before the builds, which may take minutes.
    check_ports(args.port_base, &plan)?;
    let toolbox = setup::for_builds()?;
    servers::build(&toolbox)?;
    let dist = match plan.kind.is_microsite() {
        true => None,
        false => Some(site::build(&toolbox)?),
    };
    check_ports(args.port_base, &plan)?;
    let mut running = start(&plan, &toolbox, dist.as_deref())?;
    let result = serve(&plan, dist.as_deref(), &mut running, args.exit_when_ready);
    progress::say("stopping");
    running.stop();
    match result {
        Ok(()) | Err(Error::Interrupted) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

fn start(plan: &Plan, toolbox: &Toolbox, dist: Option<&Path>) -> Result<Running> {
    let hosted = dist.filter(|_| plan.kind == Kind::Hosted);
    let mut groups = vec![
        plan.start_sandbox(toolbox, hosted, plan.ports.site)?,
        plan.start_backend(toolbox, dist)?,
    ];
    if plan.kind == Kind::OwnSite {
        groups.push(plan.start_backend_by_key(toolbox)?);
    }
    Ok(Running::new(groups))
}

fn serve(
    plan: &Plan,
    dist: Option<&Path>,
    running: &mut Running,
    exit_when_ready: bool,
) -> Result<()> {
    wait_until_ready(plan, dist, running)?;
    announce(plan);
    if plan.kind == Kind::OwnSite {
        progress::say(&format!(
            "without a site, with an API key:\n    {}",
            plan.curl()
        ));
    }
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
        plan.entrance(),
        origin(plan.ports.aicon)
    );
    match plan.kind.is_microsite() {
        true => println!(
            "Run     the model as `demo`, or any other user of the list; there is no password"
        ),
        false => println!(
            "Log in  as `demo`, or any other user on AICON's login page; there is no password"
        ),
    }
    println!("Stop    with Ctrl-C");
}

fn check_ports(base: u16, plan: &Plan) -> Result<()> {
    let ports = plan.ports;
    let mut wanted = vec![
        (ports.aicon, "AICON's sandbox"),
        (ports.site, "AICON's hosting"),
        (ports.backend, "the back end"),
    ];
    if plan.kind == Kind::OwnSite {
        wanted.push((ports.by_key, "the back end for API keys"));
    }
    servers::check_free("demo", base, &wanted)
}

fn wait_until_ready(plan: &Plan, dist: Option<&Path>, running: &mut Running) -> Result<()> {
    let backend = origin(plan.ports.backend);
    running.wait_for(&plan.login_url())?;
    running.wait_for(&format!("{backend}/readyz"))?;
    if let Some(definition) = plan.kind.definition() {
        register(plan, definition, running)?;
    }
    if let Some(dist) = dist {
        wait_for_app(plan, dist, running)?;
    }
    if plan.kind == Kind::OwnSite {
        running.wait_for(&format!("{}/readyz", origin(plan.ports.by_key)))?;
    }
    running.wait_for(&plan.entrance())?;
    Ok(())
}

/// Registers the model at the sandbox as the back end describes it: nobody has to type it in.
fn register(plan: &Plan, definition: &str, running: &mut Running) -> Result<()> {
    let told = format!("{}/ui?model={definition}", origin(plan.ports.backend));
    let import = format!("{}/sandbox/microsite/import", origin(plan.ports.aicon));
    running.post(&import, &json!({ "url": told }))
}

fn wait_for_app(plan: &Plan, dist: &Path, running: &mut Running) -> Result<()> {
    let app = plan.app();
    let page = running.wait_for(&format!("{app}/"))?;
    let built = dist.join("index.html");
    let built = std::fs::read_to_string(&built).map_err(Error::path("read", &built))?;
    if page != built {
        return Err(Error::Unmet(format!(
            "{app} answers, but with another page than dist/index.html"
        )));
    }
    let config = running.wait_for(&format!("{app}/configs/configs.json"))?;
    if !config.contains(&origin(plan.ports.aicon)) {
        return Err(Error::Unmet(format!(
            "{app}/configs/configs.json is not the one of this demo"
        )));
    }
    Ok(())
}
