//! The policy as sentences and as properties.

use super::policy::{Act, HOURLY, Policy, Viewer, WINDOW, teller};
use super::text::News;
use crate::base::SessionId;
use crate::wire::NoticeKind;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn id(n: u32) -> SessionId {
    format!("session{n:03}").parse().unwrap()
}

fn news(n: u32, kind: NoticeKind, text: &str) -> News {
    News { session: id(n), number: n, name: format!("s{n}"), kind, title: format!("#{n} s{n} {}", kind.word()), text: text.into(), lines: vec![] }
}

fn nobody(_: &SessionId) -> bool {
    false
}

/// Runs the clock until nothing is pending.
fn run_out(p: &mut Policy, now: &mut u64) -> Vec<Act> {
    let mut acts = Vec::new();
    for _ in 0..1000 {
        let Some(at) = p.next_wake() else { return acts };
        *now = at.max(*now);
        acts.extend(p.due(&nobody, *now));
    }
    panic!("it never comes to rest");
}

fn outside(acts: &[Act]) -> Vec<String> {
    acts.iter()
        .filter_map(|a| match a {
            Act::Tell { notification: n, outside: true, .. } => Some(format!("{}: {}", n.title, n.text)),
            _ => None,
        })
        .collect()
}

#[test]
fn ten_thousand_of_one_program_are_one_and_counted() {
    let mut p = Policy::new(1);
    let mut now = 1_000;
    let mut acts = Vec::new();
    for i in 0..10_000u64 {
        acts.extend(p.ask(news(1, NoticeKind::Message, "hi"), false, now + i / 10));
    }
    assert_eq!(acts.len(), 1, "one is told");
    now += 1_000;
    let later = run_out(&mut p, &mut now);
    assert!(outside(&later).is_empty());
    let Some(Act::Tell { notification, again: true, .. }) = later.last() else { panic!("{later:?}") };
    assert_eq!(notification.text, "hi (and 9,999 more)");
}

#[test]
fn a_question_is_told_once_and_taken_back() {
    let mut p = Policy::new(7);
    let acts = p.ask(news(1, NoticeKind::Waiting, "Delete?"), false, 0);
    assert_eq!(outside(&acts), ["#1 s1 waiting: Delete?"]);
    assert!(p.ask(news(1, NoticeKind::Waiting, "Delete?"), false, 60_000).is_empty());
    assert!(p.settle(&|_| true, 60_000).is_empty());
    assert_eq!(p.settle(&|_| false, 61_000), [Act::Gone(7)]);
    // It flickers: the outside has heard of it.
    assert!(p.ask(news(1, NoticeKind::Waiting, "Delete?"), false, 61_100).is_empty());
    let mut now = 61_100;
    let acts = run_out(&mut p, &mut now);
    assert!(matches!(acts.as_slice(), [Act::Tell { again: true, outside: false, toast: true, .. }]), "{acts:?}");
    // Much later it is a question like any other.
    p.settle(&|_| false, 70_000);
    assert_eq!(outside(&p.ask(news(1, NoticeKind::Waiting, "Delete?"), false, 80_000)).len(), 1);
    // Another one takes its place.
    assert_eq!(outside(&p.ask(news(1, NoticeKind::Waiting, "Push?"), false, 90_000)), ["#1 s1 waiting: Push?"]);
}

#[test]
fn a_question_without_words_waits_a_moment_for_them() {
    let mut p = Policy::new(1);
    let acts = p.ask(news(1, NoticeKind::Waiting, ""), false, 0);
    assert!(matches!(acts.as_slice(), [Act::Tell { toast: true, outside: false, .. }]));
    p.ask(news(1, NoticeKind::Waiting, "Run it?"), false, 200);
    let mut now = 200;
    assert_eq!(outside(&run_out(&mut p, &mut now)), ["#1 s1 waiting: Run it?"]);
    assert!(now < 1_000);
}

#[test]
fn several_sessions_become_one_line() {
    let mut p = Policy::new(1);
    let mut acts = Vec::new();
    for n in 1..=6 {
        acts.extend(p.ask(news(n, NoticeKind::Waiting, "?"), false, u64::from(n)));
    }
    assert_eq!(outside(&acts), ["#1 s1 waiting: ?"]);
    let toasts = acts.iter().filter(|a| matches!(a, Act::Tell { toast: true, .. })).count();
    assert_eq!(toasts, 3, "more toasts than can be read are one");
    let mut now = 10;
    let acts = run_out(&mut p, &mut now);
    assert_eq!(outside(&acts), ["6 sessions need you: #1 s1, #2 s2, #3 s3, #4 s4, #5 s5, #6 s6"]);
    let line = acts.iter().find_map(|a| match a {
        Act::Tell { notification, toast: true, .. } if notification.session.is_none() => Some(notification.id),
        _ => None,
    });
    // Two are answered: the line says so; all are: it goes.
    p.settle(&|s| *s != id(1) && *s != id(2), now);
    let acts = run_out(&mut p, &mut now);
    assert!(acts.iter().any(|a| matches!(a, Act::Tell { notification, again: true, .. } if notification.title == "4 sessions need you")), "{acts:?}");
    assert!(p.settle(&nobody, now).contains(&Act::Gone(line.unwrap())));
}

#[test]
fn what_is_looked_at_is_told_over_the_panes_alone() {
    let mut p = Policy::new(1);
    let acts = p.ask(news(1, NoticeKind::Failed, "x"), true, 0);
    assert!(matches!(acts.as_slice(), [Act::Tell { outside: false, toast: true, .. }]));
    assert_eq!(p.next_wake(), None);
    assert_eq!(outside(&p.ask(news(2, NoticeKind::Failed, "y"), false, 1)).len(), 1, "others are still told");
}

#[test]
fn who_needs_the_user_never_waits_behind_news() {
    let mut p = Policy::new(1);
    assert_eq!(outside(&p.ask(news(1, NoticeKind::Done, ""), false, 0)).len(), 1);
    assert_eq!(outside(&p.ask(news(2, NoticeKind::Waiting, "?"), false, 1)).len(), 1);
}

#[test]
fn the_client_with_the_focus_tells_it_else_the_one_used_last() {
    let v = |id, focus, active_ms, read_only| Viewer { id, focus, active_ms, read_only };
    assert_eq!(teller(&[v(1, Some(false), 900, false), v(2, Some(true), 100, false), v(3, None, 950, false)]), Some(2));
    assert_eq!(teller(&[v(1, Some(false), 900, false), v(2, None, 950, false), v(3, None, 990, true)]), Some(2));
    assert_eq!(teller(&[]), None);
    assert!(!v(1, Some(false), 100, false).is_looked_at(100) && v(1, None, 100, false).is_looked_at(200));
    assert!(!v(1, None, 100, false).is_looked_at(100_000) && !v(1, None, 0, false).is_looked_at(5));
}

#[derive(Debug, Clone)]
enum Step {
    Ask { session: u32, kind: NoticeKind, text: u8, count: u64 },
    Answer(u32),
    Time(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop::sample::select(NoticeKind::ALL.to_vec());
    let ask = (1u32..6, kind, 0u8..4, 1u64..50).prop_map(|(session, kind, text, count)| Step::Ask { session, kind, text, count });
    let step = prop_oneof![6 => ask, 1 => (1u32..6).prop_map(Step::Answer), 4 => (0u64..20_000).prop_map(Step::Time)];
    prop::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn limits_hold_and_nobody_who_needs_the_user_is_lost(steps in steps()) {
        let mut p = Policy::new(1);
        let mut now = 0;
        let mut waiting: BTreeMap<u32, String> = BTreeMap::new();
        let mut all: Vec<(u64, Act)> = Vec::new();
        let mut failed: BTreeSet<u32> = BTreeSet::new();
        let mut messages = 0;
        let take = |all: &mut Vec<(u64, Act)>, acts: Vec<Act>, now: u64| all.extend(acts.into_iter().map(|a| (now, a)));
        for step in steps {
            match step {
                Step::Ask { session, kind, text, count } => {
                    let count = if kind == NoticeKind::Message { count } else { 1 };
                    let text = if kind == NoticeKind::Waiting && text == 0 { String::new() } else { format!("text {text}") };
                    if kind == NoticeKind::Waiting { waiting.insert(session, text.clone()); }
                    if kind == NoticeKind::Failed { failed.insert(session); }
                    if kind == NoticeKind::Message { messages += count; }
                    let acts = p.many(news(session, kind, &text), count, false, now);
                    take(&mut all, acts, now);
                }
                Step::Answer(session) => {
                    waiting.remove(&session);
                    let still: Vec<SessionId> = waiting.keys().map(|n| id(*n)).collect();
                    let acts = p.settle(&|s| still.contains(s), now);
                    take(&mut all, acts, now);
                }
                Step::Time(ms) => {
                    let end = now + ms;
                    while let Some(at) = p.next_wake().filter(|at| *at <= end) {
                        now = now.max(at);
                        let acts = p.due(&nobody, now);
                        take(&mut all, acts, now);
                    }
                    now = end;
                }
            }
        }
        for _ in 0..200 {
            let Some(at) = p.next_wake() else { break };
            now = now.max(at);
            let acts = p.due(&nobody, now);
            take(&mut all, acts, now);
        }
        prop_assert_eq!(p.next_wake(), None);

        // Outside: at most one in a window, of each of the two sorts.
        let mut last: [Option<u64>; 2] = [None; 2];
        for (t, act) in &all {
            let Act::Tell { notification: n, outside: true, .. } = act else { continue };
            let slot = usize::from(!matches!(n.kind, NoticeKind::Waiting | NoticeKind::Failed));
            prop_assert!(last[slot].is_none_or(|l| *t >= l + WINDOW), "two outside within a window at {}", t);
            last[slot] = Some(*t);
        }
        // A program's own: one in a window and so many an hour; all are counted as long as the hour has room.
        let mut told: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for (t, act) in &all {
            let Act::Tell { notification: n, again, .. } = act else { continue };
            let plain = crate::base::text::width(&n.text) <= 200 && !n.text.chars().any(char::is_control);
            prop_assert!(plain);
            if n.kind == NoticeKind::Message && let Some(s) = &n.session {
                counts.insert(n.id, n.count);
                // A tell of the same one when its turn outside comes is the same one.
                if !again && told.get(s.as_str()).is_none_or(|v| v.last().is_none_or(|l| *t >= l + WINDOW)) {
                    told.entry(s.as_str()).or_default().push(*t);
                }
            }
        }
        for times in told.values() {
            for (i, t) in times.iter().enumerate() {
                let hour = times[..=i].iter().filter(|x| t - **x < 3_600_000).count();
                prop_assert!(hour <= HOURLY);
            }
        }
        prop_assert!(counts.values().sum::<u64>() <= messages);
        // Every question that stands, and every failure, was told outside, alone or in a line.
        let named = |n: u32, kind: NoticeKind, text: &str| all.iter().any(|(_, a)| match a {
            Act::Tell { notification: x, outside: true, .. } if x.session == Some(id(n)) => x.kind == kind && (text.is_empty() || x.text.starts_with(text) || kind == NoticeKind::Failed),
            Act::Tell { notification: x, outside: true, .. } => x.session.is_none() && x.text.contains(&format!("#{n} s{n}")),
            _ => false,
        });
        for (n, text) in &waiting {
            prop_assert!(named(*n, NoticeKind::Waiting, text), "session {} waits with {:?} and nobody heard: {:?}", n, text, all);
        }
        for n in &failed {
            prop_assert!(named(*n, NoticeKind::Failed, ""), "session {} failed and nobody heard", n);
        }
    }
}
