//! What the mouse selects, and when a program has it.

use super::*;

#[test]
fn a_drag_selects_and_copies_at_once() {
    let mut w = one(CODEX);
    assert_eq!(copied(&drag(&mut w, (2, 0), (11, 0), Mods::empty())).as_deref(), Some("Converting"));
    // Backwards over a line, and as a block.
    assert_eq!(copied(&drag(&mut w, (8, 1), (40, 0), Mods::empty())).as_deref(), Some("gs.js\n  └ wrote"));
    assert_eq!(copied(&drag(&mut w, (2, 0), (6, 1), Mods::ALT)).as_deref(), Some("Conve\n└ wro"));
    // Two clicks take a path as a whole, three the line.
    w.wait(1000);
    drag(&mut w, (14, 1), (14, 1), Mods::empty());
    assert_eq!(copied(&drag(&mut w, (14, 1), (14, 1), Mods::empty())).as_deref(), Some("src/api/user-settings.ts"));
    assert_eq!(copied(&drag(&mut w, (14, 1), (14, 1), Mods::empty())).as_deref(), Some("  └ wrote src/api/user-settings.ts"));
    // Shift makes it longer.
    w.wait(1000);
    drag(&mut w, (2, 0), (3, 0), Mods::empty());
    assert_eq!(copied(&drag(&mut w, (11, 0), (11, 0), Mods::SHIFT)).as_deref(), Some("Converting"));
}

#[test]
fn of_several_copies_the_last_is_told_of() {
    let mut w = one("word another\nlast");
    let told = |w: &World| w.picture().matches("copied").count();
    for (times, keys) in [(1, "ctrl+b [ k Y"), (2, "ctrl+b [ Y")] {
        w.keys(keys);
        w.put(Input::ClipboardDone { ok: true, how: format!("way {times}") });
        assert_eq!(told(&w), 1, "{}", w.picture());
        assert!(w.picture().contains(&format!("way {times}")));
    }
}

#[test]
fn a_drag_beyond_the_edge_goes_on_as_long_as_it_is_held() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 500, 0);
    let rows = i32::from(w.app.in_sight()[0].rows);
    mouse(&mut w, MouseKind::Down(LEFT), 3, rows - 2, Mods::empty());
    mouse(&mut w, MouseKind::Drag(LEFT), 3, -1, Mods::empty());
    let first = look(&w).top.unwrap();
    for _ in 0..20 {
        let due = w.app.next_wake().unwrap();
        assert!(due <= w.ms + 40, "it goes on by itself");
        w.ms = due.max(w.ms);
        w.put(Input::Wake);
    }
    assert!(look(&w).top.unwrap() < first - 15);
    let text = copied(&mouse(&mut w, MouseKind::Up(LEFT), 3, -1, Mods::empty())).unwrap();
    assert!(text.lines().count() > 40 && text.lines().nth(1).unwrap().starts_with("line "), "{text}");
    let still = look(&w).top;
    w.wait(500);
    assert_eq!(look(&w).top, still, "let go, it stands");
}

#[test]
fn a_program_with_the_mouse_gets_it_but_not_with_a_modifier() {
    let mut w = one(CODEX);
    let frame = PaneFrame { modes: PaneModes { mouse: true, ..PaneModes::default() }, ..rows(&w, vec![]) };
    w.put(Input::Pane(frame));
    let given = |out: &[Effect]| out.iter().filter(|e| matches!(e, Effect::Send(ClientMsg::Input { input: PaneInput::Mouse { .. }, .. }))).count();
    let out = drag(&mut w, (2, 0), (11, 0), Mods::empty());
    assert_eq!((given(&out), copied(&out)), (3, None));
    for mods in [Mods::ALT, Mods::CTRL, Mods::SHIFT] {
        w.wait(1000);
        let out = drag(&mut w, (2, 0), (11, 0), mods);
        assert_eq!((given(&out), copied(&out).as_deref()), (0, Some("Converting")), "{mods:?}");
    }
}

#[test]
fn the_wheel_takes_a_selection_with_it_while_the_button_is_held() {
    let mut w = World::new(100, 30, vec![session(1, "a", "codex", State::Working)]);
    w.rows(1, "x");
    history(&mut w, 500, 0);
    mouse(&mut w, MouseKind::Down(LEFT), 3, 10, Mods::empty());
    mouse(&mut w, MouseKind::Drag(LEFT), 5, 10, Mods::empty());
    let before = look(&w).select.unwrap();
    mouse(&mut w, MouseKind::WheelUp, 5, 10, Mods::empty());
    let after = look(&w).select.unwrap();
    assert_eq!(after.anchor, before.anchor);
    assert_eq!(after.head.0, (before.head.0.0 - u64::from(w.app.config.options.wheel_lines), 5));
}
