//! Themes: a palette and the look of every role, from TOML. Must not know terminals or what is drawn.
//!
//! A look is written as words: `blue bold`, `text on raised`, `#7aa2f7 italic`, `reverse`. Colours are palette names of the
//! file, the names of the 16 ANSI colours, `#rrggbb`, `0` to `255`, or `default` (the terminal's own).

use super::depth::{Depth, reduce};
use super::diag::{Diagnostic, Source};
use super::marks::Marks;
use super::role::Role;
use crate::base::{Attrs, Color, Style, Underline};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::DeValue;

/// A finished theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Name of its file without `.toml`.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// Made for a light background.
    pub light: bool,
    /// Its marks.
    pub marks: Marks,
    palette: BTreeMap<String, Color>,
    looks: BTreeMap<Role, String>,
    styles: Vec<Style>,
}

/// The theme used when none is named.
pub const DEFAULT_THEME: &str = "midnight";
/// The theme used with `NO_COLOR`.
pub const MONO_THEME: &str = "mono";

/// The shipped themes: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("midnight", include_str!("../../themes/midnight.toml")),
    ("paper", include_str!("../../themes/paper.toml")),
    ("fjord", include_str!("../../themes/fjord.toml")),
    ("lagoon-dark", include_str!("../../themes/lagoon-dark.toml")),
    ("lagoon-light", include_str!("../../themes/lagoon-light.toml")),
    ("ember", include_str!("../../themes/ember.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("color-blind", include_str!("../../themes/color-blind.toml")),
    ("ansi", include_str!("../../themes/ansi.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
    ("text", include_str!("../../themes/text.toml")),
];

const ANSI: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];
const ATTRS: [&str; 6] = ["bold", "dim", "italic", "underline", "reverse", "strike"];

impl Default for Theme {
    fn default() -> Theme {
        Theme::shipped(DEFAULT_THEME).unwrap_or_else(Theme::bare)
    }
}

impl Theme {
    /// A theme without any look; what files are laid over.
    fn bare() -> Theme {
        Theme {
            name: String::new(),
            about: String::new(),
            light: false,
            marks: Marks::Unicode,
            palette: BTreeMap::new(),
            looks: BTreeMap::new(),
            styles: vec![Style::default(); Role::ALL.len()],
        }
    }

    /// A shipped theme.
    pub fn shipped(name: &str) -> Option<Theme> {
        Theme::load(name, &|_| None).map(|(theme, _)| theme)
    }

    /// A theme by name: `user` gives the text and path of the user's file of that name, which overlays the shipped one of
    /// the same name, or stands alone (with `inherit`). `None` when there is neither.
    pub fn load(name: &str, user: &dyn Fn(&str) -> Option<(String, String)>) -> Option<(Theme, Vec<Diagnostic>)> {
        let mut theme = Theme::bare();
        let mut diagnostics = Vec::new();
        if !theme.overlay_named(name, user, &mut diagnostics, 0) {
            return None;
        }
        theme.name = name.to_owned();
        theme.finish();
        Some((theme, diagnostics))
    }

    fn overlay_named(&mut self, name: &str, user: &dyn Fn(&str) -> Option<(String, String)>, out: &mut Vec<Diagnostic>, depth: usize) -> bool {
        const DEEPEST: usize = 8;
        let shipped = SHIPPED.iter().find(|(n, _)| *n == name);
        let users = user(name);
        if depth > DEEPEST || (shipped.is_none() && users.is_none()) {
            return false;
        }
        let files = shipped.map(|(n, t)| (format!("themes/{n}.toml"), (*t).to_owned())).into_iter().chain(users);
        for (path, text) in files {
            let mut source = Source::new(&path, &text);
            let table = source.parse();
            if let Some((key, value)) = table.iter().find(|(k, _)| k.get_ref() == "inherit") {
                let base = value.get_ref().as_str().unwrap_or_default();
                let own = base == name; // a user's file that names the shipped one of its own name: it lies under it anyway
                if !own && !self.overlay_named(base, user, out, depth + 1) {
                    source.unknown(key.span(), "theme", base, SHIPPED.iter().map(|(n, _)| *n));
                }
            }
            self.overlay(&mut source, &table);
            out.append(&mut source.diagnostics);
        }
        true
    }

    fn overlay(&mut self, source: &mut Source<'_>, table: &toml::de::DeTable<'_>) {
        // The palette first: looks below refer to it wherever it stands in the file.
        if let Some((_, value)) = table.iter().find(|(k, _)| k.get_ref() == "palette") {
            match value.get_ref().as_table() {
                Some(entries) => {
                    for (key, value) in entries {
                        if ATTRS.contains(&key.get_ref().as_ref()) || key.get_ref() == "on" {
                            source.report(key.span(), format!("`{}` is an attribute: give the colour another name", key.get_ref()), None);
                            continue;
                        }
                        match value.get_ref().as_str().ok_or_else(|| "a colour is written as text".to_owned()).and_then(|t| self.color(t)) {
                            Ok(color) => {
                                self.palette.insert(key.get_ref().to_string(), color);
                            }
                            Err(why) => source.report(value.span(), why, None),
                        }
                    }
                }
                None => source.report(value.span(), "`palette` is a table".to_owned(), None),
            }
        }
        for (key, value) in table {
            let span = value.span();
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("inherit" | "about", DeValue::String(text)) => {
                    if key.get_ref() == "about" {
                        self.about = text.to_string();
                    }
                }
                ("palette", _) => {}
                ("light", DeValue::Boolean(on)) => self.light = *on,
                ("marks", DeValue::String(text)) => match text.as_ref() {
                    "unicode" => self.marks = Marks::Unicode,
                    "text" => self.marks = Marks::Text,
                    other => source.unknown(span, "set of marks", other, ["unicode", "text"].into_iter()),
                },
                ("roles", DeValue::Table(roles)) => {
                    for (key, value) in roles {
                        self.role(source, key.get_ref(), key.span(), value);
                    }
                }
                ("inherit" | "about" | "light" | "marks" | "roles", other) => {
                    source.report(span, format!("`{}` cannot be a value of type {}", key.get_ref(), other.type_str()), None);
                }
                (name, _) => {
                    source.unknown(key.span(), "key", name, ["inherit", "about", "light", "marks", "palette", "roles"].into_iter());
                }
            }
        }
    }

    fn role(&mut self, source: &mut Source<'_>, name: &str, span: Range<usize>, value: &toml::Spanned<DeValue<'_>>) {
        let Some(role) = Role::by_name(name) else {
            return source.unknown(span, "role", name, Role::ALL.iter().map(|r| r.name()));
        };
        let Some(look) = value.get_ref().as_str() else {
            return source.report(value.span(), "a look is written as text, such as \"blue bold\"".to_owned(), None);
        };
        match self.look(look) {
            Ok(_) => {
                self.looks.insert(role, look.to_owned());
            }
            Err(word) => {
                let names = self.palette.keys().map(String::as_str).chain(ANSI).chain(ATTRS).chain(["default", "on"]);
                let hint = super::diag::nearest(&word, names).map(|n| format!("did you mean `{n}`?"));
                source.report(value.span(), format!("`{word}` is neither a colour nor an attribute"), hint);
            }
        }
    }

    /// Looks become styles last, so that an overlay that changes only the palette changes every role that uses it.
    fn finish(&mut self) {
        self.styles = Role::ALL.iter().map(|role| self.looks.get(role).and_then(|l| self.look(l).ok()).unwrap_or_default()).collect();
    }

    fn look(&self, text: &str) -> Result<Style, String> {
        let mut style = Style::default();
        let mut background = false;
        for word in text.split_whitespace() {
            match word {
                "on" => background = true,
                "bold" => style.attrs |= Attrs::BOLD,
                "dim" => style.attrs |= Attrs::DIM,
                "italic" => style.attrs |= Attrs::ITALIC,
                "reverse" => style.attrs |= Attrs::REVERSE,
                "strike" => style.attrs |= Attrs::STRIKE,
                "underline" => style.underline = Underline::Single,
                name => {
                    let color = self.color(name).map_err(|_| name.to_owned())?;
                    if std::mem::take(&mut background) {
                        style.bg = color;
                    } else {
                        style.fg = color;
                    }
                }
            }
        }
        Ok(style)
    }

    fn color(&self, text: &str) -> Result<Color, String> {
        if let Some(c) = self.palette.get(text) {
            return Ok(*c);
        }
        if text == "default" {
            return Ok(Color::Default);
        }
        if let Some(i) = ANSI.iter().position(|n| *n == text) {
            return Ok(Color::Indexed(i as u8));
        }
        if let Ok(n) = text.parse::<u8>() {
            return Ok(Color::Indexed(n));
        }
        let hex = text.strip_prefix('#').filter(|h| h.len() == 6).and_then(|h| u32::from_str_radix(h, 16).ok());
        match hex.map(u32::to_be_bytes) {
            Some([_, r, g, b]) => Ok(Color::Rgb(r, g, b)),
            None => Err(format!("`{}` is not a colour (write #rrggbb, 0 to 255, a name, or default)", crate::base::text::safe_line(text, 40))),
        }
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        Role::ALL.binary_search(&role).ok().and_then(|i| self.styles.get(i)).copied().unwrap_or_default()
    }

    /// The same theme within what a terminal can show. With no colours at all the mono theme's looks are taken, so that
    /// nothing is told by colour alone.
    #[must_use]
    pub fn with_depth(&self, depth: Depth) -> Theme {
        let mut theme = self.clone();
        if depth == Depth::None
            && let Some(mono) = Theme::shipped(MONO_THEME)
        {
            theme.styles = mono.styles;
        }
        for style in &mut theme.styles {
            *style = reduce(*style, depth);
        }
        theme
    }
}
