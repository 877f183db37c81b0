//! Where an agent's input stands on its screen, so that a follow-up is seen in it before Enter is pressed. Pure: it is handed
//! lines. Must not know terminals.

use super::drawn;
use super::reader::Reader;
use crate::base::Line;
use crate::base::style::{self, Attrs, Color, Style};
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
    Some(whole(rule, &rows(rule, lines)?))
}

/// The rows of the lowest box of a screen, each with what stands in it, without frames.
fn rows(rule: &BoxRule, lines: &[String]) -> Option<Vec<(usize, String)>> {
    let group = |r: &Regex, l: &str| r.captures(l.trim_end()).map(|c| c.name("text").map(|m| m.as_str().trim().to_owned()).unwrap_or_default());
    let below = |l: &str| rule.below.as_ref().is_some_and(|b| b.is_match(l));
    let at = lines.iter().rposition(|l| rule.first.is_match(l.trim_end()))?;
    // Some draw the same bar before every line.
    let top = lines.iter().take(at).rposition(|l| !rule.first.is_match(l.trim_end())).map_or(0, |i| i + 1);
    let first = lines.iter().enumerate().take(at + 1).skip(top).filter(|(_, l)| !below(l));
    let mut rows: Vec<(usize, String)> = first.filter_map(|(i, l)| Some((i, group(&rule.first, l)?))).collect();
    for (i, line) in lines.iter().enumerate().skip(at + 1) {
        match group(&rule.next, line).filter(|_| !below(line)) {
            Some(text) => rows.push((i, text)),
            None => break,
        }
    }
    Some(rows)
}

fn whole(rule: &BoxRule, rows: &[(usize, String)]) -> String {
    let whole = rows.iter().map(|r| r.1.as_str()).collect::<Vec<_>>().join("\n").trim().to_owned();
    let blank = rule.empty.as_ref().is_some_and(|e| e.is_match(&whole));
    if blank { String::new() } else { whole }
}

/// What is in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InBox {
    /// Nothing.
    Empty,
    /// The agent's own hint of what could be, dim: nobody typed it, and what is typed takes its place.
    Hint(String),
    /// The same in grey; an agent that draws what is typed in grey would look so, too.
    Suggestion(String),
    /// What somebody typed.
    Typed(String),
}

/// What is in the lowest box of a screen, by how it is drawn. None when there is no box.
pub fn look(rule: &BoxRule, screen: &[Line]) -> Option<InBox> {
    let lines: Vec<String> = screen.iter().map(Line::text).collect();
    let rows = rows(rule, &lines)?;
    let text = whole(rule, &rows);
    // Its first line tells: below a box there may stand what looks like a part of it.
    let Some((row, first)) = rows.iter().find(|r| !r.1.is_empty()).filter(|_| !text.is_empty()) else { return Some(InBox::Empty) };
    Some(by_its_looks(&letters(screen.get(*row)?, first))(text))
}

/// How the letters of a text are drawn in a line.
fn letters(line: &Line, text: &str) -> Vec<Style> {
    let all = line.text();
    let begin = all.rfind(text).and_then(|at| all.get(..at)).map_or(0, |before| before.chars().count());
    let styles = line.spans.iter().flat_map(|s| s.text.chars().map(move |c| (c, s.style)));
    styles.skip(begin).take(text.chars().count()).filter(|l| !l.0.is_whitespace()).map(|l| l.1).collect()
}

/// What letters that are drawn so are. The cursor may be drawn on the first letter of a hint.
fn by_its_looks(letters: &[Style]) -> fn(String) -> InBox {
    let [first, rest @ ..] = letters else { return InBox::Typed };
    let Some(second) = rest.first() else { return InBox::Typed };
    let cursor = first.bg != second.bg || first.attrs.contains(Attrs::REVERSE) != second.attrs.contains(Attrs::REVERSE);
    let dim = |s: &Style| s.attrs.contains(Attrs::DIM);
    match () {
        () if (cursor || dim(first)) && rest.iter().all(dim) => InBox::Hint,
        () if cursor && is_grey(second.fg) && rest.iter().all(|s| s == second) => InBox::Suggestion,
        () => InBox::Typed,
    }
}

/// Neither a colour nor as bright or dark as text is on any ground.
fn is_grey(color: Color) -> bool {
    let (r, g, b) = match color {
        Color::Default => return false,
        Color::Indexed(index) => style::palette(index),
        Color::Rgb(r, g, b) => (r, g, b),
    };
    let (least, most) = (r.min(g).min(b), r.max(g).max(b));
    most - least <= 40 && (70..=170).contains(&most)
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
        let catalog = Catalog::builtin();
        let line = |parts: &[(&str, Style)]| {
            let span = |(text, style): &(&str, Style)| Span { style: *style, cells: CellKind::Narrow, text: (*text).to_owned(), link: None };
            Line { spans: parts.iter().map(span).collect(), wrapped: false }
        };
        let plain = Style::default();
        let dim = Style { attrs: Attrs::DIM, ..plain };
        let cursor = Style { attrs: Attrs::REVERSE, ..plain };
        let grey = Style { fg: Color::Rgb(108, 112, 134), ..plain };
        let blue = Style { fg: Color::Rgb(137, 180, 250), ..plain };
        let block = Style { bg: Color::Rgb(212, 212, 212), ..plain };
        // Below the box stands something dim that has many a word.
        let in_box = |agent: &str, parts: &[(&str, Style)]| {
            let screen = [Line::plain("────────────"), line(parts), Line::plain("────────────"), line(&[("  1234 tokens, ok? fix it", dim)])];
            look(catalog.get(agent).unwrap().input_box.as_ref().unwrap(), &screen).unwrap()
        };
        for parts in [&[("❯ ", plain), ("T", cursor), ("ry it", dim)][..], &[("❯ ", grey), ("Try it", dim)]] {
            assert_eq!(in_box("claude", parts), InBox::Hint("Try it".into()), "{parts:?}");
        }
        let starting = [line(&[("› ", plain), ("Ask Codex to do anything", dim)]), Line::default(), Line::plain("  ? for shortcuts")];
        let codex = look(catalog.get("codex").unwrap().input_box.as_ref().unwrap(), &starting);
        assert!(matches!(codex, Some(InBox::Hint(_))), "{codex:?}");
        assert_eq!(in_box("qwen", &[("> ", plain), ("T", block), ("ry it.", grey)]), InBox::Suggestion("Try it.".into()));
        assert_eq!(in_box("claude", &[("❯ ", plain), (" ", cursor)]), InBox::Empty);
        // Typed: the cursor stands behind it, or on it somewhere, or it is as bright as text is; or a hint goes on behind it.
        for parts in [
            &[("❯ ", dim), ("ok", plain), (" ", cursor)][..],
            &[("❯ ", plain), ("to", plain)],
            &[("❯ ", plain), ("f", cursor), ("ix it", plain)],
            &[("❯ ", plain), ("f", cursor), ("ix it", blue)],
            &[("❯ ", plain), ("fix it", grey), (" ", cursor)],
            &[("❯ ", plain), ("f", plain), ("ix it", dim)],
            &[("❯ ", plain), ("x", dim)],
        ] {
            assert!(matches!(in_box("claude", parts), InBox::Typed(_)), "{parts:?}");
        }
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
