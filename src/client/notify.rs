//! Telling the person through the outer terminal: bell, OSC 9, 777 or 99, whichever it shows. Bytes only. Must not know what
//! is told.

use super::caps::TermCaps;
use crate::base::text::safe_line;
use crate::config::NotifyBy;
use base64::Engine;

/// The bytes that tell it. Text is made safe and short first.
pub fn bytes(by: NotifyBy, caps: &TermCaps, title: &str, text: &str) -> Vec<u8> {
    let by = match by {
        NotifyBy::Auto => best(caps),
        by => by,
    };
    let (title, text) = (safe_line(title, 80), safe_line(text, 200));
    match by {
        NotifyBy::Off => Vec::new(),
        NotifyBy::Osc9 => {
            // `9;4` is progress: a text must not begin like one.
            let all = if text.is_empty() { title } else { format!("{title}: {text}") };
            let safe = if all.starts_with(|c: char| c.is_ascii_digit()) { format!(" {all}") } else { all };
            format!("\x1b]9;{safe}\x1b\\").into_bytes()
        }
        NotifyBy::Osc777 => format!("\x1b]777;notify;{};{}\x1b\\", title.replace(';', ","), text.replace(';', ",")).into_bytes(),
        NotifyBy::Osc99 => {
            let b64 = |t: &str| base64::engine::general_purpose::STANDARD.encode(t);
            let mut out = format!("\x1b]99;i=copilot-tui:d=0:e=1:p=title;{}\x1b\\", b64(&title));
            out.push_str(&format!("\x1b]99;i=copilot-tui:d=1:e=1:p=body;{}\x1b\\", b64(&text)));
            out.into_bytes()
        }
        NotifyBy::Bell | NotifyBy::Auto => b"\x07".to_vec(),
    }
}

/// What this terminal shows.
fn best(caps: &TermCaps) -> NotifyBy {
    let name = caps.name.to_lowercase();
    let is = |names: &[&str]| names.iter().any(|n| name.contains(n));
    if caps.osc99 || caps.vscode || is(&["kitty"]) {
        NotifyBy::Osc99
    } else if is(&["iterm", "wezterm", "ghostty"]) {
        NotifyBy::Osc9
    } else if is(&["foot", "rxvt", "konsole"]) {
        NotifyBy::Osc777
    } else {
        NotifyBy::Bell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(by: NotifyBy, name: &str) -> String {
        let caps = TermCaps { name: name.into(), ..TermCaps::default() };
        String::from_utf8(bytes(by, &caps, "5 waits;\x1b]52;c;x\x07", "run\nthis")).unwrap()
    }

    #[test]
    fn each_terminal_is_told_in_its_own_way() {
        assert_eq!(text(NotifyBy::Auto, "xterm-256color"), "\x07");
        assert!(text(NotifyBy::Auto, "kitty(0.40)").starts_with("\x1b]99;"));
        assert!(text(NotifyBy::Auto, "foot(1.13)").starts_with("\x1b]777;notify;"));
        assert!(text(NotifyBy::Auto, "WezTerm").starts_with("\x1b]9; 5 waits"));
        assert_eq!(text(NotifyBy::Off, "kitty"), "");
    }

    #[test]
    fn no_text_breaks_out_of_its_sequence() {
        for by in [NotifyBy::Osc9, NotifyBy::Osc777, NotifyBy::Osc99] {
            let got = text(by, "x");
            let sequences = got.matches("\x1b]").count();
            assert_eq!(got.matches('\x1b').count(), 2 * sequences, "{got:?}");
            assert!(!got.contains('\x07') && !got.contains('\n'));
        }
    }
}
