//! `@file` in the follow-up box: what git knows in the session's folder is offered as it is typed. Tab takes it, the arrows choose;
//! Enter sends as ever. Must not know where the names come from.

use super::App;
use super::io::Effect;
use super::modes::Layer;
use super::requests::Purpose;
use crate::base::text::safe_line;
use crate::base::{Key, KeyCode, KeyKind};
use crate::wire::Op;
use serde_json::Value;

/// Names asked for.
const MOST: u32 = 8;
/// Characters of a word that are looked for.
const LONGEST: usize = 100;

/// What is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complete {
    /// What stands behind the `@`; nothing is offered when there is none.
    query: Option<String>,
    /// What was asked last, and for whom.
    asked: Option<(String, String)>,
    /// The answer is not there yet.
    pending: bool,
    /// Names, best first; from outside, made safe.
    pub items: Vec<String>,
    /// The one that Tab takes.
    pub at: usize,
    /// Put away for this word.
    closed: bool,
}

/// The word before the cursor without its `@`, when it has one.
fn query(line: &str, col: usize) -> Option<String> {
    let before: String = line.chars().take(col).collect();
    let word = before.rsplit(char::is_whitespace).next()?;
    let q = word.strip_prefix('@')?;
    (q.chars().count() <= LONGEST).then(|| q.to_owned())
}

/// Every letter of what was typed comes in the name, in order.
fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|q| letters.any(|l| l == q))
}

impl App {
    /// What is offered now, and the one that Tab takes.
    pub fn offered_files(&self) -> Option<(&[String], usize)> {
        let c = &self.complete;
        let open = c.query.is_some() && !c.closed && !c.items.is_empty() && matches!(self.layers.last(), Some(Layer::FollowUp));
        open.then_some((c.items.as_slice(), c.at.min(c.items.len().saturating_sub(1))))
    }

    /// Looks at what was typed, and asks for names when it is another word.
    pub(super) fn complete_as_typed(&mut self, out: &mut Vec<Effect>) {
        if !matches!(self.layers.last(), Some(Layer::FollowUp)) {
            if self.complete.query.is_some() {
                self.complete = Complete::default();
            }
            return;
        }
        let (row, col) = self.follow_up.editor.cursor();
        let now = self.follow_up.editor.lines().get(row).and_then(|l| query(l, col));
        if now.is_none() {
            if self.complete != Complete::default() {
                self.complete = Complete::default();
            }
            return;
        }
        let Some(session) = self.follow_up.targets.first().map(ToString::to_string) else { return };
        let asked = now.clone().map(|q| (session.clone(), q));
        self.complete.query = now.clone();
        if self.complete.asked == asked {
            return;
        }
        self.complete.asked = asked;
        self.complete.pending = true;
        let query = now.unwrap_or_default();
        // What is offered no longer fits what was typed since.
        let before = self.complete.items.len();
        self.complete.items.retain(|name| fits(name, &query));
        if self.complete.items.len() != before {
            self.complete.at = 0;
        }
        self.request(Op::Files { session, query: query.clone(), limit: MOST }, Purpose::Files(query), out);
    }

    /// Names came.
    pub(super) fn files_answer(&mut self, query: &str, value: &Value) {
        if self.complete.query.as_deref() != Some(query) {
            return; // more was typed meanwhile
        }
        let names = value.get("files").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        self.complete.pending = false;
        self.complete.items = names.map(|n| safe_line(n, 512)).take(MOST as usize).collect();
        self.complete.at = 0;
    }

    /// No names came.
    pub(super) fn files_refused(&mut self) {
        self.complete.pending = false;
    }

    /// A key for what is offered. False: it is not for that.
    pub(super) fn complete_key(&mut self, key: &Key) -> bool {
        if key.kind == KeyKind::Release || !key.mods.is_empty() {
            return false;
        }
        let Some((items, at)) = self.offered_files() else {
            // Who types fast meant a name that has yet to come, not another target.
            let c = &self.complete;
            return key.code == KeyCode::Tab && c.pending && !c.closed && c.query.is_some() && matches!(self.layers.last(), Some(Layer::FollowUp));
        };
        let count = items.len();
        match key.code {
            KeyCode::Tab => {
                let name = items.get(at).cloned().unwrap_or_default();
                let typed = self.complete.query.as_ref().map_or(0, |q| q.chars().count());
                for _ in 0..typed {
                    self.follow_up.editor.key(&Key::new(KeyCode::Backspace, crate::base::Mods::empty()));
                }
                // Behind a name with blanks an agent would read no further.
                self.follow_up.editor.insert(&format!("{name} "));
                self.complete = Complete::default();
            }
            KeyCode::Down => self.complete.at = (at + 1) % count,
            KeyCode::Up => self.complete.at = (at + count - 1) % count,
            KeyCode::Esc => self.complete.closed = true,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_cursor_counts() {
        assert_eq!(query("look at @src/ma", 15).as_deref(), Some("src/ma"));
        assert_eq!(query("look at @src/ma now", 15).as_deref(), Some("src/ma"));
        assert_eq!(query("@", 1).as_deref(), Some(""));
        for (line, col) in [("mail a@b", 8), ("see @a b", 8), ("", 0), ("@x", 0)] {
            assert_eq!(query(line, col), None, "{line}");
        }
    }
}
