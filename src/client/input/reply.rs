//! Answers of the outer terminal. Must not know who asked.

/// An answer to a query, or news the terminal was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// What kind of device it is (DA1). Every terminal answers this, in order, so it ends a batch of queries.
    Device(Vec<u32>),
    /// State of a mode (DECRPM): 0 unknown, 1 on, 2 off, 3 always on, 4 always off.
    Mode {
        /// Which.
        mode: u32,
        /// Its state.
        value: u32,
    },
    /// Flags of the kitty keyboard protocol: it speaks it.
    KittyFlags(u32),
    /// What it is by DA2: type, version, and more.
    Secondary(Vec<u32>),
    /// How it writes now (DECRQSS of SGR), as parameters.
    Style(String),
    /// Shape of its cursor (DECRQSS of DECSCUSR), 0 to 6.
    Shape(u8),
    /// It has this capability of terminfo (XTGETTCAP), by its hexadecimal name.
    Capability(String),
    /// Its name and version (XTVERSION).
    Version(String),
    /// A colour of its palette (OSC 4).
    Palette {
        /// Which.
        index: u8,
        /// Red, green, blue.
        rgb: (u8, u8, u8),
    },
    /// A colour: 10 foreground, 11 background, 12 cursor.
    Color {
        /// Which.
        which: u32,
        /// Red, green, blue.
        rgb: (u8, u8, u8),
    },
    /// The colour scheme changed, or was asked for.
    Scheme {
        /// Light on dark.
        dark: bool,
    },
    /// Where the cursor is, counted from 1.
    Cursor {
        /// Row.
        row: u32,
        /// Column.
        col: u32,
    },
    /// It shows notifications of OSC 99.
    Osc99,
    /// Something else, of no use here.
    Other,
}

/// A control string: DCS (`P`), OSC (`]`), APC and the like, without introducer and terminator.
pub(super) fn string(kind: u8, body: &[u8]) -> Reply {
    let body = String::from_utf8_lossy(body);
    match kind {
        b'P' => match body.strip_prefix(">|") {
            Some(version) => Reply::Version(crate::base::text::safe_line(version, 80)),
            None => match (body.strip_prefix("1$r"), body.strip_prefix("1+r")) {
                (Some(state), _) => state_of(state),
                (_, Some(cap)) => Reply::Capability(cap.split('=').next().unwrap_or_default().chars().take(40).collect::<String>().to_lowercase()),
                _ => Reply::Other,
            },
        },
        b']' => osc(&body),
        _ => Reply::Other,
    }
}

/// What DECRQSS told.
fn state_of(state: &str) -> Reply {
    match (state.strip_suffix(" q"), state.strip_suffix('m')) {
        (Some(shape), _) => shape.parse().ok().filter(|n| *n <= 6).map_or(Reply::Other, Reply::Shape),
        (_, Some(style)) => Reply::Style(style.chars().filter(|c| c.is_ascii_digit() || ";:".contains(*c)).take(80).collect()),
        _ => Reply::Other,
    }
}

fn osc(body: &str) -> Reply {
    let Some((which, rest)) = body.split_once(';') else { return Reply::Other };
    match which {
        "10" | "11" | "12" => match (which.parse(), color(rest)) {
            (Ok(which), Some(rgb)) => Reply::Color { which, rgb },
            _ => Reply::Other,
        },
        "4" => match rest.split_once(';').map(|(n, c)| (n.parse(), color(c))) {
            Some((Ok(index), Some(rgb))) => Reply::Palette { index, rgb },
            _ => Reply::Other,
        },
        "99" => match rest.contains("p=?") {
            true => Reply::Osc99,
            false => Reply::Other,
        },
        _ => Reply::Other,
    }
}

/// `rgb:rrrr/gggg/bbbb` with one to four digits each (XParseColor), `rgba:` too, or `#rrggbb`.
fn color(text: &str) -> Option<(u8, u8, u8)> {
    if let Some(hex) = text.strip_prefix('#') {
        let part = |i: usize| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok();
        return if hex.len() == 6 { Some((part(0)?, part(2)?, part(4)?)) } else { None };
    }
    let rest = text.strip_prefix("rgb:").or_else(|| text.strip_prefix("rgba:"))?;
    let mut parts = rest.split('/').map(|p| {
        let max = match p.len() {
            1..=4 => (1u32 << (4 * p.len())) - 1,
            _ => return None,
        };
        Some((u32::from_str_radix(p, 16).ok()? * 255 / max) as u8)
    });
    Some((parts.next()??, parts.next()??, parts.next()??))
}
