//! The last lines of a terminal whose program has ended: what an error says about it. Must not know what they mean.

use crate::term::Engine;

/// Bytes of one line that are put together.
const LINE: usize = 4096;

/// The last `n` lines that say something, oldest first, on one line; what only the width broke is whole.
pub fn of(e: &dyn Engine, n: usize) -> String {
    let start = e.history_start();
    let mut abs = e.screen_top() + u64::from(e.size().rows);
    let mut lines = Vec::new();
    while abs > start && lines.len() < n {
        abs -= 1;
        let mut text = row(e, abs);
        while abs > start && text.len() < LINE && e.wraps(abs - 1) {
            abs -= 1;
            text.insert_str(0, &row(e, abs));
        }
        if !text.trim().is_empty() {
            lines.push(text.trim().to_owned());
        }
    }
    lines.reverse();
    lines.join(" / ")
}

fn row(e: &dyn Engine, abs: u64) -> String {
    e.row(abs).map(|l| l.text()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};

    #[test]
    fn a_line_broken_by_the_width_is_one() {
        let mut e = new_engine(EngineKind::Native, Size::new(20, 4), 100);
        e.feed(b"first\r\nnot ok 3 - still uses require()\r\n\r\n# 3 of 3 failed\r\nover\r\n\r\n", Now::default());
        assert_eq!(of(e.as_ref(), 3), "not ok 3 - still uses require() / # 3 of 3 failed / over");
        assert!(of(e.as_ref(), 9).starts_with("first / "));
    }
}
