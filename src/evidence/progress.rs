//! What is said of how far a session is, made one tree: each part from the highest source that spoke of it. Must not know rates.

use super::source::Source;
use crate::wire::facts::{Progress, ProgressItem};
use serde::{Deserialize, Serialize};

/// Items of one tree.
const ITEMS: usize = 64;

/// What one source says of the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Whole {
    source: Source,
    #[serde(default)]
    count: Option<(u64, u64)>,
    #[serde(default)]
    percent: Option<f64>,
    #[serde(default)]
    current: Option<String>,
    /// When that was told, in the same order as `counted`.
    #[serde(default)]
    current_told: u64,
    #[serde(default)]
    eta_seconds: Option<u64>,
    #[serde(default)]
    word: Option<String>,
    at_ms: u64,
    /// When the count was told, in the order of everything that is told.
    #[serde(default)]
    counted: u64,
}

/// One part of the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    source: Source,
    item: ProgressItem,
    at_ms: u64,
    #[serde(default)]
    seq: u64,
}

/// Something new about the progress.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `done` of `total` of the whole.
    Count(u64, u64),
    /// A part, by its name.
    Item(ProgressItem),
    /// Percent of the whole; none takes back what the source said of it.
    Percent(Option<f64>),
    /// What it works on now.
    Current(String),
    /// Seconds to go, as the program says.
    Eta(u64),
    /// `error` or `paused`, or neither.
    Word(Option<&'static str>),
}

/// Everything said of the progress of one session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgressLedger {
    #[serde(default)]
    wholes: Vec<Whole>,
    #[serde(default)]
    parts: Vec<Part>,
    /// The part that was told of last.
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    seq: u64,
}

impl ProgressLedger {
    /// Notes something. The name and count of a part that is finished by it comes back.
    pub fn note(&mut self, source: Source, step: Step, at_ms: u64) -> Option<String> {
        match step {
            Step::Item(item) => return self.part(source, item, at_ms),
            Step::Count(done, total) => {
                let seq = self.seq + 1;
                let w = self.whole(source, at_ms);
                (w.count, w.counted) = (Some((done, total)), seq);
            }
            Step::Percent(None) => {
                self.wholes.retain(|w| w.source != source);
            }
            Step::Percent(p) => {
                let w = self.whole(source, at_ms);
                (w.percent, w.eta_seconds) = (p.map(|p| p.clamp(0.0, 100.0)), None);
            }
            Step::Current(text) => {
                let seq = self.seq + 1;
                let w = self.whole(source, at_ms);
                (w.current, w.current_told) = (Some(text).filter(|t| !t.is_empty()), seq);
            }
            Step::Eta(seconds) => self.whole(source, at_ms).eta_seconds = Some(seconds),
            Step::Word(word) => self.whole(source, at_ms).word = word.map(str::to_owned),
        }
        None
    }

    fn whole(&mut self, source: Source, at_ms: u64) -> &mut Whole {
        self.seq += 1;
        let at = self.wholes.partition_point(|w| w.source < source);
        if self.wholes.get(at).is_none_or(|w| w.source != source) {
            self.wholes.insert(
                at,
                Whole { source, at_ms, count: None, counted: 0, percent: None, current: None, current_told: 0, eta_seconds: None, word: None },
            );
        }
        // One of this source stands there now.
        let w = &mut self.wholes[at];
        w.at_ms = at_ms;
        w
    }

    fn part(&mut self, source: Source, mut item: ProgressItem, at_ms: u64) -> Option<String> {
        self.seq += 1;
        let seq = self.seq;
        item.source = source.word().to_owned();
        let finished = item.state == "done";
        let words = (finished && item.total > 0).then(|| format!("{} {}/{}", item.name, item.done, item.total));
        let name = item.name.clone();
        let room = self.parts.len() < ITEMS;
        match self.parts.iter_mut().find(|p| p.item.name.eq_ignore_ascii_case(&item.name)) {
            // What a better source said of it stands.
            Some(p) if p.source < source => None,
            Some(p) => {
                let news = p.item.state != "done";
                *p = Part { source, item, at_ms, seq };
                self.last = Some(name);
                words.filter(|_| news)
            }
            None if room => {
                self.parts.push(Part { source, item, at_ms, seq });
                self.last = Some(name);
                words
            }
            None => None,
        }
    }

    /// Some part of the work has been told of.
    pub fn has_parts(&self) -> bool {
        self.parts.iter().any(|p| p.item.total > 0)
    }

    /// The tree, and the name of the part that stands for the whole. Nothing when nothing was said.
    pub fn tree(&self) -> Option<(Progress, Option<String>)> {
        if self.wholes.is_empty() && self.parts.is_empty() {
            return None;
        }
        let mut p = Progress { items: self.parts.iter().map(|p| p.item.clone()).collect(), ..Progress::default() };
        let counted = self.wholes.iter().find(|w| w.count.is_some());
        let newest = self.parts.iter().filter(|p| p.item.total > 0).map(|p| p.seq).max();
        let best_part = self.parts.iter().filter(|p| p.item.total > 0).map(|p| p.source).min();
        // Of the whole and its parts the one told of last stands for it, but no worse source above a better one.
        let whole = counted.filter(|w| newest.is_none_or(|n| w.counted >= n) && best_part.is_none_or(|b| w.source <= b)).and_then(|w| w.count);
        let name = sum_up(&mut p, whole, self.last.as_deref());
        if whole.is_none()
            && let Some(w) = self.wholes.iter().find(|w| w.percent.is_some() && best_part.is_none_or(|b| w.source <= b))
        {
            p.percent = w.percent;
        }
        // Of what is in work the later word counts, but no worse source's above a better one.
        let of_whole = self.wholes.iter().find(|w| w.current.is_some());
        let part = self.parts.iter().find(|p| Some(&p.item.name) == name.as_ref());
        let later = of_whole.filter(|w| part.is_none_or(|p| w.source <= p.source && w.current_told > p.seq));
        if later.is_some() || p.current.is_none() {
            p.current = later.or(of_whole).and_then(|w| w.current.clone());
        }
        if let Some(seconds) = self.wholes.iter().find_map(|w| w.eta_seconds) {
            (p.eta_seconds, p.eta_told) = (Some(seconds), true);
        }
        p.state = self.wholes.iter().find_map(|w| w.word.clone());
        Some((p, name))
    }

    /// The source that stands for the whole, and when it last spoke.
    pub fn source(&self) -> Option<(Source, u64)> {
        let wholes = self.wholes.iter().map(|w| (w.source, w.at_ms));
        let parts = self.parts.iter().map(|p| (p.source, p.at_ms));
        let best = wholes.clone().chain(parts.clone()).map(|s| s.0).min()?;
        let at = wholes.chain(parts).filter(|s| s.0 == best).map(|s| s.1).max()?;
        Some((best, at))
    }

    /// Everything that was said: what of, by whom, when.
    pub fn lines(&self) -> Vec<(String, Source, u64)> {
        let wholes = self.wholes.iter().map(|w| {
            let mut said = Vec::new();
            said.extend(w.count.map(|(d, t)| format!("{d}/{t}")));
            said.extend(w.percent.map(|p| format!("{p:.0}%")));
            said.extend(w.eta_seconds.map(|s| format!("{s} s to go")));
            said.extend(w.word.clone());
            said.extend(w.current.clone());
            (format!("the whole: {}", said.join(", ")), w.source, w.at_ms)
        });
        let parts = self.parts.iter().map(|p| {
            let words = match &p.item {
                i if i.total == 0 => i.current.clone().unwrap_or_default(),
                i => format!("{}/{}", i.done, i.total),
            };
            (format!("{}: {words}", p.item.name), p.source, p.at_ms)
        });
        wholes.chain(parts).collect()
    }
}

/// Fills `done`, `total`, `percent` and `current` of the whole from what was told: the whole itself when it was, else the part that
/// is being worked on (of several the one with the most left), else all parts together.
fn sum_up(progress: &mut Progress, whole: Option<(u64, u64)>, last_item: Option<&str>) -> Option<String> {
    if let Some((done, total)) = whole {
        (progress.done, progress.total) = (Some(done), Some(total));
        progress.percent = percent(done, total);
        return None;
    }
    let counted = || progress.items.iter().filter(|i| i.total > 0);
    let item = counted()
        .find(|i| Some(i.name.as_str()) == last_item && i.done < i.total)
        .or_else(|| counted().filter(|i| i.done < i.total && i.done > 0).max_by_key(|i| i.total - i.done))
        .or_else(|| counted().max_by_key(|i| i.total))?;
    let (done, total) = counted().fold((0u64, 0u64), |(d, t), i| (d.saturating_add(i.done.min(i.total)), t.saturating_add(i.total)));
    let (name, count, current) = (item.name.clone(), (item.done, item.total), item.current.clone());
    progress.percent = percent(done, total);
    (progress.done, progress.total) = (Some(count.0), Some(count.1));
    progress.current = current;
    Some(name)
}

fn percent(done: u64, total: u64) -> Option<f64> {
    (total > 0).then(|| (done.min(total) as f64 * 1000.0 / total as f64).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, done: u64, total: u64) -> Step {
        let state = if done >= total { "done" } else { "working" };
        Step::Item(ProgressItem { name: name.into(), done, total, state: state.into(), ..ProgressItem::default() })
    }

    #[test]
    fn the_item_in_work_stands_for_the_whole() {
        let mut l = ProgressLedger::default();
        assert_eq!(l.tree(), None);
        assert_eq!(l.note(Source::Report, item("Files Analyzed", 52, 52), 1), Some("Files Analyzed 52/52".into()));
        l.note(Source::Report, item("Files Converted", 42, 52), 2);
        let (p, name) = l.tree().unwrap();
        assert_eq!((p.done, p.total, p.percent, name.as_deref()), (Some(42), Some(52), Some(90.4), Some("Files Converted")));
        // Another item that lies unfinished does not take its place when a third one was reported last.
        l.note(Source::Report, item("Interfaces Created", 14, 15), 3);
        l.note(Source::Report, item("Tests Passing", 42, 42), 4);
        assert_eq!(l.tree().unwrap().0.done, Some(42));
        l.note(Source::Report, Step::Count(4, 5), 5);
        let (p, name) = l.tree().unwrap();
        assert_eq!((p.done, p.total, p.percent, name), (Some(4), Some(5), Some(80.0), None));
    }

    #[test]
    fn a_better_source_stands_and_a_worse_one_fills_what_it_leaves_open() {
        let mut l = ProgressLedger::default();
        l.note(Source::Osc, Step::Percent(Some(10.0)), 1);
        assert_eq!(l.tree().unwrap().0.percent, Some(10.0));
        l.note(Source::Report, item("Files", 4, 8), 2);
        l.note(Source::Screen, item("files", 1, 9), 3);
        l.note(Source::Screen, Step::Percent(Some(70.0)), 3);
        l.note(Source::Screen, Step::Eta(480), 3);
        l.note(Source::Screen, Step::Current("a.rs".into()), 3);
        let (p, _) = l.tree().unwrap();
        assert_eq!((p.done, p.total, p.percent), (Some(4), Some(8), Some(50.0)));
        assert_eq!((p.eta_seconds, p.eta_told, p.current.as_deref(), p.items.len()), (Some(480), true, Some("a.rs"), 1));
        assert_eq!(l.source(), Some((Source::Report, 2)));
        l.note(Source::Osc, Step::Percent(None), 9);
        assert_eq!(l.lines().len(), 2);
    }

    #[test]
    fn a_percentage_that_is_said_beside_the_items_is_the_one_shown() {
        let mut l = ProgressLedger::default();
        l.note(Source::Screen, Step::Percent(Some(80.0)), 1);
        l.note(Source::Screen, item("Files Converted", 42, 52), 1);
        let (p, _) = l.tree().unwrap();
        assert_eq!((p.percent, p.done, p.total), (Some(80.0), Some(42), Some(52)));
    }
}
