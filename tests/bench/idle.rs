//! What 64 sessions cost that do nothing: CPU of server and holders, and their memory; first plain commands, then agents with all
//! the evidence an idle one has (program status, title, a log that is watched, hooks), eight of them real Claude Code where it is
//! installed. Run it with `cargo bench --bench idle`.

#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/stand_in.rs"]
mod stand_in;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};
use support::World;

const SESSIONS: usize = 64;
const SPAN: Duration = Duration::from_secs(20);
/// Real agents among them.
const REAL: usize = 8;
/// An agent that has said all there is to say and waits: its status, its title, a line of its log.
const IDLE_AGENT: &str = r#"#!/bin/sh
printf '\033]0;idle\007\033]7501;state=idle\033\\ready\n'
echo '{"type":"begin"}' >> "$HOME/log.jsonl"
exec sleep 100000
"#;

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

/// Clock ticks (10 ms) of a process in user and kernel, as the kernel counts them.
fn ticks(pid: i32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<u64> = stat.rsplit_once(')').map(|r| r.1.split_whitespace().map(|f| f.parse().unwrap_or(0)).collect()).unwrap_or_default();
    fields.get(11).copied().unwrap_or(0) + fields.get(12).copied().unwrap_or(0)
}

fn measure(what: &str, server: i32, holders: &[i32]) {
    let all = || (cpu_ns(server), holders.iter().map(|h| cpu_ns(*h)).sum::<u64>());
    let ticks_of_all = || ticks(server) + holders.iter().map(|h| ticks(*h)).sum::<u64>();
    let (before, before_ticks, start) = (all(), ticks_of_all(), Instant::now());
    std::thread::sleep(SPAN);
    let used = ticks_of_all() - before_ticks;
    let (after, span) = (all(), start.elapsed().as_nanos() as f64);
    let percent = |a: u64, b: u64| (b.saturating_sub(a)) as f64 * 100.0 / span;
    println!(
        "{what:34} server {:6.3} %  holders {:6.3} %  together {:6.3} % of a core, {used} ticks in {} s",
        percent(before.0, after.0),
        percent(before.1, after.1),
        percent(before.0 + before.1, after.0 + after.1),
        SPAN.as_secs()
    );
}

/// Sessions with the evidence of idle agents; as many real ones as there can be.
fn agents() {
    let real = stand_in::StandIn::new("claude");
    let own;
    let w = match &real {
        Ok(rig) => &rig.w,
        Err(why) => {
            println!("without real agents: {why}");
            own = World::new();
            &own
        }
    };
    let config = w.path("config/copilot-tui");
    std::fs::create_dir_all(config.join("agents")).expect("made");
    std::fs::write(config.join("config.toml"), "[limits]\nmax_working = 100\n").expect("written");
    let program = w.path("home/idle-agent");
    std::fs::write(&program, IDLE_AGENT).expect("written");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("made runnable");
    let file = format!(
        "title = \"Idle\"\nprogram = [{program:?}]\ninteractive = true\ntask_delivery = \"none\"\n[launch]\nwithout_task = []\n\
         [[titles]]\nmatch = 'idle'\nstate = \"idle\"\n[log]\nfile = \"~/log.jsonl\"\n"
    );
    std::fs::write(config.join("agents/still.toml"), file).expect("written");
    let mut left = SESSIONS;
    if let Ok(rig) = &real {
        for n in 0..REAL {
            rig.session(&format!("real{n}"));
            left -= 1;
        }
    }
    for n in 0..left {
        w.ok(&["new", "--agent", "still", "--name", &format!("still{n}")]);
    }
    let list = w.json(&["sessions", "list"]);
    let all = list["sessions"].as_array().expect("a list");
    support::until("all are idle", || w.json(&["sessions", "list"])["sessions"].as_array().is_some_and(|l| l.iter().all(|s| s["state"] == "idle")));
    let holders: Vec<i32> = all.iter().map(|s| parent(s["pid"].as_i64().expect("a pid"))).collect();
    // What agents still draw when they have just started is not idling.
    std::thread::sleep(SPAN / 2);
    let server = w.server_pid();
    measure("agents that are idle", server, &holders);
    let attached = screen::Terminal::start(&w.command(&["attach", "still0"]), 160, 45);
    attached.shows("ready");
    measure("the same, a client is attached", server, &holders);
}

fn main() {
    commands();
    agents();
}

fn commands() {
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
