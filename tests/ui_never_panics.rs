//! Whatever is typed, clicked and told, at whatever size: no panic, and the screen can be drawn.

mod ui_support;

use copilot_tui::app::{Effect, Input, Setup};
use copilot_tui::base::{Chord, Key, Mods, MouseButton, MouseEvent, MouseKind, Rect, Size};
use copilot_tui::command::Cmd;
use copilot_tui::ui;
use copilot_tui::wire::facts::State;
use copilot_tui::wire::message::{Level, PaneInput};
use copilot_tui::wire::{ClientMsg, ServerMsg};
use proptest::prelude::*;
use ui_support::*;

#[derive(Debug, Clone)]
enum Step {
    Keys(&'static str),
    Text(String),
    Run(usize),
    Mouse(u8, u16, u16),
    Resize(u16, u16),
    Session(u32, usize, String),
    Gone(u32),
    Rows(u32, String),
    Notice(String),
    Wait(u64),
    Paste(String),
    Away,
    Back,
    Answer(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let keys = prop::sample::select(vec![
        "ctrl+b",
        "ctrl+b s",
        "ctrl+b |",
        "ctrl+b -",
        "ctrl+b [",
        "ctrl+b /",
        "ctrl+b f",
        "ctrl+b ?",
        "ctrl+b space",
        "ctrl+b n",
        "ctrl+b X",
        "ctrl+b e",
        "ctrl+b i",
        "ctrl+b t",
        "ctrl+b l",
        "enter",
        "esc",
        "tab",
        "up",
        "down",
        "left",
        "right",
        "y",
        "space",
        "/",
        "v",
        "pageup",
        "backspace",
        "ctrl+o",
    ]);
    prop_oneof![
        6 => keys.prop_map(Step::Keys),
        2 => "[a-zé中]{1,6}".prop_map(Step::Text),
        4 => (0..Cmd::all().count()).prop_map(Step::Run),
        4 => (0u8..8, 0u16..260, 0u16..90).prop_map(|(k, x, y)| Step::Mouse(k, x, y)),
        2 => (0u16..260, 0u16..90).prop_map(|(c, r)| Step::Resize(c, r)),
        2 => (1u32..9, 0usize..11, "\\PC{0,12}").prop_map(|(n, s, t)| Step::Session(n, s, t)),
        1 => (1u32..9).prop_map(Step::Gone),
        2 => (1u32..9, "[ -~é中\n]{0,200}").prop_map(|(n, t)| Step::Rows(n, t)),
        1 => "\\PC{0,60}".prop_map(Step::Notice),
        1 => (0u64..20_000).prop_map(Step::Wait),
        1 => "\\PC{0,40}".prop_map(Step::Paste),
        1 => Just(Step::Away),
        1 => Just(Step::Back),
        1 => (0u64..12).prop_map(Step::Answer),
    ]
}

fn take(w: &mut World, s: Step) {
    match s {
        Step::Keys(k) => {
            for chord in k.split(' ') {
                let chord: Chord = chord.parse().unwrap();
                w.put(Input::Key(Key::new(chord.code, chord.mods)));
            }
        }
        Step::Text(t) => t.chars().for_each(|c| {
            let passes = u8::try_from(c).ok().filter(u8::is_ascii).and_then(|c| w.app.passes(c)).cloned();
            let out = w.put(Input::Key(Key::char(c)));
            if let Some(session) = passes {
                // Said before, because then the key need not come here at all.
                let input = PaneInput::Key { key: Key::char(c) };
                assert_eq!(out, [Effect::Send(ClientMsg::Input { session, input })]);
            }
        }),
        Step::Run(i) => {
            let cmd = Cmd::all().nth(i).unwrap();
            w.app.run(cmd, &mut Vec::new());
            w.put(Input::Wake);
        }
        Step::Mouse(k, col, row) => {
            let kind = match k {
                0 | 1 => MouseKind::Down(MouseButton::Left),
                2 => MouseKind::Up(MouseButton::Left),
                3 | 4 => MouseKind::Drag(MouseButton::Left),
                5 => MouseKind::WheelUp,
                6 => MouseKind::WheelDown,
                _ => MouseKind::Move,
            };
            let hit = w.regions().hit(col, row);
            w.put(Input::Mouse { event: MouseEvent { kind, col, row, mods: Mods::empty() }, hit });
        }
        Step::Resize(c, r) => {
            w.put(Input::Resize(Size::new(c, r)));
        }
        Step::Session(n, state, text) => {
            let mut s = shop().into_iter().find(|s| s.number == n).unwrap_or_else(|| session(n, "x", "codex", State::Idle));
            s.state = State::ALL[state];
            s.name = text.clone();
            s.note = Some(text);
            w.facts(vec![s], vec![]);
        }
        Step::Gone(n) => {
            w.facts(vec![], vec![id(n)]);
        }
        Step::Rows(n, t) => w.rows(n, &t),
        Step::Notice(t) => {
            w.put(Input::Server(ServerMsg::Notice { level: Level::Info, session: None, title: t.clone(), text: t }));
        }
        Step::Wait(ms) => w.wait(ms),
        Step::Paste(t) => {
            w.put(Input::Paste(t));
        }
        Step::Away => {
            w.put(Input::Disconnected { reason: "away".into() });
        }
        Step::Back => {
            w.put(Input::Connected);
        }
        Step::Answer(id) => {
            let ok =
                serde_json::json!({"text": "abc", "matches": [{"line": 3, "from": 0, "to": 2}, {"line": 101, "from": 5, "to": 300}], "entries": []});
            w.put(Input::Server(ServerMsg::Reply { id, ok: Some(ok), error: None }));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_at_any_size(
        cols in 1u16..260, rows in 1u16..90, reader in any::<bool>(), empty in any::<bool>(),
        steps in prop::collection::vec(step(), 1..50),
    ) {
        let mut setup = Setup { size: Size::new(cols, rows), cwd: "/home/ann/shop-api".into(), ..Setup::default() };
        setup.config.options.screen_reader = reader;
        let mut w = World::with(setup, if empty { vec![] } else { shop() }, None);
        for s in steps {
            take(&mut w, s);
            let size = w.app.size;
            let regions = w.regions();
            // Everything laid stays on the screen it was laid for.
            for pane in w.app.in_sight() {
                prop_assert!(pane.cols <= size.cols && pane.rows <= size.rows);
            }
            prop_assert!(regions.areas.panes.right() <= size.cols && regions.areas.panes.bottom() <= size.rows);
            prop_assert!(w.app.next_wake().is_some());
        }
        if w.app.size.cols > 0 && w.app.size.rows > 0 {
            w.picture();
        }
        // A frame of another size than the app knows yet, as between a resize and its event.
        let _ = ui::regions(&w.app, Rect::new(0, 0, 7, 3));
    }
}

#[test]
fn what_is_typed_into_a_pane_goes_there_unless_something_is_open() {
    let mut w = World::new(100, 30, vec![session(1, "one", "codex", State::Working)]);
    w.rows(1, "text");
    assert_eq!(w.app.passes(b'x'), Some(&id(1)));
    for open in ["ctrl+b", "ctrl+b [", "ctrl+b ?", "ctrl+b f"] {
        w.keys(open);
        assert_eq!(w.app.passes(b'x'), None, "after {open}");
        w.keys("esc esc");
        assert_eq!(w.app.passes(b'x'), Some(&id(1)), "after {open} esc");
    }
    w.facts(vec![session(1, "one", "codex", State::Done)], vec![]);
    assert_eq!(w.app.passes(b'x'), None);
}
