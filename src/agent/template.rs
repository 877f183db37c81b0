//! Texts of agent files with words in braces, and what is put in their places. Must not know what the words stand for.

/// Words that stand in braces in argument templates.
pub(super) const PLACEHOLDERS: &[&str] = &["task", "uuid", "cwd", "conversation", "extra"];

/// Replaces each placeholder once, from left to right: what is put in is not looked at again.
pub fn fill(template: &str, words: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match words.iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value);
                rest = from.get(name.len()..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}
