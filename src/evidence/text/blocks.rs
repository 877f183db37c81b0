//! One block: which lines belong to it, and what it says. Must not know which blocks were told before.

use super::count::Counter;
use super::rule::{Body, Field, Meaning, Rule};
use super::said::Said;
use super::value::{count_of, regex, seconds_in};
use super::{BLOCK, TextLine, cut};
use crate::base::text::safe_line;
use crate::wire::facts::{ErrorReport, Handoff, ProgressItem};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Points of a hand-off.
const POINTS: usize = 20;

/// The lines of a block.
#[derive(Debug, Default)]
pub(super) struct Block<'t> {
    head: &'t str,
    /// Names and values, or points with an empty name.
    body: Vec<(&'t str, &'t str)>,
    /// What the line that ends it says.
    end: Option<&'t str>,
    /// Lines it takes.
    pub len: usize,
    /// More may come.
    pub open: bool,
    /// It has all that the rule asks for.
    pub complete: bool,
}

static BRANCH: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s{0,4}(├──|├─|└──|└─|╰──|╰─|\|--|\+--|`--|\\--|'--)\s?(.*)$"));
static LABEL: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:[^\x00-\x7F]{1,4}\s{1,2})?([A-Z][\w /-]{0,40}?):\s+(\S.*)$"));
static POINT: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s{0,4}(?:\d{1,2}[.)]|[*•-])\s+(\S.*)$"));
static PERCENT: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d{1,3}(?:\.\d+)?)\s?%"));

/// What follows the branch of a tree, and whether it is the last one.
fn branch(line: &str) -> Option<(&str, bool)> {
    let c = BRANCH.captures(line)?;
    let last = c.get(1).is_some_and(|m| m.as_str().starts_with(['└', '╰', '`', '\\', '\'']));
    Some((c.get(2)?.as_str(), last))
}

/// Name and value of `⏳ Name: value`.
fn label(line: &str) -> Option<(&str, &str)> {
    let c = LABEL.captures(line)?;
    Some((c.get(1)?.as_str(), c.get(2)?.as_str()))
}

fn point(line: &str) -> Option<&str> {
    POINT.captures(line).and_then(|c| c.get(1)).map(|m| m.as_str())
}

/// The block that begins with the first of these lines.
pub(super) fn take<'t>(rule: &Rule, lines: &'t [TextLine]) -> Block<'t> {
    let head = lines.first().map(|l| cut(&l.text)).unwrap_or_default();
    let mut b = Block { head, len: 1, complete: true, ..Block::default() };
    if rule.body == Body::None {
        return b;
    }
    let mut closed = false;
    let mut blanks = 0;
    let mut prose = 0;
    for line in lines.iter().skip(1).take(BLOCK) {
        let text = cut(&line.text);
        let len = b.len + 1 + blanks;
        if rule.end.as_ref().is_some_and(|e| e.is_match(text)) {
            (b.end, b.len, closed) = (Some(text), len, true);
            break;
        }
        if text.is_empty() && !matches!(rule.body, Body::Tree | Body::Next) {
            blanks += 1;
            if blanks > 1 {
                closed = true;
                break;
            }
            continue;
        }
        match rule.body {
            Body::Tree => match branch(text) {
                Some((rest, last)) => {
                    b.body.push(label(rest).unwrap_or(("", rest)));
                    b.len = len;
                    closed = last;
                }
                None => closed = true,
            },
            Body::Labels => match label(text) {
                Some(pair) => {
                    b.body.push(pair);
                    b.len = len;
                }
                None => closed = true,
            },
            Body::Points => match point(text) {
                Some(p) => {
                    b.body.push(("", p));
                    b.len = len;
                }
                // `Detected need for:` leads to the points.
                None if text.ends_with(':') && b.body.is_empty() => b.len = len,
                None => closed = true,
            },
            Body::Prose => {
                prose += 1;
                closed = prose > 8;
                b.body.push(("", text));
                b.len = len;
            }
            Body::Next => {
                b.body.push(("", text));
                b.len = len;
                closed = true;
            }
            Body::None => {}
        }
        if closed {
            break;
        }
        blanks = 0;
    }
    b.open = !closed && lines.len() <= BLOCK;
    b.complete = !(rule.needs_body && b.body.is_empty() || rule.needs_end && b.end.is_none());
    b
}

/// What a block says. True when it counted tests. `more` tells that an earlier, shorter form of it was told.
pub(super) fn tell(rule: &Rule, block: &Block<'_>, more: bool, counter: &mut Counter, out: &mut Vec<Said>) -> bool {
    let Some(head) = rule.start.captures(block.head) else { return false };
    let word = |name: &str| head.name(name).map(|m| safe_line(m.as_str().trim(), 300)).filter(|t| !t.is_empty());
    let number = |name: &str| head.name(name).and_then(|m| m.as_str().parse::<u64>().ok());
    match rule.is {
        Meaning::Progress | Meaning::Milestone => progress(rule, block, &head, out),
        Meaning::Log => {
            let text = word("text").unwrap_or_default();
            out.extend(word("task").map(Said::Task));
            if let (Some(at), Some(total)) = (number("done"), number("total")) {
                // The one that is named is in work, not done.
                let current = word("current");
                let done = at.saturating_sub(u64::from(current.is_some())).min(total);
                out.push(Said::Step { done, total, current });
            }
            if !text.is_empty() {
                out.push(Said::Log(text));
            }
        }
        Meaning::Error | Meaning::Attention => {
            let mut e = ErrorReport { title: word("title").unwrap_or_default(), count: 1, source: "screen".into(), ..ErrorReport::default() };
            for (name, value) in &block.body {
                let value = Some(safe_line(value, 300));
                match rule.field(name).map(|f| f.0) {
                    Some(Field::Task) => out.extend(value.map(Said::Task)),
                    Some(Field::Issue) => e.issue = value,
                    Some(Field::Context) => e.context = value,
                    Some(Field::Suggestion) => e.suggestion = value,
                    Some(Field::Action) => e.action = value,
                    Some(Field::Status) => e.status = value,
                    _ => {}
                }
            }
            if rule.is == Meaning::Attention {
                e.title = "needs attention".into();
                out.push(Said::Attention { error: Box::new(e), more });
            } else {
                out.push(Said::Error { error: Box::new(e), more });
            }
        }
        Meaning::Done => {
            let mut task = word("task");
            let mut facts = Vec::new();
            for (name, value) in block.body.iter().take(POINTS) {
                match rule.field(name).map(|f| f.0) {
                    Some(Field::Task) => task = Some(safe_line(value, 300)),
                    Some(Field::Ignore) => {}
                    _ => facts.push(safe_line(&format!("{name}: {value}"), 200)),
                }
            }
            let next = block.end.zip(rule.end.as_ref()).and_then(|(t, e)| e.captures(t)?.name("next").map(|m| safe_line(m.as_str(), 300)));
            out.push(Said::Done { task, facts, next });
        }
        Meaning::Handoff | Meaning::Escalation | Meaning::Delegation => {
            let kind = match rule.is {
                Meaning::Handoff => "handoff",
                Meaning::Escalation => "escalation",
                _ => "delegation",
            };
            let mut text = word("text").unwrap_or_default();
            let mut points: Vec<String> = Vec::new();
            if rule.body == Body::Prose {
                let rest: Vec<&str> = block.body.iter().map(|p| p.1).collect();
                text = safe_line(&format!("{text} {}", rest.join(" ")), 300).trim_end().to_owned();
                // What can be chosen: `[Delegate to background agent] [Continue in chat]`.
                let choices = block.end.unwrap_or_default().split(['[', ']']).map(str::trim).filter(|t| !t.is_empty());
                points.extend(choices.take(POINTS).map(|t| safe_line(t, 100)));
            } else {
                points.extend(block.body.iter().take(POINTS).map(|p| safe_line(p.1, 300)));
            }
            let source = "screen".to_owned();
            out.push(Said::Handoff(Handoff { kind: kind.into(), text, points, open: true, source, ..Handoff::default() }));
        }
        Meaning::TestsSuite => {
            counter.suite(word("suite").as_deref(), number("total"));
            return true;
        }
        Meaning::TestPassed => {
            out.extend(counter.passed(word("name").as_deref()));
            return true;
        }
        Meaning::TestFailed | Meaning::TestDetail => {
            let next = || block.body.first().map(|l| safe_line(l.1.trim(), 300)).filter(|t| !t.is_empty());
            let issue = word("issue").or_else(next);
            let place = word("file").zip(number("line").or(Some(0)));
            let name = word("name");
            if rule.is == Meaning::TestDetail {
                out.extend(counter.detail(name.as_deref(), issue, place));
            } else if let Some(name) = name {
                out.push(counter.failed(&name, issue, place));
            }
            return true;
        }
        Meaning::TestsSum => {
            out.extend(counter.sum(word("suite").as_deref(), number("passed"), number("failed"), number("total")));
            return true;
        }
    }
    false
}

fn progress(rule: &Rule, block: &Block<'_>, head: &Captures<'_>, out: &mut Vec<Said>) {
    let word = |name: &str| head.name(name).map(|m| safe_line(m.as_str().trim(), 300)).filter(|t| !t.is_empty());
    out.extend(word("task").map(Said::Task));
    out.extend(head.name("percent").and_then(|p| p.as_str().parse().ok()).filter(|p| *p <= 100.0).map(Said::Percent));
    if let Some(number) = head.name("number").and_then(|n| n.as_str().parse().ok()) {
        out.push(Said::Phase { number, text: word("text").unwrap_or_default(), done: false });
    }
    for (name, value) in &block.body {
        let (field, n) = match rule.field(name) {
            Some(f) => f,
            None => (Field::Item, None),
        };
        let text = safe_line(value, 300);
        match field {
            Field::Task => out.push(Said::Task(text)),
            Field::Progress => {
                out.extend(percent_in(value).map(Said::Percent));
                out.extend(value.split_once("ETA").and_then(|(_, t)| seconds_in(t)).map(Said::Eta));
            }
            Field::Current => out.push(Said::Current(text)),
            Field::Eta => out.extend(seconds_in(value).map(Said::Eta)),
            Field::PhaseDone => out.extend(n.map(|number| Said::Phase { number, text, done: true })),
            Field::PhaseStart => out.extend(n.map(|number| Said::Phase { number, text, done: false })),
            Field::Item if !name.is_empty() => out.push(Said::Item(item(name, value))),
            _ => {}
        }
    }
}

fn percent_in(text: &str) -> Option<f64> {
    let c = PERCENT.captures(text)?;
    c.get(1)?.as_str().parse().ok().filter(|p| *p <= 100.0)
}

fn item(name: &str, value: &str) -> ProgressItem {
    let name = safe_line(name, 60);
    match count_of(value) {
        Some((done, total, current)) => {
            let state = if done >= total && total > 0 { "done" } else { "working" };
            let current = current.filter(|_| state == "working").map(|c| safe_line(c, 200));
            ProgressItem { name, done, total, current, state: state.into(), ..ProgressItem::default() }
        }
        None => {
            let done = value.ends_with(['✓', '✔']);
            let current = Some(safe_line(value.trim_end_matches(['✓', '✔', ' ']), 200));
            ProgressItem { name, current, state: if done { "done" } else { "working" }.into(), ..ProgressItem::default() }
        }
    }
}
