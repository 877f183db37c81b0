//! A follow-up for one session or many: asked of all before anything is typed, said of each what came of it.
//! Must not know how a text gets into a terminal.

use super::hub::{Hub, wire_error};
use super::targets::{Answer, accept, target_error, view};
use crate::base::SessionId;
use crate::model::{Command, FollowUp};
use crate::wire::State;
use serde_json::json;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

/// How long typing a follow-up may take before the answer is given.
const TYPED_AT_MOST: Duration = Duration::from_secs(20);

/// Sends a follow-up: `{"sent": [number], "queued": [number], "failed": [{"session", "why"}]}`. When one of several could not
/// take it, nobody gets it.
///
/// # Errors
/// Who would not take it and why; for a single session also why it was not typed.
pub async fn send(hub: &Rc<Hub>, targets: &[String], follow_up: FollowUp, queue: bool) -> Answer {
    let mut ids = Vec::new();
    for target in targets {
        // A name may hold a comma.
        if let Ok(found) = hub.world(|w| w.find_all(target)) {
            ids.extend(found);
            continue;
        }
        for t in target.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            ids.extend(hub.world(|w| w.find_all(t)).map_err(target_error)?);
        }
    }
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if ids.is_empty() {
        return Err(wire_error("not_found", "no session is running", "start one: copilot-tui new \"TASK\""));
    }
    // Nothing is typed anywhere when it cannot be typed everywhere.
    let mut refusals = Vec::new();
    for id in &ids {
        refusals.extend(refusal(hub, id, &follow_up, queue).await);
    }
    if let Some((_, why, hint)) = refusals.first().filter(|_| ids.len() == 1) {
        return Err(wire_error("conflict", why, hint));
    }
    if !refusals.is_empty() {
        let all: Vec<&str> = refusals.iter().map(|(_, why, _)| why.as_str()).collect();
        let would: Vec<String> =
            ids.iter().filter_map(|id| view(hub, id)).filter(|s| !refusals.iter().any(|r| r.0 == s.number)).map(|s| s.number.to_string()).collect();
        let hint = match would.as_slice() {
            [] => "nothing was sent to any of them".to_owned(),
            some => format!("nothing was sent to any of them; these would take it: copilot-tui send {} TEXT", some.join(",")),
        };
        return Err(wire_error("conflict", all.join("; "), hint));
    }
    let (mut sent, mut queued) = (Vec::new(), Vec::new());
    for id in ids {
        let before = view(hub, &id).map_or(0, |s| s.queued);
        accept(hub.apply(Command::FollowUp { id: id.clone(), follow_up: follow_up.clone(), queue }))?;
        if let Some(s) = view(hub, &id) {
            if s.queued > before { queued.push(s.number) } else { sent.push((s.number, id)) }
        }
    }
    // Said to be sent when it is. They are typed at the same time.
    let several = sent.len() + queued.len() > 1;
    let (mut arrived, mut failed) = (Vec::new(), Vec::new());
    let until = tokio::time::Instant::now() + TYPED_AT_MOST;
    for (number, id) in &sent {
        let typed = match hub.pane(id) {
            Some(pane) => tokio::time::timeout_at(until, pane.typed()).await.unwrap_or(Ok(())),
            None => Ok(()),
        };
        match typed {
            Ok(()) => arrived.push(*number),
            Err(why) if several => failed.push(json!({ "session": number, "why": why })),
            Err(why) => return Err(wire_error("conflict", format!("#{number}: {why}"), "the text is in the session's error list")),
        }
    }
    Ok(json!({ "sent": arrived, "queued": queued, "failed": failed }))
}

/// Why one session would not take it: its number, the reason with it, and a hint.
async fn refusal(hub: &Rc<Hub>, id: &SessionId, follow_up: &FollowUp, queue: bool) -> Option<(u32, String, &'static str)> {
    let s = view(hub, id)?;
    if let Some(why) = hub.world(|w| w.follow_up_refusal(id, follow_up, queue)) {
        return Some((s.number, why, ""));
    }
    let later = queue && s.state != State::Idle;
    let pane = hub.pane(id).filter(|_| !later)?;
    let agent = hub.world(|w| w.get(id).is_some_and(|r| r.recipe.counts));
    let why = super::deliver::may_paste(&pane, &follow_up.text, agent).await.err()?;
    Some((s.number, format!("#{}: {why}", s.number), "nothing was sent; send one line, or name a file that holds the text"))
}
