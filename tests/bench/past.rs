//! What recordings cost where it counts: on the thread that serves people (copying), on the writer's, when scrubbing 64 MiB and
//! when searching in 64 sessions. Figures go to standard output.

use copilot_tui::base::{Now, SessionId, Size};
use copilot_tui::past::{Film, Found, Recorder, Scan, Start, write_archive};
use copilot_tui::term::{EngineKind, Pattern, new_engine};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const SIZE: Size = Size { cols: 200, rows: 50 };

/// A frame of a full-screen program.
fn frame(n: u64) -> String {
    let mut s = String::from("\x1b[?1049h\x1b[H");
    for row in 0..50 {
        let words = format!("row {row} of frame {n} and some more words to fill it up to a usual width {}", (n * row) % 977);
        s.push_str(&format!("\x1b[{};1H\x1b[3{}m{words}\x1b[0m\x1b[K", row + 1, (n + row) % 8));
    }
    s
}

fn mib_per_s(bytes: usize, took: Duration) -> f64 {
    bytes as f64 / took.as_secs_f64() / (1 << 20) as f64
}

fn main() {
    let tmp = tempfile::tempdir().expect("a folder");
    let recorder = Recorder::start(|_, text| println!("said: {text}")).expect("a thread");
    let start = |dir: &std::path::Path| Start {
        id: SessionId::random(),
        dir: dir.to_owned(),
        title: "#1 bench".into(),
        command: String::new(),
        limit: 64 << 20,
        size: SIZE,
        snapshot: Vec::new(),
        known: Vec::new(),
        late: Vec::new(),
        lost: 0,
        goes_on: false,
        offset: 0,
        now: Now::read(),
    };
    let tap = recorder.open(start(tmp.path()));
    let frames: Vec<String> = (0..64).map(frame).collect();
    // Parsing alone, and parsing with a recording, in slices as they come from a terminal.
    for recorded in [false, true, false, true] {
        let mut engine = new_engine(EngineKind::Native, SIZE, 10_000);
        let (mut parse, mut copy, mut bytes) = (Duration::ZERO, Duration::ZERO, 0);
        for f in frames.iter().cycle().take(2000) {
            for part in f.as_bytes().chunks(4096) {
                let t = Instant::now();
                engine.feed(part, Now::default());
                parse += t.elapsed();
                if recorded {
                    let t = Instant::now();
                    tap.output(part, Now { mono_ms: 1, wall_ms: 1 }, 0);
                    copy += t.elapsed();
                    bytes += part.len();
                    if bytes % (1 << 20) < 4096 {
                        recorder.flusher()(Duration::from_secs(10));
                    }
                }
            }
        }
        if recorded {
            let share = 100.0 * copy.as_secs_f64() / parse.as_secs_f64();
            println!(
                "byte path: copying {:.0} MiB/s, {share:.1} % of parsing, {:.0} ns for 4 KiB",
                mib_per_s(bytes, copy),
                copy.as_nanos() as f64 / (bytes / 4096) as f64
            );
        }
    }
    // The writer: JSON, its own engine, the index.
    let dir = tempfile::tempdir().expect("a folder");
    let tap = recorder.open(start(dir.path()));
    let (mut bytes, mut ms) = (0, 0);
    let t = Instant::now();
    while bytes < 100 << 20 {
        for f in &frames {
            ms += 30;
            tap.output(f.as_bytes(), Now { mono_ms: ms, wall_ms: 1_700_000_000_000 + ms }, 0);
            bytes += f.len();
        }
        recorder.flusher()(Duration::from_secs(10));
    }
    println!("writer: {:.0} MiB/s of output", mib_per_s(bytes, t.elapsed()));
    let size: u64 =
        std::fs::read_dir(dir.path().join("recording")).expect("segments").flatten().filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum();
    let t = Instant::now();
    let film = Film::open(dir.path()).expect("a recording");
    println!("opening {} MiB: {:.0} ms", size >> 20, t.elapsed().as_secs_f64() * 1000.0);
    let mut all: Vec<f64> = (0..40u64)
        .map(|i| {
            let t = Instant::now();
            film.seek(film.length() * (i * 7 % 40) / 40).expect("a screen");
            t.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    all.sort_by(f64::total_cmp);
    println!("scrubbing it: {:.1} ms half of the time, {:.1} ms at most", all[20], all[39]);
    // Texts of ended sessions.
    let sessions: Vec<_> = (0..64)
        .map(|n| {
            let dir = tempfile::tempdir().expect("a folder");
            let mut e = new_engine(EngineKind::Native, SIZE, 10_000);
            for i in 0..10_000 {
                e.feed(format!("session {n} line {i}: compiling something with a usual message that fills it\r\n").as_bytes(), Now::default());
            }
            let t = Instant::now();
            write_archive(dir.path(), &e.snapshot(10_000)).expect("an archive");
            (dir, t.elapsed())
        })
        .collect();
    let mean = sessions.iter().map(|s| s.1.as_secs_f64()).sum::<f64>() / 64.0 * 1000.0;
    println!("archiving 10,000 lines: {mean:.0} ms, on a worker");
    for text in ["line 77", "usual.*fills", "nowhere"] {
        let (pattern, stop) = (Pattern::new(text, true).expect("a pattern"), AtomicBool::new(false));
        let scan = Scan { pattern: &pattern, most: 50, stop: &stop };
        let t = Instant::now();
        let found: Vec<Found> = sessions.iter().map(|s| scan.archive(s.0.path())).collect();
        let count: usize = found.iter().map(|f| f.count).sum();
        println!("searching 64 x 10,000 lines for `{text}`: {:.0} ms, {count} lines", t.elapsed().as_secs_f64() * 1000.0);
    }
}
