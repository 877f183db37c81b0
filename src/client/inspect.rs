//! `copilot-tui keys`: shows what the outer terminal sends for each key, and what it is taken for. Must not know keymaps.

use super::guard::{Guard, open_terminal, write_all};
use super::input::{Reply, Token, Tokenizer};
use super::modes::{self, Wanted};
use crate::base::{Chord, KeyCode, KeyKind, Mods};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// A lone Esc waits this long here, in nanoseconds.
const ESC_WAIT: i64 = 50_000_000;

/// Shows keys until Ctrl+C is pressed twice.
///
/// # Errors
/// When this process has no terminal.
pub fn inspect_keys() -> io::Result<()> {
    inspect_keys_on(open_terminal()?)
}

/// [`inspect_keys`] on another terminal, opened non-blocking.
///
/// # Errors
/// When it is not a terminal.
pub fn inspect_keys_on(terminal: OwnedFd) -> io::Result<()> {
    let _guard = Guard::enter(terminal.as_fd(), Wanted { mouse: true, kitty: false })?;
    write_all(terminal.as_fd(), b"\x1b[H\x1b[2JPress keys to see what the terminal sends. Ctrl+C twice ends.\r\n\r\n\x1b[?u\x1b[c");
    let mut tokens = Tokenizer::new();
    tokens.expect_replies(true);
    let mut ends = 0;
    while ends < 2 {
        let wait = Timespec { tv_sec: 0, tv_nsec: ESC_WAIT };
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        let woken = match poll(&mut fds, tokens.pending().then_some(&wait)) {
            Ok(n) => n > 0,
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        };
        let mut out = Vec::new();
        let mut buffer = [0u8; 4096];
        let mut bytes: &[u8] = &[];
        if woken {
            match rustix::io::read(&terminal, &mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => bytes = buffer.get(..n).unwrap_or_default(),
                Err(Errno::AGAIN | Errno::INTR) => continue,
                Err(e) => return Err(e.into()),
            }
            tokens.push(bytes, &mut out);
        } else {
            tokens.timeout(&mut out);
        }
        if !bytes.is_empty() {
            say(&terminal, &format!("{:<32}", bytes.escape_ascii().to_string()));
        }
        for token in &out {
            say(&terminal, &format!("   {}\r\n", describe(token)));
            match token {
                Token::Reply(Reply::KittyFlags(_)) => write_all(terminal.as_fd(), &modes::assert(Wanted { mouse: true, kitty: true })),
                Token::Reply(Reply::Device(_)) => tokens.expect_replies(false),
                Token::Key { key, .. } if key.kind == KeyKind::Press => {
                    let ctrl_c = Chord { code: KeyCode::Char('c'), mods: Mods::CTRL };
                    ends = if key.chord() == ctrl_c { ends + 1 } else { 0 };
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn say(terminal: &OwnedFd, text: &str) {
    write_all(terminal.as_fd(), text.as_bytes());
}

fn describe(token: &Token) -> String {
    match token {
        Token::Key { key, legacy } => {
            let chord = key.chord();
            let kind = match key.kind {
                KeyKind::Press => "",
                KeyKind::Repeat => ", held",
                KeyKind::Release => ", released",
            };
            let form = if *legacy { ", legacy form" } else { "" };
            format!("{:<16} \"{chord}\" in a keymap{kind}{form}", chord.label())
        }
        Token::Mouse { event, x10 } => format!("mouse {:?} at {}, {}{}", event.kind, event.col, event.row, if *x10 { ", X10 form" } else { "" }),
        Token::Paste { text, .. } => format!("paste of {} bytes", text.len()),
        Token::Focus(on) => format!("focus {}", if *on { "gained" } else { "lost" }),
        Token::Reply(reply) => format!("answer {reply:?}"),
    }
}
