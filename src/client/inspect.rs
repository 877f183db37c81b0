//! `copilot-tui keys`: shows what the outer terminal is and can do, what it sends for each key, what that is taken for, and what
//! it is bound to. Must not know keymaps: it is given a way to ask.

use super::caps::TermCaps;
use super::guard::{Guard, open_terminal, write_all};
use super::input::{Reply, Token, Tokenizer};
use super::modes::{self, Wanted};
use super::{probe, tty};
use crate::base::{Chord, KeyCode, KeyKind, Mods};
use crate::config::Depth;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// A lone Esc waits this long here, in nanoseconds.
const ESC_WAIT: i64 = 50_000_000;

/// Says what a key does in the app; empty for nothing.
pub type Meaning<'a> = &'a dyn Fn(&Chord) -> String;

/// Shows keys until Ctrl+C is pressed twice.
///
/// # Errors
/// When this process has no terminal.
pub fn inspect_keys(meaning: Meaning<'_>) -> io::Result<()> {
    inspect_keys_on(open_terminal()?, meaning)
}

/// [`inspect_keys`] on another terminal, opened non-blocking.
///
/// # Errors
/// When it is not a terminal.
pub fn inspect_keys_on(terminal: OwnedFd, meaning: Meaning<'_>) -> io::Result<()> {
    let caps = TermCaps::from_env(&|name| std::env::var(name).ok());
    let wanted = Wanted { mouse: true, keypad: caps.keypad, ..Wanted::default() };
    let guard = Guard::enter(terminal.as_fd(), wanted)?;
    write_all(terminal.as_fd(), &probe::queries(tty::terminal_size(&terminal).rows));
    // With wrapping on: here lines may be longer than the terminal is wide.
    write_all(terminal.as_fd(), b"\x1b[H\x1b[2J\x1b[?7hPress keys to see what the terminal sends. Ctrl+C twice ends.\r\n\r\n");
    let mut tokens = Tokenizer::new();
    tokens.expect_replies(true);
    let mut session = Inspection { terminal: &terminal, caps, wanted, meaning, ends: 0, answered: 0 };
    let mut held = Vec::new();
    while session.ends < 2 {
        let wait = Timespec { tv_sec: 0, tv_nsec: ESC_WAIT };
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        let woken = match poll(&mut fds, tokens.pending().then_some(&wait)) {
            Ok(n) => n > 0,
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        };
        if !woken {
            let mut out = Vec::new();
            tokens.timeout(&mut out);
            session.heard(&std::mem::take(&mut held), &out, &mut tokens);
            continue;
        }
        let mut buffer = [0u8; 4096];
        let bytes = match rustix::io::read(&terminal, &mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => buffer.get(..n).unwrap_or_default(),
            Err(Errno::AGAIN | Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        };
        // One by one, so that each key stands beside its own bytes. What is longer than a line is told by its beginning.
        for byte in bytes {
            let mut out = Vec::new();
            if held.len() < 64 {
                held.push(*byte);
            }
            tokens.push(std::slice::from_ref(byte), &mut out);
            if !out.is_empty() {
                session.heard(&std::mem::take(&mut held), &out, &mut tokens);
            } else if tokens.is_idle() {
                // An answer that nobody asked for, or a key that nobody knows.
                session.say(&format!("{:<20} not known: nothing is done\r\n", std::mem::take(&mut held).escape_ascii().to_string()));
            }
        }
    }
    guard.keep_shape(session.caps.shape_before());
    guard.leave(session.answered);
    Ok(())
}

/// What has been heard so far.
struct Inspection<'a> {
    terminal: &'a OwnedFd,
    caps: TermCaps,
    wanted: Wanted,
    meaning: Meaning<'a>,
    /// How often Ctrl+C was pressed in a row.
    ends: usize,
    /// The terminal has answered: it will once more.
    answered: usize,
}

impl Inspection<'_> {
    /// Tells what came, and learns from answers, which are told together when they are all here.
    fn heard(&mut self, bytes: &[u8], heard: &[Token], tokens: &mut Tokenizer) {
        let mut shown = bytes.escape_ascii().to_string();
        for token in heard {
            if !matches!(token, Token::Reply(_)) {
                self.say(&format!("{shown:<20} {}\r\n", describe(token, self.meaning)));
                shown.clear();
            }
            match token {
                Token::Reply(Reply::KittyFlags(_)) => {
                    self.caps.kitty = true;
                    write_all(self.terminal.as_fd(), &modes::assert(Wanted { kitty: true, ..self.wanted }));
                    self.say("\x1b[?7h");
                }
                Token::Reply(Reply::Device(_)) => {
                    self.answered = 1;
                    tokens.expect_replies(false);
                    summary(&self.caps).iter().for_each(|line| self.say(&format!("{line}\r\n")));
                    self.say("\r\n");
                }
                Token::Reply(reply) => {
                    self.caps.learn(reply);
                }
                Token::Key { key, .. } if key.kind == KeyKind::Press => {
                    let ctrl_c = Chord { code: KeyCode::Char('c'), mods: Mods::CTRL };
                    self.ends = if key.chord() == ctrl_c { self.ends + 1 } else { 0 };
                }
                _ => {}
            }
        }
    }

    fn say(&self, text: &str) {
        write_all(self.terminal.as_fd(), text.as_bytes());
    }
}

/// What the terminal is, in a few lines.
fn summary(caps: &TermCaps) -> Vec<String> {
    let can = |what: &str, yes: bool| format!("{what}: {}", if yes { "yes" } else { "no" });
    let colours = match caps.depth {
        Depth::None => "none",
        Depth::Ansi16 => "16",
        Depth::Palette256 => "256",
        Depth::True => "24 bit",
    };
    let w = &caps.widths;
    let wide = |clustered: Option<bool>| clustered.map_or("not told", |c| if c { "one cell" } else { "several cells" });
    let background = caps.bg.map_or_else(|| "not told".to_owned(), |(r, g, b)| format!("#{r:02x}{g:02x}{b:02x}"));
    vec![
        format!("terminal: {}   colours: {colours}   background: {background}", if caps.name.is_empty() { "does not say" } else { &caps.name }),
        [can("all keys told apart", caps.kitty), can("whole frames", caps.sync), can("links", caps.links), can("notices", caps.osc99)].join("   "),
        [can("kinds of underlines", caps.styled_underlines), can("overline", caps.overline), can("clusters as cells", caps.clusters)].join("   "),
        format!(
            "widths: emoji with VS16 {}, joined emoji {}, skin tones {}",
            w.vs16.map_or_else(|| "not told".to_owned(), |n| n.to_string()),
            wide(w.joined),
            wide(w.toned)
        ),
    ]
}

fn describe(token: &Token, meaning: Meaning<'_>) -> String {
    match token {
        Token::Key { key, legacy } => {
            let chord = key.chord();
            let kind = match key.kind {
                KeyKind::Press => "",
                KeyKind::Repeat => ", held",
                KeyKind::Release => ", released",
            };
            let form = if *legacy { ", legacy form" } else { "" };
            let does = match key.kind {
                KeyKind::Release => String::new(),
                _ => meaning(&chord),
            };
            let does = if does.is_empty() { does } else { format!("; {does}") };
            format!("{:<16} \"{chord}\" in a keymap{kind}{form}{does}", chord.label())
        }
        Token::Mouse { event, x10 } => format!("mouse {:?} at {}, {}{}", event.kind, event.col, event.row, if *x10 { ", X10 form" } else { "" }),
        Token::Paste { text, .. } => format!("paste of {} bytes", text.len()),
        Token::Focus(on) => format!("focus {}", if *on { "gained" } else { "lost" }),
        Token::Reply(reply) => format!("answer {reply:?}"),
    }
}
