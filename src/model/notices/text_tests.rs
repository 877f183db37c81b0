//! The article's blocks, line by line, from facts; and what is left out when it is not known.

use super::text::*;
use crate::base::{Now, SessionId};
use crate::evidence::{Signal, Source};
use crate::model::{Command, Limits, Recipe, World};
use crate::wire::facts::ExitStatus;
use crate::wire::message::Level;
use crate::wire::report::Report;
use crate::wire::{NoticeKind, State};
use proptest::prelude::*;

fn at(seconds: u64) -> Now {
    Now { mono_ms: seconds * 1000, wall_ms: 1_000_000_000 + seconds * 1000 }
}

fn world(task: &str) -> (World, SessionId) {
    let mut w = World::new(3, Limits { max_working: 9, ..Limits::default() });
    let recipe = Recipe { task: Some(task.into()), agent: "codex".into(), name: "api".into(), counts: true, interactive: true, ..Recipe::default() };
    let id = w.apply(Command::Create(Box::new(recipe)), at(0)).created.unwrap();
    w.apply(Command::Started { id: id.clone(), pid: 1 }, at(0));
    (w, id)
}

fn report(w: &mut World, id: &SessionId, report: Report, seconds: u64) {
    w.apply(Command::Report { id: id.clone(), report }, at(seconds));
}

#[test]
fn durations_read_as_in_the_article() {
    for (s, want) in [
        (1, "1 second"),
        (45, "45 seconds"),
        (25 * 60, "25 minutes"),
        (8100, "2 hours 15 minutes"),
        (3660, "1 hour 1 minute"),
        (7200, "2 hours"),
        (90_000, "1 day 1 hour"),
    ] {
        assert_eq!(duration(s), want);
    }
}

#[test]
fn a_milestone() {
    let (mut w, id) = world("API TypeScript Conversion");
    report(&mut w, &id, Report::Phase { number: 1, text: "Interface generation (15 interfaces created)".into() }, 1);
    let before = w.get(&id).unwrap().facts.phase.clone();
    report(&mut w, &id, Report::Phase { number: 2, text: "File conversion (52 files to process)".into() }, 2);
    for n in 1..=35u64 {
        report(&mut w, &id, Report::Progress { done: n, total: 100, item: None, current: None }, n * 23);
    }
    let n = told(w.get(&id).unwrap(), Level::Info, "#3 api phase 2: File conversion (52 files to process)", "", before.as_ref(), None);
    assert_eq!(n.kind, NoticeKind::Milestone);
    assert_eq!(
        n.lines,
        [
            "🎉 Background Agent Update",
            "Task: API TypeScript Conversion",
            "✅ Phase 1 Complete: Interface generation (15 interfaces created)",
            "⏳ Phase 2 Starting: File conversion (52 files to process)",
            "📊 Progress: 35% complete, ETA 24 minutes",
        ]
    );
    assert_eq!(n.text, "35% complete, ETA 24 minutes");
}

#[test]
fn a_completion() {
    let (mut w, id) = world("Shopping Cart Implementation");
    let prepared = Command::Prepared {
        id: id.clone(),
        worktree: Some("/src/shop-cart".into()),
        branch: Some("feature/shopping-cart".into()),
        base: Some("abc".into()),
        cwd: "/src/shop-cart".into(),
        argv: vec![],
        agent: "codex".into(),
        conversation: None,
        task_to_type: None,
    };
    w.apply(prepared, at(0));
    report(&mut w, &id, Report::Progress { done: 47, total: 47, item: Some("Tests Passing".into()), current: None }, 10);
    w.apply(Command::Exited { id: id.clone(), status: ExitStatus { code: Some(0), signal: None }, tail: String::new() }, at(8100));
    let n = told(w.get(&id).unwrap(), Level::Success, "#3 api is done", "", None, Some(Figures { created: 12, modified: 8, commits: 8 }));
    assert_eq!(
        n.lines,
        [
            "✅ Background Task Completed Successfully!",
            "",
            "Task: Shopping Cart Implementation",
            "Duration: 2 hours 15 minutes",
            "Files Created: 12",
            "Files Modified: 8",
            "Tests Passing: 47/47",
            "Commits: 8 (feature/shopping-cart branch)",
            "Worktree: /src/shop-cart",
            "",
            "Ready for review: git checkout feature/shopping-cart",
        ]
    );
    assert_eq!(n.text, "2 hours 15 minutes; files: 12 created, 8 modified; commits: 8 (feature/shopping-cart)");
    // What is not known is not there.
    let n = told(w.get(&id).unwrap(), Level::Success, "#3 api is done", "", None, None);
    assert!(!n.lines.iter().any(|l| l.starts_with("Files") || l.starts_with("Commits") || l.starts_with("Ready")), "{:?}", n.lines);
}

#[test]
fn an_error_that_needs_attention_and_one_that_mended_itself() {
    let (mut w, id) = world("Database Migration Scripts");
    let error = |status: Option<&str>| Report::Error {
        title: "Permission denied".into(),
        issue: Some("accessing production config".into()),
        context: None,
        suggestion: Some("Update database credentials in .env".into()),
        action: Some("Continuing with defaults".into()),
        status: status.map(str::to_owned),
    };
    report(&mut w, &id, error(None), 1);
    w.apply(Command::Pause(id.clone()), at(2));
    let n = told(w.get(&id).unwrap(), Level::Error, "#3 api Permission denied", "accessing production config", None, None);
    assert_eq!(n.kind, NoticeKind::Failed);
    assert_eq!(
        n.lines,
        [
            "⚠️ Background Agent Needs Attention",
            "",
            "Task: Database Migration Scripts",
            "Issue: Permission denied: accessing production config",
            "Action Required: Update database credentials in .env",
            "Session: Paused until resolved",
            "",
            "[Fix Now] [View Details] [Cancel Task]",
        ]
    );
    w.apply(Command::Resume(id.clone()), at(3));
    report(&mut w, &id, error(Some("Resolved automatically ✓")), 4);
    let n = told(w.get(&id).unwrap(), Level::Error, "#3 api Permission denied", "accessing production config", None, None);
    assert_eq!(n.kind, NoticeKind::Milestone, "it needs nobody");
    assert!(!n.lines.iter().any(|l| l.contains("[Fix Now]") || l.contains("Required")), "{:?}", n.lines);
}

#[test]
fn a_question_is_told_in_its_own_words() {
    let (mut w, id) = world("clean up");
    assert_eq!(waiting(w.get(&id).unwrap()), None);
    let signal =
        |text: &str, kind: &str| Signal { source: Source::Log, state: State::Waiting, text: Some(text.into()), kind: Some(kind.into()), at_ms: 1 };
    w.apply(Command::Signal { id: id.clone(), signal: signal("rm -rf build", "permission") }, at(1));
    let n = waiting(w.get(&id).unwrap()).unwrap();
    assert_eq!((n.title.as_str(), n.text.as_str()), ("#3 api needs you", "rm -rf build"));
    let lines = ["⚠️ Background Agent Needs Attention", "", "Task: clean up", "Approval: rm -rf build", "Action Required: Approve or deny"];
    assert_eq!(n.lines, [&lines[..], &["Session: Waiting until answered"]].concat());
}

#[test]
fn quarters_of_long_tasks_are_told_once_and_of_short_ones_never() {
    let mut watch = super::Watch::default();
    let (mut w, id) = world("x");
    assert!(watch.look(&w).is_empty());
    let mut told = Vec::new();
    for n in 0..=100u64 {
        report(&mut w, &id, Report::Progress { done: n, total: 100, item: None, current: None }, n * 10);
        told.extend(watch.look(&w).into_iter().map(|n| n.title));
    }
    assert_eq!(told, ["#3 api is 25% done", "#3 api is 50% done", "#3 api is 75% done"]);
    report(&mut w, &id, Report::Progress { done: 10, total: 100, item: None, current: None }, 1100);
    report(&mut w, &id, Report::Progress { done: 30, total: 100, item: None, current: None }, 1200);
    assert!(watch.look(&w).is_empty(), "it is not told again");
    let (mut w, id) = world("short");
    let mut watch = super::Watch::default();
    for n in 0..=10u64 {
        report(&mut w, &id, Report::Progress { done: n, total: 10, item: None, current: None }, n);
        assert!(watch.look(&w).is_empty());
    }
}

#[test]
fn another_question_of_a_session_that_waits_already_is_news_too() {
    let mut watch = super::Watch::default();
    let (mut w, id) = world("x");
    let mut ask = |text: &str| {
        let signal = Signal { source: Source::Report, state: State::Waiting, text: Some(text.into()), kind: None, at_ms: 1 };
        w.apply(Command::Signal { id: id.clone(), signal }, at(1));
        watch.look(&w).into_iter().map(|n| n.text).collect::<Vec<_>>()
    };
    assert_eq!(ask("a?"), ["a?"]);
    assert!(ask("a?").is_empty());
    assert_eq!(ask("b?"), ["b?"]);
}

proptest! {
    #[test]
    fn nothing_that_an_agent_says_leaves_its_line(title in any::<String>(), text in any::<String>(), task in any::<String>()) {
        let (mut w, id) = world(&task);
        report(&mut w, &id, Report::Error { title: title.clone(), issue: Some(text.clone()), context: Some(text.clone()), suggestion: Some(title.clone()), action: None, status: None }, 1);
        let r = w.get(&id).unwrap();
        for n in [told(r, Level::Error, &title, &text, None, None), message(r, &title, &text), told(r, Level::Attention, &title, &text, None, None)] {
            prop_assert!(n.lines.len() <= 16);
            for l in n.lines.iter().chain([&n.title, &n.text]) {
                prop_assert!(!l.chars().any(char::is_control) && crate::base::text::width(l) <= LINE + 4, "{l:?}");
            }
        }
    }
}
