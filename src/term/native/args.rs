//! A control sequence as values. Must not know what it does.

/// Values of one sequence at most; more are dropped with the rest of it.
pub(crate) const MAX: usize = 32;

/// A parsed `CSI`: marker, values, intermediate, final byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Args {
    values: [u16; MAX],
    /// Bit i: value i hangs on the one before by a colon.
    subs: u32,
    len: usize,
    /// `<`, `=`, `>`, `?`, or 0.
    pub private: u8,
    /// The intermediate byte, or 0.
    pub inter: u8,
}

impl Args {
    /// No values.
    #[inline]
    pub fn new() -> Args {
        Args { values: [0; MAX], subs: 0, len: 0, private: 0, inter: 0 }
    }

    /// Adds a value; `sub` when a colon stood before it.
    #[inline]
    pub fn push(&mut self, value: u16, sub: bool) {
        if self.len < MAX {
            self.values[self.len] = value;
            self.subs |= u32::from(sub) << self.len;
            self.len += 1;
        }
    }

    /// Reads what vte collected; `None` when it collected two intermediates.
    pub fn from_vte(params: &vte::Params, intermediates: &[u8]) -> Option<Args> {
        let mut args = Args::new();
        for param in params {
            for (i, value) in param.iter().enumerate() {
                args.push(*value, i > 0);
            }
        }
        for byte in intermediates {
            match byte {
                b'<'..=b'?' if args.private == 0 => args.private = *byte,
                _ if args.inter == 0 => args.inter = *byte,
                _ => return None,
            }
        }
        Some(args)
    }

    /// All values.
    #[inline]
    pub fn values(&self) -> &[u16] {
        &self.values[..self.len]
    }

    /// Value `i`, 0 when absent.
    #[inline]
    pub fn get(&self, i: usize) -> u16 {
        if i < self.len { self.values[i] } else { 0 }
    }

    /// Value `i` as a count: absent and 0 are 1.
    #[inline]
    pub fn count(&self, i: usize) -> usize {
        usize::from(self.get(i).max(1))
    }

    /// Value `i` as a coordinate counted from 0.
    #[inline]
    pub fn at(&self, i: usize) -> usize {
        self.count(i) - 1
    }

    /// Whether value `i` hangs on the one before.
    #[inline]
    pub fn is_sub(&self, i: usize) -> bool {
        i < self.len && self.subs >> i & 1 == 1
    }

    /// Index after value `i` and what hangs on it.
    #[inline]
    pub fn group_end(&self, i: usize) -> usize {
        let mut end = i + 1;
        while self.is_sub(end) {
            end += 1;
        }
        end
    }
}

/// Reads a whole `CSI` from the bytes after `ESC [`, when it is complete and of the usual form; gives the arguments, the
/// final byte and how many bytes it took. Everything else is left to the full parser.
#[inline]
pub(crate) fn scan(bytes: &[u8]) -> Option<(Args, u8, usize)> {
    let mut args = Args::new();
    let mut i = 0;
    if let Some(b @ b'<'..=b'?') = bytes.first() {
        args.private = *b;
        i = 1;
    }
    let (mut value, mut sub) = (0u16, false);
    loop {
        let b = *bytes.get(i)?;
        i += 1;
        match b {
            b'0'..=b'9' => value = value.saturating_mul(10).saturating_add(u16::from(b - b'0')),
            b';' | b':' => {
                if args.len + 1 >= MAX {
                    return None;
                }
                args.push(value, sub);
                (value, sub) = (0, b == b':');
            }
            0x40..=0x7E => {
                args.push(value, sub);
                return Some((args, b, i));
            }
            b' '..=b'/' => {
                let last = *bytes.get(i)?;
                if !(0x40..=0x7E).contains(&last) {
                    return None;
                }
                args.inter = b;
                args.push(value, sub);
                return Some((args, last, i + 1));
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What vte makes of the same bytes.
    fn by_vte(bytes: &[u8]) -> Option<(Vec<u16>, u32, u8, u8, u8)> {
        #[derive(Default)]
        struct One(Option<(Vec<u16>, u32, u8, u8, u8)>);
        impl vte::Perform for One {
            fn csi_dispatch(&mut self, params: &vte::Params, inter: &[u8], _: bool, action: char) {
                let args = Args::from_vte(params, inter).unwrap();
                self.0 = Some((args.values().to_vec(), args.subs, args.private, args.inter, action as u8));
            }
        }
        let (mut parser, mut one) = (vte::Parser::new(), One::default());
        parser.advance(&mut one, b"\x1b[");
        parser.advance(&mut one, bytes);
        one.0
    }

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_full_parser_reads(text in "[?>=<]?[0-9;:]{0,20}[ !\"$]?[@-~]") {
            let (args, last, used) = scan(text.as_bytes()).expect("complete");
            prop_assert_eq!(used, text.len());
            let got = (args.values().to_vec(), args.subs, args.private, args.inter, last);
            prop_assert_eq!(Some(got), by_vte(text.as_bytes()));
        }

        #[test]
        fn anything_else_is_left_alone(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some((_, last, used)) = scan(&bytes) {
                prop_assert!(used <= bytes.len() && bytes[used - 1] == last);
            }
        }
    }
}
