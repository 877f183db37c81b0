//! Looking back, searching, selecting, labels and opening in the app, as sentences: inputs and what comes out of them.

mod mouse;
mod opening;
mod searching;
#[path = "../ui_support/mod.rs"]
mod ui_support;

use copilot_tui::app::modes::Layer;
use copilot_tui::app::{Effect, Hit, Input, Open, Opened, Setup};
use copilot_tui::base::{Line, Mods, Motion, MouseButton, MouseEvent, MouseKind, Size};
use copilot_tui::wire::facts::State;
use copilot_tui::wire::message::PaneInput;
use copilot_tui::wire::op::SelectShape;
use copilot_tui::wire::pane::{PaneCursor, PaneModes};
use copilot_tui::wire::{ClientMsg, Op, PaneFrame, ServerMsg};
use proptest::prelude::*;
use serde_json::json;
use ui_support::*;

const LEFT: MouseButton = MouseButton::Left;

fn one(text: &str) -> World {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, text);
    // Nothing lies above the screen.
    let all = rows(&w, text.lines().enumerate().map(|(i, l)| (100 + i as u64, Line::plain(l))).collect());
    let row = (text.lines().count() as u16).saturating_sub(1);
    w.put(Input::Pane(PaneFrame { full: true, cursor: PaneCursor { row, col: 2, visible: true, ..PaneCursor::default() }, ..all }));
    w
}

/// A frame with these lines, the screen at 100 and nothing above it.
fn rows(w: &World, lines: Vec<(u64, Line)>) -> PaneFrame {
    let pane = w.app.in_sight()[0].clone();
    PaneFrame {
        seq: 2,
        session: id(1),
        cols: pane.cols,
        rows: pane.rows,
        full: false,
        top: 100,
        height: pane.rows,
        screen_top: 100,
        history_start: 100,
        lines,
        cursor: PaneCursor::default(),
        modes: PaneModes::default(),
        foreign_size: false,
    }
}

fn copied(out: &[Effect]) -> Option<String> {
    out.iter().find_map(|e| if let Effect::Copy(t) = e { Some(t.clone()) } else { None })
}

fn opened(out: &[Effect]) -> Option<Open> {
    out.iter().find_map(|e| if let Effect::Open(o) = e { Some(o.clone()) } else { None })
}

fn look(w: &World) -> &copilot_tui::app::look::Look {
    &w.app.looks[&w.app.tabs.focus()]
}

/// The pointer, in cells of the pane.
fn mouse(w: &mut World, kind: MouseKind, col: u16, row: i32, mods: Mods) -> Vec<Effect> {
    let content = w.regions().areas.content(w.app.tabs.focus()).unwrap();
    let (col, row) = (content.x + col, u16::try_from(i32::from(content.y) + row).unwrap());
    let hit = w.regions().hit(col, row);
    w.put(Input::Mouse { event: MouseEvent { kind, col, row, mods }, hit })
}

fn drag(w: &mut World, from: (u16, i32), to: (u16, i32), mods: Mods) -> Vec<Effect> {
    let mut out = mouse(w, MouseKind::Down(LEFT), from.0, from.1, mods);
    out.extend(mouse(w, MouseKind::Drag(LEFT), to.0, to.1, mods));
    out.extend(mouse(w, MouseKind::Up(LEFT), to.0, to.1, mods));
    out
}

/// A frame of history: so many numbered lines, the screen the last of them.
fn history(w: &mut World, lines: u64, from: u64) {
    let size = w.app.in_sight()[0].clone();
    let frame = |lines: Vec<(u64, Line)>, end: u64| PaneFrame {
        seq: 9,
        session: id(1),
        cols: size.cols,
        rows: size.rows,
        full: false,
        top: from,
        height: 1,
        screen_top: end - u64::from(size.rows),
        history_start: 0,
        lines,
        cursor: PaneCursor { row: size.rows - 1, col: 0, visible: true, ..PaneCursor::default() },
        modes: PaneModes::default(),
        foreign_size: false,
    };
    w.put(Input::Pane(frame((from..lines).map(|n| (n, Line::plain(&format!("line {n}")))).collect(), lines)));
}

#[test]
fn keys_select_by_words_lines_and_blocks() {
    let mut w = one(CODEX);
    assert_eq!(copied(&{ w.keys("ctrl+b [ k k 0 w w v e y") }).as_deref(), Some("42"), "{}", w.picture());
    assert!(w.app.layers.is_empty() && w.app.looks.is_empty());
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, CODEX);
    w.keys("ctrl+b [ g {");
    assert!(matches!(w.ops().last(), Some(Op::Move { motion: Motion::ParagraphPrevious, .. })), "what is not here the server knows");
    w.keys("q ctrl+b [ v");
    w.app.looks.values_mut().for_each(|l| l.select.as_mut().unwrap().anchor = ((20, 0), (20, 0)));
    w.keys("y");
    assert!(matches!(w.ops().last(), Some(Op::SelectText { from: (20, 0), .. })));
    let mut w = one("alpha beta gamma\none two three\nlast");
    assert_eq!(copied(&w.keys("ctrl+b [ k k 0 2 w v $ y")).as_deref(), Some("gamma"));
    assert_eq!(copied(&w.keys("ctrl+b [ k k 0 l v j l l r y")).as_deref(), Some("lph\nne"));
    assert_eq!(copied(&w.keys("ctrl+b [ k 0 v e o e e y")).as_deref(), Some("e two"), "the ends are swapped");
    assert_eq!(copied(&w.keys("ctrl+b [ k Y")).as_deref(), Some("one two three"));
    assert_eq!(copied(&w.keys("ctrl+b [ k k 2 Y")).as_deref(), Some("alpha beta gamma\none two three"));
    assert_eq!(copied(&w.keys("ctrl+b [ k Y")).as_deref(), Some("one two three"));
    assert_eq!(copied(&w.keys("ctrl+b [ k k 0 v e A")).as_deref(), Some("one two three\nalpha"), "put behind what was copied last");
    assert_eq!(copied(&w.keys("ctrl+b [ k k s s y")).as_deref(), Some("alpha beta gamma"));
    w.keys("ctrl+b [ y");
    assert!(w.picture().contains("nothing is selected"));
}

#[test]
fn emacss_region_ends_before_the_cursor() {
    let mut w = one("alpha beta_2 (gamma)\none two three\nlast");
    w.app.config.keymap = copilot_tui::config::Keymap::shipped("emacs").unwrap();
    let mut go = |keys: &str| copied(&w.keys(&format!("ctrl+] [ alt+< {keys}")));
    assert_eq!(go("ctrl+space ctrl+f ctrl+f alt+w").as_deref(), Some("al"));
    assert_eq!(go("ctrl+space alt+f alt+w").as_deref(), Some("alpha"));
    assert_eq!(go("alt+f ctrl+space alt+f alt+f ctrl+w").as_deref(), Some(" beta_2 (gamma"));
    assert_eq!(go("ctrl+e ctrl+space alt+b alt+w").as_deref(), Some("gamma)"));
    assert_eq!(go("ctrl+space ctrl+n alt+w").as_deref(), Some("alpha beta_2 (gamma)"), "the first column of the next line is not in it");
    assert_eq!(go("ctrl+space ctrl+e alt+w").as_deref(), Some("alpha beta_2 (gamma)"));
    assert_eq!(go("ctrl+f ctrl+x space ctrl+n ctrl+f ctrl+f alt+w").as_deref(), Some("lp\nne"));
    assert_eq!(go("ctrl+f ctrl+space alt+f ctrl+x ctrl+x ctrl+b alt+w").as_deref(), Some("alpha"), "the ends are swapped");
    assert_eq!(go("ctrl+space ctrl+f ctrl+f ctrl+space alt+f alt+w").as_deref(), Some("pha"), "the mark is set anew");
    assert_eq!(go("ctrl+space alt+w"), None);
    assert!(w.picture().contains("there is no text in the selection"), "{}", w.picture());
    // What the mark alone has is not shown as selected; Ctrl+G drops the mark first, then leaves.
    w.keys("ctrl+] [ ctrl+space");
    assert_eq!(look(&w).select.and_then(|s| s.cols_of(102)), None);
    w.keys("ctrl+g");
    assert!(look(&w).select.is_none() && !w.app.layers.is_empty());
    w.keys("ctrl+g");
    assert!(w.app.layers.is_empty());
}

#[test]
fn emacss_cursor_stands_behind_a_line_as_wide_as_the_pane() {
    let w = one("x");
    let cols = w.app.in_sight()[0].cols;
    let full = "a".repeat(usize::from(cols) - 1) + "z";
    let mut w = one(&format!("{full}\nnext\n{full}"));
    w.app.config.keymap = copilot_tui::config::Keymap::shipped("emacs").unwrap();
    w.keys("ctrl+] [ alt+< ctrl+e");
    let at = look(&w).cursor;
    assert_eq!(at, Some((100, cols)));
    w.keys("ctrl+e ctrl+e ctrl+f");
    assert_eq!(look(&w).cursor, at, "again, it stays");
    w.keys("ctrl+b");
    assert_eq!(look(&w).cursor, Some((100, cols - 1)));
    w.keys("ctrl+g");
    let mut go = |keys: &str| copied(&w.keys(&format!("ctrl+] [ alt+< {keys}")));
    assert_eq!(go("ctrl+space ctrl+e alt+w"), Some(full.clone()), "with its last column");
    assert_eq!(go("ctrl+e ctrl+b ctrl+space ctrl+f alt+w").as_deref(), Some("z"));
    assert_eq!(go("ctrl+e ctrl+space ctrl+n ctrl+a ctrl+f ctrl+f alt+w").as_deref(), Some("\nne"));
    assert_eq!(go("ctrl+n ctrl+n ctrl+space ctrl+e alt+w"), Some(full.clone()), "also on the last line there is");
    // Broken only by the width it is one line: its end is below, and between the rows the place is the next row's first.
    let line = |text: &str, wrapped| Line { wrapped, ..Line::plain(text) };
    let last = "a".repeat(usize::from(cols) - 1) + " ";
    let all = rows(&w, vec![(100, line(&full, true)), (101, line(&last, true)), (102, line(" b", false))]);
    w.put(Input::Pane(PaneFrame { full: true, ..all }));
    w.keys("ctrl+] [ alt+< ctrl+e");
    assert_eq!(look(&w).cursor, Some((102, 2)));
    w.keys("alt+b alt+b alt+f");
    assert_eq!(look(&w).cursor, Some((101, cols - 1)));
}

#[test]
fn while_the_keys_look_the_picture_stands_still() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 200, 150);
    w.keys("ctrl+b [ k k");
    let text = |w: &World| w.picture().lines().skip(2).take(20).map(|l| l.trim_end_matches(['│', ' ']).to_owned()).collect::<Vec<_>>();
    let before = text(&w);
    // Output goes on, and what was there is drawn over.
    history(&mut w, 260, 160);
    let size = w.app.in_sight()[0].clone();
    assert!(size.top.is_some());
    assert_eq!(before, text(&w));
    assert!(w.picture().contains("60 newer below"), "{}", w.picture());
    w.keys("G");
    assert!(w.picture().contains("line 259"));
    w.keys("q");
    assert!(w.app.looks.is_empty() && w.app.layers.is_empty());
}

#[test]
fn where_the_window_stands_hides_no_letter() {
    let mut w = one("a\nb\nlast");
    let cols = usize::from(w.app.in_sight()[0].cols);
    let full = rows(&w, vec![(100, Line::plain(&"x".repeat(cols)))]);
    w.put(Input::Pane(full));
    w.keys("ctrl+b [");
    let picture = w.picture();
    assert!(picture.contains(&"x".repeat(cols)), "{picture}");
    assert!(picture.lines().filter(|l| l.trim_end().ends_with('│')).count() > 5, "{picture}");
}

#[test]
fn what_is_looked_at_stays_when_the_server_forgets_it() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 200, 150);
    w.keys("ctrl+b [ k k k V");
    let before = look(&w).select.unwrap().ends().0.0;
    // A flood: all of that has left the history.
    let gone = rows(&w, vec![(9000, Line::plain("new"))]);
    w.put(Input::Pane(PaneFrame { screen_top: 9000, history_start: 8000, top: 9000, ..gone }));
    assert!(w.picture().contains(&format!("line {before}")), "{}", w.picture());
    assert_eq!(copied(&w.keys("j y")).as_deref(), Some(format!("line {before}\nline {}", before + 1).as_str()));
}

#[test]
fn what_is_typed_during_a_far_motion_waits_for_it() {
    let mut w = one("x y\nz");
    w.keys("ctrl+b [ ( v w y");
    let ops = w.ops();
    assert!(matches!(ops.as_slice(), [Op::Move { motion: Motion::PromptPrevious, count: 1, .. }]), "{ops:?}");
    // The answer names a line that is here.
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"to": [100, 0]})), error: None }));
    let out: Vec<Effect> = w.sent.clone();
    assert_eq!(copied(&out).as_deref(), Some("x y"));
    w.keys("ctrl+b [ [");
    w.put(Input::Server(ServerMsg::Reply { id: 2, ok: Some(json!({"to": null})), error: None }));
    assert!(w.picture().contains("no error above"));
}

#[test]
fn a_selection_goes_into_the_follow_up_quoted_and_to_the_editor() {
    let mut w = one("error: x\n  --> a.rs:1");
    w.keys("ctrl+b [ k V j f");
    assert_eq!(w.app.follow_up.editor.text(), "```\nerror: x\n  --> a.rs:1\n```\n");
    assert!(matches!(w.app.layers.last(), Some(Layer::FollowUp)));
    w.keys("esc ctrl+b [ k V");
    assert_eq!(opened(&w.keys("O")), Some(Open::Text("error: x".into())));
}

#[test]
fn when_all_lines_are_broken_anew_the_selection_stays_with_its_text() {
    let mut w = one("alpha beta\ngamma\nx");
    w.keys("ctrl+b [ k k 0 v w");
    let marks = w.app.in_sight()[0].marks.clone();
    assert_eq!(marks.len(), 6, "window, cursor and both ends: {marks:?}");
    let moved: Vec<(u64, u16)> = marks.iter().map(|(l, c)| (l + 7, c + 1)).collect();
    let out = w.put(Input::Server(ServerMsg::Moved { session: id(1), moved: 1, marks: moved }));
    let select = look(&w).select.unwrap();
    assert_eq!(select.ends(), ((107, 1), (107, 7)));
    let told = out.iter().any(|e| matches!(e, Effect::Send(ClientMsg::Watch { panes, .. }) if panes[0].moved == 1));
    assert!(told, "the server hears that they are the new ones: {out:?}");
}

#[test]
fn output_over_selected_text_drops_the_selection_and_output_elsewhere_does_not() {
    let mut w = one("alpha beta\ngamma\nx");
    drag(&mut w, (0, 0), (4, 0), Mods::empty());
    let frame = |w: &World, n: u64, text: &str| Input::Pane(rows(w, vec![(n, Line::plain(text))]));
    let f = frame(&w, 101, "other");
    w.put(f);
    let f = frame(&w, 100, "alpha BETA");
    w.put(f);
    assert!(look(&w).select.is_some(), "the selected part is as it was");
    let f = frame(&w, 100, "ALPHA BETA");
    w.put(f);
    assert!(w.app.looks.get(&w.app.tabs.focus()).is_none_or(|l| l.select.is_none()));
}

#[test]
fn the_output_of_a_command_is_selected() {
    let mut w = one("$ make\ncc x.c\ncc y.c\n$ ");
    w.keys("ctrl+b [ c");
    assert!(matches!(w.ops().as_slice(), [Op::OutputAt { .. }]));
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"from": 101, "to": 102})), error: None }));
    let select = look(&w).select.unwrap();
    assert_eq!((select.shape, select.ends().0, select.ends().1.0), (SelectShape::Line, (101, 0), 102));
    assert_eq!(copied(&w.keys("y")).as_deref(), Some("cc x.c\ncc y.c"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_keys_keep_cursor_and_window_on_the_text(keys in prop::collection::vec(prop::sample::select(vec![
        "j", "k", "h", "l", "w", "b", "e", "W", "B", "E", "0", "$", "^", "H", "M", "L", "{", "}", "%", "u", "d", "g", "G", "v", "V", "r", "o", "s", "J", "K",
        "pageup", "pagedown", "3", "9", "*", "n", "left", "down",
    ]), 1..60), more in any::<u8>()) {
        let mut w = World::new(80, 24, vec![session(1, "a", "codex", State::Working)]);
        w.rows(1, "x");
        history(&mut w, 300, 100);
        w.keys("ctrl+b [");
        for (i, k) in keys.iter().enumerate() {
            w.keys(k);
            if i == usize::from(more) % 60 {
                history(&mut w, 330, 200);
            }
            // Whatever is asked for goes nowhere.
            let _ = w.ops();
        }
        let look = look(&w);
        let rows = w.app.mirror.pane(&id(1)).unwrap();
        let height = w.regions().areas.content(w.app.tabs.focus()).unwrap().h;
        let (top, cursor) = (look.window_top(rows, height), look.cursor.unwrap());
        prop_assert!(look.range(rows).contains(&cursor.0) && cursor.1 < rows.cols);
        prop_assert!((top..top + u64::from(height)).contains(&cursor.0), "the cursor is in sight: {cursor:?} {top}");
    }
}

#[test]
fn a_count_counts_also_for_what_waits_and_for_matches() {
    let mut w = one("one two three four five\nz");
    w.keys("ctrl+b [ ( 3 w 2");
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"to": [100, 0]})), error: None }));
    assert_eq!(look(&w).cursor, Some((100, 14)));
    w.keys("b");
    assert_eq!(look(&w).cursor, Some((100, 4)), "what was being typed meanwhile is of the next one");
    w.keys("q ctrl+b [ ?");
    w.text("e");
    let at = |col: u16| json!({"line": 100, "from": col, "to": col + 1});
    let all = json!({"matches": [at(2), at(11), at(12), at(22)], "more": false});
    w.put(Input::Server(ServerMsg::Reply { id: 2, ok: Some(all), error: None }));
    w.keys("enter");
    assert_eq!(look(&w).cursor, Some((100, 22)));
    w.keys("2 n");
    assert_eq!(look(&w).cursor, Some((100, 11)));
    w.keys("3 N");
    assert_eq!(look(&w).cursor, Some((100, 2)), "round the end");
    assert!(w.picture().contains("on from the oldest"), "{}", w.picture());
    w.keys("2 G");
    assert_eq!(look(&w).cursor, Some((101, 0)), "the line of that number");
}

#[test]
fn the_cursor_stays_on_the_text_and_goes_on_over_lines_that_the_width_broke() {
    let mut w = one("wide one\nab\n\nlonger line\nend");
    let at = |w: &World| look(w).cursor.unwrap();
    w.keys("ctrl+b [ k k k k $ j");
    assert_eq!(at(&w), (101, 1), "at the ends of lines it stays there");
    w.keys("j j");
    assert_eq!(at(&w), (103, 10));
    w.keys("k k h j j");
    assert_eq!(at(&w), (103, 0), "from another column it keeps that one");
    w.keys("w k k j j");
    assert_eq!(at(&w), (103, 7), "a short line does not make it forget");
    w.keys("$ l l");
    assert_eq!(at(&w), (103, 10), "behind the text is nothing to go to");
    // A block may be wider than a line.
    assert_eq!(copied(&w.keys("k k 0 r $ j j y")).as_deref(), Some("ab\n\nlonger line"));
    // Wide characters are one step; a broken line goes on.
    let line = |text: &str, wrapped| Line { wrapped, ..Line::plain(text) };
    let wide = Line {
        spans: vec![copilot_tui::base::Span {
            style: Default::default(),
            cells: copilot_tui::base::CellKind::Wide,
            text: "中文字".into(),
            link: None,
        }],
        wrapped: true,
    };
    let all = rows(&w, vec![(100, wide), (101, line("xyz", false)), (102, line("end", false))]);
    w.put(Input::Pane(PaneFrame { full: true, ..all }));
    w.keys("ctrl+b [ g 2 l");
    assert_eq!(at(&w), (100, 4));
    w.keys("l l");
    assert_eq!(at(&w), (101, 1));
    w.keys("3 h");
    assert_eq!(at(&w), (100, 2));
    // What is shown as selected is what is copied.
    w.keys("j V");
    let (look, data) = (look(&w), w.app.mirror.pane(&id(1)).unwrap());
    assert_eq!([99, 100, 101, 102].map(|n| look.marked(data, n).is_some()), [false, true, true, false]);
    assert_eq!(copied(&w.keys("y")).as_deref(), Some("中文字xyz"));
    // Both halves of a character are the character.
    let mut w2 = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    std::mem::swap(&mut w, &mut w2);
    let wide = w2.app.mirror.pane(&id(1)).unwrap().line(100).unwrap().clone();
    w.rows(1, "x");
    let all = rows(&w, vec![(100, Line { wrapped: false, ..wide })]);
    w.put(Input::Pane(PaneFrame { full: true, ..all }));
    mouse(&mut w, MouseKind::Down(LEFT), 3, 0, Mods::empty());
    mouse(&mut w, MouseKind::Drag(LEFT), 5, 0, Mods::empty());
    assert_eq!(crate::look(&w).select.map(|s| s.ends()), Some(((100, 2), (100, 4))));
}

#[test]
fn where_it_looks_is_told_in_a_narrow_title_too() {
    let mut w = World::new(60, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 500, 0);
    w.keys("ctrl+b [ g /");
    w.text("line");
    let all: Vec<_> = (0..500).map(|n| json!({"line": n, "from": 0, "to": 4})).collect();
    for id in 1..=2 {
        w.put(Input::Server(ServerMsg::Reply { id, ok: Some(json!({"matches": all, "more": true})), error: None }));
    }
    w.keys("enter N N");
    let title = w.picture().lines().nth(1).unwrap_or_default().to_owned();
    assert!(title.contains("back") && title.contains("500+"), "{title}");
}

#[test]
fn who_comes_back_to_a_pane_that_the_keys_look_back_in_goes_on_there() {
    let mut w = one("alpha\nbeta\nlast");
    w.keys("ctrl+b o");
    assert!(w.app.looks.is_empty() && w.app.layers.is_empty());
    w.keys("ctrl+b [ k V ctrl+b o");
    assert_eq!(copied(&w.keys("y")).as_deref(), Some("beta"), "there is no other pane");
    w.keys("ctrl+b [ k V");
    w.keys("ctrl+b |");
    w.keys("esc ctrl+b o");
    let out = w.keys("ctrl+b o ctrl+b o y");
    let typed = |out: &[Effect]| out.iter().any(|e| matches!(e, Effect::Send(ClientMsg::Input { .. })));
    assert!(!typed(&out) && copied(&out).as_deref() == Some("beta"), "{out:?}");
    assert!(typed(&w.keys("y")), "and then the program has the keys");
}

#[test]
fn to_a_character_on_the_line_again_and_back() {
    let mut w = one("let a = f(x, y, z);\nnext");
    w.app.config.keymap = copilot_tui::config::Keymap::shipped("tmux").unwrap();
    let line = |text: &str, wrapped| Line { wrapped, ..Line::plain(text) };
    let all = rows(&w, vec![(100, line("let a = f(x, y, ", true)), (101, line("z, q);", false)), (102, line("next,", false))]);
    w.put(Input::Pane(PaneFrame { full: true, ..all }));
    let mut at = |keys: &str| {
        w.keys(keys);
        look(&w).cursor.unwrap()
    };
    assert_eq!(at("ctrl+b [ g f ,"), (100, 11));
    assert_eq!(at(";"), (100, 14));
    assert_eq!(at(";"), (101, 1), "on over the width");
    assert_eq!(at(";"), (101, 1), "but not on another line");
    assert_eq!(at("2 ,"), (100, 11));
    assert_eq!(at("0 t ,"), (100, 10));
    assert_eq!(at(";"), (100, 13), "not the one it stands before");
    assert_eq!(at("$ T x"), (100, 11));
    assert_eq!(at("F esc f 1"), (100, 11), "Esc leaves the wish alone, a digit is a character");
    assert_eq!(at("0 2 f ,"), (100, 14));
    assert_eq!(copied(&w.keys("0 v t ( y")).as_deref(), Some("let a = f"));
    let mut w = one("a, b\nx");
    w.keys("ctrl+b [ k 0 t b");
    assert_eq!(look(&w).cursor, Some((100, 2)));
}

#[test]
fn the_character_behind_a_command_that_waits_waits_with_it() {
    let mut w = one("a, q, q,\nx");
    w.keys("ctrl+b [ k 0 (");
    let out = w.keys("2 z q Y E S");
    assert!(!out.iter().any(|e| matches!(e, Effect::Send(ClientMsg::Input { .. }))), "{out:?}");
    assert!(look(&w).keys && look(&w).cursor == Some((100, 0)));
    w.keys("esc ctrl+b [ k 0 ( 2 z q");
    w.answer(json!({"to": [100, 0]}));
    assert_eq!(look(&w).cursor, Some((100, 6)));
    w.keys(",");
    assert_eq!(look(&w).cursor, Some((100, 3)));
}

#[test]
fn a_click_into_another_pane_ends_the_wait_for_a_character() {
    let mut w = one("alpha\nbeta\nlast");
    let pane = w.app.tabs.focus();
    w.keys("ctrl+b |");
    w.keys("esc");
    let other = w.app.tabs.focus();
    assert_ne!(pane, other);
    let click = |w: &mut World, pane| {
        let at = w.regions().areas.content(pane).unwrap();
        let hit = w.regions().hit(at.x + 1, at.y);
        for kind in [MouseKind::Down(LEFT), MouseKind::Up(LEFT)] {
            w.put(Input::Mouse { event: MouseEvent { kind, col: at.x + 1, row: at.y, mods: Mods::empty() }, hit: hit.clone() });
        }
        assert_eq!(w.app.tabs.focus(), pane);
    };
    click(&mut w, pane);
    w.keys("ctrl+b [ k z");
    click(&mut w, other);
    assert!(w.app.layers.is_empty());
    click(&mut w, pane);
    w.keys("V");
    assert!(look(&w).select.is_some_and(|s| s.shape == SelectShape::Line), "no key is swallowed");
}

#[test]
fn what_could_not_be_copied_is_selected_again() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, CODEX);
    w.keys("ctrl+b [ v");
    w.app.looks.values_mut().for_each(|l| l.select.as_mut().unwrap().anchor = ((20, 0), (20, 0)));
    let before = look(&w).select;
    w.keys("y");
    assert!(w.app.looks.is_empty() && w.app.layers.is_empty());
    let error = copilot_tui::wire::message::WireError { kind: "failed".into(), message: "too much".into(), hint: String::new() };
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: None, error: Some(error) }));
    assert_eq!(look(&w).select, before);
    assert!(w.app.layers.is_empty() && !look(&w).keys && w.picture().contains("too much"));
    let out = w.keys("j");
    assert!(matches!(out.first(), Some(Effect::Send(ClientMsg::Input { .. }))), "who types on types for the program: {out:?}");
    assert!(w.app.looks.is_empty());
}

#[test]
fn by_pages_the_cursor_stays_on_the_text() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 500, 0);
    w.keys("ctrl+b [ $ u");
    let (line, col) = look(&w).cursor.unwrap();
    assert_eq!(col, 7, "the end of `line {line}`");
    w.keys("k");
    assert_eq!(look(&w).cursor, Some((line - 1, 7)));
    w.keys("pageup J K pagedown");
    assert_eq!(look(&w).cursor.unwrap().1, 7, "and stays at the ends");
}
