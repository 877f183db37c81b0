//! What a person is asked, and what counts as an answer, as sentences: inputs in, requests and pictures out.

mod ui_support;

use copilot_tui::app::{Effect, Input};
use copilot_tui::wire::facts::{ErrorReport, Handoff};
use copilot_tui::wire::op::Answer;
use copilot_tui::wire::{ClientMsg, Kind, Op, ServerMsg, State};
use ui_support::{World, id, session, shop};

fn asked(effects: &[Effect]) -> Vec<Op> {
    let request = |e: &Effect| if let Effect::Send(ClientMsg::Request { op, .. }) = e { Some(op.clone()) } else { None };
    effects.iter().filter_map(request).collect()
}

/// The inbox on a small screen, with a command that has no room in it; its end is what matters.
fn long_question() -> World {
    let mut five = shop().into_iter().find(|s| s.number == 5).expect("it waits");
    five.waiting_for.as_mut().expect("it asks").text = format!("{}&& rm -rf /srv/the-very-end", "echo harmless && ".repeat(80));
    let mut w = World::new(106, 10, vec![five]);
    w.keys("ctrl+b i");
    w.wait(400);
    w
}

#[test]
fn a_yes_counts_only_for_what_was_seen_whole() {
    let mut w = long_question();
    assert!(w.picture().contains("[cut: y shows all]") && !w.picture().contains("the-very-end"), "{}", w.picture());
    assert!(asked(&w.keys("y")).is_empty(), "nothing is answered yet");
    assert!(w.picture().contains("all of it") && !w.picture().contains("the-very-end"), "{}", w.picture());
    // Left before its end, it was not read.
    w.keys("esc");
    w.wait(400);
    assert!(asked(&w.keys("y")).is_empty());
    w.keys("pagedown");
    w.keys("pagedown");
    assert!(w.picture().contains("the-very-end"), "{}", w.picture());
    w.keys("esc");
    assert!(asked(&w.keys("y")).is_empty(), "it has to stand, as ever");
    w.wait(400);
    let [Op::Answer { prompt, answer, .. }] = &asked(&w.keys("y"))[..] else { panic!("no answer\n{}", w.picture()) };
    assert_eq!((prompt.as_deref(), answer), (Some("p1"), &Answer::Allow));
    // A no needs no reading.
    let mut w = long_question();
    assert!(matches!(asked(&w.keys("n"))[..], [Op::Answer { answer: Answer::Deny { .. }, .. }]));
    // Another prompt in its place was not read.
    let mut w = long_question();
    w.keys("y pagedown pagedown esc");
    let mut other = shop().into_iter().find(|s| s.number == 5).expect("it waits");
    let asks = other.waiting_for.as_mut().expect("it asks");
    (asks.id, asks.text) = (Some("p2".into()), format!("{}&& rm -rf /srv/the-very-end", "echo harmless && ".repeat(80)));
    w.facts(vec![other], vec![]);
    w.wait(400);
    assert!(asked(&w.keys("y")).is_empty());
}

#[test]
fn an_edit_shows_what_it_changes_and_is_read_whole_before_a_yes() {
    let edit = |lines: usize| {
        let mut five = shop().into_iter().find(|s| s.number == 5).expect("it waits");
        let w = five.waiting_for.as_mut().expect("it asks");
        w.text = "/srv/shop/cart.rs".into();
        w.show_changes((0..lines).map(|i| format!("+line-{i} \u{1b}[2Jof it")).collect());
        let mut w = World::new(106, 40, vec![five]);
        w.keys("ctrl+b i");
        w.wait(400);
        w
    };
    let mut w = edit(3);
    assert!(w.picture().contains("/srv/shop/cart.rs") && w.picture().contains("+line-2 [2Jof it"), "{}", w.picture());
    assert!(matches!(asked(&w.keys("y"))[..], [Op::Answer { answer: Answer::Allow, .. }]));
    let mut w = edit(250);
    let picture = w.picture();
    assert!(picture.contains("+line-6") && !picture.contains("+line-8") && picture.contains("[cut: y shows all]"), "{picture}");
    assert!(asked(&w.keys("y")).is_empty() && w.picture().contains("+line-12"), "{}", w.picture());
    for _ in 0..20 {
        w.keys("pagedown");
    }
    assert!(w.picture().contains("+line-199") && w.picture().contains("50 more lines, in its terminal"), "{}", w.picture());
    w.keys("esc");
    w.wait(400);
    assert!(matches!(asked(&w.keys("y"))[..], [Op::Answer { answer: Answer::Allow, .. }]));
}

#[test]
fn the_end_of_what_is_asked_is_shown_at_every_size() {
    // What it is told by has no room beside it, a low window has room for a line.
    for cols in (60..=150).step_by(3) {
        for rows in [5, 6, 10, 12, 20, 40] {
            for length in [40, 60, 75, 90, 100, 140] {
                let mut five = shop().into_iter().find(|s| s.number == 5).expect("it waits");
                five.waiting_for.as_mut().expect("it asks").text = format!("{:.<length$}; rm -rf /srv/end", "echo ");
                let mut w = World::new(cols, rows, vec![five]);
                w.keys("ctrl+b i");
                w.wait(400);
                let picture = w.picture();
                let answered = !asked(&w.keys("y")).is_empty();
                assert!(!answered || picture.contains("/srv/end"), "{cols}x{rows}, {length}\n{picture}");
            }
        }
    }
}

#[test]
fn a_question_is_offered_the_answers_it_takes() {
    for (via, offered, missing) in [("hook", "answer", "deny"), ("keys", "deny", "answer")] {
        let mut five = shop().into_iter().find(|s| s.number == 5).expect("it waits");
        let w = five.waiting_for.as_mut().expect("it asks");
        (w.kind, w.via, w.options) = ("question".into(), Some(via.into()), vec!["Red".into(), "Blue".into()]);
        let mut w = World::new(120, 30, vec![five]);
        w.keys("ctrl+b i");
        w.wait(400);
        let hints: Vec<String> = w.app.hints().1.into_iter().map(|h| h.text).collect();
        let has = |t: &str| hints.contains(&t.to_owned());
        assert!(has(offered) && !has(missing) && !has("allow once"), "{via}: {hints:?}");
        assert!(asked(&w.keys("y")).is_empty() && w.picture().contains("a question has no yes"), "{}", w.picture());
        assert_eq!(asked(&w.keys("n")).len(), usize::from(via == "keys"), "{via}");
        assert!(matches!(asked(&w.keys("2"))[..], [Op::Answer { answer: Answer::Choose { number: 2 }, .. }]), "{via}");
    }
}

#[test]
fn an_offer_is_taken_or_left_and_nothing_starts_by_itself() {
    let offering = || {
        let mut s = session(1, "api", "codex", State::Working);
        s.task = "convert the API".into();
        s.branch = Some("main".into());
        let points = vec!["Large-scale operation: 24 files changed (20 or more)".to_owned()];
        let text = "This looks like a complex task that would benefit from background processing.".into();
        s.handoffs = vec![Handoff { kind: "delegation".into(), text, points, open: true, ..Handoff::default() }];
        let mut w = World::new(120, 30, vec![s]);
        w.keys("ctrl+b i");
        assert!(asked(&w.keys("n")).is_empty() && asked(&w.keys("y")).is_empty(), "nobody can have read it");
        w.wait(400);
        w
    };
    let mut w = offering();
    let picture = w.picture();
    for part in ["offers background", "24 files changed", "y delegate", "n go on here"] {
        assert!(picture.contains(part), "{part}\n{picture}");
    }
    let ops = asked(&w.keys("y"));
    assert!(matches!(&ops[..], [.., Op::Seen { session }] if *session == id(1)) && !ops.iter().any(|o| matches!(o, Op::New(_))), "{ops:?}");
    assert!(w.picture().contains("convert the API") && w.picture().contains("[a worktree and branch of its own]"), "{}", w.picture());
    let mut w = offering();
    assert!(matches!(&asked(&w.keys("n"))[..], [Op::Seen { .. }]));
    assert!(w.picture().contains("it goes on here"), "{}", w.picture());
}

#[test]
fn a_session_is_muted_and_says_so_in_the_tree() {
    let mut w = World::new(120, 30, vec![session(1, "api", "codex", State::Working)]);
    assert_eq!(asked(&w.keys("ctrl+b N")), [Op::Mute { session: id(1).to_string(), on: true }]);
    let mut s = session(1, "api", "codex", State::Working);
    s.muted = true;
    w.facts(vec![s], vec![]);
    assert!(w.picture().contains("#1 api") && w.picture().lines().any(|l| l.contains("#1 api") && l.contains(" mute ")), "{}", w.picture());
    assert_eq!(asked(&w.keys("ctrl+b N")), [Op::Mute { session: id(1).to_string(), on: false }]);
}

#[test]
fn a_form_waits_unseen_below_a_panel_and_keeps_its_text() {
    for keys in ["ctrl+b F", "ctrl+b e", "ctrl+b i", "ctrl+b t"] {
        let mut w = World::new(106, 16, vec![session(1, "api", "codex", State::Working)]);
        w.keys("ctrl+b n");
        w.text("fix the build");
        w.keys(keys);
        assert!(!w.picture().contains("fix the build") && !w.picture().contains("Runs in"), "{keys}\n{}", w.picture());
        w.keys("esc");
        assert!(w.picture().contains("fix the build") && w.picture().contains("Runs in"), "{keys}\n{}", w.picture());
    }
}

#[test]
fn the_dialog_says_whether_a_session_is_recorded() {
    let mut w = World::new(100, 30, vec![session(1, "api", "codex", State::Working)]);
    w.keys("ctrl+b n");
    w.text("fix the build");
    w.keys("shift+tab left");
    assert!(w.picture().contains("[no]"), "{}", w.picture());
    let ops = asked(&w.keys("enter"));
    let [Op::New(new)] = &ops[..] else { panic!("{ops:?}") };
    assert_eq!((new.record, new.kind), (Some(false), Kind::Primary));
}

#[test]
fn an_error_says_where_it_is() {
    let error = ErrorReport {
        title: "Conversion failed".into(),
        issue: Some("Missing type definition".into()),
        file: Some("src/payment.js".into()),
        line: Some(45),
        function: Some("processPayment()".into()),
        ..ErrorReport::default()
    };
    let panel = |e: ErrorReport| {
        let mut s = session(1, "api", "codex", State::Working);
        s.errors = vec![e];
        let mut w = World::new(120, 30, vec![s]);
        w.keys("ctrl+b e");
        w.picture()
    };
    let picture = panel(error.clone());
    assert!(picture.contains("Where: src/payment.js:45, function processPayment()"), "{picture}");
    // The article's own words say it already.
    let said =
        ErrorReport { title: "Conversion failed for src/payment.js".into(), context: Some("Line 45, function processPayment()".into()), ..error };
    assert!(!panel(said).contains("Where:"));
}

#[test]
fn files_are_offered_behind_an_at_and_enter_still_sends() {
    let mut w = World::new(106, 16, vec![session(1, "api", "codex", State::Idle)]);
    w.keys("ctrl+b f");
    w.text("look at @pa");
    let asked_files = |w: &World| {
        w.sent.iter().rev().find_map(|e| match e {
            Effect::Send(ClientMsg::Request { id, op: Op::Files { query, .. } }) => Some((*id, query.clone())),
            _ => None,
        })
    };
    let (n, query) = asked_files(&w).expect("files are asked for");
    assert_eq!(query, "pa");
    let names = serde_json::json!({ "files": ["src/pay.rs", "src/parse.rs"] });
    w.put(Input::Server(ServerMsg::Reply { id: n, ok: Some(names.clone()), error: None }));
    assert!(w.picture().contains("src/pay.rs") && w.picture().contains("src/parse.rs"), "{}", w.picture());
    w.keys("down tab");
    assert!(w.picture().contains("look at @src/parse.rs") && !w.picture().contains("src/pay.rs"), "{}", w.picture());
    // Put away, it stays so for this word; and a word without an at offers nothing.
    w.text("and @x");
    let (n, _) = asked_files(&w).expect("files are asked for");
    w.put(Input::Server(ServerMsg::Reply { id: n, ok: Some(names), error: None }));
    w.keys("esc");
    assert!(!w.picture().contains("src/pay.rs") && w.picture().contains("and @x"), "{}", w.picture());
    let ops = asked(&w.keys("enter"));
    let [Op::Send { text, .. }] = &ops[..] else { panic!("{ops:?}") };
    assert_eq!(text, "look at @src/parse.rs and @x");
}

#[test]
fn who_types_fast_takes_no_name_that_no_longer_fits_and_changes_no_target() {
    let mut w = World::new(106, 16, vec![session(1, "api", "codex", State::Idle), session(2, "web", "codex", State::Idle)]);
    w.keys("ctrl+b f");
    w.text("look at @pa");
    let before = w.picture();
    w.keys("tab");
    assert_eq!(w.picture(), before, "the names have yet to come");
    let n = w.sent.iter().rev().find_map(|e| match e {
        Effect::Send(ClientMsg::Request { id, op: Op::Files { .. } }) => Some(*id),
        _ => None,
    });
    let names = serde_json::json!({ "files": ["src/pay.rs", "src/parse.rs"] });
    w.put(Input::Server(ServerMsg::Reply { id: n.expect("files are asked for"), ok: Some(names), error: None }));
    w.text("rse");
    w.keys("tab");
    assert!(w.picture().contains("look at @src/parse.rs"), "{}", w.picture());
}
