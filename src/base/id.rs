//! Identities. Must not know what they identify.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;
use std::sync::Arc;

/// Stable id of a session: ten characters of `[a-z0-9]`, made by us, safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// Length of every id, in bytes.
    pub const LEN: usize = 10;

    /// A new random id (the standard library's per-call random hash keys; uniqueness matters here, secrecy does not).
    pub fn random() -> SessionId {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut bits = u128::from(random_u64()) << 64 | u128::from(random_u64());
        let mut text = String::with_capacity(Self::LEN);
        for _ in 0..Self::LEN {
            text.push(ALPHABET[(bits % 36) as usize] as char);
            bits /= 36;
        }
        SessionId(text.into())
    }

    /// The ten characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 64 random bits.
pub fn random_u64() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SessionId {
    type Err = String;
    fn from_str(s: &str) -> Result<SessionId, String> {
        if s.len() == Self::LEN && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            Ok(SessionId(s.into()))
        } else {
            Err(format!("`{}` is not a session id", super::text::safe_line(s, 40)))
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = String;
    fn try_from(s: String) -> Result<SessionId, String> {
        s.parse()
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> String {
        id.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_differ() {
        let a = SessionId::random();
        assert_ne!(a, SessionId::random());
        assert_eq!(a.as_str().parse::<SessionId>().as_ref(), Ok(&a));
        assert!("../../etc/p".parse::<SessionId>().is_err());
    }
}
