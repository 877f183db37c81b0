//! Hooks that call: what one says is heard, and one that asks is held open until a person answers or it no longer matters. Must
//! not know any agent, nor how answers are checked.

use super::asking::in_front;
use super::asks::Way;
use super::bridge::{asked, heard, more_than_shown, needed};
use super::catalog::spec_of;
use super::client::Client;
use super::hub::{Hub, wire_error};
use super::roles::Role;
use crate::agent::bridge::HookRule;
use crate::base::SessionId;
use crate::evidence::{Signal, Source};
use crate::model::Command;
use crate::wire::State;
use crate::wire::message::WireError;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

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
    let known = has_dialogs(hub, id, Some(&waiting.kind));
    let prompt = hub.asks.open(hub, id, waiting, needed, Way::Hook { rule, reply }, Some(Source::Hook))?;
    if hides && in_front(hub, id) {
        hub.asks.looked_at(hub, id);
    }
    // Where no dialog is known, none that is missing proves anything.
    let pane = hub.live_pane(id).filter(|_| !hides && known);
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
            hub.asks.take_answered(hub, id, &prompt);
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
    match hub.live_pane(id).filter(|_| has_dialogs(hub, id, None)) {
        Some(pane) => super::attend::passed_on(hub, &pane),
        None => works_on(hub, id),
    }
}

/// Whether it is known what the agent's own dialogs look like, of this kind if one is named.
fn has_dialogs(hub: &Hub, id: &SessionId, kind: Option<&str>) -> bool {
    spec_of(hub, id).is_some_and(|s| s.dialogs.iter().any(|d| kind.is_none_or(|k| d.kind == k)))
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
