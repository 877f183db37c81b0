//! Control characters, short escapes and operating system commands to actions. Must not know the parser.

use super::charset::Charset;
use super::state::State;
use crate::term::event::Event;
use crate::term::osc::{Osc, mark_at, parse};

impl State {
    /// A C0 control.
    #[inline]
    pub fn control(&mut self, byte: u8) {
        self.last_char = None;
        match byte {
            b'\n' | 0x0B | 0x0C => self.line_feed(),
            b'\r' => self.carriage_return(),
            0x08 => self.backspace(),
            b'\t' => self.tab(1),
            0x07 => self.events.push(Event::Bell),
            0x0E => self.pos.charsets.shift(1),
            0x0F => self.pos.charsets.shift(0),
            _ => {}
        }
    }

    /// `ESC`, intermediates, a final byte.
    pub fn escape(&mut self, intermediates: &[u8], last: u8) {
        self.last_char = None;
        match (intermediates, last) {
            ([], b'7') => self.save_cursor(),
            ([], b'8') => self.restore_cursor(),
            ([], b'D') => {
                self.pos.pending = false;
                self.index();
            }
            // Down first: outside the left and right margins that does not scroll, and going to the margin comes after.
            ([], b'E') => {
                self.index();
                self.carriage_return();
            }
            ([], b'M') => self.reverse_index(),
            ([], b'H') => {
                if let Some(stop) = self.tabs.get_mut(self.pos.col) {
                    *stop = true;
                }
            }
            ([], b'c') => self.full_reset(),
            ([], b'=') => self.flags.app_keypad = true,
            ([], b'>') => self.flags.app_keypad = false,
            ([], b'N') => self.pos.charsets.single_shift(2),
            ([], b'O') => self.pos.charsets.single_shift(3),
            ([], b'n') => self.pos.charsets.shift(2),
            ([], b'o') => self.pos.charsets.shift(3),
            ([], b'6') => {
                if self.pos.col == self.left {
                    self.edit_columns(1, true);
                } else {
                    self.pos.pending = false;
                    self.pos.col = self.pos.col.saturating_sub(1);
                }
            }
            ([], b'9') => {
                if self.pos.col == self.right {
                    let col = std::mem::replace(&mut self.pos.col, self.left);
                    self.edit_columns(1, false);
                    self.pos.col = col;
                } else {
                    self.right_by(1);
                }
            }
            ([], b'Z') => self.report_attributes(),
            ([], b'V') => {
                self.pos.pen.attr |= super::cell::GUARDED;
                self.flags.guarded = true;
            }
            ([], b'W') => self.pos.pen.attr &= !super::cell::GUARDED,
            ([], b'\\' | b'|' | b'}' | b'~' | b'l' | b'm') => {}
            ([b'#'], b'8') => self.alignment_pattern(),
            // Double height and width: kept with the line, drawn as usual.
            ([b'#'], b'3'..=b'6') => {
                self.grid.at(self.pos.row).set_size([2, 3, 0, 1][usize::from(last - b'3')]);
                self.touch(self.pos.row, self.pos.row);
            }
            ([slot @ (b'('..=b'+' | b'-'..=b'/'), rest @ ..], set) => {
                let of_96 = *slot >= b'-';
                let at = if of_96 { slot - b'-' + 1 } else { slot - b'(' };
                self.pos.charsets.designate(at, Charset::named(of_96, rest.first().copied().unwrap_or(0), set));
            }
            ([b'%' | b' '], _) => {} // UTF-8 always, 7-bit answers always
            _ => self.unknown(|| format!("ESC {}{}", String::from_utf8_lossy(intermediates), last as char)),
        }
        self.dirty = true;
    }

    /// Changes the title.
    pub fn set_title(&mut self, title: String) {
        if title != self.title {
            self.title.clone_from(&title);
            self.dirty = true;
        }
        self.events.push(Event::Title(title));
    }

    /// An operating system command; `bell` when BEL ended it (an answer then ends the same way).
    pub fn command(&mut self, payload: &[u8], bell: bool) {
        self.last_char = None;
        match parse(payload) {
            Osc::Title(title) => self.set_title(title),
            Osc::Colors(ops) => ops.into_iter().for_each(|op| self.color(op, bell)),
            Osc::KittyColors(ops) => self.kitty_colors(ops, bell),
            Osc::Print(text) => text.chars().for_each(|c| self.print_char(c)),
            // No shape is known, and none is set.
            Osc::PointerQuery(n) => self.reply(&format!("\x1b]22;{}\x1b\\", vec!["0"; n].join(","))),
            Osc::NotifyQuery(id) => self.reply(&format!("\x1b]99;i={id}:p=?;p=title,body\x1b\\")),
            Osc::Cwd(path) => self.events.push(Event::Cwd(path)),
            Osc::Link(target) => self.set_ext(|ext| ext.link = target.map(Into::into)),
            Osc::Progress(progress) => self.events.push(Event::Progress(progress)),
            Osc::Notify(notice) => self.events.push(Event::Notify(notice)),
            Osc::NotifyPiece(piece) => {
                if let Some(notice) = self.pieces.add(piece) {
                    self.events.push(Event::Notify(notice));
                }
            }
            Osc::Clipboard(clipboard) => self.events.push(Event::Clipboard(clipboard)),
            Osc::Mark(kind) => {
                use crate::term::event::MarkKind;
                let bit = match kind {
                    MarkKind::PromptStart => 1,
                    MarkKind::OutputStart => 2,
                    _ => 0,
                };
                self.grid.at(self.pos.row).mark |= bit;
                let line = self.screen_top() + self.pos.row as u64;
                self.events.push(Event::Prompt(mark_at(kind, line)));
            }
            Osc::Status(payload) => self.events.push(Event::Status(payload)),
            Osc::StatusQuery => self.report_status_protocol(),
            Osc::Ignored => {}
            Osc::Unknown => self.unknown(|| {
                let number: Vec<u8> = payload.iter().take_while(|b| b.is_ascii_digit()).take(8).copied().collect();
                format!("OSC {}", String::from_utf8_lossy(&number))
            }),
        }
    }
}
