//! Agents outlive the server and the client: the promise of the product, with real processes.

mod support;

use serde_json::Value;
use support::{World, alive, kill, state_of, until};

fn pid(session: &Value) -> i32 {
    session["pid"].as_i64().expect("a pid") as i32
}

fn sessions(w: &World) -> Vec<Value> {
    w.json(&["sessions", "list"])["sessions"].as_array().expect("a list").clone()
}

/// The counting lines in a session's text, in order.
fn counted(w: &World, name: &str, lines: &str) -> Vec<u64> {
    // The last line may be half written.
    let text = w.ok(&["read", name, "--lines", lines]);
    let whole = text.trim_end().rsplit_once('\n').map_or("", |t| t.0);
    whole.lines().filter_map(|l| l.strip_prefix("n ")?.trim().parse().ok()).collect()
}

fn consecutive(numbers: &[u64]) {
    for pair in numbers.windows(2) {
        assert_eq!(pair[0] + 1, pair[1], "a line is missing or came twice near {}", pair[0]);
    }
}

#[test]
fn a_hundred_deaths_of_the_server_lose_nothing() {
    let w = World::new();
    // One that floods, one that waits for input, one that sits still.
    w.start("count", "i=0; while :; do i=$((i+1)); echo n $i; done");
    w.start("talk", "while read l; do echo got $l; done");
    w.start("still", "printf 'one\\ntwo\\033[31mred'; exec sleep 100000");
    w.wait_text("still", "red");
    let before: Vec<i32> = sessions(&w).iter().map(pid).collect();
    let still = w.ok(&["read", "still"]);
    let mut last = 0;
    for round in 0..100 {
        w.kill_server();
        let after = sessions(&w);
        assert_eq!(after.iter().map(pid).collect::<Vec<_>>(), before, "round {round}: other processes");
        assert!(after.iter().all(|s| s["state"] == "working"), "round {round}: {after:?}\n{}", w.log());
        assert_eq!(w.ok(&["read", "still"]), still, "round {round}: another screen");
        let numbers = counted(&w, "count", "300");
        consecutive(&numbers);
        let newest = *numbers.last().expect("numbers");
        assert!(newest >= last, "round {round}: it went back from {last} to {newest}");
        last = newest;
        if round % 10 == 0 {
            w.ok(&["send", "talk", &format!("round {round}")]);
            w.wait_text("talk", &format!("got round {round}$"));
        }
    }
    assert!(before.iter().all(|p| alive(*p)));
}

#[test]
fn what_came_while_no_server_ran_is_there() {
    let w = World::new();
    w.start("steps", "echo n 1; read a; for i in $(seq 2 3000); do echo n $i; done; echo end; exec sleep 100000");
    w.wait_text("steps", "n 1");
    w.ok(&["send", "steps", "go"]);
    w.kill_server();
    w.wait_text("steps", "^end$");
    let numbers = counted(&w, "steps", "4000");
    assert_eq!((numbers.first(), numbers.last()), (Some(&1), Some(&3000)), "{}", numbers.len());
    consecutive(&numbers);
}

#[test]
fn an_end_while_no_server_ran_is_known() {
    let w = World::new();
    let s = w.start("short", "read a; echo bye; exit 7");
    w.ok(&["send", "short", "x", "--no-submit"]);
    w.kill_server();
    // Typed by nobody now: end it from outside, as a crash would.
    kill(pid(&s), 9);
    until("it is dead", || !alive(pid(&s)));
    let s = w.json(&["wait", "short", "--until", "exited", "--timeout", "30s"]);
    assert_eq!((s["state"].as_str(), s["exit_status"]["signal"].as_i64()), (Some("failed"), Some(9)));
    assert!(s["errors"][0]["title"].as_str().unwrap_or_default().contains("signal 9"));
}

#[test]
fn stopping_the_server_leaves_the_sessions_and_the_next_command_takes_them_over() {
    let w = World::new();
    let s = w.start("stay", "exec sleep 100000");
    let out = w.ok(&["server", "stop"]);
    assert!(out.contains("1 session goes on"), "{out}");
    assert!(alive(pid(&s)));
    assert_eq!(w.run(&["server", "status"]).status.code(), Some(1));
    assert_eq!(pid(&w.show("stay")), pid(&s));
}

#[test]
fn an_ended_session_is_readable_after_the_server_is_gone() {
    let w = World::new();
    w.start("gone", "for i in 1 2 3; do echo line $i; done");
    w.ok(&["wait", "gone", "--until", "done", "--timeout", "30s"]);
    w.kill_server();
    assert_eq!(w.ok(&["read", "gone"]), "line 1\nline 2\nline 3\n");
    assert_eq!(w.show("gone")["state"], "done");
}

#[test]
fn pausing_stops_the_whole_tree_and_stopping_leaves_nothing() {
    let w = World::new();
    let s = w.start("jobs", "yes >/dev/null & yes >/dev/null & echo up; wait");
    w.wait_text("jobs", "up");
    let tree = || support::processes_with(format!("COPILOT_TUI_SESSION={}", s["id"].as_str().expect("an id")).as_bytes());
    until("three processes run", || tree().len() >= 3);
    let paused = w.json(&["sessions", "pause", "jobs"]);
    assert_eq!(paused["sessions"][0]["state"], "paused");
    assert!(tree().iter().all(|p| state_of(*p) == Some('T')), "{:?}", tree().iter().map(|p| state_of(*p)).collect::<Vec<_>>());
    // A dead server does not wake it.
    w.kill_server();
    assert_eq!(w.show("jobs")["state"], "paused");
    assert!(tree().iter().all(|p| state_of(*p) == Some('T')));
    w.ok(&["sessions", "resume", "jobs"]);
    assert!(tree().iter().all(|p| state_of(*p) != Some('T')));
    assert_eq!(w.show("jobs")["state"], "working");
    w.ok(&["sessions", "--pause", "jobs"]);
    w.ok(&["sessions", "stop", "jobs"]);
    assert_eq!(tree(), Vec::<i32>::new());
    assert_eq!(w.show("jobs")["state"], "cancelled");
}

#[test]
fn a_dead_holder_is_a_lost_session_and_nothing_of_it_is_left() {
    let w = World::new();
    w.start("other", "exec sleep 100000");
    let s = w.start("lost", "sleep 100000 & echo up; wait");
    w.wait_text("lost", "up");
    let needle = format!("COPILOT_TUI_SESSION={}", s["id"].as_str().expect("an id"));
    let holder = std::fs::read_to_string(format!("/proc/{}/stat", pid(&s))).expect("stat");
    let holder: i32 = holder.rsplit_once(')').and_then(|r| r.1.split_whitespace().nth(1)?.parse().ok()).expect("a parent");
    kill(holder, 9);
    let s = w.json(&["wait", "lost", "--until", "exited", "--timeout", "30s"]);
    assert_eq!(s["state"], "lost");
    until("its processes are gone", || support::processes_with(needle.as_bytes()).is_empty());
    assert_eq!(w.show("other")["state"], "working");
    assert!(w.ok(&["read", "lost"]).contains("up"), "its last screen stays readable");
}

#[test]
fn what_stood_in_the_terminal_of_a_dead_holder_is_read_to_its_end() {
    let w = World::new();
    let (go, done) = (w.path("go"), w.path("done"));
    assert!(std::process::Command::new("mkfifo").arg(&go).status().unwrap().success());
    // Not more than the smallest terminal buffer, whose writer must not wait, and slow enough to take many slices.
    let slow = "\\033[500S\\033[500T".repeat(3);
    let script =
        format!("echo up; read x < {}; seq -f \"$(printf '{slow}')n %g\" 200; echo end; : > {}; exec sleep 100000", go.display(), done.display());
    let s = w.start("rest", &script);
    w.wait_text("rest", "up");
    let (server, holder) = (w.server_pid(), parent_of(pid(&s)));
    kill(server, 19);
    until("the server stands", || state_of(server) == Some('T'));
    std::fs::write(&go, "go\n").unwrap();
    until("all of it is in the terminal", || done.exists());
    kill(holder, 9);
    until("the holder is gone", || !alive(holder));
    kill(server, 18);
    assert_eq!(w.json(&["wait", "rest", "--until", "exited", "--timeout", "30s"])["state"], "lost");
    let text = w.ok(&["read", "rest", "--lines", "4000"]);
    assert!(text.trim_end().ends_with("end"), "it ends with {:?}", text.lines().rev().find(|l| !l.is_empty()));
    let numbers = counted(&w, "rest", "4000");
    consecutive(&numbers);
    assert_eq!(numbers.last(), Some(&200));
}

#[test]
fn a_damaged_database_is_rebuilt_from_the_holders() {
    let w = World::new();
    let s = w.start("keep", "echo here; exec sleep 100000");
    w.wait_text("keep", "here");
    w.ok(&["server", "stop"]);
    let db = w.state().join("state.db");
    std::fs::write(&db, b"this is no database at all, not even nearly").expect("written");
    for extra in ["state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(w.state().join(extra));
    }
    let again = w.show("keep");
    assert_eq!((again["id"].clone(), pid(&again)), (s["id"].clone(), pid(&s)), "{}", w.log());
    assert!(w.ok(&["read", "keep"]).contains("here"));
    let kept = std::fs::read_dir(w.state()).expect("a folder").flatten().any(|e| e.file_name().to_string_lossy().contains("corrupt"));
    assert!(kept, "the damaged file is put aside, not thrown away");
}

fn parent_of(pid: i32) -> i32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("stat");
    stat.rsplit_once(')').and_then(|r| r.1.split_whitespace().nth(1)?.parse().ok()).expect("a parent")
}

#[test]
fn a_holder_that_does_not_answer_is_waited_for() {
    let w = World::new();
    let s = w.start("slow", "echo up; while read l; do echo got $l; done");
    w.wait_text("slow", "up");
    let holder = parent_of(pid(&s));
    kill(holder, 19);
    w.kill_server();
    let now = w.show("slow");
    assert_ne!(now["state"], "lost", "{now}");
    assert!(alive(pid(&s)));
    kill(holder, 18);
    w.wait_text("slow", "up");
    w.ok(&["send", "slow", "again"]);
    w.wait_text("slow", "got again");
    assert_eq!(pid(&w.show("slow")), pid(&s));
}

#[test]
fn a_death_while_worktrees_are_made_forgets_none_that_an_agent_runs_in() {
    let w = World::new();
    let project = w.path("work/p");
    support::repository(&project);
    for round in 0..8 {
        w.ok(&["server", "start"]);
        let server = w.server_pid();
        let cwd = project.to_string_lossy().into_owned();
        let mut new = w.command(&["new", "--kind", "isolated", "--cwd", &cwd, "--name", "k", "--", "sleep", "100000"]).spawn().expect("it runs");
        // At another moment of the start in each round.
        let mut seen = 0;
        until("it is at work", || {
            seen += std::fs::read_dir(w.path("work")).expect("a folder").count();
            seen > 200 * round
        });
        kill(server, 9);
        let _ = new.wait();
    }
    for s in sessions(&w) {
        let Some(pid) = s["pid"].as_i64().filter(|_| s["state"] == "working") else { continue };
        let cwd = std::fs::read_link(format!("/proc/{pid}/cwd")).expect("a folder");
        assert_eq!(s["worktree"].as_str(), Some(cwd.to_string_lossy().as_ref()), "{s}");
        assert!(s["branch"].as_str().is_some_and(|b| b.starts_with("agent/k")), "{s}");
    }
    let known: Vec<i32> = sessions(&w).iter().filter_map(|s| s["pid"].as_i64()).map(|p| p as i32).collect();
    for sleeper in support::processes_with(b"COPILOT_TUI_SESSION=") {
        let line = std::fs::read(format!("/proc/{sleeper}/cmdline")).unwrap_or_default();
        if line.starts_with(b"sleep\x00100000") && w.processes().contains(&sleeper) {
            assert!(known.contains(&sleeper), "process {sleeper} belongs to nobody\n{}", w.log());
        }
    }
}

#[test]
fn a_stop_that_a_server_did_not_finish_is_finished_by_the_next() {
    let w = World::new();
    let s = w.start("stubborn", "trap '' HUP TERM; echo up; while :; do sleep 1; done");
    w.wait_text("stubborn", "up");
    let mut stop = w.command(&["sessions", "stop", "stubborn"]).spawn().expect("it runs");
    let _ = w.show("stubborn");
    w.kill_server();
    let _ = stop.wait();
    w.run(&["sessions", "stop", "stubborn"]);
    let s2 = w.json(&["wait", "stubborn", "--until", "exited", "--timeout", "30s"]);
    assert_eq!(s2["state"], "cancelled");
    assert!(!alive(pid(&s)));
}
