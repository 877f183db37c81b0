//! The app's search in all sessions and its recordings, as sentences: keys and answers in, requests and pictures out.

mod ui_support;

use copilot_tui::app::{Effect, Hit, Input};
use copilot_tui::base::{Line, Mods, MouseButton, MouseEvent, MouseKind, SessionId};
use copilot_tui::wire::message::WireError;
use copilot_tui::wire::op::ReplayAct;
use copilot_tui::wire::pane::{PaneCursor, PaneFrame, PaneModes};
use copilot_tui::wire::{ClientMsg, Op, ServerMsg};
use serde_json::json;
use ui_support::{World, id, shop};

fn world() -> World {
    let mut w = World::new(110, 30, shop());
    w.ops();
    w
}

fn shown() -> SessionId {
    "replay0001".parse().unwrap()
}

fn opened(w: &mut World) {
    w.answer(json!({
        "replay": shown(), "session": id(3), "at": 60_000, "length": 120_000, "wall_ms": 1_700_000_000_000u64, "playing": false, "speed": 1.0,
        "trimmed": false, "live": true,
        "marks": [{"at": 10_000, "wall_ms": 1, "label": "working"}, {"at": 90_000, "wall_ms": 2, "label": "error: \u{1b}[31mboom"}],
    }));
}

/// The requests sent so far, left where they are.
fn asked(w: &World) -> Vec<Op> {
    let request = |e: &Effect| if let Effect::Send(ClientMsg::Request { op, .. }) = e { Some(op.clone()) } else { None };
    w.sent.iter().filter_map(request).collect()
}

/// Refuses the last request.
fn refuse(w: &mut World, kind: &str, message: &str) {
    let id = w.sent.iter().rev().find_map(|e| if let Effect::Send(ClientMsg::Request { id, .. }) = e { Some(*id) } else { None });
    let error = WireError { kind: kind.into(), message: message.into(), hint: String::new() };
    w.put(Input::Server(ServerMsg::Reply { id: id.unwrap(), ok: None, error: Some(error) }));
}

fn acts(w: &mut World) -> Vec<ReplayAct> {
    w.ops().into_iter().filter_map(|op| if let Op::Replay { act, .. } = op { Some(act) } else { None }).collect()
}

#[test]
fn every_letter_is_searched_for_and_enter_goes_there() {
    let mut w = world();
    w.keys("ctrl+b F");
    w.text("al");
    let ops = asked(&w);
    let typed: Vec<&str> = ops.iter().filter_map(|o| if let Op::SearchAll { pattern, .. } = o { Some(pattern.as_str()) } else { None }).collect();
    assert_eq!(typed, ["a", "al"]);
    w.text("(");
    refuse(&mut w, "usage", "not a pattern: unclosed group");
    let picture = w.picture();
    assert!(picture.contains("unclosed group"), "{picture}");
    w.keys("backspace");
    w.answer(json!({"count": 3, "more": false, "sessions": [
        {"id": id(3), "number": 3, "name": "shop", "agent": "codex", "state": "working", "count": 2, "hits": [
            {"in": "pane", "line": 4711, "text": "all fine \u{202e}here", "from": 0, "to": 2},
            {"in": "recording", "line": 1_700_000_000_000u64, "text": "Allow this?", "from": 0, "to": 2}]},
        {"id": id(2), "number": 2, "name": "old", "agent": "claude", "state": "done", "count": 1, "hits": [
            {"in": "archive", "line": 7, "text": "finally", "from": 3, "to": 5}]}]}));
    let picture = w.picture();
    for text in ["3 in 2 sessions", "#3 shop", "Allow this?", "22:13:20", "finally"] {
        assert!(picture.contains(text), "{text}:\n{picture}");
    }
    assert!(!picture.contains('\u{202e}'));
    // The line of a pane.
    w.keys("enter");
    assert_eq!(w.app.tabs.focused_session(), Some(&id(3)));
    let watch = w.app.in_sight().into_iter().find(|w| w.session == id(3)).unwrap();
    assert!(watch.top.is_some_and(|t| t < 4711 && t + u64::from(watch.rows) > 4711), "{watch:?}");
    assert!(asked(&w).iter().any(|o| matches!(o, Op::Search { session, pattern, .. } if *session == id(3) && pattern == "al")));
    w.answer(json!({"matches": [{"line": 10, "from": 1, "to": 3}, {"line": 4711, "from": 0, "to": 2}], "more": false}));
    let look = w.app.looks.values().next().unwrap();
    assert_eq!((look.found.current, look.cursor), (Some(1), Some((4711, 0))));
}

#[test]
fn an_ended_session_is_gone_to_by_its_line_and_a_recording_by_its_time() {
    let mut w = world();
    w.keys("ctrl+b F");
    w.text("x.y");
    w.keys("tab");
    assert!(matches!(asked(&w).last(), Some(Op::SearchAll { fixed: true, .. })));
    let hit = |place: &str, line: u64| json!({"in": place, "line": line, "text": "x.y", "from": 0, "to": 3});
    let results = json!({"count": 2, "sessions": [{"id": id(3), "number": 3, "name": "shop", "agent": "codex", "state": "done", "count": 2,
        "hits": [hit("archive", 7), hit("recording", 1_700_000_000_000)]}]});
    w.answer(results.clone());
    w.keys("enter");
    assert_eq!(asked(&w).last(), Some(&Op::LineOf { session: id(3), from_end: 7 }));
    w.answer(json!({"line": 93}));
    assert!(matches!(asked(&w).last(), Some(Op::Search { pattern, .. }) if pattern == "x\\.y"), "plain text stays plain");
    w.keys("esc ctrl+b F");
    w.text("x");
    w.answer(results);
    w.keys("down enter");
    assert_eq!(asked(&w).last(), Some(&Op::ReplayOpen { session: id(3).to_string(), at_ms: Some(1_700_000_000_000) }));
    opened(&mut w);
    assert!(matches!(w.ops().last(), Some(Op::Search { session, .. }) if *session == shown()), "what was found is marked");
}

#[test]
fn a_recording_is_played_scrubbed_and_left() {
    let mut w = world();
    w.keys("ctrl+b V");
    assert!(matches!(asked(&w).last(), Some(Op::ReplayOpen { at_ms: Some(u64::MAX), .. })), "from where it stands now");
    assert!(w.picture().contains("reading the recording"));
    opened(&mut w);
    assert!(w.app.in_sight().iter().any(|p| p.session == shown()), "its rows are watched");
    w.put(Input::Pane(PaneFrame {
        seq: 1,
        session: shown(),
        cols: 80,
        rows: 20,
        full: true,
        top: 0,
        height: 20,
        screen_top: 0,
        history_start: 0,
        lines: vec![(0, Line::plain("as it was then"))],
        cursor: PaneCursor::default(),
        modes: PaneModes::default(),
        foreign_size: false,
    }));
    let picture = w.picture();
    for text in ["as it was then", "1:00/2:00", "22:13:20", "pause", "recording"] {
        assert!(picture.contains(text), "{text}:\n{picture}");
    }
    w.ops();
    w.keys("space left right home end pageup ] [ . ,");
    let want = [
        ReplayAct::Play,
        ReplayAct::Seek { at: 55_000 },
        ReplayAct::Seek { at: 65_000 },
        ReplayAct::Seek { at: 0 },
        ReplayAct::Seek { at: 120_000 },
        ReplayAct::Seek { at: 0 },
        ReplayAct::Seek { at: 90_000 },
        ReplayAct::Seek { at: 10_000 },
        ReplayAct::Step { back: false },
        ReplayAct::Step { back: true },
    ];
    assert_eq!(acts(&mut w), want);
    w.keys("g");
    w.text("25%");
    w.keys("enter +");
    assert_eq!(acts(&mut w), [ReplayAct::Seek { at: 30_000 }, ReplayAct::Speed { speed: 2.0 }]);
    w.keys("/");
    w.text("then");
    w.keys("enter n N");
    let find = |back| ReplayAct::Find { pattern: "then".into(), back };
    assert_eq!(acts(&mut w), [find(false), find(false), find(true)]);
    // The server plays on; the bar follows.
    w.put(Input::Server(ServerMsg::Replay { replay: shown(), at: 61_000, length: 120_000, wall_ms: 1_700_000_001_000, playing: true }));
    assert!(w.picture().contains("1:01/2:00") && w.picture().contains("22:13:21"));
    // A click on the bar, and the wheel.
    let regions = w.regions();
    let (x, y) = regions.find(|h| matches!(h, Hit::Time { .. })).expect("a time bar");
    let bar = regions.hit(x, y);
    let event = |kind| MouseEvent { kind, col: x, row: y, mods: Mods::empty() };
    w.put(Input::Mouse { event: event(MouseKind::Down(MouseButton::Left)), hit: bar.clone() });
    w.put(Input::Mouse { event: event(MouseKind::Up(MouseButton::Left)), hit: bar.clone() });
    w.put(Input::Mouse { event: event(MouseKind::WheelUp), hit: bar });
    let scrubbed = acts(&mut w);
    assert!(matches!(scrubbed.as_slice(), [ReplayAct::Seek { .. }, ReplayAct::Seek { at: 59_000 }]), "{scrubbed:?}");
    // No key reaches the program; looking closer stands still; leaving closes it.
    w.text("xyz");
    w.keys("v");
    assert_eq!(acts(&mut w), [ReplayAct::Pause]);
    w.keys("esc esc");
    assert_eq!(acts(&mut w), [ReplayAct::Close]);
    assert!(!w.picture().contains("1:01/2:00") && w.app.layers.is_empty());
    assert!(w.app.in_sight().iter().all(|p| p.session != shown()));
}

#[test]
fn what_was_not_recorded_says_so_and_a_new_server_shows_it_again() {
    let mut w = world();
    w.keys("ctrl+b V");
    refuse(&mut w, "not_found", "nothing of this session was recorded");
    assert!(w.picture().contains("nothing of this session was recorded"));
    assert!(w.app.replays.is_empty() && w.app.layers.is_empty());
    w.keys("ctrl+b V");
    opened(&mut w);
    w.ops();
    w.put(Input::Disconnected { reason: "gone".into() });
    w.put(Input::Connected);
    assert!(matches!(asked(&w).as_slice(), [Op::ReplayOpen { at_ms: Some(1_700_000_000_000), .. }]));
    opened(&mut w);
    assert!(w.app.replays.values().all(|r| r.state.is_some()));
}

#[test]
fn the_next_hit_is_a_key_away_and_what_is_typed_takes_the_place_of_the_last_search() {
    let mut w = world();
    w.keys("ctrl+b F");
    w.text("abc");
    let hit = |line: u64| json!({"in": "pane", "line": line, "text": "abc", "from": 0, "to": 3});
    let results = json!({"count": 2, "sessions": [{"id": id(3), "number": 3, "name": "shop", "agent": "codex", "state": "working", "count": 2,
        "hits": [hit(500), hit(70)]}]});
    w.answer(results.clone());
    w.keys("enter");
    // It stands far below in a line that the width broke.
    w.answer(json!({"matches": [{"line": 560, "from": 4, "to": 7}]}));
    let look = w.app.looks.values().next().unwrap();
    let top = look.top.unwrap();
    assert!(look.cursor == Some((560, 4)) && (top..top + 20).contains(&560), "{:?} {top}", look.cursor);
    w.ops();
    w.keys("q ctrl+b F");
    assert!(w.picture().contains("abc"), "{}", w.picture());
    assert!(matches!(asked(&w).last(), Some(Op::SearchAll { pattern, .. }) if pattern == "abc"), "it is looked for anew");
    w.answer(results);
    w.keys("down enter");
    assert!(w.app.looks.values().next().unwrap().cursor.is_some_and(|c| c.0 == 70));
    w.keys("q ctrl+b F");
    w.text("x");
    assert!(matches!(asked(&w).last(), Some(Op::SearchAll { pattern, .. }) if pattern == "x"));
}

#[test]
fn enter_before_the_answer_goes_to_what_the_answer_has() {
    let mut w = world();
    w.keys("ctrl+b F");
    let results = |line: u64| {
        json!({"count": 1, "sessions": [{"id": id(3), "number": 3, "name": "shop", "agent": "codex", "state": "working", "count": 1,
            "hits": [{"in": "pane", "line": line, "text": "abc", "from": 0, "to": 3}]}]})
    };
    w.text("a");
    w.answer(results(70));
    w.text("b");
    w.keys("enter");
    assert!(w.app.looks.is_empty(), "that one was of another search");
    w.answer(results(500));
    assert!(w.app.looks.values().next().unwrap().cursor.is_some_and(|c| c.0 == 500));
}
