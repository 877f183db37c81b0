//! What agents tell by their hooks and event streams, by the rules of their files: states, prompts, conversations, things to
//! do. Also how a launch is wired, in the session's own folder. Must not know any agent, nor how answers are checked.

use super::asks::{Way, in_front};
use super::client::Client;
use super::hub::{Hub, wire_error};
use super::roles::Role;
use super::{agents, talks, todos};
use crate::agent::AgentSpec;
use crate::agent::bridge::{Bridge, HookAct, HookRule, Wired};
use crate::base::id::random_u64;
use crate::base::{Now, SessionId};
use crate::evidence::{self, Signal, Source};
use crate::model::{Command, Conversation};
use crate::past::open_plain;
use crate::wire::State;
use crate::wire::facts::{ErrorReport, Waiting};
use crate::wire::message::WireError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Where an agent serves, kept in the session's folder for the next server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoint {
    /// Port on this machine.
    pub port: u16,
    /// Password.
    pub secret: String,
}

fn folder(hub: &Hub, id: &SessionId) -> PathBuf {
    hub.paths.session_dir(id).join("bridge")
}

/// Makes what wires a launch: files that only this user reads, below the session's own folder. Blocks on the disk.
///
/// # Errors
/// What could not be made; the agent can run without it.
pub fn prepare(hub: &Hub, id: &SessionId, spec: &AgentSpec, env: &[(String, String)], cwd: &Path) -> Result<Wired, String> {
    if spec.bridge.is_empty() {
        return Ok(Wired::default());
    }
    let var = |name: &str| env.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let bridge = spec.bridge.settled(&spec.launch.arguments(), &var, cwd);
    let dir = folder(hub, id);
    remove(hub, id);
    let failed = |e: std::io::Error| format!("{}: {e}", dir.display());
    crate::store::private_dir(&dir).map_err(failed)?;
    // A newer version may have taken its place; a path that only means us to ourselves would name the agent's shell there.
    let exe = std::env::current_exe().map_err(failed)?;
    let text = exe.to_string_lossy();
    let program = PathBuf::from(text.strip_suffix(" (deleted)").unwrap_or(&text));
    if !program.exists() {
        return Err(format!("{} is gone", program.display()));
    }
    let mut endpoint = None;
    if bridge.arguments.iter().any(|a| a.contains("{port}")) {
        // The port is free again at once; whoever takes it in between does not know the password.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).map_err(failed)?.port();
        endpoint = Some(Endpoint { port, secret: format!("{:016x}{:016x}", random_u64(), random_u64()) });
    }
    let (port, secret) = endpoint.as_ref().map_or((0, ""), |e| (e.port, e.secret.as_str()));
    let wired = bridge.wire(&spec.name, &dir, &program, &hub.paths.server, port, secret);
    for (path, text) in &wired.files {
        if let Some(parent) = path.parent().filter(|p| *p != dir) {
            crate::store::private_dir(parent).map_err(failed)?;
        }
        crate::store::atomic_write(path, text.as_bytes(), 0o600).map_err(|e| e.to_string())?;
    }
    if let Some(e) = endpoint {
        let json = serde_json::to_vec(&e).unwrap_or_default();
        crate::store::atomic_write(&dir.join("endpoint.json"), &json, 0o600).map_err(|e| e.to_string())?;
    }
    Ok(wired)
}

/// Where the agent of a session serves, if it does.
pub fn endpoint(hub: &Hub, id: &SessionId) -> Option<Endpoint> {
    read_endpoint(&folder(hub, id))
}

/// What runs in the session can put anything in the file's place: the loop waits for no pipe, and reads no more than there can be.
fn read_endpoint(folder: &Path) -> Option<Endpoint> {
    let mut bytes = Vec::new();
    open_plain(&folder.join("endpoint.json")).ok()?.take(4096).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Removes what wired a launch.
pub fn remove(hub: &Hub, id: &SessionId) {
    let dir = folder(hub, id);
    if let Err(e) = std::fs::remove_dir_all(&dir)
        && e.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("cannot remove {}: {e}", dir.display());
    }
}

/// Answers a hook's call.
///
/// # Errors
/// When the caller is no session's.
pub async fn hook(hub: &Rc<Hub>, client: &Rc<Client>, agent: &str, event: &str, input: &Value, age_ms: u64) -> Result<Value, WireError> {
    let Role::Inside(id) = &client.role else {
        return Err(wire_error("usage", "a hook speaks for the session it runs in, and this is none", ""));
    };
    let nothing = json!({ "print": null });
    let Some(spec) = spec_of(hub, id).filter(|s| s.name == agent) else { return Ok(nothing) };
    match heard(hub, id, &spec.bridge, event, input, Source::Hook, age_ms) {
        Some(rule) => Ok(json!({ "print": hold(hub, client, id, rule, input, Duration::from_secs(spec.bridge.hold_s)).await })),
        None => Ok(nothing),
    }
}

/// The agent of a session, as its file says now.
pub fn spec_of(hub: &Hub, id: &SessionId) -> Option<AgentSpec> {
    let name = hub.world(|w| w.get(id).filter(|r| r.recipe.command.is_empty()).map(|r| r.facts.agent.clone()))?;
    agents::catalog(hub).get(&name).ok().cloned()
}

/// Whether a text is the wanted one; `*` in that stands for anything.
fn matches(wanted: &str, text: &str) -> bool {
    let Some((begin, rest)) = wanted.split_once('*') else { return wanted == text };
    let Some(text) = text.strip_prefix(begin) else { return false };
    rest.is_empty() || (0..=text.len()).any(|i| text.get(i..).is_some_and(|t| matches(rest, t)))
}

/// The first rule for an event.
fn rule_for<'a>(rules: &'a [HookRule], event: &str, input: &Value) -> Option<&'a HookRule> {
    let text_at = |place: &str| input.pointer(place).and_then(Value::as_str);
    let fits = |r: &&HookRule| r.event == event && r.only.as_ref().is_none_or(|(place, text)| text_at(place).is_some_and(|t| matches(text, t)));
    rules.iter().find(fits)
}

/// Takes an event; gives the rule of a prompt that is to be held open.
pub fn heard(hub: &Rc<Hub>, id: &SessionId, bridge: &Bridge, event: &str, input: &Value, source: Source, age_ms: u64) -> Option<HookRule> {
    let text_at = |place: &str| input.pointer(place).and_then(Value::as_str);
    let rule = rule_for(&bridge.rules, event, input)?;
    let spoken = bridge.conversation.as_deref().and_then(text_at).map(str::to_owned);
    let helper = bridge.helper.as_deref().is_some_and(|p| text_at(p).is_some());
    let known = hub.world(|w| w.get(id).and_then(|r| r.conversation.as_ref().map(|c| c.id.clone())));
    let begins = matches!(rule.act, HookAct::Begins) || (known.is_none() && rule.act == HookAct::Works);
    if let Some(spoken) = spoken.clone().filter(|s| begins && !helper && s.len() <= 200) {
        match source {
            // Whatever runs in the session can call its hooks.
            Source::Hook => talks::named(hub, id, &spoken),
            _ if known.as_ref() == Some(&spoken) => {}
            _ => _ = hub.apply(Command::Conversation { id: id.clone(), conversation: Conversation { id: spoken, log: None } }),
        }
    }
    // Whose turn is over is known only with the conversation's name.
    let of_helper = helper || (bridge.own_only && spoken.is_some() && known != spoken && !begins);
    let at_ms = Now::read().wall_ms.saturating_sub(age_ms);
    let say = |state| {
        if !of_helper {
            // The end of a turn that is said twice is no news, and must not hide what a newer source says.
            hub.apply(Command::Signal { id: id.clone(), signal: Signal { source, state, text: None, kind: None, at_ms } });
        }
    };
    match &rule.act {
        // Others of it may work on while it asks: that has the last word until it is answered.
        HookAct::Works if hub.asks.front(id).is_some_and(|f| f.1.is_none()) => {}
        HookAct::Works => say(State::Working),
        HookAct::Over => say(State::Idle),
        HookAct::Begins if helper => {}
        HookAct::Begins => {
            let tasked = hub.world(|w| w.get(id).is_some_and(|r| r.tasked));
            let state = if tasked { State::Working } else { State::Idle };
            let signal = Signal { source, state, text: None, kind: Some(evidence::START.into()), at_ms };
            hub.apply(Command::Signal { id: id.clone(), signal });
        }
        HookAct::Answered => {
            hub.asks.answered(hub, id, rule.id.as_deref().and_then(text_at));
            if hub.asks.front(id).is_none() {
                say(State::Working);
            }
        }
        HookAct::Fails => {
            let issue = first_text(&rule.text, input);
            let error = ErrorReport { title: "the agent reported an error".into(), issue, count: 1, ..ErrorReport::default() };
            hub.apply(Command::Failure { id: id.clone(), error });
        }
        HookAct::Todos => todos::told(hub, id, rule, input, source),
        HookAct::TodosChanged => todos::changed(hub, id, bridge),
        // A prompt of the past stands in the agent's own dialog by now.
        HookAct::Asks(_) if age_ms > 0 => {}
        HookAct::Asks(_) => return Some(rule.clone()),
    }
    None
}

/// What a prompt asks, by its rule.
pub fn asked(rule: &HookRule, input: &Value) -> Waiting {
    let kind = match &rule.act {
        HookAct::Asks(kind) => kind.clone(),
        _ => "unknown".into(),
    };
    let tool = rule.tool.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_str).map(str::to_owned);
    let options = rule.options.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_array);
    let label = |o: &Value| o.as_str().or_else(|| o.get("label").and_then(Value::as_str)).map(str::to_owned);
    Waiting {
        kind,
        text: first_text(&rule.text, input).unwrap_or_default(),
        tool,
        options: options.into_iter().flatten().filter_map(label).collect(),
        ..Waiting::default()
    }
}

/// Whether what is shown is only the first of several: an answer would count for those that nobody saw, too.
pub fn more_than_shown(rule: &HookRule, input: &Value) -> bool {
    let Some(place) = rule.text.iter().find(|p| text_in(input, p).is_some()) else { return false };
    let second = |list: &str| input.pointer(&format!("{list}/1")).is_some();
    place.match_indices("/0").any(|(at, found)| {
        let whole = place.get(at + found.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        whole && place.get(..at).is_some_and(second)
    })
}

/// What of an event its answer needs, as JSON.
pub fn needed(rule: &HookRule, input: &Value) -> String {
    rule.input.as_deref().and_then(|p| input.pointer(p)).map(Value::to_string).unwrap_or_default()
}

/// The first of the places that holds something: a text, or anything else as JSON.
fn first_text(places: &[String], input: &Value) -> Option<String> {
    places.iter().find_map(|p| text_in(input, p))
}

fn text_in(input: &Value, place: &str) -> Option<String> {
    match input.pointer(place)? {
        Value::Null => None,
        Value::String(s) if s.is_empty() => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    }
}

/// Holds a hook's call open until somebody answers, the agent takes it back, or the time is up. What is to be printed.
async fn hold(hub: &Rc<Hub>, client: &Rc<Client>, id: &SessionId, rule: HookRule, input: &Value, patience: Duration) -> Option<String> {
    let mut waiting = asked(&rule, input);
    if let Some(edit) = super::edits::asked(hub, id, &rule, input) {
        edit.shown_by(&mut waiting).await;
    }
    if rule.hides_dialog {
        waiting.note = Some("its terminal shows no dialog while you can answer here; going there brings its own".into());
    }
    if more_than_shown(&rule, input) || !crate::model::shown_whole(&waiting.text) {
        // The agent's own dialog says it whole. Where it stands all the while, the call's end tells that it was answered.
        if !rule.hides_dialog {
            hub.asks.tell(hub, id, &waiting, Some(Source::Hook));
            let _ = tokio::time::timeout(patience, client.gone()).await;
            pass_on(hub, id);
        }
        return None;
    }
    let (reply, mut answer) = oneshot::channel();
    let hides = rule.hides_dialog;
    let needed = needed(&rule, input);
    let prompt = hub.asks.open(hub, id, waiting, needed, Way::Hook { rule, reply }, Some(Source::Hook))?;
    if hides && in_front(hub, id) {
        hub.asks.looked_at(hub, id);
    }
    // Where no dialog is known, none that is missing proves anything.
    let pane = hub.live_pane(id).filter(|_| !hides && has_dialogs(hub, id));
    let asked_of_nobody = async {
        match &pane {
            Some(pane) => super::attend::asked_of_nobody(hub, pane).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        said = &mut answer => {
            let said = said.ok().flatten();
            if said.is_some() || !hides {
                works_on(hub, id);
            } else {
                // Let go by one that hid its dialog, nothing is known to have changed: that dialog asks the same now.
                pass_on(hub, id);
            }
            said
        }
        // The hook's process is gone: answered in its terminal, interrupted, or it died and the agent's dialog asks the same.
        () = client.gone() => {
            hub.asks.take(hub, id, &prompt);
            pass_on(hub, id);
            None
        }
        () = asked_of_nobody => {
            hub.asks.take(hub, id, &prompt);
            works_on(hub, id);
            None
        }
        () = tokio::time::sleep(patience) => {
            hub.asks.take(hub, id, &prompt);
            pass_on(hub, id);
            None
        }
    }
}

/// A hook no longer stands for its prompt: what it said counts on only as long as the agent's own dialog says the same, which who
/// attends its terminal finds out.
fn pass_on(hub: &Rc<Hub>, id: &SessionId) {
    if hub.asks.front(id).is_some_and(|f| f.1.is_none()) {
        return;
    }
    match hub.live_pane(id).filter(|_| has_dialogs(hub, id)) {
        Some(pane) => super::attend::passed_on(hub, &pane),
        None => works_on(hub, id),
    }
}

/// Whether it is known what the agent's own dialogs look like.
fn has_dialogs(hub: &Hub, id: &SessionId) -> bool {
    spec_of(hub, id).is_some_and(|s| !s.dialogs.is_empty())
}

/// An answer was given: what the hook said is over, unless something else is asked.
fn works_on(hub: &Rc<Hub>, id: &SessionId) {
    if hub.asks.front(id).is_none() {
        hub.apply(Command::ForgetSignal { id: id.clone(), source: Source::Hook });
    }
}

/// The agent's log says that its prompt was answered: what a hook said of it before no longer holds.
pub fn answered_in_pane(hub: &Rc<Hub>, id: &SessionId) {
    let waits = |s: &Signal| s.source == Source::Hook && s.state == State::Waiting;
    hub.asks.passed(id);
    if hub.asks.front(id).is_none_or(|f| f.1.is_some()) && hub.world(|w| w.get(id).is_some_and(|r| r.ledger.signals().iter().any(waits))) {
        hub.apply(Command::ForgetSignal { id: id.clone(), source: Source::Hook });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_in_place_of_the_endpoint_keeps_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("endpoint.json");
        std::fs::write(&file, r#"{"port": 7, "secret": "s"}"#).unwrap();
        assert_eq!(read_endpoint(dir.path()).map(|e| e.port), Some(7));
        std::fs::remove_file(&file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        assert!(read_endpoint(dir.path()).is_none());
    }

    #[test]
    fn what_is_asked_is_read_from_real_events() {
        let catalog = crate::agent::Catalog::builtin();
        let rule = |agent: &str, event: &str| {
            catalog.get(agent).unwrap().bridge.rules.iter().find(|r| r.event == event && r.only.is_none()).unwrap().clone()
        };
        let copilot = json!({"sessionId": "a", "toolName": "bash", "toolInput": {"command": "echo hi > hello.txt"}});
        let w = asked(&rule("copilot", "permissionRequest"), &copilot);
        assert_eq!((w.kind.as_str(), w.text.as_str(), w.tool.as_deref()), ("permission", "echo hi > hello.txt", Some("bash")));
        let claude = json!({"session_id": "a", "tool_name": "Frobnicate", "tool_input": {"x": 1}});
        assert_eq!(asked(&rule("claude", "PermissionRequest"), &claude).text, r#"{"x":1}"#);
        // The words `command` and `path` mean what a server likes: all that a tool of one is given is shown.
        let input = json!({"command": "echo hi", "path": "x", "url": "y", "then": "rm -rf /"});
        for (agent, event, tool) in [
            ("copilot", "permissionRequest", json!({"toolName": "notes/run", "toolInput": input})),
            ("claude", "PermissionRequest", json!({"tool_name": "mcp__notes__run", "tool_input": input})),
            ("qwen", "PermissionRequest", json!({"tool_name": "mcp__notes__run", "tool_input": input})),
        ] {
            let rules = &catalog.get(agent).unwrap().bridge.rules;
            let w = asked(rule_for(rules, event, &tool).unwrap(), &tool);
            assert!(w.text.contains("rm -rf /") && w.kind == "permission", "{agent}: {}", w.text);
        }
        assert!(matches("*/*", "a/b") && matches("a/b_*", "a/b_") && !matches("*/*", "ab") && !matches("a", "ab") && !matches("a*c", "ab"));
        let two = json!({"tool_name": "AskUserQuestion", "tool_input": {"questions": [{"question": "Which?"}, {"question": "And then?"}]}});
        let asks = catalog.get("claude").unwrap().bridge.rules.iter().find(|r| r.act == HookAct::Asks("question".into())).unwrap();
        assert!(more_than_shown(asks, &two), "one answer does not answer two questions");
        let one = json!({"tool_input": {"questions": [{"question": "Which?"}]}});
        assert!(!more_than_shown(asks, &one) && !more_than_shown(&rule("claude", "PermissionRequest"), &claude));
        let two = json!({"properties": {"permission": "external_directory", "patterns": ["/a/*", "/b/*"]}});
        assert!(more_than_shown(&rule("opencode", "permission.asked"), &two));
        let question = json!({"properties": {"id": "q", "questions": [{"question": "Which?", "options": [{"label": "Red"}, {"label": "Blue"}]}]}});
        let w = asked(&rule("opencode", "question.asked"), &question);
        assert_eq!((w.kind.as_str(), w.text.as_str(), w.options.len()), ("question", "Which?", 2));
    }
}
