//! What an edit would change, as lines of a diff between two texts. Must not know files, nor who asks.

use git2::{DiffOptions, Patch};

/// The lines that differ and a few around them: `+`, `-` or a blank, then the line; `@@` stands between parts that are far apart.
pub fn edit(old: &str, new: &str) -> Vec<String> {
    let mut options = DiffOptions::new();
    options.context_lines(2).force_text(true);
    let Ok(mut patch) = Patch::from_buffers(old.as_bytes(), None, new.as_bytes(), None, Some(&mut options)) else { return Vec::new() };
    let mut lines = Vec::new();
    let _ = patch.print(&mut |_, _, line| {
        let text = String::from_utf8_lossy(line.content());
        let text = text.strip_suffix('\n').unwrap_or(&text);
        match line.origin() {
            sign @ ('+' | '-' | ' ') => lines.push(format!("{sign}{text}")),
            'H' if !lines.is_empty() => lines.push("@@".to_owned()),
            _ => {}
        }
        true
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_with_what_is_around() {
        assert_eq!(edit("one\ntwo\nthree\n", "one\n2\nthree\n"), [" one", "-two", "+2", " three"]);
        assert_eq!(edit("", "a\nb"), ["+a", "+b"]);
        assert_eq!(edit("a\n", ""), ["-a"]);
        assert_eq!(edit("same", "same"), Vec::<String>::new());
        let far = |first: &str, last: &str| format!("{first}\n{}{last}\n", "x\n".repeat(40));
        let told = edit(&far("a", "y"), &far("b", "z"));
        assert_eq!(told, ["-a", "+b", " x", " x", "@@", " x", " x", "-y", "+z"]);
        assert_eq!(edit("a\0b", "a\0c"), ["-a\0b", "+a\0c"]);
    }
}
