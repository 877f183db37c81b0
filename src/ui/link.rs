//! Which hyperlinks of a pane may reach the outer terminal: web addresses, and files of the session's own folder. What a
//! person sees before opening one is its whole target, so nothing may be hidden in it. Must not know cells.

use std::path::{Component, Path, PathBuf};

/// Longest target, in bytes.
const MAX: usize = 1024;

/// The target as it may be carried out, or `None`. `folder` is the session's own (its worktree, else where it was started).
pub fn checked(target: &str, folder: Option<&Path>) -> Option<String> {
    // ASCII alone: no bidi, no look-alike letters, no controls. What an address needs besides, it writes as %xx.
    if target.len() > MAX || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let (scheme, rest) = target.split_once(':')?;
    let rest = rest.strip_prefix("//")?;
    match scheme.to_ascii_lowercase().as_str() {
        scheme @ ("http" | "https") => {
            let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
            let (host, tail) = rest.split_at(end);
            // `https://bank.example@evil.example/` is an address of evil.example: it is shown as one.
            let host = host.rsplit_once('@').map_or(host, |(_, h)| h);
            let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
            (plain && !tail.starts_with('\\') && !decoded(tail)?.contains(&0)).then(|| format!("{scheme}://{host}{tail}"))
        }
        "file" => {
            let path = rest.strip_prefix("localhost").unwrap_or(rest);
            let path = path.split(['?', '#']).next().filter(|p| p.starts_with('/'))?;
            let bytes = decoded(path)?;
            let wanted = PathBuf::from(String::from_utf8(bytes).ok().filter(|p| !p.chars().any(char::is_control))?);
            let plain = wanted.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
            (plain && folder.is_some_and(|f| f.is_absolute() && wanted.starts_with(f))).then(|| format!("file://{path}"))
        }
        _ => None,
    }
}

/// With `%xx` made bytes; `None` when one is broken.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [] => return Some(out),
            [b'%', a, b, tail @ ..] => {
                let digit = |c: u8| char::from(c).to_digit(16);
                out.push((digit(*a)? * 16 + digit(*b)?) as u8);
                rest = tail;
            }
            [b'%', ..] => return None,
            [b, tail @ ..] => {
                out.push(*b);
                rest = tail;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_web_addresses_and_files_of_the_own_folder() {
        let own = Path::new("/p/shop-fix");
        let ok = |t: &str| checked(t, Some(own));
        for t in ["https://example.com/a?b=c#d", "http://127.0.0.1:8080/", "https://[::1]/x", "file:///p/shop-fix/src/main.rs", "HTTPS://example.com"]
        {
            assert!(ok(t).is_some(), "{t}");
        }
        for t in [
            "",
            "example.com",
            "javascript:alert(1)",
            "mailto:a@b.example",
            "vscode://file/etc/passwd",
            "https:///x",
            "https://exa mple.com/",
            "https://пример.example/",
            "https://a.example/\u{202e}x",
            "https://a.example/%00",
            "https://a.example/%zz",
            "https://a\\@b.example/",
            "file:///etc/passwd",
            "file:///p/shop-fix/../secret",
            "file:///p/shop-fix/%2e%2e/secret",
            "file:///p/shop-fix2/x",
            "file://other.example/p/shop-fix/x",
            "file:///p/shop-fix/a%00b",
            "file:///p/shop-fix/a%0ab",
        ] {
            assert_eq!(ok(t), None, "{t}");
        }
        assert_eq!(checked("file:///p/shop-fix/x", None), None);
        assert_eq!(checked(&format!("https://e.example/{}", "x".repeat(MAX)), None), None);
    }

    #[test]
    fn a_name_before_the_host_is_taken_away() {
        assert_eq!(checked("https://bank.example@evil.example/x", None).as_deref(), Some("https://evil.example/x"));
        assert_eq!(checked("https://a:b@c@evil.example", None).as_deref(), Some("https://evil.example"));
    }

    proptest! {
        #[test]
        fn nothing_that_breaks_out_of_a_sequence_passes(t in "(https?://|file:///p/)?\\PC{0,40}[\\x00-\\x1f\\x7f\u{9c}]?\\PC{0,8}") {
            if let Some(out) = checked(&t, Some(Path::new("/p"))) {
                prop_assert!(out.bytes().all(|b| b.is_ascii_graphic()) && out.len() <= MAX + 8);
            }
        }
    }
}
