//! A list with a cursor and a filter. Must not know what its rows are.

use super::input::Editor;

/// A list with a cursor that holds on to what a row is about.
#[derive(Debug, Clone, Default)]
pub struct ListState {
    /// What the row under the cursor is about.
    pub key: Option<String>,
    /// Its place when last seen.
    pub index: usize,
    /// What rows must hold.
    pub filter: Editor,
    /// Keys go to the filter.
    pub filtering: bool,
}

impl ListState {
    /// Place of the cursor among rows with these keys.
    pub fn at(&self, keys: &[String]) -> usize {
        let held = self.key.as_ref().and_then(|k| keys.iter().position(|x| x == k));
        held.unwrap_or(self.index).min(keys.len().saturating_sub(1))
    }

    /// Moves the cursor.
    pub fn step(&mut self, keys: &[String], by: isize) {
        let to = (self.at(keys) as isize).saturating_add(by).clamp(0, keys.len().saturating_sub(1) as isize) as usize;
        self.go(keys, to);
    }

    /// Puts the cursor on a row.
    pub fn go(&mut self, keys: &[String], to: usize) {
        self.index = to.min(keys.len().saturating_sub(1));
        self.key = keys.get(self.index).cloned();
    }

    /// Whether a text holds everything the filter asks for.
    pub fn passes(&self, text: &str) -> bool {
        let hay = text.to_lowercase();
        self.filter.text().to_lowercase().split_whitespace().all(|w| hay.contains(w))
    }
}
