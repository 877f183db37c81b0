//! Where an agent's input stands on its screen, so that a follow-up is seen in it before Enter is pressed. Pure: it is handed
//! lines. Must not know terminals.

use super::drawn;
use super::reader::Reader;
use crate::base::Line;
use crate::base::style::{Attrs, Color, Style};
use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::DeValue;

/// How an agent's box looks.
#[derive(Debug, Clone)]
pub struct BoxRule {
    /// Its first line; the group `text` is what stands in it.
    pub first: Regex,
    /// Each line after it; the group `text` likewise. The first line that does not match ends the box.
    pub next: Regex,
    /// What stands below it and would else be taken for a part of it.
    pub below: Option<Regex>,
    /// What stands in an empty one.
    pub empty: Option<Regex>,
    /// What a long paste is shown as.
    pub pasted: Option<Regex>,
}

impl PartialEq for BoxRule {
    fn eq(&self, o: &BoxRule) -> bool {
        let text = |r: &Option<Regex>| r.as_ref().map(|r| r.as_str().to_owned());
        (self.first.as_str(), self.next.as_str(), text(&self.below), text(&self.empty), text(&self.pasted))
            == (o.first.as_str(), o.next.as_str(), text(&o.below), text(&o.empty), text(&o.pasted))
    }
}

impl Eq for BoxRule {}

/// What stands in the lowest box of a screen: its lines, without frames; empty for an empty box. None when there is no box.
pub fn read(rule: &BoxRule, lines: &[String]) -> Option<String> {
    let group = |r: &Regex, l: &str| r.captures(l.trim_end()).map(|c| c.name("text").map(|m| m.as_str().trim().to_owned()).unwrap_or_default());
    let below = |l: &str| rule.below.as_ref().is_some_and(|b| b.is_match(l));
    let at = lines.iter().rposition(|l| rule.first.is_match(l.trim_end()))?;
    // Some draw the same bar before every line.
    let top = lines.iter().take(at).rposition(|l| !rule.first.is_match(l.trim_end())).map_or(0, |i| i + 1);
    let mut text: Vec<String> = lines.get(top..=at)?.iter().filter(|l| !below(l)).filter_map(|l| group(&rule.first, l)).collect();
    for line in lines.iter().skip(at + 1) {
        if below(line) {
            break;
        }
        match group(&rule.next, line) {
            Some(t) => text.push(t),
            None => break,
        }
    }
    let whole = text.join("\n").trim().to_owned();
    let blank = rule.empty.as_ref().is_some_and(|e| e.is_match(&whole));
    Some(if blank { String::new() } else { whole })
}

/// Whether what stands in a line of the box was not typed but is the agent's hint of what could be: dim, or all in a colour of its
/// own behind the cursor that is drawn on its first letter. (What was typed and looks so is safe: the text that is put before it
/// does not stand in the box as it is then, and is not sent.)
pub fn is_hint(line: &Line, text: &str) -> bool {
    let whole = line.text();
    let Some(begin) = whole.rfind(text) else { return false };
    let styles = line.spans.iter().flat_map(|s| s.text.chars().map(move |c| (c, s.style)));
    let mut letters = styles.skip(whole.get(..begin).map_or(0, |t| t.chars().count())).take(text.chars().count()).filter(|l| !l.0.is_whitespace());
    let Some((_, first)) = letters.next() else { return false };
    let rest: Vec<Style> = letters.map(|l| l.1).collect();
    let Some(second) = rest.first() else { return false };
    let cursor = first.bg != second.bg || first.attrs.contains(Attrs::REVERSE) != second.attrs.contains(Attrs::REVERSE);
    let dim = |s: &Style| s.attrs.contains(Attrs::DIM);
    rest.iter().all(dim) || (cursor && second.fg != Color::Default && rest.iter().all(|s| s == second))
}

/// Whether a text stands in the box, and nothing else: boxes break lines where they like, so blanks do not count; a long paste
/// may be shown by a word for it. Of a text with signs that programs draw in different ways, the others are compared.
pub fn holds(rule: &BoxRule, shown: &str, text: &str) -> bool {
    let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();
    let marker = rule.pasted.as_ref().filter(|p| p.is_match(shown));
    let whole = |same: &dyn Fn(&str) -> String| {
        let (shown_bare, text_bare) = (same(shown), same(text));
        if shown_bare == text_bare {
            return true;
        }
        if let Some(marker) = marker {
            // Around the word there may be a beginning or an end of the text, and nothing else.
            let rest = same(&marker.replacen(shown, 1, " "));
            return rest.is_empty() || text_bare.starts_with(&rest) || text_bare.ends_with(&rest);
        }
        // A box that scrolls shows the end of a text that is larger than it.
        shown_bare.len() >= 40 && text_bare.ends_with(&shown_bare)
    };
    if whole(&bare) {
        return true;
    }
    // Nothing else stood in it before: something that stands there now is what was pasted.
    drawn::in_doubt(text) && !bare(shown).is_empty() && whole(&drawn::sure)
}

impl Reader<'_> {
    /// `[box]`.
    pub(super) fn input_box(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Option<BoxRule>) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        let mut found: [Option<Regex>; 5] = [None, None, None, None, None];
        const KEYS: &[&str] = &["first", "next", "below", "empty", "pasted"];
        for (key, value) in table {
            let Some(at) = KEYS.iter().position(|k| k == key.get_ref()) else {
                self.unknown(key.span(), key.get_ref(), KEYS);
                return;
            };
            match value.get_ref().as_str().map(|p| RegexBuilder::new(p).size_limit(256 * 1024).build()) {
                Some(Ok(regex)) => {
                    if let Some(slot) = found.get_mut(at) {
                        *slot = Some(regex);
                    }
                }
                _ => return self.report(value.span(), "this must be a regular expression".into(), None),
            }
        }
        match found {
            [Some(first), Some(next), below, empty, pasted] => *into = Some(BoxRule { first, next, below, empty, pasted }),
            _ => self.report(value.span(), "a box needs `first` and `next`".into(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;
    use crate::base::line::{CellKind, Span};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn real_boxes_are_read() {
        let catalog = Catalog::builtin();
        for (name, screen, text) in [
            ("claude", "❯ older\n● answer\n──────\n❯ fix the\n  login test\n──────\n  ⏸ manual mode on · ? for shortcuts\n", "fix the\nlogin test"),
            ("claude", "──────\n❯ \n──────\n  ? for shortcuts\n", ""),
            ("copilot", " ❯ older          05:31\n /tmp/p [⎇ master]\n──────\n❯ fix it\n──────\n ← open sidebar\n", "fix it"),
            ("copilot", " ❯ older    05:31\n /tmp/p [⎇ master]\n╻▄▄▄▄\n┃ fix it\n┃ now\n╹▀▀▀▀\n ← open sidebar\n", "fix it\nnow"),
            (
                "opencode",
                "  ┃  older\n\n     ▣  Build\n\n  ┃\n  ┃  fix it\n  ┃\n  ┃  Build · Mock Model Mock\n  ╹▀▀▀\n   /tmp  ctrl+p commands\n",
                "fix it",
            ),
            ("codex", "› older\n\n• answer\n\n› fix the\n  login test\n\n  model · /p\n  ? for shortcuts\n", "fix the\nlogin test"),
            ("codex", "› Ask Codex to do anything\n\n  model · /p\n", ""),
        ] {
            let rule = catalog.get(name).unwrap().input_box.as_ref().unwrap_or_else(|| panic!("{name}"));
            assert_eq!(read(rule, &lines(screen)).as_deref(), Some(text), "{name}");
        }
    }

    #[test]
    fn hints_of_an_agent_are_not_typed_text() {
        let line = |parts: &[(&str, Style)]| {
            let span = |(text, style): &(&str, Style)| Span { style: *style, cells: CellKind::Narrow, text: (*text).to_owned(), link: None };
            Line { spans: parts.iter().map(span).collect(), wrapped: false }
        };
        let plain = Style::default();
        let dim = Style { attrs: Attrs::DIM, ..plain };
        let under_cursor = Style { attrs: Attrs::REVERSE, ..plain };
        let grey = Style { fg: Color::Rgb(108, 112, 134), ..plain };
        let block = Style { bg: Color::Rgb(212, 212, 212), ..plain };
        assert!(is_hint(&line(&[("❯ ", plain), ("T", under_cursor), ("ry \"fix it\"", dim)]), "Try \"fix it\""));
        assert!(is_hint(&line(&[("> ", grey), ("Ask anything", dim)]), "Ask anything"));
        assert!(is_hint(&line(&[("> ", plain), ("T", block), ("he file is made.", grey)]), "The file is made."));
        // Typed: the cursor stands behind it, or on it somewhere, or the text is as any other.
        assert!(!is_hint(&line(&[("> ", dim), ("ok", plain), (" ", block)]), "ok"));
        assert!(!is_hint(&line(&[("> ", plain), ("fix it", grey), (" ", block)]), "fix it"));
        assert!(!is_hint(&line(&[("> ", plain), ("f", block), ("ix it", plain)]), "fix it"));
        assert!(!is_hint(&line(&[("> ", plain), ("f", plain), ("ix ", grey), ("it", plain)]), "fix it"));
        assert!(!is_hint(&line(&[("> ", dim), ("a", plain)]), "a") && !is_hint(&Line::plain("> b"), "a"));
    }

    #[test]
    fn only_the_text_itself_counts() {
        let rule = Catalog::builtin().get("claude").unwrap().input_box.clone().unwrap();
        assert!(holds(&rule, "fix the\nlogin test", "fix the login test"));
        assert!(!holds(&rule, "half a thought fix the login test", "fix the login test"));
        assert!(!holds(&rule, "fix the login", "fix the login test"));
        assert!(holds(&rule, "[Pasted text #1 +30 lines]", "long\nlong"));
        assert!(!holds(&rule, "delete all [Pasted text #1 +30 lines]", "long\nlong"));
        assert!(
            holds(&rule, "see 👩\u{200d} 7", "see 👩\u{200d}👩\u{200d}👧 7") && !holds(&rule, "see 👩\u{200d} 8", "see 👩\u{200d}👩\u{200d}👧 7")
        );
        assert!(holds(&rule, "👩", "👩\u{200d}👩\u{200d}👧") && !holds(&rule, "", "👩\u{200d}👩\u{200d}👧"));
        let long = "word ".repeat(400);
        assert!(holds(&rule, &"word ".repeat(30), &long));
    }
}
