//! What is wrong in a settings file, and where. Must not know what the settings mean.

use std::fmt;
use std::ops::Range;

/// Something wrong in a settings file; everything else of the file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as people should open it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The nearest valid name, or what to write instead.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// A file being read: its name and text, and what was found wrong in it so far.
#[derive(Debug)]
pub struct Source<'t> {
    file: &'t str,
    text: &'t str,
    /// Found so far, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'t> Source<'t> {
    /// A file to be read: its name as people should open it, and its text.
    pub fn new(file: &'t str, text: &'t str) -> Source<'t> {
        Source { file, text, diagnostics: Vec::new() }
    }

    /// The document with whatever of it could be read; what could not is reported.
    pub fn parse(&mut self) -> toml::de::DeTable<'t> {
        let (table, errors) = toml::de::DeTable::parse_recoverable(self.text);
        let mut last_line = 0;
        for e in errors {
            let (line, _) = position(self.text, e.span().map_or(0, |s| s.start));
            if line != last_line {
                self.report(e.span().unwrap_or(0..0), e.message().to_owned(), None);
            }
            last_line = line;
        }
        table.into_inner()
    }

    /// Notes what is wrong at these bytes of the text; of one file the first hundred are kept.
    pub fn report(&mut self, span: Range<usize>, message: String, hint: Option<String>) {
        const MOST: usize = 100;
        if self.diagnostics.len() < MOST {
            let (line, column) = position(self.text, span.start);
            self.diagnostics.push(Diagnostic { file: self.file.to_owned(), line, column, message, hint });
        }
    }

    /// Reports a name that is none of `valid`, with the nearest one.
    pub fn unknown<'a>(&mut self, span: Range<usize>, what: &str, name: &str, valid: impl Iterator<Item = &'a str>) {
        let hint = nearest(name, valid).map(|n| format!("did you mean `{n}`?"));
        self.report(span, format!("unknown {what} `{}`", crate::base::text::safe_line(name, 60)), hint);
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The valid name that `name` most likely meant.
pub fn nearest<'a>(name: &str, valid: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let most = (lower.chars().count() / 3).clamp(1, 4);
    valid.map(|v| (strsim::damerau_levenshtein(&lower, v), v)).filter(|(d, _)| *d <= most).min_by_key(|(d, _)| *d).map(|(_, v)| v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_told_and_the_rest_stands() {
        let mut s = Source::new("x.toml", "a = 1\nb = = 2\nc = 3\n");
        let t = s.parse();
        assert!(t.contains_key("a") && t.contains_key("c"));
        assert_eq!(s.diagnostics.len(), 1);
        assert!(s.diagnostics[0].to_string().starts_with("x.toml:2:"), "{}", s.diagnostics[0]);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("them", ["theme", "mouse"].into_iter()), Some("theme"));
        assert_eq!(nearest("zzz", ["theme", "mouse"].into_iter()), None);
    }
}
