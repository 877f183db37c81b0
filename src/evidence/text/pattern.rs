//! A pattern of a rule, compiled when it is first looked for: most programs never write what most rules wait for. Must not know
//! what a match means.

use regex::{Captures, Regex, RegexBuilder};
use std::sync::OnceLock;

/// Memory of one pattern once compiled, in bytes.
const SIZE: usize = 512 << 10;

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that is known to be right.
    pub fn known(pattern: &str) -> Pattern {
        Pattern { text: narrow(pattern), compiled: OnceLock::new() }
    }

    /// A pattern of a person, tried now.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn tried(pattern: &str) -> Result<Pattern, String> {
        let p = Pattern::known(pattern);
        p.compile().map_err(|e| crate::base::text::safe_line(&e.to_string(), 200))?;
        Ok(p)
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.text).size_limit(SIZE).build()
    }

    fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is in this text.
    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|r| r.is_match(text))
    }

    /// Where it is, and its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.get()?.captures(text)
    }
}

/// Digits, word characters and their edges of ASCII: those of all scripts make a pattern fifty times as large, and no program
/// counts in them. An edge of Unicode also sends every line that is not ASCII to an engine that is fifty times as slow.
pub(super) fn narrow(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        // What is escaped belongs to its backslash: in `\\d` stands a backslash and a letter.
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('d')) => out.push_str("[0-9]"),
            ('\\', Some('w')) => out.push_str("[A-Za-z0-9_]"),
            ('\\', Some('b')) if chars.peek() != Some(&'{') => out.push_str(r"(?-u:\b)"),
            (c, escaped) => {
                out.push(c);
                out.extend(escaped);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_and_word_characters_are_narrowed() {
        assert_eq!(narrow(r"^\d+ [\w-]+ C:\\dir\\w \. \"), r"^[0-9]+ [[A-Za-z0-9_]-]+ C:\\dir\\w \. \");
        let p = Pattern::tried(r"^C:\\dir (\d+) [\w-]+$").unwrap();
        assert!(p.is_match(r"C:\dir 12 a-b_c") && !p.is_match("C:0ir 12 a"));
        assert_eq!(narrow(r"items?\b \b{start}x \\b"), r"items?(?-u:\b) \b{start}x \\b");
        assert!(Pattern::tried(r"^collected \d+ items?\b").unwrap().is_match("collected 3 items"));
    }
}
