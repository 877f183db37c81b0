//! What the app does, as sentences: inputs and what comes out of them.

mod ui_support;

use copilot_tui::app::modes::Layer;
use copilot_tui::app::{Effect, Hit, Input, Setup};
use copilot_tui::base::{Key, KeyCode, KeyKind, Mods, MouseButton, MouseEvent, MouseKind, Size};
use copilot_tui::wire::facts::{ErrorReport, Kind, State};
use copilot_tui::wire::message::{PaneInput, PaneWatch};
use copilot_tui::wire::{ClientMsg, Op, ServerMsg};
use ui_support::*;

fn watches(out: &[Effect]) -> Vec<Vec<PaneWatch>> {
    out.iter().filter_map(|e| if let Effect::Send(ClientMsg::Watch { panes, .. }) = e { Some(panes.clone()) } else { None }).collect()
}

fn inputs(out: &[Effect]) -> Vec<PaneInput> {
    out.iter().filter_map(|e| if let Effect::Send(ClientMsg::Input { input, .. }) = e { Some(input.clone()) } else { None }).collect()
}

fn click(w: &mut World, f: impl Fn(&Hit) -> bool) -> Vec<Effect> {
    let regions = w.regions();
    let (x, y) = regions.find(f).expect("it is on the screen");
    let hit = regions.hit(x, y);
    let event = |kind| MouseEvent { kind, col: x, row: y, mods: Mods::empty() };
    let mut out = w.put(Input::Mouse { event: event(MouseKind::Down(MouseButton::Left)), hit: hit.clone() });
    out.extend(w.put(Input::Mouse { event: event(MouseKind::Up(MouseButton::Left)), hit }));
    out
}

#[test]
fn keys_go_to_the_focused_pane_unchanged_with_releases() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let key = Key { shifted: Some('Ä'), base: Some('\''), text: Some("Ä".into()), ..Key::new(KeyCode::Char('ä'), Mods::SHIFT) };
    let release = Key { kind: KeyKind::Release, ..key.clone() };
    let mut out = w.put(Input::Key(key.clone()));
    out.extend(w.put(Input::Key(release.clone())));
    assert_eq!(inputs(&out), [PaneInput::Key { key }, PaneInput::Key { key: release }]);
}

#[test]
fn the_release_of_a_key_that_was_ours_is_ours() {
    let setup = Setup { caps: copilot_tui::app::Caps { key_releases: true, vscode: false }, size: Size::new(100, 30), ..Setup::default() };
    let mut w = World::with(setup, vec![session(1, "a", "codex", State::Working)], None);
    let out = w.keys("ctrl+b z");
    assert!(inputs(&out).is_empty());
    for key in [Key::new(KeyCode::Char('b'), Mods::CTRL), Key::char('z')] {
        let out = w.put(Input::Key(Key { kind: KeyKind::Release, ..key }));
        assert!(inputs(&out).is_empty());
    }
}

#[test]
fn a_key_that_leads_to_a_program_with_releases_is_released_for_us_alone() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let release = || Input::Key(Key { kind: KeyKind::Release, ..Key::char('z') });
    assert!(inputs(&w.keys("ctrl+b z")).is_empty());
    // Its program wants releases, and the terminal tells them from now on.
    w.app.tells_releases(true);
    assert!(inputs(&w.put(release())).is_empty());
    // Pressed and released once more it is the program's.
    assert_eq!((inputs(&w.keys("z")).len(), inputs(&w.put(release())).len()), (1, 1));
    // One whose release was never told does not take that of the next press.
    w.app.tells_releases(false);
    w.keys("ctrl+b z");
    w.app.tells_releases(true);
    assert_eq!((inputs(&w.keys("z")).len(), inputs(&w.put(release())).len()), (1, 1));
}

#[test]
fn facts_that_come_in_parts_are_looked_at_when_they_are_complete() {
    let all: Vec<_> = (1..=3).map(|n| session(n, &format!("s{n}"), "codex", State::Working)).collect();
    let mut w = World::with(Setup { focus: Some("s2".into()), size: Size::new(100, 30), ..Setup::default() }, all.clone(), None);
    let part = |sessions: &[copilot_tui::wire::Session], more| {
        let sessions = sessions.to_vec();
        Input::Server(ServerMsg::Facts { rev: 9, full: true, sessions, removed: vec![], timeline: vec![], agents: None, view: None, more })
    };
    w.put(part(&all[..1], true));
    w.put(part(&[], true));
    assert_eq!((w.app.mirror.sessions().len(), w.app.tabs.focused_session()), (3, Some(&id(2))));
    w.put(part(&all[1..2], false));
    assert_eq!((w.app.mirror.sessions().len(), w.app.tabs.focused_session()), (2, Some(&id(2))));
    // What an ended connection began is not gone on with.
    w.put(part(&all[..1], true));
    w.put(Input::Disconnected { reason: "gone".into() });
    w.put(Input::Connected);
    w.put(part(&all[2..], false));
    assert_eq!(w.app.mirror.sessions().iter().map(|s| s.number).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_server_reads_settings_again_when_they_change() {
    let asked = |out: &[Effect]| out.iter().filter(|e| matches!(e, Effect::Send(ClientMsg::Request { op: Op::Reload, .. }))).count();
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let config = w.app.config.clone();
    assert_eq!(asked(&w.put(Input::Config(Box::new(config.clone())))), 1);
    assert_eq!(asked(&w.keys("ctrl+b R")), 1);
    let setup = Setup { read_only: true, size: Size::new(100, 30), ..Setup::default() };
    let mut w = World::with(setup, vec![session(1, "a", "codex", State::Working)], None);
    w.put(Input::Config(Box::new(config)));
    w.keys("ctrl+b R");
    assert_eq!(asked(&w.sent), 0, "who only looks changes nothing");
    let hints: Vec<String> = w.app.hints().1.into_iter().map(|h| h.text).collect();
    assert!(hints.iter().any(|h| h == "tree") && !hints.iter().any(|h| ["new", "follow-up", "pause"].contains(&h.as_str())), "{hints:?}");
}

#[test]
fn the_prefix_twice_gives_the_prefix_to_the_program() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let out = w.keys("ctrl+b ctrl+b");
    assert_eq!(inputs(&out), [PaneInput::Key { key: Key::new(KeyCode::Char('b'), Mods::CTRL) }]);
}

#[test]
fn panes_are_watched_exactly_when_something_in_sight_changes() {
    let mut w = World::new(130, 40, vec![session(1, "a", "codex", State::Working), session(2, "b", "codex", State::Working)]);
    let first = watches(&w.sent);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].len(), 1);
    assert!(first[0][0].focused && first[0][0].session == id(2));
    assert!(watches(&w.keys("x")).is_empty());
    assert!(watches(&w.facts(vec![session(1, "renamed", "codex", State::Idle)], vec![])).is_empty());
    assert_eq!(watches(&w.put(Input::Resize(Size::new(131, 40)))).len(), 1);
    // Split and show the other one: two panes; a new tab: none.
    w.keys("ctrl+b -");
    let out = w.keys("enter");
    assert_eq!(watches(&out).last().map(Vec::len), Some(2), "{out:?}");
    let out = w.keys("ctrl+b c");
    assert_eq!(watches(&out), [Vec::new()]);
    let out = w.keys("ctrl+b 1");
    assert_eq!(watches(&out).last().map(Vec::len), Some(2));
}

#[test]
fn with_no_session_the_dialog_is_open_and_a_task_starts_one_in_the_empty_pane() {
    let mut w = World::new(100, 30, vec![]);
    w.text("fix the build");
    w.keys("enter");
    let ops = w.ops();
    let Some(Op::New(new)) = ops.last() else { panic!("{ops:?}") };
    assert_eq!((new.task.as_deref(), new.agent.as_deref(), new.cwd.as_str()), (Some("fix the build"), Some("codex"), "/home/ann/shop-api"));
    w.keys("x"); // typed while it starts: nothing is sent twice
    w.put(Input::Server(ServerMsg::Reply {
        id: 1,
        ok: Some(serde_json::to_value(session(1, "fix-build", "codex", State::Starting)).unwrap()),
        error: None,
    }));
    assert_eq!(w.app.tabs.focused_session(), Some(&id(1)));
    assert!(w.app.layers.is_empty());
}

#[test]
fn the_dialog_that_opened_by_itself_goes_when_a_session_appears_unless_somebody_typed() {
    let mut w = World::new(100, 30, vec![]);
    w.facts(vec![session(1, "a", "codex", State::Working)], vec![]);
    assert!(w.app.layers.is_empty());
    assert_eq!(w.app.tabs.focused_session(), Some(&id(1)));
    let mut w = World::new(100, 30, vec![]);
    w.text("my");
    w.facts(vec![session(1, "a", "codex", State::Working)], vec![]);
    assert_eq!(w.app.layers.len(), 1);
}

#[test]
fn a_missing_agent_says_how_to_install_it() {
    let mut w = World::new(100, 30, vec![]);
    w.keys("tab left enter");
    assert!(w.ops().is_empty());
    assert!(w.picture().contains("claude is not installed: npm install -g claude"), "{}", w.picture());
}

#[test]
fn yes_counts_only_on_a_question_that_has_stood_300_ms() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.keys("ctrl+b X y");
    assert!(w.ops().is_empty());
    w.wait(299);
    w.keys("y");
    assert!(w.ops().is_empty());
    // The facts it names change: it begins to stand anew.
    let mut changed = session(1, "a", "codex", State::Working);
    changed.changes = Some(copilot_tui::wire::facts::Changes { uncommitted: 7, ..Default::default() });
    w.facts(vec![changed], vec![]);
    assert!(w.picture().contains("7 uncommitted files"));
    w.wait(299);
    w.keys("y");
    assert!(w.ops().is_empty());
    w.wait(1);
    w.keys("y");
    assert!(matches!(w.ops().as_slice(), [Op::Stop { force: false, .. }]));
    assert!(w.app.layers.is_empty());
}

#[test]
fn enter_on_a_fresh_question_keeps_the_session() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.keys("ctrl+b X");
    w.wait(500);
    w.keys("enter");
    assert!(w.ops().is_empty() && w.app.layers.is_empty());
}

#[test]
fn a_selection_in_the_tree_is_paused_and_followed_up_together() {
    let all = (1..=3).map(|n| session(n, &format!("s{n}"), "codex", State::Working)).collect();
    let mut w = World::new(140, 40, all);
    w.keys("ctrl+b s g down space space p");
    let ops = w.ops();
    assert_eq!(ops.len(), 2);
    assert!(ops.iter().all(|o| matches!(o, Op::Pause { .. })));
    w.keys("f");
    w.text("go on");
    w.keys("enter");
    let Some(Op::Send { sessions, text, queue, .. }) = w.ops().pop() else { panic!() };
    assert_eq!((sessions.len(), text.as_str(), queue), (2, "go on", false));
    assert!(w.app.tree_has_focus(), "the tree is where it was");
}

#[test]
fn rows_do_not_move_under_the_cursor() {
    let all: Vec<_> = (1..=3).map(|n| session(n, &format!("s{n}"), "codex", State::Working)).collect();
    let mut w = World::new(140, 40, all);
    w.keys("ctrl+b s");
    let order = |w: &World| -> Vec<_> { w.app.tree.rows(&w.app.mirror).into_iter().filter(|r| r.holds_cursor()).map(|r| r.key).collect() };
    let before = order(&w);
    w.facts(vec![session(3, "s3", "codex", State::Waiting)], vec![]);
    assert_eq!(order(&w), before);
    w.keys("esc");
    assert_ne!(order(&w), before, "it needs the user: first now");
}

#[test]
fn a_read_only_client_sends_no_input() {
    let setup = Setup { read_only: true, size: Size::new(100, 30), ..Setup::default() };
    let mut w = World::with(setup, vec![session(1, "a", "codex", State::Working)], None);
    let mut out = w.keys("x enter");
    out.extend(w.put(Input::Paste("hello".into())));
    out.extend(w.keys("ctrl+b n ctrl+b f ctrl+b p ctrl+b X"));
    assert!(inputs(&out).is_empty());
    assert!(w.ops().is_empty() && w.app.layers.is_empty());
    assert!(!w.app.toasts.all().is_empty());
    assert!(w.picture().contains("read-only"));
}

#[test]
fn a_paste_goes_in_parts_and_loses_nothing() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let text = "é中".repeat(30_000);
    let parts = inputs(&w.put(Input::Paste(text.clone())));
    let mut whole = String::new();
    for (i, p) in parts.iter().enumerate() {
        let PaneInput::Paste { text, last } = p else { panic!() };
        assert_eq!(*last, i + 1 == parts.len());
        whole.push_str(text);
    }
    assert!(parts.len() > 3 && whole == text);
}

#[test]
fn leaving_says_how_many_go_on() {
    let mut w = World::new(100, 30, shop());
    let out = w.keys("ctrl+b d");
    assert!(out.contains(&Effect::Quit("4 sessions go on: copilot-tui attach".into())), "{out:?}");
}

#[test]
fn a_follow_up_that_was_refused_comes_back() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Idle)]);
    w.keys("ctrl+b f");
    w.text("do it");
    w.keys("enter");
    assert!(w.app.layers.is_empty());
    let error = copilot_tui::wire::message::WireError { kind: "failed".into(), message: "it is gone".into(), hint: String::new() };
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: None, error: Some(error) }));
    assert_eq!(w.app.follow_up.editor.text(), "do it");
    assert!(w.picture().contains("it is gone"));
}

#[test]
fn the_wheel_looks_back_and_typing_returns() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, CODEX);
    let regions = w.regions();
    let hit = regions.hit(10, 10);
    let out = w.put(Input::Mouse { event: MouseEvent { kind: MouseKind::WheelUp, col: 10, row: 10, mods: Mods::empty() }, hit });
    assert_eq!(watches(&out)[0][0].top, Some(97));
    let out = w.keys("x");
    assert_eq!(watches(&out)[0][0].top, None);
    assert_eq!(inputs(&out).len(), 1);
}

#[test]
fn a_divider_is_dragged_and_rows_tabs_and_keys_are_clicked() {
    let mut w = World::new(160, 45, shop());
    w.keys("ctrl+b | enter");
    let before = w.app.in_sight();
    let regions = w.regions();
    let (x, y) = regions.find(|h| matches!(h, Hit::Divider(_))).unwrap();
    let hit = regions.hit(x, y);
    let at = |kind, col| MouseEvent { kind, col, row: y, mods: Mods::empty() };
    w.put(Input::Mouse { event: at(MouseKind::Down(MouseButton::Left), x), hit: hit.clone() });
    w.put(Input::Mouse { event: at(MouseKind::Drag(MouseButton::Left), x + 6), hit: Hit::None });
    w.put(Input::Mouse { event: at(MouseKind::Up(MouseButton::Left), x + 6), hit: Hit::None });
    let after = w.app.in_sight();
    assert_eq!(after.iter().map(|p| p.cols).max().unwrap(), before.iter().map(|p| p.cols).max().unwrap() + 6);
    click(&mut w, |h| *h == Hit::Key(copilot_tui::command::Cmd::InboxOpen));
    assert!(w.app.has_layer(|l| matches!(l, Layer::Inbox(_))));
    w.keys("esc ctrl+b c");
    click(&mut w, |h| *h == Hit::Tab(0));
    assert_eq!(w.app.tabs.active(), 0);
    let rows = w.app.tree.rows(&w.app.mirror);
    let six = rows.iter().position(|r| r.key == Some(copilot_tui::app::tree::RowKey::Session(id(6)))).unwrap();
    click(&mut w, |h| matches!(h, Hit::TreeRow { index, mark: false } if *index == six));
    assert_eq!(w.app.tabs.focused_session(), Some(&id(6)));
}

#[test]
fn the_newest_session_comes_beside_and_the_focus_stays() {
    let mut w = World::new(160, 45, vec![session(1, "a", "shell", State::Idle)]);
    w.facts(vec![session(2, "b", "shell", State::Idle)], vec![]);
    let focus = w.app.tabs.focus();
    w.app.run(copilot_tui::command::Cmd::PaneShowNewestBeside, &mut Vec::new());
    assert_eq!((w.app.tabs.focus(), w.app.in_sight().len()), (focus, 2));
}

#[test]
fn the_arrangement_is_saved_and_comes_back() {
    let mut w = World::new(160, 45, shop());
    w.keys("ctrl+b - enter ctrl+b c");
    let saved =
        w.sent.iter().rev().find_map(|e| if let Effect::Send(ClientMsg::SaveView { state, .. }) = e { Some(state.clone()) } else { None }).unwrap();
    let back = World::with(Setup { size: Size::new(90, 20), cwd: "/home/ann/shop-api".into(), ..Setup::default() }, shop(), Some(saved));
    assert_eq!(back.app.tabs, w.app.tabs);
    let junk = World::with(Setup::default(), shop(), Some("{\"version\":1,\"tabs\":7}".into()));
    assert!(junk.app.tabs.focused_session().is_some());
}

#[test]
fn monitor_and_debug_start_as_children() {
    let mut w = World::new(160, 45, vec![session(1, "a", "codex", State::Working)]);
    w.keys("ctrl+b m");
    let ops = w.ops();
    assert!(matches!(ops.as_slice(), [Op::New(n)] if n.kind == Kind::Monitor && n.parent.as_deref() == Some("session001")), "{ops:?}");
}

#[test]
fn notifications_go_where_the_server_says_and_are_taken_back() {
    let mut w = World::new(100, 30, shop());
    let n = |id_: u64, n: u32| {
        let notification = copilot_tui::wire::Notification {
            id: id_,
            kind: copilot_tui::wire::NoticeKind::Waiting,
            session: Some(id(n)),
            title: format!("#{n} needs you"),
            text: "Delete?".into(),
            lines: Vec::new(),
            count: 1,
        };
        Box::new(notification)
    };
    let tell = |notification, toast, terminal| Input::Server(ServerMsg::Notification { notification, again: false, toast, terminal });
    let told = |out: &[Effect]| out.iter().any(|e| matches!(e, Effect::Notify { .. }));
    assert!(!told(&w.put(tell(n(1, 6), true, false))));
    assert_eq!(w.app.toasts.all().len(), 1);
    assert!(told(&w.put(tell(n(2, 5), false, true))));
    assert_eq!(w.app.toasts.all().len(), 1);
    let out = w.put(Input::Server(ServerMsg::NotificationGone { id: 2 }));
    assert!(out.iter().any(|e| matches!(e, Effect::Unnotify(2))), "{out:?}");
    // The terminal never heard of the other one.
    let out = w.put(Input::Server(ServerMsg::NotificationGone { id: 1 }));
    assert!(!out.iter().any(|e| matches!(e, Effect::Unnotify(_))) && w.app.toasts.all().is_empty());
    // What is before the eyes shows nothing over itself.
    let here = w.app.tabs.focused_session().cloned().unwrap();
    let mut own = n(3, 6);
    own.session = Some(here);
    w.put(tell(own, true, false));
    assert!(w.app.toasts.all().is_empty());
}

#[test]
fn the_server_hears_of_the_focus_of_the_terminal() {
    let mut w = World::new(100, 30, shop());
    let focus = |out: Vec<Effect>| out.into_iter().find_map(|e| if let Effect::Send(ClientMsg::Focus { on }) = e { Some(on) } else { None });
    assert_eq!(focus(w.put(Input::Focus(true))), Some(true));
    assert_eq!(focus(w.put(Input::Focus(true))), None);
    assert_eq!(focus(w.put(Input::Focus(false))), Some(false));
    w.put(Input::Disconnected { reason: "x".into() });
    assert_eq!(focus(w.put(Input::Connected)), Some(false), "the next server is told, too");
}

#[test]
fn while_the_server_is_away_it_says_so_and_comes_back() {
    let mut w = World::new(100, 30, shop());
    w.put(Input::Disconnected { reason: "it was stopped".into() });
    assert!(w.picture().contains("server away: it was stopped"));
    w.keys("ctrl+b p");
    assert!(w.ops().is_empty());
    let out = w.put(Input::Connected);
    assert!(matches!(out.first(), Some(Effect::Send(ClientMsg::Subscribe { .. }))));
    assert_eq!(watches(&out).len(), 1, "what is in sight is watched anew");
}

#[test]
fn only_the_focused_pane_sets_the_clipboard() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working), session(2, "b", "codex", State::Working)]);
    let from = |n| Input::Server(ServerMsg::Clipboard { session: id(n), text: "secret".into() });
    let copied = |out: &[Effect]| out.contains(&Effect::Copy("secret".into()));
    assert!(!copied(&w.put(from(1))) && !copied(&w.put(from(2))), "nobody was asked yet");
    assert!(w.picture().contains("#2 b wants to set your clipboard, 6 bytes: Ctrl+B y"), "{}", w.picture());
    assert!(w.picture().contains("secret"));
    assert!(!copied(&w.keys("ctrl+b y")), "nobody reads that fast");
    w.wait(300);
    assert!(copied(&w.keys("ctrl+b y")));
    assert!(!copied(&w.keys("ctrl+b y")), "once");
    w.put(from(2));
    w.wait(300);
    assert!(copied(&w.keys("ctrl+b Y")));
    assert!(copied(&w.put(from(2))), "always");
    assert!(!copied(&w.put(from(1))), "but not the other pane");
}

#[test]
fn a_pane_that_was_refused_does_not_ask_again() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    let wish = |text: String| Input::Server(ServerMsg::Clipboard { session: id(1), text });
    let copies = |out: &[Effect]| out.iter().filter(|e| matches!(e, Effect::Copy(_))).count();
    assert_eq!(copies(&w.put(wish("x".repeat((100 << 10) + 1)))), 0);
    assert!(w.picture().contains("refused"), "{}", w.picture());
    assert_eq!(copies(&w.keys("ctrl+b y")), 0, "what is too large cannot be allowed");
    w.put(wish("first".into()));
    w.wait(300);
    w.put(wish("second".into()));
    assert_eq!(copies(&w.keys("ctrl+b y")), 0, "it changed under the finger");
    w.wait(300);
    assert_eq!(copies(&w.keys("ctrl+b Q")), 0);
    assert_eq!(copies(&w.put(wish("third".into()))), 0);
    w.wait(300);
    assert_eq!(copies(&w.keys("ctrl+b y")), 0);
}

#[test]
fn ages_step_on_one_beat() {
    let mut s = session(1, "a", "codex", State::Working);
    s.state_ms = WALL - 5_000;
    let mut w = World::new(100, 30, vec![s]);
    assert!(w.app.next_wake().unwrap() <= 10_000);
    w.wait(60_000);
    let left = w.app.next_wake().unwrap() - w.ms;
    assert!((1..=60_000).contains(&left) && (WALL + w.ms + left).is_multiple_of(60_000));
    // A key for the program changes nothing that is drawn: what is due stays due.
    let due = w.app.next_wake().unwrap();
    w.ms = due + 5;
    w.keys("x");
    assert_eq!(w.app.next_wake(), Some(due));
}

#[test]
fn a_key_about_a_session_says_why_it_does_nothing() {
    let said = |w: &World| w.app.toasts.all().last().map(|t| t.title.clone()).unwrap_or_default();
    let mut ended = session(1, "a", "codex", State::Done);
    ended.exit_status = None;
    let mut w = World::new(100, 30, vec![ended]);
    w.keys("ctrl+b p");
    assert_eq!(said(&w), "it has ended");
    let keys: Vec<_> = w.app.hints().1.iter().map(|h| h.text.clone()).collect();
    assert!(!keys.contains(&"pause".to_owned()) && keys.contains(&"dismiss".to_owned()), "{keys:?}");
    w.keys("ctrl+b %");
    assert_eq!(said(&w), "every session is in sight");
    w.keys("ctrl+b c");
    for key in ["l", "m", "$", "V", "P"] {
        w.app.toasts = Default::default();
        w.keys(&format!("ctrl+b {key}"));
        assert_eq!(said(&w), "there is no session here", "{key}");
    }
}

#[test]
fn enter_on_an_error_opens_it_and_then_goes_to_its_terminal() {
    let mut failed = session(1, "a", "codex", State::Failed);
    failed.errors = (0..9).map(|i| ErrorReport { title: format!("error {i}"), issue: Some("it broke".into()), ..ErrorReport::default() }).collect();
    let mut w = World::new(100, 10, vec![failed, session(2, "b", "codex", State::Working)]);
    w.app.tabs.show(w.app.tabs.focus(), id(2));
    w.keys("ctrl+b e");
    assert!(!w.picture().contains("Issue:"), "no room for it below nine");
    w.keys("enter");
    assert!(w.picture().contains("Issue: it broke"));
    w.keys("enter");
    assert!(w.app.layers.is_empty());
    assert_eq!(w.app.tabs.focused_session(), Some(&id(1)));
}

#[test]
fn the_inbox_answers_what_has_stood_under_the_cursor() {
    use copilot_tui::wire::op::Answer;
    let sent = |out: &[Effect]| {
        out.iter().find_map(|e| match e {
            Effect::Send(ClientMsg::Request { op: Op::Answer { prompt, answer, .. }, .. }) => Some((prompt.clone(), answer.clone())),
            _ => None,
        })
    };
    let mut w = World::new(120, 30, shop());
    w.keys("ctrl+b i");
    // At once a key says nothing: nobody can have read it.
    assert_eq!(sent(&w.keys("y")), None);
    w.wait(400);
    assert_eq!(sent(&w.keys("y")), Some((Some("p1".into()), Answer::Allow)));
    assert_eq!(sent(&w.keys("n")), Some((Some("p1".into()), Answer::Deny { reason: None })));
    assert_eq!(sent(&w.keys("2")), None, "there is nothing to choose");
    // What cannot be answered from here is not offered an answer.
    let offered = |w: &World| w.app.hints().1.into_iter().map(|h| h.text).collect::<Vec<_>>();
    assert!(offered(&w).contains(&"allow once".to_owned()));
    let mut silent = shop().into_iter().find(|s| s.number == 5).expect("it waits");
    silent.waiting_for.as_mut().expect("it asks").id = None;
    w.facts(vec![silent], vec![]);
    assert!(!offered(&w).contains(&"allow once".to_owned()) && offered(&w).contains(&"go to the pane".to_owned()), "{:?}", offered(&w));
    // Another prompt takes its place under the finger: it has to stand, too.
    let mut five = shop().into_iter().find(|s| s.number == 5).expect("it waits");
    if let Some(waiting) = &mut five.waiting_for {
        waiting.id = Some("p2".into());
        waiting.text = "run `npm publish`?".into();
        waiting.options = vec!["Red".into(), "Blue".into()];
    }
    w.facts(vec![five], vec![]);
    assert_eq!(sent(&w.keys("y")), None);
    w.wait(400);
    assert_eq!(sent(&w.keys("2")), Some((Some("p2".into()), Answer::Choose { number: 2 })));
    // Words are for the prompt they were begun for.
    w.keys("t");
    w.text("not there");
    assert_eq!(sent(&w.keys("enter")), Some((Some("p2".into()), Answer::Deny { reason: Some("not there".into()) })));
}

#[test]
fn text_that_is_cut_does_not_touch_what_stands_at_the_right() {
    for cols in 60..130 {
        let mut all = shop();
        all.iter_mut().for_each(|s| s.cwd = "/home/ann/a-folder-with-a-name-that-is-cut".into());
        let mut w = World::new(cols, 30, all);
        w.keys("ctrl+b a");
        let picture = w.picture();
        for word in ["waiting", "working", "idle", "done", "failed", "cpu"] {
            assert!(!picture.contains(&format!("…{word}")), "{cols}: {word}\n{picture}");
        }
    }
}
