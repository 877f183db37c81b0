//! What sessions leave behind, with the real program: the text of ended ones, recordings of full-screen ones, searches in all of
//! it; across a server that is killed, and on a disk that is full.

#[path = "support/screen.rs"]
mod screen_of;
mod support;

use copilot_tui::past::Film;
use screen_of::Terminal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use support::{World, kill, until};

/// A full-screen program as an agent: on the alternate screen, told what to draw through a pipe; what is typed is echoed by the
/// terminal.
const AGENT: &str = r#"#!/bin/sh
mkfifo say
printf '\033[?1049h\033[2J\033[HWelcome to the scripted agent'
while :; do
  read -r line < say || continue # whoever wrote the last line had not closed the pipe yet
  case "$line" in
    quit) break ;;
    ask) printf '\033[2J\033[H\033[33mAllow this command?\033[0m\r\n  rm -rf build' ;;
    many) i=0; while [ $i -lt 3000 ]; do i=$((i+1)); printf '\033[H\033[3%dmframe %d of many\033[K\033[0m' $((i%8)) $i; done ;;
    *) printf '\033[2J\033[HWorking on step %s' "${#line}" ;;
  esac
done
printf '\033[?1049l'
echo bye
"#;

/// Tells the agent what to draw.
fn say(w: &World, line: &str) {
    use std::os::unix::fs::FileTypeExt;
    until("it listens", || std::fs::metadata(w.path("work/say")).is_ok_and(|m| m.file_type().is_fifo()));
    std::fs::write(w.path("work/say"), format!("{line}\n")).unwrap();
}

fn world_with_agent(settings: &str) -> World {
    let w = World::new();
    let program = w.path("home/scripted");
    std::fs::write(&program, AGENT).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let agents = w.path("config/copilot-tui/agents");
    std::fs::create_dir_all(&agents).unwrap();
    let file = format!("title = \"Scripted\"\nprogram = [{:?}]\ntask_delivery = \"none\"\n[launch]\nwithout_task = []\n", program);
    std::fs::write(agents.join("scripted.toml"), file).unwrap();
    std::fs::write(w.path("config/copilot-tui/config.toml"), settings).unwrap();
    w
}

fn dir(w: &World, session: &Value) -> PathBuf {
    w.state().join("sessions").join(session["id"].as_str().unwrap())
}

fn screen(e: &dyn copilot_tui::term::Engine) -> String {
    let rows = (0..u64::from(e.size().rows)).filter_map(|i| e.row(e.screen_top() + i)).map(|l| l.text().trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The screens a recording ends with.
fn last_screen(dir: &std::path::Path) -> Option<String> {
    let film = Film::open(dir).ok()?;
    Some(screen(film.seek(u64::MAX).ok()?.0.as_ref()))
}

fn search(w: &World, pattern: &str) -> Value {
    let out = w.run(&["search", pattern, "--json"]);
    let v: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    assert_eq!(out.status.code(), Some(if v["count"] == 0 { 1 } else { 0 }));
    v
}

#[test]
fn the_text_of_an_ended_session_is_whole_and_found_after_a_restart() {
    let w = World::new();
    let s = w.start("long", "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo \"line $i of it\"; done; printf '%0200d needle\\n' 7");
    w.ok(&["wait", "long", "--until", "exited"]);
    w.ok(&["server", "stop"]);
    let text = w.ok(&["read", "long", "--lines", "100000"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 5003, "{}", lines.len());
    assert_eq!((lines[0], lines[4999]), ("line 1 of it", "line 5000 of it"));
    for f in ["screen", "history.txt"] {
        assert_eq!(std::fs::metadata(dir(&w, &s).join(f)).unwrap().permissions().mode() & 0o777, 0o600, "{f}");
    }
    let archived = std::fs::read_to_string(dir(&w, &s).join("history.txt")).unwrap();
    assert_eq!(archived.lines().count(), 5001);
    assert!(archived.lines().last().unwrap().ends_with("007 needle"), "a line that was wrapped is one again");
    assert!(!dir(&w, &s).join("recording").exists(), "commands are not recorded");
    // In all sessions: the ended one, and one that runs.
    w.start("live", "echo a needle here; sleep 60");
    w.wait_text("live", "needle here");
    let found = search(&w, "NEEDLE|needle");
    assert_eq!(found["count"], 2, "{found}");
    let hits: Vec<(&str, &str)> =
        found["sessions"].as_array().unwrap().iter().map(|g| (g["name"].as_str().unwrap(), g["hits"][0]["in"].as_str().unwrap())).collect();
    assert_eq!(hits, [("live", "pane"), ("long", "archive")]);
    let plain = w.ok(&["search", "line 4999 of"]);
    assert!(plain.contains("#1 long (command, done): 1") && plain.contains("line 4999 of it"), "{plain}");
    assert_eq!(search(&w, "no such text anywhere")["count"], 0);
    let (code, error) = w.fails(&["search", "("]);
    assert_eq!((code, error["kind"].as_str().unwrap()), (2, "usage"));
    assert_eq!(search(&w, "Line 4999")["count"], 0, "a capital asks for exactly this");
}

#[test]
fn a_full_screen_agent_is_recorded_and_shown_again_across_a_crash() {
    let w = world_with_agent("");
    let s = w.json(&["new", "--agent", "scripted", "--name", "a"]);
    w.wait_text("a", "Welcome to");
    say(&w, "one");
    w.wait_text("a", "step 3");
    say(&w, "ask");
    w.wait_text("a", "Allow this command");
    assert_eq!(search_count(&w, "allow this"), 1, "what is on the screen and recorded too is told once");
    say(&w, "a-secret-word");
    w.wait_text("a", "step 13");
    w.ok(&["send", "a", "typed-by-me"]);
    say(&w, "a-secret-word");
    let dir = dir(&w, &s);
    // What no longer stands anywhere is found, with its time.
    let found = search(&w, "allow this");
    assert_eq!((found["count"].as_u64(), found["sessions"][0]["hits"][0]["in"].as_str()), (Some(1), Some("recording")), "{found}");
    let wall = found["sessions"][0]["hits"][0]["line"].as_u64().unwrap();
    let film = Film::open(&dir).unwrap();
    let shown = film.seek(film.at_wall(wall).unwrap()).unwrap().0;
    assert_eq!(screen(shown.as_ref()), "Allow this command?\n  rm -rf build");
    // The terminal may have echoed what was sent behind it.
    assert!(last_screen(&dir).is_some_and(|s| s.starts_with("Working on step 13")));
    // The server is killed; the agent goes on drawing, and the next server knows what.
    w.kill_server();
    say(&w, "after-the-crash");
    w.wait_text("a", "step 15");
    until("the recording goes on", || last_screen(&dir).as_deref() == Some("Working on step 15"));
    w.kill_server();
    say(&w, "many");
    w.wait_text("a", "frame 3000 of many");
    say(&w, "quit");
    w.ok(&["wait", "a", "--until", "exited"]);
    until("the end is recorded", || Film::open(&dir).is_ok_and(|f| f.ended));
    let film = Film::open(&dir).unwrap();
    assert_eq!(last_screen(&dir).unwrap().lines().last(), Some("bye"));
    let labels: Vec<&str> = film.marks.iter().map(|m| m.label.as_str()).collect();
    assert_eq!(labels.iter().filter(|l| **l == "the server was started again").count(), 2, "{labels:?}");
    assert!(labels.contains(&"follow-up"), "{labels:?}");
    assert!(!labels.iter().any(|l| l.starts_with("gap")), "nothing is missing: {labels:?}");
    // Nothing that was typed is in it, and it is ours alone.
    for entry in std::fs::read_dir(dir.join("recording")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("a-secret-word"), "{}", path.display());
        // What the terminal echoed is output; no marker repeats it.
        assert!(!text.lines().any(|l| l.contains("\"m\"") && l.contains("typed-by-me")), "{}", path.display());
    }
    // Dismissing takes it all away.
    w.ok(&["sessions", "dismiss", "a"]);
    until("the folder goes", || !dir.exists());
}

#[test]
fn recording_can_be_switched_off_and_on() {
    for (settings, recorded) in [
        ("[recording]\nenabled = false\n", false),
        ("[recording]\nexcept = [\"scripted\"]\n", false),
        ("[recording]\nwhat = [\"commands\"]\n", false),
        ("[recording]\nexcept = [\"aider\"]\n", true),
    ] {
        let w = world_with_agent(settings);
        let s = w.json(&["new", "--agent", "scripted", "--name", "a"]);
        w.wait_text("a", "Welcome to");
        say(&w, "quit");
        w.ok(&["wait", "a", "--until", "exited"]);
        w.ok(&["server", "stop"]);
        assert_eq!(dir(&w, &s).join("recording").exists(), recorded, "{settings}");
    }
}

#[test]
fn what_is_said_at_the_start_counts_before_the_settings() {
    let w = world_with_agent("");
    let silent = w.json(&["new", "--agent", "scripted", "--name", "a", "--no-record"]);
    w.wait_text("a", "Welcome to");
    let command = w.json(&["new", "--record", "--name", "b", "--", "sh", "-c", "echo here; exec sleep 1000"]);
    w.wait_text("b", "here");
    // Another server keeps to it.
    w.kill_server();
    w.ok(&["sessions", "list"]);
    say(&w, "quit");
    w.ok(&["wait", "a", "--until", "exited"]);
    w.ok(&["server", "stop"]);
    assert!(!dir(&w, &silent).join("recording").exists() && dir(&w, &command).join("recording").exists());
    let out = w.run(&["new", "--record", "--no-record", "--", "true"]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn vim_is_shown_again_as_it_was() {
    let vim = std::process::Command::new("vim").arg("--version").output();
    if !vim.is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: vim is not installed");
        return;
    }
    let w = World::new();
    std::fs::create_dir_all(w.path("config/copilot-tui")).unwrap();
    std::fs::write(w.path("config/copilot-tui/config.toml"), "[recording]\nwhat = [\"commands\"]\n").unwrap();
    let text: String = (0..200).map(|i| format!("vim line {i}\n")).collect();
    std::fs::write(w.path("work/f.txt"), text).unwrap();
    let s = w.json(&["new", "--name", "v", "--", "vim", "-u", "NONE", "--cmd", "set t_BE=", "f.txt"]);
    w.wait_text("v", "vim line 0");
    w.ok(&["send", "v", ":150"]);
    w.wait_text("v", "vim line 149");
    let live = w.ok(&["read", "v"]);
    let dir = dir(&w, &s);
    let same = |t: String| t.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end() == live.trim_end();
    until("the recording has it", || last_screen(&dir).is_some_and(&same));
    let found = search(&w, "vim line 7\\b");
    assert_eq!(found["sessions"][0]["hits"][0]["in"], "recording", "{found}");
    w.ok(&["send", "v", ":q!"]);
    w.ok(&["wait", "v", "--until", "exited"]);
}

#[test]
fn a_full_disk_costs_a_gap_and_never_the_agent() {
    let small = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "none"]).arg(small.path()).output();
    if !mounted.is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: a small file system cannot be mounted here");
        return;
    }
    struct Mounted(PathBuf);
    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).output();
        }
    }
    let _mounted = Mounted(small.path().to_owned());
    let w = world_with_agent("");
    let s = w.json(&["new", "--agent", "scripted", "--name", "a"]);
    w.wait_text("a", "Welcome to");
    // The recording alone moves to the small disk.
    let dir = dir(&w, &s);
    until("it is recorded", || last_screen(&dir).is_some());
    w.kill_server();
    std::fs::remove_dir_all(dir.join("recording")).unwrap();
    std::os::unix::fs::symlink(small.path(), dir.join("recording")).unwrap();
    let ballast = small.path().join("ballast");
    say(&w, "one");
    w.wait_text("a", "step 3");
    until("it is recorded there", || last_screen(&dir).as_deref() == Some("Working on step 3"));
    while std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&ballast)
        .and_then(|mut f| std::io::Write::write_all(&mut f, &[b'x'; 4096]))
        .is_ok()
    {}
    say(&w, "many");
    w.wait_text("a", "frame 3000 of many");
    let told = || w.json(&["sessions", "list"]).to_string() + &w.log();
    until("it is said", || told().contains("not recorded: "));
    std::fs::remove_file(&ballast).unwrap();
    say(&w, "twenty-one-characters");
    w.wait_text("a", "step 21");
    until("it is recorded again", || last_screen(&dir).as_deref() == Some("Working on step 21"));
    let film = Film::open(&dir).unwrap();
    assert!(film.marks.iter().any(|m| m.label.starts_with("gap: ")), "{:?}", film.marks);
    until("that is said too", || told().contains("recorded again"));
    kill(s["pid"].as_i64().unwrap() as i32, 9);
    w.ok(&["wait", "a", "--until", "exited"]);
}

#[test]
fn in_the_app_a_recording_is_found_scrubbed_played_and_left() {
    let w = world_with_agent("");
    w.json(&["new", "--agent", "scripted", "--name", "a"]);
    w.wait_text("a", "Welcome to");
    say(&w, "ask");
    w.wait_text("a", "Allow this command");
    assert_eq!(search_count(&w, "allow this"), 1);
    say(&w, "one");
    w.wait_text("a", "step 3");
    let app = Terminal::start(&w.command(&["attach", "a"]), 100, 28);
    app.shows("Working on step 3");
    // Found everywhere, and gone to: the moment it was asked.
    app.prefix("F");
    app.keys(b"allow this");
    app.shows("1 in 1 session");
    app.keys(b"\r");
    app.shows("rm -rf build");
    app.hides("Working on step 3");
    // What goes on meanwhile does not move it.
    say(&w, "four");
    w.wait_text("a", "step 4");
    app.keys(b"\x1b[H");
    app.hides("rm -rf build");
    for then in ["Welcome to the scripted", "rm -rf build", "Working on step 3"] {
        app.keys(b".");
        app.shows(then);
    }
    // What was recorded since comes when it plays on from the end.
    app.keys(b"\x1b[F ");
    app.shows("Working on step 4");
    app.keys(b"/rm -rf\r");
    app.shows("Allow this command");
    // Keys go nowhere but to the recording; the agent hears nothing.
    app.keys(b"xyz");
    app.keys(b"qq");
    app.shows("Working on step 4");
    app.hides("recording");
    assert!(!w.ok(&["read", "a"]).contains("xyz"));
    // Ended and after a new server: it can still be shown, from the shell too.
    say(&w, "quit");
    w.ok(&["wait", "a", "--until", "exited"]);
    app.prefix("d");
    w.ok(&["server", "stop"]);
    let app = Terminal::start(&w.command(&["sessions", "replay", "a", "--speed", "50"]), 100, 28);
    app.shows("recording");
    app.until("it has played to its end", |t| t.contains("bye") && t.contains("pause"));
    app.prefix("d");
}

#[test]
fn the_text_of_an_ended_session_is_as_wide_as_the_pane_it_is_read_in() {
    let w = World::new();
    w.start("long", "printf 'from here %060d to there\\n' 7; exit 3");
    w.ok(&["wait", "long", "--until", "exited"]);
    let joined = format!("from here {:060} to there", 7);
    let mut app = Terminal::start(&w.command(&["attach", "long"]), 50, 24);
    app.until("it is broken where the pane ends", |t| t.contains("from here 0") && t.contains("7 to there") && !t.contains(&joined));
    app.resize(120, 24);
    app.shows(&joined);
    app.prefix("d");
    app.ends();
    // What an error says of its last lines was never broken.
    let issue = w.show("long")["errors"][0]["issue"].clone();
    assert_eq!(issue, joined.as_str());
    // Read again from the disk.
    w.ok(&["server", "stop"]);
    let app = Terminal::start(&w.command(&["attach", "long"]), 40, 24);
    app.until("it is broken anew", |t| t.contains("from here 0") && t.contains("7 to there"));
    app.prefix("d");
}

#[test]
fn a_search_in_many_sessions_keeps_nobody_waiting() {
    let w = World::new();
    let many = 12;
    for n in 0..many {
        w.start(&format!("s{n}"), "i=0; seq -f 'a line %.0f of some text that is long enough' 1 10000; echo full; sleep 600");
    }
    for n in 0..many {
        w.wait_text(&format!("s{n}"), "full");
    }
    w.start("talk", "echo ready; while read l; do echo \"got $l.\"; done");
    let app = Terminal::start(&w.command(&["attach", "talk"]), 100, 28);
    app.shows("ready");
    let mut search = w.command(&["search", "line 77.7 of", "--json"]);
    search.stdout(std::process::Stdio::piped());
    let began = std::time::Instant::now();
    let search = search.spawn().unwrap();
    let mut worst = std::time::Duration::ZERO;
    for i in 0..5 {
        let t = std::time::Instant::now();
        app.keys(format!("k{i}\r").as_bytes());
        app.shows(&format!("got k{i}."));
        worst = worst.max(t.elapsed());
    }
    let out = search.wait_with_output().unwrap();
    let v: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(v["count"], many * 10, "each has 77.7 ten times");
    eprintln!("search took {} ms, the slowest key meanwhile {} ms", began.elapsed().as_millis(), worst.as_millis());
    assert!(worst < std::time::Duration::from_secs(3), "{worst:?}");
    // Again, from what is remembered.
    assert_eq!(search_count(&w, "line 1 of"), many);
}

fn search_count(w: &World, pattern: &str) -> u64 {
    search(w, pattern)["count"].as_u64().unwrap()
}

#[test]
fn what_is_recorded_follows_the_settings_while_the_server_runs() {
    let w = world_with_agent("");
    let quiet = w.start("quiet", "echo one; exec cat");
    let settings = "[recording]\nwhat = [\"commands\"]\n";
    std::fs::write(w.path("config/copilot-tui/config.toml"), settings).unwrap();
    let loud = w.start("loud", "echo two; exec cat");
    until("it is recorded", || dir(&w, &loud).join("recording").is_dir());
    std::fs::write(w.path("config/copilot-tui/config.toml"), "[recording]\nenabled = false\n").unwrap();
    let off = w.start("off", "echo three; exec cat");
    w.ok(&["wait", "off", "--until", "text=three"]);
    assert!(!dir(&w, &quiet).join("recording").exists() && !dir(&w, &off).join("recording").exists());
}
