//! Lines of asciicast v3 (<https://docs.asciinema.org/manual/asciicast/v3/>): a header, then `[interval, code, data]`, the
//! interval in seconds since the event before. Must not know files.
//!
//! Our own facts stand in comments (`#ct ...`), which every player skips: when a segment begins, keyframes of the screen, and
//! how far in the terminal's stream the recording goes.

use crate::base::Size;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Longest line that is read, in bytes.
pub const MAX_LINE: usize = 16 << 20;

/// The terminal of a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
    /// `TERM` of the program.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// 3.
    pub version: u8,
    /// The terminal.
    pub term: Term,
    /// Seconds since the Unix epoch.
    #[serde(default)]
    pub timestamp: u64,
    /// Command line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// Name of the session.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Longest pause a player should keep, in seconds.
    #[serde(default)]
    pub idle_time_limit: f64,
}

/// Appends the header and when the segment begins.
pub fn write_header(out: &mut Vec<u8>, header: &Header, start_ms: u64) {
    if let Ok(json) = serde_json::to_vec(header) {
        out.extend(json);
    }
    out.extend(format!("\n#ct start {start_ms}\n").into_bytes());
}

/// Appends an event.
pub fn write_event(out: &mut Vec<u8>, interval_ms: u64, code: char, data: &str) {
    out.extend(format!("[{}.{:03}, \"{code}\", ", interval_ms / 1000, interval_ms % 1000).into_bytes());
    // Writing into a vector does not fail.
    let _ = serde_json::to_writer(&mut *out, data);
    out.extend(b"]\n");
}

/// Appends a keyframe: the next output event draws the same for players that know no keyframes.
pub fn write_key(out: &mut Vec<u8>, snapshot: &[u8]) {
    out.extend(b"#ct key ");
    out.extend(STANDARD.encode(snapshot).into_bytes());
    out.push(b'\n');
}

/// Appends how far in the terminal's stream the recording goes.
pub fn write_at(out: &mut Vec<u8>, offset: u64) {
    out.extend(format!("#ct at {offset}\n").into_bytes());
}

/// What a line is, as far as can be told without reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// An event: interval in milliseconds and code.
    Event(u64, u8),
    /// When the segment begins, milliseconds since the Unix epoch.
    Start(u64),
    /// A keyframe, still encoded.
    Key(&'a [u8]),
    /// How far in the stream.
    At(u64),
    /// Nothing of interest: header, comment, something damaged.
    Other,
}

/// Reads the beginning of a line (without its newline).
pub fn peek(line: &[u8]) -> Line<'_> {
    let number = |b: &[u8]| std::str::from_utf8(b).ok().and_then(|t| t.trim().parse::<u64>().ok());
    match line.first() {
        Some(b'[') => {
            let Some(comma) = line.iter().take(40).position(|b| *b == b',') else { return Line::Other };
            let seconds = line.get(1..comma).and_then(|b| std::str::from_utf8(b).ok()).and_then(|t| t.trim().parse::<f64>().ok());
            let code = line.iter().skip(comma).skip_while(|b| **b != b'"').nth(1);
            match (seconds, code) {
                // A line that was cut by a crash has no end.
                (Some(s), Some(code)) if line.last() == Some(&b']') => Line::Event((s.clamp(0.0, 1e9) * 1000.0).round() as u64, *code),
                _ => Line::Other,
            }
        }
        Some(b'#') => match line.strip_prefix(b"#ct ") {
            Some(rest) => {
                if let Some(n) = rest.strip_prefix(b"start ").and_then(number) {
                    Line::Start(n)
                } else if let Some(n) = rest.strip_prefix(b"at ").and_then(number) {
                    Line::At(n)
                } else {
                    rest.strip_prefix(b"key ").map_or(Line::Other, Line::Key)
                }
            }
            None => Line::Other,
        },
        _ => Line::Other,
    }
}

/// The data of an event line.
pub fn data(line: &[u8]) -> Option<String> {
    serde_json::from_slice::<(f64, Cow<'_, str>, Cow<'_, str>)>(line).ok().map(|e| e.2.into_owned())
}

/// The bytes of a keyframe.
pub fn key(encoded: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(encoded).ok()
}

/// The size in a resize event.
pub fn size(data: &str) -> Option<Size> {
    let (cols, rows) = data.split_once('x')?;
    Some(Size::new(cols.parse().ok()?, rows.parse().ok()?).clamped())
}

/// Bytes of a program as text: what is no UTF-8 becomes U+FFFD, a character that is not complete yet waits in `tail`.
pub fn decode(tail: &mut Vec<u8>, bytes: &[u8], out: &mut String) {
    let joined: Vec<u8>;
    let mut all = bytes;
    if !tail.is_empty() {
        tail.extend_from_slice(bytes);
        joined = std::mem::take(tail);
        all = &joined;
    }
    for chunk in all.utf8_chunks() {
        out.push_str(chunk.valid());
        let bad = chunk.invalid();
        if bad.is_empty() {
            continue;
        }
        let waits = std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none()) && all.ends_with(bad);
        if waits {
            tail.extend_from_slice(bad);
        } else {
            out.push('\u{FFFD}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_lines() {
        let mut out = Vec::new();
        let term = Term { cols: 80, rows: 24, kind: "xterm-256color".into() };
        let header = Header { version: 3, term, timestamp: 7, command: "vim".into(), title: "#1 a".into(), idle_time_limit: 2.0 };
        write_header(&mut out, &header, 7123);
        write_event(&mut out, 248, 'o', "\x1b[1mHi\r\n");
        write_event(&mut out, 61_005, 'r', "90x30");
        write_at(&mut out, 99);
        let text = String::from_utf8(out).unwrap();
        let want = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24,\"type\":\"xterm-256color\"},\"timestamp\":7,\"command\":\"vim\",\"title\":\"#1 a\",\
                    \"idle_time_limit\":2.0}\n#ct start 7123\n[0.248, \"o\", \"\\u001b[1mHi\\r\\n\"]\n[61.005, \"r\", \"90x30\"]\n#ct at 99\n";
        assert_eq!(text, want);
        let lines: Vec<Line<'_>> = text.lines().map(|l| peek(l.as_bytes())).collect();
        assert_eq!(lines, [Line::Other, Line::Start(7123), Line::Event(248, b'o'), Line::Event(61_005, b'r'), Line::At(99)]);
        assert_eq!(data(b"[0.248, \"o\", \"\\u001b[1mHi\\r\\n\"]").as_deref(), Some("\x1b[1mHi\r\n"));
        assert_eq!(peek(b"[0.248, \"o\", \"cut he"), Line::Other);
    }

    #[test]
    fn keyframes_and_sizes_round_trip() {
        let mut out = Vec::new();
        write_key(&mut out, b"\x00\xffscreen");
        let Line::Key(encoded) = peek(out.trim_ascii_end()) else { panic!("no keyframe") };
        assert_eq!(key(encoded).as_deref(), Some(&b"\x00\xffscreen"[..]));
        assert_eq!(size("90x30"), Some(Size::new(90, 30)));
        assert_eq!(size("x"), None);
    }

    proptest! {
        #[test]
        fn text_is_the_same_however_it_is_cut(text in "\\PC{0,40}", cuts in prop::collection::vec(1usize..6, 0..30)) {
            let (mut tail, mut out) = (Vec::new(), String::new());
            let mut rest = text.as_bytes();
            for n in cuts {
                let (a, b) = rest.split_at(n.min(rest.len()));
                decode(&mut tail, a, &mut out);
                rest = b;
            }
            decode(&mut tail, rest, &mut out);
            prop_assert_eq!(out, text);
            prop_assert!(tail.is_empty());
        }

        #[test]
        fn any_line_is_survived(line in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = (peek(&line), data(&line), key(&line));
        }
    }
}
