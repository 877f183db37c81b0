//! Measured speed of a task and what it says of the time to go. Must not guess: no figure without enough samples.

use crate::wire::facts::Progress;
use std::collections::VecDeque;

/// Times at which so many items were done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rate {
    samples: VecDeque<(u64, u64)>,
    item: Option<String>,
}

impl Rate {
    const SAMPLES: usize = 64;
    /// Span of time below which a rate would be noise, milliseconds.
    const MIN_SPAN_MS: u64 = 3_000;

    /// Notes that `done` items of `item` were done at `worked_ms` (time of work, pauses left out).
    pub fn note(&mut self, item: Option<&str>, done: u64, worked_ms: u64) {
        if self.item.as_deref() != item || self.samples.back().is_some_and(|s| s.1 > done) {
            self.samples.clear();
            self.item = item.map(str::to_owned);
        }
        if self.samples.back().is_some_and(|s| s.1 == done) {
            return;
        }
        self.samples.push_back((worked_ms, done));
        if self.samples.len() > Self::SAMPLES {
            self.samples.pop_front();
        }
    }

    /// Items per minute, when at least three samples over three seconds say so.
    pub fn per_minute(&self) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let span = last.0.saturating_sub(first.0);
        if self.samples.len() < 3 || span < Self::MIN_SPAN_MS {
            return None;
        }
        Some((last.1 - first.1) as f64 * 60_000.0 / span as f64)
    }

    /// Seconds for `left` more items.
    pub fn eta_seconds(&self, left: u64) -> Option<u64> {
        let per_minute = self.per_minute().filter(|r| *r > 0.0)?;
        Some((left as f64 * 60.0 / per_minute).ceil() as u64)
    }
}

/// Fills `done`, `total`, `percent` and `current` of the whole from what was reported: the whole itself when it was, else the
/// item that is being worked on (of several the one with the most left), else all items together.
pub fn sum_up(progress: &mut Progress, whole: Option<(u64, u64)>, last_item: Option<&str>) -> Option<String> {
    if let Some((done, total)) = whole {
        (progress.done, progress.total) = (Some(done), Some(total));
        progress.percent = percent(done, total);
        return None;
    }
    let item = progress
        .items
        .iter()
        .find(|i| Some(i.name.as_str()) == last_item && i.done < i.total)
        .or_else(|| progress.items.iter().filter(|i| i.done < i.total && i.done > 0).max_by_key(|i| i.total - i.done))
        .or_else(|| progress.items.iter().max_by_key(|i| i.total));
    let (Some(item), counted) = (item, progress.items.iter().filter(|i| i.total > 0)) else { return None };
    let (done, total) = counted.fold((0, 0), |(d, t), i| (d + i.done.min(i.total), t + i.total));
    progress.percent = percent(done, total);
    (progress.done, progress.total) = (Some(item.done), Some(item.total));
    progress.current = item.current.clone().or(progress.current.take());
    Some(item.name.clone())
}

fn percent(done: u64, total: u64) -> Option<f64> {
    (total > 0).then(|| (done.min(total) as f64 * 1000.0 / total as f64).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::facts::ProgressItem;

    #[test]
    fn no_rate_without_evidence() {
        let mut r = Rate::default();
        assert_eq!(r.per_minute(), None);
        r.note(None, 1, 0);
        r.note(None, 2, 1_000);
        assert_eq!(r.eta_seconds(10), None);
        r.note(None, 4, 6_000);
        assert_eq!(r.per_minute(), Some(30.0));
        assert_eq!(r.eta_seconds(10), Some(20));
        r.note(None, 1, 9_000);
        assert_eq!(r.per_minute(), None, "it began anew");
    }

    #[test]
    fn the_item_in_work_stands_for_the_whole() {
        let item = |name: &str, done, total| ProgressItem { name: name.into(), done, total, ..ProgressItem::default() };
        let mut p = Progress { items: vec![item("Files Analyzed", 52, 52), item("Files Converted", 42, 52)], ..Progress::default() };
        assert_eq!(sum_up(&mut p, None, Some("Files Converted")), Some("Files Converted".into()));
        assert_eq!((p.done, p.total, p.percent), (Some(42), Some(52), Some(90.4)));
        // Another item that lies unfinished does not take its place when a third one was reported last.
        p.items.insert(1, item("Interfaces Created", 14, 15));
        p.items.push(item("Tests Passing", 42, 42));
        assert_eq!(sum_up(&mut p, None, Some("Tests Passing")), Some("Files Converted".into()));
        assert_eq!((p.done, p.total), (Some(42), Some(52)));
        sum_up(&mut p, Some((4, 5)), None);
        assert_eq!((p.done, p.total, p.percent), (Some(4), Some(5), Some(80.0)));
    }
}
