//! Answers to queries: constant shapes around numbers we parsed or know, nothing of the request itself, never a title.
//! Must not know the parser.

use super::args::Args;
use super::state::State;
use super::{STATUS_REPLY, XTVERSION_REPLY};
use crate::base::{Attrs, Color};
use crate::term::modes::CursorShape;

/// Capabilities XTGETTCAP tells: name and value; the value is `None` for a switch.
const CAPABILITIES: &[(&str, Option<&str>)] = &[
    ("TN", Some("xterm-256color")),
    ("Co", Some("256")),
    ("colors", Some("256")),
    ("RGB", Some("8")),
    ("Tc", None),
    ("Su", None),
    ("Smulx", Some("\x1b[4:%p1%dm")),
    ("Ms", Some("\x1b]52;%p1%s;%p2%s\x07")),
    ("Ss", Some("\x1b[%p1%d q")),
    ("Se", Some("\x1b[2 q")),
    ("BE", Some("\x1b[?2004h")),
    ("BD", Some("\x1b[?2004l")),
    ("PS", Some("\x1b[200~")),
    ("PE", Some("\x1b[201~")),
    ("kbs", Some("\x7f")),
    ("kcuu1", Some("\x1bOA")),
    ("kcud1", Some("\x1bOB")),
    ("kcuf1", Some("\x1bOC")),
    ("kcub1", Some("\x1bOD")),
    ("khome", Some("\x1bOH")),
    ("kend", Some("\x1bOF")),
];

impl State {
    /// Queues an answer.
    pub fn reply(&mut self, text: &str) {
        self.replies.push(text.as_bytes());
    }

    /// DA1: a VT420 with selective erase, national sets, technical characters, horizontal scrolling, colour, rectangles, and a
    /// clipboard that can be written (52); no sixel (4), no printer, no 132 columns.
    pub fn report_attributes(&mut self) {
        self.reply("\x1b[?64;6;9;15;21;22;28;52c");
    }

    /// DA2.
    pub fn report_secondary_attributes(&mut self) {
        self.reply("\x1b[>41;400;0c");
    }

    /// DA3: a unit number, the same for all.
    pub fn report_unit(&mut self) {
        self.reply("\x1bP!|00000000\x1b\\");
    }

    /// XTSMGRAPHICS: there are no graphics, so every question about them is an error.
    pub fn report_graphics(&mut self, args: &Args) {
        if matches!(args.get(0), 1..=3) {
            self.reply(&format!("\x1b[?{};3;0S", args.get(0)));
        }
    }

    /// XTVERSION.
    pub fn report_version(&mut self) {
        self.reply(XTVERSION_REPLY);
    }

    /// The query of OSC 7501.
    pub fn report_status_protocol(&mut self) {
        self.reply(STATUS_REPLY);
    }

    /// Row and column of the cursor as reports count them.
    pub fn cursor_report(&self) -> (usize, usize) {
        let (row, col) = (self.pos.row, self.pos.col);
        let (row, col) = if self.pos.origin { (row.saturating_sub(self.top), col.saturating_sub(self.left)) } else { (row, col) };
        (row + 1, col + 1)
    }

    /// DSR.
    pub fn report_status(&mut self, what: u16) {
        match what {
            5 => self.reply("\x1b[0n"),
            6 => {
                let (row, col) = self.cursor_report();
                self.reply(&format!("\x1b[{row};{col}R"));
            }
            _ => {}
        }
    }

    /// DSR with `?`.
    pub fn report_dec_status(&mut self, what: u16, id: u16) {
        match what {
            6 => {
                let (row, col) = self.cursor_report();
                self.reply(&format!("\x1b[?{row};{col};1R"));
            }
            15 => self.reply("\x1b[?13n"),
            25 => self.reply("\x1b[?21n"),
            26 => self.reply("\x1b[?27;1;0;0n"),
            53 | 55 => self.reply("\x1b[?50n"),
            56 => self.reply("\x1b[?57;0n"),
            62 => self.reply("\x1b[0*{"),
            63 => self.reply(&format!("\x1bP{id}!~0000\x1b\\")),
            75 => self.reply("\x1b[?70n"),
            85 => self.reply("\x1b[?83n"),
            996 => self.report_scheme(),
            _ => {}
        }
    }

    /// Dark or light.
    pub fn report_scheme(&mut self) {
        self.reply(if self.outer.dark { "\x1b[?997;1n" } else { "\x1b[?997;2n" });
    }

    /// DECREQTPARM.
    pub fn report_parameters(&mut self, which: u16) {
        self.reply(&format!("\x1b[{};1;1;128;128;1;0x", which + 2));
    }

    /// DECRQM.
    pub fn report_mode(&mut self, mode: u16, dec: bool) {
        let text = if dec { format!("\x1b[?{mode};{}$y", self.mode_state(mode)) } else { format!("\x1b[{mode};{}$y", self.ansi_mode_state(mode)) };
        self.reply(&text);
    }

    /// The kitty keyboard flags in force.
    pub fn report_kitty_flags(&mut self) {
        let flags = self.kitty[self.screen()].flags();
        self.reply(&format!("\x1b[?{flags}u"));
    }

    /// XTQMODKEYS.
    pub fn report_modify_other_keys(&mut self) {
        self.reply(&format!("\x1b[>4;{}m", self.flags.modify_other_keys));
    }

    fn pixels(&self) -> (u32, u32) {
        let (w, h) = self.cell_pixels;
        (u32::from(self.size.cols) * u32::from(w), u32::from(self.size.rows) * u32::from(h))
    }

    /// XTWINOPS: sizes are told, the window is never moved, and titles are never told (they are the program's own text, and an
    /// answer would type it). Titles can be kept and brought back.
    pub fn window_op(&mut self, args: &Args) {
        let (width, height) = self.pixels();
        let (rows, cols) = (self.size.rows, self.size.cols);
        match args.get(0) {
            11 => self.reply("\x1b[1t"),
            13 => self.reply("\x1b[3;0;0t"),
            14 => self.reply(&format!("\x1b[4;{height};{width}t")),
            15 => self.reply(&format!("\x1b[5;{height};{width}t")),
            16 => self.reply(&format!("\x1b[6;{};{}t", self.cell_pixels.1, self.cell_pixels.0)),
            18 => self.reply(&format!("\x1b[8;{rows};{cols}t")),
            19 => self.reply(&format!("\x1b[9;{rows};{cols}t")),
            22 if args.get(1) != 1 => {
                if self.titles.len() >= 10 {
                    self.titles.remove(0);
                }
                self.titles.push(self.title.clone());
            }
            23 if args.get(1) != 1 => {
                if let Some(title) = self.titles.pop() {
                    self.set_title(title);
                }
            }
            _ => {}
        }
    }

    /// The size in band (mode 2048).
    pub fn report_size_in_band(&mut self) {
        if self.flags.in_band_resize {
            let (width, height) = self.pixels();
            self.reply(&format!("\x1b[48;{};{};{height};{width}t", self.size.rows, self.size.cols));
        }
    }

    /// DECRQCRA.
    pub fn report_checksum(&mut self, args: &Args) {
        let sum = self.area(args.get(2), args.get(3), args.get(4), args.get(5)).map_or(0, |area| self.checksum(area));
        self.reply(&format!("\x1bP{}!~{sum:04X}\x1b\\", args.get(0)));
    }

    /// A device control string: DECRQSS and XTGETTCAP are answered, a reported state is taken
    /// back, everything else (images, passthrough) is not looked at.
    pub fn device_control(&mut self, body: &[u8]) {
        self.last_char = None;
        if let Some(setting) = body.strip_prefix(b"$q") {
            let answer = self.setting(setting).filter(|a| a.len() <= 56);
            match answer {
                Some(answer) => self.reply(&format!("\x1bP1$r{answer}\x1b\\")),
                None => self.reply("\x1bP0$r\x1b\\"),
            }
        } else if let Some(names) = body.strip_prefix(b"+q") {
            for name in names.split(|b| *b == b';').take(16) {
                self.capability(name);
            }
        } else if let Some((kind @ (b'1' | b'2'), body)) = body.split_first()
            && let Some(body) = body.strip_prefix(b"$t")
        {
            self.restore_presentation(*kind, body);
        }
    }

    fn setting(&self, what: &[u8]) -> Option<String> {
        let f = &self.flags;
        Some(match what {
            b"m" => self.sgr_setting(),
            b"r" => format!("{};{}r", self.top + 1, self.bottom + 1),
            b"s" => format!("{};{}s", self.left + 1, self.right + 1),
            b" q" => {
                let n = match (f.cursor_shape, f.cursor_blink) {
                    (CursorShape::Default, _) => 0,
                    (CursorShape::Block, blink) => 2 - u8::from(blink),
                    (CursorShape::Underline, blink) => 4 - u8::from(blink),
                    (CursorShape::Bar, blink) => 6 - u8::from(blink),
                };
                format!("{n} q")
            }
            b"\"q" => format!("{}\"q", u8::from(self.pos.pen.attr & super::cell::PROTECTED != 0)),
            b"\"p" => format!("{};1\"p", 60 + u16::from(f.level)),
            b"*x" => format!("{}*x", f.rect_extent),
            // The main display, and no status line.
            b"$}" => "0$}".to_owned(),
            b"$~" => "0$~".to_owned(),
            b"t" => format!("{}t", self.size.rows),
            b"$|" => format!("{}$|", self.size.cols),
            b"*|" => format!("{}*|", self.size.rows),
            _ => return None,
        })
    }

    fn sgr_setting(&self) -> String {
        let pen = self.pos.pen;
        let attrs = Attrs::from_bits_truncate(pen.attr & 0xFF);
        let mut out = "0".to_owned();
        let names =
            [(Attrs::BOLD, 1), (Attrs::DIM, 2), (Attrs::ITALIC, 3), (Attrs::BLINK, 5), (Attrs::REVERSE, 7), (Attrs::HIDDEN, 8), (Attrs::STRIKE, 9)];
        for (attr, n) in names {
            if attrs.contains(attr) {
                out += &format!(";{n}");
            }
        }
        match pen.underline() as u8 {
            0 => {}
            1 => out += ";4",
            n => out += &format!(";4:{n}"),
        }
        if attrs.contains(Attrs::OVERLINE) {
            out += ";53";
        }
        let underline = self.tables.ext(pen.ext).map_or(0, |e| e.underline);
        let mut paint = |paint: u32, base: u16| match super::cell::unpack(paint) {
            Color::Default => {}
            Color::Indexed(i @ 0..8) if base < 50 => out += &format!(";{}", base - 8 + u16::from(i)),
            Color::Indexed(i @ 8..16) if base < 50 => out += &format!(";{}", base + 44 + u16::from(i)),
            Color::Indexed(i) => out += &format!(";{base}:5:{i}"),
            Color::Rgb(r, g, b) => out += &format!(";{base}:2::{r}:{g}:{b}"),
        };
        paint(pen.fg, 38);
        paint(pen.bg, 48);
        paint(underline, 58);
        out + "m"
    }

    fn capability(&mut self, hex: &[u8]) {
        let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
        let name: Option<Vec<u8>> = hex
            .chunks(2)
            .map(|pair| match pair {
                [a, b] => Some(digit(*a)? << 4 | digit(*b)?),
                _ => None,
            })
            .collect();
        let found = name.and_then(|name| CAPABILITIES.iter().find(|c| c.0.as_bytes() == name));
        let to_hex = |text: &str| text.bytes().map(|b| format!("{b:02X}")).collect::<String>();
        match found {
            Some((name, Some(value))) => self.reply(&format!("\x1bP1+r{}={}\x1b\\", to_hex(name), to_hex(value))),
            Some((name, None)) => self.reply(&format!("\x1bP1+r{}\x1b\\", to_hex(name))),
            None => self.reply("\x1bP0+r\x1b\\"),
        }
    }
}
