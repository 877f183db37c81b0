//! Counts of tests, suite by suite. A suite that runs again replaces what it said before. Must not know what prints them.

use super::said::Said;
use std::collections::{BTreeMap, BTreeSet};

/// Suites of one session.
const SUITES: usize = 256;
/// Names of failed tests kept of all.
const FAILED: usize = 256;

#[derive(Debug, Clone, Default, PartialEq)]
struct Suite {
    passed: u64,
    failed: u64,
    total: u64,
    /// Names that failed in this run.
    names: BTreeSet<String>,
    /// Names that failed in the run before.
    before: BTreeSet<String>,
}

/// The counts so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    suites: BTreeMap<String, Suite>,
    current: String,
    last_failed: Option<String>,
}

impl Counter {
    /// A suite begins.
    pub fn suite(&mut self, name: Option<&str>, total: Option<u64>) {
        if let Some(name) = name {
            self.current = name.chars().take(120).collect();
            let s = self.here();
            let before = std::mem::take(&mut s.names);
            *s = Suite { before, ..Suite::default() };
        }
        if let Some(total) = total {
            self.here().total = total;
        }
    }

    fn here(&mut self) -> &mut Suite {
        if self.suites.len() >= SUITES && !self.suites.contains_key(&self.current) {
            self.suites.pop_first();
        }
        self.suites.entry(self.current.clone()).or_default()
    }

    /// A test passed.
    pub fn passed(&mut self, name: Option<&str>) -> Option<Said> {
        let s = self.here();
        s.passed += 1;
        let fixed = name.filter(|n| s.before.remove(*n) || s.names.remove(*n));
        fixed.map(|n| Said::TestPassed(n.to_owned()))
    }

    /// A test failed.
    pub fn failed(&mut self, name: &str, issue: Option<String>, place: Option<(String, u64)>) -> Said {
        let room = self.suites.values().map(|s| s.names.len()).sum::<usize>() < FAILED;
        let s = self.here();
        let again = s.before.contains(name);
        if room && s.names.insert(name.to_owned()) {
            s.failed += 1;
        }
        self.last_failed = Some(name.to_owned());
        Said::TestFailed { name: name.to_owned(), issue, place, again }
    }

    /// More of a test that failed.
    pub fn detail(&mut self, name: Option<&str>, issue: Option<String>, place: Option<(String, u64)>) -> Option<Said> {
        let name = name.map(str::to_owned).or_else(|| self.last_failed.clone())?;
        let known = self.suites.values().any(|s| s.names.contains(&name));
        known.then_some(Said::TestFailed { name, issue, place, again: false })
    }

    /// The counts of the suite, as its end says them.
    pub fn sum(&mut self, suite: Option<&str>, passed: Option<u64>, failed: Option<u64>, total: Option<u64>) -> Vec<Said> {
        if let Some(name) = suite {
            // The cases came before the name of their suite.
            let name: String = name.chars().take(120).collect();
            if let Some(cases) = self.suites.remove(&self.current).filter(|_| self.current != name) {
                let before = self.suites.remove(&name).map(|s| s.names).unwrap_or_default();
                self.suites.insert(name.clone(), Suite { before, ..cases });
            }
            self.current.clear();
            let s = self.suites.entry(name).or_default();
            return Self::end(s, passed, failed, total);
        }
        Self::end(self.here(), passed, failed, total)
    }

    fn end(s: &mut Suite, passed: Option<u64>, failed: Option<u64>, total: Option<u64>) -> Vec<Said> {
        s.passed = passed.unwrap_or(s.passed);
        s.failed = failed.unwrap_or(s.failed);
        s.total = total.unwrap_or(s.passed + s.failed);
        // What had failed and does not any more.
        let gone: Vec<String> = s.before.difference(&s.names).cloned().collect();
        s.before.clear();
        gone.into_iter().map(Said::TestPassed).collect()
    }

    /// The counts over all suites.
    pub fn tests(&self) -> Option<Said> {
        let sum = |f: fn(&Suite) -> u64| self.suites.values().map(f).fold(0u64, u64::saturating_add);
        let (passed, failed) = (sum(|s| s.passed), sum(|s| s.failed));
        let total = sum(|s| s.total.max(s.passed + s.failed));
        (total > 0).then_some(Said::Tests { passed, failed, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_runs_again_replaces_its_counts_and_mends_its_failures() {
        let mut c = Counter::default();
        c.suite(Some("unit"), Some(3));
        c.passed(Some("a"));
        c.failed("b", None, None);
        assert_eq!(c.tests(), Some(Said::Tests { passed: 1, failed: 1, total: 3 }));
        assert_eq!(c.sum(None, Some(2), Some(1), None), []);
        c.suite(Some("other"), None);
        c.sum(None, Some(5), Some(0), None);
        c.suite(Some("unit"), Some(3));
        assert!(matches!(c.failed("b", None, None), Said::TestFailed { again: true, .. }));
        c.suite(Some("unit"), Some(3));
        assert_eq!(c.passed(Some("b")), Some(Said::TestPassed("b".into())));
        c.sum(None, Some(3), Some(0), None);
        assert_eq!(c.tests(), Some(Said::Tests { passed: 8, failed: 0, total: 8 }));
    }

    #[test]
    fn a_suite_may_be_named_at_its_end() {
        let mut c = Counter::default();
        c.passed(Some("TestA"));
        c.failed("TestB", None, None);
        c.sum(Some("example.com/p"), None, None, None);
        c.passed(Some("TestA"));
        assert_eq!(c.sum(Some("example.com/p"), None, None, None), [Said::TestPassed("TestB".into())]);
        assert_eq!(c.tests(), Some(Said::Tests { passed: 1, failed: 0, total: 1 }));
    }
}
