//! A stream cut into its pieces, for people; the engine itself reads with `feed`. Must not know what pieces mean.

use super::args::Args;

/// A piece of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece<'a> {
    /// Printable text.
    Text(&'a [u8]),
    /// A C0 control.
    Control(u8),
    /// `ESC`, intermediates, final byte.
    Escape(&'a [u8], u8),
    /// A control sequence; `raw` is what stood after `ESC [`.
    Csi { private: u8, values: &'a [u16], inter: u8, last: u8, raw: &'a [u8] },
    /// A string: the byte after ESC, and its content.
    String(u8, &'a [u8]),
    /// The start of a sequence whose end is not there.
    Unfinished(&'a [u8]),
}

/// Calls `f` for each piece of `bytes`.
pub(crate) fn pieces(bytes: &[u8], mut f: impl FnMut(Piece<'_>)) {
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let used = match *first {
            0x1B => escape(rest, &mut f),
            0x20..=0x7E | 0x80.. => {
                let n = rest.iter().position(|b| *b < 0x20 || *b == 0x7F).unwrap_or(rest.len());
                f(Piece::Text(&rest[..n]));
                n
            }
            byte => {
                f(Piece::Control(byte));
                1
            }
        };
        rest = rest.get(used.max(1)..).unwrap_or_default();
    }
}

fn escape(bytes: &[u8], f: &mut impl FnMut(Piece<'_>)) -> usize {
    let after = bytes.get(1..).unwrap_or_default();
    match after.first() {
        Some(b'[') => {
            let body = &after[1..];
            let Some(end) = body.iter().position(|b| (0x40..=0x7E).contains(b) || *b == 0x1B) else {
                f(Piece::Unfinished(bytes));
                return bytes.len();
            };
            if body[end] == 0x1B {
                f(Piece::Unfinished(&bytes[..end + 2]));
                return end + 2;
            }
            let raw = &body[..=end];
            let args = super::args::scan(raw).map_or_else(Args::new, |s| s.0);
            f(Piece::Csi { private: args.private, values: args.values(), inter: args.inter, last: body[end], raw });
            end + 3
        }
        Some(intro @ (b']' | b'P' | b'_' | b'^' | b'X')) => {
            let body = &after[1..];
            let end = body.iter().position(|b| matches!(b, 0x1B | 0x18 | 0x1A) || *b == 0x07 && *intro == b']');
            let Some(end) = end else {
                f(Piece::Unfinished(bytes));
                return bytes.len();
            };
            f(Piece::String(*intro, &body[..end]));
            let closed = if body[end] == 0x1B { usize::from(body.get(end + 1) == Some(&b'\\')) * 2 } else { 1 };
            end + 2 + closed
        }
        Some(_) => {
            let n = after.iter().take_while(|b| (0x20..0x30).contains(*b)).count();
            match after.get(n) {
                Some(last @ 0x30..=0x7E) => {
                    f(Piece::Escape(&after[..n], *last));
                    n + 2
                }
                _ => {
                    f(Piece::Unfinished(&bytes[..=n]));
                    n + 1
                }
            }
        }
        None => {
            f(Piece::Unfinished(bytes));
            1
        }
    }
}
