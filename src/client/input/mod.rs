//! From the outer terminal's bytes to keys, mouse events, pastes, focus changes and replies. Must not read anything itself
//! nor know what tokens are for.
//!
//! Replies to queries are never taken for keys, X10 mouse reports never for text. Any split of the bytes gives the same
//! tokens. A lone Esc cannot be told from the beginning of a sequence by its bytes: [`Tokenizer::pending`] says when to wait
//! for `esc_timeout`, [`Tokenizer::timeout`] ends the wait.

mod csi;
mod mouse;
mod reply;

pub use reply::Reply;

use crate::base::{Key, KeyCode, KeyKind, Mods, MouseEvent};
use csi::Csi;

/// Longest control sequence and reply that is looked at, in bytes; longer ones are dropped whole.
const MAX_SEQUENCE: usize = 4096;
/// A paste is handed on in pieces of about so many bytes.
pub const PASTE_PIECE: usize = 64 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";
const ESC: Key = Key { code: KeyCode::Esc, mods: Mods::empty(), kind: KeyKind::Press, shifted: None, base: None, text: None };

/// Something the outer terminal said.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A key.
    Key {
        /// Which.
        key: Key,
        /// It came in the form that the kitty protocol replaces; with the protocol on, the terminal has forgotten it.
        legacy: bool,
    },
    /// The mouse.
    Mouse {
        /// What it did.
        event: MouseEvent,
        /// It came as an X10 report; with SGR reports on, the terminal has forgotten them.
        x10: bool,
    },
    /// A piece of a paste.
    Paste {
        /// The text; line ends as they came.
        text: String,
        /// No more follows.
        last: bool,
    },
    /// The terminal got (`true`) or lost the focus.
    Focus(bool),
    /// An answer to a query, or news the terminal was asked for.
    Reply(Reply),
}

/// Cuts the bytes into tokens. Holds at most one unfinished sequence and one piece of a paste.
#[derive(Debug, Default)]
pub struct Tokenizer {
    buffer: Vec<u8>,
    pasting: bool,
    /// In a string that was too long: skip to its end.
    skipping: bool,
    /// Answers are on their way, so the beginning of one is not a key with Alt.
    expecting: bool,
}

/// What the beginning of the buffer is.
enum Step {
    /// Not enough bytes to say.
    More,
    /// So many bytes are done with.
    Done(usize),
}

impl Tokenizer {
    /// At the start of a stream.
    pub fn new() -> Tokenizer {
        Tokenizer::default()
    }

    /// Tells it that queries were sent (`true`) or that their last answer came. In between, the start of a reply that is
    /// slow to arrive is not taken for Alt with a key.
    pub fn expect_replies(&mut self, on: bool) {
        self.expecting = on;
    }

    /// Takes bytes and appends what they mean.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Token>) {
        // Fed in pieces, so that what is held stays small whatever is given.
        for piece in bytes.chunks(PASTE_PIECE) {
            self.buffer.extend_from_slice(piece);
            let mut at = 0;
            while let Step::Done(n) = self.step(at, out) {
                at += n.max(1);
                if at >= self.buffer.len() {
                    break;
                }
            }
            self.buffer.drain(..at.min(self.buffer.len()));
        }
    }

    /// Nothing is held: a printable character of ASCII that comes now is a key.
    pub fn is_idle(&self) -> bool {
        self.buffer.is_empty() && !self.pasting && !self.skipping
    }

    /// Bytes are held that may be a key by themselves: call [`Tokenizer::timeout`] when no more come for a while.
    pub fn pending(&self) -> bool {
        match self.buffer.as_slice() {
            _ if self.pasting || self.skipping => false,
            [0x1b] | [0x1b, b'[' | b'O'] => true,
            [0x1b, b'P' | b']' | b'_' | b'^' | b'X'] => !self.expecting,
            [0x1b, 0x1b, ..] => true,
            _ => false,
        }
    }

    /// The wait for more was over when these bytes came: a key is held, unless they go on with a sequence that came in two reads,
    /// which whoever types writes more seldom than a busy machine reads late.
    pub fn late(&mut self, next: &[u8], out: &mut Vec<Token>) {
        let goes_on = match (self.buffer.as_slice(), next.first()) {
            ([0x1b] | [0x1b, 0x1b], Some(b'[' | b'O')) => true,
            ([0x1b], Some(b'P' | b']' | b'_')) => self.expecting,
            ([0x1b, b'[' | b'O'], Some(b' '..=b'~')) => true,
            _ => false,
        };
        if !goes_on {
            self.timeout(out);
        }
    }

    /// No more bytes came: what is held is a key, or two.
    pub fn timeout(&mut self, out: &mut Vec<Token>) {
        while self.pending() {
            let (key, used) = match self.buffer.as_slice() {
                [0x1b, c] if *c != 0x1b => (Key::new(KeyCode::Char(char::from(*c)), Mods::ALT), 2),
                _ => (ESC, 1),
            };
            self.buffer.drain(..used.min(self.buffer.len()));
            out.push(Token::Key { key, legacy: true });
        }
    }

    fn step(&mut self, at: usize, out: &mut Vec<Token>) -> Step {
        let rest = self.buffer.get(at..).unwrap_or_default();
        if self.pasting {
            let step = paste(rest, out);
            if let Some(Token::Paste { last: true, .. }) = out.last()
                && matches!(step, Step::Done(_))
            {
                self.pasting = false;
            }
            return step;
        }
        if self.skipping {
            return match string_end(rest) {
                StringEnd::At { after, .. } => {
                    self.skipping = false;
                    Step::Done(after)
                }
                StringEnd::Broken(at) => {
                    self.skipping = false;
                    if at == 0 { self.step(at, out) } else { Step::Done(at) }
                }
                // An Esc at the end may begin the terminator.
                StringEnd::None => match rest.split_last() {
                    Some((0x1b, [])) | None => Step::More,
                    Some((0x1b, head)) => Step::Done(head.len()),
                    Some(_) => Step::Done(rest.len()),
                },
            };
        }
        match rest {
            [] => Step::More,
            [0x1b] => Step::More,
            [0x1b, b'[', ..] => self.control(at, out),
            [0x1b, b'O', ..] => single_shift(rest, out),
            [0x1b, kind @ (b'P' | b']' | b'_' | b'^' | b'X'), body @ ..] => match string_end(body) {
                StringEnd::At { end, after } => {
                    out.push(Token::Reply(reply::string(*kind, body.get(..end).unwrap_or_default())));
                    Step::Done(2 + after)
                }
                // A key with Alt, after all, and what was typed next.
                StringEnd::Broken(0) => alt(rest, out),
                StringEnd::Broken(n) => Step::Done(2 + n),
                StringEnd::None if body.len() > MAX_SEQUENCE => {
                    self.skipping = true;
                    let held = usize::from(body.last() == Some(&0x1b));
                    Step::Done(2 + body.len() - held)
                }
                StringEnd::None => Step::More,
            },
            [0x1b, 0x1b] => Step::More,
            [0x1b, 0x1b, b'[' | b'O', ..] => self.after_esc(at, out),
            [0x1b, 0x1b, ..] => {
                out.push(Token::Key { key: ESC, legacy: true });
                Step::Done(1)
            }
            [0x1b, ..] => alt(rest, out),
            _ => text(rest, Mods::empty(), out),
        }
    }

    /// Esc and a sequence: what urxvt and PuTTY send for Alt with a key that has one. What else stands behind it came after a
    /// key Esc, and so does a key that tells its modifiers by itself.
    fn after_esc(&mut self, at: usize, out: &mut Vec<Token>) -> Step {
        let mut behind = Vec::new();
        let Step::Done(n) = self.step(at + 1, &mut behind) else { return Step::More };
        let sequence = self.buffer.get(at + 1..at + 1 + n).unwrap_or_default();
        match behind.as_mut_slice() {
            [Token::Key { key, legacy: false }] if sequence.last() != Some(&b'u') && !sequence.contains(&b';') => key.mods |= Mods::ALT,
            _ => out.push(Token::Key { key: ESC, legacy: true }),
        }
        out.append(&mut behind);
        Step::Done(n + 1)
    }

    fn control(&mut self, at: usize, out: &mut Vec<Token>) -> Step {
        let rest = self.buffer.get(at..).unwrap_or_default();
        let body = rest.get(2..).unwrap_or_default();
        match body {
            // X10: three bytes of any value follow.
            [b'M', b, x, y, ..] => {
                if let Some(event) = mouse::x10(*b, *x, *y) {
                    out.push(Token::Mouse { event, x10: true });
                }
                return Step::Done(6);
            }
            [b'M', ..] => return Step::More,
            // The Linux console's F1 to F5.
            [b'[', c @ b'A'..=b'E', ..] => {
                out.push(csi::plain_key(KeyCode::F(c - b'A' + 1)));
                return Step::Done(4);
            }
            [b'['] => return Step::More,
            _ => {}
        }
        // rxvt's keys with Shift end in what else never ends anything.
        let digits = body.iter().take_while(|b| b.is_ascii_digit()).count();
        if (1..=2).contains(&digits) && body.get(digits) == Some(&b'$') {
            out.extend(Csi::parse(body.get(..=digits).unwrap_or_default()).and_then(|c| c.token()));
            return Step::Done(2 + digits + 1);
        }
        for (i, byte) in body.iter().enumerate() {
            match byte {
                0x40..=0x7e => {
                    match Csi::parse(body.get(..=i).unwrap_or_default()).and_then(|c| c.token()) {
                        Some(Token::Paste { .. }) => self.pasting = true,
                        Some(token) => out.push(token),
                        None => {}
                    }
                    return Step::Done(2 + i + 1);
                }
                0x20..=0x3f if i < MAX_SEQUENCE => {}
                0x20..=0x3f => return Step::Done(2 + i),
                // Not a sequence. With nothing in it, it was Alt+[ and a key typed after it.
                _ if i == 0 => return alt(rest, out),
                _ => return Step::Done(2 + i),
            }
        }
        Step::More
    }
}

/// Where a control string ends.
enum StringEnd {
    /// Its contents end at `end`, the bytes after its terminator begin at `after`.
    At { end: usize, after: usize },
    /// At this byte it stops being one.
    Broken(usize),
    /// Not yet.
    None,
}

fn string_end(body: &[u8]) -> StringEnd {
    for (i, byte) in body.iter().enumerate() {
        match byte {
            0x07 => return StringEnd::At { end: i, after: i + 1 },
            0x1b => match body.get(i + 1) {
                Some(b'\\') => return StringEnd::At { end: i, after: i + 2 },
                // Half a terminator, and the next sequence.
                Some(0x1b) if i > 0 => return StringEnd::At { end: i, after: i + 1 },
                Some(_) => return StringEnd::Broken(i),
                None => return StringEnd::None,
            },
            0x00..0x20 | 0x7f => return StringEnd::Broken(i),
            _ => {}
        }
    }
    StringEnd::None
}

/// A piece of a paste, or its end. Pieces end where the bytes say, not where reads did.
fn paste(rest: &[u8], out: &mut Vec<Token>) -> Step {
    let window = rest.get(..(PASTE_PIECE + PASTE_END.len()).min(rest.len())).unwrap_or_default();
    if let Some(end) = window.windows(PASTE_END.len()).position(|w| w == PASTE_END).filter(|end| *end <= PASTE_PIECE) {
        let text = String::from_utf8_lossy(window.get(..end).unwrap_or_default()).into_owned();
        out.push(Token::Paste { text, last: true });
        return Step::Done(end + PASTE_END.len());
    }
    if rest.len() < PASTE_PIECE + PASTE_END.len() {
        return Step::More;
    }
    // Not inside a character.
    let mut cut = PASTE_PIECE;
    while cut > PASTE_PIECE - 4 && rest.get(cut).is_some_and(|b| b & 0xc0 == 0x80) {
        cut -= 1;
    }
    out.push(Token::Paste { text: String::from_utf8_lossy(rest.get(..cut).unwrap_or_default()).into_owned(), last: false });
    Step::Done(cut)
}

/// `ESC O x`: keys in application mode.
fn single_shift(rest: &[u8], out: &mut Vec<Token>) -> Step {
    let (mods, code, used) = match rest.get(2..).unwrap_or_default() {
        [] => return Step::More,
        // Some terminals put the modifier here.
        [b'1'..=b'9'] => return Step::More,
        [digit @ b'1'..=b'9', c, ..] if csi::ss3(*c).is_some() => (csi::mods(u32::from(digit - b'0')), *c, 4),
        [c, ..] => (Mods::empty(), *c, 3),
    };
    match csi::ss3(code) {
        Some(key) => {
            out.push(Token::Key { key: Key::new(key.code, key.mods | mods), legacy: false });
            Step::Done(used)
        }
        None => alt(rest, out), // Alt+O, and a key typed after it
    }
}

/// Esc before a key that is not the beginning of a sequence: the key with Alt.
fn alt(rest: &[u8], out: &mut Vec<Token>) -> Step {
    match text(rest.get(1..).unwrap_or_default(), Mods::ALT, out) {
        Step::Done(n) => Step::Done(n + 1),
        Step::More => Step::More,
    }
}

/// One character, printable or control.
fn text(rest: &[u8], mods: Mods, out: &mut Vec<Token>) -> Step {
    let Some(first) = rest.first().copied() else { return Step::More };
    let mut push = |code: KeyCode, more: Mods, legacy: bool| out.push(Token::Key { key: Key::new(code, mods | more), legacy });
    let alt = mods.contains(Mods::ALT);
    match first {
        0x00 => push(KeyCode::Char(' '), Mods::CTRL, true),
        0x09 => push(KeyCode::Tab, Mods::empty(), alt),
        0x0d => push(KeyCode::Enter, Mods::empty(), alt),
        0x01..=0x1a => push(KeyCode::Char(char::from(b'a' + first - 1)), Mods::CTRL, true),
        0x1b => push(KeyCode::Esc, Mods::empty(), true),
        0x1c => push(KeyCode::Char('\\'), Mods::CTRL, true),
        0x1d => push(KeyCode::Char(']'), Mods::CTRL, true),
        0x1e => push(KeyCode::Char('^'), Mods::CTRL, true),
        0x1f => push(KeyCode::Char('/'), Mods::CTRL, true),
        0x7f => push(KeyCode::Backspace, Mods::empty(), alt),
        0x20..0x7f => push(KeyCode::Char(char::from(first)), Mods::empty(), alt),
        _ => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Step::Done(1), // not UTF-8
            };
            let bytes = rest.get(..length.min(rest.len())).unwrap_or_default();
            return match std::str::from_utf8(bytes) {
                Ok(s) => {
                    for c in s.chars().filter(|c| !c.is_control()) {
                        push(KeyCode::Char(c), Mods::empty(), alt);
                    }
                    Step::Done(bytes.len())
                }
                Err(e) if e.error_len().is_none() && bytes.len() < length => Step::More,
                Err(e) => Step::Done(e.error_len().unwrap_or(1)),
            };
        }
    }
    Step::Done(1)
}
