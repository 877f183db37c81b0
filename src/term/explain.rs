//! Terminal traffic in words, for people who debug. Must not know engines: it only reads bytes.

use super::native::{Piece, pieces};

/// Lines at most; older traffic is left out by the caller.
const MAX_LINES: usize = 1000;

fn mode_name(mode: u16) -> &'static str {
    match mode {
        1 => "application cursor keys",
        3 => "132 columns",
        5 => "reverse screen",
        6 => "origin mode",
        7 => "autowrap",
        9 => "mouse presses",
        12 => "blinking cursor",
        25 => "cursor shown",
        41 => "tab after a full line wraps",
        42 => "national character sets",
        45 => "reverse wrap",
        47 | 1047 => "alternate screen",
        66 => "application keypad",
        69 => "left and right margins",
        1000 => "mouse buttons",
        1002 => "mouse drags",
        1003 => "mouse motion",
        1004 => "focus reports",
        1005 => "UTF-8 mouse encoding",
        1006 => "SGR mouse encoding",
        1007 => "wheel as arrow keys",
        1015 => "urxvt mouse encoding",
        1016 => "SGR mouse encoding in pixels",
        1045 => "reverse wrap anywhere",
        1048 => "saved cursor",
        1049 => "alternate screen, cursor saved",
        2004 => "bracketed paste",
        2026 => "synchronised output",
        2027 => "grapheme clusters",
        2031 => "colour scheme reports",
        2048 => "size reports in band",
        _ => "unknown mode",
    }
}

fn csi_name(private: u8, inter: u8, last: u8, first: u16) -> &'static str {
    match (private, inter, last) {
        (0, 0, b'm') => "style",
        (0, 0, b'H' | b'f') => "cursor to row and column",
        (0, 0, b'A') => "cursor up",
        (0, 0, b'B' | b'e') => "cursor down",
        (0, 0, b'C' | b'a') => "cursor right",
        (0, 0, b'D') => "cursor left",
        (0, 0, b'E') => "to the start of a line below",
        (0, 0, b'F') => "to the start of a line above",
        (0, 0, b'G' | b'`') => "cursor to column",
        (0, 0, b'd') => "cursor to row",
        (0, 0, b'J') => ["erase to the end of the screen", "erase to the start of the screen", "erase the screen", "erase history"]
            .get(usize::from(first))
            .copied()
            .unwrap_or("erase"),
        (0, 0, b'K') => {
            ["erase to the end of the line", "erase to the start of the line", "erase the line"].get(usize::from(first)).copied().unwrap_or("erase")
        }
        (0, 0, b'L') => "insert lines",
        (0, 0, b'M') => "delete lines",
        (0, 0, b'P') => "delete characters",
        (0, 0, b'@') => "insert characters",
        (0, 0, b'X') => "erase characters",
        (0, 0, b'S') => "scroll up",
        (0, 0, b'T' | b'^') => "scroll down",
        (0, 0, b'b') => "repeat the last character",
        (0, 0, b'r') => "scrolling region",
        (0, 0, b's') => "save the cursor, or margins",
        (0, 0, b'u') => "restore the cursor",
        (0, 0, b'I') => "tab",
        (0, 0, b'Z') => "back tab",
        (0, 0, b'g') => "clear tab stops",
        (0, 0, b'h') => "set mode",
        (0, 0, b'l') => "reset mode",
        (0, 0, b'c') => "asks what terminal this is (DA1)",
        (b'>', 0, b'c') => "asks for the terminal's version (DA2)",
        (b'=', 0, b'c') => "asks for the terminal's unit (DA3)",
        (b'>', 0, b'q') => "asks for the terminal's name (XTVERSION)",
        (0, 0, b'n') if first == 6 => "asks where the cursor is",
        (0, 0, b'n') => "asks for the status",
        (b'?', 0, b'n') if first == 996 => "asks whether the scheme is dark",
        (b'?', 0, b'n') => "asks for a status",
        (0, 0, b't') if matches!(first, 20 | 21) => "asks for the title (never answered)",
        (0, 0, b't') if matches!(first, 14..=19) => "asks for sizes",
        (0, 0, b't') => "window operation",
        (b'?', 0, b'u') => "asks for the kitty keyboard flags",
        (b'>', 0, b'u') => "push kitty keyboard flags",
        (b'<', 0, b'u') => "pop kitty keyboard flags",
        (b'=', 0, b'u') => "set kitty keyboard flags",
        (b'>', 0, b'm') => "modified keys (modifyOtherKeys)",
        (b'?', b'$', b'p') | (0, b'$', b'p') => "asks how a mode stands",
        (0, b' ', b'q') => "cursor shape",
        (0, b'!', b'p') => "soft reset",
        (b'?', 0, b'J' | b'K') => "selective erase",
        _ => "unknown",
    }
}

fn osc_name(payload: &[u8]) -> &'static str {
    let number = payload.split(|b| *b == b';').next().unwrap_or_default();
    let query = payload.ends_with(b"?");
    match number {
        b"0" | b"2" => "title",
        b"1" => "icon name",
        b"4" | b"10" | b"11" | b"12" if query => "asks for a colour",
        b"4" | b"10" | b"11" | b"12" => "set a colour",
        b"104" | b"110" | b"111" | b"112" => "reset a colour",
        b"7" => "working folder",
        b"8" if payload.ends_with(b";") => "end of a link",
        b"8" => "link",
        b"9" if payload.starts_with(b"9;4;") => "progress",
        b"9" | b"99" | b"777" => "notification",
        b"52" if query => "asks for the clipboard (never answered)",
        b"52" => "writes the clipboard",
        b"133" | b"633" => "shell mark",
        b"7501" if query => "asks for the program status protocol",
        b"7501" => "program status",
        _ => "unknown command",
    }
}

fn shown(bytes: &[u8], max: usize) -> String {
    let text: String = String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '.' } else { c }).take(max).collect();
    let more = if text.len() < bytes.len() { "..." } else { "" };
    format!("{text}{more}")
}

fn control_name(byte: u8) -> &'static str {
    match byte {
        0x07 => "BEL: bell",
        0x08 => "BS: back",
        0x09 => "HT: tab",
        0x0A => "LF: line feed",
        0x0D => "CR: start of line",
        0x0E => "SO: character set G1",
        0x0F => "SI: character set G0",
        0x00 => "NUL",
        0x05 => "ENQ (never answered)",
        _ => "control character",
    }
}

fn escape_name(intermediates: &[u8], last: u8) -> &'static str {
    match (intermediates, last) {
        ([], b'7') => "save the cursor",
        ([], b'8') => "restore the cursor",
        ([], b'D') => "down, scrolling",
        ([], b'E') => "next line",
        ([], b'M') => "up, scrolling",
        ([], b'H') => "set a tab stop",
        ([], b'c') => "full reset",
        ([], b'=') => "application keypad",
        ([], b'>') => "numeric keypad",
        ([], b'\\') => "end of a string",
        ([b'#'], b'8') => "alignment pattern",
        ([b'('..=b'/'], _) => "choose a character set",
        _ => "unknown escape",
    }
}

/// One line for each thing in `bytes`, oldest first, at most 1000; runs of text and of the same control are one line.
pub fn explain(bytes: &[u8]) -> Vec<String> {
    let mut out: Vec<(String, usize)> = Vec::new();
    pieces(bytes, |piece| {
        let line = match piece {
            Piece::Text(text) => format!("text {:?}", shown(text, 120)),
            Piece::Control(byte) => control_name(byte).to_owned(),
            Piece::Escape(intermediates, last) => {
                format!("ESC {}{}: {}", shown(intermediates, 4), last as char, escape_name(intermediates, last))
            }
            Piece::Csi { private, values, inter, last, raw } => {
                let first = values.first().copied().unwrap_or(0);
                let raw = shown(raw, 60);
                match (private, inter, last) {
                    (b'?', 0, b'h' | b'l') => {
                        let names: Vec<&str> = values.iter().map(|m| mode_name(*m)).collect();
                        format!("CSI {raw}: {} {}", if last == b'h' { "on:" } else { "off:" }, names.join(", "))
                    }
                    (b'?', b'$', b'p') => format!("CSI {raw}: asks how {} stands", mode_name(first)),
                    _ => format!("CSI {raw}: {}", csi_name(private, inter, last, first)),
                }
            }
            Piece::String(introducer, payload) => match introducer {
                b']' => format!("OSC {}: {}", shown(payload, 100), osc_name(payload)),
                b'P' if payload.starts_with(b"$q") => format!("DCS {}: asks for a setting", shown(payload, 60)),
                b'P' if payload.starts_with(b"+q") => format!("DCS {}: asks for capabilities", shown(payload, 60)),
                b'P' => format!("DCS {}: not looked at ({} bytes)", shown(payload, 20), payload.len()),
                b'_' if payload.first() == Some(&b'G') => format!("APC {}: kitty graphics, not supported", shown(payload, 40)),
                _ => format!("string {}: not looked at ({} bytes)", shown(payload, 20), payload.len()),
            },
            Piece::Unfinished(bytes) => format!("unfinished: {} bytes", bytes.len()),
        };
        let full = out.len() >= MAX_LINES;
        match out.last_mut() {
            Some((last, n)) if *last == line => *n += 1,
            _ if !full => out.push((line, 1)),
            _ => {}
        }
    });
    out.into_iter().map(|(line, n)| if n > 1 { format!("{line} (x{n})") } else { line }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn traffic_in_words() {
        let got = explain(b"hi\r\n\x1b[1;31mred\x1b[?1049;2004h\x1b[?2026$p\x1b]0;my title\x07\x1b]7501;?\x1b\\\x1b[c\x07\x07\x1b7\x1b(0\x1b_Gi=1;AA\x1b\\\x1b[21t\x1b[3");
        assert_eq!(
            got,
            [
                "text \"hi\"",
                "CR: start of line",
                "LF: line feed",
                "CSI 1;31m: style",
                "text \"red\"",
                "CSI ?1049;2004h: on: alternate screen, cursor saved, bracketed paste",
                "CSI ?2026$p: asks how synchronised output stands",
                "OSC 0;my title: title",
                "OSC 7501;?: asks for the program status protocol",
                "CSI c: asks what terminal this is (DA1)",
                "BEL: bell (x2)",
                "ESC 7: save the cursor",
                "ESC (0: choose a character set",
                "APC Gi=1;AA: kitty graphics, not supported",
                "CSI 21t: asks for the title (never answered)",
                "unfinished: 3 bytes",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_explained(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let lines = explain(&bytes);
            let clean = lines.iter().all(|l| !l.chars().any(char::is_control));
            prop_assert!(clean);
        }
    }
}
