//! Telling the person through the outer terminal: bell, OSC 9, 777 or 99, whichever it shows. Bytes only. Must not know what
//! is told, or when.

use super::caps::TermCaps;
use crate::base::text::safe_line;
use crate::config::NotifyBy;
use crate::wire::{NoticeKind, Notification};
use base64::Engine;

/// The bytes that tell it. Text is made safe and short first. `again`: it stands already, so that only OSC 99, which replaces
/// what has the same name, says anything.
pub fn bytes(by: NotifyBy, caps: &TermCaps, n: &Notification, again: bool) -> Vec<u8> {
    let (title, text) = (safe_line(&n.title, 80), safe_line(&n.text, 200));
    match resolved(by, caps) {
        NotifyBy::Osc99 => osc99(n, &title, &text, by == NotifyBy::Auto && caps.vscode && !caps.osc99 && !again),
        _ if again => Vec::new(),
        NotifyBy::Off => Vec::new(),
        NotifyBy::Osc9 => {
            // `9;4` is progress: a text must not begin like one.
            let all = if text.is_empty() { title } else { format!("{title}: {text}") };
            let safe = if all.starts_with(|c: char| c.is_ascii_digit()) { format!(" {all}") } else { all };
            format!("\x1b]9;{safe}\x1b\\").into_bytes()
        }
        NotifyBy::Osc777 => format!("\x1b]777;notify;{};{}\x1b\\", title.replace(';', ","), text.replace(';', ",")).into_bytes(),
        NotifyBy::Bell | NotifyBy::Auto => b"\x07".to_vec(),
    }
}

/// The bytes that take it back; nothing where that cannot be done.
pub fn close(by: NotifyBy, caps: &TermCaps, id: u64) -> Vec<u8> {
    match resolved(by, caps) {
        NotifyBy::Osc99 => format!("\x1b]99;i={}:p=close;\x1b\\", name(id)).into_bytes(),
        _ => Vec::new(),
    }
}

/// What one notification is called in the terminal.
fn name(id: u64) -> String {
    format!("copilot-tui-{id}")
}

fn osc99(n: &Notification, title: &str, text: &str, and_bell: bool) -> Vec<u8> {
    let b64 = |t: &str| base64::engine::general_purpose::STANDARD.encode(t);
    let name = name(n.id);
    let urgency = match n.kind {
        NoticeKind::Waiting | NoticeKind::Failed => 2,
        NoticeKind::Done => 1,
        NoticeKind::Milestone | NoticeKind::Message => 0,
    };
    // A click brings the window to the front and reports nothing; there are no buttons.
    let last = u8::from(text.is_empty());
    let mut out = format!("\x1b]99;i={name}:d={last}:u={urgency}:e=1:p=title;{}\x1b\\", b64(title));
    if !text.is_empty() {
        out.push_str(&format!("\x1b]99;i={name}:d=1:u={urgency}:e=1:p=body;{}\x1b\\", b64(text)));
    }
    if and_bell {
        // An older relative of VS Code that did not answer the question may show nothing of it.
        out.push('\x07');
    }
    out.into_bytes()
}

fn resolved(by: NotifyBy, caps: &TermCaps) -> NotifyBy {
    match by {
        NotifyBy::Auto => best(caps),
        by => by,
    }
}

/// What this terminal shows. urxvt shows OSC 777 only with an extension that few have, so it gets the bell.
fn best(caps: &TermCaps) -> NotifyBy {
    let name = caps.name.to_lowercase();
    let is = |names: &[&str]| names.iter().any(|n| name.contains(n));
    if caps.osc99 || caps.vscode || is(&["kitty"]) {
        NotifyBy::Osc99
    } else if is(&["iterm", "wezterm", "ghostty", "warp"]) {
        NotifyBy::Osc9
    } else if is(&["foot", "konsole"]) {
        NotifyBy::Osc777
    } else {
        NotifyBy::Bell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn notification(title: &str, text: &str) -> Notification {
        Notification { id: 42, kind: NoticeKind::Waiting, session: None, title: title.into(), text: text.into(), lines: Vec::new(), count: 1 }
    }

    fn told(by: NotifyBy, name: &str, again: bool) -> String {
        let caps = TermCaps { name: name.into(), vscode: name == "vscode", ..TermCaps::default() };
        String::from_utf8(bytes(by, &caps, &notification("#5 db needs you", "Delete; 6 files?"), again)).unwrap()
    }

    #[test]
    fn each_terminal_is_told_in_its_own_way() {
        let osc99 = "\x1b]99;i=copilot-tui-42:d=0:u=2:e=1:p=title;IzUgZGIgbmVlZHMgeW91\x1b\\\
                     \x1b]99;i=copilot-tui-42:d=1:u=2:e=1:p=body;RGVsZXRlOyA2IGZpbGVzPw==\x1b\\";
        let osc9 = "\x1b]9;#5 db needs you: Delete; 6 files?\x1b\\";
        let osc777 = "\x1b]777;notify;#5 db needs you;Delete, 6 files?\x1b\\";
        for (name, want) in [
            ("kitty(0.26.5)", osc99),
            ("iTerm.app", osc9),
            ("WezTerm 20240203", osc9),
            ("ghostty 1.2", osc9),
            ("foot(1.13.1)", osc777),
            ("Konsole 22.12.3", osc777),
            ("XTerm(379)", "\x07"),
            ("xterm-256color", "\x07"),
            ("rxvt-unicode-256color", "\x07"),
            ("alacritty", "\x07"),
            ("st-256color", "\x07"),
            ("tmux-256color", "\x07"),
        ] {
            assert_eq!(told(NotifyBy::Auto, name, false), want, "{name}");
        }
        // One that calls itself VS Code and did not answer may be too old for it.
        assert_eq!(told(NotifyBy::Auto, "vscode", false), format!("{osc99}\x07"));
        assert_eq!(told(NotifyBy::Off, "kitty", false), "");
        assert_eq!(told(NotifyBy::Bell, "kitty", false), "\x07");
    }

    #[test]
    fn a_terminal_that_says_it_shows_osc_99_gets_it() {
        let caps = TermCaps { name: "xterm.js(6.1.0-beta.304)".into(), osc99: true, ..TermCaps::default() };
        assert!(bytes(NotifyBy::Auto, &caps, &notification("a", ""), false).starts_with(b"\x1b]99;i=copilot-tui-42:d=1:"));
    }

    #[test]
    fn only_osc_99_says_it_again_and_takes_it_back() {
        assert!(told(NotifyBy::Osc99, "x", true).starts_with("\x1b]99;"));
        for by in [NotifyBy::Osc9, NotifyBy::Osc777, NotifyBy::Bell, NotifyBy::Off] {
            assert_eq!(told(by, "x", true), "");
            assert!(close(by, &TermCaps::default(), 42).is_empty());
        }
        assert_eq!(close(NotifyBy::Osc99, &TermCaps::default(), 42), b"\x1b]99;i=copilot-tui-42:p=close;\x1b\\");
    }

    #[test]
    fn a_text_like_progress_is_none() {
        let n = notification("4;3;50", "");
        assert_eq!(bytes(NotifyBy::Osc9, &TermCaps::default(), &n, false), b"\x1b]9; 4;3;50\x1b\\");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_sequence(title in any::<String>(), text in "(\\PC|\u{1b}|\u{7}|\u{9c}|\\\\|;){0,300}") {
            for by in [NotifyBy::Osc9, NotifyBy::Osc777, NotifyBy::Osc99] {
                let got = String::from_utf8(bytes(by, &TermCaps::default(), &notification(&title, &text), false)).unwrap();
                let sequences = got.matches("\x1b]").count();
                prop_assert!(sequences <= 2 && got.len() < 4096);
                prop_assert_eq!(got.matches('\x1b').count(), 2 * sequences, "{:?}", got);
                prop_assert_eq!(got.matches("\x1b\\").count(), sequences, "{:?}", got);
                prop_assert!(!got.chars().any(|c| c != '\x1b' && c.is_control()));
                prop_assert!(got.starts_with("\x1b]") && got.ends_with("\x1b\\"));
            }
        }
    }
}
