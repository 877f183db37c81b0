//! Recordings written and read back: the screen at every moment is the one the engine had.

use super::*;
use crate::base::{Now, SessionId, Size};
use crate::term::{Engine, EngineKind, Pattern, new_engine};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const SIZE: Size = Size { cols: 60, rows: 12 };
const SOON: Duration = Duration::from_secs(30);

fn start(dir: &Path, limit: u64) -> Start {
    Start {
        id: SessionId::random(),
        dir: dir.to_owned(),
        title: "#1 test".into(),
        command: "agent".into(),
        limit,
        size: SIZE,
        snapshot: Vec::new(),
        known: Vec::new(),
        late: Vec::new(),
        lost: 0,
        goes_on: false,
        offset: 0,
        now: now(0),
    }
}

fn now(ms: u64) -> Now {
    Now { mono_ms: 5000 + ms, wall_ms: 1_700_000_000_000 + ms }
}

fn engine() -> Box<dyn Engine> {
    new_engine(EngineKind::Native, SIZE, 0)
}

fn screen(e: &dyn Engine) -> Vec<Option<crate::base::Line>> {
    (0..u64::from(e.size().rows)).map(|i| e.row(e.screen_top() + i)).collect()
}

fn flush(r: &Recorder) {
    assert!(r.flusher()(SOON), "the writer answers");
}

/// A frame of a full-screen program: most rows change, in colour.
fn frame(n: u64) -> String {
    let mut s = String::from("\x1b[?1049h\x1b[H");
    for row in 0..12 {
        s.push_str(&format!("\x1b[{};1H\x1b[3{}mrow {row} of frame {n} \u{4e2d}\u{1F600}\x1b[0m {}\x1b[K", row + 1, n % 8, "-".repeat(20)));
    }
    s
}

#[test]
fn the_screen_at_every_moment_is_the_one_there_was() {
    let tmp = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(|_, _| {}).unwrap();
    let tap = recorder.open(start(tmp.path(), 4 << 20));
    let (mut live, mut offset, mut seen) = (engine(), 0, Vec::new());
    for n in 0..2500u64 {
        if n == 700 {
            live.resize(Size::new(50, 10));
            tap.resize(Size::new(50, 10), now(n * 40));
        }
        if n == 1200 {
            tap.mark("waiting: may I?", now(n * 40));
        }
        let text = frame(n);
        // Cut anywhere, also inside characters.
        for part in text.as_bytes().chunks(97) {
            live.feed(part, Now::default());
            offset += part.len() as u64;
            tap.output(part, now(n * 40), offset);
        }
        if n % 250 == 249 {
            flush(&recorder);
            seen.push((n * 40, screen(live.as_ref()), live.cursor()));
        }
    }
    tap.exit("0", now(100_001));
    drop(tap);
    flush(&recorder);
    let film = Film::open(tmp.path()).unwrap();
    assert_eq!((film.length(), film.ended, film.trimmed), (100_001, true, false));
    for (at, want, cursor) in seen.iter().rev() {
        let (got, place) = film.seek(*at).unwrap();
        assert_eq!(place.at, *at);
        assert_eq!(&screen(got.as_ref()), want, "at {at}");
        assert_eq!(got.cursor(), *cursor);
    }
    // Played from one moment to another it is the same as gone to.
    let (mut played, place) = film.seek(20_000).unwrap();
    let (steps, place) = film.play(place, 20_400).unwrap();
    steps.into_iter().for_each(|s| film::apply(&mut played, s));
    assert_eq!(screen(played.as_ref()), screen(film.seek(20_400).unwrap().0.as_ref()));
    assert_eq!(film.next_at(place).unwrap(), Some(20_440));
    assert_eq!(film.before(place).unwrap(), 20_360);
    assert_eq!(film.at_wall(1_700_000_000_000 + 20_401).unwrap(), 20_400);
    assert_eq!(film.marks, [Mark { at: 48_000, wall: 1_700_000_048_000, label: "waiting: may I?".into() }]);
    // Any reader of asciicast takes it: every line is a header, an event of three or a comment.
    let folder = tmp.path().join(RECORDING);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        if path.extension().is_some_and(|e| e == "cast") {
            for (i, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
                let v: Option<serde_json::Value> = serde_json::from_str(line).ok();
                let fine = match &v {
                    Some(v) if i == 0 => v["version"] == 3 && v["term"]["cols"].is_u64(),
                    Some(v) => v.as_array().is_some_and(|a| a.len() == 3 && a[0].is_number() && a[2].is_string()),
                    None => line.starts_with('#'),
                };
                assert!(fine, "{}", line.chars().take(100).collect::<String>());
            }
        }
    }
}

#[test]
fn pauses_are_cut_and_text_is_found_with_its_time() {
    let tmp = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(|_, _| {}).unwrap();
    let tap = recorder.open(start(tmp.path(), 4 << 20));
    tap.output(b"\x1b[?1049hAllow rm -rf?", now(0), 21);
    flush(&recorder);
    tap.output(b"\x1b[2J\x1b[Hdone", now(3_600_000), 40);
    flush(&recorder);
    let film = Film::open(tmp.path()).unwrap();
    assert_eq!(film.length(), IDLE_MS);
    assert!(!film.ended);
    let (pattern, stop) = (Pattern::new("allow", true).unwrap(), AtomicBool::new(false));
    let scan = Scan { pattern: &pattern, most: 10, stop: &stop };
    let found = scan.recording(tmp.path(), |_| false);
    assert_eq!((found.count, found.hits[0].line, found.hits[0].text.as_str()), (1, 1_700_000_000_000, "Allow rm -rf?"));
    assert_eq!(scan.recording(tmp.path(), |t| t == "Allow rm -rf?").count, 0, "known from elsewhere");
    assert_eq!(film.at_wall(found.hits[0].line).unwrap(), 0);
    // What comes later is read on.
    let mut film = film;
    tap.output(b"!", now(3_601_000), 41);
    flush(&recorder);
    film.extend().unwrap();
    assert_eq!(film.length(), IDLE_MS + 1000);
    assert_eq!(recorded_to(tmp.path()), Some(41));
}

#[test]
fn the_oldest_goes_when_it_is_too_much() {
    let tmp = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(|_, _| {}).unwrap();
    let limit = 1 << 20;
    let tap = recorder.open(start(tmp.path(), limit));
    let (mut offset, mut live) = (0, engine());
    for n in 0..4000u64 {
        let text = frame(n);
        live.feed(text.as_bytes(), Now::default());
        offset += text.len() as u64;
        tap.output(text.as_bytes(), now(n), offset);
        if n % 400 == 0 {
            flush(&recorder);
        }
    }
    flush(&recorder);
    let size: u64 = std::fs::read_dir(tmp.path().join(RECORDING)).unwrap().flatten().filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum();
    assert!(size < limit + limit / 2, "{size}");
    let film = Film::open(tmp.path()).unwrap();
    assert!(film.trimmed);
    assert_eq!(screen(film.seek(u64::MAX).unwrap().0.as_ref()), screen(live.as_ref()));
}

#[test]
fn a_flood_leaves_a_gap_that_is_said_and_then_goes_on() {
    let tmp = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(|_, _| {}).unwrap();
    let tap = recorder.open(start(tmp.path(), 16 << 20));
    let (mut live, mut offset) = (engine(), 0u64);
    let flood = frame(1).repeat(100);
    let began = std::time::Instant::now();
    let mut sent = 0;
    while !tap.wants_screen() && sent < 200 {
        live.feed(flood.as_bytes(), Now::default());
        offset += flood.len() as u64;
        tap.output(flood.as_bytes(), now(1), offset);
        sent += 1;
    }
    assert!(sent < 200 || began.elapsed() > Duration::from_secs(1), "nothing was left out");
    tap.screen(live.snapshot(0), now(2), offset);
    live.feed(b"\x1b[Hafter", Now::default());
    tap.output(b"\x1b[Hafter", now(3), offset + 8);
    flush(&recorder);
    let film = Film::open(tmp.path()).unwrap();
    assert!(film.marks.iter().any(|m| m.label.starts_with("gap: ")), "{:?}", film.marks);
    assert_eq!(screen(film.seek(u64::MAX).unwrap().0.as_ref()), screen(live.as_ref()));
}

#[test]
fn a_crash_costs_at_most_the_last_line() {
    let tmp = tempfile::tempdir().unwrap();
    let (mut live, first) = (engine(), frame(1));
    {
        let recorder = Recorder::start(|_, _| {}).unwrap();
        let tap = recorder.open(start(tmp.path(), 4 << 20));
        tap.output(first.as_bytes(), now(0), first.len() as u64);
        flush(&recorder);
    }
    live.feed(first.as_bytes(), Now::default());
    let file = tmp.path().join(RECORDING).join("000001.cast");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(b"[1.000, \"o\", \"half a li");
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(recorded_to(tmp.path()), Some(first.len() as u64));
    // The next server has a snapshot, what it knows to be recorded, and what came while nobody recorded.
    let recorder = Recorder::start(|_, _| {}).unwrap();
    let late = b"\x1b[Hwhile away".to_vec();
    live.feed(&late, Now::default());
    let tap = recorder.open(Start {
        snapshot: engine().snapshot(0),
        known: first.clone().into_bytes(),
        late: late.clone(),
        goes_on: true,
        offset: (first.len() + late.len()) as u64,
        now: now(9000),
        ..start(tmp.path(), 4 << 20)
    });
    tap.output(b" and back", now(9500), 0);
    live.feed(b" and back", Now::default());
    flush(&recorder);
    let film = Film::open(tmp.path()).unwrap();
    assert_eq!(film.marks.iter().map(|m| m.label.as_str()).collect::<Vec<_>>(), ["the server was started again"]);
    assert_eq!(film.length(), IDLE_MS + 500);
    assert_eq!(screen(film.seek(0).unwrap().0.as_ref())[1..], screen(live.as_ref())[1..]);
    assert_eq!(screen(film.seek(u64::MAX).unwrap().0.as_ref()), screen(live.as_ref()));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_once_and_costs_nothing() {
    let tmp = tempfile::tempdir().unwrap();
    let said: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let own = Arc::clone(&said);
    let recorder = Recorder::start(move |_, text| own.lock().unwrap().push(text.to_owned())).unwrap();
    // A file where the folder should be.
    std::fs::write(tmp.path().join(RECORDING), "").unwrap();
    let tap = recorder.open(start(tmp.path(), 4 << 20));
    for n in 0..3 {
        tap.output(frame(n).as_bytes(), now(n), 1);
        flush(&recorder);
    }
    std::fs::remove_file(tmp.path().join(RECORDING)).unwrap();
    tap.output(b"\x1b[Hback", now(9), 1);
    flush(&recorder);
    let said = said.lock().unwrap().clone();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("not recorded: ") && said[1].starts_with("recorded again"), "{said:?}");
    let film = Film::open(tmp.path()).unwrap();
    assert!(film.marks[0].label.starts_with("gap: "));
    let mut live = engine();
    live.feed(format!("{}\x1b[Hback", frame(2)).as_bytes(), Now::default());
    assert_eq!(screen(film.seek(u64::MAX).unwrap().0.as_ref()), screen(live.as_ref()));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_file_is_survived(lines in proptest::collection::vec(hostile(), 0..40), at in proptest::prelude::any::<u64>()) {
        let tmp = tempfile::tempdir().unwrap();
        std::fs::create_dir(tmp.path().join(RECORDING)).unwrap();
        std::fs::write(tmp.path().join(RECORDING).join("000007.cast"), lines.join("\n")).unwrap();
        if let Ok(mut film) = Film::open(tmp.path()) {
            let (_, place) = film.seek(at).unwrap();
            let _ = (film.play(place, at).map(|p| p.0.len()), film.next_at(place), film.before(place), film.at_wall(at), film.extend());
        }
        let _ = (recorded_to(tmp.path()), read_archive(tmp.path(), 10).is_some());
    }
}

/// Lines that a recording may hold, and lines that it may not.
fn hostile() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    prop_oneof![
        "\\PC{0,30}",
        Just("{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}".to_owned()),
        any::<u64>().prop_map(|n| format!("#ct start {n}")),
        any::<u64>().prop_map(|n| format!("#ct at {n}")),
        "[A-Za-z0-9+/=]{0,60}".prop_map(|k| format!("#ct key {k}")),
        (any::<f64>(), "[ormxz]", "\\PC{0,20}").prop_map(|(t, c, d)| format!("[{t}, \"{c}\", {}]", serde_json::to_string(&d).unwrap_or_default())),
        (0u16.., 0u16..).prop_map(|(c, r)| format!("[0.5, \"r\", \"{c}x{r}\"]")),
        Just("[1e308, \"o\", \"\\u001b[9999999b\\u001b[?1049h\"]".to_owned()),
        Just("[0.1, \"o\", \"cut".to_owned()),
    ]
}
