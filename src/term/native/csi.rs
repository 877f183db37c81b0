//! Control sequences to actions. Must not know bytes.
//!
//! Sources: ECMA-48, DEC's VT420 manual, xterm's control sequence document, the kitty keyboard protocol.

use super::args::Args;
use super::cell::PROTECTED;
use super::state::State;

impl State {
    /// Does what a control sequence says.
    #[inline]
    pub fn csi(&mut self, args: &Args, last: u8) {
        match (args.private, args.inter) {
            (0, 0) => self.csi_plain(args, last),
            (b'?', 0) => self.csi_question(args, last),
            (0, inter) => self.csi_inter(args, inter, last),
            (b'?', b'$') if last == b'p' && self.flags.level > 2 => self.report_mode(args.get(0), true),
            (private, 0) => self.csi_private(args, private, last),
            _ => self.unknown_csi(args, last),
        }
        self.last_char = None;
    }

    #[inline]
    fn csi_plain(&mut self, args: &Args, last: u8) {
        match last {
            b'm' => self.sgr(args),
            b'H' | b'f' => self.goto(args.at(0), args.at(1)),
            b'K' => self.erase_line(args.get(0), false),
            b'J' => self.erase_display(args.get(0), false),
            b'A' => self.up(args.count(0)),
            b'B' => self.down(args.count(0)),
            b'C' => self.right_by(args.count(0)),
            b'a' => self.right_past(args.count(0)),
            b'e' => self.down_past(args.count(0)),
            b'j' => self.left_past(args.count(0)),
            b'k' => self.up_past(args.count(0)),
            b'D' => self.left_by(args.count(0)),
            b'E' => {
                self.down(args.count(0));
                self.carriage_return();
            }
            b'F' => {
                self.up(args.count(0));
                self.carriage_return();
            }
            b'G' | b'`' => self.goto_col(args.at(0)),
            b'd' => self.goto_row(args.at(0)),
            b'@' => self.edit_cells(args.count(0), true),
            b'P' => self.edit_cells(args.count(0), false),
            b'L' => self.edit_lines(args.count(0), true),
            b'M' => self.edit_lines(args.count(0), false),
            b'S' => self.scroll_up(args.count(0)),
            // With five values it is xterm's highlight tracking.
            b'T' | b'^' if args.values().len() <= 1 => self.scroll_down(args.count(0)),
            b'X' => self.erase_cells(args.count(0)),
            b'I' => self.tab(args.count(0)),
            b'Z' => self.back_tab(args.count(0)),
            b'b' => self.repeat(args.count(0)),
            b'g' => match args.get(0) {
                0 => {
                    if let Some(stop) = self.tabs.get_mut(self.pos.col) {
                        *stop = false;
                    }
                }
                3 => self.tabs.fill(false),
                _ => {}
            },
            // CTC: tab stops at the cursor, or all of them.
            b'W' => match args.get(0) {
                n @ (0 | 2) => {
                    if let Some(stop) = self.tabs.get_mut(self.pos.col) {
                        *stop = n == 0;
                    }
                }
                5 => self.tabs.fill(false),
                _ => {}
            },
            b'h' | b'l' => args.values().iter().for_each(|m| self.set_ansi_mode(*m, last == b'h')),
            b'r' => {
                let bottom = if args.get(1) == 0 { self.rows() } else { usize::from(args.get(1)).min(self.rows()) };
                if args.at(0) + 1 < bottom {
                    (self.top, self.bottom) = (args.at(0), bottom - 1);
                    self.goto(0, 0);
                }
            }
            b's' if self.flags.lr_margins => {
                let right = if args.get(1) == 0 { self.cols() } else { usize::from(args.get(1)).min(self.cols()) };
                if args.at(0) + 1 < right {
                    (self.left, self.right) = (args.at(0), right - 1);
                    self.goto(0, 0);
                }
            }
            b's' => self.save_cursor(),
            b'u' => self.restore_cursor(),
            b'c' if args.get(0) == 0 => self.report_attributes(),
            b'n' => self.report_status(args.get(0)),
            b't' => self.window_op(args),
            // Printing, leds: nothing to do.
            b'i' | b'q' => {}
            b'x' if args.get(0) <= 1 => self.report_parameters(args.get(0)),
            _ => self.unknown_csi(args, last),
        }
    }

    fn csi_question(&mut self, args: &Args, last: u8) {
        match last {
            b'h' | b'l' => args.values().iter().for_each(|m| self.set_mode(*m, last == b'h')),
            b'J' => self.erase_display(args.get(0), true),
            b'K' => self.erase_line(args.get(0), true),
            b'n' => self.report_dec_status(args.get(0), args.get(1)),
            b's' => args.values().iter().for_each(|m| self.save_mode(*m)),
            b'r' => args.values().iter().for_each(|m| self.restore_mode(*m)),
            b'u' => self.report_kitty_flags(),
            b'm' if args.get(0) == 4 => self.report_modify_other_keys(),
            b'W' if args.get(0) == 5 => self.tabs = super::state::default_tabs(self.cols()),
            b'S' => self.report_graphics(args),
            b'i' => {}
            _ => self.unknown_csi(args, last),
        }
    }

    fn csi_private(&mut self, args: &Args, private: u8, last: u8) {
        let screen = self.screen();
        match (private, last) {
            (b'>', b'c') if args.get(0) == 0 => self.report_secondary_attributes(),
            (b'>', b'q') if args.get(0) == 0 => self.report_version(),
            (b'=', b'c') if args.get(0) == 0 => self.report_unit(),
            (b'>', b'u') => self.kitty[screen].push(args.get(0) as u8),
            (b'<', b'u') => self.kitty[screen].pop(args.count(0)),
            (b'=', b'u') => self.kitty[screen].set(args.get(0) as u8, args.get(1)),
            (b'>', b'm') if matches!(args.get(0), 0 | 4) => self.flags.modify_other_keys = args.get(1).min(2) as u8,
            (b'>', b'n') if args.get(0) == 4 => self.flags.modify_other_keys = 0,
            (b'>', b'm' | b'n' | b't' | b'p' | b's') => {}
            _ => return self.unknown_csi(args, last),
        }
        self.dirty = true;
    }

    fn csi_inter(&mut self, args: &Args, inter: u8, last: u8) {
        match (inter, last) {
            (b' ', b'q') => self.cursor_style(args.get(0)),
            (b' ', b'@') => self.shift_view(args.count(0), false),
            (b' ', b'A') => self.shift_view(args.count(0), true),
            (b'!', b'p') => self.soft_reset(),
            (b'"', b'p') => self.conformance(args.get(0)),
            (b'"', b'v') => self.report_extent(),
            (b'"', b'q') => {
                let pen = &mut self.pos.pen;
                pen.attr = if args.get(0) == 1 { pen.attr | PROTECTED } else { pen.attr & !PROTECTED };
            }
            (b'$', b'p') if self.flags.level > 2 => self.report_mode(args.get(0), false),
            (b'$', b'p') => {}
            (b'\'', b'}') => self.edit_columns(args.count(0), true),
            (b'\'', b'~') => self.edit_columns(args.count(0), false),
            (b'$', b'x') => {
                let code = u32::from(args.get(0));
                let c = char::from_u32(code).filter(|_| (0x20..0x7F).contains(&code) || (0xA0..0x100).contains(&code));
                if let (Some(c), Some(area)) = (c, self.area(args.get(1), args.get(2), args.get(3), args.get(4))) {
                    self.fill_area(area, c);
                }
            }
            (b'$', b'z' | b'{') => {
                if let Some(area) = self.area(args.get(0), args.get(1), args.get(2), args.get(3)) {
                    self.erase_area(area, last == b'{');
                }
            }
            (b'$', b'v') => {
                if let Some(area) = self.area(args.get(0), args.get(1), args.get(2), args.get(3)) {
                    let (row, col) = (args.at(5), args.at(6));
                    let (row, col) = if self.pos.origin { (self.top + row, self.left + col) } else { (row, col) };
                    self.copy_area(area, row, col);
                }
            }
            (b'$', b'r' | b't') => {
                if let Some(area) = self.area(args.get(0), args.get(1), args.get(2), args.get(3)) {
                    let params = args.values().get(4..).unwrap_or_default().to_vec();
                    self.style_area(area, &params, last == b't');
                }
            }
            (b'*', b'x') if args.get(0) <= 2 => self.flags.rect_extent = args.get(0) as u8,
            (b'$', b'w') => self.report_presentation(args.get(0)),
            (b'#', b'{' | b'p') => self.push_style(),
            (b'#', b'}' | b'q') => self.pop_style(),
            (b'\'', b'|') => self.reply("\x1b[0&w"),
            (b'&', b'u') => self.reply("\x1bP0!u%5\x1b\\"),
            // Sizes of the page and the screen, the status line, the locator, bells: fixed, or not to be had.
            (b'$', b'|' | b'}' | b'~') | (b'*', b'|') | (b'\'', b'z' | b'{' | b'w') | (b' ', b't' | b'u') | (b'#', b'P' | b'Q' | b'y') => {}
            (b'*', b'y') => self.report_checksum(args),
            _ => self.unknown_csi(args, last),
        }
    }

    /// SL and SR: the columns between the margins move sideways.
    fn shift_view(&mut self, n: usize, right: bool) {
        let (from, to, blank) = (self.left, self.right + 1, self.blank());
        for row in self.top..=self.bottom {
            let line = self.grid.at(row);
            if right {
                line.insert(from, n, to, blank);
            } else {
                line.delete(from, n, to, blank);
            }
        }
        self.touch(self.top, self.bottom);
    }

    fn unknown_csi(&mut self, args: &Args, last: u8) {
        let printable = |b: u8| if b == 0 { String::new() } else { (b as char).to_string() };
        self.unknown(|| {
            let values: Vec<String> = args.values().iter().map(u16::to_string).collect();
            format!("CSI {}{}{}{}", printable(args.private), values.join(";"), printable(args.inter), last as char)
        });
    }

    /// Tells of something not understood, seldom enough not to matter.
    pub fn unknown(&mut self, what: impl FnOnce() -> String) {
        self.unhandled += 1;
        if self.unhandled <= 32 {
            self.events.push(crate::term::event::Event::Unhandled(what()));
        }
    }
}
