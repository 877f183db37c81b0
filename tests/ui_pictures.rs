//! Pictures of the screen as text: the sketches at several sizes, every panel and dialog.

mod ui_support;

use ui_support::*;

/// The sketch: codex above, copilot below.
fn sketch(cols: u16, rows: u16) -> World {
    let mut w = World::new(cols, rows, shop());
    w.app.tabs.show(w.app.tabs.focus(), id(3));
    w.put(copilot_tui::app::Input::Wake);
    w.rows(3, CODEX);
    w
}

fn two_panes(cols: u16, rows: u16) -> World {
    let mut w = sketch(cols, rows);
    w.keys("ctrl+b - esc");
    w.app.tabs.show(w.app.tabs.focus(), id(5));
    w.keys("ctrl+b up");
    w.rows(3, CODEX);
    w.rows(5, COPILOT);
    w
}

macro_rules! picture {
    ($name:ident, $world:expr) => {
        #[test]
        fn $name() {
            #[allow(unused_mut)]
            let mut w: World = $world;
            insta::assert_snapshot!(w.picture());
        }
    };
}

fn then(mut w: World, f: impl FnOnce(&mut World)) -> World {
    f(&mut w);
    w
}

picture!(sketch_160x45, two_panes(160, 45));
picture!(sketch_106x10, sketch(106, 10));
picture!(sketch_80x10, sketch(80, 10));
picture!(sketch_40x12, sketch(40, 12));
picture!(sketch_80x24, two_panes(80, 24));
picture!(
    sketch_250x70,
    then(two_panes(250, 70), |w| {
        w.keys("ctrl+b |");
    })
);
picture!(empty_start_with_the_dialog_100x30, World::new(100, 30, vec![]));
picture!(empty_start_80x10, World::new(80, 10, vec![]));
picture!(
    empty_after_esc_100x30,
    then(World::new(100, 30, vec![]), |w| {
        w.keys("esc");
    })
);
picture!(
    inbox_120x30,
    then(sketch(120, 30), |w| {
        w.keys("ctrl+b i");
    })
);
picture!(
    inbox_80x10,
    then(sketch(80, 10), |w| {
        w.keys("ctrl+b i");
    })
);
picture!(
    errors_140x40,
    then(sketch(140, 40), |w| {
        w.keys("ctrl+b e");
    })
);
picture!(
    timeline_100x24,
    then(sketch(100, 24), |w| {
        w.keys("ctrl+b t");
    })
);
picture!(
    card_160x40,
    then(sketch(160, 40), |w| {
        w.keys("ctrl+b l");
    })
);
picture!(
    palette_100x30,
    then(sketch(100, 30), |w| {
        w.keys("ctrl+b space");
        w.text("back");
    })
);
picture!(
    help_120x30,
    then(sketch(120, 30), |w| {
        w.keys("ctrl+b ?");
    })
);
picture!(
    follow_up_160x45,
    then(two_panes(160, 45), |w| {
        w.keys("ctrl+b f");
        w.text("also convert the error middleware,");
        w.keys("ctrl+o");
        w.text("keep the old response shape");
    })
);
picture!(
    follow_up_80x10,
    then(sketch(80, 10), |w| {
        w.keys("ctrl+b f");
        w.text("go on");
    })
);
picture!(
    confirm_stop_100x24,
    then(sketch(100, 24), |w| {
        w.keys("ctrl+b X");
        w.wait(400);
    })
);
picture!(
    tree_overlay_with_a_selection_100x24,
    then(sketch(100, 24), |w| {
        w.keys("ctrl+b s g down space space down");
    })
);
picture!(
    tree_filter_with_a_selection_80x24,
    then(sketch(80, 24), |w| {
        w.keys("ctrl+b s g down space /");
        w.text("auth");
    })
);
picture!(
    confirm_stop_44x13,
    then(sketch(44, 13), |w| {
        w.keys("ctrl+b X");
        w.wait(400);
    })
);
picture!(
    which_key_120x30,
    then(sketch(120, 30), |w| {
        w.keys("ctrl+b");
        w.wait(700);
    })
);
picture!(
    which_key_60x12,
    then(sketch(60, 12), |w| {
        w.keys("ctrl+b");
        w.wait(700);
    })
);
picture!(
    errors_106x10,
    then(sketch(106, 10), |w| {
        w.keys("ctrl+b e");
    })
);
picture!(
    narrow_tabs_48x24,
    then(two_panes(48, 24), |w| {
        w.keys("ctrl+b c ctrl+b c");
    })
);
// What is typed stays in sight, whatever is told meanwhile.
picture!(
    toast_beside_a_dialog_44x14,
    then(sketch(44, 14), |w| {
        use copilot_tui::wire::{ServerMsg, message::Level};
        w.keys("ctrl+b n");
        w.text("fix the login");
        let title = "#5 auth-tests asks whether it may publish";
        w.put(copilot_tui::app::Input::Server(ServerMsg::Notice {
            level: Level::Attention,
            session: Some(id(5)),
            title: title.into(),
            text: String::new(),
        }));
    })
);
picture!(
    projects_of_one_name_130x30,
    then(sketch(130, 30), |w| {
        let mut other = shop();
        other.truncate(2);
        for (s, n) in other.iter_mut().zip(21..) {
            (s.id, s.number, s.project) = (id(n), n, "/home/somebody/work/another/place/shop-api".into());
        }
        w.facts(other, Vec::new());
    })
);
picture!(
    screen_reader_100x24,
    then(sketch(100, 24), |w| {
        w.app.config.options.screen_reader = true;
        w.keys("ctrl+b s");
    })
);
picture!(
    toasts_and_tabs_120x24,
    then(sketch(120, 24), |w| {
        use copilot_tui::wire::{ServerMsg, message::Level};
        w.keys("ctrl+b c");
        for (level, title) in
            [(Level::Attention, "#5 auth-tests waits"), (Level::Success, "#2 dark-mode done"), (Level::Success, "#2 dark-mode done")]
        {
            w.put(copilot_tui::app::Input::Server(ServerMsg::Notice { level, session: Some(id(5)), title: title.into(), text: String::new() }));
        }
    })
);

#[test]
fn a_terminal_larger_than_its_pane_is_shown_around_its_cursor_and_wide_cells_are_never_halved() {
    use copilot_tui::app::Input;
    use copilot_tui::base::{CellKind, Line, Span, Style};
    use copilot_tui::wire::PaneFrame;
    use copilot_tui::wire::pane::{PaneCursor, PaneModes};
    let mut w = World::new(40, 12, vec![session(1, "a", "shell", copilot_tui::wire::State::Idle)]);
    let wide = Line { spans: vec![Span { style: Style::default(), cells: CellKind::Wide, text: "中".repeat(60), link: None }], wrapped: false };
    let frame = |col| PaneFrame {
        seq: 1,
        session: id(1),
        cols: 120,
        rows: 30,
        full: true,
        top: 0,
        height: 30,
        screen_top: 0,
        history_start: 0,
        lines: (0..30).map(|n| (n, if n == 29 { wide.clone() } else { Line::plain(&format!("line {n}")) })).collect(),
        cursor: PaneCursor { row: 29, col, visible: true, ..PaneCursor::default() },
        modes: PaneModes::default(),
        foreign_size: true,
    };
    w.put(Input::Pane(frame(0)));
    let picture = w.picture();
    assert!(picture.contains("line 28") && !picture.contains("line 19\n"), "{picture}");
    assert_eq!(w.regions().cursor, Some((0, 10)));
    // The cursor in an odd column: the window begins in the middle of a wide cell, which stays blank.
    w.put(Input::Pane(frame(60)));
    let row = w.picture().lines().nth(10).unwrap().to_owned();
    assert_eq!((w.regions().cursor, row.starts_with(" 中")), (Some((39, 10)), true), "{row}");
    assert!(copilot_tui::base::text::width(&row) <= 40);
}

#[test]
fn a_reversed_screen_is_so_to_its_edges_and_no_further() {
    use copilot_tui::base::Line;
    use copilot_tui::wire::{PaneFrame, pane::PaneModes};
    let mut w = World::new(60, 16, vec![session(1, "a", "shell", copilot_tui::wire::State::Idle)]);
    w.put(copilot_tui::app::Input::Pane(PaneFrame {
        seq: 1,
        session: id(1),
        cols: 40,
        rows: 8,
        full: true,
        top: 3,
        height: 8,
        screen_top: 3,
        history_start: 3,
        lines: vec![(3, Line::plain("short"))],
        cursor: copilot_tui::wire::pane::PaneCursor::default(),
        modes: PaneModes { reverse: true, ..PaneModes::default() },
        foreign_size: true,
    }));
    let rect = w.app.areas().content(w.app.tabs.focus()).unwrap();
    assert!(rect.w > 40 && rect.h > 8, "{rect:?}");
    let buf = w.cells();
    for y in 0..rect.h {
        for x in 0..60 {
            let reversed = buf[(x, rect.y + y)].modifier.contains(ratatui::style::Modifier::REVERSED);
            assert_eq!(reversed, x < 40 && y < 8, "{x},{y}");
        }
    }
}

/// A test run with a place, an address in a box and a commit.
const RUN: &str = "$ npm test\n  at run (src/api/router.ts:118:3)\n╭─────────────────────────────────╮\n│ https://ci.example.com/runs/184 │\n│ 213?view=coverage               │\n╰─────────────────────────────────╯\ncommit 4f1c2aa9\n$ ";

picture!(
    looking_back_100x24,
    then(sketch(100, 24), |w| {
        w.rows(3, RUN);
        w.keys("ctrl+b [ k k v");
    })
);
picture!(
    search_106x10,
    then(sketch(106, 10), |w| {
        w.rows(3, RUN);
        w.keys("ctrl+b /");
        w.text("r.*s");
        let matches = serde_json::json!({"matches": [{"line": 101, "from": 5, "to": 28}, {"line": 103, "from": 25, "to": 29}], "more": false});
        let id =
            w.sent.iter().rev().find_map(|e| {
                if let copilot_tui::app::Effect::Send(copilot_tui::wire::ClientMsg::Request { id, .. }) = e { Some(*id) } else { None }
            });
        let reply = |ok| copilot_tui::app::Input::Server(copilot_tui::wire::ServerMsg::Reply { id: id.unwrap(), ok: Some(ok), error: None });
        w.put(reply(serde_json::json!({"matches": []})));
        w.answer(matches);
    })
);
picture!(
    labels_100x24,
    then(sketch(100, 24), |w| {
        w.rows(3, RUN);
        w.keys("ctrl+b h");
    })
);
picture!(
    labels_40x12,
    then(sketch(40, 12), |w| {
        w.rows(3, RUN);
        w.keys("ctrl+b h tab");
    })
);
