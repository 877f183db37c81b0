//! A native engine as bytes and back. Must not know where the bytes are kept; believes none of them.

use super::Native;
use super::cell::Cell;
use super::charset::Charsets;
use super::feed::{Phase, Reader};
use super::grid::Grid;
use super::linecode;
use super::row::Row;
use super::state::{Flags, KittyStack, Pos, State};
use super::tables::Ext;
use crate::base::Size;
use crate::term::color::{OuterColors, Palette, Rgb};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

#[derive(Serialize, Deserialize)]
struct SavedRow {
    bytes: Vec<u8>,
    generation: u64,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
struct SavedPos {
    row: u16,
    col: u16,
    pending: bool,
    origin: bool,
    pen: (u32, u32, u16, u16),
    charsets: Charsets,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    size: Size,
    alt: bool,
    generation: u64,
    history_start: u64,
    history: Vec<SavedRow>,
    shown: Vec<SavedRow>,
    other: Vec<SavedRow>,
    exts: Vec<(u16, u32, Option<String>)>,
    pos: SavedPos,
    saved: [Option<SavedPos>; 2],
    kitty: [KittyStack; 2],
    margins: (u16, u16, u16, u16),
    flags: Flags,
    saved_modes: BTreeMap<u16, bool>,
    tabs: Vec<u16>,
    title: String,
    titles: Vec<String>,
    palette: Palette,
    spare_colors: BTreeMap<u16, Rgb>,
    styles: Vec<(u32, u32, u16, u16)>,
    outer: OuterColors,
    cell_pixels: (u16, u16),
    last_char: Option<char>,
    phase: Phase,
    partial: Vec<u8>,
}

fn save_pos(pos: &Pos) -> SavedPos {
    let pen = (pos.pen.fg, pos.pen.bg, pos.pen.attr, pos.pen.ext);
    SavedPos { row: pos.row as u16, col: pos.col as u16, pending: pos.pending, origin: pos.origin, pen, charsets: pos.charsets }
}

impl Native {
    pub(crate) fn save(&self, history_lines: usize) -> Vec<u8> {
        let s = &self.state;
        let row = |row: &Row| {
            let mut bytes = Vec::new();
            linecode::encode(row, &s.tables, &mut bytes, |_| ());
            SavedRow { bytes, generation: row.generation }
        };
        let from = s.history.newest(history_lines);
        let history = (from..s.history.end())
            .map(|abs| SavedRow { bytes: s.history.line(abs).unwrap_or_default().to_vec(), generation: s.history.generation(abs).unwrap_or(0) })
            .collect();
        let saved = Saved {
            size: s.size,
            alt: s.alt,
            generation: self.generation,
            history_start: from,
            history,
            shown: s.grid.iter().map(row).collect(),
            other: s.other.iter().map(row).collect(),
            exts: s.tables.exts().map(|(id, e)| (id, e.underline, e.link.as_deref().map(str::to_owned))).collect(),
            pos: save_pos(&s.pos),
            saved: s.saved.map(|p| p.as_ref().map(save_pos)),
            kitty: s.kitty.clone(),
            margins: (s.top as u16, s.bottom as u16, s.left as u16, s.right as u16),
            flags: s.flags.clone(),
            saved_modes: s.saved_modes.clone(),
            tabs: (0u16..).zip(&s.tabs).filter(|t| *t.1).map(|t| t.0).collect(),
            title: s.title.clone(),
            titles: s.titles.clone(),
            palette: s.palette.clone(),
            spare_colors: s.spare_colors.clone(),
            styles: s.styles.iter().map(|pen| (pen.fg, pen.bg, pen.attr, pen.ext)).collect(),
            outer: s.outer.clone(),
            cell_pixels: s.cell_pixels,
            last_char: s.last_char,
            phase: self.reader.phase.clone(),
            partial: self.reader.partial.clone(),
        };
        postcard::to_allocvec(&saved).unwrap_or_default()
    }

    pub(crate) fn load(bytes: &[u8], history_limit: usize) -> Option<Native> {
        let saved: Saved = postcard::from_bytes(bytes).ok()?;
        if saved.size != saved.size.clamped() {
            return None;
        }
        let mut state = State::new(saved.size, history_limit);
        let (rows, cols) = (state.rows(), state.cols());
        let mut exts: HashMap<u16, u16> = HashMap::new();
        for (id, underline, link) in saved.exts {
            let new = state.tables.intern_ext(Ext { underline, link: link.map(Into::into) });
            exts.insert(id, new);
        }
        let ext = |id: u16| exts.get(&id).copied().unwrap_or(0);
        let read = |saved: &SavedRow, state: &mut State| -> Option<Row> {
            let mut row = linecode::decode_row(&saved.bytes, &mut state.tables, cols)?;
            row.generation = saved.generation;
            row.restyle(0, row.cells().len(), |cell| cell.ext = ext(cell.ext));
            Some(row)
        };
        state.history.restart(saved.history_start);
        for line in &saved.history {
            let row = read(line, &mut state)?;
            state.history.keep(&row, &state.tables);
        }
        for (rows_saved, shown) in [(&saved.shown, true), (&saved.other, false)] {
            if rows_saved.len() != rows {
                return None;
            }
            let mut grid = Vec::with_capacity(rows);
            for row in rows_saved {
                grid.push(read(row, &mut state)?);
            }
            *(if shown { &mut state.grid } else { &mut state.other }) = Grid::from_rows(grid);
        }
        let pos = |p: SavedPos| {
            let (fg, bg, attr, id) = p.pen;
            let pen = Cell::look(fg, bg, attr, ext(id));
            let (row, col) = (usize::from(p.row).min(rows - 1), usize::from(p.col).min(cols - 1));
            Pos { row, col, pending: p.pending, origin: p.origin, pen, charsets: p.charsets }
        };
        let (top, bottom, left, right) = saved.margins;
        let (top, bottom, left, right) = (usize::from(top), usize::from(bottom), usize::from(left), usize::from(right));
        let sound = top <= bottom && bottom < rows && left <= right && right < cols;
        if !sound
            || saved.kitty.iter().any(|k| k.0.len() > 32)
            || saved.titles.len() > 10
            || saved.styles.len() > 10
            || saved.spare_colors.len() > 16
            || saved.partial.len() > 4
        {
            return None;
        }
        state.pos = pos(saved.pos);
        state.saved = saved.saved.map(|p| p.map(pos));
        (state.top, state.bottom, state.left, state.right) = (top, bottom, left, right);
        state.alt = saved.alt;
        state.kitty = saved.kitty;
        state.flags = saved.flags;
        state.saved_modes = saved.saved_modes;
        state.tabs = vec![false; cols];
        for tab in saved.tabs {
            if let Some(stop) = state.tabs.get_mut(usize::from(tab)) {
                *stop = true;
            }
        }
        state.title = saved.title;
        state.titles = saved.titles;
        state.palette = saved.palette;
        state.spare_colors = saved.spare_colors;
        state.styles = saved.styles.into_iter().map(|(fg, bg, attr, id)| Cell::look(fg, bg, attr, ext(id))).collect();
        state.outer = saved.outer;
        state.cell_pixels = (saved.cell_pixels.0.clamp(1, 255), saved.cell_pixels.1.clamp(1, 255));
        state.last_char = saved.last_char;
        state.stamp = saved.generation;
        let reader = Reader::resume(saved.phase, saved.partial, &mut state);
        Some(Native { state, reader, generation: saved.generation, second: 0 })
    }
}
