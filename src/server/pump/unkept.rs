//! When the screen is kept for the next server. Must not know how.

/// Output after which the screen is kept for the next server, in bytes.
pub(super) const SNAPSHOT_EVERY: u64 = 1 << 20;

/// When no snapshot could be stored: all sizes of it were made for nothing, so the next is not tried before there is much more output.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unkept(Option<u64>);

impl Unkept {
    /// Whether to try, with so much output so far.
    pub(super) fn is_due(self, head: u64) -> bool {
        self.0.is_none_or(|at| head.saturating_sub(at) >= SNAPSHOT_EVERY)
    }

    /// It was tried.
    pub(super) fn tried(&mut self, head: u64, stored: bool) {
        self.0 = (!stored).then_some(head);
    }

    /// The screen has another size, or it is the last moment to try: it may fit now.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_kept_is_tried_again_after_much_more_output() {
        let mut u = Unkept::default();
        let mut tries = 0;
        for head in (0..10 * SNAPSHOT_EVERY).step_by(64 * 1024) {
            if u.is_due(head) {
                tries += 1;
                u.tried(head, false);
            }
        }
        assert_eq!(tries, 10);
        assert!(!u.is_due(10 * SNAPSHOT_EVERY - 1));
        u.forget();
        assert!(u.is_due(10 * SNAPSHOT_EVERY - 1));
        u.tried(10 * SNAPSHOT_EVERY, true);
        assert!(u.is_due(10 * SNAPSHOT_EVERY));
    }
}
