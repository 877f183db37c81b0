//! The simple engine: an adapter over the `vt100` crate. Must not know the native engine.
//!
//! It shows what vt100 can: no reflow, no links, no underline styles, no charsets, no margins. It answers the common queries
//! and tells the same events. It is the oracle of differential tests and the fallback setting; the guard around it catches
//! the panics vt100 is known for (wide characters in the last column).

use super::api::{Engine, EngineKind};
use super::color::{OuterColors, Palette, spec};
use super::event::Event;
use super::events::Events;
use super::modes::{Cursor, CursorShape, Modes, MouseEncoding, MouseProtocol, SyncOutput};
use super::osc::{ColorOp, Osc, Pieces, Slot, mark_at, parse};
use super::replies::Replies;
use crate::base::{Attrs, CellKind, Color, Line, Now, Size, Span, Style, Underline};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::num::NonZeroU16;

/// Most history this engine keeps: its lines are about 6 KB each.
const MAX_HISTORY: usize = 2000;
/// Longest run without an escape sequence's end that goes through; vt100's parser grows with an unterminated OSC.
const MAX_OSC: usize = 256 * 1024;

#[derive(Default, Clone, Serialize, Deserialize)]
struct Side {
    title: String,
    palette: Palette,
    focus: bool,
    alternate_scroll_off: bool,
    color_scheme_updates: bool,
    sync: Option<SyncOutput>,
    modify_other_keys: u8,
    kitty: Vec<u8>,
    urxvt: bool,
    pixels: bool,
}

#[derive(Default)]
struct Hooks {
    side: Side,
    outer: OuterColors,
    cell: (u16, u16),
    now: Now,
    events: Events,
    replies: Replies,
    pieces: Pieces,
    discarded: u64,
}

impl Hooks {
    fn reply(&mut self, text: &str) {
        self.replies.push(text.as_bytes());
    }

    fn color(&mut self, op: ColorOp) {
        let p = &mut self.side.palette;
        match op {
            ColorOp::Set(Slot::Indexed(i), rgb) => _ = p.indexed.insert(i, rgb),
            ColorOp::Set(Slot::Fg, rgb) => p.fg = Some(rgb),
            ColorOp::Set(Slot::Bg, rgb) => p.bg = Some(rgb),
            ColorOp::Set(Slot::Cursor, rgb) => p.cursor = Some(rgb),
            ColorOp::Reset(Slot::Indexed(i)) => _ = p.indexed.remove(&i),
            ColorOp::Reset(Slot::Fg) => p.fg = None,
            ColorOp::Reset(Slot::Bg) => p.bg = None,
            ColorOp::Reset(Slot::Cursor) => p.cursor = None,
            ColorOp::ResetPalette => p.indexed.clear(),
            // Not kept in this engine.
            ColorOp::Set(..) | ColorOp::Reset(_) | ColorOp::ResetSpecial | ColorOp::QueryAsIndexed(_) => {}
            ColorOp::Query(slot) => {
                let o = &self.outer;
                let text = match slot {
                    Slot::Indexed(i) => format!("\x1b]4;{i};{}\x1b\\", spec(p.indexed.get(&i).copied().unwrap_or_else(|| o.indexed(i)))),
                    Slot::Fg => format!("\x1b]10;{}\x1b\\", spec(p.fg.unwrap_or(o.fg))),
                    Slot::Bg => format!("\x1b]11;{}\x1b\\", spec(p.bg.unwrap_or(o.bg))),
                    Slot::Special(_) | Slot::Spare(_) => return,
                    Slot::Cursor => format!("\x1b]12;{}\x1b\\", spec(p.cursor.or(o.cursor).unwrap_or(o.fg))),
                };
                self.reply(&text);
            }
        }
    }

    fn osc(&mut self, screen: &vt100::Screen, payload: &[u8]) {
        match parse(payload) {
            Osc::Title(t) => {
                self.side.title.clone_from(&t);
                self.events.push(Event::Title(t));
            }
            Osc::Colors(ops) => ops.into_iter().for_each(|op| self.color(op)),
            Osc::Cwd(c) => self.events.push(Event::Cwd(c)),
            Osc::Progress(p) => self.events.push(Event::Progress(p)),
            Osc::Notify(n) => self.events.push(Event::Notify(n)),
            Osc::NotifyPiece(p) => {
                if let Some(n) = self.pieces.add(p) {
                    self.events.push(Event::Notify(n));
                }
            }
            Osc::Clipboard(c) => self.events.push(Event::Clipboard(c)),
            Osc::Mark(kind) => {
                let line = self.discarded + screen.scrollback_len() as u64 + u64::from(screen.cursor_position().0);
                self.events.push(Event::Prompt(mark_at(kind, line)));
            }
            Osc::Status(s) => self.events.push(Event::Status(s)),
            Osc::StatusQuery => self.reply(super::native::STATUS_REPLY),
            Osc::Link(_) | Osc::KittyColors(_) | Osc::Print(_) | Osc::PointerQuery(_) | Osc::NotifyQuery(_) | Osc::Ignored | Osc::Unknown => {}
        }
    }
}

impl vt100::Callbacks for Hooks {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.events.push(Event::Bell);
    }

    fn set_window_title(&mut self, screen: &mut vt100::Screen, title: &[u8]) {
        self.osc(screen, &[b"2;", title].concat());
    }

    fn copy_to_clipboard(&mut self, screen: &mut vt100::Screen, ty: &[u8], data: &[u8]) {
        self.osc(screen, &[b"52;", ty, b";", data].concat());
    }

    fn unhandled_osc(&mut self, screen: &mut vt100::Screen, params: &[&[u8]]) {
        self.osc(screen, &params.join(&b';'));
    }

    fn unhandled_csi(&mut self, screen: &mut vt100::Screen, i1: Option<u8>, i2: Option<u8>, params: &[&[u16]], c: char) {
        let p = |i: usize| params.get(i).and_then(|p| p.first()).copied().unwrap_or(0);
        let (rows, cols) = screen.size();
        match (i1, i2, c) {
            (None, None, 'c') if p(0) == 0 => self.reply("\x1b[?62;22c"),
            (Some(b'>'), None, 'c') if p(0) == 0 => self.reply("\x1b[>1;400;0c"),
            (Some(b'>'), None, 'q') if p(0) == 0 => self.reply(super::native::XTVERSION_REPLY),
            (None, None, 'n') if p(0) == 5 => self.reply("\x1b[0n"),
            (None, None, 'n') if p(0) == 6 => {
                let (r, c) = screen.cursor_position();
                self.reply(&format!("\x1b[{};{}R", r + 1, c.min(cols.get() - 1) + 1));
            }
            (Some(b'?'), None, 'n') if p(0) == 996 => self.reply(if self.outer.dark { "\x1b[?997;1n" } else { "\x1b[?997;2n" }),
            (None, None, 't') => match p(0) {
                14 => self.reply(&format!(
                    "\x1b[4;{};{}t",
                    u32::from(rows.get()) * u32::from(self.cell.1),
                    u32::from(cols.get()) * u32::from(self.cell.0)
                )),
                16 => self.reply(&format!("\x1b[6;{};{}t", self.cell.1, self.cell.0)),
                18 => self.reply(&format!("\x1b[8;{rows};{cols}t")),
                _ => {}
            },
            (Some(b'?'), None, 'u') => self.reply(&format!("\x1b[?{}u", self.side.kitty.last().copied().unwrap_or(0))),
            (Some(b'>'), None, 'u') => {
                if self.side.kitty.len() >= 8 {
                    self.side.kitty.remove(0);
                }
                self.side.kitty.push(p(0) as u8 & 31);
            }
            (Some(b'<'), None, 'u') => {
                let keep = self.side.kitty.len().saturating_sub(usize::from(p(0).max(1)));
                self.side.kitty.truncate(keep);
            }
            (Some(b'='), None, 'u') => {
                let flags = p(0) as u8 & 31;
                if self.side.kitty.is_empty() {
                    self.side.kitty.push(0);
                }
                if let Some(top) = self.side.kitty.last_mut() {
                    *top = match p(1) {
                        2 => *top | flags,
                        3 => *top & !flags,
                        _ => flags,
                    };
                }
            }
            (Some(b'>'), None, 'm') if p(0) == 4 => self.side.modify_other_keys = p(1).min(2) as u8,
            (Some(b'?'), None, 'h' | 'l') => {
                let on = c == 'h';
                for param in params {
                    match param.first() {
                        Some(1004) => self.side.focus = on,
                        Some(1007) => self.side.alternate_scroll_off = !on,
                        Some(1015) => self.side.urxvt = on,
                        Some(1016) => self.side.pixels = on,
                        Some(2026) => self.side.sync = on.then_some(SyncOutput { since_ms: self.now.mono_ms }),
                        Some(2031) => self.side.color_scheme_updates = on,
                        _ => {}
                    }
                }
            }
            (Some(b'?'), Some(b'$'), 'p') => {
                let value = match p(0) {
                    1 => 1 + u8::from(!screen.application_cursor()),
                    25 => 1 + u8::from(screen.hide_cursor()),
                    2004 => 1 + u8::from(!screen.bracketed_paste()),
                    1004 => 1 + u8::from(!self.side.focus),
                    1007 => 1 + u8::from(self.side.alternate_scroll_off),
                    2026 => 1 + u8::from(self.side.sync.is_none()),
                    2031 => 1 + u8::from(!self.side.color_scheme_updates),
                    _ => 0,
                };
                self.reply(&format!("\x1b[?{};{value}$y", p(0)));
            }
            _ => {}
        }
    }

    fn on_scroll(&mut self, _: vt100::capture::RowContents<'_>, alternate_screen: bool) {
        if !alternate_screen {
            self.discarded += 1;
        }
    }
}

/// The engine over vt100.
pub(crate) struct Simple {
    parser: RefCell<vt100::Parser<Hooks>>,
    shown: Vec<(Line, u64)>,
    tops: (u64, u64),
    look: (Cursor, Modes),
    // Copies of what the parser's cell holds, because the trait hands out references.
    title: String,
    palette: Palette,
    generation: u64,
    alt: bool,
    limit: usize,
    osc: usize,
    last: u8,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    size: Size,
    state: String,
    side: Side,
    /// Its history is not kept (it would be text without its ids); ids and generations go on.
    top: u64,
    generation: u64,
}

fn nonzero(size: Size) -> (NonZeroU16, NonZeroU16) {
    let size = size.clamped();
    (NonZeroU16::new(size.rows).unwrap_or(NonZeroU16::MIN), NonZeroU16::new(size.cols).unwrap_or(NonZeroU16::MIN))
}

fn color(c: vt100::Color) -> Color {
    match c {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(i) => Color::Indexed(i),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn style(cell: &vt100::Cell) -> Style {
    let mut attrs = Attrs::empty();
    attrs.set(Attrs::BOLD, cell.bold());
    attrs.set(Attrs::DIM, cell.dim());
    attrs.set(Attrs::ITALIC, cell.italic());
    attrs.set(Attrs::REVERSE, cell.inverse());
    let underline = if cell.underline() { Underline::Single } else { Underline::None };
    Style { fg: color(cell.fgcolor()), bg: color(cell.bgcolor()), attrs, underline, underline_color: Color::Default }
}

fn line(screen: &vt100::Screen, row: u16) -> Line {
    let (_, cols) = screen.size();
    let mut out = Line { spans: Vec::new(), wrapped: screen.row_wrapped(row) };
    let mut blanks = 0;
    for col in 0..cols.get() {
        let Some(cell) = screen.cell(row, col) else { break };
        if cell.is_wide_continuation() {
            continue;
        }
        let style = style(cell);
        if !cell.has_contents() && style == Style::default() {
            blanks += 1;
            continue;
        }
        if blanks > 0 {
            push(&mut out, Style::default(), CellKind::Narrow, &" ".repeat(blanks));
            blanks = 0;
        }
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let kind = match (text.chars().nth(1), cell.is_wide()) {
            (None, false) => CellKind::Narrow,
            (None, true) => CellKind::Wide,
            (Some(_), wide) => CellKind::Cluster(1 + u8::from(wide)),
        };
        push(&mut out, style, kind, text);
    }
    out
}

fn push(line: &mut Line, style: Style, cells: CellKind, text: &str) {
    match line.spans.last_mut() {
        Some(last) if last.style == style && last.cells == cells && !matches!(cells, CellKind::Cluster(_)) => last.text.push_str(text),
        _ => line.spans.push(Span { style, cells, text: text.to_owned(), link: None }),
    }
}

impl Simple {
    pub(crate) fn new(size: Size, history_limit: usize) -> Simple {
        let (rows, cols) = nonzero(size);
        let limit = history_limit.min(MAX_HISTORY);
        let hooks = Hooks { cell: (8, 16), ..Hooks::default() };
        let mut new = Simple {
            parser: RefCell::new(vt100::Parser::new_with_callbacks(rows, cols, limit, hooks)),
            shown: Vec::new(),
            tops: (0, 0),
            look: Default::default(),
            title: String::new(),
            palette: Palette::default(),
            generation: 0,
            alt: false,
            limit,
            osc: 0,
            last: 0,
        };
        new.refresh();
        new
    }

    pub(crate) fn restore(bytes: &[u8], history_limit: usize) -> Option<Simple> {
        let saved: Saved = postcard::from_bytes(bytes).ok()?;
        let mut new = Simple::new(saved.size, history_limit);
        new.feed(saved.state.as_bytes(), Now::default());
        new.take_events();
        new.take_replies(&mut Vec::new());
        let parser = new.parser.get_mut();
        parser.callbacks_mut().side = saved.side;
        parser.callbacks_mut().discarded += saved.top;
        new.generation = saved.generation;
        new.refresh();
        Some(new)
    }

    /// Finds out what changed: this engine has no marks of its own.
    fn refresh(&mut self) {
        let parser = self.parser.get_mut();
        let (screen, hooks) = (parser.screen(), parser.callbacks());
        let rows = screen.size().0.get();
        if !screen.alternate_screen() {
            self.tops = (hooks.discarded, hooks.discarded + screen.scrollback_len() as u64);
        }
        let look = (self.cursor_now(), self.modes_now());
        let parser = self.parser.get_mut();
        let screen = parser.screen();
        let next = self.generation + 1;
        let mut changed = look != self.look || self.shown.len() != usize::from(rows);
        self.shown.resize(usize::from(rows), (Line::default(), next));
        for (r, (old, generation)) in self.shown.iter_mut().enumerate() {
            let new = line(screen, r as u16);
            if new != *old {
                (*old, *generation) = (new, next);
                changed = true;
            }
        }
        self.look = look;
        let side = &self.parser.get_mut().callbacks().side;
        if side.title != self.title || side.palette != self.palette {
            self.title.clone_from(&side.title);
            self.palette.clone_from(&side.palette);
            changed = true;
        }
        if changed {
            self.generation = next;
        }
        let alt = self.parser.get_mut().screen().alternate_screen();
        if alt != self.alt {
            self.alt = alt;
            self.parser.get_mut().callbacks_mut().events.push(Event::AltScreen(alt));
        }
    }

    fn cursor_now(&self) -> Cursor {
        let parser = self.parser.borrow();
        let screen = parser.screen();
        let (row, col) = screen.cursor_position();
        let (shape, blink) = match screen.cursor_style() {
            vt100::CursorStyle::Default => (CursorShape::Default, false),
            vt100::CursorStyle::BlinkBlock => (CursorShape::Block, true),
            vt100::CursorStyle::SteadyBlock => (CursorShape::Block, false),
            vt100::CursorStyle::BlinkUnderline => (CursorShape::Underline, true),
            vt100::CursorStyle::SteadyUnderline => (CursorShape::Underline, false),
            vt100::CursorStyle::BlinkVerticalBar => (CursorShape::Bar, true),
            vt100::CursorStyle::SteadyVerticalBar => (CursorShape::Bar, false),
        };
        let cols = screen.size().1.get();
        Cursor { row, col: col.min(cols - 1), visible: !screen.hide_cursor(), shape, blink }
    }

    fn modes_now(&self) -> Modes {
        let parser = self.parser.borrow();
        let (screen, side) = (parser.screen(), &parser.callbacks().side);
        Modes {
            app_cursor: screen.application_cursor(),
            app_keypad: screen.application_keypad(),
            bracketed_paste: screen.bracketed_paste(),
            focus: side.focus,
            mouse: match screen.mouse_protocol_mode() {
                vt100::MouseProtocolMode::None => MouseProtocol::Off,
                vt100::MouseProtocolMode::Press => MouseProtocol::X10,
                vt100::MouseProtocolMode::PressRelease => MouseProtocol::Normal,
                vt100::MouseProtocolMode::ButtonMotion => MouseProtocol::ButtonMotion,
                vt100::MouseProtocolMode::AnyMotion => MouseProtocol::AnyMotion,
            },
            mouse_encoding: match screen.mouse_protocol_encoding() {
                vt100::MouseProtocolEncoding::Sgr => MouseEncoding::Sgr,
                _ if side.pixels => MouseEncoding::SgrPixels,
                _ if side.urxvt => MouseEncoding::Urxvt,
                vt100::MouseProtocolEncoding::Utf8 => MouseEncoding::Utf8,
                vt100::MouseProtocolEncoding::Default => MouseEncoding::Default,
            },
            alt_screen: screen.alternate_screen(),
            alternate_scroll: !side.alternate_scroll_off,
            kitty_flags: side.kitty.last().copied().unwrap_or(0),
            modify_other_keys: side.modify_other_keys,
            sync: side.sync,
            color_scheme_updates: side.color_scheme_updates,
            ..Modes::default()
        }
    }

    /// Cuts an OSC that does not end: vt100's parser would keep all of it.
    fn governed(&mut self, bytes: &[u8]) {
        let parser = self.parser.get_mut();
        let mut start = 0;
        for (i, b) in bytes.iter().enumerate() {
            match (self.last, b) {
                (0x1b, b']') => self.osc = 1,
                (_, 0x07 | 0x1b | 0x18 | 0x1a) => self.osc = 0,
                _ if self.osc > 0 => {
                    self.osc += 1;
                    if self.osc == MAX_OSC {
                        parser.process(&bytes[start..=i]);
                        parser.process(b"\x18");
                        start = i + 1;
                        self.osc = 0;
                    }
                }
                _ => {}
            }
            self.last = *b;
        }
        parser.process(&bytes[start..]);
    }
}

impl Engine for Simple {
    fn feed(&mut self, bytes: &[u8], now: Now) {
        let hooks = self.parser.get_mut().callbacks_mut();
        hooks.now = now;
        hooks.replies.tick(now);
        self.governed(bytes);
        self.refresh();
    }

    fn resize(&mut self, size: Size) {
        let (rows, cols) = nonzero(size);
        self.parser.get_mut().set_size(rows, cols);
        self.refresh();
    }

    fn size(&self) -> Size {
        let (rows, cols) = self.parser.borrow().screen().size();
        Size::new(cols.get(), rows.get())
    }

    fn take_replies(&mut self, out: &mut Vec<u8>) {
        self.parser.get_mut().callbacks_mut().replies.take(out);
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.parser.get_mut().callbacks_mut().events.take()
    }

    fn generation(&self) -> u64 {
        self.generation
    }

    fn row(&self, abs: u64) -> Option<Line> {
        let (start, top) = self.tops;
        if abs >= top {
            return self.shown.get(usize::try_from(abs - top).ok()?).map(|(line, _)| line.clone());
        }
        if abs < start || self.alt {
            return None;
        }
        let mut parser = self.parser.borrow_mut();
        let screen = parser.screen_mut();
        screen.set_scrollback(usize::try_from(top - abs).ok()?);
        let found = line(screen, 0);
        screen.set_scrollback(0);
        Some(found)
    }

    fn row_generation(&self, abs: u64) -> u64 {
        let (start, top) = self.tops;
        if abs < start {
            return 0;
        }
        // Lines of history carry no generation here: they count as new whenever anything is.
        let shown = usize::try_from(abs.saturating_sub(top)).ok().and_then(|i| self.shown.get(i));
        if abs >= top { shown.map_or(0, |s| s.1) } else { self.generation }
    }

    fn screen_top(&self) -> u64 {
        self.tops.1
    }

    fn history_start(&self) -> u64 {
        if self.alt { self.tops.1 } else { self.tops.0 }
    }

    fn cursor(&self) -> Cursor {
        self.look.0
    }

    fn modes(&self) -> Modes {
        self.look.1
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn palette(&self) -> &Palette {
        &self.palette
    }

    fn set_outer(&mut self, colors: OuterColors) {
        self.parser.get_mut().callbacks_mut().outer = colors;
    }

    fn set_cell_pixels(&mut self, width: u16, height: u16) {
        self.parser.get_mut().callbacks_mut().cell = (width.clamp(1, 255), height.clamp(1, 255));
    }

    fn set_history_limit(&mut self, lines: usize) {
        self.limit = lines.min(MAX_HISTORY);
    }

    fn clear_history(&mut self) {
        let parser = self.parser.get_mut();
        let gone = parser.screen().scrollback_len() as u64;
        parser.screen_mut().clear_scrollback();
        parser.callbacks_mut().discarded += gone;
        self.refresh();
    }

    fn history_bytes(&self) -> usize {
        let parser = self.parser.borrow();
        parser.screen().scrollback_len() * usize::from(parser.screen().size().1.get()) * 32
    }

    fn snapshot(&self, _history_lines: usize) -> Vec<u8> {
        let parser = self.parser.borrow();
        let saved = Saved {
            size: self.size(),
            state: parser.screen().state_formatted(),
            side: parser.callbacks().side.clone(),
            top: self.tops.1,
            generation: self.generation,
        };
        postcard::to_allocvec(&saved).unwrap_or_default()
    }

    fn prompts(&self) -> Vec<u64> {
        Vec::new()
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Vt100
    }
}
