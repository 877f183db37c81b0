//! The two messages on the way of every key, small and quick to read: a key for a pane, and a frame that is on the screen.
//! They say what [`ClientMsg`] says in JSON, in postcard; a server takes both forms. Must not know sockets.

use super::message::{ClientMsg, PaneInput};
use crate::base::{Key, SessionId};
use serde::{Deserialize, Serialize};

/// As it is written. The order of the variants is the format.
#[derive(Serialize)]
enum Out<'a> {
    Key { session: &'a SessionId, key: &'a Key },
    Ack { seq: u64 },
}

/// As it is read.
#[derive(Deserialize)]
enum In {
    Key { session: SessionId, key: Key },
    Ack { seq: u64 },
}

/// The short form of a message, for those that have one.
pub fn encode(message: &ClientMsg) -> Option<Vec<u8>> {
    let out = match message {
        ClientMsg::Input { session, input: PaneInput::Key { key } } => Out::Key { session, key },
        ClientMsg::Ack { seq } => Out::Ack { seq: *seq },
        _ => return None,
    };
    // Nearly all fit in this.
    postcard::to_extend(&out, Vec::with_capacity(64)).ok()
}

/// Reads the short form.
///
/// # Errors
/// When the bytes are none.
pub fn decode(payload: &[u8]) -> Result<ClientMsg, postcard::Error> {
    Ok(match postcard::from_bytes(payload)? {
        In::Key { session, key } => ClientMsg::Input { session, input: PaneInput::Key { key } },
        In::Ack { seq } => ClientMsg::Ack { seq },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{KeyCode, KeyKind, Mods};
    use proptest::prelude::*;

    #[test]
    fn a_key_with_all_it_can_carry_comes_back() {
        let key = Key {
            code: KeyCode::Char('ä'),
            mods: Mods::SHIFT | Mods::HYPER,
            kind: KeyKind::Repeat,
            shifted: Some('Ä'),
            base: Some('\''),
            text: Some("Ä".into()),
        };
        for key in [key, Key::char('a'), Key::new(KeyCode::Functional(57399), Mods::empty())] {
            let message = ClientMsg::Input { session: SessionId::random(), input: PaneInput::Key { key } };
            let bytes = encode(&message).unwrap();
            assert!(bytes.len() < 40, "{}", bytes.len());
            assert_eq!(decode(&bytes).unwrap(), message);
            assert_eq!(serde_json::from_slice::<ClientMsg>(&serde_json::to_vec(&message).unwrap()).unwrap(), message);
        }
        let ack = ClientMsg::Ack { seq: u64::MAX };
        assert_eq!(decode(&encode(&ack).unwrap()).unwrap(), ack);
    }

    #[test]
    fn golden_bytes() {
        let session: SessionId = "abcdefghij".parse().unwrap();
        let key = ClientMsg::Input { session, input: PaneInput::Key { key: Key::char('a') } };
        // Another form of these needs another `ROWS_VERSION`.
        assert_eq!(encode(&key).unwrap(), b"\0\x0aabcdefghij\0\x01a\0\0\0\0\0");
        assert_eq!(encode(&ClientMsg::Ack { seq: 300 }).unwrap(), [1, 0xAC, 2]);
    }

    #[test]
    fn the_others_have_none() {
        assert_eq!(encode(&ClientMsg::Focus { on: true }), None);
        let paste = PaneInput::Paste { text: "a".into(), last: true };
        assert_eq!(encode(&ClientMsg::Input { session: SessionId::random(), input: paste }), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
