//! Operating system commands as values. Must not know grids or engines: a payload goes in, one [`Osc`] comes out.
//!
//! Sources: xterm's control sequence document (0-19, 52, 104, 105, 110-119), kitty (21, 22, 66), the OSC 8 note, ConEmu (9), kitty (99), rxvt (777),
//! FinalTerm (133), VS Code (633), iTerm2 (1337), the program status protocol (7501).

use super::color::{Rgb, parse_spec};
use super::event::{Clipboard, Mark, MarkKind, Notice, NoticeSource, Progress, ProgressState};
use base64::Engine as _;

/// Longest title, in characters.
const MAX_TITLE: usize = 256;
/// Longest title or text of a notification, in characters.
const MAX_NOTICE: usize = 200;
/// Longest hyperlink target, in bytes.
const MAX_LINK: usize = 1024;
/// Largest clipboard write, decoded, in bytes.
const MAX_CLIPBOARD: usize = 100 * 1024;

/// Longest payload of the command that begins like this; what is longer is dropped whole.
pub(crate) fn limit(start: &[u8]) -> usize {
    if start.starts_with(b"52;") { MAX_CLIPBOARD * 4 / 3 + 64 } else { 4096 }
}

/// A colour that can be set and asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Indexed(u8),
    Fg,
    Bg,
    Cursor,
    /// What OSC 5 names: bold, underline, blink, reverse, italic.
    Special(u8),
    /// 13 to 19: pointer, Tektronix, selection.
    Spare(u8),
}

/// One request about a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorOp {
    Set(Slot, Rgb),
    Query(Slot),
    /// A special colour asked for by the number that follows the palette.
    QueryAsIndexed(Slot),
    Reset(Slot),
    ResetPalette,
    ResetSpecial,
}

/// One field of OSC 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KittyColor {
    Do(ColorOp),
    /// Asked for by this name; `None` for one that is known but not to be had.
    Query(&'static str, Option<Slot>),
}

/// One piece of an OSC 99 notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub id: String,
    pub done: bool,
    pub title: bool,
    pub text: String,
}

/// What a payload asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Osc {
    Title(String),
    Colors(Vec<ColorOp>),
    KittyColors(Vec<KittyColor>),
    /// Text to be drawn as it is (OSC 66 without its sizes).
    Print(String),
    /// So many pointer shapes were asked about (OSC 22).
    PointerQuery(usize),
    /// What notifications can do was asked for, by this number.
    NotifyQuery(u32),
    Cwd(String),
    /// Target, or `None` at the end of a link.
    Link(Option<String>),
    Progress(Progress),
    Notify(Notice),
    NotifyPiece(Piece),
    Clipboard(Clipboard),
    Mark(MarkKind),
    Status(String),
    StatusQuery,
    /// Known, and nothing to do.
    Ignored,
    Unknown,
}

/// Text without control characters, at most `max` characters.
pub(crate) fn clean(bytes: &[u8], max: usize) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(max).collect()
}

/// Reads one payload (without introducer and terminator).
pub(crate) fn parse(payload: &[u8]) -> Osc {
    let (number, rest) = match payload.iter().position(|b| *b == b';') {
        Some(i) => (&payload[..i], Some(&payload[i + 1..])),
        None => (payload, None),
    };
    let Some(number) = std::str::from_utf8(number).ok().and_then(|n| n.parse::<u16>().ok()) else {
        return Osc::Unknown;
    };
    let body = rest.unwrap_or_default();
    match number {
        0 | 2 => Osc::Title(clean(body, MAX_TITLE)),
        1 | 3 | 50 => Osc::Ignored,
        4 => indexed_colors(body, 0),
        5 => indexed_colors(body, 256),
        21 => kitty_colors(body),
        22 => match body.strip_prefix(b"?") {
            Some(names) => Osc::PointerQuery(names.split(|b| *b == b',').take(16).count()),
            None => Osc::Ignored,
        },
        66 => match body.iter().position(|b| *b == b';') {
            Some(split) => Osc::Print(clean(&body[split + 1..], 4096)),
            None => Osc::Ignored,
        },
        104 if body.is_empty() => Osc::Colors(vec![ColorOp::ResetPalette]),
        104 => Osc::Colors(fields(body).filter_map(number_field).filter_map(|n| numbered(n, 0)).map(ColorOp::Reset).collect()),
        105 if body.is_empty() => Osc::Colors(vec![ColorOp::ResetSpecial]),
        105 => Osc::Colors(fields(body).filter_map(number_field).filter_map(|n| numbered(n, 256)).map(ColorOp::Reset).collect()),
        10..=19 => dynamic_colors(number, body),
        110..=119 => Osc::Colors(vec![ColorOp::Reset(dynamic(number - 100))]),
        7 => file_url(body).map_or(Osc::Ignored, Osc::Cwd),
        8 => link(body),
        9 => osc9(body),
        52 => clipboard(body),
        99 => osc99(body),
        133 => mark(body),
        633 => vscode(body),
        777 => osc777(body),
        1337 => match body.strip_prefix(b"CurrentDir=") {
            Some(path) => absolute(path).map_or(Osc::Ignored, Osc::Cwd),
            None => Osc::Ignored,
        },
        7501 if body == b"?" => Osc::StatusQuery,
        7501 => Osc::Status(clean(body, 4096)),
        _ => Osc::Unknown,
    }
}

fn fields(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|b| *b == b';')
}

fn number_field<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The colour with this number: the palette, and after it the special ones.
fn numbered(number: u16, base: u16) -> Option<Slot> {
    match number.checked_add(base)? {
        n @ 0..=255 => Some(Slot::Indexed(n as u8)),
        n @ 256..=260 => Some(Slot::Special((n - 256) as u8)),
        _ => None,
    }
}

/// The colour of an OSC from 10 to 19.
fn dynamic(number: u16) -> Slot {
    match number {
        10 => Slot::Fg,
        11 => Slot::Bg,
        12 => Slot::Cursor,
        n => Slot::Spare(n as u8),
    }
}

fn indexed_colors(body: &[u8], base: u16) -> Osc {
    let mut ops = Vec::new();
    let mut parts = fields(body);
    while let (Some(index), Some(spec)) = (parts.next(), parts.next()) {
        let Some(slot) = number_field(index).and_then(|n| numbered(n, base)) else { continue };
        if spec == b"?" {
            ops.push(if base == 0 && matches!(slot, Slot::Special(_)) { ColorOp::QueryAsIndexed(slot) } else { ColorOp::Query(slot) });
        } else if let Some(rgb) = parse_spec(spec) {
            ops.push(ColorOp::Set(slot, rgb));
        }
        if ops.len() >= 256 {
            break;
        }
    }
    Osc::Colors(ops)
}

fn dynamic_colors(first: u16, body: &[u8]) -> Osc {
    let ops = (first..=19).map(dynamic).zip(fields(body)).filter_map(|(slot, spec)| match spec {
        b"?" => Some(ColorOp::Query(slot)),
        _ => parse_spec(spec).map(|rgb| ColorOp::Set(slot, rgb)),
    });
    Osc::Colors(ops.collect())
}

/// Names of OSC 21 and the colours they stand for.
const KITTY_COLORS: &[(&str, Option<Slot>)] = &[
    ("foreground", Some(Slot::Fg)),
    ("background", Some(Slot::Bg)),
    ("cursor", Some(Slot::Cursor)),
    ("selection_background", Some(Slot::Spare(17))),
    ("selection_foreground", Some(Slot::Spare(19))),
    ("cursor_text", None),
    ("visual_bell", None),
];

fn kitty_colors(body: &[u8]) -> Osc {
    let ops = fields(body).take(64).filter_map(|field| {
        let mut parts = field.splitn(2, |b| *b == b'=');
        let (name, value) = (parts.next()?, parts.next());
        let (name, slot) = match number_field::<u8>(name) {
            Some(index) => ("", Some(Slot::Indexed(index))),
            None => *KITTY_COLORS.iter().find(|c| c.0.as_bytes() == name)?,
        };
        match value {
            Some(b"?") => Some(KittyColor::Query(name, slot)),
            Some(spec) if !spec.is_empty() => Some(KittyColor::Do(ColorOp::Set(slot?, parse_spec(spec)?))),
            _ => Some(KittyColor::Do(ColorOp::Reset(slot?))),
        }
    });
    Osc::KittyColors(ops.collect())
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16)).map(|d| d as u8);
        match (bytes[i], hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                i += 3;
            }
            (b, ..) => {
                out.push(b);
                i += 1;
            }
        }
    }
    out
}

/// An absolute path without control characters; anything else is not a folder we could show.
fn absolute(path: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(path).ok()?;
    (text.starts_with('/') && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

fn file_url(body: &[u8]) -> Option<String> {
    let rest = body.strip_prefix(b"file://").or_else(|| body.strip_prefix(b"kitty-shell-cwd://"));
    let path = match rest {
        Some(rest) => &rest[rest.iter().position(|b| *b == b'/')?..],
        None => body,
    };
    absolute(&percent_decode(path))
}

fn link(body: &[u8]) -> Osc {
    let Some(split) = body.iter().position(|b| *b == b';') else { return Osc::Ignored };
    let target = &body[split + 1..];
    if target.is_empty() {
        return Osc::Link(None);
    }
    // A target outside the rules ends the running link instead of stretching it.
    let ok = target.len() <= MAX_LINK && target.iter().all(|b| (0x21..0x7F).contains(b));
    Osc::Link(ok.then(|| String::from_utf8_lossy(target).into_owned()))
}

fn osc9(body: &[u8]) -> Osc {
    let mut parts = fields(body);
    let head = parts.next().unwrap_or_default();
    match head {
        b"4" => {
            let state = match parts.next().and_then(number_field::<u8>) {
                Some(0) => ProgressState::None,
                Some(1) => ProgressState::Normal,
                Some(2) => ProgressState::Error,
                Some(3) => ProgressState::Indeterminate,
                Some(4) => ProgressState::Paused,
                _ => return Osc::Ignored,
            };
            let given = parts.next().and_then(number_field::<u16>).map(|p| p.min(100) as u8);
            let percent = match state {
                ProgressState::None | ProgressState::Indeterminate => None,
                _ => given,
            };
            Osc::Progress(Progress { state, percent })
        }
        b"9" => {
            let path = body.get(2..).unwrap_or_default();
            let path = path.strip_prefix(b"\"").and_then(|p| p.strip_suffix(b"\"")).unwrap_or(path);
            absolute(path).map_or(Osc::Ignored, Osc::Cwd)
        }
        // ConEmu's other commands; a notification may still begin with a digit when nothing follows it.
        [d] if d.is_ascii_digit() && body.len() > 1 => Osc::Ignored,
        b"10" | b"11" | b"12" => Osc::Ignored,
        _ => notice(NoticeSource::Osc9, b"", body),
    }
}

fn notice(source: NoticeSource, title: &[u8], body: &[u8]) -> Osc {
    let (title, body) = (clean(title, MAX_NOTICE), clean(body, MAX_NOTICE));
    if title.is_empty() && body.is_empty() { Osc::Ignored } else { Osc::Notify(Notice { source, title, body }) }
}

fn osc777(body: &[u8]) -> Osc {
    let mut parts = body.splitn(3, |b| *b == b';');
    match parts.next() {
        Some(b"notify") => notice(NoticeSource::Osc777, parts.next().unwrap_or_default(), parts.next().unwrap_or_default()),
        _ => Osc::Ignored,
    }
}

fn osc99(body: &[u8]) -> Osc {
    let mut parts = body.splitn(2, |b| *b == b';');
    let (meta, payload) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut piece = Piece { id: String::new(), done: true, title: true, text: String::new() };
    let mut base64 = false;
    for field in meta.split(|b| *b == b':') {
        match field {
            [b'i', b'=', id @ ..] => piece.id = clean(id, 64),
            b"d=0" => piece.done = false,
            b"p=title" => piece.title = true,
            b"p=body" => piece.title = false,
            b"p=?" => return Osc::NotifyQuery(piece.id.parse().unwrap_or(0)),
            [b'p', b'=', ..] => return Osc::Ignored, // closing, icons, buttons
            b"e=1" => base64 = true,
            _ => {}
        }
    }
    let decoded = if base64 { decode_base64(payload).unwrap_or_default() } else { payload.to_vec() };
    piece.text = clean(&decoded, MAX_NOTICE);
    Osc::NotifyPiece(piece)
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(text).ok()
}

fn clipboard(body: &[u8]) -> Osc {
    let Some(split) = body.iter().position(|b| *b == b';') else { return Osc::Ignored };
    let (selection, data) = (&body[..split], &body[split + 1..]);
    if data == b"?" || !selection.iter().all(|b| b"cpqs01234567".contains(b)) || selection.len() > 12 {
        return Osc::Ignored;
    }
    let selection = if selection.is_empty() { "c".to_owned() } else { clean(selection, 12) };
    match decode_base64(data) {
        Some(data) if data.len() <= MAX_CLIPBOARD => Osc::Clipboard(Clipboard { selection, data }),
        _ => Osc::Ignored,
    }
}

fn mark(body: &[u8]) -> Osc {
    let mut parts = fields(body);
    match parts.next() {
        Some(b"A" | b"N" | b"P") => Osc::Mark(MarkKind::PromptStart),
        Some(b"B" | b"I") => Osc::Mark(MarkKind::InputStart),
        Some(b"C") => Osc::Mark(MarkKind::OutputStart),
        Some(b"D") => Osc::Mark(MarkKind::CommandEnd(parts.next().and_then(number_field))),
        _ => Osc::Ignored,
    }
}

fn vscode(body: &[u8]) -> Osc {
    let mut parts = fields(body);
    match parts.next() {
        Some(b"E") => Osc::Mark(MarkKind::CommandLine(clean(&unescape(parts.next().unwrap_or_default()), 1024))),
        Some(b"P") => match parts.next().and_then(|p| p.strip_prefix(b"Cwd=")) {
            Some(path) => absolute(&unescape(path)).map_or(Osc::Ignored, Osc::Cwd),
            None => Osc::Ignored,
        },
        Some(b"A" | b"B" | b"C" | b"D") => mark(body),
        _ => Osc::Ignored,
    }
}

/// VS Code writes `\\` and `\xHH` in its values.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        match &text[i..] {
            [b'\\', b'\\', ..] => {
                out.push(b'\\');
                i += 2;
            }
            [b'\\', b'x', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                let digit = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
                out.push(digit(*a) << 4 | digit(*b));
                i += 4;
            }
            [b, ..] => {
                out.push(*b);
                i += 1;
            }
            [] => break,
        }
    }
    out
}

/// Gathers the pieces of OSC 99 notifications; keeps at most one that is not complete.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    id: String,
    title: String,
    body: String,
}

impl Pieces {
    /// Takes a piece; gives the notification when it is complete.
    pub(crate) fn add(&mut self, piece: Piece) -> Option<Notice> {
        if piece.id != self.id {
            *self = Pieces { id: piece.id, ..Pieces::default() };
        }
        let text = if piece.title { &mut self.title } else { &mut self.body };
        let room = MAX_NOTICE.saturating_sub(text.chars().count());
        text.extend(piece.text.chars().take(room));
        if !piece.done {
            return None;
        }
        let Pieces { title, body, .. } = std::mem::take(self);
        (!title.is_empty() || !body.is_empty()).then_some(Notice { source: NoticeSource::Osc99, title, body })
    }
}

/// A mark at a line, as an event carries it.
pub(crate) fn mark_at(kind: MarkKind, line: u64) -> Mark {
    Mark { kind, line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn notice_of(source: NoticeSource, title: &str, body: &str) -> Osc {
        Osc::Notify(Notice { source, title: title.into(), body: body.into() })
    }

    #[test]
    fn each_command_reads() {
        for (payload, want) in [
            ("0;a;b", Osc::Title("a;b".into())),
            ("2;\u{7}x\u{1b}y", Osc::Title("xy".into())),
            ("7;file://host/a%20b/%C3%A9", Osc::Cwd("/a b/é".into())),
            ("7;file:///x%0Ay", Osc::Ignored),
            ("8;;https://a.b/;c", Osc::Link(Some("https://a.b/;c".into()))),
            ("8;id=1;", Osc::Link(None)),
            ("9;4;1;250", Osc::Progress(Progress { state: ProgressState::Normal, percent: Some(100) })),
            ("9;4;3", Osc::Progress(Progress { state: ProgressState::Indeterminate, percent: None })),
            ("9;hello; you", notice_of(NoticeSource::Osc9, "", "hello; you")),
            ("9;9;/tmp", Osc::Cwd("/tmp".into())),
            ("9;2;box", Osc::Ignored),
            ("777;notify;t;b;c", notice_of(NoticeSource::Osc777, "t", "b;c")),
            ("52;c;aGk=", Osc::Clipboard(Clipboard { selection: "c".into(), data: b"hi".to_vec() })),
            ("52;;aGk", Osc::Clipboard(Clipboard { selection: "c".into(), data: b"hi".to_vec() })),
            ("52;c;?", Osc::Ignored),
            ("133;D;3", Osc::Mark(MarkKind::CommandEnd(Some(3)))),
            ("633;E;a\\x3bb", Osc::Mark(MarkKind::CommandLine("a;b".into()))),
            ("633;P;Cwd=/x", Osc::Cwd("/x".into())),
            ("7501;?", Osc::StatusQuery),
            ("7501;state=working:progress=3", Osc::Status("state=working:progress=3".into())),
            ("4;1;?;2;#ff0000", Osc::Colors(vec![ColorOp::Query(Slot::Indexed(1)), ColorOp::Set(Slot::Indexed(2), (255, 0, 0))])),
            ("10;?;?", Osc::Colors(vec![ColorOp::Query(Slot::Fg), ColorOp::Query(Slot::Bg)])),
            ("5;0;?", Osc::Colors(vec![ColorOp::Query(Slot::Special(0))])),
            ("4;257;?", Osc::Colors(vec![ColorOp::QueryAsIndexed(Slot::Special(1))])),
            ("18;?;?;?", Osc::Colors(vec![ColorOp::Query(Slot::Spare(18)), ColorOp::Query(Slot::Spare(19))])),
            ("117", Osc::Colors(vec![ColorOp::Reset(Slot::Spare(17))])),
            (
                "21;background=?;7=?;zzz=?;cursor=;foreground=#010203",
                Osc::KittyColors(vec![
                    KittyColor::Query("background", Some(Slot::Bg)),
                    KittyColor::Query("", Some(Slot::Indexed(7))),
                    KittyColor::Do(ColorOp::Reset(Slot::Cursor)),
                    KittyColor::Do(ColorOp::Set(Slot::Fg, (1, 2, 3))),
                ]),
            ),
            ("22;?a,b", Osc::PointerQuery(2)),
            ("66;s=2;a;b", Osc::Print("a;b".into())),
            ("104;7", Osc::Colors(vec![ColorOp::Reset(Slot::Indexed(7))])),
            ("31337;x", Osc::Unknown),
            ("", Osc::Unknown),
        ] {
            assert_eq!(parse(payload.as_bytes()), want, "{payload:?}");
        }
    }

    #[test]
    fn notifications_come_in_pieces() {
        let mut pieces = Pieces::default();
        let mut add = |p: &str| match parse(p.as_bytes()) {
            Osc::NotifyPiece(piece) => pieces.add(piece),
            other => panic!("{other:?}"),
        };
        assert_eq!(add("99;i=1:d=0;Hello "), None);
        assert_eq!(add("99;i=1:p=body:e=1;d29ybGQ="), Some(Notice { source: NoticeSource::Osc99, title: "Hello ".into(), body: "world".into() }));
        assert_eq!(add("99;;done").map(|n| n.title), Some("done".into()));
        assert_eq!(parse(b"99;i=17:p=?;"), Osc::NotifyQuery(17));
        assert_eq!(parse(b"99;i=a:p=?;"), Osc::NotifyQuery(0));
    }

    #[test]
    fn a_link_outside_the_rules_ends_the_running_one() {
        assert_eq!(parse(format!("8;;http://{}", "a".repeat(2000)).as_bytes()), Osc::Link(None));
        assert_eq!(parse("8;;http://\u{202e}x".as_bytes()), Osc::Link(None));
    }

    proptest! {
        #[test]
        fn no_payload_breaks_the_reader(payload in prop::collection::vec(any::<u8>(), 0..200), n in prop::sample::select(vec!["0", "4", "7", "8", "9", "52", "99", "133", "633", "777", "1337", "7501"])) {
            let mut bytes = n.as_bytes().to_vec();
            bytes.push(b';');
            bytes.extend(payload);
            match parse(&bytes) {
                Osc::Title(t) => prop_assert!(t.chars().count() <= MAX_TITLE && !t.chars().any(char::is_control)),
                Osc::Cwd(c) => prop_assert!(c.starts_with('/') && !c.chars().any(char::is_control)),
                Osc::Notify(n) => prop_assert!(n.body.chars().count() <= MAX_NOTICE && n.title.chars().count() <= MAX_NOTICE),
                _ => {}
            }
        }
    }
}
