//! The one batch of questions to the outer terminal. It ends in DA1, which every terminal answers, so that nobody waits for
//! a particular reply; drawing does not wait at all. Never asks for the clipboard. Must not read answers.

/// Longest time answers are expected, in milliseconds; later ones are still understood.
pub const WAIT_MS: u64 = 200;
/// After so long without DA1 a terminal counts as one that never answers, in milliseconds.
pub const OWED_MS: u64 = 3000;

/// Clusters whose width terminals disagree on. They are written in row 2, and the cursor's column after each tells.
pub const SAMPLES: [&str; 3] = ["\u{2764}\u{fe0f}", "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}", "\u{1f44d}\u{1f3fd}"];

/// What terminals say about themselves: name and version (XTVERSION, DA2), keyboard flags, modes 2026 and 2027
/// (DECRQM; not 2048: a resize comes as a signal everywhere), whether underlines have kinds (XTGETTCAP `Smulx`, and DECRQSS after asking for a wave),
/// the cursor's shape as it was (DECRQSS), notifications of OSC 99.
const ABOUT: &str = "\x1b[>q\x1b[>c\x1b[?u\x1b[?2026$p\x1b[?2027$p\x1bP+q536d756c78\x1b\\\
                     \x1b[4:3m\x1bP$qm\x1b\\\x1b[m\x1bP$q q\x1b\\\x1b]99;i=copilot-tui:p=?;\x1b\\\x1b[?996n";

/// Everything, asked at the start on the empty alternate screen, with the cursor left at the top. `rows` of the terminal: on a
/// single one the answer about a column could not be told from a key.
pub fn queries(rows: u16) -> Vec<u8> {
    let mut out = String::from(ABOUT);
    out.push_str(&colors());
    if rows > 1 {
        for sample in SAMPLES {
            out.push_str(&format!("\x1b[2;1H{sample}\x1b[6n\x1b[2;1H\x1b[2K"));
        }
        out.push_str("\x1b[H");
    }
    out.push_str("\x1b[c");
    out.into_bytes()
}

/// The colours alone, when they may have changed.
pub fn color_queries() -> Vec<u8> {
    format!("{}\x1b[c", colors()).into_bytes()
}

/// Foreground, background and the sixteen named colours. Some terminals answer only the first of several in one sequence; and
/// each answer ends as its question did, but urxvt ends it with half an ST: so the questions end in BEL.
fn colors() -> String {
    let named: String = (0..16).map(|n| format!("\x1b]4;{n};?\x07")).collect();
    format!("\x1b]10;?\x07\x1b]11;?\x07{named}")
}

/// Ends everything that was sent: what comes before its answer is ours, what comes after is the shell's.
pub const FENCE: &[u8] = b"\x1b[c";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batch_ends_in_the_question_that_everybody_answers() {
        for rows in [1, 2, 50] {
            let text = String::from_utf8(queries(rows)).unwrap();
            assert!(text.ends_with("\x1b[c") && text.matches("\x1b[c").count() == 1);
            assert_eq!(text.matches("\x1b[6n").count(), if rows > 1 { SAMPLES.len() } else { 0 });
            assert!(!text.contains("]52"), "the clipboard is never asked for");
        }
    }
}
