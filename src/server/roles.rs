//! Who a caller is and what it may do. Decided by the caller's place in the process tree, never by what it says of itself.
//! Must not know how requests are carried out.

use super::hub::Hub;
use crate::base::SessionId;
use crate::model::World;
use crate::pty::tree::is_holder;
use crate::wire::Op;
use crate::wire::message::WireError;
use std::collections::BTreeMap;
use std::rc::Rc;

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

/// The role of a caller by its parents. While a session is being started its holder is not known yet, and its first process
/// may be quick: then this waits for the start.
pub async fn place(hub: &Rc<Hub>, lineage: &[i32]) -> Role {
    let mut launches = hub.launches();
    loop {
        match role_of(lineage, &hub.holders()) {
            Role::Outside => {}
            inside => return inside,
        }
        // A server that itself runs in a session shares that session's holder with all its callers.
        let own = hub.lineage();
        if !lineage.iter().any(|pid| !own.contains(pid) && is_holder(*pid)) {
            return Role::Outside;
        }
        if *launches.borrow_and_update() == 0 || launches.changed().await.is_err() {
            return Role::Elsewhere;
        }
    }
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
        hint: "inside a session: report, read and wait for itself and its children, list names and states. Run this from a terminal outside".into(),
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
                Op::List | Op::ServerStatus => Ok(()),
                _ => Err(forbidden("do this on a server that does not hold that session")),
            };
        }
    };
    let of_mine = |target: &str| match world.find(target) {
        Ok(id) if !near(world, own, &id) => Err(forbidden("look at other sessions")),
        _ => Ok(()),
    };
    match op {
        Op::List | Op::ServerStatus => Ok(()),
        Op::Report { session: None, .. } | Op::Hook { .. } => Ok(()),
        Op::Report { session: Some(s), .. } => match world.find(s) {
            Ok(id) if id != *own && world.get(&id).and_then(|r| r.facts.parent.as_ref()) != Some(own) => Err(forbidden("report for another session")),
            _ => Ok(()),
        },
        Op::Timeline { session: Some(s), .. } => of_mine(s),
        Op::Show { session } | Op::Read { session, .. } | Op::Wait { session, .. } | Op::Follow { session, .. } | Op::Inspect { session } => {
            of_mine(session)
        }
        Op::New(_) => Err(forbidden("start sessions")),
        Op::Send { .. } => Err(forbidden("send input")),
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
        let show = |id: &SessionId| Op::Show { session: id.to_string() };
        let report = |s: Option<&SessionId>| Op::Report { session: s.map(|s| s.to_string()), report: Report::Note { text: "x".into() } };
        for ok in [Op::List, report(None), report(Some(&a)), report(Some(&m)), show(&a), show(&m)] {
            assert_eq!(check(&w, &inside, &ok), Ok(()), "{ok:?}");
        }
        let send = Op::Send { sessions: vec!["all".into()], text: "x".into(), queue: false, interrupt: false, no_submit: false };
        let stop = Op::Stop { session: "2".into(), force: true };
        let answer = Op::Answer { session: a.to_string(), prompt: None, answer: crate::wire::op::Answer::Allow };
        for no in
            [answer, send, stop, show(&b), report(Some(&b)), Op::ServerStop { sessions: true }, Op::Dismiss { session: "ended".into() }, Op::Reload]
        {
            assert_eq!(check(&w, &inside, &no).unwrap_err().kind, "forbidden", "{no:?}");
            assert_eq!(check(&w, &Role::Outside, &no), Ok(()));
        }
        for (op, fine) in [(Op::List, true), (report(None), false), (show(&a), false), (Op::Stop { session: "1".into(), force: true }, false)] {
            assert_eq!(check(&w, &Role::Elsewhere, &op).is_ok(), fine, "{op:?}");
        }
        assert_eq!(check(&w, &Role::Inside(m), &show(&a)), Ok(()), "a debugger reads the session it watches");
    }
}
