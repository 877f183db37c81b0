//! The list of all sessions, as much of each as many fit into one message with. Must not know who asks but what they may see.

use super::roles::Role;
use crate::base::Now;
use crate::model::World;
use crate::wire::Session;
use crate::wire::facts::Waiting;
use serde_json::{Value, json};

/// Answers `list`. Of what an edit would change there are the first lines; `show` has all of them.
pub fn list(world: &World, role: &Role, now: Now) -> Value {
    let mut sessions: Vec<Session> = world.sessions().map(|r| r.view(now)).collect();
    sessions.iter_mut().filter_map(|s| s.waiting_for.as_mut()).for_each(Waiting::shorten_changes);
    if *role != Role::Outside {
        // Inside a session: names and states only, of all but itself.
        let short = |s: &Session| json!({"id": s.id, "number": s.number, "name": s.name, "kind": s.kind, "state": s.state});
        let own = |s: &Session| matches!(role, Role::Inside(own) if *own == s.id);
        let list: Vec<Value> = sessions.iter().map(|s| if own(s) { json!(s) } else { short(s) }).collect();
        return json!({ "sessions": list });
    }
    json!({ "sessions": sessions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Signal, Source};
    use crate::model::{Command, Limits, Recipe};
    use crate::wire::State;
    use crate::wire::frame::{FrameKind, encode};
    use crate::wire::message::ServerMsg;

    #[test]
    fn a_hundred_sessions_that_each_show_a_long_edit_fit_into_one_answer() {
        let (mut w, now) = (World::new(1, Limits { max_working: 100, max_sessions: 100 }), Now { mono_ms: 1000, wall_ms: 1000 });
        let mut ids = Vec::new();
        for n in 0..100 {
            let recipe = Recipe { agent: "codex".into(), name: format!("s{n}"), task: Some("a task ".repeat(20)), counts: true, ..Recipe::default() };
            let id = w.apply(Command::Create(Box::new(recipe)), now).created.unwrap();
            w.apply(Command::Started { id: id.clone(), pid: 42 }, now);
            let mut ask = Waiting { kind: "permission".into(), text: "word ".repeat(750), ..Waiting::default() };
            ask.show_changes((0..300).map(|l| format!("+{l} {}", "x".repeat(100))).collect());
            w.apply(Command::Ask { id: id.clone(), ask: Some(Box::new(ask)) }, now);
            let signal = Signal { source: Source::Hook, state: State::Waiting, text: None, kind: None, at_ms: 1000 };
            w.apply(Command::Signal { id: id.clone(), signal }, now);
            ids.push(id);
        }
        let answer = list(&w, &Role::Outside, now);
        for (s, id) in answer["sessions"].as_array().unwrap().iter().zip(&ids) {
            let all = w.get(id).unwrap().view(now).waiting_for.unwrap();
            assert!(all.changes.len() > 100);
            let told = &s["waiting_for"];
            let lines = told["changes"].as_array().unwrap();
            assert!((10..=20).contains(&lines.len()) && lines[0] == json!(all.changes[0]));
            let left_out = told["changes_left_out"].as_u64().unwrap() as usize;
            assert_eq!((lines.len() + left_out, told["text"].as_str()), (300, Some(all.text.as_str())));
        }
        let reply = serde_json::to_vec(&ServerMsg::Reply { id: 1, ok: Some(answer), error: None }).unwrap();
        assert!(encode(FrameKind::Control, &reply, &mut Vec::new()).is_ok(), "{} bytes", reply.len());
    }
}
