//! The program status protocol (OSC 7501, revision 0.4): a tree of records per terminal. Must not know terminals; it is handed
//! the payloads.
//!
//! Each report replaces the record of its id (none: the root). An id is a path of at most 8 parts; `clear` takes a record away and
//! all beneath it. When the program ends or a shell shows a new prompt, what worked or was blocked is dropped; `done` and
//! `error` stay.

use super::{Signal, Source};
use crate::base::text::safe_line;
use crate::wire::State;
use crate::wire::facts::SubAgent;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Records of one terminal.
const RECORDS: usize = 256;
/// Parts of an id.
const LEVELS: usize = 8;
/// Characters of a part.
const PART: usize = 64;
/// Bytes of a text as it is sent.
const TEXT: usize = 8192;

/// What a program says of itself or of a part of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing to do.
    Idle,
    /// Works.
    Working,
    /// Finished.
    Done,
    /// Needs somebody.
    Blocked,
    /// Failed.
    Error,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its id; empty for the root.
    pub id: String,
    /// The state.
    pub status: Status,
    /// `permission`, `question` or `auth` of a blocked one.
    pub kind: Option<String>,
    /// 0 to 100.
    pub percent: Option<u8>,
    /// What it is called, made safe.
    pub title: Option<String>,
    /// What it does, waits for or failed at, made safe.
    pub text: Option<String>,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// What a payload asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// This record in place of the one with its id.
    Set(Report),
    /// Take a record away and all beneath it.
    Clear(String),
}

impl Change {
    /// Reads a payload without the number (`state=working:msg=...`). Nothing when it is no report.
    pub fn parse(payload: &str, at_ms: u64) -> Option<Change> {
        let (mut state, mut id, mut kind, mut percent, mut title, mut text) = (None, String::new(), None, None, None, None);
        for part in payload.split(':') {
            let (key, value) = part.split_once('=')?;
            match key {
                "state" => state = Some(value),
                "id" => id = path(value)?,
                "kind" => kind = matches!(value, "permission" | "question" | "auth").then(|| value.to_owned()),
                "progress" => percent = value.parse::<u8>().ok().filter(|p| *p <= 100),
                "title" => title = decode(value),
                "msg" => text = decode(value),
                _ => {}
            }
        }
        let status = match state? {
            "idle" => Status::Idle,
            "working" => Status::Working,
            "done" => Status::Done,
            "blocked" => Status::Blocked,
            "error" => Status::Error,
            "clear" => return Some(Change::Clear(id)),
            _ => return None,
        };
        Some(Change::Set(Report { id, status, kind, percent, title, text, at_ms }))
    }
}

/// A path of parts that are not empty; nothing when it is none.
fn path(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some(String::new());
    }
    let mut parts = id.split('/');
    let fine = id.split('/').count() <= LEVELS && parts.all(|p| !p.is_empty() && p.chars().count() <= PART);
    fine.then(|| safe_line(id, LEVELS * (PART + 1)))
}

fn decode(value: &str) -> Option<String> {
    if value.len() > TEXT {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    let text = safe_line(&String::from_utf8_lossy(&bytes), 300);
    (!text.is_empty()).then_some(text)
}

/// The records of one terminal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusTree {
    records: BTreeMap<String, Report>,
}

impl StatusTree {
    /// Carries out what a payload asked for.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Clear(id) => self.records.retain(|k, _| !is_below(k, &id)),
            Change::Set(r) if self.records.len() < RECORDS || self.records.contains_key(&r.id) => {
                self.records.insert(r.id.clone(), r);
            }
            Change::Set(_) => {}
        }
    }

    /// The program ended, or a shell shows a new prompt. True when something was dropped.
    pub fn program_ended(&mut self) -> bool {
        let before = self.records.len();
        self.records.retain(|_, r| !matches!(r.status, Status::Working | Status::Blocked));
        self.records.len() < before
    }

    /// What the program says of itself.
    pub fn root(&self) -> Option<&Report> {
        self.records.get("")
    }

    /// The state of the root as a signal. An `error` is the end of a turn; the error itself is told apart.
    pub fn signal(&self) -> Option<Signal> {
        let r = self.root()?;
        let state = match r.status {
            Status::Idle | Status::Done | Status::Error => State::Idle,
            Status::Working => State::Working,
            Status::Blocked => State::Waiting,
        };
        Some(Signal { source: Source::Osc7501, state, text: r.text.clone(), kind: r.kind.clone(), at_ms: r.at_ms })
    }

    /// Parts of the work, parents before children.
    pub fn children(&self) -> impl Iterator<Item = SubAgent> {
        self.records.values().filter(|r| !r.id.is_empty()).map(|r| SubAgent {
            id: r.id.clone(),
            title: r.title.clone(),
            state: match r.status {
                Status::Idle => State::Idle,
                Status::Working => State::Working,
                Status::Done => State::Done,
                Status::Blocked => State::Waiting,
                Status::Error => State::Failed,
            },
            text: r.text.clone(),
            percent: r.percent.map(f64::from),
            at_ms: r.at_ms,
            source: Source::Osc7501.word().to_owned(),
        })
    }
}

/// Whether the record `id` is `root` or beneath it.
fn is_below(id: &str, root: &str) -> bool {
    root.is_empty() || id.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree(payloads: &[&str]) -> StatusTree {
        let mut t = StatusTree::default();
        for (i, p) in payloads.iter().enumerate() {
            if let Some(c) = Change::parse(p, i as u64) {
                t.apply(c);
            }
        }
        t
    }

    fn ids(t: &StatusTree) -> Vec<&str> {
        t.records.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_root_is_the_state_of_the_session() {
        let t = tree(&["state=blocked:kind=permission:msg=YXBwcm92ZSBCYXNo"]);
        let s = t.signal().unwrap();
        assert_eq!((s.state, s.kind.as_deref(), s.text.as_deref()), (State::Waiting, Some("permission"), Some("approve Bash")));
        assert_eq!(tree(&["state=working"]).signal().unwrap().state, State::Working);
        assert_eq!(tree(&["state=done"]).signal().unwrap().state, State::Idle);
        for none in ["nonsense", "state=huh", "kind=permission", "state=clear", "state=working:id=a", "state=working:id=a//b"] {
            assert_eq!(tree(&[none]).signal(), None, "{none}");
        }
    }

    #[test]
    fn a_report_replaces_its_record_and_a_clear_takes_all_beneath() {
        let mut t =
            tree(&["state=working", "state=working:id=a:title=SGVscGVy:progress=40", "state=blocked:id=a/b", "state=idle:id=ab", "state=done:id=a"]);
        assert_eq!(ids(&t), ["", "a", "a/b", "ab"]);
        let a = t.children().next().unwrap();
        assert_eq!((a.state, a.title, a.percent), (State::Done, None, None), "replaced, not merged");
        t.apply(Change::parse("state=clear:id=a", 9).unwrap());
        assert_eq!(ids(&t), ["", "ab"]);
        t.apply(Change::parse("state=clear", 9).unwrap());
        assert_eq!(ids(&t), [""; 0]);
    }

    #[test]
    fn what_was_under_way_ends_with_the_program() {
        let mut t = tree(&["state=working", "state=done:id=a", "state=blocked:id=b", "state=error:id=c"]);
        assert!(t.program_ended());
        assert_eq!(ids(&t), ["a", "c"]);
        assert!(!t.program_ended());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_payload_breaks_the_bounds(payloads in prop::collection::vec("(state=(idle|working|blocked|clear|x)|id=[a-c/]{0,12}|progress=[0-9]{1,4}|msg=[A-Za-z=]{0,8}){1}(:(state=(done|error|clear)|id=[a-z]{1,3}(/[a-z]){0,9}|title=[A-Za-z]{4})){0,3}", 0..400)) {
            let mut t = StatusTree::default();
            for p in &payloads {
                if let Some(c) = Change::parse(p, 1) {
                    t.apply(c);
                }
            }
            prop_assert!(t.records.len() <= RECORDS);
            for c in t.children() {
                prop_assert!(c.id.split('/').count() <= LEVELS && c.percent.is_none_or(|p| p <= 100.0));
            }
        }
    }
}
