//! The offer to let a large task go on in the background: when it is made, in the article's words, once for each task. It decides
//! nothing. Must not know where it is shown, or what becomes of it.

use super::record::{Record, rfc3339};
use super::{Effect, Outcome, World};
use crate::base::Now;
use crate::evidence::Source;
use crate::wire::facts::{Handoff, Kind};
use crate::wire::message::Level;
use crate::wire::{Session, State};

/// What is said.
pub const OFFER: &str =
    "This looks like a complex task that would benefit from background processing. Would you like me to delegate this to a background agent?";
/// Hand-offs kept of one session.
const HANDOFFS: usize = 20;

/// When the offer is made (`[delegation]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// At all.
    pub on: bool,
    /// For a task that affects so many files.
    pub files: u32,
    /// For a task of more than so many minutes.
    pub minutes: u32,
}

impl Default for Offers {
    fn default() -> Offers {
        Offers { on: true, files: 20, minutes: 10 }
    }
}

impl Offers {
    fn span_ms(self) -> u64 {
        u64::from(self.minutes) * 60_000
    }
}

/// Only an agent's own task in the project's own checkout can go to the background: a worktree, a child, a delegated task are
/// there already.
fn in_front(r: &Record) -> bool {
    let s = &r.facts;
    s.kind == Kind::Primary && s.parent.is_none() && r.recipe.counts && r.recipe.interactive && !r.recipe.delegated && !r.offered
}

/// Files that a task names by their number: `all 50+ endpoint files`.
fn files_named(task: &str) -> Option<u32> {
    let words: Vec<&str> = task.split_whitespace().take(200).collect();
    let number = |w: &str| {
        let digits: String = w.chars().take_while(char::is_ascii_digit).collect();
        let rest = w.get(digits.len()..)?;
        (matches!(rest, "" | "+") && !digits.is_empty()).then(|| digits.parse::<u32>().ok()).flatten()
    };
    words.iter().enumerate().find_map(|(i, w)| {
        let n = number(w)?;
        let file = |w: &&str| w.trim_end_matches(|c: char| !c.is_alphanumeric()).eq_ignore_ascii_case("files");
        words.get(i + 1..(i + 5).min(words.len()))?.iter().any(file).then_some(n)
    })
}

/// Why a task is large, in a line, and who says so.
fn reason(s: &Session, offers: Offers, now: Now) -> Option<(String, Source)> {
    let many = |n: u64| n >= u64::from(offers.files);
    let changed = s.changes.map_or(0, |c| u64::from(c.files.max(c.uncommitted)));
    if many(changed) {
        return Some((format!("Large-scale operation: {changed} files changed ({} or more)", offers.files), Source::Process));
    }
    let items = s.progress.iter().flat_map(|p| &p.items);
    if let Some(i) = items.into_iter().find(|i| i.name.to_lowercase().contains("file") && many(i.total)) {
        return Some((format!("Large-scale operation: {} files to go through ({} or more)", i.total, offers.files), Source::Report));
    }
    if let Some(n) = files_named(&s.task).filter(|n| many(u64::from(*n))) {
        return Some((format!("Large-scale operation: the task names {n} files ({} or more)", offers.files), Source::Person));
    }
    if let Some(eta) = s.progress.as_ref().and_then(|p| p.eta_seconds).filter(|e| e * 1000 > offers.span_ms()) {
        return Some((format!("Time-intensive work: about {} minutes to go (more than {})", eta.div_ceil(60), offers.minutes), Source::Report));
    }
    let working = now.wall_ms.saturating_sub(s.state_ms);
    (working >= offers.span_ms())
        .then(|| (format!("Time-intensive work: it has worked for {} minutes without a break", working / 60_000), Source::Process))
}

impl World {
    /// When, in milliseconds since the Unix epoch, a task will have taken so long that an offer is due.
    pub fn next_offer(&self) -> Option<u64> {
        let offers = self.offers;
        let due = |r: &Record| (r.facts.state == State::Working && in_front(r)).then(|| r.facts.state_ms + offers.span_ms());
        self.sessions.values().filter(|_| offers.on).filter_map(due).min()
    }

    /// Makes the offers that are due.
    pub(super) fn make_offers(&mut self, now: Now, out: &mut Outcome) {
        let offers = self.offers;
        if !offers.on {
            return;
        }
        let due = |r: &Record| {
            let at_work = matches!(r.facts.state, State::Working | State::Waiting);
            let why = (at_work && in_front(r)).then(|| reason(&r.facts, offers, now)).flatten()?;
            Some((r.facts.id.clone(), why))
        };
        let found: Vec<_> = self.sessions.values().filter_map(due).collect();
        for (id, (why, source)) in found {
            let offer = Handoff {
                kind: "delegation".into(),
                text: OFFER.into(),
                points: vec![why.clone()],
                time: rfc3339(now.wall_ms),
                open: true,
                source: source.word().into(),
            };
            self.change(&id, out, |r| {
                r.offered = true;
                // A program that offers it by itself has said so already.
                if !r.facts.handoffs.iter().any(|h| h.open && h.kind == "delegation") {
                    r.facts.handoffs.push(offer);
                    let over = r.facts.handoffs.len().saturating_sub(HANDOFFS);
                    r.facts.handoffs.drain(..over);
                }
            });
            self.log(&id, "note", format!("delegation: {why}"), now, out);
            let title = self.get(&id).map(|r| format!("#{} {} could go on in the background", r.facts.number, r.facts.name)).unwrap_or_default();
            out.effects.push(Effect::Notice { level: Level::Info, id, title, text: why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SessionId;
    use crate::evidence::Signal;
    use crate::model::{Command, Limits, Recipe};
    use crate::wire::facts::Changes;

    fn at(minutes: u64) -> Now {
        Now { wall_ms: 1_700_000_000_000 + minutes * 60_000, mono_ms: minutes * 60_000 }
    }

    fn working(w: &mut World, recipe: Recipe) -> SessionId {
        let recipe = Recipe { agent: "codex".into(), counts: true, interactive: true, ..recipe };
        let id = w.apply(Command::Create(Box::new(recipe)), at(0)).created.unwrap();
        w.apply(Command::Started { id: id.clone(), pid: 1 }, at(0));
        let signal = Signal { source: Source::Osc7501, state: State::Working, text: None, kind: None, at_ms: at(0).wall_ms };
        w.apply(Command::Signal { id: id.clone(), signal }, at(0));
        id
    }

    fn offers(w: &World, id: &SessionId) -> Vec<String> {
        w.get(id).unwrap().facts.handoffs.iter().filter(|h| h.kind == "delegation").flat_map(|h| h.points.clone()).collect()
    }

    fn changed(files: u32) -> Option<Changes> {
        Some(Changes { files, ..Changes::default() })
    }

    #[test]
    fn twenty_files_or_ten_minutes_are_offered_once() {
        let mut w = World::new(1, Limits { max_working: 99, ..Limits::default() });
        let id = working(&mut w, Recipe::default());
        w.apply(Command::Changed { id: id.clone(), changes: changed(19), branch: None }, at(1));
        assert!(offers(&w, &id).is_empty());
        let out = w.apply(Command::Changed { id: id.clone(), changes: changed(20), branch: None }, at(2));
        assert_eq!(offers(&w, &id), ["Large-scale operation: 20 files changed (20 or more)"]);
        assert!(out.effects.iter().any(|e| matches!(e, Effect::Notice { level: Level::Info, .. })));
        w.apply(Command::Seen(id.clone()), at(2));
        w.apply(Command::Changed { id: id.clone(), changes: changed(90), branch: None }, at(30));
        assert_eq!(offers(&w, &id).len(), 1, "once");
        // By the clock.
        let slow = working(&mut w, Recipe::default());
        assert_eq!(w.next_offer(), Some(at(10).wall_ms));
        w.apply(Command::OffersDue, at(9));
        assert!(offers(&w, &slow).is_empty());
        w.apply(Command::OffersDue, at(10));
        assert_eq!(offers(&w, &slow), ["Time-intensive work: it has worked for 10 minutes without a break"]);
        assert_eq!(w.next_offer(), None);
    }

    #[test]
    fn what_is_in_the_background_is_offered_nothing() {
        let mut w = World::new(1, Limits { max_working: 99, ..Limits::default() });
        let recipes = [Recipe { kind: Kind::Isolated, ..Recipe::default() }, Recipe { delegated: true, ..Recipe::default() }];
        for r in recipes {
            let id = working(&mut w, r);
            w.apply(Command::Changed { id: id.clone(), changes: changed(50), branch: None }, at(60));
            assert!(offers(&w, &id).is_empty());
        }
        w.offers.on = false;
        let id = working(&mut w, Recipe::default());
        w.apply(Command::Changed { id: id.clone(), changes: changed(50), branch: None }, at(60));
        assert!(offers(&w, &id).is_empty() && w.next_offer().is_none());
    }

    #[test]
    fn a_task_may_name_its_files() {
        for (task, n) in [
            ("and update all 50+ endpoint files with proper type annotations.", Some(50)),
            ("convert 52 files", Some(52)),
            ("fix 3 bugs in files", Some(3)),
            ("update 20 of the old files now", None),
            ("bump to 2.0 in all files", None),
            ("write docs", None),
        ] {
            let found = files_named(task);
            assert_eq!(found, if task.starts_with("update 20") { Some(20) } else { n }, "{task}");
        }
    }
}
