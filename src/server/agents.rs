//! Agents for the server: which one a session gets, how it is started, which ones this machine has.
//! Must not know any agent's flags.

use super::catalog::catalog;
use super::hub::{Hub, wire_error};
use crate::agent::{self, AgentSpec, LaunchPlan, PlanInput, VersionCache, find_program};
use crate::base::SessionId;
use crate::wire::facts::AgentInfo;
use crate::wire::message::WireError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The agent a session gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// It counts against `limits.max_working`: an agent, not a shell.
    pub counts: bool,
    /// It has turns.
    pub interactive: bool,
}

fn chosen(spec: &AgentSpec) -> Chosen {
    Chosen { name: spec.name.clone(), counts: spec.name != "shell", interactive: spec.interactive }
}

fn program(spec: &AgentSpec, path: &str) -> Option<PathBuf> {
    spec.program.iter().find_map(|p| find_program(p, OsStr::new(path)))
}

/// The agent called `wanted`, or the first on `path` in the order of preference.
///
/// # Errors
/// No such agent, or it is not installed, and how to install it.
pub fn choose(hub: &Hub, wanted: Option<&str>, path: &str) -> Result<Chosen, WireError> {
    let catalog = catalog(hub);
    let Some(name) = wanted else {
        let preferred = agent::PREFERENCE.iter().filter_map(|n| catalog.get(n).ok());
        let others = catalog.iter().filter(|s| !agent::PREFERENCE.contains(&s.name.as_str()) && s.name != "shell");
        if let Some(spec) = preferred.chain(others).find(|s| program(s, path).is_some()) {
            return Ok(chosen(spec));
        }
        let hint = catalog.get("copilot").map(|s| s.install.clone()).unwrap_or_default();
        return Err(wire_error(
            "not_found",
            "no agent is installed",
            format!("install one ({hint}), start a shell (--agent shell), any command (-- COMMAND), or see `copilot-tui demo`"),
        ));
    };
    let spec = catalog.get(name).map_err(|e| wire_error("not_found", e, ""))?;
    if program(spec, path).is_none() {
        let looked = spec.program.join(", ");
        return Err(wire_error(
            "not_found",
            format!("{} is not installed: {looked} is not on PATH", spec.title),
            format!("install it: {}", spec.install),
        ));
    }
    Ok(chosen(spec))
}

/// What an agent is started for.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Its name.
    pub agent: &'a str,
    /// The task.
    pub task: Option<&'a str>,
    /// The folder.
    pub cwd: &'a Path,
    /// An old conversation to go on with.
    pub conversation: Option<&'a str>,
}

/// How to start an agent; what wires it is written into the session's folder.
///
/// # Errors
/// When there is no such agent any more.
pub fn plan(hub: &Hub, id: &SessionId, launch: &Launch<'_>, env: &[(String, String)]) -> Result<LaunchPlan, String> {
    let Launch { agent: name, task, cwd, conversation } = *launch;
    let catalog = catalog(hub);
    let spec = catalog.get(name).map_err(|e| e.to_string())?;
    let path = env.iter().find(|(k, _)| k == "PATH").map(|(_, v)| v.as_str()).unwrap_or_default();
    let shell = env.iter().find(|(k, _)| k == "SHELL").map(|(_, v)| PathBuf::from(v)).filter(|p| p.is_absolute() && p.is_file());
    let program = match name {
        "shell" => shell.or_else(|| program(spec, path)),
        _ => program(spec, path),
    };
    let uuid = agent::uuid4();
    // An agent runs without its bridge, too; then its own signs must do.
    let wired = super::wiring::prepare(hub, id, spec, env, cwd).unwrap_or_else(|why| {
        tracing::warn!(session = %id, "not wired: {why}");
        Default::default()
    });
    let cwd = cwd.to_string_lossy();
    let mut extra = super::mcp::arguments(hub, id, spec, env);
    extra.extend(wired.arguments.iter().cloned());
    let input = PlanInput { task, cwd: &cwd, uuid: &uuid, conversation, extra: &extra, program: program.as_deref() };
    let mut plan = agent::plan(spec, &input);
    plan.env_set.extend(wired.env);
    if let Some(below) = plan.log.as_deref().and_then(|l| l.strip_prefix("~/")) {
        let home = env.iter().find(|(k, _)| k == "HOME").map(|(_, v)| Path::new(v));
        plan.log = home.map(|h| h.join(below).to_string_lossy().into_owned());
    }
    Ok(plan)
}

/// The agents of this machine, from the last look or a new one.
pub async fn detect(hub: &Rc<Hub>) -> Vec<AgentInfo> {
    if let Some(known) = hub.agents.borrow().clone() {
        return known;
    }
    let catalog = catalog(hub);
    let wanted = hub.settings().default_agent;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = tokio::task::spawn_blocking(move || {
        let detected = agent::detect(&catalog, &path, &mut VersionCache::default());
        let default = wanted.or_else(|| agent::default_agent(&detected).map(str::to_owned));
        detected
            .into_iter()
            .map(|d| AgentInfo {
                default: Some(&d.name) == default.as_ref() && d.usable(),
                program: d.program.filter(|_| d.problem.is_none()).map(|p| p.to_string_lossy().into_owned()),
                name: d.name,
                title: d.title,
                version: d.version,
                install: d.problem.unwrap_or(d.install),
            })
            .collect::<Vec<_>>()
    })
    .await
    .unwrap_or_default();
    *hub.agents.borrow_mut() = Some(found.clone());
    hub.wake_all();
    found
}
