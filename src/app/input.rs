//! Text being typed: one editor for the follow-up box, the fields of dialogs, filters and searches. The only place of the app
//! that knows tui-textarea. Must not know what the text is for.

use crate::base::{Key, KeyCode, KeyKind, Mods};
use tui_textarea::{CursorMove, Input, TextArea};

/// Most bytes an editor takes; more is refused as a whole.
pub const MAX_BYTES: usize = 256 * 1024;

/// A text with a cursor.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    area: TextArea<'static>,
    lines: bool,
}

impl Editor {
    /// An empty line.
    pub fn line() -> Editor {
        Editor::default()
    }

    /// An empty text of many lines.
    pub fn text_area() -> Editor {
        Editor { lines: true, ..Editor::default() }
    }

    /// The same with this text, the cursor behind it.
    pub fn with(mut self, text: &str) -> Editor {
        self.set(text);
        self
    }

    /// Replaces the text; the cursor goes behind it.
    pub fn set(&mut self, text: &str) {
        self.area = TextArea::default();
        self.insert(text);
    }

    /// Types text at the cursor. Control characters are dropped; without lines, newlines become spaces. False when it would
    /// be too long; then nothing changes.
    pub fn insert(&mut self, text: &str) -> bool {
        if text.len() + self.bytes() > MAX_BYTES {
            return false;
        }
        let clean: String = text
            .replace("\r\n", "\n")
            .chars()
            .map(|c| match c {
                '\r' | '\n' if self.lines => '\n',
                '\r' | '\n' | '\t' => ' ',
                c => c,
            })
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        self.area.insert_str(clean);
        true
    }

    fn bytes(&self) -> usize {
        self.area.lines().iter().map(|l| l.len() + 1).sum()
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Its lines; at least one.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// Row and column (in characters) of the cursor.
    pub fn cursor(&self) -> (usize, usize) {
        let at = self.area.cursor();
        (at.0, at.1)
    }

    /// Nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Begins a new line, where there may be several.
    pub fn newline(&mut self) {
        if self.lines && self.bytes() < MAX_BYTES {
            self.area.insert_newline();
        }
    }

    /// Forgets the text.
    pub fn clear(&mut self) {
        self.area = TextArea::default();
    }

    /// A key that no command has taken. False when it does nothing here.
    pub fn key(&mut self, key: &Key) -> bool {
        if key.kind == KeyKind::Release {
            return false;
        }
        if let Some(text) = key.typed() {
            return self.insert(&text);
        }
        let (ctrl, alt) = (key.mods.contains(Mods::CTRL), key.mods.contains(Mods::ALT));
        let chord = key.chord();
        match chord.code {
            KeyCode::Home => self.area.move_cursor(CursorMove::Head),
            KeyCode::End => self.area.move_cursor(CursorMove::End),
            KeyCode::Left if ctrl || alt => self.area.move_cursor(CursorMove::WordBack),
            KeyCode::Right if ctrl || alt => self.area.move_cursor(CursorMove::WordForward),
            KeyCode::Left => self.area.move_cursor(CursorMove::Back),
            KeyCode::Right => self.area.move_cursor(CursorMove::Forward),
            KeyCode::Up if self.lines => self.area.move_cursor(CursorMove::Up),
            KeyCode::Down if self.lines => self.area.move_cursor(CursorMove::Down),
            KeyCode::Backspace if ctrl || alt => return self.area.delete_word(),
            KeyCode::Backspace => return self.area.delete_char(),
            KeyCode::Delete => return self.area.delete_next_char(),
            // Only the readline keys that do not make lines: what else the widget binds would break a one-line field.
            KeyCode::Char(c @ ('a' | 'e' | 'w' | 'u' | 'k' | 'd' | 'h')) if ctrl => {
                return match c {
                    'u' => self.area.delete_line_by_head(),
                    'k' if self.area.cursor().1 < self.area.lines().get(self.area.cursor().0).map_or(0, |l| l.chars().count()) => {
                        self.area.delete_line_by_end()
                    }
                    'k' => false,
                    c => self.area.input(Input { key: tui_textarea::Key::Char(c), ctrl: true, alt: false, shift: false }),
                };
            }
            KeyCode::Char(c @ ('b' | 'f' | 'd')) if alt => {
                return self.area.input(Input { key: tui_textarea::Key::Char(c), ctrl: false, alt: true, shift: false });
            }
            _ => return false,
        }
        true
    }

    /// The cursor stands in the first (last) line.
    pub fn at_edge(&self, last: bool) -> bool {
        let row = self.area.cursor().0;
        if last { row + 1 >= self.area.lines().len() } else { row == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        let mut e = Editor::line();
        e.insert("two\nlines\x1b[31m\r\nthree");
        assert_eq!(e.lines().len(), 1);
        assert_eq!(e.text(), "two lines[31m three");
        e.newline();
        assert_eq!(e.lines().len(), 1);
        e.key(&Key::new(KeyCode::Char('u'), Mods::CTRL));
        assert!(e.is_empty());
    }

    #[test]
    fn a_text_takes_lines_and_refuses_what_is_too_long() {
        let mut e = Editor::text_area().with("one");
        e.newline();
        assert!(e.insert("two"));
        assert_eq!(e.text(), "one\ntwo");
        assert!(!e.insert(&"x".repeat(MAX_BYTES)));
        assert_eq!(e.text(), "one\ntwo");
        assert_eq!(e.cursor(), (1, 3));
    }
}
