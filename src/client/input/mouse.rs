//! Mouse reports, X10 and SGR (xterm's control sequences, "Mouse Tracking"). Must not know sequences around them.

use crate::base::{Mods, MouseButton, MouseEvent, MouseKind};

/// Three bytes of an X10 report, each 32 more than what it means.
pub(super) fn x10(b: u8, x: u8, y: u8) -> Option<MouseEvent> {
    let (b, x, y) = (b.checked_sub(32)?, x.checked_sub(33)?, y.checked_sub(33)?);
    let released = b & 0b1100_0011 == 3 && b & 32 == 0;
    event(u32::from(b), u16::from(x), u16::from(y), released)
}

/// An SGR report: button code, column and row counted from 1, pressed or released.
pub(super) fn sgr(b: u32, x: u32, y: u32, released: bool) -> Option<MouseEvent> {
    let cell = |v: u32| u16::try_from(v.checked_sub(1)?).ok();
    event(b, cell(x)?, cell(y)?, released)
}

fn event(b: u32, col: u16, row: u16, released: bool) -> Option<MouseEvent> {
    let mut mods = Mods::empty();
    mods.set(Mods::SHIFT, b & 4 != 0);
    mods.set(Mods::ALT, b & 8 != 0);
    mods.set(Mods::CTRL, b & 16 != 0);
    let motion = b & 32 != 0;
    let button = match b & 0b1100_0011 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (b & 0b1100_0011, button) {
        (64, _) => MouseKind::WheelUp,
        (65, _) => MouseKind::WheelDown,
        (66, _) => MouseKind::WheelLeft,
        (67, _) => MouseKind::WheelRight,
        (_, Some(button)) if motion => MouseKind::Drag(button),
        (_, Some(button)) if released => MouseKind::Up(button),
        (_, Some(button)) => MouseKind::Down(button),
        (3, _) if motion => MouseKind::Move,
        (3, _) => MouseKind::Up(MouseButton::Left), // X10 does not say which
        _ => return None,                           // buttons beyond the wheel
    };
    Some(MouseEvent { kind, col, row, mods })
}
