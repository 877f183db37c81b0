//! What may ever be written to the terminal of a person: a strict parser of a short list. Whatever is not on it is an error.
#![allow(dead_code)] // each test file uses a part

/// Checks all that was written; the first thing that is not allowed, with some of what is around it.
pub fn allowed(bytes: &str) -> Result<(), String> {
    let chars: Vec<char> = bytes.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let bad = |what: &str| {
            let around: String = chars[i.saturating_sub(20)..(i + 60).min(chars.len())].iter().collect();
            Err(format!("{what} at {i}: {around:?}"))
        };
        match chars[i] {
            '\x1b' => match sequence(&chars[i..]) {
                Ok(n) => i += n,
                Err(what) => return bad(&what),
            },
            '\r' | '\n' | '\x07' => i += 1,
            c if c.is_control() => return bad("a control character"),
            // What turns text around, hides it, or carries something unseen.
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}' => {
                return bad("a deceiving character");
            }
            _ => i += 1,
        }
    }
    Ok(())
}

/// Characters of an allowed sequence.
fn sequence(s: &[char]) -> Result<usize, String> {
    match s.get(1) {
        // The end of a string; the keypad's modes.
        Some('\\' | '=' | '>') => Ok(2),
        Some('[') => {
            let end = (2..s.len()).find(|i| ('@'..='~').contains(&s[*i])).ok_or("a sequence without an end")?;
            let body: String = s[2..=end].iter().collect();
            if csi(&body) { Ok(end + 1) } else { Err(format!("CSI {body}")) }
        }
        Some(']') => {
            let (body, n) = match s.iter().position(|c| *c == '\x07') {
                // Questions for colours end in BEL.
                Some(end) if end < 16 && s[2..end].ends_with(&[';', '?']) => (s[2..end].iter().collect(), end + 1),
                _ => string(s)?,
            };
            if osc(&body) { Ok(n) } else { Err(format!("OSC {body}")) }
        }
        // Questions: whether there are kinds of underlines, how it writes now, and the shape of its cursor.
        Some('P') => {
            let (body, n) = string(s)?;
            if ["+q536d756c78", "$qm", "$q q"].contains(&body.as_str()) { Ok(n) } else { Err(format!("DCS {body}")) }
        }
        other => Err(format!("ESC {other:?}")),
    }
}

/// A control string and the characters it takes with its ends.
fn string(s: &[char]) -> Result<(String, usize), String> {
    let end = (2..s.len()).find(|i| s[*i].is_control()).ok_or("a string without an end")?;
    if s[end] != '\x1b' || s.get(end + 1) != Some(&'\\') {
        return Err("a string with a control character in it".into());
    }
    Ok((s[2..end].iter().collect(), end + 2))
}

fn number(text: &str, most: u32) -> bool {
    !text.is_empty() && text.len() <= 4 && text.chars().all(|c| c.is_ascii_digit()) && text.parse::<u32>().is_ok_and(|n| n <= most)
}

fn csi(body: &str) -> bool {
    const MODES: [&str; 12] = ["7", "25", "1000", "1002", "1003", "1004", "1006", "1049", "2004", "2026", "2027", "2031"];
    const WHOLE: &[&str] = &[
        "H", "C", "m", "r", "2J", "2K", "22;0t", "23;0t", "=5;1u", "=7;1u", "=0;1u", "c", ">c", ">q", "?u", "?2026$p", "?2027$p", "?1006$p", "6n",
        "?996n", "0 q", "S", "T",
    ];
    if WHOLE.contains(&body) {
        return true;
    }
    if let Some(mode) = body.strip_prefix('?').and_then(|b| b.strip_suffix(['h', 'l'])) {
        return MODES.contains(&mode);
    }
    if let Some(shape) = body.strip_suffix(" q") {
        return number(shape, 6);
    }
    let Some((at, last)) = body.char_indices().next_back() else { return false };
    let params = &body[..at];
    let pair = || params.split_once(';').is_some_and(|(a, b)| number(a, 1000) && number(b, 1000));
    match last {
        'H' | 'r' => pair(),
        'C' | 'S' | 'T' => number(params, 1000),
        'm' => sgr(params),
        _ => false,
    }
}

fn sgr(params: &str) -> bool {
    let all: Vec<&str> = params.split(';').collect();
    let mut i = 0;
    while let Some(p) = all.get(i) {
        let byte = |n: usize| all.get(i + n).is_some_and(|v| number(v, 255));
        i += match *p {
            "38" | "48" if all.get(i + 1) == Some(&"5") && byte(2) => 3,
            "38" | "48" if all.get(i + 1) == Some(&"2") && byte(2) && byte(3) && byte(4) => 5,
            "0" | "1" | "2" | "3" | "4" | "5" | "7" | "8" | "9" | "24" | "39" | "49" | "53" | "59" => 1,
            "4:2" | "4:3" | "4:4" | "4:5" => 1,
            p if p.strip_prefix("58:5:").is_some_and(|n| number(n, 255)) => 1,
            p if p.strip_prefix("58:2::").is_some_and(|c| c.split(':').count() == 3 && c.split(':').all(|n| number(n, 255))) => 1,
            p if number(p, 107) && (30..=37).chain(40..=47).chain(90..=97).chain(100..=107).any(|n| n.to_string() == p) => 1,
            _ => return false,
        };
    }
    true
}

fn osc(body: &str) -> bool {
    let Some((which, rest)) = body.split_once(';') else { return false };
    let base64 = |t: &str| t.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    match which {
        "2" => rest.chars().count() <= 200,
        "4" => rest.strip_suffix(";?").is_some_and(|n| number(n, 255)),
        "8" => match rest.split_once(';') {
            Some(("", "")) => true,
            Some((id, target)) => {
                id.strip_prefix("id=").is_some_and(|i| i.len() <= 16 && i.chars().all(|c| c.is_ascii_hexdigit()))
                    && ["http://", "https://", "file:///"].iter().any(|s| target.starts_with(s))
                    && target.len() <= 1024
                    && target.chars().all(|c| c.is_ascii_graphic())
            }
            None => false,
        },
        "9" => !rest.starts_with(|c: char| c.is_ascii_digit()),
        "10" | "11" => rest == "?",
        "52" => rest.strip_prefix("c;").is_some_and(base64),
        "99" => rest == "i=copilot-tui:p=?;" || rest.rsplit_once(';').is_some_and(|(k, v)| k.starts_with("i=copilot-tui:d=") && base64(v)),
        "777" => rest.starts_with("notify;"),
        _ => false,
    }
}
