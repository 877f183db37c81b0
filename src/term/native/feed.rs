//! From bytes to actions: text runs and ordinary control sequences are read right here, everything else goes through vte.
//! Must not know what the actions do.
//!
//! vte 0.15 is the parser of escape and control sequences. Three things go past it: text in the ground state (in runs),
//! complete control sequences of the usual form ([`args::scan`]), and strings (OSC, DCS, APC, PM, SOS): vte would collect an
//! unterminated OSC without end and cuts one at 16 fields; here each kind has its limit, the rest is swallowed and counted.
//! A string that does not end within [`MAX_STRING`] is given up: the pane must not stay mute for ever.

use super::args::{self, Args};
use super::state::State;
use crate::term::osc;
use serde::{Deserialize, Serialize};

/// Bytes after which an unterminated string is taken for an accident.
const MAX_STRING: usize = 8 << 20;
/// Bytes of a DCS that are looked at.
const MAX_DCS: usize = 1024;
/// Bytes of an unfinished sequence that are remembered for a snapshot.
const MAX_PENDING: usize = 256;

/// Strings by their introducer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Osc,
    Dcs,
    /// APC, PM, SOS: never looked at.
    Other,
}

/// Where the parser stands between two bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Phase {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// In an escape or control sequence; its bytes since ESC, without control characters that were obeyed.
    Sequence(Vec<u8>),
    /// In a string; what was kept of it, and how long it is.
    Text(Kind, Vec<u8>, usize),
}

/// The reader of the stream.
#[derive(Default)]
pub(crate) struct Reader {
    vte: vte::Parser,
    pub phase: Phase,
    /// The start of a character that was cut.
    pub partial: Vec<u8>,
}

/// Passes what vte finds on to the state.
struct Performer<'a>(&'a mut State);

impl vte::Perform for Performer<'_> {
    fn execute(&mut self, byte: u8) {
        self.0.control(byte);
    }

    fn csi_dispatch(&mut self, params: &vte::Params, intermediates: &[u8], ignore: bool, action: char) {
        if let (Some(args), false) = (Args::from_vte(params, intermediates), ignore && action != 'm') {
            self.0.csi(&args, action as u8);
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], ignore: bool, byte: u8) {
        if !ignore {
            self.0.escape(intermediates, byte);
        }
    }
}

/// Length of the run of printable ASCII at the start of `bytes`.
#[inline]
fn ascii_run(bytes: &[u8]) -> usize {
    let mut n = 0;
    for block in bytes.chunks_exact(16) {
        // Printable is 0x20 to 0x7E; without a branch the compiler does all 16 at once.
        if !block.iter().fold(true, |ok, b| ok & (b.wrapping_sub(0x20) < 0x5F)) {
            break;
        }
        n += 16;
    }
    n + bytes[n..].iter().take_while(|b| b.wrapping_sub(0x20) < 0x5F).count()
}

/// What stands at the start of bytes that do not begin with ASCII.
pub(crate) enum Decoded {
    /// A character and its length.
    Char(char, usize),
    /// So many bytes that are no character.
    Bad(usize),
    /// The start of a character; more bytes are needed.
    Cut,
}

/// Reads the character at the start of bytes that do not begin with ASCII.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    // What is surely a character is read by hand; the standard library judges the rest.
    match *bytes {
        [a @ 0xC2..=0xDF, b @ 0x80..=0xBF, ..] => {
            let code = u32::from(a & 0x1F) << 6 | u32::from(b & 0x3F);
            return char::from_u32(code).map_or(Decoded::Bad(1), |c| Decoded::Char(c, 2));
        }
        [a @ 0xE1..=0xEC, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..] => {
            let code = u32::from(a & 0x0F) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F);
            return char::from_u32(code).map_or(Decoded::Bad(1), |c| Decoded::Char(c, 3));
        }
        [a @ 0xF0..=0xF3, b @ 0x90..=0xBF, c @ 0x80..=0xBF, d @ 0x80..=0xBF, ..] => {
            let code = u32::from(a & 0x07) << 18 | u32::from(b & 0x3F) << 12 | u32::from(c & 0x3F) << 6 | u32::from(d & 0x3F);
            return char::from_u32(code).map_or(Decoded::Bad(1), |c| Decoded::Char(c, 4));
        }
        [a @ 0xEE..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..] => {
            let code = u32::from(a & 0x0F) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F);
            return char::from_u32(code).map_or(Decoded::Bad(1), |c| Decoded::Char(c, 3));
        }
        _ => {}
    }
    decode_rest(bytes)
}

fn decode_rest(bytes: &[u8]) -> Decoded {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) if e.valid_up_to() > 0 => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
        Err(e) => return e.error_len().map_or(Decoded::Cut, Decoded::Bad),
    };
    valid.chars().next().map_or(Decoded::Bad(1), |c| Decoded::Char(c, c.len_utf8()))
}

impl Reader {
    /// A reader that stands where `phase` says.
    pub fn resume(phase: Phase, partial: Vec<u8>, state: &mut State) -> Reader {
        let mut reader = Reader { vte: vte::Parser::new(), phase, partial };
        if let Phase::Sequence(bytes) = &reader.phase {
            // The bytes were chosen so that reading them again only moves the parser.
            reader.vte.advance(&mut Performer(state), bytes);
        }
        reader
    }

    /// Reads everything.
    pub fn feed(&mut self, mut bytes: &[u8], state: &mut State) {
        if !self.partial.is_empty() {
            bytes = self.finish_char(bytes, state);
        }
        while !bytes.is_empty() {
            bytes = match &mut self.phase {
                Phase::Ground => self.ground(bytes, state),
                Phase::Escape => self.after_escape(bytes, state),
                Phase::Sequence(_) => self.sequence(bytes, state),
                Phase::Text(..) => self.text(bytes, state),
            };
        }
    }

    /// Completes the character that the last feed cut.
    fn finish_char<'a>(&mut self, bytes: &'a [u8], state: &mut State) -> &'a [u8] {
        let mut used = 0;
        while let Some(byte) = bytes.get(used).filter(|b| (0x80..0xC0).contains(*b)) {
            self.partial.push(*byte);
            used += 1;
            match decode(&self.partial) {
                Decoded::Char(c, _) => {
                    self.partial.clear();
                    state.print_char(c);
                    return &bytes[used..];
                }
                Decoded::Cut => {}
                Decoded::Bad(n) => {
                    // The bytes before were a cut character; this one starts anew.
                    let n = n.min(self.partial.len());
                    let rest = self.partial.split_off(n);
                    state.print_char('\u{FFFD}');
                    self.partial.clear();
                    for _ in rest {
                        state.print_char('\u{FFFD}');
                    }
                    return &bytes[used..];
                }
            }
        }
        if used < bytes.len() {
            self.partial.clear();
            state.print_char('\u{FFFD}');
        }
        &bytes[used..]
    }

    fn ground<'a>(&mut self, bytes: &'a [u8], state: &mut State) -> &'a [u8] {
        let mut i = 0;
        while let Some(byte) = bytes.get(i) {
            match *byte {
                0x20..=0x7E => {
                    let n = ascii_run(&bytes[i..]);
                    state.print_ascii(&bytes[i..i + n]);
                    i += n;
                }
                0x1B => {
                    let rest = &bytes[i + 1..];
                    if let [b'[', after @ ..] = rest
                        && let Some((args, last, used)) = args::scan(after)
                    {
                        state.csi(&args, last);
                        i += 2 + used;
                        continue;
                    }
                    self.phase = Phase::Escape;
                    return rest;
                }
                0x80.. => match state.print_text(&bytes[i..]) {
                    0 => match decode(&bytes[i..]) {
                        Decoded::Char(c, n) => {
                            state.print_char(c);
                            i += n;
                        }
                        Decoded::Bad(n) => {
                            state.print_char('\u{FFFD}');
                            i += n;
                        }
                        Decoded::Cut => {
                            self.partial.extend_from_slice(&bytes[i..]);
                            return &[];
                        }
                    },
                    n => i += n,
                },
                0x7F => {
                    state.delete();
                    i += 1;
                }
                b'\n' => {
                    let n = bytes[i..].iter().take_while(|b| **b == b'\n').count();
                    state.line_feeds(n);
                    i += n;
                }
                control => {
                    state.control(control);
                    i += 1;
                }
            }
        }
        &[]
    }

    fn after_escape<'a>(&mut self, bytes: &'a [u8], state: &mut State) -> &'a [u8] {
        let Some((first, rest)) = bytes.split_first() else { return bytes };
        self.phase = match first {
            b']' => Phase::Text(Kind::Osc, Vec::new(), 0),
            b'P' => Phase::Text(Kind::Dcs, Vec::new(), 0),
            b'_' | b'^' | b'X' => Phase::Text(Kind::Other, Vec::new(), 0),
            0x1B => Phase::Escape,
            _ => {
                self.vte.advance(&mut Performer(state), b"\x1b");
                self.phase = Phase::Sequence(vec![0x1B]);
                return bytes;
            }
        };
        rest
    }

    /// In an escape or control sequence: vte reads on until it is over, which its grammar tells byte by byte.
    fn sequence<'a>(&mut self, bytes: &'a [u8], state: &mut State) -> &'a [u8] {
        let Phase::Sequence(pending) = &mut self.phase else { return bytes };
        for (i, byte) in bytes.iter().enumerate() {
            match *byte {
                0x1B => {
                    // A new sequence begins; vte is brought back to rest without doing anything.
                    self.vte = vte::Parser::new();
                    self.phase = Phase::Escape;
                    return &bytes[i + 1..];
                }
                0x18 | 0x1A => {
                    self.vte = vte::Parser::new();
                    self.phase = Phase::Ground;
                    return &bytes[i + 1..];
                }
                0x80.. => continue, // no part of any sequence
                _ => {}
            }
            self.vte.advance(&mut Performer(state), &[*byte]);
            let is_csi = pending.get(1) == Some(&b'[');
            let over = match *byte {
                0x40..=0x7E if is_csi => true,
                0x30..=0x7E if !is_csi => !(pending.len() == 1 && *byte == b'['),
                _ => false,
            };
            if over {
                self.phase = Phase::Ground;
                return &bytes[i + 1..];
            }
            if *byte >= 0x20 && pending.len() < MAX_PENDING {
                pending.push(*byte);
            }
        }
        &[]
    }

    /// In a string: kept up to its limit, obeyed when it ends.
    fn text<'a>(&mut self, bytes: &'a [u8], state: &mut State) -> &'a [u8] {
        let Phase::Text(kind, kept, len) = &mut self.phase else { return bytes };
        let kind = *kind;
        let end = bytes.iter().position(|b| matches!(b, 0x1B | 0x18 | 0x1A) || *b == 0x07 && kind == Kind::Osc);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let part = &part[..part.len().min(MAX_STRING.saturating_sub(*len))];
        let limit = match kind {
            // The number decides; until it is complete nothing is long.
            Kind::Osc if kept.len() < 8 => osc::limit(&[kept.as_slice(), &part[..part.len().min(8)]].concat()),
            Kind::Osc => osc::limit(kept),
            Kind::Dcs => MAX_DCS,
            Kind::Other => 0,
        };
        *len += part.len();
        let room = (limit + 1).saturating_sub(kept.len());
        kept.extend_from_slice(&part[..part.len().min(room)]);
        let Some(end) = end.filter(|end| *end == part.len()) else {
            let rest = &bytes[part.len()..];
            if *len >= MAX_STRING {
                self.phase = Phase::Ground;
            }
            return rest;
        };
        let ender = bytes[end];
        let whole = *len <= limit;
        let body = std::mem::take(kept);
        self.phase = if ender == 0x1B { Phase::Escape } else { Phase::Ground };
        if whole && matches!(ender, 0x07 | 0x1B) {
            match kind {
                Kind::Osc => {
                    let clean: Vec<u8> = body.into_iter().filter(|b| *b >= 0x20).collect();
                    state.command(&clean, ender == 0x07);
                }
                Kind::Dcs => state.device_control(&body),
                Kind::Other => {}
            }
        }
        &bytes[end + 1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn characters_are_those_of_the_standard_library(start in 0x80u8.., rest in prop::collection::vec(prop_oneof![0x80u8..0xC0, any::<u8>()], 0..5)) {
            let bytes = [&[start][..], &rest].concat();
            let text = String::from_utf8_lossy(&bytes);
            match decode(&bytes) {
                Decoded::Char(c, n) => {
                    prop_assert_eq!(text.chars().next(), Some(c));
                    prop_assert_eq!(n, c.len_utf8());
                }
                Decoded::Bad(n) => {
                    prop_assert_eq!(text.chars().next(), Some('\u{FFFD}'));
                    prop_assert!(n >= 1 && n <= bytes.len());
                }
                Decoded::Cut => prop_assert!(std::str::from_utf8(&bytes).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())),
            }
        }
    }
}
