//! The list of all sessions, as much of each as many fit into one message with. Must not know who asks but what they may see.

use super::roles::Role;
use crate::base::Now;
use crate::model::World;
use crate::wire::Session;
use crate::wire::facts::Waiting;
use serde_json::{Value, json};

/// Bytes of one answer, well below those of a message; of one session in it.
const ANSWER: usize = 512 * 1024;
const ONE: usize = 128 * 1024;

fn size(value: &Value) -> usize {
    // A comma or a bracket too.
    serde_json::to_vec(value).map_or(0, |b| b.len() + 1)
}

/// Answers `list` from a number on, as far as one answer goes. Of what an edit would change there are the first lines; `show` has
/// all of them.
pub fn list(world: &World, role: &Role, from: u32, now: Now) -> Value {
    let told = |mut s: Session| {
        if *role != Role::Outside && !matches!(role, Role::Inside(own) if *own == s.id) {
            // Inside a session: names and states only, of all but itself.
            return json!({"id": s.id, "number": s.number, "name": s.name, "kind": s.kind, "state": s.state});
        }
        s.waiting_for.iter_mut().for_each(Waiting::shorten_changes);
        one(s)
    };
    let (mut list, mut bytes, mut next) = (Vec::new(), 0, None);
    for s in world.sessions().filter(|s| s.facts.number >= from) {
        let value = told(s.view(now));
        bytes += size(&value);
        if bytes > ANSWER && !list.is_empty() {
            next = Some(s.facts.number);
            break;
        }
        list.push(value);
    }
    match next {
        Some(next) => json!({ "sessions": list, "next": next }),
        None => json!({ "sessions": list }),
    }
}

/// A session for one place of many, whole if it is not out of all proportion.
pub fn one(mut s: Session) -> Value {
    let whole = json!(s);
    if size(&whole) <= ONE {
        return whole;
    }
    s.shorten();
    json!(s)
}

/// Sessions for one answer that cannot be parted: less of each where all of all does not fit.
pub fn fitting(sessions: Vec<Session>) -> Vec<Value> {
    let fits = |list: &[Value]| list.iter().map(size).sum::<usize>() <= ANSWER;
    let whole: Vec<Value> = sessions.iter().map(|s| json!(s)).collect();
    if fits(&whole) {
        return whole;
    }
    let short = |mut s: Session| {
        s.shorten();
        json!(s)
    };
    let shorter: Vec<Value> = sessions.iter().cloned().map(short).collect();
    if fits(&shorter) {
        return shorter;
    }
    let name = |s: &Session| json!({"id": s.id, "number": s.number, "name": s.name, "kind": s.kind, "state": s.state, "state_ms": s.state_ms, "shortened": true});
    sessions.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Signal, Source};
    use crate::model::{Command, Limits, Recipe};
    use crate::wire::State;
    use crate::wire::frame::{FrameKind, encode};
    use crate::wire::message::ServerMsg;
    use crate::wire::report::Report;

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
        let answer = list(&w, &Role::Outside, 0, now);
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

    /// Everything of a list, part by part, as a client asks for it; and in how many.
    fn in_parts(w: &World, now: Now) -> (Vec<Value>, usize) {
        let (mut all, mut from, mut parts) = (Vec::new(), 0, 0);
        loop {
            let mut answer = list(w, &Role::Outside, from, now);
            fits(&answer);
            parts += 1;
            all.append(answer["sessions"].as_array_mut().unwrap());
            match answer["next"].as_u64() {
                Some(next) => from = next as u32,
                None => return (all, parts),
            }
        }
    }

    fn fits(answer: &Value) {
        let reply = serde_json::to_vec(&ServerMsg::Reply { id: 1, ok: Some(answer.clone()), error: None }).unwrap();
        assert!(encode(FrameKind::Control, &reply, &mut Vec::new()).is_ok(), "{} bytes", reply.len());
    }

    fn many(n: usize) -> (World, Vec<crate::base::SessionId>) {
        let (mut w, now) = (World::new(1, Limits { max_working: n, max_sessions: n }), Now { mono_ms: 1000, wall_ms: 1000 });
        let recipe = |n| Recipe { agent: "codex".into(), name: format!("s{n}"), task: Some("a task ".repeat(20)), ..Recipe::default() };
        let ids = (0..n).map(|n| w.apply(Command::Create(Box::new(recipe(n))), now).created.unwrap()).collect();
        (w, ids)
    }

    /// A report of an error; `text` makes each part below its title.
    fn error(title: String, text: impl Fn(&str) -> String) -> Report {
        let part = |what: &str| Some(text(what));
        let (issue, context, suggestion) = (part("issue"), part("context"), part("suggestion"));
        Report::Error { title, issue, context, suggestion, action: part("action"), status: None }
    }

    #[test]
    fn a_thousand_sessions_and_their_long_errors_come_in_parts_and_none_is_left_out() {
        let now = Now { mono_ms: 1000, wall_ms: 1000 };
        let (mut w, ids) = many(1000);
        for (id, i) in ids.iter().take(100).flat_map(|id| (0..40).map(move |i| (id, i))) {
            let report = error(format!("error {i}"), |what| format!("{what} {i} {}", "word ".repeat(70)));
            w.apply(Command::Report { id: id.clone(), report }, now);
        }
        let (all, parts) = in_parts(&w, now);
        assert!((5..40).contains(&parts), "{parts} parts");
        let numbers: Vec<u64> = all.iter().map(|s| s["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=1000).collect::<Vec<u64>>());
        assert_eq!((all[99]["errors"].as_array().unwrap().len(), &all[99]["shortened"]), (40, &Value::Null), "they are whole");
        // What cannot come in parts says less of each.
        let sessions = |n: usize| w.sessions().take(n).map(|r| r.view(now)).collect::<Vec<Session>>();
        for (n, errors) in [(5, Some(40)), (30, Some(10)), (1000, None)] {
            let told = fitting(sessions(n));
            fits(&json!({ "sessions": told }));
            assert_eq!((told.len(), told[0]["errors"].as_array().map(Vec::len)), (n, errors));
            assert_eq!(told[0]["shortened"] == json!(true), n > 5);
        }
    }

    #[test]
    fn a_session_that_says_too_much_is_told_shortened() {
        let now = Now { mono_ms: 1000, wall_ms: 1000 };
        let (mut w, ids) = many(2);
        // A column may hold many marks.
        let marks = format!("a{}", "\u{301}".repeat(2500));
        for i in 0..60 {
            let report = error(format!("{i} {marks}"), |what| format!("{what} {i} {marks}"));
            w.apply(Command::Report { id: ids[0].clone(), report }, now);
        }
        let view = w.get(&ids[0]).unwrap().view(now);
        assert!(size(&json!(view)) > 1 << 20, "{}", size(&json!(view)));
        let (all, parts) = in_parts(&w, now);
        assert_eq!((all.len(), parts), (2, 1));
        assert!(size(&all[0]) < 64 * 1024 && all[0]["shortened"] == json!(true));
        let titles: Vec<&str> = all[0]["errors"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap()).collect();
        assert!(titles.len() == 10 && titles[9].starts_with("59 a"), "the newest");
        assert_eq!(fitting(vec![view])[0]["shortened"], json!(true));
    }
}
