//! Texts that are pasted or sent: too large, hostile, of several lines for a program that would run each.

#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::Terminal;
use serde_json::Value;
use std::time::Duration;
use support::{World, is_clear, stderr, with_stdin};

const TALK: &str = "echo ready; while read l; do echo \"got $l.\"; done";

#[test]
fn ten_megabytes_are_refused_as_a_whole() {
    let w = World::new();
    w.start("talk", TALK);
    w.wait_text("talk", "ready");
    let big = "0123456789abcde\n".repeat(10 << 16);
    let out = with_stdin(&w, &["send", "talk", "-"], &big);
    assert_eq!(out.status.code(), Some(1));
    is_clear(&stderr(&out), &["larger than", "nothing was sent", "file"]);
    // The same pasted into the app.
    let c = Terminal::start(&w.command(&["attach", "talk"]), 110, 30);
    c.shows("ready");
    c.keys(b"\x1b[200~");
    c.keys(big.replace('\n', "\r").as_bytes());
    c.keys(b"\x1b[201~");
    c.until("a refusal", |t| t.contains("larger than"));
    c.keys(b"after\r");
    c.shows("got after.");
    let text = w.ok(&["read", "talk", "--lines", "100"]);
    assert!(!text.contains("01234"), "{text}");
    // A program that reads nothing: the queue has an end, the server goes on.
    w.start("deaf", "stty raw -echo; echo raw; exec sleep 100000");
    w.wait_text("deaf", "raw");
    let part = "x".repeat(300 << 10);
    let refused = (0..8).map(|_| with_stdin(&w, &["send", "deaf", "-", "--no-submit"], &part)).find(|o| !o.status.success());
    is_clear(&stderr(&refused.expect("it has an end")), &["#2", "nothing was sent"]);
    c.keys(b"alive\r");
    c.shows("got alive.");
}

#[test]
fn several_lines_for_a_program_that_takes_each_go_in_when_they_are_pasted_twice() {
    let w = World::new();
    w.start("reads", "stty -echo; echo ready; while read -r l; do echo \"<$l>\"; done");
    let t = Terminal::start(&w.command(&["attach", "reads"]), 80, 24);
    t.shows("ready");
    let paste = |text: &str| t.keys(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    paste("one\rtw\x03o\r");
    t.shows("paste again: 2 lines, each goes in as if typed");
    // Another text is another question.
    paste("three\rfour\r");
    t.shows("  2x");
    paste("one\rtw\x03o\r");
    t.shows("  3x");
    // A key that repeats says nothing.
    paste("one\rtw\x03o\r");
    t.shows("  4x");
    assert!(!t.text().contains("<one>"), "{}", t.text());
    t.wait_for(Duration::from_millis(700), |_| false);
    paste("one\rtw\x03o\r");
    t.shows("<tw o>");
    assert!(t.text().contains("<one>"));
    // It was one yes.
    paste("one\rtw\x03o\r");
    t.shows("  5x");
    assert_eq!(t.text().matches("<one>").count(), 1);
}

#[test]
fn pasted_text_never_runs_anything() {
    let w = World::new();
    let canary = w.path("work/canary");
    w.ok(&["new", "--name", "bash", "--env", "PS1=prompt> ", "--", "bash", "--norc", "--noprofile"]);
    w.wait_text("bash", "prompt>");
    let evil = format!("safe\u{1b}[201~\r touch {0}\r\n touch {0}\n\u{9b}201~\r touch {0}\r\u{3}\u{4} touch {0}\r", canary.display());
    // Bash asks for bracketed paste: the text stays in its line until a person presses Enter.
    let out = with_stdin(&w, &["send", "bash", "-", "--no-submit"], &evil);
    assert!(out.status.success(), "{}", stderr(&out));
    w.wait_text("bash", "safe");
    let c = Terminal::start(&w.command(&["attach", "bash"]), 110, 30);
    c.shows("safe");
    // The same by the app: the outer terminal's paste ends where it ends, and what a hostile text smuggles in stays text.
    c.keys(format!("\x1b[200~second {}\x1b[201~", evil.replace("\u{1b}[201~", "\u{9b}201~")).as_bytes());
    c.shows("second");
    // Now the line is thrown away, and a command shows that bash is well.
    c.keys(b"\x03");
    c.shows("^C");
    c.keys(b"echo al''ive\r");
    c.shows("alive");
    assert!(!canary.exists(), "the paste ran a command:\n{}", w.ok(&["read", "bash"]));
}

#[test]
fn several_lines_are_refused_where_they_would_be_several_commands() {
    let w = World::new();
    w.start("plain", TALK);
    w.wait_text("plain", "ready");
    let out = with_stdin(&w, &["send", "plain", "-", "--json"], "one\ntwo");
    assert_eq!(out.status.code(), Some(1));
    let e: Value = serde_json::from_slice(&out.stderr).expect("JSON");
    assert_eq!(e["error"]["kind"], "conflict");
    is_clear(&e.to_string(), &["nothing was sent"]);
    let c = Terminal::start(&w.command(&["attach", "plain"]), 110, 30);
    c.shows("ready");
    c.keys(b"\x1b[200~three\rfour\x1b[201~");
    c.until("a refusal", |t| t.contains("not taken") || t.contains("refused"));
    c.keys(b"five\r");
    c.shows("got five.");
    let text = w.ok(&["read", "plain"]);
    assert!(!text.contains("one") && !text.contains("three") && !text.contains("four"), "{text}");
}
