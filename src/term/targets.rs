//! Things on a screen that a person wants to copy or open: addresses, paths with a line, commits, ids. Must not know engines,
//! panes or what is done with them: lines come through a function by id.
//!
//! Lines that were broken by the width are read as one. An address that a program broke itself, because it reached the edge of
//! its terminal or of its box, is put together again; the sides of boxes are never part of anything.

use super::joined::{Joined, extent};
use super::text::Point;
use crate::base::Line;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Lines above and below the ones asked for that may belong to a broken one.
const AROUND: u64 = 16;
/// Most targets of one look.
const MOST: usize = 400;
/// Longest target, in bytes.
const LONGEST: usize = 2048;

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// An address that is written out.
    Url,
    /// A hyperlink (OSC 8): what it leads to is not what is shown.
    Link,
    /// A file, perhaps with a line.
    Path,
    /// A commit.
    Hash,
    /// An address of a machine.
    Ip,
    /// A UUID.
    Uuid,
}

/// A target and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// What is copied or opened. Untrusted.
    pub goal: String,
    /// What is shown. Untrusted.
    pub shown: String,
    /// Line and columns, one entry for each line it touches, top to bottom.
    pub spans: Vec<(u64, Range<u16>)>,
}

impl Target {
    /// Whether it covers a cell.
    pub fn covers(&self, at: Point) -> bool {
        self.spans.iter().any(|(line, cols)| *line == at.line && cols.contains(&at.col))
    }
}

struct Rule {
    kind: TargetKind,
    pattern: Option<Regex>,
    /// Group that is the target.
    group: usize,
    fits: fn(&str) -> bool,
}

fn rule(kind: TargetKind, pattern: &str, group: usize, fits: fn(&str) -> bool) -> Rule {
    Rule { kind, pattern: Regex::new(pattern).ok(), group, fits }
}

/// Characters of an address; box drawing, blocks and the punctuation of wide text left out.
const URL: &str = r#"[^\s\x00-\x20\x7f"<>`{}\\^|…\u{2500}-\u{259f}\u{2028}\u{2029}\u{3001}\u{3002}\u{3008}-\u{3011}\u{3014}-\u{301b}\u{ff01}\u{ff08}\u{ff09}\u{ff0c}\u{ff0e}\u{ff1a}\u{ff1b}\u{ff1f}\u{ff3b}\u{ff3d}\u{ff5b}\u{ff5d}\u{ff61}-\u{ff64}]"#;

/// Endings of files that are known without a line behind them.
const TAIL: &str = "rs|[jt]sx?|mjs|cjs|py|go|java|kts?|c|h|cc|cpp|hpp|cs|rb|php|swift|md|txt|json|jsonc|toml|ya?ml|html?|css|scss|vue|svelte|sh|sql|lock|log|proto|tf|xml|ini|cfg|diff|patch|snap|ipynb";
/// More that are known where a line is spelled out behind them.
const MORE: &str = "p[lmy]|pyi|pyx|pl6|t|vb|fsx?|exs?|erl|hs|mli?|lua|r|jl|dart|scala|sc|groovy|gradle|clj[cs]?|zig|nim|cr|m|mm|cxx|hxx|hh|inc|phtml|erb|rake|twig|tpl|cshtml|razor|ps1|psm1|bat|cmd|bash|zsh|fish|awk|tcl|adoc|rst|tex|bib|conf|env|properties|mk|cmake|bzl|nix|vim|el|lisp|scm|s|asm|f90|sass|less|csv|mts|cts";

/// In the order of who wins where two overlap.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    const NAME: &str = r"[\w.@%+=~-]";
    const PLACE: &str = r"(?::\d+(?::\d+)?|\(\d+(?:,\s?\d+)?\))?";
    // Folders behind a slash may be in brackets or begin with a dollar sign, as web frameworks name them.
    let below = format!(r"(?:/(?:\$?{NAME}+|\[{{1,2}}{NAME}+\]{{1,2}}|\({NAME}+\)){NAME}*)");
    let path = format!(r"(?:(?:~|\.{{1,2}})?{below}+/?|{NAME}+{below}+/?)");
    // What Python, C#, PHP and Perl write behind a file.
    const LINE: &str = r"(?:,|:| on| at)? ?line (\d{1,9})(?:,? col(?:umn)? (\d{1,9}))?";
    let quoted = |q: char| {
        let name = format!(r"[^{q}\n/\s](?:[^{q}\n/]{{0,78}}[^{q}\n/\s])?");
        rule(TargetKind::Path, &format!(r"\B{q}((?:~|\.{{1,2}})?/?{name}(?:/{name}){{1,20}}/?{PLACE}){q}\B"), 1, is_quoted_path)
    };
    vec![
        rule(TargetKind::Url, &format!(r"(?-u:\b)(?:(?:https?|ftp|file|ssh|git|wss?)://|mailto:){URL}+"), 0, |_| true),
        rule(TargetKind::Path, &format!(r#"["'](?P<path>[^"'\n<>]{{1,400}})["']{LINE}"#), 0, |t| !t.contains(". ") && is_spelled(t)),
        rule(TargetKind::Path, &format!(r"(?P<path>{path}|{NAME}*\w\.[A-Za-z]\w{{0,9}}){LINE}"), 0, is_spelled),
        // A path in quotes may hold blanks.
        quoted('"'),
        quoted('\''),
        quoted('`'),
        rule(TargetKind::Uuid, r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b", 0, |_| true),
        rule(TargetKind::Path, &format!("{path}{PLACE}"), 0, is_path),
        rule(TargetKind::Path, &format!(r"\b{NAME}*\w\.[A-Za-z]\w{{0,9}}(?::\d+(?::\d+)?|\(\d+(?:,\s?\d+)?\))"), 0, |t| {
            !t.starts_with(|c: char| c.is_ascii_digit()) || t.contains(char::is_alphabetic)
        }),
        rule(TargetKind::Path, &format!(r"\b[\w@+-][\w.@+-]*\.(?:{TAIL})\b"), 0, |_| true),
        rule(TargetKind::Ip, r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b", 0, |t| {
            t.split(':').next().is_some_and(|a| a.parse::<std::net::Ipv4Addr>().is_ok())
        }),
        rule(TargetKind::Ip, r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]+", 0, |t| t.parse::<std::net::Ipv6Addr>().is_ok() && t.len() > 4),
        rule(TargetKind::Hash, r"\b(?:[0-9a-f]{7,40}|[0-9a-f]{64})\b", 0, |t| {
            t.len() == 40 || t.contains(|c: char| c.is_ascii_digit()) && t.contains(|c: char| c.is_ascii_alphabetic())
        }),
    ]
});

/// What a spelled out line can be of: `section 2.a` and `v1.x` are no files.
fn is_spelled(path: &str) -> bool {
    static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("(?i)^(?:{TAIL}|{MORE})$")).ok());
    let known = |name: &str, ending: &str| {
        KNOWN.as_ref().is_some_and(|k| k.is_match(ending)) && (ending.len() > 1 || name.contains(|c: char| c.is_alphabetic()))
    };
    path.contains('/') || path.rsplit_once('.').is_some_and(|(name, ending)| known(name, ending))
}

/// The words before the first slash in quotes are the name of a folder, not a command or a sentence.
fn is_folder(name: &str) -> bool {
    const SAID: &str = " cat sed awk grep egrep rg ag head tail less more bat vi vim nvim nano emacs code hx ls cd cp mv rm ln du df mkdir rmdir touch chmod chown \
        stat file find fd diff patch tar zip unzip wc sort uniq cut tee xargs tr tree git gh hg svn cargo rustc rustfmt npm npx pnpm yarn bun node deno tsc eslint \
        prettier jest vitest python python2 python3 pip pip3 uv uvx pytest mypy ruff black flake8 ruby bundle rake rspec perl php composer go gofmt java javac \
        mvn gradle kotlinc swift make cmake ninja gcc g++ clang clang++ ld bash sh zsh fish source exec eval env sudo time timeout nohup watch echo printf test \
        curl wget ssh scp rsync docker podman kubectl helm terraform psql sqlite3 jq yq open xdg-open start run see read write edit create delete remove \
        add update fix change move rename copy check use load save show view import require include from in at on of to by for with and or the an this that \
        is was are no not error warning failed cannot could file path wrote updated created deleted ";
    let words: Vec<&str> = name.split_whitespace().collect();
    let said = |word: &str| SAID.split_whitespace().any(|s| s == word.to_lowercase()) || word.ends_with([':', ',', ';', '=']) || word.contains('=');
    match words.as_slice() {
        [before @ .., _] => !before.iter().any(|word| said(word)),
        [] => false,
    }
}

/// A path in quotes that needs them: what has no blanks and the like is found without. A command in quotes is none.
fn is_quoted_path(text: &str) -> bool {
    let (path, place, _) = split_place(text);
    let strange = |c: char| !(c.is_alphanumeric() || "/_.@%+=~-".contains(c));
    let rooted = path.starts_with(['/', '~']) || path.starts_with("./") || path.starts_with("../");
    let words: Vec<&str> = path.split(' ').collect();
    let command = words.iter().any(|w| w.starts_with('-') || w.contains("://"))
        || words.iter().rev().skip(1).any(|w| w.rsplit_once('.').is_some_and(|(_, tail)| (1..=4).contains(&tail.len()) && !tail.contains('/')));
    let first = path.split('/').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let named = last.rsplit_once('.').is_some_and(|(a, b)| !a.is_empty() && b.starts_with(|c: char| c.is_ascii_alphabetic()));
    path.contains(strange) && path.contains(char::is_alphabetic) && !command && (rooted || (named || place.is_some()) && is_folder(first))
}

/// Words with a slash that are no path: `and/or`, `42/52`.
fn is_path(text: &str) -> bool {
    let (path, place, _) = split_place(text);
    if !path.chars().any(char::is_alphabetic) {
        return false;
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let named = last.rsplit_once('.').is_some_and(|(a, b)| !a.is_empty() && b.starts_with(|c: char| c.is_ascii_alphabetic()));
    // `/etc` is one; `/ help` and `w/o` are not.
    path.starts_with("~/")
        || path.starts_with("./")
        || path.starts_with("../")
        || place.is_some()
        || named
        || path.matches('/').count() >= 2
        || (path.starts_with('/') && last.len() > 1)
        || path.ends_with('/')
}

/// A path, and the line and column behind it, counted from 1.
pub fn split_place(text: &str) -> (&str, Option<u32>, Option<u32>) {
    static PLACE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(.+?)(?::(\d{1,9})(?::(\d{1,9}))?|\((\d{1,9})(?:,\s?(\d{1,9}))?\))$").ok());
    let Some(c) = PLACE.as_ref().and_then(|r| r.captures(text)) else { return (text, None, None) };
    let number = |a: usize, b: usize| c.get(a).or(c.get(b)).and_then(|m| m.as_str().parse().ok()).filter(|n| *n > 0);
    (c.get(1).map_or(text, |m| m.as_str()), number(2, 4), number(3, 5))
}

/// An address without what follows it in the sentence, list or markup around it, which comes `before` it.
fn trim_url(text: &str, before: Option<char>) -> &str {
    let mut url = text;
    // In quotes that an address may have inside too.
    if before == Some('\'') {
        url = url.split('\'').next().unwrap_or_default();
    }
    if let Some((i, _)) =
        url.match_indices([',', ';']).find(|(i, _)| url.get(i + 1..).is_some_and(|r| r.starts_with("http://") || r.starts_with("https://")))
    {
        url = url.get(..i).unwrap_or_default();
    }
    // A bracket that nothing in it opens is not its own: `[https://a.b](...`.
    let (mut round, mut square) = (0, 0);
    for (i, c) in url.char_indices() {
        let depth = match c {
            '(' | ')' => &mut round,
            '[' | ']' => &mut square,
            _ => continue,
        };
        *depth += if matches!(c, '(' | '[') { 1 } else { -1 };
        if *depth < 0 {
            url = url.get(..i).unwrap_or_default();
            break;
        }
    }
    while let Some(last) = url.chars().next_back() {
        let open = match last {
            ')' => Some('('),
            ']' => Some('['),
            _ => None,
        };
        let loose = match open {
            Some(open) => url.matches(last).count() > url.matches(open).count(),
            None => ".,;:!?'\"*_([".contains(last),
        };
        if !loose {
            break;
        }
        url = url.get(..url.len() - last.len_utf8()).unwrap_or_default();
    }
    url
}

fn is_side(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{259f}' | '|')
}

/// First and last text column (exclusive) of a line inside the sides of its box.
fn inside(line: &Line) -> Option<(usize, usize)> {
    let mut cells = Vec::new();
    line.for_each_cell(|col, width, text, _| cells.push((col, col + usize::from(width), text.chars().next().unwrap_or(' '))));
    let plain = |c: &&(usize, usize, char)| !is_side(c.2) && !c.2.is_whitespace();
    Some((cells.iter().find(plain)?.0, cells.iter().rev().find(plain)?.1))
}

/// The right edge that text of this line could reach: the side of its box less a blank, or the width.
fn edge(line: &Line, cols: u16) -> usize {
    let mut side = usize::from(cols);
    let mut text_end = 0;
    line.for_each_cell(|col, width, text, _| match text.chars().next() {
        Some(c) if is_side(c) => side = side.min(if text_end > 0 || col > 4 { col } else { side }),
        Some(c) if !c.is_whitespace() => text_end = col + usize::from(width),
        _ => {}
    });
    side
}

/// The targets in the lines `window` of a terminal `cols` wide, top to bottom, left to right. Those that begin above or end
/// below it are whole.
pub fn targets(lines: impl Fn(u64) -> Option<Line>, window: Range<u64>, cols: u16) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    let mut id = extent(&lines, window.start, AROUND).0;
    while id < window.end && found.len() < MOST {
        let (_, last) = extent(&lines, id, 2 * AROUND);
        let mut joined = Joined::default();
        for n in id..=last {
            if let Some(line) = lines(n) {
                joined.push(n, &line);
            }
        }
        let below = go_on(&lines, &mut joined, last, cols);
        read(&joined, below, &mut found);
        id = last + 1;
    }
    let seen = |t: &Target| t.spans.iter().any(|(line, _)| window.contains(line));
    found.retain(seen);
    // What was read as the rest of an address above is no target of its own.
    let taken: Vec<(u64, Range<u16>)> = found.iter().flat_map(|t| t.spans.iter().skip(1).cloned()).collect();
    found.retain(|t| {
        let Some((line, cols)) = t.spans.first() else { return false };
        !taken.iter().any(|(l, c)| l == line && c.start <= cols.start && cols.end <= c.end)
    });
    found.truncate(MOST);
    found
}

/// Adds the lines that an address at the edge goes on in; gives how many bytes of the text are the line's own.
fn go_on(lines: &impl Fn(u64) -> Option<Line>, joined: &mut Joined, last: u64, cols: u16) -> usize {
    static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"(?:https?|ftp)://{URL}+$")).ok());
    static MORE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"^{URL}+")).ok());
    let (Some(open), Some(more)) = (OPEN.as_ref(), MORE.as_ref()) else { return joined.text.len() };
    let own = joined.text.len();
    for here in last..last.saturating_add(AROUND) {
        let Some(line) = lines(here) else { break };
        let Some((_, end)) = inside(&line) else { break };
        let edge = edge(&line, cols);
        if end < edge.saturating_sub(usize::from(edge < usize::from(cols)))
            || !open.is_match(joined.text.trim_end_matches(|c: char| is_side(c) || c.is_whitespace()))
        {
            break;
        }
        let Some(below) = lines(here + 1) else { break };
        let Some((start, _)) = inside(&below) else { break };
        let text = below.slice(start, usize::MAX);
        let Some(first) = more.find(&text).map(|m| m.as_str().to_owned()) else { break };
        // A sentence that happens to begin below is no part: what goes on is one word, alone or at the edge again.
        let alone = text.get(first.len()..).is_some_and(|rest| rest.trim_matches(|c: char| is_side(c) || c.is_whitespace()).is_empty());
        let tail = first.contains(['/', '?', '=', '&', '%', '#', '-', '_', '.']) || first.contains(|c: char| c.is_ascii_digit());
        if !(alone || tail) {
            break;
        }
        let cut = joined.text.trim_end_matches(|c: char| is_side(c) || c.is_whitespace()).len();
        joined.text.truncate(cut);
        joined.cells.retain(|c| c.offset < cut);
        joined.push_from(here + 1, &below, start);
        if !alone {
            break;
        }
    }
    own
}

/// Reads what stands in one text. What begins behind `own` bytes belongs to the next lines.
fn read(joined: &Joined, own: usize, found: &mut Vec<Target>) {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut here: Vec<(usize, Target)> = Vec::new();
    let mut i = 0;
    while i < joined.cells.len() {
        let Some(link) = joined.cells.get(i).and_then(|c| c.link.clone()) else {
            i += 1;
            continue;
        };
        let end = (i..joined.cells.len()).find(|j| joined.cells.get(*j).is_none_or(|c| c.link.as_ref() != Some(&link))).unwrap_or(joined.cells.len());
        let start = joined.cells.get(i).map_or(0, |c| c.offset);
        let bytes = start..joined.cells.get(end).map_or(joined.text.len(), |c| c.offset);
        let shown = joined.text.get(bytes.clone()).unwrap_or_default().trim().to_owned();
        if !shown.is_empty() && start < own {
            here.push((start, Target { kind: TargetKind::Link, goal: link.to_string(), shown, spans: joined.spans(i..end) }));
        }
        taken.push(bytes);
        i = end;
    }
    for rule in RULES.iter() {
        let Some(pattern) = &rule.pattern else { continue };
        let mut next = 0;
        while let Some(found) = pattern.captures_at(&joined.text, next) {
            let whole = found.get(0).map_or(next, |m| m.end());
            if whole <= next {
                break;
            }
            next = whole;
            let Some(hit) = found.get(rule.group) else { continue };
            let text = match rule.kind {
                TargetKind::Url => trim_url(hit.as_str(), joined.text.get(..hit.start()).and_then(|b| b.chars().next_back())),
                TargetKind::Path => hit.as_str().trim_end_matches(['.', ',', ';', ':', '=']),
                _ => hit.as_str(),
            };
            let bytes = hit.start()..hit.start() + text.len();
            // What was cut off may hold another one.
            if rule.kind == TargetKind::Url && !text.is_empty() {
                next = bytes.end;
            }
            let free = !taken.iter().any(|t| t.start < bytes.end && bytes.start < t.end);
            let spelled = found.name("path").map(|path| path.as_str());
            if !free || text.is_empty() || text.len() > LONGEST || bytes.start >= own || !(rule.fits)(spelled.unwrap_or(text)) {
                continue;
            }
            taken.push(bytes.clone());
            let spans = joined.spans(joined.cell_range(&bytes));
            // A line that is spelled out is one like any other.
            let goal = spelled.map_or_else(
                || text.to_owned(),
                |path| {
                    let numbers = found.iter().skip(1).flatten().map(|m| m.as_str()).filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
                    numbers.fold(path.to_owned(), |goal, n| format!("{goal}:{n}"))
                },
            );
            here.push((bytes.start, Target { kind: rule.kind, goal, shown: text.to_owned(), spans }));
        }
    }
    here.sort_by_key(|(at, _)| *at);
    found.extend(here.into_iter().map(|(_, t)| t));
}

/// The target at a place.
pub fn target_at(lines: impl Fn(u64) -> Option<Line>, at: Point, cols: u16) -> Option<Target> {
    let from = at.line.saturating_sub(AROUND);
    // One that begins lines above may reach down to here.
    targets(lines, from..at.line + 1, cols).into_iter().find(|t| t.covers(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};
    use proptest::prelude::*;

    fn of(cols: u16, text: &str) -> Vec<(TargetKind, String)> {
        let mut e = new_engine(EngineKind::Native, Size::new(cols, 20), 100);
        e.feed(text.as_bytes(), Now::default());
        targets(|id| e.row(id), 0..20, cols).into_iter().map(|t| (t.kind, t.goal)).collect()
    }

    fn one(text: &str) -> String {
        let all = of(160, text);
        all.iter().map(|t| format!("{:?} {}", t.0, t.1)).collect::<Vec<_>>().join(" + ")
    }

    #[test]
    fn what_is_a_target_and_what_is_not() {
        for (text, want) in [
            ("see https://a.b/c?d=1#e.", "Url https://a.b/c?d=1#e"),
            ("(https://en.wikipedia.org/wiki/Rust_(game)), and", "Url https://en.wikipedia.org/wiki/Rust_(game)"),
            ("<mailto:ann@example.org>", "Url mailto:ann@example.org"),
            ("error at src/api/user.ts:45:11 in", "Path src/api/user.ts:45:11"),
            ("  --> /abs/x.rs:3", "Path /abs/x.rs:3"),
            ("main.c:12: warning", "Path main.c:12"),
            ("Parser.java(45): error", "Path Parser.java(45)"),
            ("user-settings.js converted", "Path user-settings.js"),
            ("open '/tmp/my file/a b.txt' now", "Path /tmp/my file/a b.txt"),
            ("~/notes/todo and ./run.sh", "Path ~/notes/todo + Path ./run.sh"),
            ("commit 4f1c2aa9 by", "Hash 4f1c2aa9"),
            ("id 123e4567-e89b-12d3-a456-426614174000", "Uuid 123e4567-e89b-12d3-a456-426614174000"),
            ("listening on 127.0.0.1:8080", "Ip 127.0.0.1:8080"),
            ("from fe80::1ff:fe23:4567:890a ok", "Ip fe80::1ff:fe23:4567:890a"),
            ("42/52 and/or w/o 12:34:56 e.g. 1.2.3 +118 -40 deadbee 1234567", ""),
            ("│ src/a.rs │ https://x.y/z │", "Path src/a.rs + Url https://x.y/z"),
            // Markup, lists, quotes and other scripts around an address.
            ("[https://a.b/c](https://a.b/c) [x](https://d.e/f_(g))", "Url https://a.b/c + Url https://a.b/c + Url https://d.e/f_(g)"),
            ("['https://a.b','https://c.d'] https://e.f,https://g.h", "Url https://a.b + Url https://c.d + Url https://e.f + Url https://g.h"),
            ("请看https://a.b/c。然后（https://d.e/f）", "Url https://a.b/c + Url https://d.e/f"),
            ("http://[::1]:8080/x, http://[fe80::1]/", "Url http://[::1]:8080/x + Url http://[fe80::1]/"),
            ("a http://localhost:3000/?q=[1] (see http://x.y).", "Url http://localhost:3000/?q=[1] + Url http://x.y"),
            ("at file:///w/a.mjs:3:9", "Url file:///w/a.mjs:3:9"),
            // Lines that are spelled out.
            (r#"  File "/w/my app/x.py", line 12, in run"#, "Path /w/my app/x.py:12"),
            ("in /w/a.cs:line 45 and x.php on line 7 and at lib/x.pl line 9.", "Path /w/a.cs:45 + Path x.php:7 + Path lib/x.pl:9"),
            (r#"File "<stdin>", line 1"#, ""),
            ("section 2.a at line 9, section 2.r at line 9, v1.x on line 7, \"it broke. Then\" line 4, 'v. 2' line 1", ""),
            (r#"lib.pm line 4; "x y.py", line 3; at bin/tool line 8"#, "Path lib.pm:4 + Path x y.py:3 + Path bin/tool:8"),
            // Quotes.
            ("don't touch src/main.rs, it's broken", "Path src/main.rs"),
            (r#""and/or" "yes / no" "application/json""#, ""),
            (r#"bash -lc "sed -n 1,9p src/x.rs" 'cat src/y.rs'"#, "Path src/x.rs + Path src/y.rs"),
            ("'/w/my file.rs:3:4' \"./a b/c\"", "Path /w/my file.rs:3:4 + Path ./a b/c"),
            (r#""my dir/file name.md:3" 'a b/c d.txt' "My Files/x.md""#, "Path my dir/file name.md:3 + Path a b/c d.txt + Path My Files/x.md"),
            (
                r#""see src/x.rs:3" 'error in src/y.rs' "FOO=1 run src/z.rs" `Failed: a/b.md`"#,
                "Path src/x.rs:3 + Path src/y.rs + Path src/z.rs + Path a/b.md",
            ),
            ("./app/[slug]/(group)/page.tsx:12:3 routes/$id.tsx", "Path ./app/[slug]/(group)/page.tsx:12:3 + Path routes/$id.tsx"),
            ("[README.md](docs/README.md)", "Path README.md + Path docs/README.md"),
            ("x.test.ts(12,3): error TS2304", "Path x.test.ts(12,3)"),
            ("\tsrc/x_test.go:12 +0x1d; tests/test_a.py::TestA::test_b", "Path src/x_test.go:12 + Path tests/test_a.py"),
            ("   4f1c2aa..9b8c7d6  main -> main", "Hash 4f1c2aa + Hash 9b8c7d6"),
        ] {
            assert_eq!(one(text), want, "{text}");
        }
        assert_eq!(split_place("a(3,4)"), ("a", Some(3), Some(4)));
        assert_eq!(split_place("a/b:7"), ("a/b", Some(7), None));
        assert_eq!(split_place("a:b"), ("a:b", None, None));
    }

    #[test]
    fn broken_addresses_are_whole() {
        let url = "https://example.com/a/very/long/path/that/does/not/fit?x=1";
        assert_eq!(of(20, &format!("see {url} ok")), [(TargetKind::Url, url.to_owned())], "broken by the width");
        // Broken by a program, at its edge and inside its box.
        let hard = |width: usize, left: &str, right: &str| {
            let rows: Vec<String> = url.as_bytes().chunks(width).map(|c| format!("{left}{:<width$}{right}", String::from_utf8_lossy(c))).collect();
            rows.join("\r\n")
        };
        assert_eq!(of(20, &hard(20, "", "")), [(TargetKind::Url, url.to_owned())]);
        assert_eq!(of(24, &hard(20, "│ ", " │")), [(TargetKind::Url, url.to_owned())]);
        assert_eq!(of(40, "https://example.com/x\r\nnext sentence"), [(TargetKind::Url, "https://example.com/x".to_owned())]);
        assert_eq!(of(21, "https://example.com/x\r\nnext sentence"), [(TargetKind::Url, "https://example.com/x".to_owned())]);
    }

    #[test]
    fn a_link_leads_where_it_says_and_shows_what_it_shows() {
        let mut e = new_engine(EngineKind::Native, Size::new(12, 6), 100);
        e.feed(b"a \x1b]8;;https://evil.example/x\x1b\\https://good.example\x1b]8;;\x1b\\ b", Now::default());
        let all = targets(|id| e.row(id), 0..6, 12);
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].kind, all[0].goal.as_str(), all[0].shown.as_str()), (TargetKind::Link, "https://evil.example/x", "https://good.example"));
        assert_eq!(all[0].spans, [(0, 2..12), (1, 0..10)]);
        assert_eq!(target_at(|id| e.row(id), Point { line: 1, col: 3 }, 12).map(|t| t.goal).as_deref(), Some("https://evil.example/x"));
        assert_eq!(target_at(|id| e.row(id), Point { line: 1, col: 11 }, 12), None);
    }

    proptest! {
        #[test]
        fn a_path_is_found_wherever_it_stands(before in "[a-z ]{0,30} ", cols in 8u16..60, line in 1u32..9999) {
            let path = format!("src/deep/module_name.rs:{line}:7");
            let text = format!("{before}{path} after");
            let all = of(cols, &text);
            prop_assert!(all.contains(&(TargetKind::Path, path)), "{all:?}");
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,300}", cols in 2u16..80) {
            for (_, goal) in of(cols, &text) {
                prop_assert!(!goal.is_empty() && !goal.chars().any(char::is_control));
            }
        }
    }
}
