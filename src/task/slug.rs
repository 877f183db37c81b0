//! A short name for a task: up to three words that say what it is about. Must not know which names are taken.

use crate::base::text::slug;

/// Words that say nothing of a task's subject: articles, prepositions, fillers.
const FILLERS: &[&str] = &[
    "a",
    "about",
    "across",
    "after",
    "again",
    "all",
    "also",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "before",
    "best",
    "better",
    "but",
    "by",
    "can",
    "could",
    "do",
    "each",
    "every",
    "for",
    "from",
    "has",
    "have",
    "how",
    "i",
    "if",
    "in",
    "including",
    "into",
    "is",
    "it",
    "its",
    "just",
    "let",
    "like",
    "make",
    "me",
    "my",
    "new",
    "no",
    "not",
    "now",
    "of",
    "off",
    "on",
    "only",
    "onto",
    "or",
    "our",
    "out",
    "over",
    "per",
    "please",
    "proper",
    "should",
    "so",
    "some",
    "such",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "to",
    "too",
    "up",
    "us",
    "use",
    "using",
    "via",
    "want",
    "we",
    "when",
    "where",
    "which",
    "while",
    "will",
    "with",
    "without",
    "would",
    "you",
    "your",
];

/// Verbs that every task begins with.
const VERBS: &[&str] = &[
    "add",
    "build",
    "change",
    "create",
    "develop",
    "do",
    "fix",
    "generate",
    "get",
    "give",
    "help",
    "implement",
    "improve",
    "introduce",
    "make",
    "need",
    "perform",
    "provide",
    "put",
    "run",
    "set",
    "start",
    "support",
    "try",
    "update",
    "write",
];

/// Nouns that add nothing behind another word: `caching layer` is about caching.
const TAILS: &[&str] = &["code", "feature", "functionality", "implementation", "layer", "stuff", "system", "task", "thing", "things"];

/// Activities that are better known by their thing.
const THINGS: &[(&str, &str)] = &[("caching", "cache"), ("migrating", "migration"), ("refactoring", "refactor"), ("testing", "tests")];

/// The name of a worktree, a branch and a session: `worktree`, else `name`, else up to three content words of the task, else
/// `task`. Always a valid slug.
pub fn slug_of(worktree: Option<&str>, name: Option<&str>, task: Option<&str>) -> String {
    let given = worktree.or(name).map(clean).filter(|s| !s.is_empty());
    given.or_else(|| task.map(name_of).filter(|s| !s.is_empty())).unwrap_or_else(|| "task".to_owned())
}

/// Up to three content words of a task, joined by `-`; empty when it has none.
pub fn name_of(task: &str) -> String {
    // Only the first line and sentence tell what it is about; the rest are conditions.
    let line = task.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let words: Vec<String> =
        line.split(|c: char| c.is_whitespace() || "/,;:()[]{}<>\"'`".contains(c)).map(clean).filter(|w| !w.is_empty()).take(40).collect();
    let content: Vec<&String> = words.iter().filter(|w| !FILLERS.contains(&w.as_str())).collect();
    // A verb is dropped while a subject remains; a lone verb is better than nothing.
    let subject: Vec<&String> = content.iter().copied().filter(|w| !VERBS.contains(&w.as_str())).collect();
    let mut chosen = if subject.is_empty() { if content.is_empty() { words.iter().collect() } else { content } } else { subject };
    chosen.truncate(3);
    while chosen.len() > 1 && chosen.last().is_some_and(|w| TAILS.contains(&w.as_str())) {
        chosen.pop();
    }
    let mut out = String::new();
    for word in chosen {
        if !out.is_empty() && out.len() + 1 + word.len() > 32 {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(THINGS.iter().find(|(activity, _)| activity == word).map_or(word, |(_, thing)| thing));
    }
    clean(&out)
}

/// A slug that is also a valid last part of a branch: git keeps `.lock` for itself.
fn clean(text: &str) -> String {
    let mut out = slug(text);
    while let Some(stem) = out.strip_suffix(".lock") {
        out = slug(stem);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_say_what_a_task_is_about() {
        for (task, want) in [
            ("Implement new caching layer", "cache"),
            ("Add user authentication with JWT tokens to the Express app", "user-authentication-jwt"),
            ("Convert all class components to functional components with hooks", "convert-class-components"),
            ("Replace REST with GraphQL", "replace-rest-graphql"),
            ("Performance optimization", "performance-optimization"),
            ("User dashboard redesign", "user-dashboard-redesign"),
            ("Add logging system", "logging"),
            ("fix it", "fix"),
            ("Create unit tests for all utility functions in /src/utils/", "unit-tests-utility"),
            ("\n\n  make auth better \nrunning the tests", "auth"),
            ("../../etc/passwd", "etc-passwd"),
            ("-rf", "rf"),
            ("do it now", "do-it-now"),
            ("rename x.lock", "rename-x"),
        ] {
            assert_eq!(name_of(task), want, "{task}");
        }
        assert_eq!(name_of("日本語"), "");
    }

    #[test]
    fn what_was_given_comes_first() {
        assert_eq!(slug_of(Some("perf-db"), Some("n"), Some("t")), "perf-db");
        assert_eq!(slug_of(None, Some("My Name"), Some("t")), "my-name");
        assert_eq!(slug_of(None, Some("日本"), Some("Add cache")), "cache");
        assert_eq!(slug_of(None, None, Some("日本")), "task");
        assert_eq!(slug_of(None, None, None), "task");
        assert_eq!(slug_of(Some("../../x.lock"), None, None), "x");
    }

    proptest! {
        #[test]
        fn every_task_gets_a_valid_short_name(task in any::<String>(), given in proptest::option::of("\\PC{0,60}")) {
            let s = slug_of(None, given.as_deref(), Some(&task));
            prop_assert!(!s.is_empty() && s.len() <= 40);
            prop_assert_eq!(&slug(&s), &s);
            prop_assert!(!s.ends_with(".lock"));
            let name = name_of(&task);
            prop_assert!(name.len() <= 40 && name.matches('-').count() <= 40);
        }
    }
}
