//! The only way text of a person or script gets to a program: nothing in it can act as a key or end the paste early.
//! Must not know where the text comes from.
//!
//! Control characters that a line editor would obey become a space; ESC and C1 too, so that no sequence gets out; LF and CR LF
//! become CR, and so do the separators of lines and paragraphs (U+2028, U+2029). In a bracketed paste (2004) the whole is
//! wrapped; without brackets a newline would be Enter, so such text is refused and the caller asks, then sends it line by line.

use super::modes::Modes;

/// Why a text was not encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// The text has a newline and the program did not turn bracketed paste on: each newline would act as Enter.
    #[error("the program does not take pastes of several lines (bracketed paste is off)")]
    NeedsBracketed,
}

/// Text for a program, possibly in several chunks: [`Paste::begin`], any number of [`Paste::chunk`], [`Paste::end`].
#[derive(Debug, Clone)]
pub struct Paste {
    bracketed: bool,
    /// A CR ended the last chunk: an LF at the start of the next belongs to it.
    after_cr: bool,
}

impl Paste {
    /// Starts a paste for a program in these modes.
    pub fn begin(modes: &Modes, out: &mut Vec<u8>) -> Paste {
        if modes.bracketed_paste {
            out.extend(b"\x1b[200~");
        }
        Paste { bracketed: modes.bracketed_paste, after_cr: false }
    }

    /// Adds a piece. Tabs stay; what could act becomes a space.
    ///
    /// # Errors
    /// [`PasteError::NeedsBracketed`] at a newline without brackets; nothing of the chunk is written then.
    pub fn chunk(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), PasteError> {
        if !self.bracketed && text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return Err(PasteError::NeedsBracketed);
        }
        out.reserve(text.len());
        for c in text.chars() {
            match c {
                '\n' if self.after_cr => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(b'\r'),
                '\t' => out.push(b'\t'),
                '\u{80}'..='\u{9f}' => {}
                c if c.is_control() => out.push(b' '),
                c => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            self.after_cr = c == '\r';
        }
        Ok(())
    }

    /// Ends the paste.
    pub fn end(self, out: &mut Vec<u8>) {
        if self.bracketed {
            out.extend(b"\x1b[201~");
        }
    }
}

/// Encodes a whole text at once. Enter is not part of it: it is a write of its own, later.
///
/// # Errors
/// [`PasteError::NeedsBracketed`] when the text has a newline and mode 2004 is off; `out` is as it was then.
pub fn encode_paste(text: &str, modes: &Modes, out: &mut Vec<u8>) -> Result<(), PasteError> {
    let before = out.len();
    let mut paste = Paste::begin(modes, out);
    if let Err(e) = paste.chunk(text, out) {
        out.truncate(before);
        return Err(e);
    }
    paste.end(out);
    Ok(())
}

/// Encodes a text of several lines as if it was typed, an Enter after each: for a program without bracketed paste, when a person
/// has said so.
pub fn encode_typed(text: &str, out: &mut Vec<u8>) {
    // The one thing a chunk can be refused for is a newline outside of brackets.
    let _ = Paste { bracketed: true, after_cr: false }.chunk(text, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ON: Modes = Modes {
        bracketed_paste: true,
        app_cursor: false,
        app_keypad: false,
        focus: false,
        mouse: crate::term::MouseProtocol::Off,
        mouse_encoding: crate::term::MouseEncoding::Default,
        alt_screen: false,
        alternate_scroll: false,
        kitty_flags: 0,
        modify_other_keys: 0,
        sync: None,
        newline: false,
        backarrow_bs: false,
        reverse_screen: false,
        grapheme_clusters: false,
        color_scheme_updates: false,
        in_band_resize: false,
    };

    fn enc(text: &str, modes: &Modes) -> Result<String, PasteError> {
        let mut out = Vec::new();
        encode_paste(text, modes, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_attack_stays_text() {
        let got = enc("safe\x1b[201~\rtouch X\r", &ON).unwrap();
        assert_eq!(got, "\x1b[200~safe [201~\rtouch X\r\x1b[201~");
        assert_eq!(enc("a\r\nb\nc\u{9b}d\x03", &ON).unwrap(), "\x1b[200~a\rb\rcd \x1b[201~");
        assert_eq!(enc("one line\t中", &Modes::default()).unwrap(), "one line\t中");
        assert_eq!(enc("a\u{2028}b", &ON).unwrap(), "\x1b[200~a\rb\x1b[201~");
        assert_eq!(enc("a\u{2029}b", &Modes::default()), Err(PasteError::NeedsBracketed));
        assert_eq!(enc("a\nb", &Modes::default()), Err(PasteError::NeedsBracketed));
    }

    proptest! {
        #[test]
        fn nothing_gets_out_of_a_paste(text in any::<String>(), evil in prop::collection::vec(prop::sample::select(vec!["\x1b", "[201~", "\u{9b}", "201~", "\r", "\n", "\x03", "\0", "x"]), 0..30), cut in 0usize..60) {
            let text = format!("{text}{}", evil.concat());
            let at = (0..=cut.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let mut out = Vec::new();
            let mut paste = Paste::begin(&ON, &mut out);
            paste.chunk(&text[..at], &mut out).unwrap();
            paste.chunk(&text[at..], &mut out).unwrap();
            paste.end(&mut out);
            let body = &out[6..out.len() - 6];
            prop_assert!(out.starts_with(b"\x1b[200~") && out.ends_with(b"\x1b[201~"));
            prop_assert!(!body.iter().any(|b| (*b < 0x20 && *b != b'\r' && *b != b'\t') || *b == 0x7F));
            let c1 = std::str::from_utf8(body).unwrap().chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c));
            prop_assert!(!c1);
            // In chunks or at once, it is the same.
            let whole = enc(&text, &ON).unwrap();
            prop_assert_eq!(out.as_slice(), whole.as_bytes());
            let mut typed = Vec::new();
            encode_typed(&text, &mut typed);
            prop_assert_eq!(typed.as_slice(), body);
            if let Ok(plain) = enc(&text, &Modes::default()) {
                prop_assert!(!plain.contains(['\r', '\n', '\x1b']));
            }
        }
    }
}
