//! The shipped files have nothing wrong in them, a wrong line costs only itself, and every default key arrives in VS Code.

use copilot_tui::base::{Attrs, Chord, Color, KeyCode, Mods, Style};
use copilot_tui::command::{Cmd, Scope, TABLE};
use copilot_tui::config::{
    Config, DEFAULTS, Depth, Keymap, Lookup, Role, SHIPPED_KEYMAPS, SHIPPED_THEMES, Theme, TreePlace, keys_label, load, load_all,
};

fn none(_: &str) -> Option<(String, String)> {
    None
}

fn chords(text: &str) -> Vec<Chord> {
    text.split(' ').map(|c| c.parse().unwrap()).collect()
}

#[test]
fn shipped_files_have_no_diagnostics_and_none_is_forgotten() {
    for (name, _) in SHIPPED_THEMES {
        let (_, diagnostics) = Theme::load(name, &none).unwrap();
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
    for (name, _) in SHIPPED_KEYMAPS {
        let (_, diagnostics) = Keymap::load(name, None, &none).unwrap();
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
    for (folder, shipped) in [("themes", SHIPPED_THEMES), ("keymaps", SHIPPED_KEYMAPS)] {
        let mut on_disk: Vec<String> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        on_disk.sort();
        let mut embedded: Vec<String> = shipped.iter().map(|(n, _)| format!("{n}.toml")).collect();
        embedded.sort();
        assert_eq!(on_disk, embedded);
    }
    assert!(SHIPPED_THEMES.len() >= 8);
}

#[test]
fn every_theme_gives_every_state_a_look_that_can_be_told_without_colour() {
    for (name, _) in SHIPPED_THEMES {
        let theme = Theme::shipped(name).unwrap();
        for role in [Role::Selection, Role::Waiting, Role::Failed, Role::Accent, Role::ButtonFocus] {
            assert_ne!(theme.style(role), Style::default(), "{name}: {}", role.name());
        }
        let bare = theme.with_depth(Depth::None);
        for role in Role::ALL {
            let s = bare.style(*role);
            assert_eq!((s.fg, s.bg), (Color::Default, Color::Default), "{name}: {}", role.name());
        }
        assert!(bare.style(Role::Selection).attrs.contains(Attrs::REVERSE));
        let few = theme.with_depth(Depth::Ansi16);
        for role in Role::ALL {
            let s = few.style(*role);
            assert!(![s.fg, s.bg].iter().any(|c| matches!(c, Color::Rgb(..) | Color::Indexed(16..))), "{name}: {}", role.name());
        }
    }
}

#[test]
fn quiet_text_is_a_colour_where_there_are_colours_and_an_attribute_where_there_are_none() {
    let dark = Theme::default().style(Role::Dim);
    assert!(matches!(dark.fg, Color::Rgb(..)) && dark.attrs.is_empty(), "{dark:?}");
    assert!(Theme::shipped("mono").unwrap().style(Role::Dim).attrs.contains(Attrs::DIM));
    let user = |n: &str| (n == "midnight").then(|| ("t.toml".to_owned(), "[palette]\ndim = \"#000000\"\n".to_owned()));
    assert!(Theme::load("midnight", &user).unwrap().1[0].message.contains("is an attribute"));
}

#[test]
fn text_of_every_theme_is_readable_on_its_own_backgrounds() {
    // The contrast formula of WCAG 2; 4.5 is what it asks of text. Themes that name no background are held against a plain
    // black or white terminal's look-alike.
    fn lum(c: Color) -> Option<f64> {
        let Color::Rgb(r, g, b) = c else { return None };
        let f = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        Some(0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b))
    }
    let mut faint = Vec::new();
    for (name, _) in SHIPPED_THEMES {
        let theme = Theme::shipped(name).unwrap();
        let ground = if theme.light { lum(Color::Rgb(250, 250, 250)) } else { lum(Color::Rgb(24, 24, 28)) }.unwrap();
        for role in Role::ALL {
            let s = theme.style(*role);
            let least = match role {
                Role::Border | Role::ProgressEmpty | Role::Scrollbar => continue, // lines are meant to be faint
                Role::Text | Role::Name | Role::Title | Role::Selection | Role::Waiting | Role::Failed | Role::Error | Role::ButtonFocus => 4.5,
                _ => 3.0,
            };
            let Some(fg) = lum(s.fg) else { continue };
            let bg = lum(s.bg).unwrap_or(ground);
            let contrast = (fg.max(bg) + 0.05) / (fg.min(bg) + 0.05);
            if contrast < least {
                faint.push(format!("{name}: {} has a contrast of {contrast:.1}", role.name()));
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn a_users_theme_changes_a_little_and_is_told_what_is_wrong() {
    let user = |name: &str| {
        (name == "midnight").then(|| {
            let text = "[palette]\nblue = \"#112233\"\ngren = \"#00zz00\"\n[roles]\nwaitng = \"red\"\nfailed = \"redd bold\"\ntext = \"#ffffff\"\n";
            ("/c/themes/midnight.toml".to_owned(), text.to_owned())
        })
    };
    let (theme, d) = Theme::load("midnight", &user).unwrap();
    assert_eq!(theme.style(Role::Working).fg, Color::Rgb(0x11, 0x22, 0x33), "a changed palette changes what uses it");
    assert_eq!(theme.style(Role::Text).fg, Color::Rgb(255, 255, 255));
    assert!(theme.style(Role::Failed).attrs.contains(Attrs::BOLD), "a bad look leaves the shipped one");
    let told: Vec<String> = d.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().any(|t| t.starts_with("/c/themes/midnight.toml:3:8: `#00zz00` is not a colour")), "{told:?}");
    assert!(told.iter().any(|t| t == "/c/themes/midnight.toml:5:1: unknown role `waitng` (did you mean `waiting`?)"), "{told:?}");
    assert!(told.iter().any(|t| t.contains(":6:10: `redd` is neither") && t.contains("did you mean `red`?")), "{told:?}");
    assert!(Theme::load("nothing-of-the-kind", &user).is_none());
}

#[test]
fn keys_of_the_status_line() {
    let k = Keymap::default();
    assert_eq!(k.prefix().label(), "Ctrl+B");
    for (key, cmd) in [
        ("n", Cmd::SessionNew),
        ("s", Cmd::TreeToggle),
        ("f", Cmd::SessionFollowUp),
        ("i", Cmd::InboxOpen),
        ("e", Cmd::ErrorsOpen),
        ("p", Cmd::SessionPauseToggle),
        ("d", Cmd::AppDetach),
        ("?", Cmd::AppHelp),
        ("z", Cmd::PaneZoom),
        ("]", Cmd::SessionNextAttention),
    ] {
        assert_eq!(k.after_prefix(cmd).map(|c| c.to_string()).as_deref(), Some(key));
        assert_eq!(k.lookup(&[Scope::Global], &chords(&format!("ctrl+b {key}"))), Lookup::Run(cmd));
    }
    assert_eq!(k.lookup(&[Scope::Pane, Scope::Global], &chords("ctrl+b ctrl+b")), Lookup::Run(Cmd::AppSendPrefix));
    let Lookup::More(next) = k.lookup(&[Scope::Pane, Scope::Global], &chords("ctrl+b")) else { panic!() };
    assert_eq!(next[0].cmd, Some(Cmd::SessionNew), "in the order of the file");
    assert_eq!(k.lookup(&[Scope::Pane, Scope::Global], &chords("x")), Lookup::None);
    assert_eq!(k.lookup(&[Scope::Inbox, Scope::List], &chords("j")), Lookup::Run(Cmd::ListDown));
    assert_eq!(keys_label(&k.key_in(&[Scope::Global], Cmd::PaneZoom).unwrap()), "Ctrl+B z");
}

#[test]
fn the_prefix_can_be_another_key() {
    let (k, _) = Keymap::load("default", Some("ctrl+a".parse().unwrap()), &none).unwrap();
    assert_eq!(k.lookup(&[Scope::Global], &chords("ctrl+a n")), Lookup::Run(Cmd::SessionNew));
    assert_eq!(k.lookup(&[Scope::Global], &chords("ctrl+a ctrl+a")), Lookup::Run(Cmd::AppSendPrefix));
    assert_eq!(k.lookup(&[Scope::Global], &chords("ctrl+b n")), Lookup::None);
}

#[test]
fn a_users_keymap_changes_a_little_and_is_told_what_is_wrong() {
    let text = concat!(
        "[global]\n",
        "\"prefix n\" = \"none\"\n",
        "\"prefix N\" = \"session.new\"\n",
        "\"prefix y\" = \"sesion.new\"\n",
        "\"ctlr+y\" = \"session.new\"\n",
        "\"prefix q\" = \"tree.up\"\n",
        "\"prefix z z\" = \"pane.zoom\"\n",
        "\"prefix Q\" = \"pane.close\"\n",
        "\"prefix Q x\" = \"pane.close\"\n",
        "[globl]\n",
    );
    let user = |name: &str| (name == "default").then(|| ("/c/keymaps/default.toml".to_owned(), text.to_owned()));
    let (k, d) = Keymap::load("default", None, &user).unwrap();
    let global = [Scope::Global];
    assert_eq!(k.lookup(&global, &chords("ctrl+b n")), Lookup::None);
    assert_eq!(k.lookup(&global, &chords("ctrl+b N")), Lookup::Run(Cmd::SessionNew));
    assert_eq!(k.lookup(&global, &chords("ctrl+b z z")), Lookup::Run(Cmd::PaneZoom), "a user's longer sequence replaces the shipped one");
    assert_eq!(k.lookup(&global, &chords("ctrl+b s")), Lookup::Run(Cmd::TreeToggle));
    let told: Vec<String> = d.iter().map(ToString::to_string).collect();
    for part in [
        ":4:14: unknown command `sesion.new` (did you mean `session.new`?)",
        ":5:1: `ctlr` in `ctlr+y` is not a modifier (did you mean `ctrl`?)",
        ":6:14: `tree.up` cannot be run from [global] (it is for [tree])",
        "cannot both be bound",
        "unknown section `globl` (did you mean `global`?)",
    ] {
        assert!(told.iter().any(|t| t.starts_with("/c/keymaps/default.toml:") && t.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 5, "{told:#?}");
}

/// Keys that reach a program in VS Code's terminal on Linux, macOS and Windows with its defaults.
fn arrives(c: &Chord) -> bool {
    let shift = c.mods.contains(Mods::SHIFT);
    match c.code {
        // Ctrl+C, Ctrl+V and Ctrl+Q are the terminal's own on Windows; Ctrl+I, Ctrl+M and Ctrl+[ are other keys.
        KeyCode::Char(k) if c.mods == Mods::CTRL => "abdhlnorstuwxyz\\]/".contains(k),
        KeyCode::Char(_) => c.mods.is_empty(),
        KeyCode::F(n) => c.mods.is_empty() && [2, 4, 7, 8, 9, 12].contains(&n),
        KeyCode::Tab => c.mods.is_empty() || c.mods == Mods::SHIFT,
        KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right => c.mods.is_empty() || shift && c.mods == Mods::SHIFT,
        KeyCode::Enter | KeyCode::Esc | KeyCode::Home | KeyCode::End | KeyCode::PageUp | KeyCode::PageDown | KeyCode::Delete | KeyCode::Backspace => {
            c.mods.is_empty()
        }
        _ => false,
    }
}

#[test]
fn every_default_command_has_a_key_that_arrives_everywhere() {
    for name in ["default", "vscode", "tmux"] {
        let k = Keymap::shipped(name).unwrap();
        for binding in k.bindings() {
            let safe = |chords: &[Chord]| chords.iter().all(arrives);
            let second_way = k.keys_for(binding.cmd).iter().any(|(_, keys)| safe(keys));
            assert!(second_way, "{name}: `{}` has only {}", binding.cmd, keys_label(&binding.chords));
            if name == "default" && !safe(&binding.chords) {
                assert!(matches!(keys_label(&binding.chords).as_str(), "Shift+Enter" | "Alt+Enter"), "{}", keys_label(&binding.chords));
            }
        }
    }
}

#[test]
fn every_command_that_only_works_in_a_panel_has_a_key_there() {
    // Places between characters are emacs's: elsewhere the cursor stands on one.
    let emacs_alone = ["copy.word-after", "copy.word-before", "copy.line-after", "copy.mark", "copy.mark-block"];
    for (name, _) in SHIPPED_KEYMAPS {
        let k = Keymap::shipped(name).unwrap();
        for row in TABLE.iter().filter(|r| *name == "emacs" || !emacs_alone.contains(&r.name)) {
            let panel_only = !row.scopes.iter().any(|s| matches!(s, Scope::Global | Scope::Pane));
            if panel_only {
                assert!(!k.keys_for(row.cmd).is_empty(), "{name}: `{}` has no key", row.name);
            }
        }
    }
}

#[test]
fn defaults_document_every_option_and_have_nothing_wrong() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), DEFAULTS).unwrap();
    let loaded = load_all(dir.path());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    assert_eq!(loaded.config, Config::default());
    let table: toml::Table = DEFAULTS.parse().unwrap();
    for name in Config::option_names() {
        let (section, option) = name.split_once('.').unwrap();
        assert!(table[section].get(option).is_some(), "{name} is not in defaults.toml");
    }
    let d = Config::default();
    assert_eq!((d.ui.esc_timeout_ms, d.ui.tree_width, d.ui.theme.as_str()), (30, 42, "midnight"));
    assert_eq!((d.limits.working_at_once(1), d.limits.working_at_once(16)), (2, 8));
}

#[test]
fn a_bad_line_of_config_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[ui]\ntheem = \"paper\"\ntree = \"dockd\"\ntree_width = 5\nmouse = false\nesc_timeout_ms = = 4\ntoast_seconds = 9\n[limit]\nmax_working = 3\n[terminal]\nhistory_lines = \"many\"\n";
    std::fs::write(dir.path().join("config.toml"), text).unwrap();
    let (config, d) = load(dir.path());
    assert!(!config.ui.mouse);
    assert_eq!(config.ui.toast_seconds, 9);
    assert_eq!(config.ui.tree, TreePlace::Docked);
    let told: Vec<String> = d.iter().map(ToString::to_string).collect();
    for part in [
        "config.toml:2:1: unknown option `theem` (did you mean `theme`?)",
        ":3:8: ui.tree: `dockd` is none of \"docked\", \"overlay\", \"hidden\" (did you mean `docked`?)",
        ":4:14: ui.tree_width: out of range: 20 to 120",
        "config.toml:6:",
        ":8:2: unknown section `limit` (did you mean `limits`?)",
        ":11:17: terminal.history_lines: this is a whole number, not string",
    ] {
        assert!(told.iter().any(|t| t.contains(part)), "{part}: {told:#?}");
    }
}

#[test]
fn a_missing_theme_or_keymap_is_told_and_the_default_is_used() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(load_all(dir.path()), copilot_tui::config::Loaded::default(), "an empty folder is no fault");
    std::fs::write(dir.path().join("config.toml"), "[ui]\ntheme = \"papre\"\nkeymap = \"mine\"\n").unwrap();
    std::fs::create_dir(dir.path().join("keymaps")).unwrap();
    std::fs::write(dir.path().join("keymaps/mine.toml"), "inherit = \"tmux\"\n[global]\n\"prefix y\" = \"session.new\"\n").unwrap();
    let loaded = load_all(dir.path());
    assert_eq!(loaded.diagnostics.len(), 1, "{:?}", loaded.diagnostics);
    let told = loaded.diagnostics[0].to_string();
    assert!(told.ends_with("config.toml:2:1: there is no theme `papre`; `midnight` is used (did you mean `paper`?)"), "{told}");
    assert_eq!(loaded.keymap.lookup(&[Scope::Global], &chords("ctrl+b y")), Lookup::Run(Cmd::SessionNew));
    assert_eq!(loaded.keymap.lookup(&[Scope::Global], &chords("ctrl+b n")), Lookup::Run(Cmd::TabNext));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_loaders_fail(text in "[\\PC\\n]{0,200}", seed in 0usize..4) {
        let dressed = match seed { 0 => text, 1 => format!("[ui]\n{text}"), 2 => format!("[global]\n\"{text}\" = \"session.new\""), _ => format!("[roles]\ntext = \"{text}\"") };
        let user = |_: &str| Some(("x.toml".to_owned(), dressed.clone()));
        proptest::prop_assert!(Theme::load("midnight", &user).is_some());
        proptest::prop_assert!(Keymap::load("default", None, &user).is_some());
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), &dressed).unwrap();
        let _ = load(dir.path());
    }
}

#[test]
fn which_characters_begin_a_sequence_is_known_beforehand() {
    let mine = "inherit = \"default\"\n[global]\n\"x\" = \"session.new\"\n\"q w\" = \"tab.next\"\n\"alt+z\" = \"tab.next\"\n";
    let user = |name: &str| (name == "mine").then(|| ("/c/keymaps/mine.toml".to_owned(), mine.to_owned()));
    for name in SHIPPED_KEYMAPS.iter().map(|(n, _)| *n).chain(["mine"]) {
        for prefix in [None, Some("b".parse().unwrap())] {
            let (keymap, told) = Keymap::load(name, prefix, &user).unwrap();
            for c in b' '..=b'~' {
                let chord = Chord { code: KeyCode::Char(char::from(c)), mods: Mods::empty() };
                let unbound = matches!(keymap.lookup(&[Scope::Pane, Scope::Global], &[chord]), Lookup::None);
                assert_eq!(keymap.binds(c), !unbound, "{name}: {}, {told:?}", char::from(c));
            }
            assert_eq!(keymap.binds(b'x'), name == "mine");
            assert_eq!(keymap.binds(b'q'), name == "mine");
            assert!(!keymap.binds(b'z'));
        }
    }
}
