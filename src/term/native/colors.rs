//! Colours a program sets for its pane, asks for and resets (OSC 4, 5, 10 to 19, 21, 104 and on). Must not know the parser.
//!
//! What has a use here is in the palette that readers see: the 256 colours, foreground, background, cursor. The rest (pointer,
//! selection, what bold or blink would look like) is remembered, so that a program reads back what it set.

use super::state::State;
use crate::term::color::{Rgb, spec};
use crate::term::osc::{ColorOp, KittyColor, Slot};
use crate::term::replies::MAX_REPLY;

/// Key of a special colour among the spare ones.
const SPECIAL: u16 = 256;

impl State {
    /// The colour in force.
    fn color_of(&self, slot: Slot) -> Rgb {
        let (p, o) = (&self.palette, &self.outer);
        let (fg, bg) = (p.fg.unwrap_or(o.fg), p.bg.unwrap_or(o.bg));
        let spare = |key: u16| self.spare_colors.get(&key).copied();
        match slot {
            Slot::Indexed(i) => p.indexed.get(&i).copied().unwrap_or_else(|| o.indexed(i)),
            Slot::Special(n) => spare(SPECIAL + u16::from(n)).unwrap_or(fg),
            Slot::Fg => fg,
            Slot::Bg => bg,
            Slot::Cursor => p.cursor.or(o.cursor).unwrap_or(fg),
            // Pointer and Tektronix foregrounds; selections are drawn the other way round.
            Slot::Spare(n @ (13 | 15 | 17)) => spare(n.into()).unwrap_or(fg),
            Slot::Spare(18) => spare(18).unwrap_or_else(|| self.color_of(Slot::Cursor)),
            Slot::Spare(n) => spare(n.into()).unwrap_or(bg),
        }
    }

    /// Sets, asks for or resets a colour; `bell` when BEL ended the request (an answer then ends the same way).
    pub fn color(&mut self, op: ColorOp, bell: bool) {
        let p = &mut self.palette;
        match op {
            ColorOp::Set(slot, rgb) => match slot {
                Slot::Indexed(i) => _ = p.indexed.insert(i, rgb),
                Slot::Fg => p.fg = Some(rgb),
                Slot::Bg => p.bg = Some(rgb),
                Slot::Cursor => p.cursor = Some(rgb),
                Slot::Special(n) => _ = self.spare_colors.insert(SPECIAL + u16::from(n), rgb),
                Slot::Spare(n) => _ = self.spare_colors.insert(n.into(), rgb),
            },
            ColorOp::Reset(slot) => match slot {
                Slot::Indexed(i) => _ = p.indexed.remove(&i),
                Slot::Fg => p.fg = None,
                Slot::Bg => p.bg = None,
                Slot::Cursor => p.cursor = None,
                Slot::Special(n) => _ = self.spare_colors.remove(&(SPECIAL + u16::from(n))),
                Slot::Spare(n) => _ = self.spare_colors.remove(&n.into()),
            },
            ColorOp::ResetPalette => p.indexed.clear(),
            ColorOp::ResetSpecial => self.spare_colors.retain(|key, _| *key < SPECIAL),
            ColorOp::Query(slot) => return self.answer_color(slot, false, bell),
            // Asked by the number that follows the palette, answered by it.
            ColorOp::QueryAsIndexed(slot) => return self.answer_color(slot, true, bell),
        }
        self.dirty = true;
    }

    fn answer_color(&mut self, slot: Slot, indexed: bool, bell: bool) {
        let rgb = spec(self.color_of(slot));
        let head = match slot {
            Slot::Indexed(i) => format!("4;{i}"),
            Slot::Special(n) if indexed => format!("4;{}", SPECIAL + u16::from(n)),
            Slot::Special(n) => format!("5;{n}"),
            Slot::Fg => "10".into(),
            Slot::Bg => "11".into(),
            Slot::Cursor => "12".into(),
            Slot::Spare(n) => n.to_string(),
        };
        self.reply(&format!("\x1b]{head};{rgb}{}", if bell { "\x07" } else { "\x1b\\" }));
    }

    /// Kitty's colour stack (OSC 21): questions are answered by name, several to an answer.
    pub fn kitty_colors(&mut self, ops: Vec<KittyColor>, bell: bool) {
        let end = if bell { "\x07" } else { "\x1b\\" };
        let mut answer = String::new();
        for op in ops {
            match op {
                KittyColor::Do(op) => self.color(op, bell),
                KittyColor::Query(name, slot) => {
                    // A colour that follows others has no value of its own.
                    let own = match slot {
                        Some(Slot::Spare(n)) => self.spare_colors.get(&n.into()).copied().map(spec),
                        Some(Slot::Cursor) => self.palette.cursor.or(self.outer.cursor).map(spec),
                        Some(slot) => Some(spec(self.color_of(slot))),
                        None => None,
                    };
                    let item = match slot {
                        Some(Slot::Indexed(i)) => format!(";{i}={}", own.unwrap_or_default()),
                        _ => format!(";{name}={}", own.unwrap_or_default()),
                    };
                    if answer.len() + item.len() + 8 > MAX_REPLY {
                        self.reply(&format!("\x1b]21{answer}{end}"));
                        answer.clear();
                    }
                    answer += &item;
                }
            }
        }
        if !answer.is_empty() {
            self.reply(&format!("\x1b]21{answer}{end}"));
        }
    }
}
