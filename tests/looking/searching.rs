//! Searching in a pane: as it is typed, on to the next, left again.

use super::*;

#[test]
fn a_search_goes_as_it_is_typed() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, CODEX);
    w.keys("ctrl+b /");
    w.text("us");
    // One is on its way; what is typed meanwhile waits, the newest alone.
    let ops = w.ops();
    assert!(matches!(ops.as_slice(), [Op::Search { pattern, .. }] if pattern == "u"), "{ops:?}");
    w.text("er");
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"matches": []})), error: None }));
    let ops = w.ops();
    assert!(matches!(ops.as_slice(), [Op::Search { pattern, .. }] if pattern == "user"), "{ops:?}");
    let two = json!({"matches": [{"line": 20, "from": 1, "to": 5}, {"line": 100, "from": 31, "to": 35}], "more": false});
    w.put(Input::Server(ServerMsg::Reply { id: 2, ok: Some(two), error: None }));
    assert!(w.picture().contains("?user  2/2"), "from the newest line it goes up: {}", w.picture());
    w.keys("up");
    assert!(w.picture().contains("1/2"));
    w.keys("enter n");
    assert!(w.picture().contains("match 2/2 on from the newest"), "{}", w.picture());
    w.keys("N");
    assert!(w.picture().contains("match 1/2"), "{}", w.picture());
    w.keys("esc");
    assert!(w.app.looks.is_empty());
    // A pattern that is none is told while it is typed; Esc leaves everything as it was.
    w.keys("ctrl+b /");
    w.text("a(");
    assert!(w.picture().contains("not a pattern"), "{}", w.picture());
    w.keys("esc");
    assert!(w.app.looks.is_empty() && w.app.layers.is_empty());
}

#[test]
fn a_search_goes_down_from_a_line_with_text_below_it() {
    let mut w = one("alpha\nbeta\nlast");
    w.keys("ctrl+b [ /");
    assert!(look(&w).found.up, "below the newest line there is nothing");
    w.keys("esc k /");
    assert!(!look(&w).found.up);
    w.keys("esc ?");
    assert!(look(&w).found.up);
}

#[test]
fn the_word_under_the_cursor_is_searched() {
    let mut w = one("let user_id = 1\nx");
    w.keys("ctrl+b [ k 0 w *");
    assert!(matches!(w.ops().as_slice(), [Op::Search { pattern, .. }] if pattern == r"\buser_id\b"));
}

#[test]
fn when_all_lines_are_broken_anew_the_match_it_stands_at_is_still_known() {
    let mut w = one("x\nbeta\nx\nlast");
    w.keys("ctrl+b [ /");
    w.text("x");
    let found = |a: u64, b: u64| Some(json!({"matches": [{"line": a, "from": 0, "to": 1}, {"line": b, "from": 0, "to": 1}]}));
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: found(100, 102), error: None }));
    w.keys("enter n");
    assert!(w.picture().contains("match 1/2"), "{}", w.picture());
    let moved: Vec<(u64, u16)> = w.app.in_sight()[0].marks.iter().map(|(l, c)| (l + 7, *c)).collect();
    w.put(Input::Server(ServerMsg::Moved { session: id(1), moved: 1, marks: moved }));
    let asked = w.sent.iter().filter(|e| matches!(e, Effect::Send(ClientMsg::Request { op: Op::Search { .. }, .. }))).count();
    assert_eq!(asked, 2);
    w.put(Input::Server(ServerMsg::Reply { id: 2, ok: found(107, 109), error: None }));
    assert_eq!(look(&w).found.current, Some(0));
}

#[test]
fn a_search_that_is_left_leaves_the_selection_as_it_was_and_one_without_a_match_says_so() {
    let mut w = one("alpha\nbeta\ngamma\nlast");
    w.keys("ctrl+b [ k v l /");
    w.text("al");
    let hit = json!({"matches": [{"line": 100, "from": 0, "to": 2}], "more": false});
    for id in 1..=2 {
        w.put(Input::Server(ServerMsg::Reply { id, ok: Some(hit.clone()), error: None }));
    }
    assert_eq!(look(&w).select.map(|s| s.ends().0), Some((100, 0)));
    w.keys("esc");
    assert_eq!(copied(&w.keys("y")).as_deref(), Some("mm"));
    w.keys("ctrl+b [ /");
    w.text("nothing");
    for id in 3..=4 {
        w.put(Input::Server(ServerMsg::Reply { id, ok: Some(json!({"matches": []})), error: None }));
    }
    w.keys("enter n");
    assert!(w.picture().contains("no match for nothing"), "{}", w.picture());
}

#[test]
fn the_word_here_is_not_the_next_one_above() {
    let mut w = one("word a word b\nx");
    w.keys("ctrl+b [ k 0 w w l l #");
    let at = |col: u16| json!({"line": 100, "from": col, "to": col + 4});
    let all = json!({"matches": [at(0), at(7)], "more": false});
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(all), error: None }));
    assert_eq!(look(&w).cursor, Some((100, 0)));
}

#[test]
fn the_answer_of_a_search_that_was_left_changes_nothing() {
    let mut w = one("ab\ncd\nx");
    let reply = |w: &mut World, id| {
        let all = json!({"matches": [{"line": 100, "from": 0, "to": 1}], "more": false});
        w.put(Input::Server(ServerMsg::Reply { id, ok: Some(all), error: None }));
    };
    w.keys("ctrl+b [ k / a esc");
    let before = look(&w).clone();
    assert!(!before.is_busy());
    reply(&mut w, 1);
    assert_eq!(look(&w), &before);
    w.keys("esc ctrl+b / a esc ctrl+b [ k");
    let before = look(&w).clone();
    reply(&mut w, 2);
    assert_eq!(look(&w), &before);
    w.keys("/ a enter esc ctrl+b [ k");
    let before = look(&w).clone();
    reply(&mut w, 3);
    assert_eq!(look(&w), &before, "left behind the line");
}

#[test]
fn a_search_that_is_left_goes_back_to_where_the_wheel_was_and_takes_nothing_selected_along() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 500, 0);
    mouse(&mut w, MouseKind::WheelUp, 5, 10, Mods::empty());
    drag(&mut w, (0, 3), (3, 3), Mods::empty());
    let top = look(&w).top;
    assert!(top.is_some() && look(&w).select.is_some());
    w.keys("ctrl+b /");
    w.text("l");
    w.put(Input::Server(ServerMsg::Reply { id: 1, ok: Some(json!({"matches": [{"line": 7, "from": 0, "to": 1}]})), error: None }));
    assert!(look(&w).select.is_none() && look(&w).top != top);
    w.keys("esc");
    assert!(w.app.layers.is_empty() && look(&w).top == top && !look(&w).keys);
}
