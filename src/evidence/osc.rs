//! States that a program's own escape sequences tell: OSC 7501 (Program Status Protocol, revision 0.4) and OSC 9;4 progress.
//! Must not know terminals; it is handed the payloads.

use super::{Signal, Source};
use crate::wire::State;
use base64::Engine as _;

/// Reads the payload of an OSC 7501 report of the root record (`state=working:msg=...`). Records of children (`id=`) and `clear`
/// give nothing.
pub fn parse_program_status(payload: &str, at_ms: u64) -> Option<Signal> {
    let mut state = None;
    let mut kind = None;
    let mut text = None;
    for part in payload.split(':') {
        let (key, value) = part.split_once('=')?;
        match key {
            "state" => {
                state = match value {
                    "idle" | "done" => Some(State::Idle),
                    "working" => Some(State::Working),
                    "blocked" => Some(State::Waiting),
                    "error" => Some(State::Idle),
                    _ => None,
                }
            }
            "kind" => kind = Some(value.chars().take(32).collect()),
            "msg" => text = decode(value),
            "id" if !value.is_empty() => return None,
            _ => {}
        }
    }
    Some(Signal { source: Source::Osc7501, state: state?, text, kind, at_ms })
}

/// The `msg` of an `error` report, which is an error of the session and not a state of its own. The inner value is `None` when it
/// says nothing more.
pub fn program_error(payload: &str) -> Option<Option<String>> {
    let mut parts = payload.split(':');
    let error = parts.clone().any(|p| p == "state=error") && !parts.clone().any(|p| p.starts_with("id="));
    error.then(|| parts.find_map(|p| p.strip_prefix("msg=")).and_then(decode))
}

fn decode(value: &str) -> Option<String> {
    if value.len() > 8192 {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    Some(crate::base::text::safe_line(&String::from_utf8_lossy(&bytes), 300))
}

/// What OSC 9;4 says of the state: 0 removes progress (the turn is over), 1 and 3 work, 2 is an error, 4 a pause or warning.
pub fn progress_signal(state: u8, at_ms: u64) -> Option<Signal> {
    let state = match state {
        0 => State::Idle,
        1 | 3 => State::Working,
        _ => return None,
    };
    Some(Signal { source: Source::Osc, state, text: None, kind: None, at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_the_root_record_are_states() {
        let s = parse_program_status("state=blocked:kind=permission:msg=YXBwcm92ZSBCYXNo", 9).unwrap();
        assert_eq!((s.state, s.kind.as_deref(), s.text.as_deref()), (State::Waiting, Some("permission"), Some("approve Bash")));
        assert_eq!(parse_program_status("state=working", 9).unwrap().state, State::Working);
        assert_eq!(parse_program_status("state=working:id=a/b", 9), None);
        assert_eq!(parse_program_status("state=clear", 9), None);
        assert_eq!(parse_program_status("nonsense", 9), None);
        assert_eq!(program_error("state=error:msg=Ym9vbQ=="), Some(Some("boom".to_owned())));
        assert_eq!(program_error("state=error"), Some(None));
        assert_eq!(program_error("state=error:id=a"), None);
    }
}
