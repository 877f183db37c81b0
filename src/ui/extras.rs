//! What a cell has that ratatui's cells have not: the kind and colour of its underline, a line above, a hyperlink. A layer
//! beside the buffer, cell for cell. Must not know escape sequences, nor which of it a terminal shows.

use crate::base::{Color, Underline};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Hyperlinks kept of one frame; cells beyond have none.
const MAX_LINKS: usize = 5000;

/// The extras of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extra {
    /// Kind of the underline. The cell itself only says whether there is one.
    pub underline: Underline,
    /// Its colour; `Default` is the foreground.
    pub underline_color: Color,
    /// A line above the text.
    pub overline: bool,
    /// Key of its hyperlink in [`Extras::link`]; 0 for none.
    pub link: u64,
}

/// The extras of a whole screen.
#[derive(Debug, Clone)]
pub struct Extras {
    width: u16,
    cells: Vec<Extra>,
    links: HashMap<u64, String>,
    /// Random, so that no pane can make its link look like another one.
    keys: RandomState,
}

impl Extras {
    /// None yet, for a screen of this size.
    pub fn new(width: u16, height: u16) -> Extras {
        let cells = vec![Extra::default(); usize::from(width) * usize::from(height)];
        Extras { width, cells, links: HashMap::new(), keys: RandomState::new() }
    }

    /// Empty again, for a buffer's size.
    pub fn start(&mut self, buffer: &Buffer) {
        self.width = buffer.area.width;
        self.cells.clear();
        self.cells.resize(usize::from(self.width) * usize::from(buffer.area.height), Extra::default());
        self.links.clear();
    }

    /// Another layer for the same screens: keys of links mean the same in both.
    pub fn sibling(&self) -> Extras {
        self.clone()
    }

    /// Of a cell; the default outside.
    pub fn get(&self, x: u16, y: u16) -> Extra {
        self.at(x, y).and_then(|i| self.cells.get(i)).copied().unwrap_or_default()
    }

    /// Of a cell by its place in the buffer's contents.
    pub fn nth(&self, i: usize) -> Extra {
        self.cells.get(i).copied().unwrap_or_default()
    }

    /// Sets a cell's; outside it does nothing.
    pub fn set(&mut self, x: u16, y: u16, extra: Extra) {
        if let Some(cell) = self.at(x, y).and_then(|i| self.cells.get_mut(i)) {
            *cell = extra;
        }
    }

    /// Something else is drawn over this part.
    pub fn clear(&mut self, area: Area) {
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                self.set(x, y, Extra::default());
            }
        }
    }

    /// The cells themselves, to move rows.
    pub fn cells_mut(&mut self) -> &mut [Extra] {
        &mut self.cells
    }

    /// The key of a link of `owner` (which keeps equal targets of two panes apart). 0 when there are too many.
    pub fn key(&mut self, owner: &str, target: &str) -> u64 {
        let key = self.keys.hash_one((owner, target)).max(1);
        if !self.links.contains_key(&key) {
            if self.links.len() >= MAX_LINKS {
                return 0;
            }
            self.links.insert(key, target.to_owned());
        }
        key
    }

    /// The target of a link.
    pub fn link(&self, key: u64) -> Option<&str> {
        self.links.get(&key).map(String::as_str)
    }

    fn at(&self, x: u16, y: u16) -> Option<usize> {
        (x < self.width).then(|| usize::from(y) * usize::from(self.width) + usize::from(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_a_key_for_each_owner_and_are_bounded() {
        let mut e = Extras::new(4, 2);
        let a = e.key("one", "https://a.example/");
        assert_eq!(e.key("one", "https://a.example/"), a);
        assert_ne!(e.key("two", "https://a.example/"), a);
        assert_eq!(e.sibling().key("one", "https://a.example/"), a);
        for i in 0..MAX_LINKS {
            e.key("one", &i.to_string());
        }
        assert_eq!(e.key("one", "one more"), 0);
        assert_eq!(e.link(a), Some("https://a.example/"));
    }

    #[test]
    fn what_is_outside_is_left_alone() {
        let mut e = Extras::new(4, 2);
        let over = Extra { overline: true, ..Extra::default() };
        e.set(4, 0, over);
        e.set(0, 2, over);
        assert!((0..8).all(|i| e.nth(i) == Extra::default()));
        e.set(3, 1, over);
        assert_eq!(e.get(3, 1), over);
        e.clear(Area::new(0, 0, 9, 9));
        assert_eq!(e.get(3, 1), Extra::default());
    }
}
