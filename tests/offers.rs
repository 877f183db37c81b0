//! The offer to go on in the background, with the real program: once for a task that turns out large, never for one that is in the
//! background already, not at all where it is switched off.

mod support;

use serde_json::Value;
use support::World;

/// A world with an agent that only stands there; what it does is reported from outside.
fn world(settings: &str) -> World {
    let w = World::new();
    let agents = w.path("config/copilot-tui/agents");
    std::fs::create_dir_all(&agents).expect("made");
    let file = "title = \"Still\"\nprogram = [\"sh\", \"-c\", \"exec sleep 1000\"]\ninteractive = true\ntask_delivery = \"none\"\n[launch]\nwithout_task = []\n";
    std::fs::write(agents.join("still.toml"), file).expect("written");
    std::fs::write(w.path("config/copilot-tui/config.toml"), settings).expect("written");
    support::repository(&w.path("work/p"));
    w
}

fn start(w: &World, args: &[&str]) {
    let mut all = vec!["new", "--agent", "still"];
    all.extend(args);
    let out = w.command(&all).current_dir(w.path("work/p")).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

fn large(w: &World, session: &str) -> Vec<Value> {
    w.ok(&["report", "--session", session, "state", "working"]);
    w.ok(&["report", "--session", session, "progress", "3/52", "--item", "Files Converted"]);
    w.show(session)["handoffs"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_large_task_is_offered_the_background_once() {
    let w = world("");
    start(&w, &["--name", "api"]);
    let offers = large(&w, "api");
    assert_eq!((offers.len(), &offers[0]["kind"], &offers[0]["open"]), (1, &"delegation".into(), &true.into()), "{offers:?}");
    assert!(offers[0]["text"].as_str().is_some_and(|t| t.starts_with("This looks like a complex task")), "{offers:?}");
    assert_eq!(offers[0]["points"][0], "Large-scale operation: 52 files to go through (20 or more)");
    // Another server remembers it, and the task going on is no reason to ask again.
    w.kill_server();
    w.ok(&["sessions", "list"]);
    assert_eq!(large(&w, "api").len(), 1);
    // What has a worktree of its own is in the background.
    start(&w, &["--name", "own", "--kind", "isolated"]);
    assert!(large(&w, "own").is_empty());
}

#[test]
fn it_can_be_switched_off_and_set() {
    let w = world("[delegation]\noffer = false\n");
    start(&w, &["--name", "api"]);
    assert!(large(&w, "api").is_empty());
    let w = world("[delegation]\nfiles = 60\n");
    start(&w, &["--name", "api"]);
    assert!(large(&w, "api").is_empty());
}
