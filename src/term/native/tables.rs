//! Side tables: grapheme clusters, and what few cells have (hyperlinks, underline colours). Must not know the grid.
//!
//! Entries are shared by number. When a table reaches its mark the owner says which numbers are still in use and the rest is
//! used again; a table that is truly full gives `None`, and the cell goes without.

use super::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

/// Entries of links and underline colours at most.
const MAX_EXTS: usize = 5000;
/// Clusters at most.
const MAX_CLUSTERS: usize = 65_536;

/// Joins remembered.
const JOINED: usize = 64;

/// What few cells have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Ext {
    /// Packed colour of the underline.
    pub underline: u32,
    /// Target of a hyperlink.
    pub link: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
struct Pool<T> {
    entries: Vec<Option<T>>,
    index: HashMap<T, u32>,
    free: Vec<u32>,
    sweep_at: usize,
    max: usize,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn new(first_sweep: usize, max: usize) -> Pool<T> {
        Pool { entries: Vec::new(), index: HashMap::new(), free: Vec::new(), sweep_at: first_sweep, max }
    }

    fn wants_sweep(&self) -> bool {
        self.index.len() >= self.sweep_at
    }

    fn add(&mut self, value: T) -> Option<u32> {
        let id = match self.free.pop() {
            Some(id) => id,
            None if self.entries.len() < self.max => {
                self.entries.push(None);
                u32::try_from(self.entries.len() - 1).ok()?
            }
            None => return None,
        };
        *self.entries.get_mut(id as usize)? = Some(value.clone());
        self.index.insert(value, id);
        Some(id)
    }

    fn sweep(&mut self, used: &[bool]) {
        for (id, entry) in self.entries.iter_mut().enumerate() {
            if !used.get(id).copied().unwrap_or(false)
                && let Some(value) = entry.take()
            {
                self.index.remove(&value);
                self.free.push(id as u32);
            }
        }
        // Twice what lives, so that sweeping stays cheap per entry; a full table is swept again only after its owner moved on.
        self.sweep_at = (2 * self.index.len()).clamp(512, 2 * self.max);
    }
}

/// Both tables.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    exts: Pool<Ext>,
    clusters: Pool<Box<str>>,
    refused: usize,
    /// Clusters made lately: text of the cell, what joined it, number.
    joined: [(u32, char, u32); JOINED],
}

impl Default for Tables {
    fn default() -> Self {
        Tables { exts: Pool::new(1024, MAX_EXTS), clusters: Pool::new(4096, MAX_CLUSTERS), refused: 0, joined: [(0, '\0', 0); JOINED] }
    }
}

impl Tables {
    /// Number of an entry; 0 stands for none.
    pub fn ext(&self, id: u16) -> Option<&Ext> {
        self.exts.entries.get(usize::from(id).checked_sub(1)?)?.as_ref()
    }

    /// The number of this entry, made when it is new; 0 for the empty one and when the table is full.
    pub fn intern_ext(&mut self, ext: Ext) -> u16 {
        if ext == Ext::default() {
            return 0;
        }
        if let Some(id) = self.exts.index.get(&ext) {
            return *id as u16 + 1;
        }
        match self.exts.add(ext) {
            Some(id) => id as u16 + 1,
            None => {
                self.refused += 1;
                0
            }
        }
    }

    /// The text of a cluster.
    pub fn cluster(&self, id: u32) -> &str {
        self.clusters.entries.get(id as usize).and_then(|c| c.as_deref()).unwrap_or("\u{FFFD}")
    }

    /// The number of this cluster; `None` when the table is full.
    pub fn intern_cluster(&mut self, text: &str) -> Option<u32> {
        if let Some(id) = self.clusters.index.get(text) {
            return Some(*id);
        }
        let added = self.clusters.add(text.into());
        self.refused += usize::from(added.is_none());
        added
    }

    /// The cluster that `c` makes of this cell's text, when that was made lately.
    #[inline]
    pub fn joined(&self, cell: Cell, c: char) -> Option<u32> {
        let (text, with, id) = self.joined[Self::join_slot(cell, c)];
        (text == cell.text_key() && with == c && text != 0).then_some(id)
    }

    /// Remembers what `c` made of this cell's text.
    pub fn remember_joined(&mut self, cell: Cell, c: char, id: u32) {
        self.joined[Self::join_slot(cell, c)] = (cell.text_key(), c, id);
    }

    #[inline]
    fn join_slot(cell: Cell, c: char) -> usize {
        (cell.text_key() ^ (c as u32).wrapping_mul(31)) as usize % JOINED
    }

    /// Whether the owner should call [`Tables::sweep`].
    #[inline]
    pub fn wants_sweep(&self) -> bool {
        self.refused > 4096 || self.exts.wants_sweep() || self.clusters.wants_sweep()
    }

    /// Frees what is not in use; `mark` tells of both tables by number.
    pub fn sweep(&mut self, mark: impl FnOnce(&mut Used)) {
        let mut used = Used { exts: vec![false; self.exts.entries.len()], clusters: vec![false; self.clusters.entries.len()] };
        mark(&mut used);
        self.exts.sweep(&used.exts);
        self.clusters.sweep(&used.clusters);
        self.joined = [(0, '\0', 0); JOINED];
        self.refused = 0;
    }

    /// All entries with links or underline colours, by number.
    pub fn exts(&self) -> impl Iterator<Item = (u16, &Ext)> {
        self.exts.entries.iter().enumerate().filter_map(|(i, e)| Some((i as u16 + 1, e.as_ref()?)))
    }
}

/// Numbers in use.
pub(crate) struct Used {
    exts: Vec<bool>,
    clusters: Vec<bool>,
}

impl Used {
    /// An entry is in use.
    pub fn ext(&mut self, id: u16) {
        if let Some(slot) = usize::from(id).checked_sub(1).and_then(|i| self.exts.get_mut(i)) {
            *slot = true;
        }
    }

    /// A cluster is in use.
    pub fn cluster(&mut self, id: u32) {
        if let Some(slot) = self.clusters.get_mut(id as usize) {
            *slot = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_bounded_and_used_again() {
        let mut tables = Tables::default();
        let link = |i: usize| Ext { underline: 0, link: Some(format!("http://h/{i}").into()) };
        let first = tables.intern_ext(link(0));
        for i in 1..2 * MAX_EXTS {
            tables.intern_ext(link(i));
        }
        assert_eq!(tables.intern_ext(link(2 * MAX_EXTS)), 0);
        assert!(tables.wants_sweep());
        tables.sweep(|used| used.ext(first));
        assert_eq!(tables.ext(first), Some(&link(0)));
        assert_ne!(tables.intern_ext(link(2 * MAX_EXTS)), 0);
        assert!(!tables.wants_sweep());
    }
}
