//! The model as sentences.

use super::*;
use crate::evidence::{Signal, Source};
use crate::wire::State;
use crate::wire::facts::{ExitStatus, Priority};
use crate::wire::report::Report;
use proptest::prelude::*;

fn at(s: u64) -> Now {
    Now { mono_ms: s * 1000, wall_ms: 1_700_000_000_000 + s * 1000 }
}

fn agent(name: &str) -> Recipe {
    Recipe { task: Some(format!("do {name}")), agent: "codex".into(), name: name.into(), counts: true, interactive: true, ..Recipe::default() }
}

fn create(w: &mut World, r: Recipe) -> SessionId {
    w.apply(Command::Create(Box::new(r)), at(0)).created.unwrap()
}

fn running(w: &mut World, name: &str) -> SessionId {
    let id = create(w, agent(name));
    w.apply(Command::Started { id: id.clone(), pid: 42 }, at(1));
    id
}

fn state(w: &World, id: &SessionId) -> State {
    w.get(id).unwrap().facts.state
}

fn signal(source: Source, state: State, s: u64) -> Signal {
    Signal { source, state, text: None, kind: None, at_ms: at(s).wall_ms }
}

#[test]
fn only_so_many_agents_work_at_once_and_priority_goes_first() {
    let mut w = World::new(1, Limits { max_working: 1, max_sessions: 10 });
    let a = running(&mut w, "a");
    let low = create(&mut w, Recipe { priority: Priority::Low, ..agent("low") });
    let high = create(&mut w, Recipe { priority: Priority::High, ..agent("high") });
    let command = create(&mut w, Recipe { counts: false, ..agent("plain") });
    assert_eq!((state(&w, &low), state(&w, &high), state(&w, &command)), (State::Queued, State::Queued, State::Starting));
    let out = w.apply(Command::Exited { id: a, status: ExitStatus { code: Some(0), signal: None }, tail: String::new() }, at(5));
    assert!(out.effects.contains(&Effect::Start(high.clone())));
    assert_eq!((state(&w, &low), state(&w, &high)), (State::Queued, State::Starting));
}

#[test]
fn an_exit_decides_and_a_stop_by_a_person_is_a_cancellation() {
    let mut w = World::new(1, Limits { max_working: 9, max_sessions: 10 });
    let (a, b, c) = (running(&mut w, "a"), running(&mut w, "b"), running(&mut w, "c"));
    let exit = |code| ExitStatus { code: Some(code), signal: None };
    w.apply(Command::Exited { id: a.clone(), status: exit(0), tail: String::new() }, at(9));
    w.apply(Command::Exited { id: b.clone(), status: exit(3), tail: "boom".into() }, at(9));
    assert!(w.apply(Command::Stop { id: c.clone(), force: false }, at(9)).effects.contains(&Effect::Stop { id: c.clone(), force: false }));
    w.apply(Command::Exited { id: c.clone(), status: exit(1), tail: String::new() }, at(9));
    assert_eq!((state(&w, &a), state(&w, &b), state(&w, &c)), (State::Done, State::Failed, State::Cancelled));
    let failed = &w.get(&b).unwrap().facts;
    assert_eq!(failed.errors[0].title, "codex exited with 3");
    assert_eq!(failed.errors[0].issue.as_deref(), Some("boom"));
}

#[test]
fn a_queued_follow_up_goes_out_when_the_turn_is_over() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let text = FollowUp { text: "also the docs".into(), submit: true, interrupt: false };
    let out = w.apply(Command::FollowUp { id: id.clone(), follow_up: text.clone(), queue: true }, at(3));
    assert!(!out.effects.iter().any(|e| matches!(e, Effect::Deliver { .. })));
    assert_eq!(w.get(&id).unwrap().facts.queued, 1);
    let out = w.apply(Command::Signal { id: id.clone(), signal: signal(Source::Osc7501, State::Idle, 4) }, at(4));
    assert!(out.effects.contains(&Effect::Deliver { id: id.clone(), follow_up: text }));
    assert_eq!(w.get(&id).unwrap().facts.queued, 0);
}

#[test]
fn a_follow_up_never_answers_what_an_agent_asks() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let follow_up = |interrupt| FollowUp { text: "go on".into(), submit: true, interrupt };
    let send = |w: &mut World, interrupt| {
        let out = w.apply(Command::FollowUp { id: id.clone(), follow_up: follow_up(interrupt), queue: false }, at(5));
        (out.refused.is_some(), out.effects.iter().any(|e| matches!(e, Effect::Deliver { .. })))
    };
    w.apply(Command::Signal { id: id.clone(), signal: signal(Source::Log, State::Waiting, 4) }, at(4));
    assert_eq!(send(&mut w, false), (true, false));
    assert_eq!(send(&mut w, true), (false, true));
    // What a session itself asked for in words is answered in words.
    w.apply(Command::Signal { id: id.clone(), signal: signal(Source::Report, State::Waiting, 6) }, at(6));
    assert_eq!(send(&mut w, false), (false, true));
}

#[test]
fn pausing_outranks_what_the_agent_says_and_time_paused_is_counted() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    assert!(w.apply(Command::Pause(id.clone()), at(10)).effects.contains(&Effect::Freeze(id.clone())));
    w.apply(Command::Signal { id: id.clone(), signal: signal(Source::Osc7501, State::Working, 11) }, at(11));
    assert_eq!(state(&w, &id), State::Paused);
    let out =
        w.apply(Command::FollowUp { id: id.clone(), follow_up: FollowUp { text: "x".into(), submit: true, interrupt: false }, queue: false }, at(12));
    assert!(out.refused.unwrap().contains("paused"));
    assert!(w.apply(Command::Resume(id.clone()), at(40)).effects.contains(&Effect::Thaw(id.clone())));
    assert_eq!(state(&w, &id), State::Working);
    assert_eq!(w.get(&id).unwrap().facts.paused_ms, 30_000);
}

#[test]
fn progress_comes_from_reports_and_the_time_to_go_from_the_measured_rate() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    for i in 0..=10 {
        let report = Report::Progress { done: i, total: 20, item: Some("Files".into()), current: Some(format!("f{i}")) };
        w.apply(Command::Report { id: id.clone(), report }, at(10 + i));
    }
    let p = w.get(&id).unwrap().facts.progress.clone().unwrap();
    assert_eq!((p.done, p.total, p.percent, p.eta_seconds, p.per_minute), (Some(10), Some(20), Some(50.0), Some(10), Some(60.0)));
    assert_eq!(p.current.as_deref(), Some("f10"));
    let out = w.apply(Command::Report { id, report: Report::Progress { done: 3, total: 2, item: None, current: None } }, at(30));
    assert!(out.refused.is_some());
}

#[test]
fn the_same_error_counts_up() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let error = || Report::Error { title: "t".into(), issue: Some("i".into()), context: None, suggestion: None, action: None, status: None };
    let first = w.apply(Command::Report { id: id.clone(), report: error() }, at(2));
    let again = w.apply(Command::Report { id: id.clone(), report: error() }, at(3));
    assert!(first.effects.iter().any(|e| matches!(e, Effect::Notice { .. })));
    assert!(!again.effects.iter().any(|e| matches!(e, Effect::Notice { .. })));
    assert_eq!(w.get(&id).unwrap().facts.errors.len(), 1);
    assert_eq!(w.get(&id).unwrap().facts.errors[0].count, 2);
}

#[test]
fn people_name_sessions_in_many_ways() {
    let mut w = World::new(3, Limits::default());
    let a = create(&mut w, agent("api-auth"));
    let b = create(&mut w, agent("api-docs"));
    for t in ["3", "#3", "session-id-3", "api-auth", "api-a", a.as_str()] {
        assert_eq!(w.find(t), Ok(a.clone()), "{t}");
    }
    assert!(matches!(w.find("api"), Err(TargetError::Ambiguous { .. })));
    assert!(matches!(w.find("nope"), Err(TargetError::NotFound(_))));
    assert_eq!(w.find_all("all").unwrap(), [a, b]);
    assert_eq!(w.free_name("api-auth"), "api-auth-2");
}

#[test]
fn a_running_session_cannot_be_dismissed() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    assert!(w.apply(Command::Dismiss(id.clone()), at(2)).refused.is_some());
    let rev = w.rev();
    w.apply(Command::Lost { id: id.clone(), why: "holder gone".into() }, at(3));
    w.apply(Command::Dismiss(id.clone()), at(4));
    assert_eq!(w.removed_since(rev), Some(vec![id]));
}

#[test]
fn what_an_agent_calls_done_is_the_end_of_a_turn() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    w.apply(Command::Report { id: id.clone(), report: Report::State { state: State::Done, text: None } }, at(2));
    assert_eq!(state(&w, &id), State::Idle);
}

fn report(w: &mut World, id: &SessionId, report: Report, s: u64) -> Outcome {
    w.apply(Command::Report { id: id.clone(), report }, at(s))
}

#[test]
fn a_hand_off_stands_open_with_its_points_until_somebody_looks() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let out = report(&mut w, &id, Report::Handoff { text: "two things\n1. a.rs\n2. b.rs".into() }, 3);
    assert!(out.effects.iter().any(|e| matches!(e, Effect::Notice { .. })));
    let again = report(&mut w, &id, Report::Handoff { text: "two things\n1. a.rs\n2. b.rs".into() }, 4);
    assert!(!again.effects.iter().any(|e| matches!(e, Effect::Notice { .. })), "told once");
    let h = &w.get(&id).unwrap().facts.handoffs;
    assert_eq!((h.len(), h[0].open, h[0].points.len(), h[0].text.as_str()), (1, true, 2, "two things"));
    w.apply(Command::Seen(id.clone()), at(5));
    assert!(!w.get(&id).unwrap().facts.handoffs[0].open);
    for empty in [Report::Note { text: " ".into() }, Report::Handoff { text: "\n".into() }] {
        assert!(report(&mut w, &id, empty, 6).refused.is_some());
    }
}

#[test]
fn the_status_protocol_is_the_state_and_the_sub_agents_and_ends_with_the_program() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let say = |w: &mut World, payload: &str, s: u64| {
        _ = w.apply(Command::ProgramStatus { id: id.clone(), payload: payload.into(), said: Some("run ls".into()) }, at(s))
    };
    say(&mut w, "state=working:progress=40", 2);
    say(&mut w, "state=working:id=x:progress=10", 3);
    say(&mut w, "state=blocked:kind=permission", 4);
    let f = &w.get(&id).unwrap().facts;
    assert_eq!((f.state, f.waiting_for.as_ref().map(|w| (w.kind.as_str(), w.text.as_str()))), (State::Waiting, Some(("permission", "run ls"))));
    assert_eq!((f.children.len(), f.progress.as_ref().and_then(|p| p.percent)), (1, None), "a report without progress takes it back");
    say(&mut w, "state=error:msg=Ym9vbQ==", 5);
    say(&mut w, "state=working", 10);
    say(&mut w, "state=done", 20);
    let f = &w.get(&id).unwrap().facts;
    assert_eq!((f.state, f.errors[0].issue.as_deref(), f.errors[0].resolved), (State::Idle, Some("boom"), true), "the next turn went well");
    w.apply(Command::NewPrompt(id.clone()), at(30));
    assert_eq!(w.get(&id).unwrap().facts.children, []);
    let told = w.get(&id).unwrap().explain(at(31));
    assert!(told.history.len() >= 3 && told.signals[0].won, "{told:?}");
}

#[test]
fn a_paused_session_shows_no_time_to_go() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    for i in 0..=10 {
        report(&mut w, &id, Report::Progress { done: i, total: 20, item: None, current: None }, 10 + i);
    }
    let eta = |w: &World| w.get(&id).unwrap().facts.progress.as_ref().map(|p| (p.eta_seconds, p.eta_range));
    assert_eq!(eta(&w), Some((Some(10), Some((10, 10)))));
    w.apply(Command::Pause(id.clone()), at(21));
    assert_eq!(eta(&w), Some((None, None)));
    w.apply(Command::Resume(id.clone()), at(600));
    report(&mut w, &id, Report::Progress { done: 11, total: 20, item: None, current: None }, 600);
    assert_eq!(eta(&w).and_then(|e| e.0), Some(9), "the pause is no time of work");
}

#[test]
fn errors_say_where_they_are_when_a_limit_ends_and_that_they_are_over() {
    let mut w = World::new(1, Limits::default());
    let id = running(&mut w, "a");
    let error = |title: &str, context: Option<&str>, status: Option<&str>| Report::Error {
        title: title.into(),
        issue: None,
        context: context.map(Into::into),
        suggestion: None,
        action: None,
        status: status.map(Into::into),
    };
    report(&mut w, &id, error("broken", Some("src/a.rs:12, fn run"), Some("Resolved automatically")), 2);
    report(&mut w, &id, error("429: rate limit, try again in 60s", None, None), 3);
    let f = &w.get(&id).unwrap().facts;
    assert_eq!(
        (f.errors[0].file.as_deref(), f.errors[0].line, f.errors[0].function.as_deref(), f.errors[0].resolved),
        (Some("src/a.rs"), Some(12), Some("run"), true)
    );
    assert_eq!(f.errors[1].until, Some(rfc3339(at(63).wall_ms)));
    let full = crate::wire::facts::UsageLimit { name: "5 h".into(), used_percent: Some(100.0), resets: Some("2026-11-21T08:00:00Z".into()) };
    let usage = crate::wire::facts::Usage { limits: vec![full], context_tokens: Some(60), context_window: Some(100), ..Default::default() };
    for s in [4, 5] {
        w.apply(Command::Usage { id: id.clone(), usage: Box::new(usage.clone()) }, at(s));
    }
    let f = &w.get(&id).unwrap().facts;
    assert_eq!((f.errors.len(), f.errors[2].title.as_str(), f.errors[2].count), (3, "rate limit reached: 5 h", 1));
    assert_eq!(f.usage.as_ref().and_then(|u| u.context_left_percent), Some(40.0));
}

proptest! {
    #[test]
    fn any_order_of_commands_keeps_the_invariants(steps in prop::collection::vec((0usize..14, 0usize..4), 0..120)) {
        let mut w = World::new(1, Limits { max_working: 2, max_sessions: 6 });
        let mut ids: Vec<SessionId> = Vec::new();
        let mut rev = 0;
        for (t, (what, which)) in steps.into_iter().enumerate() {
            let now = at(t as u64);
            let Some(id) = ids.get(which).cloned().or_else(|| ids.last().cloned()) else {
                ids.extend(w.apply(Command::Create(Box::new(agent("x"))), now).created);
                continue;
            };
            let c = match what {
                0 => Command::Create(Box::new(agent("x"))),
                1 | 2 => Command::Started { id, pid: 7 },
                3 => Command::Exited { id, status: ExitStatus { code: Some(which as i32), signal: None }, tail: String::new() },
                4 => Command::Pause(id),
                5 => Command::Resume(id),
                6 => Command::Stop { id, force: which == 0 },
                7 => Command::Lost { id, why: "gone".into() },
                8 => Command::Dismiss(id),
                9 => Command::FollowUp { id, follow_up: FollowUp { text: "t".into(), submit: true, interrupt: false }, queue: which > 1 },
                10 => Command::Signal { id, signal: signal(Source::Osc7501, State::ALL[which + 2], t as u64) },
                11 => Command::Report { id, report: Report::Progress { done: which as u64, total: 3, item: None, current: None } },
                12 => Command::StartFailed { id, message: "no".into() },
                _ => Command::Seen(id),
            };
            let out = w.apply(c, now);
            ids.extend(out.created);
            prop_assert!(w.rev() >= rev);
            rev = w.rev();
            let working = w.sessions().filter(|r| r.facts.state == State::Starting).count();
            prop_assert!(working <= 6);
            for r in w.sessions() {
                prop_assert_eq!(r.facts.state.ended(), r.facts.ended.is_some(), "{:?}", r.facts.state);
                prop_assert_eq!(r.facts.waiting_for.is_some(), r.facts.state == State::Waiting);
                prop_assert_eq!(w.find(&r.facts.number.to_string()), Ok(r.facts.id.clone()));
            }
        }
    }
}
