//! `delegate`, `handoff` and `escalate` with real repositories and sessions: what the new agent really gets, what a person is
//! told, what is left behind and what is not, and that nothing leaves the machine unasked.

mod support;

use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{World, repository};

/// An agent that writes down what it was told, says so, and waits.
fn agent(w: &World) {
    let program = w.path("home/scribe");
    std::fs::write(&program, "#!/bin/sh\nprintf '%s' \"$2\" > told.txt\necho noted\nexec cat\n").expect("written");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("made runnable");
    let file = w.path("config/copilot-tui/agents/scribe.toml");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    let text = format!(
        "title = \"Scribe\"\nprogram = [\"{}\"]\nversion = []\ntask_delivery = \"argument\"\n[launch]\nwith_task = [\"--task\", \"{{task}}\"]\nwithout_task = []\n",
        program.display()
    );
    std::fs::write(file, text).expect("written");
}

fn git(at: &Path, args: &[&str]) -> String {
    let id = [("GIT_AUTHOR_NAME", "t"), ("GIT_AUTHOR_EMAIL", "t@t"), ("GIT_COMMITTER_NAME", "t"), ("GIT_COMMITTER_EMAIL", "t@t")];
    let out = Command::new("git").args(args).current_dir(at).env("GIT_CONFIG_GLOBAL", "/dev/null").envs(id).output().expect("git runs");
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// A world with the agent and a repository that has standards and uncommitted changes.
fn world() -> (World, PathBuf) {
    let w = World::new();
    agent(&w);
    let repo = w.path("work/p");
    repository(&repo);
    std::fs::write(repo.join("AGENTS.md"), "Write tests first.\n").expect("written");
    std::fs::write(repo.join("pay.js"), "one\ntwo\nfunction processPayment() {}\nfour\n").expect("written");
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "standards"]);
    std::fs::write(repo.join("README"), "hello\nand more\n").expect("written");
    std::fs::create_dir(repo.join("new")).expect("made");
    std::fs::write(repo.join("new/run.sh"), "#!/bin/sh\necho \u{e4}\n").expect("written");
    std::fs::set_permissions(repo.join("new/run.sh"), PermissionsExt::from_mode(0o755)).expect("made runnable");
    std::fs::write(repo.join("binary"), [0u8, 1, 2, 255]).expect("written");
    std::fs::remove_file(repo.join("pay.js")).expect("removed");
    std::os::unix::fs::symlink("README", repo.join("link")).expect("linked");
    (w, repo)
}

fn in_repo(w: &World, args: &[&str]) -> Command {
    let mut c = w.command(args);
    c.current_dir(w.path("work/p"));
    c
}

fn ok(mut c: Command) -> (String, String) {
    let out = c.output().expect("it runs");
    let text = |b: Vec<u8>| String::from_utf8_lossy(&b).into_owned();
    let (stdout, stderr) = (text(out.stdout), text(out.stderr));
    assert!(out.status.success(), "{stderr}");
    (stdout, stderr)
}

#[test]
fn the_new_agent_gets_the_whole_brief() {
    let (w, repo) = world();
    git(&repo, &["checkout", "-q", "pay.js"]);
    let chat = w.path("work/chat.jsonl");
    let event =
        |kind: &str, content: &str| serde_json::json!({"type": kind, "data": {"content": content, "toolRequests": []}, "id": "x"}).to_string();
    let lines = [event("user.message", "The key is API_TOKEN=abc123def, convert it all"), event("assistant.message", "I would start with pay.js.")];
    std::fs::write(&chat, lines.join("\n")).expect("written");
    let args = ["delegate", "Convert the API", "--agent", "scribe", "--conversation", "../chat.jsonl", "--file", "pay.js:3", "--requirement"];
    let args: Vec<&str> = args.into_iter().chain(["no new dependency", "keep the tests", "--worktree", "api"]).collect();
    let dry: Vec<&str> = args.iter().copied().chain(["--dry-run", "--json"]).collect();
    let brief: Value = serde_json::from_str(&ok(in_repo(&w, &dry)).0).expect("JSON");
    assert_eq!((brief["task"].as_str(), brief["turns"].as_u64(), brief["branch"].as_str()), (Some("Convert the API"), Some(2), Some("main")));
    assert_eq!(w.json(&["sessions", "list"])["sessions"], serde_json::json!([]), "nothing is started");

    let (out, err) = ok(in_repo(&w, &args));
    assert!(out.starts_with("#1 api  scribe"), "{out}");
    assert!(err.contains("4 files with uncommitted changes are not in the new worktree") && err.contains("--with-changes"), "{err}");
    w.wait_text("api", "^noted$");
    let told = std::fs::read_to_string(w.path("work/p-api/told.txt")).expect("what it was told");
    for part in [
        "# Task\n\nConvert the API\n",
        "- no new dependency\n- keep the tests\n",
        "- pay.js:3\n```\nfunction processPayment() {}\n```",
        "- Branch: main",
        "NOT in your worktree",
        "+and more",
        "+echo \u{e4}",
        "**Person:**\nThe key is API_TOKEN=[redacted], convert it all",
        "**Agent:**\nI would start with pay.js.",
        "### AGENTS.md\n\n```\nWrite tests first.\n```",
        "You are in a git worktree of your own",
        "on the branch agent/api",
    ] {
        assert!(told.contains(part), "{part:?} is missing:\n{told}");
    }
    assert!(!told.contains("abc123def"));
    let s = w.show("api");
    assert_eq!((s["task"].as_str(), s["kind"].as_str()), (Some("Convert the API"), Some("isolated")));
    let kept = w.state().join(format!("sessions/{}/brief.md", s["id"].as_str().expect("an id")));
    assert_eq!(std::fs::read_to_string(&kept).expect("the brief"), brief["brief"].as_str().expect("text"));
    assert_eq!(std::fs::metadata(&kept).expect("the brief").permissions().mode() & 0o777, 0o600);
    // What was uncommitted stays where it was, and only there.
    assert!(repo.join("binary").exists() && !w.path("work/p-api/binary").exists());
}

#[test]
fn uncommitted_changes_are_carried_over_when_asked() {
    let (w, repo) = world();
    let before = git(&repo, &["status", "--porcelain"]);
    let args = ["delegate", "go on", "--agent", "scribe", "--worktree", "carried", "--with-changes"];
    let (_, err) = ok(in_repo(&w, &args));
    assert_eq!(err, "");
    w.wait_text("carried", "^noted$");
    let new = w.path("work/p-carried");
    assert_eq!(std::fs::read_to_string(new.join("README")).expect("read"), "hello\nand more\n");
    assert_eq!(std::fs::read(new.join("binary")).expect("read"), [0u8, 1, 2, 255]);
    assert!(!new.join("pay.js").exists());
    assert_eq!(std::fs::read_link(new.join("link")).expect("a link"), Path::new("README"));
    assert_eq!(std::fs::metadata(new.join("new/run.sh")).expect("there").permissions().mode() & 0o111, 0o111);
    std::fs::rename(new.join("told.txt"), w.path("work/told")).expect("moved");
    assert_eq!(git(&new, &["status", "--porcelain"]), before, "the same changes, uncommitted, and no others");
    assert_eq!(git(&repo, &["status", "--porcelain"]), before, "where they come from nothing changed");
    assert!(std::fs::read_to_string(w.path("work/told")).expect("read").contains("they stand uncommitted in your worktree"));
    let (code, error) = w.fails(&["delegate", "x", "--agent", "scribe", "--with-changes"]);
    assert_eq!((code, error["kind"].as_str()), (2, Some("usage")));
}

#[test]
fn a_session_is_delegated_with_its_task_and_folder() {
    let (w, repo) = world();
    ok(in_repo(&w, &["new", "--agent", "scribe", "--name", "first", "write the docs"]));
    w.wait_text("first", "^noted$");
    // Its agent keeps no log that is known: said, and no reason to refuse.
    let out = w.run(&["delegate", "--from-session", "first", "--dry-run"]);
    let (text, told) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(
        out.status.success() && text.starts_with("# Task\n\nwrite the docs\n") && text.contains(&format!("- Folder: {}", repo.display())),
        "{text}{told}"
    );
    assert!(told.contains("without the conversation of #1"), "{told}");
    w.start("plain", "exec cat");
    for (args, kind) in [
        (vec!["delegate", "--from-session", "plain"], "usage"),
        (vec!["delegate", "--from-session", "none"], "not_found"),
        (vec!["delegate"], "usage"),
        (vec!["delegate", "x", "--conversation", "/nowhere"], "failed"),
        (vec!["delegate", "x", "--from", "codex", "--last"], "not_found"),
        (vec!["delegate", "x", "--from", "aider"], "not_found"),
        (vec!["delegate", "x", "--file", "nothing.js:3"], "failed"),
        (vec!["delegate", "x", "--standards", "nothing.md"], "failed"),
    ] {
        assert_eq!(w.fails(&args).1["kind"], kind, "{args:?}");
    }
}

#[test]
fn long_briefs_are_given_by_file_and_standards_never_lead_out_of_the_project() {
    let (w, repo) = world();
    std::fs::write(w.path("work/secret"), "outside of the project\n").expect("written");
    std::os::unix::fs::symlink("../secret", repo.join("CLAUDE.md")).expect("linked");
    std::fs::write(repo.join("long.md"), "Very long. ".repeat(800)).expect("written");
    std::fs::write(repo.join("longer.md"), "Even longer. ".repeat(800)).expect("written");
    let usual: Value = serde_json::from_str(&ok(in_repo(&w, &["delegate", "x", "--dry-run", "--json"])).0).expect("JSON");
    let usual = usual["brief"].as_str().expect("text");
    assert!(usual.contains("Write tests first.") && !usual.contains("outside of the project"), "{usual}");
    ok(in_repo(&w, &["delegate", "do it", "--agent", "scribe", "--name", "long", "--standards", "long.md", "longer.md"]));
    w.wait_text("long", "^noted$");
    let told = std::fs::read_to_string(repo.join("told.txt")).expect("what it was told");
    assert!(told.starts_with("do it\n\nThe brief of this task is in the file ") && told.len() < 2000, "{told}");
    let file = told.split_once("in the file ").and_then(|(_, r)| r.split_once(':')).expect("a path").0;
    let brief = std::fs::read_to_string(file).expect("the brief");
    assert!(brief.contains("### ") && brief.contains("Very long.") && brief.contains("bytes left out"), "{}", brief.len());
}

#[test]
fn a_session_is_brought_back_with_what_needs_review() {
    let (w, repo) = world();
    git(&repo, &["stash", "-qu"]);
    let bin = env!("CARGO_BIN_EXE_copilot-tui");
    let script = format!(
        "echo a > a.ts; git add a.ts; git -c user.name=t -c user.email=t@t commit -qm 'Convert a'; echo b > b.ts; {bin} report progress 42/42 --item 'Tests Passing'
{bin} report error 'Conversion failed' --issue 'no type' --context 'line 45'; {bin} report error 'Solved' --status 'Resolved automatically'
printf 'Completed API conversion. Found 2 issues requiring review:\\n1. Complex type inference in user-auth.ts (line 127)\\n2. Potential breaking change\\n' | {bin} report handoff -
echo reported; exec cat"
    );
    let mut c = in_repo(&w, &["new", "--worktree", "api", "--json", "--", "sh", "-c", &script]);
    assert!(c.output().expect("it runs").status.success());
    w.wait_text("api", "^reported$");
    let (text, _) = ok(w.command(&["handoff", "api"]));
    let want = "[Background Agent] Completed API conversion. Found ";
    assert!(text.starts_with(want), "{text}");
    for part in [
        "issues requiring review:\n1. Complex type inference in user-auth.ts (line 127)\n2. Potential breaking change\n3. Conversion failed: no type, line 45\n",
        "Commits: 1\n",
        " Convert a\n",
        "  added a.ts +1 -0\n",
        "  added b.ts +1 -0\n",
        "Tests: Tests Passing 42/42\n",
        &format!("Where: {} on agent/api\n", w.path("work/p-api").display()),
        "Go on: copilot-tui attach 1\n",
        "\n\nHanding off to local chat for interactive resolution...\n",
    ] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    assert!(!text.contains("Solved"));
    let json = w.json(&["handoff", "api"]);
    assert_eq!((json["number"].as_u64(), json["files"].as_array().map(Vec::len)), (Some(1), Some(2)));
    assert_eq!(w.fails(&["handoff", "none"]).1["kind"], "not_found");
}

#[test]
fn escalation_runs_nothing_unasked_and_says_what_would_stay_behind() {
    let (w, repo) = world();
    let (bare, ran) = (w.path("work/remote.git"), w.path("work/ran.txt"));
    git(&w.path("work"), &["init", "-q", "--bare", "remote.git"]);
    git(&repo, &["remote", "add", "origin", &bare.display().to_string()]);
    std::fs::write(repo.join(".git/hooks/pre-push"), format!("#!/bin/sh\ntouch {}/hooked\n", w.path("work").display())).expect("written");
    std::fs::set_permissions(repo.join(".git/hooks/pre-push"), PermissionsExt::from_mode(0o755)).expect("made runnable");
    let hand = w.path("work/hand over.sh");
    std::fs::write(&hand, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\necho handed\n", ran.display())).expect("written");
    std::fs::set_permissions(&hand, PermissionsExt::from_mode(0o755)).expect("made runnable");
    let config = format!("[escalate]\ncommand = [\"{}\", \"-F\", \"{{brief}}\", \"--base\", \"{{branch}}\", \"; touch nowhere\"]\n", hand.display());
    std::fs::write(w.path("config/copilot-tui/config.toml"), config).expect("written");
    ok(in_repo(&w, &["new", "--agent", "scribe", "--name", "big", "change four repositories"]));
    w.wait_text("big", "^noted$");

    let (text, told) = ok(w.command(&["escalate", "big", "--need", "Team review required"]));
    assert!(text.contains("Detected need for:\n* Team review required\n") && text.contains("Branch: main\n"), "{text}");
    assert!(text.contains("push --set-upstream -- origin refs/heads/main:refs/heads/main\n") && text.contains("'; touch nowhere'"), "{text}");
    assert!(told.contains("files with uncommitted changes would be left behind"), "{told}");
    assert!(!ran.exists() && git(&bare, &["branch", "--list"]).is_empty(), "nothing ran, nothing left");

    w.ok(&["sessions", "stop", "big"]);
    git(&repo, &["config", "core.sshCommand", "touch nowhere"]);
    let (code, why) = w.fails(&["escalate", "big", "--push", "--run"]);
    assert_eq!((code, &why["kind"]), (1, &serde_json::json!("forbidden")), "{why}");
    assert!(why["message"].as_str().is_some_and(|m| m.contains("core.sshcommand")) && !ran.exists(), "{why}");
    git(&repo, &["config", "--unset", "core.sshCommand"]);
    let done = w.json(&["escalate", "big", "--push", "--run"]);
    assert_eq!((done["ran"].as_array().map(Vec::len), done["to_run"].as_array().map(Vec::len)), (Some(2), Some(0)), "{done}");
    assert_eq!(done["ran"][1]["output"], "handed\n");
    assert_eq!(git(&bare, &["rev-parse", "main"]), git(&repo, &["rev-parse", "main"]));
    assert!(!w.path("work/hooked").exists(), "no hook of the repository ran");
    let arguments = std::fs::read_to_string(&ran).expect("it ran");
    let arguments: Vec<&str> = arguments.lines().collect();
    assert_eq!((arguments[0], &arguments[2..]), ("-F", &["--base", "main", "; touch nowhere"][..]));
    let brief = std::fs::read_to_string(arguments[1]).expect("the brief");
    assert!(brief.contains("change four repositories") && brief.contains("NOT in your worktree"), "{brief}");
    let big = w.show("big");
    assert!(big["note"].as_str().is_some_and(|n| n.starts_with("escalated to the cloud: ")), "{big}");
    assert!(git(&repo, &["status", "--porcelain"]).contains("README"), "nothing was committed");
    // The command may fail: said, with its code.
    std::fs::write(&hand, "#!/bin/sh\nexit 3\n").expect("written");
    assert_eq!(w.run(&["escalate", "big", "--run"]).status.code(), Some(1));
}

#[test]
fn inside_a_session_nothing_is_delegated_handed_over_or_escalated() {
    let w = World::new();
    let bin = env!("CARGO_BIN_EXE_copilot-tui");
    let mut script = String::new();
    for (n, verb) in
        ["delegate x --dry-run", "delegate --from-session victim", "handoff victim", "handoff own", "escalate victim --run"].iter().enumerate()
    {
        script.push_str(&format!("{bin} {verb} --json 2>&1 | grep -q '\"forbidden\"' && echo no {n}; "));
    }
    w.start("victim", "exec cat");
    w.start("own", &format!("{script} echo tried; exec cat"));
    w.wait_text("own", "^tried$");
    assert_eq!(w.ok(&["read", "own"]), "no 0\nno 1\nno 2\nno 3\nno 4\ntried\n");
}
