//! The article's ten texts through a real engine and the model: whole, byte by byte, coloured, wrapped at 60 columns, in ASCII. All
//! give the same tree, errors and hand-offs.

use copilot_tui::base::{Now, SessionId, Size};
use copilot_tui::evidence::text::{Said, TextLine, TextReader, TextRules};
use copilot_tui::model::{Command, Limits, Recipe, World};
use copilot_tui::term::{Engine, EngineKind, LineMark, lines_since, new_engine};
use copilot_tui::wire::Session;

const ARTICLE: &str = "\
[Background Agent] Starting task: API TypeScript conversion
[14:23:15] Analyzing codebase structure...
[14:23:18] Found 52 API endpoint files to convert
[14:23:20] Creating TypeScript interfaces...
[14:24:45] Converting endpoint 15/52: user-profile.js
[14:25:12] Running tests for converted files...
[14:26:30] All tests passing ✓
[14:26:31] Generating type definitions...

Task: API TypeScript Conversion                    [████████░░] 80%
├── Files Analyzed: 52/52 ✓
├── Interfaces Created: 15/15 ✓
├── Files Converted: 42/52 (⏳ user-settings.js)
├── Tests Passing: 42/42 ✓
└── Estimated Completion: 8 minutes

[ERROR] Conversion failed for payment-gateway.js
├── Issue: Missing type definition for PaymentResponse
├── Context: Line 45, function processPayment()
├── Suggestion: Creating custom interface PaymentResponse
├── Action: Continuing with generated interface
└── Status: Resolved automatically ✓

Copilot: This looks like a complex task that would benefit from background
processing. Would you like me to delegate this to a background agent?

[Delegate to background agent] [Continue in chat]

🎉 Background Agent Update
Task: API TypeScript Conversion
✅ Phase 1 Complete: Interface generation (15 interfaces created)
⏳ Phase 2 Starting: File conversion (52 files to process)
📊 Progress: 35% complete, ETA 25 minutes

Background Agent Session #3                      [In Progress]
├── Task: API TypeScript Conversion
├── Started: 45 minutes ago
├── Progress: Converting files (85% complete)
├── Worktree: /project-api-typescript/
├── Files Modified: 44/52
├── Tests: All passing ✓
├── Current: Converting payment-gateway.js
└── ETA: 7 minutes remaining

⚠️ Background Agent Needs Attention

Task: Database Migration Scripts
Issue: Permission denied accessing production config
Action Required: Update database credentials in .env
Session: Paused until resolved

[Fix Now] [View Details] [Cancel Task]

[Background Agent] Completed API conversion. Found 3 issues requiring review:
1. Complex type inference in user-auth.ts (line 127)
2. Potential breaking change in payment-types.ts
3. New interface conflicts with existing UserType

Handing off to local chat for interactive resolution...

[Background Agent] Task scope expanded beyond local capacity.
Detected need for:
* Multi-repository changes (backend + frontend)
* PR coordination across 4 repositories
* Team review required

Escalating to cloud agent for distributed workflow...

✅ Background Task Completed Successfully!

Task: Shopping Cart Implementation
Duration: 2 hours 15 minutes
Files Created: 12
Files Modified: 8
Tests Added: 47 (100% coverage)
Commits: 8 (feature/shopping-cart branch)

Ready for review: git checkout feature/shopping-cart
";

struct Bench {
    engine: Box<dyn Engine>,
    mark: LineMark,
    reader: TextReader,
    world: World,
    id: SessionId,
    said: Vec<String>,
}

fn now() -> Now {
    Now { mono_ms: 60_000, wall_ms: 1_700_000_060_000 }
}

impl Bench {
    fn new(cols: u16) -> Bench {
        let mut world = World::new(1, Limits::default());
        let recipe = Recipe { agent: "command".into(), name: "a".into(), command: vec!["run.sh".into()], ..Recipe::default() };
        let start = Now { mono_ms: 0, wall_ms: 1_700_000_000_000 };
        let id = world.apply(Command::Create(Box::new(recipe)), start).created.unwrap();
        world.apply(Command::Started { id: id.clone(), pid: 7 }, start);
        let engine = new_engine(EngineKind::Native, Size { cols, rows: 24 }, 1000);
        let mark = LineMark::here(engine.as_ref());
        Bench { engine, mark, reader: TextReader::new(TextRules::builtin()), world, id, said: Vec::new() }
    }

    fn look(&mut self, last: bool) {
        let lines = lines_since(self.engine.as_ref(), &mut self.mark, 24, last);
        let lines: Vec<TextLine> = lines.into_iter().map(|l| TextLine { id: l.id, text: l.text, fresh: l.fresh }).collect();
        let (said, hold) = self.reader.read(&lines, last);
        if let Some(id) = hold {
            self.mark.hold(id);
        }
        self.said.extend(said.iter().map(Said::to_string));
        self.world.apply(Command::Said { id: self.id.clone(), said }, now());
    }

    fn facts(&self) -> Session {
        let mut facts = self.world.get(&self.id).unwrap().facts.clone();
        // Another world gives another id.
        facts.id = "0123456789abcdef".parse().unwrap_or_else(|_| facts.id.clone());
        facts
    }
}

/// Writes `bytes` in pieces of `size`, reading after each.
fn run(bytes: &[u8], cols: u16, size: usize) -> Bench {
    let mut b = Bench::new(cols);
    for piece in bytes.chunks(size) {
        b.engine.feed(piece, now());
        b.look(false);
    }
    b.look(true);
    b
}

fn lines(text: &str, colour: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if colour {
            // A colour that changes within words, and rows that are erased first, as progress programs do.
            let half = line.char_indices().nth(line.chars().count() / 2).map_or(0, |(i, _)| i);
            let (a, b) = line.split_at(half);
            out.extend(format!("\x1b[2K\x1b[1;3{}m{a}\x1b[0;38;5;{}m{b}\x1b[0m\x1b[K\r\n", i % 8, i % 256).bytes());
        } else {
            out.extend(format!("{line}\r\n").bytes());
        }
    }
    out
}

fn ascii(text: &str) -> String {
    let swaps = [("├──", "|--"), ("└──", "`--"), ("█", "#"), ("░", "-"), (" ✓", ""), ("⏳ ", ""), ("🎉 ", ""), ("✅ ", ""), ("📊 ", ""), ("⚠️ ", "")];
    swaps.iter().fold(text.to_owned(), |t, (from, to)| t.replace(from, to))
}

#[test]
fn the_ten_texts_say_what_they_say() {
    let b = run(&lines(ARTICLE, false), 120, usize::MAX);
    let f = b.facts();
    let p = f.progress.clone().unwrap();
    let items: Vec<_> = p.items.iter().map(|i| format!("{} {}/{} {}", i.name, i.done, i.total, i.state)).collect();
    assert_eq!(
        items,
        [
            "Files Analyzed 52/52 done",
            "Interfaces Created 15/15 done",
            "Files Converted 42/52 working",
            "Tests Passing 42/42 done",
            "Files Modified 44/52 working",
            "Tests 0/0 done"
        ],
    );
    assert_eq!((p.percent, p.eta_seconds, p.eta_told), (Some(85.0), Some(420), true));
    assert_eq!(f.task, "Database Migration Scripts", "a command has no task of its own; the last text that names one does");
    let phases: Vec<_> = f.phases.iter().map(|p| (p.number, p.text.as_str(), p.done)).collect();
    assert_eq!(phases, [(1, "Interface generation (15 interfaces created)", true), (2, "File conversion (52 files to process)", false)]);
    let [failed, attention] = f.errors.as_slice() else { panic!("{:?}", f.errors) };
    assert_eq!((failed.title.as_str(), failed.count, failed.resolved), ("Conversion failed for payment-gateway.js", 1, true));
    assert_eq!((failed.file.as_deref(), failed.line, failed.function.as_deref()), (Some("payment-gateway.js"), Some(45), Some("processPayment")));
    assert_eq!((attention.issue.as_deref(), attention.resolved), (Some("Permission denied accessing production config"), false));
    let kinds: Vec<_> = f.handoffs.iter().map(|h| (h.kind.as_str(), h.points.len(), h.open)).collect();
    assert_eq!(kinds, [("delegation", 2, true), ("handoff", 3, true), ("escalation", 3, true)]);
    assert_eq!(f.note.as_deref(), Some("ready for review: git checkout feature/shopping-cart"));
}

#[test]
fn however_it_is_written_it_says_the_same() {
    let whole = run(&lines(ARTICLE, false), 120, usize::MAX);
    for (what, bytes, cols, size) in [
        ("byte by byte", lines(ARTICLE, false), 120, 1),
        ("in pieces", lines(ARTICLE, false), 120, 37),
        ("coloured", lines(ARTICLE, true), 120, usize::MAX),
        ("wrapped", lines(ARTICLE, false), 60, usize::MAX),
        ("coloured, wrapped, byte by byte", lines(ARTICLE, true), 60, 1),
    ] {
        let b = run(&bytes, cols, size);
        assert_eq!(b.said, whole.said, "{what}");
        assert_eq!(b.facts(), Session { id: b.facts().id, ..whole.facts() }, "{what}");
    }
    // Without drawing characters the marks of done items are not there; they are done by their counts.
    let plain = run(&lines(&ascii(ARTICLE), false), 60, 1);
    let names = |b: &Bench| b.facts().progress.unwrap().items.iter().map(|i| (i.name.clone(), i.done, i.total)).collect::<Vec<_>>();
    assert_eq!(names(&plain), names(&whole));
    assert_eq!(plain.facts().handoffs, whole.facts().handoffs);
    assert_eq!(plain.facts().errors.len(), 2);
}

#[test]
fn a_tree_that_is_drawn_again_in_place_replaces_itself_and_an_error_does_not_count_twice() {
    let mut b = Bench::new(80);
    let tree = |n: u32| format!("Task: Copy  [####------] {}%\r\n|-- Files: {n}/10\r\n`-- ETA: {} seconds\r\n", n * 10, 10 - n);
    b.engine.feed(tree(1).as_bytes(), now());
    b.look(false);
    for n in 2..=9 {
        b.engine.feed(format!("\x1b[3A{}", tree(n)).as_bytes(), now());
        b.look(false);
    }
    let p = b.facts().progress.unwrap();
    assert_eq!((p.percent, p.items.len(), p.items[0].done, p.eta_seconds), (Some(90.0), 1, 9, Some(1)));
    b.engine.feed(b"[ERROR] it broke\r\n|-- Issue: no disk\r\n", now());
    b.look(true);
    b.engine.feed(b"`-- Status: waits\r\n", now());
    b.look(true);
    let errors = b.facts().errors;
    assert_eq!((errors.len(), errors[0].count, errors[0].status.as_deref()), (1, 1, Some("waits")));
    // The same error said again counts up.
    b.engine.feed(b"[ERROR] it broke\r\n|-- Issue: no disk\r\n`-- Status: waits\r\n", now());
    b.look(true);
    assert_eq!((b.facts().errors.len(), b.facts().errors[0].count), (1, 2));
}

#[test]
fn a_text_that_is_only_shown_says_nothing() {
    let fenced = format!("Here is what it prints:\n```text\n{ARTICLE}```\nand so on\n");
    let quoted: String = ARTICLE.lines().map(|l| format!("> {l}\n")).collect();
    let indented: String = ARTICLE.lines().map(|l| format!("  {l}\n")).collect();
    let found: String = ARTICLE.lines().map(|l| format!("docs/agents.md:{l}\n")).collect();
    for text in [fenced, quoted, indented, found] {
        assert_eq!(run(&lines(&text, false), 100, usize::MAX).said, [""; 0]);
        assert_eq!(run(&lines(&text, false), 60, 7).said, [""; 0]);
    }
}

#[test]
fn a_flood_of_lines_is_read_in_time_and_the_end_of_it_is_not_lost() {
    let mut text = String::from("running 20000 tests\n");
    for i in 0..20_000 {
        text.push_str(&format!("test t{i} ... ok\n"));
    }
    text.push_str("test result: ok. 20000 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.0s\n");
    let b = run(&lines(&text, false), 80, 65_536);
    let p = b.facts().progress.unwrap();
    assert_eq!((p.items[0].name.as_str(), p.items[0].done, p.items[0].total), ("Tests Passing", 20_000, 20_000));
}
