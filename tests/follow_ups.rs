//! Follow-ups of every kind into a real shell, a real bash at its prompt, and a program without bracketed paste: each arrives
//! whole, or is refused with a reason, and none runs anything by itself. `FOLLOW_UPS=1000` for as many as wished. And to many
//! sessions at once, of which some do not take it.

#[path = "support/follow_texts.rs"]
mod follow_texts;
#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::Terminal;
use std::io::Write;
use std::process::Stdio;
use std::time::Instant;
use support::World;

/// What a follow-up may hold.
fn texts() -> Vec<String> {
    let nasty =
        ["\u{1b}[201~\rtouch ran\r", "a\u{1b}]52;c;eA==\u{7}b", "one\ntwo\r\nthree", "\u{3}\u{4}\u{1a}", "$(touch ran) `touch ran`", "中文 🎉 é"];
    let mut out = Vec::new();
    for i in 0..200 {
        let base = nasty[i % nasty.len()];
        out.push(format!("# {i} {base}"));
    }
    out.push(format!("# {}", "x".repeat(3000)));
    out
}

#[test]
fn a_shell_gets_them_whole_and_runs_none_by_itself() {
    let w = World::new();
    let dir = w.path("work");
    // A program that takes bracketed pastes and says how long each line was that it was given.
    let script = "printf '\\033[?2004h'; stty raw -echo; dd bs=1 of=got 2>/dev/null";
    w.start("taker", &format!("cd '{}' && {script}", dir.display()));
    w.ok(&["wait", "taker", "--until", "text=", "--timeout", "20s"]);
    let bracketed = || {
        let shown = w.run(&["send", "taker", "--no-submit", "probe\nprobe"]);
        shown.status.success()
    };
    support::until("it takes pastes", bracketed);
    let mut sent = 0;
    for text in texts() {
        let out = w.run(&["send", "taker", "--no-submit", &text]);
        assert!(out.status.success(), "{text:?}: {}", String::from_utf8_lossy(&out.stderr));
        sent += 1;
    }
    let got = || std::fs::read(dir.join("got")).unwrap_or_default();
    let count = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).filter(|w| *w == what).count();
    support::until("all of them are there", || count(&got(), b"\x1b[201~") > sent);
    let bytes = got();
    // Between a start and an end of a paste there is no other end, no escape and no control character but line ends.
    assert_eq!(count(&bytes, b"\x1b[200~"), count(&bytes, b"\x1b[201~"));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for paste in text.split("\x1b[200~").skip(1) {
        let (inside, after) = paste.split_once("\x1b[201~").expect("an end");
        assert!(inside.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\t')), "{inside:?}");
        assert_eq!(after, "", "nothing is pressed after it");
    }
    assert!(text.contains(&"x".repeat(3000)) && text.contains("中文 🎉 é"));
    assert!(!dir.join("ran").exists());
    // Where pastes are not taken as such, a text of several lines is refused with a reason.
    w.start("plain", "cat > /dev/null");
    let (code, error) = w.fails(&["send", "plain", "one\ntouch ran"]);
    assert_eq!((code, error["kind"].as_str()), (1, Some("conflict")), "{error}");
    assert!(!dir.join("ran").exists());
}

#[test]
fn bash_has_each_of_them_at_its_prompt_as_it_was_sent() {
    let w = World::new();
    let (dir, got) = (w.path("work/inside"), w.path("got"));
    std::fs::create_dir(&dir).expect("a folder");
    // Ctrl+X Ctrl+R takes the line as readline has it, and clears it.
    let rc = format!(
        "PS1='ready> '\nbind 'set enable-bracketed-paste on'\nbind -x '\"\\C-x\\C-r\": printf \"%s\\0\" \"$READLINE_LINE\" >> {}; READLINE_LINE='\ncd {}\n",
        got.display(),
        dir.display()
    );
    std::fs::write(w.path("rc"), rc).expect("written");
    let rc = w.path("rc").to_string_lossy().into_owned();
    w.json(&["new", "--name", "sh", "--", "bash", "--noprofile", "--rcfile", &rc, "-i"]);
    w.wait_text("sh", "ready>");
    let app = Terminal::start(&w.command(&["attach", "sh"]), 120, 40);
    app.shows("ready>");
    let many = follow_texts::how_many(150);
    let (begun, mut bytes) = (Instant::now(), 0);
    let lines = || std::fs::read(&got).unwrap_or_default();
    let count = |b: &[u8]| b.iter().filter(|b| **b == 0).count();
    let mut at = 0;
    for n in 0..many {
        let text = follow_texts::text(n);
        let send = ["send", "sh", "--no-submit", "-"];
        let mut child = w.command(&send).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it runs");
        child.stdin.take().expect("input").write_all(text.as_bytes()).expect("written");
        assert!(child.wait().expect("ended").success(), "{n}: {text:?}");
        bytes += text.len();
        app.keys(b"\x18\x12");
        support::until("readline gave its line", || std::fs::metadata(&got).is_ok_and(|m| m.len() as usize > at) && count(&lines()) > n);
        let all = lines();
        let line = String::from_utf8_lossy(&all[at..all.len() - 1]).into_owned();
        // The command line takes the line ends at the end of its input for those of the shell that wrote them.
        assert_eq!(line, follow_texts::arrives(text.trim_end_matches('\n')), "{n}");
        at = all.len();
    }
    assert_eq!(std::fs::read_dir(&dir).expect("a folder").count(), 0, "something was run");
    let told = format!("bash: {many} follow-ups whole, byte by byte, {} KiB, {:.0} s\n", bytes >> 10, begun.elapsed().as_secs_f64());
    let _ = std::io::stderr().write_all(told.as_bytes());
}

#[test]
fn many_get_it_or_nobody_and_each_is_named() {
    let w = World::new();
    for name in ["a", "b", "c"] {
        w.start(name, &format!("cat > {name}.got"));
        w.wait_text(name, "^$");
    }
    w.ok(&["sessions", "pause", "b"]);
    // One that does not take it is named, so are those that would, and nobody gets it.
    let (code, error) = w.fails(&["send", "a,b,c", "hello"]);
    assert_eq!((code, error["kind"].as_str()), (1, Some("conflict")), "{error}");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("#2 is paused")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|h| h.contains("nothing was sent to any") && h.contains("send 1,3 ")), "{error}");
    // Those that take it get it, each once.
    let sent = w.json(&["send", "1,c, a", "hello"]);
    assert_eq!((sent["sent"].to_string(), sent["queued"].to_string(), sent["failed"].to_string()), ("[1,3]".into(), "[]".into(), "[]".into()));
    let got = |name: &str| std::fs::read_to_string(w.path("work").join(format!("{name}.got"))).unwrap_or_default();
    support::until("both have it", || got("a") == "hello\n" && got("c") == "hello\n");
    w.ok(&["sessions", "resume", "b"]);
    let sent = w.json(&["send", "all", "again"]);
    assert_eq!(sent["sent"].to_string(), "[1,2,3]");
    support::until("all have it", || got("b") == "again\n" && got("c") == "hello\nagain\n");
    let (code, error) = w.fails(&["send", "a,nobody", "x"]);
    assert_eq!((code, error["kind"].as_str()), (1, Some("not_found")), "{error}");
    assert_eq!(got("a"), "hello\nagain\n", "nobody gets what one cannot");
}
