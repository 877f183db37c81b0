//! Measured speed of a task and what it says of the time to go. Must not guess: no figure without enough samples.

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

    /// The same at the highest and the lowest rate measured over all samples, the newer half and the newest quarter of them.
    pub fn eta_range(&self, left: u64) -> Option<(u64, u64)> {
        let whole = self.per_minute().filter(|r| *r > 0.0)?;
        let n = self.samples.len();
        let since = |skip: usize| {
            let (first, last) = (self.samples.get(skip)?, self.samples.back()?);
            let span = last.0.saturating_sub(first.0);
            (n - skip >= 3 && span >= Self::MIN_SPAN_MS).then(|| (last.1 - first.1) as f64 * 60_000.0 / span as f64)
        };
        let rates = [Some(whole), since(n / 2), since(n - n / 4)].into_iter().flatten().filter(|r| *r > 0.0);
        let (low, high) = rates.fold((f64::MAX, 0.0f64), |(l, h), r| (l.min(r), h.max(r)));
        let seconds = |rate: f64| (left as f64 * 60.0 / rate).ceil() as u64;
        Some((seconds(high), seconds(low)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_time_to_go_is_a_range_of_the_rates_seen() {
        let mut r = Rate::default();
        // Ten items a second apart, then ten of them four seconds apart.
        for i in 0..=10 {
            r.note(None, i, i * 1_000);
        }
        assert_eq!(r.eta_range(60), Some((60, 60)));
        for i in 1..=10 {
            r.note(None, 10 + i, 10_000 + i * 4_000);
        }
        let (low, high) = r.eta_range(60).unwrap();
        assert!(low < high && high == 240 && low == r.eta_seconds(60).unwrap(), "{low} {high}");
    }
}
