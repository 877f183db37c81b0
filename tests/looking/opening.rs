//! Addresses, paths and commits: labels, what opens them, editors in panes.

use super::*;

#[test]
fn labels_copy_open_and_go_into_the_follow_up() {
    let text = "see https://example.com/docs\nsrc/api/user.ts:45:11 and 4f1c2aa9";
    let mut w = one(text);
    w.keys("ctrl+b h");
    let labels = |w: &World| match w.app.layers.last() {
        Some(Layer::Labels(l)) => l.all.iter().map(|l| (l.code.clone(), l.target.goal.clone())).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let all = labels(&w);
    assert_eq!(all.len(), 3);
    assert_eq!(all[2], ("a".to_owned(), "4f1c2aa9".to_owned()), "the newest is the easiest");
    let code = |goal: &str| all.iter().find(|l| l.1.starts_with(goal)).unwrap().0.clone();
    assert_eq!(copied(&w.keys(&code("https"))).as_deref(), Some("https://example.com/docs"));
    assert!(w.app.layers.is_empty() && w.app.looks.is_empty());
    // A capital opens.
    w.keys("ctrl+b h");
    assert_eq!(opened(&w.keys(&code("https").to_uppercase())), Some(Open::Url("https://example.com/docs".into())));
    w.keys("ctrl+b h");
    w.ops();
    w.keys(&code("src").to_uppercase());
    assert!(matches!(w.ops().as_slice(), [Op::Folders { .. }]));
    let out = w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"folders": ["/w/pkg", "/w"]})), error: None }));
    let Some(Open::File { paths, line, col, folder }) = opened(&out) else { panic!("{out:?}") };
    assert_eq!(
        (paths, line, col, folder.as_str()),
        (vec!["/w/pkg/src/api/user.ts".into(), "/w/src/api/user.ts".into()], Some(45), Some(11), "/w/pkg")
    );
    // Tab: into the follow-up box.
    w.keys("ctrl+b h tab tab");
    w.keys(&code("src"));
    assert_eq!(w.app.follow_up.editor.text(), "src/api/user.ts:45:11 ");
    w.keys("esc");
    // A click does it too; a letter of no label does nothing.
    w.keys("ctrl+b h z esc");
    assert!(w.app.layers.is_empty());
    w.keys("ctrl+b h");
    let (x, y) = w.regions().find(|h| matches!(h, Hit::Label(0))).unwrap();
    let hit = w.regions().hit(x, y);
    let out = w.put(Input::Mouse { event: MouseEvent { kind: MouseKind::Down(LEFT), col: x, row: y, mods: Mods::empty() }, hit });
    assert!(copied(&out).is_some());
}

#[test]
fn a_commit_is_shown_without_running_anything_of_the_repository() {
    let mut w = one("commit 4f1c2aa9");
    w.keys("ctrl+b h A");
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"folders": ["/w"]})), error: None }));
    let ops = w.ops();
    let Some(Op::New(new)) = ops.last() else { panic!("{ops:?}") };
    assert_eq!((new.cwd.as_str(), new.command.first().map(String::as_str)), ("/w", Some("git")));
    assert!(new.command.contains(&"--no-ext-diff".to_owned()) && new.command.contains(&"4f1c2aa9".to_owned()));
    assert!(new.env.iter().any(|(k, v)| k == "GIT_PAGER" && v == "less"));
}

#[test]
fn what_is_not_what_it_looks_like_is_shown_before_it_is_opened() {
    let mut w = one("x");
    let mut line = Line::plain("https://good.example");
    line.spans[0].link = Some("https://evil.example/x".into());
    let frame = rows(&w, vec![(100, line)]);
    w.put(Input::Pane(frame));
    let out = drag(&mut w, (4, 0), (4, 0), Mods::CTRL);
    assert_eq!(opened(&out), None);
    let picture = w.picture();
    assert!(picture.contains("https://evil.example/x") && picture.contains("https://good.example"), "{picture}");
    assert_eq!(opened(&w.keys("y")), None, "not before it could be read");
    w.wait(300);
    assert_eq!(opened(&w.keys("y")), Some(Open::Url("https://evil.example/x".into())));
    // No program but a browser is ever asked for.
    let mut w = one("x");
    w.rows(1, "ssh://host/x and vscode://file/x");
    w.keys("ctrl+b h");
    assert_eq!(opened(&w.keys("A")), None);
}

#[test]
fn in_vs_code_a_ctrl_click_on_what_it_opens_itself_is_left_to_it() {
    let setup = Setup { caps: copilot_tui::app::Caps { key_releases: true, vscode: true }, size: Size::new(100, 30), ..Setup::default() };
    let mut w = World::with(setup, vec![session(1, "a", "codex", State::Working)], None);
    w.rows(1, "https://example.com/docs 4f1c2aa9");
    assert_eq!(opened(&drag(&mut w, (4, 0), (4, 0), Mods::CTRL)), None);
    w.ops();
    drag(&mut w, (27, 0), (27, 0), Mods::CTRL);
    assert!(matches!(w.ops().as_slice(), [Op::Folders { .. }]), "a commit it does not know");
}

#[test]
fn an_editor_that_needs_a_terminal_gets_a_pane_and_what_cannot_open_is_copied() {
    let mut w = one("x");
    w.ops();
    w.put(Input::Opened(Opened::Editor {
        argv: vec!["/usr/bin/vi".into(), "+3".into(), "/w/x.rs".into()],
        folder: "/w".into(),
        name: "x.rs".into(),
    }));
    let ops = w.ops();
    assert!(
        matches!(ops.as_slice(), [Op::New(n)] if n.command.len() == 3 && n.cwd == "/w" && n.name.as_deref().is_some_and(|n| n.starts_with("edit-x"))),
        "{ops:?}"
    );
    let out = w.put(Input::Opened(Opened::Failed { why: "no browser".into(), copy: Some("https://a.b".into()) }));
    assert_eq!(copied(&out).as_deref(), Some("https://a.b"));
}

#[test]
fn the_pane_of_an_editor_goes_when_it_ended_well_and_stays_when_it_failed() {
    let mut w = one("x");
    let from = w.app.tabs.focus();
    let edit = |w: &mut World, n: u32| {
        w.ops();
        w.put(Input::Opened(Opened::Editor { argv: vec!["/usr/bin/vi".into(), "/w/x.rs".into()], folder: "/w".into(), name: "x.rs".into() }));
        w.answer(json!(session(n, "edit-x-rs", "command", State::Working)));
        assert_eq!(w.app.tabs.focused_session(), Some(&id(n)));
    };
    edit(&mut w, 2);
    assert_ne!(w.app.tabs.focus(), from);
    w.facts(vec![session(2, "edit-x-rs", "command", State::Done)], vec![]);
    assert_eq!((w.app.tabs.focus(), w.app.tabs.tab().tree.len()), (from, 1), "{}", w.picture());
    // What failed can be read.
    edit(&mut w, 3);
    w.facts(vec![session(3, "edit-x-rs", "command", State::Failed)], vec![]);
    assert_eq!((w.app.tabs.focused_session(), w.app.tabs.tab().tree.len()), (Some(&id(3)), 2));
    w.keys("ctrl+b x");
    // Who went elsewhere stays there.
    edit(&mut w, 6);
    w.keys("ctrl+b c");
    let elsewhere = w.app.tabs.focus();
    w.facts(vec![session(6, "edit-x-rs", "command", State::Done)], vec![]);
    assert_eq!(w.app.tabs.focus(), elsewhere);
    assert_eq!(w.app.tabs.all().iter().map(|t| t.tree.len()).collect::<Vec<_>>(), [1, 1]);
    // From an empty pane it is shown there, and that is empty again.
    w.keys("ctrl+b | esc");
    let empty = w.app.tabs.focus();
    assert_eq!((w.app.tabs.focused_session(), w.app.tabs.tab().tree.len()), (None, 2));
    edit(&mut w, 7);
    assert_eq!(w.app.tabs.focus(), empty);
    w.facts(vec![session(7, "edit-x-rs", "command", State::Done)], vec![]);
    assert_eq!((w.app.tabs.focus(), w.app.tabs.focused_session(), w.app.tabs.tab().tree.len()), (empty, None, 2));
}

#[test]
fn a_place_in_an_address_of_a_file_is_a_place() {
    let mut w = one("    at file:///w/a%20b.mjs:3:9\nx");
    w.keys("ctrl+b [ k x");
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"folders": ["/w"]})), error: None }));
    let sent = w.sent.clone();
    assert!(matches!(opened(&sent), Some(Open::File { paths, line: Some(3), col: Some(9), .. }) if paths == ["/w/a b.mjs"]));
}
