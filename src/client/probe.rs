//! The one batch of questions to the outer terminal. It ends in DA1, which every terminal answers, so that nobody waits for
//! a particular reply; drawing does not wait at all. Never asks for the clipboard. Must not read answers.

/// Longest time answers are expected, in milliseconds.
pub const WAIT_MS: u64 = 200;

/// Name and version, kitty keyboard flags, synchronised output, colours, OSC 99 notifications; then DA1.
pub fn queries() -> &'static [u8] {
    b"\x1b[>q\x1b[?u\x1b[?2026$p\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b]99;i=copilot-tui:p=?;\x1b\\\x1b[c"
}
