//! Mouse events to the bytes a program expects, by its modes. Must not know panes: positions are the pane's own.

use super::modes::{Modes, MouseEncoding, MouseProtocol};
use crate::base::{Mods, MouseButton, MouseEvent, MouseKind};

/// Arrow keys one step of the wheel makes on the alternate screen (mode 1007).
const WHEEL_LINES: usize = 3;

/// Writes what the program gets for this event; false when it asked for nothing of the kind (the event is then the
/// product's own: scrolling, selecting). `cell` is the size of a cell in pixels, for mode 1016.
pub fn encode_mouse(event: &MouseEvent, modes: &Modes, cell: (u16, u16), out: &mut Vec<u8>) -> bool {
    let wheel = matches!(event.kind, MouseKind::WheelUp | MouseKind::WheelDown | MouseKind::WheelLeft | MouseKind::WheelRight);
    if modes.mouse == MouseProtocol::Off {
        let arrow = match event.kind {
            MouseKind::WheelUp => b'A',
            MouseKind::WheelDown => b'B',
            _ => return false,
        };
        if !modes.alt_screen || !modes.alternate_scroll || !event.mods.is_empty() {
            return false;
        }
        let intro = if modes.app_cursor { b'O' } else { b'[' };
        (0..WHEEL_LINES).for_each(|_| out.extend([0x1B, intro, arrow]));
        return true;
    }
    let wanted = match event.kind {
        MouseKind::Down(_) => true,
        MouseKind::Up(_) => modes.mouse != MouseProtocol::X10,
        MouseKind::Drag(_) => matches!(modes.mouse, MouseProtocol::ButtonMotion | MouseProtocol::AnyMotion),
        MouseKind::Move => modes.mouse == MouseProtocol::AnyMotion,
        _ => modes.mouse != MouseProtocol::X10,
    };
    if !wanted {
        return false;
    }
    let button = |b: MouseButton| match b {
        MouseButton::Left => 0u16,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    };
    let sgr = matches!(modes.mouse_encoding, MouseEncoding::Sgr | MouseEncoding::SgrPixels);
    let release = matches!(event.kind, MouseKind::Up(_));
    let mut code = match event.kind {
        MouseKind::Down(b) => button(b),
        MouseKind::Up(b) if sgr => button(b),
        MouseKind::Up(_) => 3,
        MouseKind::Drag(b) => 32 + button(b),
        MouseKind::Move => 35,
        MouseKind::WheelUp => 64,
        MouseKind::WheelDown => 65,
        MouseKind::WheelLeft => 66,
        MouseKind::WheelRight => 67,
    };
    debug_assert!(wheel == (64..68).contains(&code));
    if modes.mouse != MouseProtocol::X10 {
        for (m, bit) in [(Mods::SHIFT, 4), (Mods::ALT, 8), (Mods::META, 8), (Mods::CTRL, 16)] {
            if event.mods.contains(m) {
                code |= bit;
            }
        }
    }
    let (col, row) = (u32::from(event.col) + 1, u32::from(event.row) + 1);
    match modes.mouse_encoding {
        MouseEncoding::Sgr => out.extend(format!("\x1b[<{code};{col};{row}{}", if release { 'm' } else { 'M' }).bytes()),
        MouseEncoding::SgrPixels => {
            // The middle of the cell: the outer terminal told no more than the cell.
            let x = (col - 1) * u32::from(cell.0) + u32::from(cell.0) / 2;
            let y = (row - 1) * u32::from(cell.1) + u32::from(cell.1) / 2;
            out.extend(format!("\x1b[<{code};{x};{y}{}", if release { 'm' } else { 'M' }).bytes());
        }
        MouseEncoding::Urxvt => out.extend(format!("\x1b[{};{col};{row}M", code + 32).bytes()),
        MouseEncoding::Utf8 => {
            out.extend(b"\x1b[M");
            for v in [u32::from(code) + 32, col + 32, row + 32] {
                // Positions end at 2015, where two bytes end.
                let c = char::from_u32(v.min(0x7FF)).unwrap_or(' ');
                out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        MouseEncoding::Default => {
            // One byte each: what is further away than column or row 223 cannot be told.
            let (Ok(col), Ok(row)) = (u8::try_from(col + 32), u8::try_from(row + 32)) else { return true };
            out.extend([0x1B, b'[', b'M', code as u8 + 32, col, row]);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enc(kind: MouseKind, mods: Mods, mouse: MouseProtocol, encoding: MouseEncoding) -> Option<Vec<u8>> {
        let event = MouseEvent { kind, col: 9, row: 4, mods };
        let mut out = Vec::new();
        let modes = Modes { mouse, mouse_encoding: encoding, alternate_scroll: true, ..Modes::default() };
        encode_mouse(&event, &modes, (8, 16), &mut out).then_some(out)
    }

    #[test]
    fn each_encoding() {
        use MouseEncoding as E;
        use MouseProtocol as P;
        let left = MouseKind::Down(MouseButton::Left);
        let up = MouseKind::Up(MouseButton::Left);
        for (kind, mods, encoding, want) in [
            (left, Mods::empty(), E::Sgr, &b"\x1b[<0;10;5M"[..]),
            (up, Mods::CTRL, E::Sgr, b"\x1b[<16;10;5m"),
            (left, Mods::empty(), E::SgrPixels, b"\x1b[<0;76;72M"),
            (left, Mods::SHIFT, E::Urxvt, b"\x1b[36;10;5M"),
            (left, Mods::empty(), E::Default, b"\x1b[M *%"),
            (up, Mods::empty(), E::Default, b"\x1b[M#*%"),
            (MouseKind::WheelDown, Mods::empty(), E::Utf8, b"\x1b[Ma*%"),
        ] {
            assert_eq!(enc(kind, mods, P::Normal, encoding).as_deref(), Some(want), "{kind:?} {encoding:?}");
        }
    }

    #[test]
    fn only_what_was_asked_for() {
        use MouseProtocol as P;
        let drag = MouseKind::Drag(MouseButton::Left);
        for (kind, mouse, told) in [
            (drag, P::Normal, false),
            (drag, P::ButtonMotion, true),
            (MouseKind::Move, P::ButtonMotion, false),
            (MouseKind::Move, P::AnyMotion, true),
            (MouseKind::Up(MouseButton::Left), P::X10, false),
            (MouseKind::Down(MouseButton::Left), P::Off, false),
            (MouseKind::WheelUp, P::Off, false),
        ] {
            assert_eq!(enc(kind, Mods::empty(), mouse, MouseEncoding::Sgr).is_some(), told, "{kind:?} {mouse:?}");
        }
    }

    #[test]
    fn the_wheel_is_arrows_on_an_alternate_screen() {
        let event = MouseEvent { kind: MouseKind::WheelUp, col: 0, row: 0, mods: Mods::empty() };
        let mut out = Vec::new();
        let modes = Modes { alt_screen: true, alternate_scroll: true, app_cursor: true, ..Modes::default() };
        assert!(encode_mouse(&event, &modes, (8, 16), &mut out));
        assert_eq!(out, b"\x1bOA\x1bOA\x1bOA");
        assert!(!encode_mouse(&event, &Modes { alternate_scroll: false, ..modes }, (8, 16), &mut out));
    }

    #[test]
    fn far_positions_are_not_told_wrongly() {
        let event = MouseEvent { kind: MouseKind::Down(MouseButton::Left), col: 400, row: 0, mods: Mods::empty() };
        let mut out = Vec::new();
        let modes = Modes { mouse: MouseProtocol::Normal, ..Modes::default() };
        assert!(encode_mouse(&event, &modes, (8, 16), &mut out));
        assert!(out.is_empty());
    }
}
