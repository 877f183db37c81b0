//! Follow-ups of every kind into a real shell and a real bash without bracketed paste: each arrives whole, or is refused with a
//! reason, and none runs anything by itself.

mod support;

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
