//! Modes that a program may set and find set, and that do nothing. Must not know the parser.

/// Modes of devices that do not exist here (smooth scroll, autorepeat, printer, pages, keyboards): they do nothing, but a
/// program that sets one finds it set, as on a terminal that has the device. Below 1000 DEC's, from 1000 on ECMA's less 1000.
const LATENT: [u16; 12] = [4, 8, 18, 19, 42, 61, 64, 68, 73, 81, 1002, 1012];
/// Those on at start: autorepeat, no local echo.
pub(crate) const LATENT_ON: u16 = 1 << 1 | 1 << 11;

/// The bit of such a mode.
pub(crate) fn latent(mode: u16) -> Option<u16> {
    LATENT.iter().position(|m| *m == mode).map(|i| 1 << i)
}
