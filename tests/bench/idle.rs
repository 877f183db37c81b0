//! What 64 sessions cost that do nothing: CPU of server and holders over ten seconds, and their memory. Run it with
//! `cargo bench --bench idle`.

#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};
use support::World;

const SESSIONS: usize = 64;
const SPAN: Duration = Duration::from_secs(10);

/// Nanoseconds of CPU of all threads of a process.
fn cpu_ns(pid: i32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let one = |t: std::fs::DirEntry| std::fs::read_to_string(t.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok();
    tasks.filter_map(one).sum()
}

/// A figure of `smaps_rollup`, in kB.
fn kb(pid: i32, what: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(what)?.strip_prefix(':'));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

fn parent(pid: i64) -> i32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    stat.rsplit_once(')').and_then(|r| r.1.split_whitespace().nth(1)?.parse().ok()).expect("a parent")
}

fn measure(what: &str, server: i32, holders: &[i32]) {
    let all = || (cpu_ns(server), holders.iter().map(|h| cpu_ns(*h)).sum::<u64>());
    let (before, start) = (all(), Instant::now());
    std::thread::sleep(SPAN);
    let (after, span) = (all(), start.elapsed().as_nanos() as f64);
    let percent = |a: u64, b: u64| (b.saturating_sub(a)) as f64 * 100.0 / span;
    println!(
        "{what:34} server {:6.3} %  holders {:6.3} %  together {:6.3} % of a core",
        percent(before.0, after.0),
        percent(before.1, after.1),
        percent(before.0 + before.1, after.0 + after.1)
    );
}

fn main() {
    let w = World::new();
    let begun = Instant::now();
    for n in 0..SESSIONS {
        w.start(&format!("idle{n}"), "echo here; exec sleep 100000");
    }
    println!("{SESSIONS} sessions started in {:.1} s", begun.elapsed().as_secs_f64());
    let list = w.json(&["sessions", "list"]);
    let holders: Vec<i32> = list["sessions"].as_array().expect("a list").iter().map(|s| parent(s["pid"].as_i64().expect("a pid"))).collect();
    let server = w.server_pid();
    measure("nobody looks", server, &holders);
    let attached = screen::Terminal::start(&w.command(&["attach", "idle0"]), 160, 45);
    attached.shows("here");
    measure("a client with the tree is attached", server, &holders);
    let mean = |what: &str| holders.iter().map(|h| kb(*h, what)).sum::<u64>() / holders.len() as u64;
    println!("server  RSS {:6} kB  PSS {:6} kB", kb(server, "Rss"), kb(server, "Pss"));
    println!("holder  RSS {:6} kB  PSS {:6} kB  (mean of {})", mean("Rss"), mean("Pss"), holders.len());
    println!("client  RSS {:6} kB  PSS {:6} kB", kb(attached.pid(), "Rss"), kb(attached.pid(), "Pss"));
}
