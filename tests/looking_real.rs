//! Looking back with the real program on a real terminal: what reaches the clipboard, what the editor is called with, and that
//! places stay with their text when the window changes.

#[path = "support/screen.rs"]
mod screen;
mod support;

use base64::Engine;
use screen::Terminal;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use support::{World, until};

fn attach(w: &World, name: &str, cols: u16, rows: u16) -> Terminal {
    Terminal::start(&w.command(&["attach", name]), cols, rows)
}

/// Waits until this text was given to the terminal's clipboard.
fn copies(t: &Terminal, text: &str) {
    let wanted = format!("\x1b]52;c;{}\x1b\\", base64::engine::general_purpose::STANDARD.encode(text));
    until(&format!("a copy of {text:?}"), || t.raw().contains(&wanted));
}

#[test]
fn a_line_broken_by_the_width_is_copied_whole_also_after_the_width_changed() {
    let w = World::new();
    let long: String = (1..=40).map(|n| format!("word{n} ")).collect();
    let long = long.trim_end();
    w.start("long", &format!("seq 1 200; echo '{long}'; echo end; exec sleep 1000"));
    let t = attach(&w, "long", 100, 30);
    t.shows("end");
    // The app is a terminal of another width; it has the rows of that one when it shows this break.
    until("the width of the pane", || {
        let cols = w.json(&["read", "long"])["cols"].as_u64().unwrap_or(0) as usize;
        cols != 80 && t.text().lines().any(|l| l.starts_with(&long[cols..cols + 8]))
    });
    t.prefix("[");
    t.shows("looking back");
    t.keys(b"kkV");
    t.shows("copy"); // the keys of the moment are those of a selection
    t.resize(60, 24);
    until("the terminal has the new width", || w.json(&["read", "long"])["cols"].as_u64() == Some(60));
    t.resize(133, 40);
    until("the terminal has the new width", || w.json(&["read", "long"])["cols"].as_u64().is_some_and(|c| c > 60));
    t.keys(b"y");
    copies(&t, long);
    t.shows("copied");
}

#[test]
fn history_is_searched_as_it_is_typed_and_what_is_found_is_copied() {
    let w = World::new();
    w.start("many", "for i in $(seq 1 3000); do echo \"line $i of it\"; done; exec sleep 1000");
    w.wait_text("many", "^line 3000 of it");
    let t = attach(&w, "many", 100, 30);
    t.shows("line 3000 of it");
    t.prefix("/");
    t.keys(b"LINE");
    t.shows("no match"); // a capital asks for capitals
    t.keys(b"\x7f\x7f\x7f\x7fline 12.7 ");
    t.shows("10/10");
    t.keys(b"\x1b[A");
    t.shows("9/10");
    t.keys(b"\r");
    t.shows("match 9/10");
    t.keys(b"Y");
    copies(&t, "line 1287 of it");
    t.shows("line 3000 of it"); // and back at the live screen
}

#[test]
fn prompts_outputs_errors_and_follow_ups_are_jumped_to() {
    let w = World::new();
    let script = concat!(
        "printf '\\033]133;A\\007$ first\\n\\033]133;C\\007out one\\nout two\\n\\033]133;D;0\\007\\033]133;A\\007$ second\\n\\033]133;C\\007'; ",
        "echo 'error: it broke'; seq 1 100; while read l; do echo \"got $l.\"; seq 1 60; done"
    );
    w.start("marks", script);
    let t = attach(&w, "marks", 100, 30);
    t.shows("100");
    w.ok(&["send", "marks", "hello there"]);
    t.shows("60");
    for (keys, text) in [("[<Y", "hello there"), ("[[Y", "error: it broke"), ("[2(Y", "$ first"), ("[2(jcy", "out one\nout two")] {
        t.prefix(keys);
        copies(&t, text);
        t.until("the live screen", |s| !s.contains("back"));
    }
}

#[test]
fn a_path_opens_in_the_window_it_is_seen_from_and_nowhere_when_that_is_gone() {
    let w = World::new();
    let bin = w.path("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let (out, code) = (w.path("called"), bin.join("code"));
    std::fs::write(&code, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}.new; cat >> {0}.new; mv {0}.new {0}\n", out.display())).expect("a script");
    std::fs::set_permissions(&code, PermissionsExt::from_mode(0o755)).expect("a program");
    // An editor that stays until a key.
    let editor = bin.join("shows");
    std::fs::write(&editor, "#!/bin/sh\ncat \"$1\"; read key\n").expect("a script");
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).expect("a program");
    std::fs::create_dir_all(w.path("work/src")).expect("a folder");
    std::fs::write(w.path("work/src/x.rs"), "fn main() {}\n").expect("a file");
    let socket = w.path("ipc.sock");
    let window = UnixListener::bind(&socket).expect("a socket");
    w.start("talk", "echo 'error at src/x.rs:12:3;$(touch evil)'; exec sleep 1000");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let inside = |socket: &std::path::Path| {
        let mut c = w.command(&["attach", "talk"]);
        c.env("PATH", &path).env("TERM_PROGRAM", "vscode").env("VSCODE_IPC_HOOK_CLI", socket).env("EDITOR", &editor);
        Terminal::start(&c, 100, 30)
    };
    let t = inside(&socket);
    t.shows("error at");
    t.prefix("h");
    t.shows("type a label");
    t.keys(b"A");
    until("the editor was called", || out.exists());
    let place = format!("-g\n{}:12:3\n", w.path("work/src/x.rs").canonicalize().expect("it is there").display());
    assert_eq!(std::fs::read_to_string(&out).expect("its arguments"), place);
    t.shows("opened x.rs:12:3");
    // A selection goes to it by its input.
    std::fs::remove_file(&out).expect("there");
    t.prefix("[kVO");
    until("the editor was called", || out.exists());
    assert_eq!(std::fs::read_to_string(&out).expect("its input"), "-\nerror at src/x.rs:12:3;$(touch evil)");
    // Copying goes the same way.
    std::fs::remove_file(&out).expect("there");
    t.prefix("[kY");
    until("the clipboard was called", || out.exists());
    assert!(std::fs::read_to_string(&out).expect("its input").starts_with("--stdin-to-clipboard\nerror at"));
    // The window is gone: the editor of the environment, in a pane.
    drop(window);
    std::fs::remove_file(&out).expect("there");
    t.prefix("h");
    t.shows("type a label");
    t.keys(b"A");
    t.shows("edit-x");
    t.shows("fn main() {}");
    assert!(!out.exists() && !w.path("work/evil").exists());
}

#[test]
fn lines_of_follow_ups_and_errors_are_found_again_after_a_server_was_killed() {
    let w = World::new();
    let script = "seq 1 100; echo asks; read l; echo \"took $l\"; seq 101 200; printf two; exec sleep 1000";
    w.start("long", script);
    w.wait_text("long", "^asks");
    w.ok(&["send", "long", "first words"]);
    w.wait_text("long", "^two");
    w.ok(&["report", "--session", "long", "error", "it failed here"]);
    let jumps = |w: &World| {
        let t = attach(w, "long", 100, 20);
        t.shows("two");
        t.prefix("[");
        t.shows("looking back");
        // To the line where the follow-up was typed, and its text copied.
        t.keys(b"<");
        t.shows("took first words");
        t.keys(b"Y");
        copies(&t, "first words");
        // Copying leaves; from the top again, to the line of the error.
        t.until("the newest lines", |s| s.contains("200") && !s.contains("took"));
        t.prefix("[");
        t.shows("looking back");
        t.keys(b"g");
        t.until("the oldest lines", |s| !s.contains("200"));
        t.keys(b"]Y");
        copies(&t, "two");
    };
    jumps(&w);
    w.kill_server();
    jumps(&w);
    // An orderly end keeps the whole screen.
    w.ok(&["server", "stop"]);
    jumps(&w);
}

#[test]
fn while_a_window_stands_above_output_it_says_how_much_there_is_by_now() {
    let w = World::new();
    // Each line typed makes a hundred, and leaves the cursor where it was.
    w.start("goes-on", "stty -echo; i=0; while :; do for n in $(seq 100); do i=$((i+1)); echo \"line $i of it\"; done; read l; done");
    w.wait_text("goes-on", "^line 100 of it");
    let t = attach(&w, "goes-on", 100, 30);
    t.shows("line 100 of it");
    until("the terminal has the size of its pane", || w.json(&["read", "goes-on"])["cols"].as_u64() == Some(100));
    t.shows("line 76 of it");
    for _ in 0..3 {
        t.keys(b"\x1b[<64;10;10M");
    }
    t.shows("9 lines back");
    let stands = |text: &str| text.lines().find(|l| l.contains(" of it")).is_some_and(|l| l.starts_with("line 67 of it"));
    t.until("the lines above", stands);
    w.ok(&["send", "goes-on", "on"]);
    t.shows("109 lines back");
    assert!(stands(&t.text()), "it stands where it stood");
    // Keys keep the screen of that moment, of which no row was here yet.
    t.prefix("[");
    w.ok(&["send", "goes-on", "on"]);
    t.shows("100 newer below");
    t.keys(b"G");
    t.shows("line 300 of it");
}
