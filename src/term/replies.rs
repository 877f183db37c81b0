//! The way back to the program: answers in stream order, bounded and rate limited. Must not know what they say.

use crate::base::Now;

/// Answers a second (reliability: queries cannot make us flood the program).
const RATE: u64 = 200;
/// Bytes that may wait for a program that does not read.
const MAX_WAITING: usize = 64 * 1024;
/// Bytes of one answer.
pub(crate) const MAX_REPLY: usize = 96;

/// Answers that wait to be written.
#[derive(Debug, Clone)]
pub(crate) struct Replies {
    waiting: Vec<u8>,
    tokens: u64,
    refilled_ms: u64,
}

impl Default for Replies {
    fn default() -> Self {
        Replies { waiting: Vec::new(), tokens: RATE, refilled_ms: 0 }
    }
}

impl Replies {
    /// Refills the allowance by the time that passed.
    pub(crate) fn tick(&mut self, now: Now) {
        let passed = now.mono_ms.saturating_sub(self.refilled_ms);
        let earned = passed.saturating_mul(RATE) / 1000;
        if earned > 0 {
            self.tokens = self.tokens.saturating_add(earned).min(RATE);
            self.refilled_ms = now.mono_ms;
        }
    }

    /// Adds an answer, or drops it when the allowance is used up, too much waits, or it is not a constant-shape one.
    pub(crate) fn push(&mut self, reply: &[u8]) {
        let clean = reply.len() <= MAX_REPLY && !reply.iter().any(|b| matches!(b, b'\r' | b'\n' | 0x80..));
        debug_assert!(clean, "a reply outside the rules: {reply:?}");
        if !clean || self.tokens == 0 || self.waiting.len() + reply.len() > MAX_WAITING {
            return;
        }
        self.tokens -= 1;
        self.waiting.extend_from_slice(reply);
    }

    /// Moves everything to the end of `out`.
    pub(crate) fn take(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_capped_per_second() {
        let mut replies = Replies::default();
        for _ in 0..100_000 {
            replies.push(b"\x1b[0n");
        }
        let mut out = Vec::new();
        replies.take(&mut out);
        assert_eq!(out.len(), 4 * RATE as usize);
        replies.tick(Now { mono_ms: 500, wall_ms: 0 });
        for _ in 0..1000 {
            replies.push(b"\x1b[0n");
        }
        out.clear();
        replies.take(&mut out);
        assert_eq!(out.len(), 4 * RATE as usize / 2);
    }
}
