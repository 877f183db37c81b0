//! Rules about text, from TOML: how a block begins, how its body looks, what it means, and a sample that proves it. Must not know
//! where the text or the files come from.

use super::pattern::Pattern;
use super::said::Said;
use super::{TextLine, TextReader};
use regex::{RegexSet, RegexSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Memory the patterns of all rules may take once compiled, in bytes.
const PATTERNS: usize = 4 << 20;
/// Rules of one file.
const RULES: usize = 100;

/// What a block means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Meaning {
    /// A tree of progress, or a session card.
    Progress,
    /// An error.
    Error,
    /// A line of a log.
    Log,
    /// News of phases and progress.
    Milestone,
    /// The task is finished.
    Done,
    /// Somebody is needed.
    Attention,
    /// Handed over to the person.
    Handoff,
    /// Handed over to the cloud.
    Escalation,
    /// An offer to go on in the background.
    Delegation,
    /// A test suite begins: `suite`, `total`.
    TestsSuite,
    /// One more test has passed.
    TestPassed,
    /// A test has failed: `name`, and `issue`, `file`, `line` when known.
    TestFailed,
    /// What is more known of a failed test, by its name or of the last one.
    TestDetail,
    /// The counts of a suite: `passed`, `failed`, `total`, `suite`.
    TestsSum,
}

/// How the lines after the first look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    /// There are none.
    #[default]
    None,
    /// Branches: `├── Name: value`, or `|-- Name: value`.
    Tree,
    /// `Name: value`, blank lines between.
    Labels,
    /// `1. point` or `* point`, blank lines between.
    Points,
    /// Any text up to the line that ends it.
    Prose,
    /// One more line, its issue.
    Next,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    #[serde(default)]
    rule: Vec<RuleToml>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleToml {
    name: String,
    is: Meaning,
    start: String,
    #[serde(default)]
    body: Body,
    end: Option<String>,
    #[serde(default)]
    needs_body: bool,
    #[serde(default)]
    needs_end: bool,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    sample: Vec<SampleToml>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleToml {
    text: String,
    gives: Vec<String>,
}

/// What a name in a body stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Task,
    Progress,
    Current,
    Eta,
    Issue,
    Context,
    Suggestion,
    Action,
    Status,
    PhaseDone,
    PhaseStart,
    Item,
    Fact,
    Ignore,
}

impl Field {
    const WORDS: &'static [(&'static str, Field)] = &[
        ("task", Field::Task),
        ("progress", Field::Progress),
        ("current", Field::Current),
        ("eta", Field::Eta),
        ("issue", Field::Issue),
        ("context", Field::Context),
        ("suggestion", Field::Suggestion),
        ("action", Field::Action),
        ("status", Field::Status),
        ("phase-done", Field::PhaseDone),
        ("phase-start", Field::PhaseStart),
        ("item", Field::Item),
        ("fact", Field::Fact),
        ("ignore", Field::Ignore),
    ];
}

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub name: String,
    pub is: Meaning,
    pub start: Pattern,
    pub body: Body,
    pub end: Option<Pattern>,
    pub needs_body: bool,
    pub needs_end: bool,
    pub fields: Vec<(Pattern, Field)>,
    samples: Vec<(String, Vec<String>)>,
}

/// All rules in force.
#[derive(Debug)]
pub struct TextRules {
    pub(super) rules: Vec<Rule>,
    pub(super) starts: RegexSet,
}

const BUILTIN: &[(&str, &str)] = &[("article.toml", include_str!("../rules/article.toml")), ("tests.toml", include_str!("../rules/tests.toml"))];

impl TextRules {
    /// The shipped rules.
    pub fn builtin() -> Arc<TextRules> {
        static RULES: OnceLock<Arc<TextRules>> = OnceLock::new();
        Arc::clone(RULES.get_or_init(|| Arc::new(TextRules::load(&[]).0)))
    }

    /// `yours` (file name and text), which are asked first, and the shipped rules. What is wrong with a file is said; its other
    /// rules stand, except when it is no TOML at all.
    pub fn load(yours: &[(String, String)]) -> (TextRules, Vec<String>) {
        let mut problems = Vec::new();
        let mut rules = Vec::new();
        let yours = yours.iter().map(|(file, text)| (file.as_str(), text.as_str(), false));
        for (file, text, shipped) in yours.chain(BUILTIN.iter().map(|(file, text)| (*file, *text, true))) {
            match toml::from_str::<FileToml>(text) {
                Ok(parsed) => {
                    for r in parsed.rule.into_iter().take(RULES) {
                        let name = crate::base::text::safe_line(&r.name, 60);
                        match Rule::new(r, shipped) {
                            Ok(rule) => rules.push(rule),
                            Err(why) => problems.push(format!("{file}: rule `{name}`: {why}")),
                        }
                    }
                }
                Err(e) => {
                    let line = e.span().map_or(1, |s| text.get(..s.start).unwrap_or_default().matches('\n').count() + 1);
                    problems.push(format!("{file}:{line}: {}", crate::base::text::safe_line(e.message(), 200)));
                }
            }
        }
        let starts = |rules: &[Rule]| RegexSetBuilder::new(rules.iter().map(|r| r.start.as_str())).size_limit(PATTERNS).build();
        let (set, rules) = match starts(&rules) {
            Ok(set) => (set, rules),
            Err(e) => {
                problems.push(format!("the rules are too large together: {e}"));
                (RegexSet::empty(), Vec::new())
            }
        };
        (TextRules { rules, starts: set }, problems)
    }

    /// Applies every rule to its own samples; what does not come out as the sample says.
    pub fn try_samples(self: &Arc<TextRules>) -> Vec<String> {
        let mut wrong = Vec::new();
        for r in &self.rules {
            for (text, gives) in &r.samples {
                let got: Vec<String> = read_all(self, text).iter().map(Said::to_string).collect();
                if got != *gives {
                    wrong.push(format!("rule `{}`: its sample gives {got:?}, not {gives:?}", r.name));
                }
            }
            if r.samples.is_empty() {
                wrong.push(format!("rule `{}` has no sample", r.name));
            }
        }
        wrong
    }

    /// The first rule a line begins a block of.
    pub(super) fn starting(&self, line: &str) -> Option<&Rule> {
        self.starts.matches(line).iter().next().and_then(|i| self.rules.get(i))
    }
}

/// Everything a text says, taken as a whole.
pub fn read_all(rules: &Arc<TextRules>, text: &str) -> Vec<Said> {
    let lines: Vec<TextLine> = text.lines().enumerate().map(|(i, l)| TextLine { id: i as u64, text: l.to_owned(), fresh: true }).collect();
    TextReader::new(Arc::clone(rules)).read(&lines, true).0
}

impl Rule {
    fn new(r: RuleToml, shipped: bool) -> Result<Rule, String> {
        let regex = |p: &str| if shipped { Ok(Pattern::known(p)) } else { Pattern::tried(p) };
        if !r.start.starts_with('^') {
            return Err("`start` must begin with `^`: a block begins at the start of a line".into());
        }
        let mut fields = Vec::new();
        for (label, word) in &r.fields {
            let field = Field::WORDS.iter().find(|w| w.0 == word).map(|w| w.1);
            let known = || Field::WORDS.iter().map(|w| w.0).collect::<Vec<_>>().join(", ");
            fields.push((regex(&format!("^(?:{label})$"))?, field.ok_or_else(|| format!("`{word}` is no field; known are {}", known()))?));
        }
        Ok(Rule {
            start: regex(&r.start)?,
            end: r.end.as_deref().map(regex).transpose()?,
            name: r.name,
            is: r.is,
            body: r.body,
            needs_body: r.needs_body,
            needs_end: r.needs_end,
            fields,
            samples: r.sample.into_iter().map(|s| (s.text, s.gives)).collect(),
        })
    }

    /// What a name in this rule's body stands for, and the number in it.
    pub(super) fn field(&self, label: &str) -> Option<(Field, Option<u32>)> {
        self.fields.iter().find_map(|(p, f)| {
            let c = p.captures(label)?;
            Some((*f, c.get(1).and_then(|n| n.as_str().parse().ok())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_rule_gives_what_its_sample_says() {
        let (rules, problems) = TextRules::load(&[]);
        assert_eq!(problems, [""; 0]);
        // Shipped patterns are compiled late; read as a person's they are tried at once.
        let as_yours: Vec<_> = BUILTIN.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        assert_eq!(TextRules::load(&as_yours).1, [""; 0]);
        // The product is built without tables of Unicode classes; tests have them from another crate.
        assert!(BUILTIN.iter().all(|(_, text)| !text.contains(r"\p{")));
        assert_eq!(Arc::new(rules).try_samples(), [""; 0]);
    }

    #[test]
    fn rules_of_a_person_come_first_and_bad_ones_are_named() {
        let good = r#"
            [[rule]]
            name = "mine"
            is = "milestone"
            start = '^STEP (?<number>\d+): (?<text>.+)$'
            [[rule.sample]]
            text = "STEP 2: build"
            gives = ["phase: 2 build"]
            [[rule]]
            name = "loose"
            is = "log"
            start = 'anywhere'
        "#;
        let files = [("mine.toml".to_owned(), good.to_owned()), ("broken.toml".to_owned(), "rule = 3".to_owned())];
        let (rules, problems) = TextRules::load(&files);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("loose") && problems[1].starts_with("broken.toml:1"), "{problems:?}");
        assert_eq!(Arc::new(rules).try_samples(), [""; 0]);
    }
}
