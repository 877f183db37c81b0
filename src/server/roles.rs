//! Who a caller is and what it may do. Decided by the caller's place in the process tree, never by what it says of itself.
//! Must not know how requests are carried out.

use crate::base::SessionId;
use crate::evidence::Source;
use crate::model::{World, typeable};
use crate::wire::message::WireError;
use crate::wire::{Op, State};
use std::collections::BTreeMap;

/// What a caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A person or a script of theirs, outside any session.
    Outside,
    /// It runs under the holder of this session.
    Inside(SessionId),
    /// It runs under a holder that this server does not know: of another server, of a session that is over, or one that could
    /// not be taken over.
    Elsewhere,
}

/// The role of a process: inside the nearest session whose holder is among its ancestors.
pub fn role_of(ancestors: &[i32], holders: &BTreeMap<i32, SessionId>) -> Role {
    ancestors.iter().find_map(|pid| holders.get(pid)).map_or(Role::Outside, |id| Role::Inside(id.clone()))
}

/// A refusal.
pub fn forbidden(what: &str) -> WireError {
    WireError {
        kind: "forbidden".into(),
        message: format!("a process inside a session may not {what}"),
        hint: "inside a session: report, read and wait for itself and its children, message agents that are its children, list names and states. \
               Run this from a terminal outside"
            .into(),
    }
}

/// Whether this session is the caller's own, a child of it, or (for a monitor or debugger) the one it watches.
pub fn near(world: &World, own: &SessionId, other: &SessionId) -> bool {
    if own == other {
        return true;
    }
    let parent_of = |id: &SessionId| world.get(id).and_then(|r| r.facts.parent.clone());
    if parent_of(other).as_ref() == Some(own) {
        return true;
    }
    world.get(own).is_some_and(|r| r.facts.kind.watches()) && parent_of(own).as_ref() == Some(other)
}

/// Whether session `own` may send a follow-up there: to a child that is an agent at work or at rest. Not to a shell, which would
/// run the text, and nobody would have been asked; not to itself, nor to one that has a dialog open by any sign but a report
/// (which `own` may have given), because the text could answer a question that is a person's to answer.
fn may_message(world: &World, own: &SessionId, target: &str) -> Result<(), WireError> {
    let Some(r) = world.find(target).ok().and_then(|id| world.get(&id)) else { return Err(forbidden("send input to other sessions")) };
    let child = r.facts.parent.as_ref() == Some(own) && !r.facts.kind.watches();
    if !child || !r.recipe.counts || !r.recipe.interactive {
        return Err(forbidden("send input, but to agents that are children of it"));
    }
    let asks = r.ledger.signals().iter().any(|s| s.state == State::Waiting && s.source != Source::Report);
    if asks || matches!(r.facts.state, State::Queued | State::Starting) {
        return Err(forbidden("send input to an agent that asks a person something, or is being started"));
    }
    Ok(())
}

/// Whether `op` is allowed to `role`.
///
/// # Errors
/// The refusal.
pub fn check(world: &World, role: &Role, op: &Op) -> Result<(), WireError> {
    let own = match role {
        Role::Outside => return Ok(()),
        Role::Inside(own) => own,
        Role::Elsewhere => {
            return match op {
                Op::List { .. } | Op::ServerStatus => Ok(()),
                _ => Err(forbidden("do this on a server that does not hold that session")),
            };
        }
    };
    let of_mine = |target: &str| match world.find(target) {
        Ok(id) if !near(world, own, &id) => Err(forbidden("look at other sessions")),
        _ => Ok(()),
    };
    match op {
        Op::List { .. } | Op::ServerStatus => Ok(()),
        Op::Report { session: None, .. } | Op::Hook { .. } => Ok(()),
        Op::Report { session: Some(s), .. } => match world.find(s) {
            Ok(id) if id != *own && world.get(&id).and_then(|r| r.facts.parent.as_ref()) != Some(own) => Err(forbidden("report for another session")),
            _ => Ok(()),
        },
        Op::Timeline { session: Some(s), .. } => of_mine(s),
        Op::Explain { session }
        | Op::Show { session, .. }
        | Op::Read { session, .. }
        | Op::Wait { session, .. }
        | Op::Follow { session, .. }
        | Op::Inspect { session } => of_mine(session),
        Op::New(_) => Err(forbidden("start sessions")),
        Op::Brief(_) | Op::Handoff { .. } => Err(forbidden("delegate, hand over or escalate sessions; `report handoff -` hands over its own work")),
        // Another agent's settings are a person's.
        Op::Send { text, .. } if typeable::is_command(text) => Err(forbidden("give an agent its own commands; begin with another word")),
        Op::Send { sessions, queue: false, interrupt: false, no_submit: false, .. } => match sessions.as_slice() {
            [one] => may_message(world, own, one),
            _ => Err(forbidden("send input to more than one session")),
        },
        Op::Send { .. } => Err(forbidden("queue, interrupt or type without sending")),
        Op::Stop { .. } | Op::Pause { .. } | Op::Resume { .. } => Err(forbidden("pause, resume or stop sessions")),
        Op::Answer { .. } => Err(forbidden("answer what is asked of a person")),
        Op::ServerStop { .. } => Err(forbidden("stop the server")),
        _ => Err(forbidden("do this")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Now;
    use crate::model::{Command, Limits, Recipe};
    use crate::wire::report::Report;

    fn world() -> (World, SessionId, SessionId, SessionId) {
        let mut w = World::new(1, Limits::default());
        let mut make = |name: &str, parent: Option<SessionId>, kind| {
            let recipe = Recipe { name: name.into(), parent, kind, ..Recipe::default() };
            w.apply(Command::Create(Box::new(recipe)), Now::default()).created.unwrap()
        };
        let a = make("a", None, crate::wire::Kind::Primary);
        let b = make("b", None, crate::wire::Kind::Primary);
        let m = make("m", Some(a.clone()), crate::wire::Kind::Debug);
        (w, a, b, m)
    }

    #[test]
    fn the_nearest_holder_decides() {
        let id = SessionId::random();
        let holders = BTreeMap::from([(50, id.clone())]);
        assert_eq!(role_of(&[90, 50, 1], &holders), Role::Inside(id));
        assert_eq!(role_of(&[90, 1], &holders), Role::Outside);
    }

    #[test]
    fn inside_a_session_little_is_allowed() {
        let (w, a, b, m) = world();
        let inside = Role::Inside(a.clone());
        let show = |id: &SessionId| Op::Show { session: id.to_string(), peek: false };
        let report = |s: Option<&SessionId>| Op::Report { session: s.map(|s| s.to_string()), report: Report::Note { text: "x".into() } };
        for ok in [Op::List { from: 0 }, report(None), report(Some(&a)), report(Some(&m)), show(&a), show(&m)] {
            assert_eq!(check(&w, &inside, &ok), Ok(()), "{ok:?}");
        }
        let send = Op::Send { sessions: vec!["all".into()], text: "x".into(), queue: false, interrupt: false, no_submit: false };
        let stop = Op::Stop { session: "2".into(), force: true };
        let answer = Op::Answer { session: a.to_string(), prompt: None, unseen: false, answer: crate::wire::op::Answer::Allow };
        for no in
            [answer, send, stop, show(&b), report(Some(&b)), Op::ServerStop { sessions: true }, Op::Dismiss { session: "ended".into() }, Op::Reload]
        {
            assert_eq!(check(&w, &inside, &no).unwrap_err().kind, "forbidden", "{no:?}");
            assert_eq!(check(&w, &Role::Outside, &no), Ok(()));
        }
        for (op, fine) in
            [(Op::List { from: 0 }, true), (report(None), false), (show(&a), false), (Op::Stop { session: "1".into(), force: true }, false)]
        {
            assert_eq!(check(&w, &Role::Elsewhere, &op).is_ok(), fine, "{op:?}");
        }
        assert_eq!(check(&w, &Role::Inside(m), &show(&a)), Ok(()), "a debugger reads the session it watches");
    }

    #[test]
    fn a_session_messages_agents_that_are_its_children_and_ask_nothing() {
        let (mut w, a, b, m) = world();
        let agent = |parent: Option<&SessionId>, counts| Recipe { parent: parent.cloned(), counts, interactive: true, ..Recipe::default() };
        let mut make = |recipe| {
            let id = w.apply(Command::Create(Box::new(recipe)), Now::default()).created.unwrap();
            w.apply(Command::Started { id: id.clone(), pid: 1 }, Now::default());
            id
        };
        let (child, shell, other) = (make(agent(Some(&a), true)), make(agent(Some(&a), false)), make(agent(Some(&b), true)));
        let inside = Role::Inside(a.clone());
        let to = |id: &SessionId, queue| Op::Send { sessions: vec![id.to_string()], text: "x".into(), queue, interrupt: false, no_submit: false };
        assert_eq!(check(&w, &inside, &to(&child, false)), Ok(()));
        for op in [to(&child, true), to(&shell, false), to(&other, false), to(&a, false), to(&b, false), to(&m, false)] {
            assert_eq!(check(&w, &inside, &op).unwrap_err().kind, "forbidden", "{op:?}");
        }
        // A dialog stays a person's, whatever was reported over it.
        for (source, state) in [(Source::Osc7501, State::Waiting), (Source::Report, State::Idle)] {
            let signal = crate::evidence::Signal { source, state, text: None, kind: None, at_ms: 1 };
            w.apply(Command::Signal { id: child.clone(), signal }, Now::default());
        }
        assert_eq!(check(&w, &inside, &to(&child, false)).unwrap_err().kind, "forbidden");
    }
}
