//! Worktrees and status on real repositories, made with the `git` command in folders of their own. What `git` itself says
//! afterwards is the judge.

use copilot_tui::git::{Changes, CreateWorktree, GitError, Worktree, create_worktree, discard_pristine, discover, list_worktrees, status};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

struct Lab {
    _tmp: tempfile::TempDir,
    dir: PathBuf,
    repo: PathBuf,
}

/// `git` that reads no settings but the repository's.
fn git(at: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(at).args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", at).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.com");
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

fn lab() -> Lab {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().canonicalize().unwrap();
    let repo = dir.join("shop-api");
    std::fs::create_dir(&repo).unwrap();
    git(&repo, &["init", "-q", "-b", "main"]);
    Lab { _tmp: tmp, dir, repo }
}

fn lab_with_commit() -> Lab {
    let lab = lab();
    std::fs::create_dir_all(lab.repo.join("src/deep")).unwrap();
    std::fs::write(lab.repo.join("src/a.js"), "one\ntwo\nthree\n").unwrap();
    std::fs::write(lab.repo.join("src/deep/b.js"), "b\n").unwrap();
    std::os::unix::fs::symlink("src/a.js", lab.repo.join("link")).unwrap();
    std::fs::write(lab.repo.join("run.sh"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(lab.repo.join("run.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    git(&lab.repo, &["add", "-A"]);
    git(&lab.repo, &["commit", "-qm", "first"]);
    lab
}

fn wanted<'a>(project: &'a Path, slug: &'a str) -> CreateWorktree<'a> {
    CreateWorktree { project, slug, branch: None, base: None, parent: None }
}

fn make(project: &Path, slug: &str) -> Worktree {
    create_worktree(&wanted(project, slug)).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn look(at: &Path, base: Option<&str>) -> Changes {
    status(at, base, soon()).unwrap()
}

#[test]
fn a_folder_knows_its_project() {
    let lab = lab_with_commit();
    let head = git(&lab.repo, &["rev-parse", "HEAD"]);
    let r = discover(&lab.repo.join("src/deep")).unwrap().unwrap();
    assert_eq!((r.root.as_path(), r.workdir.as_deref()), (lab.repo.as_path(), Some(lab.repo.as_path())));
    assert_eq!((r.name.as_str(), r.branch.as_deref(), r.head.as_deref()), ("shop-api", Some("main"), Some(head.as_str())));
    assert_eq!(discover(&lab.dir).unwrap(), None);

    let w = make(&lab.repo, "cache");
    let r = discover(&w.path.join("src")).unwrap().unwrap();
    assert_eq!((r.root.as_path(), r.workdir.as_deref(), r.branch.as_deref()), (lab.repo.as_path(), Some(w.path.as_path()), Some("agent/cache")));
    git(&w.path, &["checkout", "-q", "--detach"]);
    assert_eq!(discover(&w.path).unwrap().unwrap().branch, None);
}

#[test]
fn a_worktree_stands_beside_its_project_as_git_would_make_it() {
    let lab = lab_with_commit();
    let head = git(&lab.repo, &["rev-parse", "HEAD"]);
    let w = make(&lab.repo.join("src"), "cache");
    assert_eq!(w.path, lab.dir.join("shop-api-cache"));
    assert_eq!((w.branch.as_str(), w.base_commit.as_str(), w.branch_created), ("agent/cache", head.as_str(), true));
    assert_eq!(git(&w.path, &["status", "--porcelain", "--ignored"]), "");
    assert_eq!(git(&w.path, &["rev-parse", "HEAD", "--abbrev-ref", "HEAD"]), format!("{head}\nagent/cache"));
    assert!(git(&lab.repo, &["worktree", "list", "--porcelain"]).contains(&format!("worktree {}\n", w.path.display())));
    assert_eq!(git(&lab.repo, &["worktree", "prune", "-v", "-n"]), "");
    assert_eq!(git(&lab.repo, &["fsck", "--strict"]), "");
    assert!(!git(&lab.repo, &["worktree", "list"]).contains("locked"));
    assert_eq!(std::fs::read_link(w.path.join("link")).unwrap(), Path::new("src/a.js"));
    assert_eq!(std::fs::metadata(w.path.join("run.sh")).unwrap().permissions().mode() & 0o111, 0o111);
    assert_eq!(git(&lab.repo, &["status", "--porcelain"]), "");
    // It works: a commit in it is a commit of the project.
    std::fs::write(w.path.join("src/a.js"), "one\n").unwrap();
    git(&w.path, &["commit", "-qam", "work"]);
    assert_eq!(git(&lab.repo, &["log", "--format=%s", "agent/cache"]), "work\nfirst");
    let list = list_worktrees(&w.path).unwrap();
    assert_eq!(list.iter().map(|i| (i.path.clone(), i.marker.clone())).collect::<Vec<_>>(), [(lab.repo.clone(), None), (w.path, Some(w.marker))]);
    assert_eq!(list[1].base_commit.as_deref(), Some(head.as_str()));
}

#[test]
fn names_in_use_are_never_reused() {
    let lab = lab_with_commit();
    let victim = lab.dir.join("shop-api-cache");
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(victim.join("precious"), "x").unwrap();
    std::os::unix::fs::symlink("/nowhere", lab.dir.join("shop-api-cache-2")).unwrap();
    git(&lab.repo, &["branch", "agent/cache-3"]);
    let w = make(&lab.repo, "cache");
    assert_eq!((w.path, w.branch.as_str()), (lab.dir.join("shop-api-cache-4"), "agent/cache-4"));
    assert_eq!(make(&lab.repo, "cache").branch, "agent/cache-5");
    assert_eq!(std::fs::read_to_string(victim.join("precious")).unwrap(), "x");
    // A branch `agent` leaves no room for `agent/...`.
    let lab = lab_with_commit();
    git(&lab.repo, &["branch", "agent"]);
    assert_eq!(make(&lab.repo, "cache").branch, "agent-cache");
}

#[test]
fn many_at_once_get_one_each() {
    let lab = lab_with_commit();
    let mut made: Vec<Worktree> = std::thread::scope(|s| {
        let all: Vec<_> = (0..8).map(|_| s.spawn(|| make(&lab.repo, "cache"))).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    made.sort_by(|a, b| a.path.cmp(&b.path));
    made.dedup_by(|a, b| a.path == b.path || a.branch == b.branch || a.marker == b.marker);
    assert_eq!(made.len(), 8);
    for w in &made {
        assert_eq!(git(&w.path, &["status", "--porcelain"]), "", "{}", w.path.display());
    }
    assert_eq!(git(&lab.repo, &["branch", "--list", "agent/*"]).lines().count(), 8);
}

#[test]
fn branches_and_bases_can_be_named() {
    let lab = lab_with_commit();
    let first = git(&lab.repo, &["rev-parse", "HEAD"]);
    git(&lab.repo, &["commit", "-q", "--allow-empty", "-m", "second"]);
    git(&lab.repo, &["branch", "old", &first]);
    let w = create_worktree(&CreateWorktree { branch: Some("feature/x"), base: Some("main~1"), ..wanted(&lab.repo, "x") }).unwrap();
    assert_eq!((w.branch.as_str(), w.base_commit.as_str(), w.branch_created), ("feature/x", first.as_str(), true));
    let w = create_worktree(&CreateWorktree { branch: Some("old"), ..wanted(&lab.repo, "y") }).unwrap();
    assert_eq!((w.branch.as_str(), w.branch_created), ("old", false));
    let of = |branch, base| create_worktree(&CreateWorktree { branch, base, ..wanted(&lab.repo, "z") }).unwrap_err();
    assert!(matches!(of(Some("main"), None), GitError::BranchInUse { path, .. } if path == lab.repo));
    assert!(matches!(of(Some("old"), None), GitError::BranchInUse { path, .. } if path == w.path));
    assert!(matches!(of(Some("main"), Some("main~1")), GitError::BranchHasBase(_)));
    for base in ["nonsense", "-rf", "--all", "", "HEAD:src", "main\0"] {
        assert!(matches!(of(None, Some(base)), GitError::NoSuchCommit(_)), "{base:?}");
    }
    for branch in ["-rf", "a..b", "x\u{202E}y", "x.lock", "HEAD", ""] {
        assert!(matches!(of(Some(branch), None), GitError::Name { .. }), "{branch:?}");
    }
    for slug in ["../x", "", "-a", "A", "x.lock"] {
        assert!(matches!(create_worktree(&wanted(&lab.repo, slug)).unwrap_err(), GitError::Name { .. }), "{slug:?}");
    }
    assert!(!lab.dir.join("shop-api-z").exists());
    assert_eq!(git(&lab.repo, &["branch", "--list", "agent/*"]), "");
}

#[test]
fn empty_missing_and_bare_repositories() {
    let lab = lab();
    let e = create_worktree(&wanted(&lab.repo, "x")).unwrap_err();
    assert!(matches!(e, GitError::Empty(_)) && e.to_string().contains("commit --allow-empty"), "{e}");
    let r = discover(&lab.repo).unwrap().unwrap();
    assert_eq!((r.branch.as_deref(), r.head), (Some("main"), None));
    std::fs::write(lab.repo.join("new"), "1\n2\n").unwrap();
    let c = look(&lab.repo, None);
    assert_eq!((c.files_modified, c.added_lines, c.untracked, c.commits_ahead), (1, 2, 1, 0));
    assert!(matches!(create_worktree(&wanted(&lab.dir, "x")).unwrap_err(), GitError::NotARepository(_)));

    let lab = lab_with_commit();
    git(&lab.dir, &["clone", "-q", "--bare", "shop-api", "store.git"]);
    let bare = lab.dir.join("store.git");
    let r = discover(&bare).unwrap().unwrap();
    assert_eq!((r.bare, r.name.as_str(), r.workdir), (true, "store", None));
    let w = make(&bare, "cache");
    assert_eq!(w.path, lab.dir.join("store-cache"));
    assert_eq!(git(&w.path, &["status", "--porcelain"]), "");
    assert!(status(&bare, None, soon()).is_err());
}

#[test]
fn a_submodules_worktree_lies_outside_its_parent() {
    let lab = lab_with_commit();
    let inner = lab.dir.join("inner");
    std::fs::create_dir(&inner).unwrap();
    git(&inner, &["init", "-q", "-b", "main"]);
    git(&inner, &["commit", "-q", "--allow-empty", "-m", "i"]);
    git(&lab.repo, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.to_str().unwrap(), "lib"]);
    git(&lab.repo, &["commit", "-qm", "sub"]);
    assert_eq!(make(&lab.repo.join("lib"), "x").path, lab.dir.join("lib-x"));
    let w = make(&lab.repo, "y");
    assert!(w.notes.iter().any(|n| n.contains("submodules")), "{:?}", w.notes);
    assert_eq!(std::fs::read_dir(w.path.join("lib")).unwrap().count(), 0);
}

#[test]
fn a_failed_checkout_leaves_nothing_of_ours() {
    let lab = lab_with_commit();
    let blob = git(&lab.repo, &["rev-parse", "HEAD:src/deep/b.js"]);
    let object = lab.repo.join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(&object).unwrap();
    let e = create_worktree(&wanted(&lab.repo, "cache")).unwrap_err();
    assert!(matches!(&e, GitError::Create { step: "checking out its files", left, .. } if left.is_empty()), "{e}");
    assert_eq!(std::fs::read_dir(&lab.dir).unwrap().count(), 1);
    assert_eq!(git(&lab.repo, &["branch", "--list", "agent/*"]), "");
    assert_eq!(git(&lab.repo, &["worktree", "list"]).lines().count(), 1);
    assert!(!lab.repo.join(".git/worktrees").exists());
    // A place that does not exist is told before anything is made.
    let nowhere = lab.dir.join("nowhere");
    assert!(matches!(create_worktree(&CreateWorktree { parent: Some(&nowhere), ..wanted(&lab.repo, "x") }), Err(GitError::Io { .. })));
}

#[test]
fn only_an_untouched_worktree_is_taken_back() {
    let lab = lab_with_commit();
    std::fs::write(lab.repo.join(".gitignore"), ".env\n").unwrap();
    git(&lab.repo, &["add", "-A"]);
    git(&lab.repo, &["commit", "-qm", "ignore"]);
    let w = make(&lab.repo, "cache");
    discard_pristine(&w).unwrap();
    assert!(!w.path.exists());
    assert_eq!(git(&lab.repo, &["worktree", "list"]).lines().count(), 1);
    assert_eq!(git(&lab.repo, &["branch", "--list", "agent/*"]), "");

    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 9] = [
        ("edit", |p| std::fs::write(p.join("src/a.js"), "edited").unwrap()),
        ("new file", |p| std::fs::write(p.join("new"), "x").unwrap()),
        ("ignored file", |p| std::fs::write(p.join(".env"), "SECRET").unwrap()),
        ("deleted file", |p| std::fs::remove_file(p.join("src/a.js")).unwrap()),
        ("commit", |p| drop(git(p, &["commit", "-q", "--allow-empty", "-m", "x"]))),
        ("other branch", |p| drop(git(p, &["checkout", "-q", "-b", "other"]))),
        ("detached", |p| drop(git(p, &["checkout", "-q", "--detach"]))),
        ("hidden edit", |p| {
            git(p, &["update-index", "--assume-unchanged", "src/a.js"]);
            std::fs::write(p.join("src/a.js"), "hidden").unwrap();
        }),
        ("skipped edit", |p| {
            git(p, &["update-index", "--skip-worktree", "src/a.js"]);
            std::fs::write(p.join("src/a.js"), "hidden").unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let w = make(&lab.repo, "cache");
        spoil(&w.path);
        let before = Command::new("find").arg(&w.path).output().unwrap().stdout;
        assert!(matches!(discard_pristine(&w), Err(GitError::NotPristine { .. })), "{what}");
        assert_eq!(Command::new("find").arg(&w.path).output().unwrap().stdout, before, "{what}");
        assert!(git(&lab.repo, &["branch", "--list", &w.branch]).contains(&w.branch), "{what}");
    }
    // Another worktree of the same name is not ours.
    let w = make(&lab.repo, "cache");
    let other = Worktree { marker: "0".repeat(32), ..w.clone() };
    assert!(matches!(discard_pristine(&other), Err(GitError::NotPristine { .. })));
    let mut locked = w.clone();
    git(&lab.repo, &["worktree", "lock", w.path.to_str().unwrap()]);
    assert!(matches!(discard_pristine(&w), Err(GitError::NotPristine { .. })));
    git(&lab.repo, &["worktree", "unlock", w.path.to_str().unwrap()]);
    // A branch that was there before stays.
    locked.branch_created = false;
    discard_pristine(&locked).unwrap();
    assert!(git(&lab.repo, &["branch", "--list", &w.branch]).contains(&w.branch));
}

#[test]
fn changes_are_counted_against_the_base() {
    let lab = lab_with_commit();
    let w = make(&lab.repo, "cache");
    assert_eq!(look(&w.path, Some(&w.base_commit)).files_modified, 0);
    std::fs::write(w.path.join("src/a.js"), "one\n2\nthree\nfour\n").unwrap();
    std::fs::write(w.path.join("new.txt"), "n\nn\nn\n").unwrap();
    std::fs::remove_file(w.path.join("src/deep/b.js")).unwrap();
    let c = look(&w.path, Some(&w.base_commit));
    assert_eq!((c.files_modified, c.added_lines, c.removed_lines, c.untracked, c.dirty, c.commits_ahead), (3, 5, 2, 1, 3, 0));
    assert_eq!(c.dirty_files, ["new.txt", "src/a.js", "src/deep/b.js"]);
    git(&w.path, &["add", "-A"]);
    git(&w.path, &["commit", "-qm", "work"]);
    let c = look(&w.path, Some(&w.base_commit));
    assert_eq!((c.files_modified, c.added_lines, c.removed_lines, c.untracked, c.dirty, c.commits_ahead), (3, 5, 2, 0, 0, 1));
    assert_eq!(c.branch.as_deref(), Some("agent/cache"));
    // Without a base only what is uncommitted counts.
    assert_eq!(look(&w.path, None).files_modified, 0);
    assert!(matches!(status(&w.path, Some("zz"), soon()), Err(GitError::NoSuchCommit(_))));

    for i in 0..300 {
        std::fs::write(w.path.join(format!("f{i}")), "x\n").unwrap();
    }
    std::fs::write(w.path.join("bad\x1b[2Jname\u{202E}"), "x\n").unwrap();
    let c = look(&w.path, None);
    assert_eq!((c.dirty, c.dirty_files.len()), (301, 200));
    assert!(c.dirty_files.iter().all(|f| !f.chars().any(|c| c.is_control() || c == '\u{202E}')));
    let late = status(&w.path, Some(&w.base_commit), Instant::now()).unwrap();
    assert!(!late.complete && late.dirty == 301);
}

#[test]
fn nothing_of_a_repository_is_run() {
    let lab = lab_with_commit();
    let canary = lab.dir.join("canary");
    let bait = lab.dir.join("bait.sh");
    std::fs::write(&bait, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", canary.display())).unwrap();
    std::fs::set_permissions(&bait, PermissionsExt::from_mode(0o755)).unwrap();
    let run = bait.to_str().unwrap();
    std::fs::write(lab.repo.join(".gitattributes"), "*.js filter=evil diff=evil merge=evil\n*.bin filter=lfs\n").unwrap();
    git(&lab.repo, &["add", "-A"]);
    git(&lab.repo, &["commit", "-qm", "attributes"]);
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.alternateRefsCommand",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "filter.lfs.smudge",
        "filter.lfs.process",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "merge.evil.driver",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
    ] {
        git(&lab.repo, &["config", key, run]);
    }
    git(&lab.repo, &["config", "filter.evil.required", "true"]);
    for hook in ["post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman", "post-commit", "update"] {
        std::os::unix::fs::symlink(&bait, lab.repo.join(".git/hooks").join(hook)).unwrap();
    }
    let w = make(&lab.repo, "cache");
    std::fs::write(w.path.join("src/a.js"), "changed\n").unwrap();
    std::fs::write(w.path.join("src/new.js"), "new\n").unwrap();
    let c = look(&w.path, Some(&w.base_commit));
    assert_eq!((c.files_modified, c.added_lines), (2, 2));
    discover(&w.path).unwrap();
    list_worktrees(&lab.repo).unwrap();
    let other = make(&lab.repo, "other");
    discard_pristine(&other).unwrap();
    assert!(!canary.exists(), "ran: {}", std::fs::read_to_string(&canary).unwrap());
    assert!(w.notes.iter().any(|n| n.contains("git lfs pull")) && w.notes.iter().any(|n| n.contains("evil")), "{:?}", w.notes);
    // The bait is good: the git command takes it.
    let _ = Command::new("git").current_dir(&w.path).args(["status"]).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output();
    assert!(canary.exists());
}

#[test]
fn another_users_repository_is_not_read() {
    if !rustix::process::geteuid().is_root() {
        return eprintln!("SKIPPED: needs root to give a repository to another user");
    }
    let lab = lab_with_commit();
    std::os::unix::fs::chown(&lab.repo, Some(65534), Some(65534)).unwrap();
    std::os::unix::fs::chown(lab.repo.join(".git"), Some(65534), Some(65534)).unwrap();
    let e = discover(&lab.repo).unwrap_err();
    assert!(matches!(e, GitError::NotOwned(_)) && e.to_string().contains("safe.directory"), "{e}");
}
