//! What is pressed to interrupt or leave an agent. Must not know how keys become bytes.

use crate::base::Chord;
use std::fmt;
use std::str::FromStr;

/// One step of a key sequence in an agent file: a chord (`esc`, `ctrl+c`), or text to type (`text:/exit`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Press {
    /// A key with modifiers.
    Key(Chord),
    /// Text, without Enter.
    Text(String),
}

impl FromStr for Press {
    type Err = String;

    fn from_str(s: &str) -> Result<Press, String> {
        match s.strip_prefix("text:") {
            Some("") => Err("`text:` has no text".into()),
            Some(text) if text.chars().any(char::is_control) => Err("text must not hold control characters; name keys instead".into()),
            Some(text) => Ok(Press::Text(text.to_owned())),
            None => s.parse().map(Press::Key),
        }
    }
}

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Press::Key(chord) => chord.fmt(f),
            Press::Text(text) => write!(f, "text:{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_as_written() {
        for text in ["esc", "ctrl+c", "enter", "text:/exit"] {
            assert_eq!(text.parse::<Press>().unwrap().to_string(), text);
        }
        for bad in ["text:", "text:a\nb", "ctrl+", "escape"] {
            assert!(bad.parse::<Press>().is_err(), "{bad}");
        }
    }
}
