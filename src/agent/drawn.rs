//! Which letters of a text can be compared with what an agent drew of it. Programs disagree on how wide emoji, joiners and
//! combining marks are, and some agents leave invisible signs out or put accents together; what they draw then is right and
//! looks different. Must not know boxes or terminals.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Signs that are not to be seen: joiners, direction marks, soft hyphens, byte order marks, selectors, tags.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a text holds something that programs draw in different ways.
pub fn in_doubt(text: &str) -> bool {
    text.chars().any(|c| invisible(c) || (c as u32) >= 0x1F000 || matches!(c, '\u{2600}'..='\u{27bf}') || (!c.is_control() && c.width() == Some(0)))
}

/// The signs of a text that everybody draws alike: single ASCII letters, digits and marks, without blanks.
pub fn sure(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !invisible(*c)).collect();
    let one = |g: &str| {
        let mut chars = g.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_ascii_graphic() => Some(c),
            _ => None,
        }
    };
    seen.graphemes(true).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_agents_draw_of_signs_in_doubt_is_the_same_text() {
        for (text, drawn) in [
            ("中文 🎉 é 👩\u{200d}👩\u{200d}👧 1", "中文 🎉 é 👩\u{200d} 1"),
            ("e\u{301}e\u{301} 2 Z\u{351}\u{352}algo", "éé 2 Z\u{351}\u{352}algo"),
            ("🇩🇪🇫🇷 3 ❤\u{fe0f} 👍🏽", "🇩🇪🇫🇷 3 ❤  👍"),
            ("\u{feff}bom 4", "bom 4"),
            ("a\u{ad}b\u{200b} 5 \u{202e}c", "ab 5 \u{fffd}c"),
        ] {
            assert!(in_doubt(text), "{text:?}");
            assert_eq!(sure(text), sure(drawn), "{text:?}");
        }
        assert_ne!(sure("e\u{301} 5"), sure("é 6"));
        assert!(!in_doubt("fix the login test: naïve, 中文, ascii!") && sure("a b\tc") == "abc");
    }
}
