//! Follow-ups of every kind into real Codex and real Claude Code: each arrives at the model whole, or is refused with a reason;
//! none runs anything. `FOLLOW_UPS=1000` for as many as wished.

#[path = "support/follow_texts.rs"]
mod follow_texts;
#[path = "support/stand_in.rs"]
mod stand_in;
mod support;

use follow_texts::{KINDS, arrives, how_many, is_for_no_agent, text};
use regex::Regex;
use stand_in::StandIn;
use std::io::Write;
use std::process::{Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One agent at a time.
static TURN: Mutex<()> = Mutex::new(());

fn send(rig: &StandIn, session: &str, text: &str) -> Output {
    let mut child =
        rig.w.command(&["send", session, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("input").write_all(text.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

/// How a text came to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// As it was sent, control characters and ends of lines aside.
    Whole,
    /// As the agent bends texts before it sends them: blanks around it gone, a tab as four blanks, signs that are not to be seen
    /// taken out, accents put together.
    Bent,
    No,
}

fn came(prompt: &str, text: &str) -> Came {
    let wanted = arrives(text);
    let wanted = wanted.trim();
    // What the agent itself puts around a long paste, or beside a file that was named.
    let frame = Regex::new(r#"(?s)\A\s*(<system-reminder>.*?</system-reminder>\s*)*(<pasted_content id="\w+">)?\s*\z"#).expect("a pattern");
    let after = Regex::new(r#"(?s)\A\s*(</pasted_content id="\w+">)?\s*(<system-reminder>.*?</system-reminder>\s*)*\z"#).expect("a pattern");
    let framed = |prompt: &str, wanted: &str| {
        let wanted = wanted.trim();
        prompt.find(wanted).is_some_and(|at| frame.is_match(&prompt[..at]) && after.is_match(&prompt[at + wanted.len()..]))
    };
    if framed(prompt, wanted) {
        return Came::Whole;
    }
    let seen =
        |c: &char| !matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe0f}');
    let bent = |t: &str| t.replace('\t', "    ").replace("e\u{301}", "é").chars().filter(seen).collect::<String>();
    let lines = |t: &str| t.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    if framed(&bent(prompt), &bent(wanted)) || framed(&lines(&bent(prompt)), &lines(&bent(wanted))) { Came::Bent } else { Came::No }
}

fn follow_ups(agent: &'static str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rig = match StandIn::new(agent) {
        Ok(rig) => rig,
        Err(why) => return eprintln!("SKIPPED: the test with the real {agent} did not run: {why}"),
    };
    let many = how_many(KINDS);
    let (mut whole, mut bent, mut refused, mut bytes) = (0, 0, 0, 0);
    let mut surprises = Vec::new();
    let mut session = String::new();
    let begun = Instant::now();
    for n in 0..many {
        // A conversation has an end; so has the memory of a model.
        if n % KINDS == 0 || session.is_empty() {
            if !session.is_empty() {
                rig.w.ok(&["sessions", "stop", &session, "--force"]);
            }
            session = format!("s{n}");
            rig.session(&session);
        }
        let text = text(n);
        let out = send(&rig, &session, &text);
        if !out.status.success() {
            let why = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(why.starts_with("copilot-tui: ") && why.trim().len() > 30, "{n}: no reason: {why}");
            refused += 1;
            // Claude Code takes marks that turn the direction of text out, and wants that to be looked at before it is sent.
            let turned = agent == "claude" && text.contains('\u{202e}') && why.contains("still stands");
            if turned {
                rig.w.ok(&["sessions", "stop", &session, "--force"]);
                session.clear();
            } else if !is_for_no_agent(n) {
                surprises.push(format!("{n} {:?}: {}\n{}", text.chars().take(60).collect::<String>(), why.trim(), rig.w.ok(&["read", &session])));
                // What stands in the box now is for a person to see.
                rig.w.ok(&["sessions", "stop", &session, "--force"]);
                session.clear();
            }
            continue;
        }
        assert!(!is_for_no_agent(n), "{n}: {text:?} was typed");
        let prompts = rig.prompts(Duration::from_secs(30));
        let is = prompts.last().map_or(Came::No, |p| came(p, &text));
        if prompts.len() != 1 || is == Came::No {
            let got: Vec<String> = prompts.iter().map(|p| format!("{} {:?}", p.len(), p.chars().take(300).collect::<String>())).collect();
            panic!("{n}: {:?} came as {got:?}\n{}", text.chars().take(300).collect::<String>(), rig.w.ok(&["read", &session]));
        }
        bytes += text.len();
        if is == Came::Whole {
            whole += 1
        } else {
            bent += 1
        }
        rig.w.ok(&["wait", &session, "--until", "idle", "--timeout", "30s"]);
    }
    let folder: Vec<_> = std::fs::read_dir(rig.w.path("work/p")).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert!(folder.iter().all(|n| n == "README" || n == ".git" || n == ".claude"), "something was run: {folder:?}");
    assert!(rig.prompts(Duration::ZERO).is_empty(), "nothing else came to the model");
    let _ = std::io::stderr().write_all(
        format!(
            "{agent}: {many} follow-ups, {whole} whole, {bent} bent by the agent, {refused} refused ({} of them unexpected), {} KiB, {:.0} s\n{}",
            surprises.len(),
            bytes >> 10,
            begun.elapsed().as_secs_f64(),
            surprises.join("\n")
        )
        .as_bytes(),
    );
    // On a busy machine an agent may be too slow to show what it got; that is a reason too, but no rule.
    assert!(surprises.len() <= many / 40, "{} of {many} were refused", surprises.len());
}

#[test]
fn codex_gets_every_follow_up_whole() {
    follow_ups("codex");
}

#[test]
fn claude_gets_every_follow_up_whole() {
    follow_ups("claude");
}
