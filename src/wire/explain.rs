//! Why a session has the state and the progress it has: what `sessions explain` shows. Fields are added, never changed. Must not
//! know how evidence is weighed.

use super::facts::State;
use crate::base::SessionId;
use serde::{Deserialize, Serialize};

/// One live signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalFact {
    /// Where it came from: a word of `Evidence::source`.
    pub source: String,
    /// The same for people.
    pub title: String,
    /// The state it speaks for.
    pub state: State,
    /// `permission`, `question`, `auth` of a waiting one.
    #[serde(default)]
    pub kind: Option<String>,
    /// What it says besides.
    #[serde(default)]
    pub text: Option<String>,
    /// How old it is, milliseconds.
    pub age_ms: u64,
    /// 0 to 1, of this source alone.
    pub confidence: f64,
    /// It decides.
    pub won: bool,
    /// The source it lost against.
    #[serde(default)]
    pub lost_to: Option<String>,
    /// It says something else than the one that won.
    #[serde(default)]
    pub differs: bool,
    /// It differs, is newer, and makes the verdict less sure.
    #[serde(default)]
    pub contradicts: bool,
}

/// A verdict of before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastFact {
    /// When (RFC 3339).
    pub time: String,
    /// How long ago, milliseconds.
    pub age_ms: u64,
    /// The state.
    pub state: State,
    /// The source that said so.
    pub source: String,
    /// What it said besides.
    #[serde(default)]
    pub text: Option<String>,
    /// 0 to 1.
    pub confidence: f64,
}

/// Something said of the progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgressFact {
    /// What.
    pub what: String,
    /// Who said so.
    pub source: String,
    /// How long ago, milliseconds.
    pub age_ms: u64,
}

/// Why a session is what it is shown as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The session.
    pub id: SessionId,
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The state shown.
    pub state: State,
    /// The verdict as one sentence.
    pub verdict: String,
    /// 0 to 1; 0 when no source has spoken.
    pub confidence: f64,
    /// It is a guess more than a fact.
    pub unsure: bool,
    /// Every live signal, the one that won first.
    pub signals: Vec<SignalFact>,
    /// What was said of the progress.
    #[serde(default)]
    pub progress: Vec<ProgressFact>,
    /// The last verdicts, oldest first.
    #[serde(default)]
    pub history: Vec<PastFact>,
}
