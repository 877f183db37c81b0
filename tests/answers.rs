//! Answers to what an agent's hook asks, with the real binary on both sides of it: what was not read is not approved.

#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::Terminal;
use std::cell::Cell;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{World, until};

const BIN: &str = env!("CARGO_BIN_EXE_copilot-tui");

/// A session whose agent is a script that calls its hooks as Claude does.
fn session(w: &World, script: &str) {
    let program = w.path("work/agent.sh");
    std::fs::write(&program, format!("#!/bin/sh\n[ \"$1\" = --version ] && exec echo 2.1.0\ncd '{}'\n{script}\n", w.path("work").display()))
        .expect("written");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("executable");
    let file = w.path("config/copilot-tui/agents/claude.toml");
    let more = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(&file, format!("program = [{program:?}]\n{more}")).expect("written");
    w.ok(&["new", "--agent", "claude", "--name", "asks"]);
}

/// More of the agent's file.
fn also(w: &World, lines: &str) {
    let file = w.path("config/copilot-tui/agents/claude.toml");
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(&file, format!("{old}{lines}")).expect("written");
}

/// Runs a verb as a person does, on a terminal.
fn person(w: &World, args: &str) -> (bool, String) {
    let mut c = w.command(&[]);
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &format!("{BIN} {args}"), "/dev/null"]).current_dir(w.path("work")).env_clear().envs(w.env());
    c.stdin(Stdio::null());
    let out = script.stdin(Stdio::null()).output().expect("script of util-linux");
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
}

/// A shell on a terminal of its own, which runs one verb after the other there.
struct Shell {
    app: Terminal,
    /// What each of them ended with, a line each.
    codes: PathBuf,
    ran: Cell<usize>,
}

static SHELLS: AtomicUsize = AtomicUsize::new(0);

impl Shell {
    fn new(w: &World) -> Shell {
        let mut sh = std::process::Command::new("sh");
        let behind = format!("set -m; {BIN} ${{line#in the background: }} & wait $!");
        let one = format!("case $line in 'in the background: '*) {behind};; *) {BIN} $line;; esac");
        let script = format!("while read -r line; do {one}; echo $? >> \"$0\"; set +m; done");
        let codes = w.path(&format!("codes-{}", SHELLS.fetch_add(1, Ordering::Relaxed)));
        sh.args(["-c", &script]).arg(&codes).current_dir(w.path("work")).env_clear().envs(w.env());
        Shell { app: Terminal::start(&sh, 200, 40), codes, ran: Cell::new(0) }
    }

    /// Whether a verb ends well there.
    fn ran(&self, args: &str) -> bool {
        let n = self.ran.replace(self.ran.get() + 1);
        self.app.keys(format!("{args}\r").as_bytes());
        let codes = || std::fs::read_to_string(&self.codes).unwrap_or_default();
        until("it has run", || codes().lines().count() > n);
        codes().lines().nth(n) == Some("0")
    }
}

fn asked(w: &World) -> String {
    w.show("asks")["waiting_for"]["text"].as_str().unwrap_or_default().to_owned()
}

/// Asks until it is answered: where a machine is slow, a hook may give up before its server has said hello.
fn asks(command: &str) -> String {
    let event = format!("{{\"tool_name\":\"Bash\",\"tool_input\":{{\"command\":\"{command}\"}}}}");
    format!(
        "rm -f out; until [ -s out ] || [ -e stop ]; do printf %s '{event}' | {BIN} hook claude PermissionRequest > out; done; cat out >> allowed"
    )
}

#[test]
fn a_second_enter_does_not_allow_what_came_up_meanwhile() {
    let w = World::new();
    session(&w, &format!("n=0; while [ $n -lt 9 ]; do n=$((n+1)); {}; done; read x", asks("echo '$n'")));
    until("it asks", || !asked(&w).is_empty());
    let allowed = || std::fs::read_to_string(w.path("work/allowed")).unwrap_or_default().matches("allow\"").count();
    // Who was shown it answers it.
    let answered = || {
        let shell = Shell::new(&w);
        if !shell.ran("wait asks --until waiting --timeout 40s") {
            return None;
        }
        shell.app.shows("asks waits for permission: echo ");
        shell.ran("approve asks").then_some(shell)
    };
    let mut shell = None;
    until("the first is answered", || {
        shell = answered();
        shell.is_some()
    });
    let Some(shell) = shell else { return };
    until("another stands", || allowed() == 1 && !asked(&w).is_empty() && asked(&w) != "echo 1");
    // A second Enter, a third and a fourth answer nothing: nobody had time to read it.
    let mut before = Instant::now();
    for _ in 0..3 {
        let begun = Instant::now();
        if shell.ran("approve asks") {
            // Unless the machine took so long for it.
            assert!(before.elapsed() > Duration::from_millis(1400), "{}", shell.app.text());
            break;
        }
        shell.app.shows("something else is asked");
        before = begun;
    }
    // Who names it has seen it.
    let so_far = allowed();
    until("it is answered by its name", || {
        w.show("asks")["waiting_for"]["id"].as_str().is_some_and(|id| shell.ran(&format!("approve asks --prompt {id}")))
    });
    until("it is told", || allowed() > so_far);
}

#[test]
fn what_was_shown_is_answered_and_nothing_that_took_its_place() {
    let w = World::new();
    // The first is taken back when there is a `next`.
    let script =
        "mkdir one; (cd one; FIRST) & until [ -e next ]; do sleep 0.05; done; touch one/stop; kill $(pgrep -P $!) 2> /dev/null; SECOND; read x";
    session(&w, &script.replace("FIRST", &asks("echo 1")).replace("SECOND", &asks("echo 2\\n: more")));
    until("it asks", || asked(&w) == "echo 1");
    let (looked, other) = (Shell::new(&w), Shell::new(&w));
    until("it is shown", || looked.ran("sessions list") && looked.app.text().contains("echo 1"));
    std::fs::write(w.path("work/next"), "").expect("written");
    until("it asks something else", || asked(&w) == "echo 2 ⏎ : more");
    let stands = Instant::now();
    // Nobody was shown this one, in neither terminal: what runs in the background prints for nobody.
    until("it is printed", || looked.ran("in the background: sessions list") && looked.app.text().contains("more"));
    let (first, begun) = (looked.ran("approve asks"), Instant::now());
    assert!(!first && (!looked.ran("deny asks") || begun.elapsed() > Duration::from_millis(1400)));
    // A command of two lines does not look like one.
    looked.app.shows("nothing was answered: echo 2 ⏎ : more");
    assert!(!other.ran("approve asks") || stands.elapsed() > Duration::from_secs(9));
    let allowed = || std::fs::read_to_string(w.path("work/allowed")).unwrap_or_default();
    until("who was shown it answers it", || {
        let third = Shell::new(&w);
        third.ran("sessions show asks") && third.ran("approve asks")
    });
    until("it is told", || allowed().contains("allow\""));
}

#[test]
fn what_nobody_can_read_is_left_to_the_agents_own_dialog() {
    let w = World::new();
    let huge = r#"printf '{"tool_name":"Bash","tool_input":{"command":"'; head -c 700000 /dev/zero | tr '\\0' x; echo '"}}'"#;
    let name = r#"{"session_id":"--dangerously-skip-permissions"}"#;
    session(
        &w,
        &format!(
            "echo '{name}' | {BIN} hook claude SessionStart\n({huge}; echo $? > given) | {BIN} hook claude PermissionRequest > printed &\n\
             until [ -e over ]; do sleep 0.05; done; kill $!; wait; echo over; read x"
        ),
    );
    until("it waits", || w.show("asks")["state"] == "waiting");
    until("all of it was taken", || std::fs::read_to_string(w.path("work/given")).is_ok_and(|t| t.trim() == "0"));
    let s = w.show("asks");
    assert!(s["waiting_for"]["id"].is_null(), "{s}");
    let (fine, text) = person(&w, "approve asks");
    assert!(!fine && text.contains("in its terminal"), "{text}");
    assert_eq!(std::fs::read_to_string(w.path("work/printed")).unwrap_or_default(), "");
    // Answered in its terminal, the agent ends its hook.
    std::fs::write(w.path("work/over"), "").expect("written");
    until("it no longer waits", || w.show("asks")["state"] != "waiting");
    let timeline = w.ok(&["sessions", "show", "asks", "--json"]);
    assert!(!timeline.contains("dangerously"), "no option is a conversation");
}

#[test]
fn a_long_text_that_was_not_delivered_is_kept_whole() {
    let w = World::new();
    // It takes pastes and shows nothing of them.
    session(&w, "printf '\\033[?2004h'; stty raw -echo; cat > /dev/null");
    let text: String = (0..400).map(|i| format!("\tline {i} of what is to be done\n")).collect();
    until("it takes pastes", || !String::from_utf8_lossy(&w.run(&["send", "asks", &text]).stderr).contains("several lines"));
    let dir = w.state().join("sessions").join(w.show("asks")["id"].as_str().expect("an id"));
    let kept = || {
        let files = std::fs::read_dir(&dir).expect("its folder").flatten().map(|e| e.path());
        files.filter(|p| p.to_string_lossy().contains("unsent-")).find_map(|p| std::fs::read_to_string(p).ok())
    };
    until("it is kept", || kept().is_some());
    assert_eq!(kept().expect("a text").trim(), text.trim());
}

/// What Claude draws when it asks for a command.
const DIALOG: &str = "───────────\\n Bash command\\n\\n Run a command\\n╌╌╌╌╌╌╌╌╌╌\\n echo hi\\n╌╌╌╌╌╌╌╌╌╌\\n\\n Do you want to proceed?\\n ❯ 1. Yes\\n   2. No\\n\\n Esc to cancel\\n";

#[test]
fn a_hook_that_was_held_its_time_passes_its_question_on_to_the_agents_dialog() {
    let event = r#"{"tool_name":"Bash","tool_input":{"command":"echo hi"}}"#;
    // The second agent is asked by nobody: no dialog of it comes up.
    for dialog in [DIALOG, ""] {
        let w = World::new();
        also(&w, "[bridge]\nhold_seconds = 2\n");
        session(
            &w,
            &format!(
                "stty raw -echo; t=0; while [ $t -lt 1500 ]; do a=$(date +%s%3N); echo '{event}' | {BIN} hook claude PermissionRequest > printed; c=$?; t=$(($(date +%s%3N) - a)); done; echo $c > code; printf '{dialog}' | sed 's/$/\\r/'; head -c 1 > key; printf '\\033[2J\\033[H'; read x"
            ),
        );
        // On a slow machine the hook may give up at once, then it is called again; and nobody may see it while it is held.
        let mut held = "000000000000".to_owned();
        until("it is held, or was", || {
            let s = w.show("asks");
            if s["waiting_for"]["via"] == "hook" {
                held = s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned();
            }
            s["waiting_for"]["via"] == "hook" || w.path("work/code").exists()
        });
        until("the hook gave up", || std::fs::read_to_string(w.path("work/code")).is_ok_and(|c| c.trim() == "0"));
        assert_eq!(std::fs::read_to_string(w.path("work/printed")).unwrap_or_default(), "", "it says neither yes nor no");
        if dialog.is_empty() {
            until("nothing is asked any more", || w.show("asks")["state"] != "waiting");
            continue;
        }
        until("its dialog has it", || w.show("asks")["waiting_for"]["via"] == "keys");
        let s = w.show("asks");
        assert_eq!((s["state"].as_str(), s["waiting_for"]["text"].as_str()), (Some("waiting"), Some("echo hi")), "{s}");
        let (fine, text) = person(&w, &format!("approve asks --prompt {held}"));
        assert!(!fine && text.contains("something else"), "{text}");
        let id = s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned();
        let (fine, text) = person(&w, &format!("approve asks --prompt {id}"));
        assert!(fine, "{text}\n{}", w.log());
        assert_eq!(std::fs::read_to_string(w.path("work/key")).expect("the key"), "1");
        until("it no longer waits", || w.show("asks")["state"] != "waiting");
        let said = w.json(&["sessions", "explain", "asks"]);
        assert!(!said["signals"].to_string().contains("\"hook\""), "nothing of it is left: {said}");
    }
}

#[test]
fn another_conversation_counts_when_a_log_of_the_folder_confirms_it() {
    let w = World::new();
    let work = w.path("work").canonicalize().expect("a path");
    let dashes: String = work.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let logs = w.path("home/.claude/projects").join(&dashes);
    std::fs::create_dir_all(&logs).expect("a folder");
    let begins = |id: &str| format!("echo '{{\"session_id\":\"{id}\"}}' | {BIN} hook claude SessionStart; touch told-{id}");
    session(
        &w,
        &format!(
            "{gate}; {}; gate 1; {}; gate 2; echo written; gate 3; {}; gate 4; exit 3",
            begins("made-up"),
            begins("b-2"),
            begins("c-3"),
            gate = "gate() { until [ -e gate-$1 ]; do sleep 0.05; done; }"
        ),
    );
    let gate = |n: u8| std::fs::write(w.path(&format!("work/gate-{n}")), "").expect("written");
    let told = |id: &str| until("its hook was heard", || w.path(&format!("work/told-{id}")).exists());
    let verdict = || w.json(&["sessions", "explain", "asks"])["verdict"].to_string();
    told("made-up");
    assert!(verdict().contains("made-up"), "it is said, and no more: {}", verdict());
    let of = |folder: &str| format!("{{\"type\":\"user\",\"cwd\":\"{folder}\"}}\n");
    // The agent begins another one, and writes it down a moment later.
    gate(1);
    told("b-2");
    std::fs::write(logs.join("b-2.jsonl"), of(&work.to_string_lossy())).expect("written");
    gate(2);
    until("its log confirms it", || !verdict().contains("nothing confirms"));
    // One of another folder is none of this session's.
    std::fs::write(logs.join("c-3.jsonl"), of("/elsewhere")).expect("written");
    gate(3);
    told("c-3");
    until("it is doubted", || verdict().contains("c-3"));
    gate(4);
    until("it is over", || w.show("asks")["state"] == "failed");
    let resume = w.json(&["handoff", "asks"])["resume"].as_str().unwrap_or_default().to_owned();
    assert!(resume.contains("--resume b-2 "), "{resume}");
    std::fs::remove_file(logs.join("b-2.jsonl")).expect("removed");
    assert!(w.json(&["handoff", "asks"])["resume"].is_null(), "what is written nowhere cannot go on");
}

#[test]
fn no_text_is_typed_into_a_dialog_whatever_a_session_says_of_itself() {
    let w = World::new();
    session(
        &w,
        &format!(
            "printf '\\033[?2004h'; stty raw -echo; {BIN} report state working; printf '{DIALOG}' | sed 's/$/\\r/'; touch shown; head -c 1 > key; read x"
        ),
    );
    until("its dialog is shown", || w.path("work/shown").exists() && w.ok(&["read", "asks"]).contains("Do you want to proceed?"));
    assert_eq!(w.show("asks")["state"], "working", "it says so");
    let out = w.run(&["send", "asks", "1"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && said.contains("asks something"), "{said}");
    assert_eq!(std::fs::read_to_string(w.path("work/key")).unwrap_or_default(), "", "nothing reached it");
}

#[test]
fn a_prompt_stands_while_another_part_of_the_agent_works_on() {
    let w = World::new();
    also(
        &w,
        r#"
[[bridge.rules]]
event = "PermissionRequest"
does = "permission"
text = "/tool_input/command"
allow = '{"behavior":"allow"}'

[[bridge.rules]]
event = "Ping"
does = "works"
"#,
    );
    let event = r#"{"tool_name":"Bash","tool_input":{"command":"echo hi"}}"#;
    session(
        &w,
        &format!(
            "until grep -sq allow printed; do echo '{event}' | {BIN} hook claude PermissionRequest > printed; done & until [ -e held ]; do sleep 0.05; done; echo '{{}}' | {BIN} hook claude Ping; touch pinged; read x"
        ),
    );
    until("it is held", || w.show("asks")["waiting_for"]["via"] == "hook");
    let id = w.show("asks")["waiting_for"]["id"].as_str().expect("an id").to_owned();
    std::fs::write(w.path("work/held"), "").expect("written");
    until("another part works on", || w.path("work/pinged").exists());
    let s = w.show("asks");
    assert_eq!((s["state"].as_str(), s["waiting_for"]["id"].as_str()), (Some("waiting"), Some(id.as_str())), "{s}");
    let (fine, text) = person(&w, &format!("approve asks --prompt {id}"));
    assert!(fine, "{text}");
    until("it is told", || std::fs::read_to_string(w.path("work/printed")).is_ok_and(|t| t.contains("allow")));
}

/// An agent that says by its terminal what it does, and whose hooks ask `echo 1` and `echo 2` when there is a file `one` and `two`.
fn says_by_its_terminal(w: &World, script: &str) {
    let hook = |n: u8, word: &str| {
        let event = format!("{{\"tool_name\":\"Bash\",\"tool_input\":{{\"command\":\"echo {n}\"}}}}");
        format!(
            "(until [ -e {word} ]; do sleep 0.05; done; until [ -e let-go-{word} ]; do echo '{event}' | {BIN} hook claude PermissionRequest > said-{word} && touch let-go-{word}; done) &"
        )
    };
    session(
        w,
        &format!(
            "says() {{ printf '\\033]7501;state=%s\\007' \"$1\"; }}; gate() {{ until [ -e $1 ]; do sleep 0.05; done; }}\n{}\n{}\nstty raw -echo\n{script}\nread x",
            hook(1, "one"),
            hook(2, "two")
        ),
    );
}

#[test]
fn a_hook_that_comes_after_its_dialog_was_answered_asks_nobody() {
    let w = World::new();
    says_by_its_terminal(&w, "says working");
    until("it works", || w.show("asks")["state"] == "working");
    std::fs::write(w.path("work/one"), "").expect("written");
    until("the hook is let go", || w.path("work/let-go-one").exists());
    let s = w.show("asks");
    assert_eq!((s["state"].as_str(), s["waiting_for"].is_null()), (Some("working"), true), "{s}");
    assert_eq!(std::fs::read_to_string(w.path("work/said-one")).expect("what it was told"), "");
}

#[test]
fn the_dialog_on_the_screen_is_the_prompt_and_not_one_that_was_answered_before() {
    let w = World::new();
    let second = DIALOG.replace("echo hi", "echo 2");
    let shows = format!("printf '{second}' | sed 's/$/\\r/'; says 'blocked:kind=permission'");
    says_by_its_terminal(&w, &format!("says working; gate shown; {shows}; gate answered; printf '\\033[2J\\033[H'; says idle"));
    until("it works", || w.show("asks")["state"] == "working");
    // The first one's dialog was answered before its hook was started; the second one comes up at once.
    std::fs::write(w.path("work/one"), "").expect("written");
    until("it is held", || w.json(&["sessions", "explain", "asks"])["signals"].to_string().contains("\"hook\""));
    std::fs::write(w.path("work/shown"), "").expect("written");
    until("it waits", || w.show("asks")["state"] == "waiting");
    std::fs::write(w.path("work/two"), "").expect("written");
    until("the one on the screen stands in front", || asked(&w) == "echo 2");
    assert_eq!(w.show("asks")["state"], "waiting");
    // It is answered in its terminal and the turn ends: nothing is left of it.
    std::fs::write(w.path("work/answered"), "").expect("written");
    until("nothing is asked", || w.show("asks")["state"] == "idle" && w.show("asks")["waiting_for"].is_null());
    until("both hooks are let go", || w.path("work/let-go-one").exists() && w.path("work/let-go-two").exists());
}

#[test]
fn of_two_hooks_that_come_together_the_one_whose_dialog_stands_is_asked_and_the_other_next() {
    let w = World::new();
    let dialog = |n: u8| {
        format!("printf '\\033[2J\\033[H{}' | sed 's/$/\\r/'; says 'blocked:kind=permission'", DIALOG.replace("echo hi", &format!("echo {n}")))
    };
    let (second, first) = (dialog(2), dialog(1));
    says_by_its_terminal(&w, &format!("says working; gate shown; {second}; gate answered; says working; gate next; {first}"));
    until("it works", || w.show("asks")["state"] == "working");
    for hook in ["one", "two"] {
        std::fs::write(w.path(&format!("work/{hook}")), "").expect("written");
    }
    std::fs::write(w.path("work/shown"), "").expect("written");
    let by_hook = |text: &str| {
        let s = w.show("asks");
        s["waiting_for"]["text"] == text && s["waiting_for"]["via"] == "hook"
    };
    until("the one on the screen is asked", || by_hook("echo 2"));
    std::fs::write(w.path("work/answered"), "").expect("written");
    until("its hook is let go", || w.path("work/let-go-two").exists());
    std::fs::write(w.path("work/next"), "").expect("written");
    until("the other one is asked", || by_hook("echo 1"));
    let id = w.show("asks")["waiting_for"]["id"].as_str().expect("an id").to_owned();
    let (fine, text) = person(&w, &format!("approve asks --prompt {id}"));
    assert!(fine, "{text}");
    until("its hook is told", || std::fs::read_to_string(w.path("work/said-one")).is_ok_and(|t| t.contains("allow")));
}
