//! Values of an agent file: texts, lists of texts, keys. A bad one is reported with file, line and column; the rest stands. Must not
//! know what they are for.

use super::keys::Press;
use crate::base::text::safe_line;
use crate::config::{Source, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// An agent file being read.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, span: Range<usize>, message: String, hint: Option<String>) {
        self.source.report(span, message, hint);
    }

    pub(super) fn unknown(&mut self, span: Range<usize>, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(n) => format!("did you mean `{n}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.report(span, format!("unknown key `{}`", safe_line(name, 60)), Some(hint));
    }

    pub(super) fn presses(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<Press>) {
        let Some(list) = value.get_ref().as_array() else { return self.wrong_type(value, "a list of keys") };
        let mut out = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str().map(str::parse::<Press>) {
                Some(Ok(press)) => out.push(press),
                Some(Err(why)) => {
                    let word = item.get_ref().as_str().unwrap_or_default();
                    let hint = nearest(word.rsplit('+').next().unwrap_or(word), crate::base::key::chord_words());
                    return self.report(item.span(), safe_line(&why, 120), hint.map(|h| format!("did you mean `{h}`?")));
                }
                None => return self.wrong_type(item, "a key"),
            }
        }
        *into = out;
    }

    pub(super) fn set_text(&mut self, value: &Spanned<DeValue<'_>>, into: &mut String) {
        match value.get_ref().as_str() {
            Some(text) if text.contains('\0') => self.report(value.span(), "must not hold a NUL".into(), None),
            Some(text) => *into = text.to_owned(),
            None => self.wrong_type(value, "a text"),
        }
    }

    pub(super) fn texts(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(value, "a list of texts");
            return None;
        };
        let mut out = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) if !text.contains('\0') => out.push(text.to_owned()),
                _ => {
                    self.wrong_type(item, "a text");
                    return None;
                }
            }
        }
        Some(out)
    }

    pub(super) fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        self.report(value.span(), format!("this is {}, but must be {wanted}", value.get_ref().type_str()), None);
    }
}
