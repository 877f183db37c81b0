//! Delegating and bringing back in the app, as sentences: inputs in, requests and pictures out.

mod ui_support;

use copilot_tui::app::{Effect, Input};
use copilot_tui::wire::delegate::{Brief, BriefFrom, HandoffSummary};
use copilot_tui::wire::message::WireError;
use copilot_tui::wire::{ClientMsg, Kind, Op, ServerMsg, State};
use ui_support::{World, id, session};

/// A world with one session, and the dialog that delegates it.
fn dialog() -> World {
    let mut s = session(1, "docs", "codex", State::Idle);
    s.task = "write the docs".into();
    s.branch = Some("main".into());
    let mut w = World::new(120, 40, vec![s]);
    w.keys("ctrl+b space");
    w.text("delegate session");
    w.keys("enter");
    w
}

/// The last request among effects, with its number.
fn asked(effects: &[Effect]) -> Option<(u64, Op)> {
    let request = |e: &Effect| if let Effect::Send(ClientMsg::Request { id, op }) = e { Some((*id, op.clone())) } else { None };
    effects.iter().rev().find_map(request)
}

fn reply(w: &mut World, id: u64, ok: impl serde::Serialize) -> Vec<Effect> {
    w.put(Input::Server(ServerMsg::Reply { id, ok: Some(serde_json::to_value(ok).unwrap()), error: None }))
}

#[test]
fn a_delegated_session_is_asked_for_when_its_brief_is_there() {
    let mut w = dialog();
    assert!(w.ops().iter().all(|op| !matches!(op, Op::Brief(_) | Op::New(_))), "it is an offer");
    assert!(w.picture().contains("write the docs"), "{}", w.picture());
    w.text(" and more");
    let Some((n, Op::Brief(request))) = asked(&w.keys("enter")) else { panic!("no brief is asked for") };
    assert_eq!(request.from, BriefFrom::Session { session: id(1).to_string() });
    assert_eq!((request.task.as_deref(), request.isolated), (Some("write the docs and more"), true));
    let brief = Brief { task: "write the docs and more".into(), brief: "# Task".into(), head: Some("abc".into()), ..Brief::default() };
    let Some((_, Op::New(new))) = asked(&reply(&mut w, n, brief)) else { panic!("no session is asked for") };
    assert_eq!((new.brief.as_deref(), new.base.as_deref(), new.kind), (Some("# Task"), Some("abc"), Kind::Isolated));
    assert_eq!(new.task.as_deref(), Some("write the docs and more"));
}

#[test]
fn a_closed_dialog_starts_nothing_and_a_refused_brief_is_said_in_it() {
    let mut w = dialog();
    let Some((n, Op::Brief(_))) = asked(&w.keys("enter")) else { panic!("no brief is asked for") };
    w.keys("esc");
    assert!(asked(&reply(&mut w, n, Brief::default())).is_none());

    let mut w = dialog();
    let Some((n, Op::Brief(_))) = asked(&w.keys("enter")) else { panic!("no brief is asked for") };
    let error = WireError { kind: "failed".into(), message: "no such folder".into(), hint: String::new() };
    w.put(Input::Server(ServerMsg::Reply { id: n, ok: None, error: Some(error) }));
    assert!(w.picture().contains("no such folder"), "{}", w.picture());
}

#[test]
fn a_session_comes_back_with_what_needs_review_over_it() {
    let mut w = World::new(120, 40, vec![session(1, "api", "codex", State::Done)]);
    w.keys("ctrl+b space");
    w.text("bring session back");
    let Some((n, Op::Handoff { session })) = asked(&w.keys("enter")) else { panic!("nothing is asked for") };
    assert_eq!(session, id(1).to_string());
    let summary = HandoffSummary {
        number: 1,
        name: "api".into(),
        state: "done".into(),
        done: "Completed API conversion.".into(),
        points: vec!["Complex type inference \u{1b}[2J".into(), "Breaking change".into()],
        folder: "/p".into(),
        ..HandoffSummary::default()
    };
    reply(&mut w, n, summary);
    let picture = w.picture();
    for part in
        ["HAND-OFF #1 api [done]", "Completed API conversion. Found 2 issues requiring review:", "1. Complex type inference", "2. Breaking change"]
    {
        assert!(picture.contains(part), "{part}:\n{picture}");
    }
    assert!(!picture.contains('\u{1b}'));
    assert_eq!(w.app.tabs.focused_session(), Some(&id(1)));
    w.keys("down down up esc");
    assert!(w.app.layers.is_empty());
}
