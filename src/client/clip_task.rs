//! Runs the programs that clipboard and desktop notices need, away from the loop. Must not choose them.

use super::clipboard::{self, Way};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// Longest time a program is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// How copying went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Copied {
    /// This program has it.
    By(&'static str),
    /// The outer terminal is to be asked.
    AskTerminal,
    /// Nothing has it, and why.
    Failed(String),
}

/// Tries the ways in order. Blocks; not for the loop's own thread.
pub(super) fn copy(ways: &[Way], text: &str) -> Copied {
    for way in ways {
        match way {
            Way::Tool { name, argv } if run(argv.clone(), text.to_owned()) => return Copied::By(name),
            Way::Tool { .. } => {}
            Way::Osc52 if text.len() <= clipboard::MAX_OSC52 => return Copied::AskTerminal,
            Way::Osc52 => return Copied::Failed(format!("more than {} KiB, and no clipboard program works", clipboard::MAX_OSC52 >> 10)),
        }
    }
    Copied::Failed("copying is off, or no clipboard program works".to_owned())
}

/// Whether a program took the text and ended well in time.
pub(super) fn run(argv: Vec<String>, text: String) -> bool {
    let (tell, told) = sync_channel(1);
    // A thread of its own: a program that hangs costs that thread, not the copy.
    let run = move || {
        let ok = clipboard::start(&argv, &text).and_then(|mut child| child.wait()).is_ok_and(|s| s.success());
        let _ = tell.send(ok);
    };
    std::thread::Builder::new().spawn(run).is_ok() && told.recv_timeout(PATIENCE).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_fails_leaves_it_to_the_terminal() {
        let bad = Way::Tool { name: "bad", argv: vec!["/nowhere".into()] };
        assert_eq!(copy(&[bad.clone(), Way::Osc52], "x"), Copied::AskTerminal);
        assert!(matches!(copy(&[bad], "x"), Copied::Failed(_)));
        assert!(matches!(copy(&[Way::Osc52], &"x".repeat(2 << 20)), Copied::Failed(_)));
    }
}
