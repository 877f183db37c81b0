//! Identities. Must not know what they identify.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

/// Stable id of a session: ten characters of `[a-z0-9]`, made by us, safe in a path.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; SessionId::LEN]);

impl SessionId {
    /// Length of every id, in bytes.
    pub const LEN: usize = 10;

    /// A new random id (the standard library's per-call random hash keys; uniqueness matters here, secrecy does not).
    pub fn random() -> SessionId {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut bits = u128::from(random_u64()) << 64 | u128::from(random_u64());
        SessionId(std::array::from_fn(|_| {
            let letter = ALPHABET[(bits % 36) as usize];
            bits /= 36;
            letter
        }))
    }

    /// The ten characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// 64 random bits.
pub fn random_u64() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SessionId {
    type Err = String;
    fn from_str(s: &str) -> Result<SessionId, String> {
        match s.as_bytes().try_into() {
            Ok(id) if s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) => Ok(SessionId(id)),
            _ => Err(format!("`{}` is not a session id", super::text::safe_line(s, 40))),
        }
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({:?})", self.as_str())
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<SessionId, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = SessionId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a session id")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<SessionId, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Text)
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
