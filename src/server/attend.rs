//! Looks after an agent's terminal while something is asked: finds its own dialog on the screen, so that it can be answered from
//! outside, lets go of what hooks hold though it was answered, and tells when a dialog that a hook was passed on to is gone. Woken
//! by output and by changes; clocks only end what was waited for long enough. Must not know how answers are given.

use super::asks::Way;
use super::catalog;
use super::hub::Hub;
use super::pane::Pane;
use crate::agent::AgentSpec;
use crate::agent::dialog::{self, Dialog};
use crate::base::Now;
use crate::evidence::Source;
use crate::model::{Command, Record};
use crate::wire::State;
use crate::wire::facts::Waiting;
use std::rc::Rc;
use std::time::Duration;

/// A dialog counts when it stands as it is for so long.
const DRAWN: Duration = Duration::from_millis(120);
/// So long after its hook let go an agent may take to show its own dialog.
const COMES_UP: Duration = Duration::from_secs(4);

/// Attends a session's terminal until it ends.
pub fn attend(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some(spec) = catalog::spec_of(hub, &pane.id) else { return };
    if spec.bridge.stream.is_some() {
        super::stream::follow(hub, pane, spec.bridge.clone());
    }
    if !spec.dialogs.is_empty() {
        let (task_hub, pane) = (Rc::clone(hub), Rc::clone(pane));
        hub.spawn("attend", async move {
            tokio::select! {
                () = pane.ended() => {}
                () = watch(&task_hub, &pane, &spec) => {}
            }
        });
    }
}

async fn watch(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec) {
    let mut output = pane.output();
    let mut changed = hub.subscribe();
    // The prompt that a hook holds, once the session was seen to wait for it.
    let mut held: Option<String> = None;
    // Since when its turn has been over, by the monotonic clock.
    let mut idle: Option<u64> = None;
    loop {
        output.mark_unchanged();
        changed.mark_unchanged();
        let state = hub.world(|w| w.get(&pane.id).map(|r| r.facts.state));
        let waits = state == Some(State::Waiting);
        let front = hub.asks.front(&pane.id).filter(|f| f.1.is_none()).map(|f| f.0);
        if waits {
            held = front;
        } else if let Some(old) = held.take().filter(|old| front.as_ref() == Some(old)) {
            // It went on: answered in its own terminal. Not every agent ends its hook then.
            hub.asks.is_over(hub, &pane.id, &old);
        }
        idle = (state == Some(State::Idle)).then(|| idle.unwrap_or(Now::read().mono_ms));
        if let Some(since) = idle {
            // The turn is over: nothing of it is asked any more.
            for old in hub.asks.held_before(&pane.id, since) {
                hub.asks.is_over(hub, &pane.id, &old);
            }
        }
        if waits {
            // A half-drawn dialog is none: what counts stands there twice. Something on the screen may turn all the while.
            let first = find(pane, spec);
            pane.quiet(DRAWN, DRAWN).await;
            if first.as_ref().map(|d| &d.mark) != find(pane, spec).as_ref().map(|d| &d.mark) {
                continue;
            }
            if let Some(d) = first {
                hub.asks.stands(hub, &pane.id, &d.text);
            }
        }
        settle(hub, pane, spec, waits).await;
        tokio::select! {
            r = output.changed(), if waits => if r.is_err() { return },
            r = changed.changed() => if r.is_err() { return },
        }
    }
}

/// What the screen's dialog would change, by the agent's log, with the dialog's mark; where it stands already it was told.
async fn patch(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec) -> Option<(String, Vec<String>)> {
    let d = find(pane, spec).filter(|d| spec.dialogs.get(d.rule).is_some_and(|r| r.patch_in_log))?;
    if let Some((prompt, mark)) = hub.asks.front(&pane.id)
        && mark.is_none_or(|m| m == d.mark && is_the_same(hub, pane, &prompt))
    {
        return None;
    }
    let log = hub.world(|w| w.get(&pane.id).and_then(|r| r.conversation.as_ref()?.log.clone()))?;
    let (mark, text, keys) = (d.mark, d.text, pane.last_key_ms());
    let lines = tokio::task::spawn_blocking(move || super::patches::waiting(log.as_ref(), &text)).await.ok()?;
    // After a key it may be another one that looks the same.
    (pane.last_key_ms() == keys).then_some((mark, lines))
}

/// Makes the prompt that stands for the screen's dialog follow the screen.
async fn settle(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec, waits: bool) {
    let patch = if waits { patch(hub, pane, spec).await } else { None };
    let front = hub.asks.front(&pane.id);
    let shown = if waits { find(pane, spec) } else { None };
    match (front, shown) {
        (Some((prompt, Some(mark))), Some(d)) if mark == d.mark && is_the_same(hub, pane, &prompt) => {}
        // A better way than keys stands in front.
        (Some((_, None)), _) => {}
        (front, shown) => {
            if let Some((old, _)) = front {
                hub.asks.take(hub, &pane.id, &old);
            }
            let shown = shown.filter(|d| !hub.asks.is_spent(&pane.id, &d.mark));
            if let Some((d, rule)) = shown.and_then(|d| spec.dialogs.get(d.rule).cloned().map(|r| (d, r))) {
                let mut waiting = Waiting { kind: rule.kind.clone(), text: d.text, options: d.options, ..Waiting::default() };
                if let Some((_, lines)) = patch.filter(|(mark, _)| *mark == d.mark) {
                    waiting.show_changes(lines);
                }
                hub.asks.open(hub, &pane.id, waiting, String::new(), Way::Keys { rule, mark: d.mark }, None);
            }
        }
    }
}

/// Whether the dialog that a prompt stands for cannot have become another one that looks the same: no key has reached the
/// terminal since, and the session has waited all the while.
pub fn is_the_same(hub: &Hub, pane: &Pane, prompt: &str) -> bool {
    let state_since = hub.world(|w| w.get(&pane.id).map_or(0, |r| r.facts.state_ms));
    hub.asks.look(&pane.id, prompt, |p| p.since >= pane.last_key_ms() && p.state_since == state_since).unwrap_or_default()
}

/// Finds out what stands on the screen now, as soon as it is whole: whoever pressed a key has seen what came of it.
pub async fn look_again(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    hub.asks.seen(&pane.id);
    look(hub, pane).await;
}

/// Finds out what stands on the screen now.
pub async fn look(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some(spec) = catalog::spec_of(hub, &pane.id) else { return };
    pane.quiet(DRAWN, DRAWN).await;
    let waits = hub.world(|w| w.get(&pane.id).is_some_and(|r| r.facts.state == State::Waiting));
    settle(hub, pane, &spec, waits).await;
}

/// A hook let go of its prompt: while the agent's own dialog asks the same, the session waits on; when that dialog goes, or none
/// comes up, what the hook said is over.
pub fn passed_on(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some(spec) = catalog::spec_of(hub, &pane.id) else { return };
    if hub.asks.is_passed_on(&pane.id) {
        return;
    }
    hub.asks.pass_on(&pane.id);
    let (task_hub, pane) = (Rc::clone(hub), Rc::clone(pane));
    hub.spawn("passed on", async move {
        let done = async {
            let came_up = dialog_is(&task_hub, &pane, &spec, true);
            if tokio::time::timeout(COMES_UP, came_up).await.is_ok() {
                dialog_is(&task_hub, &pane, &spec, false).await;
            }
        };
        tokio::select! {
            () = pane.ended() => {}
            () = task_hub.closing() => {}
            () = done => {}
        }
        // Another hook may hold another prompt by now.
        let holds = task_hub.asks.front(&pane.id).is_some_and(|f| f.1.is_none());
        if task_hub.asks.passed(&pane.id) && !holds {
            task_hub.apply(Command::ForgetSignal { id: pane.id.clone(), source: Source::Hook });
        }
    });
}

/// Resolves when a prompt that a hook has just brought turns out to be asked of nobody: for long enough the session has worked on
/// by its own terminal's word, or its log's, and shown no dialog. A slow machine starts a hook after its dialog was answered, and no
/// agent ends it then. What a session only reports of itself proves nothing.
pub async fn asked_of_nobody(hub: &Rc<Hub>, pane: &Pane) {
    let (mut output, mut changed) = (pane.output(), hub.subscribe());
    let works_on = || {
        let own = |r: &Record| r.ledger.verdict().is_some_and(|v| matches!(v.signal.source, Source::Osc7501 | Source::Log));
        hub.world(|w| w.get(&pane.id).is_some_and(|r| matches!(r.facts.state, State::Working | State::Idle) && own(r)))
    };
    let may_be_asked = async {
        while works_on() && !dialog_stands(hub, pane) {
            tokio::select! {
                r = output.changed() => if r.is_err() { return },
                r = changed.changed() => if r.is_err() { return },
            }
        }
    };
    if tokio::time::timeout(COMES_UP, may_be_asked).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Resolves when one of the agent's dialogs stands on its screen, or none; also when it no longer matters.
async fn dialog_is(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec, there: bool) {
    let mut output = pane.output();
    let mut changed = hub.subscribe();
    let is = || dialog::stands(&spec.dialogs, &pane.screen_lines()) == there;
    while hub.asks.is_passed_on(&pane.id) {
        output.mark_unchanged();
        changed.mark_unchanged();
        if is() {
            // While it is drawn anew it is gone for a moment.
            pane.quiet(DRAWN, DRAWN).await;
            if is() {
                return;
            }
            continue;
        }
        tokio::select! {
            r = output.changed() => if r.is_err() { return },
            r = changed.changed() => if r.is_err() { return },
        }
    }
}

fn find(pane: &Pane, spec: &AgentSpec) -> Option<Dialog> {
    dialog::find(&spec.dialogs, &pane.screen_lines())
}

/// Whether one of the agent's dialogs stands on the screen now, whether or not it can be answered from outside.
pub fn dialog_stands(hub: &Hub, pane: &Pane) -> bool {
    catalog::spec_of(hub, &pane.id).is_some_and(|s| dialog::stands(&s.dialogs, &pane.screen_lines()))
}

/// The agent's dialog that stands on the screen now.
pub fn dialog(hub: &Hub, pane: &Pane) -> Option<Dialog> {
    find(pane, &catalog::spec_of(hub, &pane.id)?)
}
