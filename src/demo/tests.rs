//! The demo's jobs, run for real in their own folders, with a stand-in that writes down every report.

use super::*;
use std::io::Write;

struct Stage {
    _tmp: tempfile::TempDir,
    files: DemoFiles,
    tool: PathBuf,
}

fn stage() -> Stage {
    let tmp = tempfile::tempdir().unwrap();
    let files = prepare(&tmp.path().join("demo")).unwrap();
    let tool = tmp.path().join("tool");
    // Written by another process: a program that a thread of ours has open while another forks cannot be run.
    let mut writer = Command::new("sh").args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(&tool).stdin(Stdio::piped()).spawn().unwrap();
    let text = format!("#!/bin/sh\nfor a in \"$@\"; do printf '%s|' \"$a\"; done >> '{0}'\necho >> '{0}'\n", tmp.path().join("reports").display());
    writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
    Stage { _tmp: tmp, files, tool }
}

impl Stage {
    /// Runs a job with these lines typed; its exit code and output.
    fn run(&self, name: &str, typed: &str) -> (i32, String) {
        let session = sessions(&self.files, &self.tool, 0).into_iter().find(|s| s.name == name).unwrap();
        let mut command = Command::new(&session.argv[0]);
        command.args(&session.argv[1..]).current_dir(&self.files.repo).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let out = child.wait_with_output().unwrap();
        (out.status.code().unwrap(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    }

    fn reports(&self) -> String {
        std::fs::read_to_string(self.tool.with_file_name("reports")).unwrap_or_default()
    }

    fn git(&self, args: &[&str]) -> String {
        let out = Command::new("git").args(args).current_dir(&self.files.repo).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    fn count(&self, folder: &str, ending: &str) -> usize {
        let dir = std::fs::read_dir(self.files.repo.join(folder)).unwrap();
        dir.filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == ending)).count()
    }
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let tmp = tempfile::tempdir().unwrap();
    std::fs::write(tmp.path().join("mine"), "x").unwrap();
    assert!(matches!(prepare(tmp.path()), Err(DemoError::NotEmpty(_))));
    assert_eq!(std::fs::read_dir(tmp.path()).unwrap().count(), 1);
}

#[test]
fn fifty_two_endpoints_are_really_converted_checked_and_committed() {
    let s = stage();
    assert_eq!((s.count("src/api", "js"), s.git(&["status", "--porcelain"])), (52, String::new()));
    let (code, out) = s.run("api-typescript", "status\nhelp\nuse strict types\ntest\nquit\n");
    assert_eq!(code, 0, "{out}");
    assert_eq!((s.count("src/api", "js"), s.count("src/api", "ts"), s.count("src/types", "ts")), (0, 52, 15));
    assert_eq!(s.git(&["status", "--porcelain"]), "");
    assert_eq!(s.git(&["rev-list", "--count", "HEAD"]), "7"); // five tens and a two, on one
    assert_eq!(s.git(&["diff", "--diff-filter=A", "--name-only", "HEAD~6", "HEAD", "--", "src/types"]).lines().count(), 15);
    for line in [
        "Found 52 API endpoint files",
        "Converting endpoint 15/52: invoice-reminders.js",
        "# all 52 passed",
        "52 of 52 endpoints converted",
        "Note taken: use strict types",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let reports = s.reports();
    for line in [
        "report|progress|52/52|--item|Files Analyzed|",
        "report|progress|15/15|--item|Interfaces Created|",
        "report|progress|52/52|--item|Files Converted|",
        "report|progress|52/52|--item|Tests Passing|",
        "report|phase|1|Interface generation|",
        "report|error|Conversion failed for payment-gateway.js|--issue|Missing type definition for PaymentResponse|--context|Line 45, function processPayment()|--suggestion|Creating custom interface PaymentResponse|--action|Continuing with generated interface|--status|Resolved automatically ✓|",
        "report|note|use strict types|",
        "report|state|idle|",
    ] {
        assert!(reports.contains(line), "{line}");
    }
    assert!(reports.trim_end().ends_with("report|state|done|"));
    let ts = std::fs::read_to_string(s.files.repo.join("src/api/user-settings.ts")).unwrap();
    assert!(
        ts.contains("import type { User } from '../types/user';")
            && ts.contains("export function getUserSettings(id: string, limit: number): User {"),
        "{ts}"
    );
    let inferred = std::fs::read_to_string(s.files.repo.join("src/types/payment-gateway.ts")).unwrap();
    assert!(inferred.contains("  amount: number;\n") && inferred.contains("  accepted: boolean;\n"), "{inferred}");
}

#[test]
fn the_checks_notice_every_kind_of_mistake() {
    let s = stage();
    let (code, out) = s.run("api-typescript", "quit\n");
    assert_eq!(code, 0, "{out}");
    let file = s.files.repo.join("src/api/user-settings.ts");
    let good = std::fs::read_to_string(&file).unwrap();
    let check = || Command::new("sh").args(["tests/run.sh", "user-settings"]).current_dir(&s.files.repo).output().unwrap();
    assert!(check().status.success());
    for (from, to) in [
        ("import store from '../lib/store';", "const store = require('../lib/store');"),
        ("id: string", "id"),
        ("limit: number)", "limit: string)"),
        ("): User {", ") {"),
        ("): User {", "): Account {"),
        ("import type { User } from '../types/user';\n", ""),
        ("'../types/user'", "'../types/missing'"),
        ("export function", "function"),
        ("\n}\n", "\n"),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(&file, good.replacen(from, to, 1)).unwrap();
        let out = check();
        assert_eq!(out.status.code(), Some(1), "{from} -> {to}: {}", String::from_utf8_lossy(&out.stdout));
    }
}

#[test]
fn the_documentation_job_ends_done() {
    let s = stage();
    let (code, out) = s.run("api-docs", "");
    assert_eq!(code, 0, "{out}");
    let text = std::fs::read_to_string(s.files.repo.join("docs/api.md")).unwrap();
    assert!(
        text.contains("| `POST /api/payment-gateway` | Charges a payment method. | `reference`, `amount`, `currency` | `PaymentResponse` |"),
        "{text}"
    );
    assert_eq!(text.matches("\n| `").count(), 52);
    assert_eq!((s.git(&["status", "--porcelain"]).as_str(), s.git(&["log", "-1", "--format=%s"]).as_str()), ("", "Document 52 endpoints"));
    assert!(s.reports().trim_end().ends_with("report|state|done|"));
}

#[test]
fn the_cleanup_job_asks_first() {
    let s = stage();
    let (code, out) = s.run("legacy-cleanup", "");
    assert_eq!((code, s.count("src/legacy", "js")), (1, 7), "{out}");
    let (code, _) = s.run("legacy-cleanup", "n\n");
    assert_eq!((code, s.count("src/legacy", "js"), s.git(&["status", "--porcelain"])), (0, 7, String::new()));
    assert!(s.reports().contains("report|state|waiting|"));
    let (code, out) = s.run("legacy-cleanup", "perhaps\ny\n");
    assert_eq!((code, s.count("src/legacy", "js"), s.git(&["status", "--porcelain"])), (0, 1, String::new()), "{out}");
    assert!(s.files.repo.join("src/legacy/money.js").exists() && out.contains("Please answer y or n"));
    let (code, out) = s.run("legacy-cleanup", "");
    assert!(code == 0 && out.contains("Nothing to clean up"), "{out}");
}

#[test]
fn the_quick_rename_really_fails() {
    let s = stage();
    let (code, out) = s.run("quick-rename", "");
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("not ok") && out.contains("still uses require()"), "{out}");
    assert!(s.reports().contains("report|error|3 of 3 renamed endpoints fail their checks|"), "{}", s.reports());
    assert_eq!(s.git(&["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn the_jobs_run_without_anybody_to_report_to() {
    let mut s = stage();
    s.tool = PathBuf::from("/nonexistent/copilot-tui");
    let (code, out) = s.run("api-docs", "");
    assert_eq!(code, 0, "{out}");
}
