//! Recorded programs (vim, less, tmux inside a pane; 80x24): the screen after the last byte is the one tmux 3.3a shows for the
//! same bytes, whole, in chunks of any size, and across a snapshot. The recordings (`.vt`) and screens (`.screen`) are in
//! `tests/data/term`.

use copilot_tui::base::{Now, Size};
use copilot_tui::term::{Engine, EngineKind, Event, new_engine, restore};
use std::path::Path;

const PROGRAMS: [(&str, (u16, u16)); 4] = [("vim", (0, 45)), ("less", (23, 1)), ("vim_colours", (12, 0)), ("tmux_in_a_pane", (23, 2))];

fn data(name: &str, end: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/term").join(format!("{name}.{end}"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn screen(e: &dyn Engine) -> String {
    (0..24).map(|r| e.row(e.screen_top() + r).unwrap_or_default().text().trim_end().to_owned() + "\n").collect()
}

#[test]
fn programs_look_as_in_tmux() {
    for (name, cursor) in PROGRAMS {
        let bytes = data(name, "vt");
        let want = String::from_utf8(data(name, "screen")).expect("text");
        for chunk in [bytes.len(), 4096, 97, 1] {
            let mut e = new_engine(EngineKind::Native, Size::DEFAULT, 1000);
            for part in bytes.chunks(chunk) {
                e.feed(part, Now::default());
            }
            assert_eq!(screen(&*e), want, "{name} in chunks of {chunk}");
            assert_eq!((e.cursor().row, e.cursor().col), cursor, "{name}");
            assert!(!e.take_events().contains(&Event::Rebuilt));
        }
    }
}

#[test]
fn a_snapshot_in_the_middle_of_a_program_shows_nowhere() {
    for (name, _) in PROGRAMS {
        let bytes = data(name, "vt");
        let want = String::from_utf8(data(name, "screen")).expect("text");
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            let mut before = new_engine(EngineKind::Native, Size::DEFAULT, 1000);
            before.feed(&bytes[..cut], Now::default());
            let mut after = restore(&before.snapshot(1000), 1000).expect("our own snapshot");
            after.feed(&bytes[cut..], Now::default());
            assert_eq!(screen(&*after), want, "{name} cut at {cut}");
        }
    }
}

#[test]
fn resizing_a_running_program_keeps_its_bounds() {
    for (name, _) in PROGRAMS {
        let bytes = data(name, "vt");
        let mut e = new_engine(EngineKind::Native, Size::DEFAULT, 1000);
        for (i, part) in bytes.chunks(211).enumerate() {
            e.resize(Size::new(2 + (i as u16 * 37) % 140, 1 + (i as u16 * 13) % 60));
            e.feed(part, Now::default());
            let (size, cursor) = (e.size(), e.cursor());
            assert!(cursor.row < size.rows && cursor.col < size.cols);
            for abs in e.history_start()..e.screen_top() + u64::from(size.rows) {
                assert!(e.row(abs).expect("every line is there").cols() <= usize::from(size.cols));
            }
        }
        assert!(!e.take_events().contains(&Event::Rebuilt), "{name}");
    }
}
