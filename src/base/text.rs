//! Text for people: widths, cutting, and labels that cannot lie. Must not know what the text is about.
//!
//! Everything that comes from an agent, a repository or a file name and stands in our own chrome goes through [`safe_line`].

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns a text takes in a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The longest start of `text` that fits `cols`, with `…` as its last column when something was cut.
pub fn cut_end(text: &str, cols: usize) -> String {
    if width(text) <= cols {
        return text.to_owned();
    }
    if cols == 0 {
        return String::new();
    }
    let mut out = take_width(text, cols - 1);
    out.push('…');
    out
}

/// `text` within `cols` columns, cut in the middle, for paths.
pub fn cut_middle(text: &str, cols: usize) -> String {
    if width(text) <= cols {
        return text.to_owned();
    }
    if cols <= 2 {
        return cut_end(text, cols);
    }
    let head = take_width(text, (cols - 1) / 3);
    let room = cols - 1 - width(&head);
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for g in text.graphemes(true).rev() {
        let w = width(g);
        if used + w > room {
            break;
        }
        used += w;
        tail.push(g);
    }
    tail.reverse();
    format!("{head}…{}", tail.concat())
}

/// `text` cut or padded with spaces to exactly `cols` columns.
pub fn fit(text: &str, cols: usize) -> String {
    let mut out = cut_end(text, cols);
    let w = width(&out);
    out.extend(std::iter::repeat_n(' ', cols.saturating_sub(w)));
    out
}

/// A count and its noun: `1 file`, `2 files`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn take_width(text: &str, cols: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for g in text.graphemes(true) {
        let w = width(g);
        if used + w > cols {
            break;
        }
        used += w;
        out.push_str(g);
    }
    out
}

/// Whether a character may deceive in a label: format characters (bidi, zero-width, tags), line and paragraph separators,
/// variation selectors, hangul and other invisible fillers, private use, non-characters.
fn deceives(c: char) -> bool {
    matches!(c as u32,
        0x00AD | 0x034F | 0x061C | 0x06DD | 0x070F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFA0 | 0xFFF0..=0xFFFB | 0x110BD | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Symbols and emoji, which come with variation selectors and joiners.
fn pictorial(c: char) -> bool {
    matches!(c as u32, 0x2190..=0x2BFF | 0x1F000..=0x1FBFF)
}

/// One line that is what it looks like, at most `cols` columns: control characters are dropped (tabs and newlines become a
/// space), as are selectors and joiners of emoji; characters that deceive show as `\u{FFFD}`, runs of more than eight spaces
/// shrink to eight. Idempotent.
pub fn safe_line(text: &str, cols: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * cols + 8));
    let mut spaces = 0;
    let mut budget = cols.saturating_mul(8).saturating_add(64); // no work on text nobody will see
    for c in text.chars() {
        let c = match c {
            '\t' | '\n' | '\r' | '\u{85}' => ' ',
            c if c.is_control() => continue,
            c if c.is_whitespace() && c != '\u{2028}' && c != '\u{2029}' => ' ',
            // They dress an emoji and hide nothing; without them it is as wide everywhere.
            '\u{FE0F}' | '\u{200D}' if out.chars().next_back().is_some_and(pictorial) => continue,
            c if deceives(c) => '\u{FFFD}',
            c => c,
        };
        if c == ' ' {
            spaces += 1;
            if spaces > 8 {
                continue;
            }
        } else {
            spaces = 0;
        }
        out.push(c);
        budget -= 1;
        if budget == 0 {
            break;
        }
    }
    cut_end(out.trim_end(), cols)
}

/// Text for a terminal from a source we do not trust, many lines: escape sequences and other control characters are made
/// visible (`\u{1b}` as `␛`), newlines and tabs stay.
pub fn safe_text(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}'),
            '\u{7f}' => '␡',
            c if c.is_control() || deceives(c) && c != '\u{200D}' && c != '\u{FE0F}' => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// A slug for names, folders and branches: `[a-z0-9._-]{1,40}`, no `.` or `-` at either end. Empty when nothing is left.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() || c == '_' || (c == '.' && !out.ends_with('.')) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 40 {
            break;
        }
    }
    out.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cutting_keeps_the_telling_part() {
        assert_eq!(cut_end("hello world", 7), "hello …");
        assert_eq!(cut_middle("src/api/very/long/path/user-settings.ts", 20), "src/ap…r-settings.ts");
        assert_eq!(fit("中文", 5), "中文 ");
        assert_eq!(cut_end("中文", 3), "中…");
    }

    #[test]
    fn labels_cannot_lie() {
        assert_eq!(safe_line("a\u{202E}b\x1b[31mc\nd", 40), "a\u{FFFD}b[31mc d");
        assert_eq!(safe_line(&format!("run{}rm", " ".repeat(500)), 40), "run        rm");
        assert_eq!(safe_line("\u{26A0}\u{FE0F} 👩\u{200D}👧 adm\u{200D}in x\u{FE0F}", 40), "\u{26A0} 👩👧 adm\u{FFFD}in x\u{FFFD}");
        assert_eq!(safe_text("a\x1b[2J\nb"), "a␛[2J\nb");
    }

    #[test]
    fn slugs_are_safe_names() {
        assert_eq!(slug("Convert API to TypeScript!"), "convert-api-to-typescript");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("-rf"), "rf");
        assert_eq!(slug("日本"), "");
    }

    proptest! {
        #[test]
        fn safe_lines_are_safe(text in any::<String>(), cols in 0usize..80) {
            let line = safe_line(&text, cols);
            prop_assert!(width(&line) <= cols);
            prop_assert!(!line.chars().any(|c| c.is_control() || deceives(c)));
            prop_assert_eq!(safe_line(&line, cols), line.clone());
        }

        #[test]
        fn slugs_match_their_alphabet(text in any::<String>()) {
            let s = slug(&text);
            prop_assert!(s.len() <= 40);
            prop_assert!(s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)));
            prop_assert!(!s.starts_with(['-', '.']) && !s.contains(".."));
        }

        #[test]
        fn cuts_fit(text in any::<String>(), cols in 0usize..60) {
            prop_assert!(width(&cut_end(&text, cols)) <= cols);
            prop_assert!(width(&cut_middle(&text, cols)) <= cols);
        }
    }
}
