//! The holder for real: real processes in real terminals, killed in every way.

#![cfg(target_os = "linux")]

#[path = "holder/killed.rs"]
mod killed;
#[path = "support/holder_rig.rs"]
mod rig;
#[path = "holder/stopping.rs"]
mod stopping;

use copilot_tui::base::Size;
use copilot_tui::pty::proto::{self, kind};
use copilot_tui::pty::{self, AttachError, Event, ExitStatus, HolderDirs, Ident, LaunchError, Leased, ReadOutcome, StopPlan};
use rig::{Rig, below, eventually, lives, read_to_end, read_until, type_text, within};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

async fn exited(l: &Leased) -> ExitStatus {
    within("the agent's end", async {
        loop {
            match l.control.event().await {
                Event::Exited(status) => return status,
                Event::Closed => panic!("the holder ended first"),
                _ => {}
            }
        }
    })
    .await
}

async fn stopped(l: &Leased) -> pty::StopReport {
    within("the stop's end", async {
        loop {
            match l.control.event().await {
                Event::Stopped(report) => return report,
                Event::Closed => panic!("the holder ended first"),
                _ => {}
            }
        }
    })
    .await
}

/// Acknowledges the end and waits until the holder is gone and has left nothing.
async fn finish(rig: &Rig, l: Leased) {
    let holder = Ident::of(l.holder_pid).unwrap();
    l.control.ack_exit().await.unwrap();
    within("the holder's end", async { while l.control.event().await != Event::Closed {} }).await;
    eventually("the holder's process is gone", || !lives(holder)).await;
    assert!(rig.is_empty().await, "{:?}", std::fs::read_dir(rig.dirs.holders()).unwrap().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_typed_comes_back_and_the_end_is_known() {
    let rig = Rig::new();
    let (id, mut l) = rig.sh("stty -echo; printf 'ready\\n'; read x; echo got:$x; exit 7").await;
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "ready").await;
    assert_eq!(l.master.foreground_pgid(), Some(l.agent_pid));
    assert_eq!(pty::list_holders(&rig.dirs).unwrap(), [id]);
    assert!(l.control.ack_exit().await.is_err_and(|e| e.to_string().contains("has not ended")));
    type_text(&l, "hello\n").await;
    read_until(&mut l, &mut seen, "got:hello").await;
    assert_eq!(exited(&l).await, ExitStatus { code: Some(7), signal: None });
    read_to_end(&mut l, &mut seen).await;
    finish(&rig, l).await;
}

#[tokio::test]
async fn a_signal_is_known_too_and_kept_until_acknowledged() {
    let rig = Rig::new();
    let (id, l) = rig.sh("printf last-words; kill -9 $$").await;
    assert_eq!(exited(&l).await, ExitStatus { code: None, signal: Some(9) });
    drop(l);
    for _ in 0..2 {
        let l = rig.attach(&id).await;
        assert_eq!(l.exited, Some(ExitStatus { code: None, signal: Some(9) }));
        drop(l);
    }
    let mut l = rig.attach(&id).await;
    let mut seen = String::from_utf8(l.ring.replay(0).unwrap()).unwrap();
    read_to_end(&mut l, &mut seen).await;
    assert_eq!(seen, "last-words");
    finish(&rig, l).await;
    assert!(matches!(pty::attach(&id, &rig.dirs).await, Err(AttachError::Gone)));
}

#[tokio::test]
async fn the_agent_gets_a_clean_process() {
    let rig = Rig::new();
    let script = "env | sort; umask; pwd; grep -E 'SigIgn|SigBlk' /proc/self/status; ls /proc/self/fd | tr '\\n' ' '; stty size; ulimit -Sn; \
                  cat /proc/self/oom_score_adj; echo done";
    let mut spec = rig.spec(&["sh", "-c", script]);
    let cwd = tempfile::tempdir().unwrap();
    let cwd = cwd.path().canonicalize().unwrap();
    (spec.umask, spec.cwd, spec.size) = (0o027, cwd.clone(), Size::new(101, 33));
    spec.env.push(("COPILOT_TUI_SESSION".into(), "a lie".into()));
    spec.env.push(("LANG".into(), "C".into()));
    let mut dirs = rig.dirs.clone();
    dirs.nofile = Some(777);
    let mut l = pty::launch(&spec, &dirs).await.unwrap();
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "done").await;
    let lines: Vec<&str> = seen.lines().collect();
    let path = format!("PATH={}", std::env::var("PATH").unwrap());
    let (pwd, session) = (format!("PWD={}", cwd.display()), format!("COPILOT_TUI_SESSION={}", spec.id));
    // The shell adds nothing of its own but PWD, which it has.
    let env: Vec<&str> = lines.iter().copied().take_while(|l| l.contains('=')).filter(|l| !l.starts_with("OLDPWD") && !l.starts_with("_=")).collect();
    assert_eq!(env, [session.as_str(), "LANG=C", &path, &pwd, "TERM=xterm-256color"]);
    for want in ["0027", cwd.to_str().unwrap(), "SigBlk:\t0000000000000000", "0 1 2 3 33 101", "777", "300"] {
        assert!(lines.contains(&want), "{want:?} in {lines:?}");
    }
    // Two signals belong to the C library, which lets nobody set them; whoever ignored them did so before us.
    let ignored = lines.iter().find_map(|l| l.strip_prefix("SigIgn:\t")).unwrap();
    assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & !(0b11 << 31), 0);
    assert_eq!((l.size, l.master.size().unwrap()), (Size::new(101, 33), Size::new(101, 33)));
}

#[tokio::test]
async fn a_new_size_reaches_the_agent() {
    let rig = Rig::new();
    let (_, mut l) = rig.sh("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done").await;
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "ready").await;
    l.master.resize(Size::new(132, 50)).unwrap();
    read_until(&mut l, &mut seen, "50 132").await;
    l.master.resize(Size::new(0, u16::MAX)).unwrap();
    assert_eq!(l.master.size().unwrap(), Size::new(2, 500));
}

async fn launch_failure(rig: &Rig, argv: &[&str], change: impl FnOnce(&mut pty::LaunchSpec)) -> pty::LaunchFailure {
    let mut spec = rig.spec(argv);
    change(&mut spec);
    match pty::launch(&spec, &rig.dirs).await {
        Err(LaunchError::Agent(failure)) => {
            eventually("nothing is left", || !pty::holder_processes().iter().any(|(id, _)| *id == spec.id)).await;
            assert!(rig.is_empty().await);
            assert!(pty::sessions_in_environments().iter().all(|(id, _)| *id != spec.id));
            failure
        }
        other => panic!("{:?}", other.map(|l| l.agent_pid)),
    }
}

#[tokio::test]
async fn what_cannot_start_says_why_and_leaves_nothing() {
    let rig = Rig::new();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let f = launch_failure(&rig, &["no-such-agent"], |_| {}).await;
    assert_eq!((f.step.as_str(), f.errno), ("find", Some(2)));
    assert!(f.message.starts_with("no-such-agent: not found in PATH (") && f.message.ends_with("No such file or directory"), "{f}");
    let f = launch_failure(&rig, &["/no/such/agent"], |_| {}).await;
    assert_eq!((f.errno, f.message.as_str()), (Some(2), "/no/such/agent: No such file or directory"));
    let bad = file("bad", "#!/no/such/python\n", 0o755);
    let f = launch_failure(&rig, &[&bad], |_| {}).await;
    assert_eq!(f.message, format!("{bad}: bad interpreter /no/such/python: No such file or directory"));
    let plain = file("plain", "#!/bin/sh\n", 0o644);
    let f = launch_failure(&rig, &[&plain], |_| {}).await;
    assert_eq!((f.errno, f.message), (Some(13), format!("{plain} is not executable: Permission denied")));
    let f = launch_failure(&rig, &["plain"], |s| s.env = vec![("PATH".into(), dir.path().to_str().unwrap().into())]).await;
    assert_eq!(f.message, format!("{plain} is not executable: Permission denied"));
    let f = launch_failure(&rig, &["sh"], |s| s.cwd = "/no/such/folder".into()).await;
    assert_eq!((f.step.as_str(), f.message.as_str()), ("cwd", "/no/such/folder: No such file or directory"));
    let f = launch_failure(&rig, &["sh"], |s| s.cwd = plain.clone().into()).await;
    assert!(f.message.ends_with("Not a directory"), "{f}");
    let f = launch_failure(&rig, &[], |_| {}).await;
    assert_eq!(f.message, "no program given");
    let f = launch_failure(&rig, &["sh", "-c", ":", &"x".repeat(3 << 20)], |_| {}).await;
    assert!(f.message.ends_with("are too long: Argument list too long"), "{f}");
    let f = launch_failure(&rig, &["sh", "a\0b"], |_| {}).await;
    assert!(f.message.contains("nul byte"), "{f}");
    let mut spec = rig.spec(&["sh"]);
    spec.cwd = "relative".into();
    assert!(matches!(pty::launch(&spec, &rig.dirs).await, Err(LaunchError::Relative(_))));
    let mut dirs = rig.dirs.clone();
    dirs.exe = "/no/such/holder".into();
    let e = pty::launch(&rig.spec(&["sh"]), &dirs).await.err().unwrap().to_string();
    assert!(e.contains("cannot start a holder: No such file"), "{e}");
    dirs = HolderDirs { state: file("state", "", 0o600).into(), ..rig.dirs.clone() };
    let e = pty::launch(&rig.spec(&["sh"]), &dirs).await.err().unwrap().to_string();
    assert!(e.contains("Not a directory"), "{e}");
}

#[tokio::test]
async fn no_process_left_for_the_agent_is_an_error_with_a_name() {
    // A limit of processes of the user does not bind root, so this one runs as somebody else when it can.
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: needs root to become another user");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (tests, holder) = (dir.path().join("tests"), dir.path().join("holder"));
    copy_program(&std::env::current_exe().unwrap(), &tests);
    copy_program(env!("CARGO_BIN_EXE_copilot-tui").as_ref(), &holder);
    let work = dir.path().join("work");
    std::fs::create_dir(&work).unwrap();
    std::os::unix::fs::chown(&work, Some(61_234), Some(61_234)).unwrap();
    let out = helper_command(&tests, "no_fork", &[work.to_str().unwrap(), holder.to_str().unwrap()]).uid(61_234).gid(61_234).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("ANSWER the holder: Resource temporarily unavailable"), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
}

#[tokio::test]
async fn one_session_has_one_holder() {
    let rig = Rig::new();
    let spec = rig.spec(&["sleep", "1000"]);
    let l = pty::launch(&spec, &rig.dirs).await.unwrap();
    match pty::launch(&spec, &rig.dirs).await {
        Err(LaunchError::Agent(f)) => assert!(f.message.contains("has a holder already"), "{f}"),
        other => panic!("{:?}", other.map(|l| l.agent_pid)),
    }
    assert_eq!(l.control.status().await.unwrap().agent_pid, l.agent_pid);
    assert!(lives(Ident::of(l.agent_pid).unwrap()));
}

#[tokio::test]
async fn a_replaced_program_and_a_long_path_do_not_matter() {
    use std::os::fd::AsRawFd;
    let tmp = tempfile::tempdir().unwrap();
    let copy = tmp.path().join("copy");
    copy_program(env!("CARGO_BIN_EXE_copilot-tui").as_ref(), &copy);
    let program = std::fs::File::open(&copy).unwrap();
    std::fs::remove_file(&copy).unwrap();
    let mut rig = Rig::new();
    rig.dirs.runtime = rig.dirs.runtime.join("long-".repeat(30));
    rig.dirs.exe = format!("/proc/{}/fd/{}", std::process::id(), program.as_raw_fd()).into();
    let (id, l) = rig.sh("sleep 1000").await;
    assert!(std::fs::read_link(format!("/proc/{}/exe", l.holder_pid)).unwrap().to_str().unwrap().ends_with("(deleted)"));
    drop(l);
    let l = rig.attach(&id).await;
    l.control.stop(StopPlan::FORCE).await.unwrap();
    assert_eq!(stopped(&l).await.survivors, []);
    finish(&rig, l).await;
}

#[tokio::test]
async fn a_second_asker_waits_for_the_first() {
    let rig = Rig::new();
    let (id, first) = rig.launch(&["sleep", "1000"]).await;
    match pty::attach(&id, &rig.dirs).await {
        Err(AttachError::Busy { pid }) => assert_eq!(pid, std::process::id() as i32),
        other => panic!("{:?}", other.map(|l| l.agent_pid)),
    }
    // Others may ask for everything else meanwhile.
    let visitor = pty::control(&id, &rig.dirs).await.unwrap();
    let status = visitor.status().await.unwrap();
    assert_eq!((status.lease_pid, status.epoch, status.tree), (Some(std::process::id() as i32), 1, Some(1)));
    let dirs = rig.dirs.clone();
    let (id2, dirs2) = (id.clone(), dirs.clone());
    let second = tokio::spawn(async move { pty::attach(&id2, &dirs2).await });
    tokio::task::yield_now().await;
    // Part of a lease is a lease.
    let Leased { master, ring, control, .. } = first;
    drop((control, ring));
    assert_eq!(visitor.status().await.unwrap().epoch, 1);
    drop(master);
    let second = within("the second lease", second).await.unwrap().unwrap();
    assert_eq!(visitor.status().await.unwrap().epoch, 2);
    drop(second);
    // A queue has an end: four wait, the fifth is told.
    let _owner = rig.attach(&id).await;
    let path = rig.dirs.holders().join(format!("{id}.sock"));
    let ask = proto::json(kind::LEASE, &proto::LeaseAsk { epoch: 0, wait: true });
    let mut askers: Vec<UnixStream> = Vec::new();
    for n in 0..5 {
        let mut s = UnixStream::connect(&path).unwrap();
        s.write_all(&ask).unwrap();
        let answer = read_frame(&mut s).unwrap();
        assert_eq!(answer.kind, if n < 4 { kind::LEASE_WAITS } else { kind::ERROR }, "{n}");
        askers.push(s);
    }
    let stale = proto::json(kind::LEASE, &proto::LeaseAsk { epoch: 1, wait: true });
    let mut s = UnixStream::connect(&path).unwrap();
    s.write_all(&stale).unwrap();
    let error: proto::ErrorReply = proto::payload(&read_frame(&mut s).unwrap()).unwrap();
    assert_eq!(error.code, "stale");
}

fn read_frame(s: &mut UnixStream) -> Option<proto::Frame> {
    s.set_read_timeout(Some(rig::PATIENCE)).unwrap();
    let mut d = proto::Decoder::default();
    let mut byte = [0; 1];
    loop {
        if let Some(frame) = d.next_frame().unwrap() {
            return Some(frame);
        }
        if s.read(&mut byte).ok()? == 0 {
            return None;
        }
        d.push(&byte);
    }
}

#[tokio::test]
async fn nonsense_on_the_socket_harms_only_who_sends_it() {
    let rig = Rig::new();
    let (id, l) = rig.sh("sleep 1000").await;
    let path = rig.dirs.holders().join(format!("{id}.sock"));
    let connect = || UnixStream::connect(&path).unwrap();
    // Too long, too short: closed without a word.
    for length in [0u32, 1, 65_537, u32::MAX] {
        let mut s = connect();
        s.write_all(&length.to_le_bytes()).unwrap();
        let _ = s.write_all(&[0; 100]);
        assert_eq!(read_frame(&mut s), None);
    }
    // The largest that is allowed is read whole, and its content refused.
    let mut s = connect();
    s.write_all(&proto::encode(kind::META_SET, &vec![1; proto::MAX_LENGTH - 2])).unwrap();
    s.write_all(&proto::encode(0x3f, b"future")).unwrap();
    s.write_all(&[2, 0, 0, 0, 9, kind::STATUS]).unwrap();
    s.write_all(&proto::encode(kind::STATUS, b"")).unwrap();
    let codes: Vec<String> = (0..3).map(|_| proto::payload::<proto::ErrorReply>(&read_frame(&mut s).unwrap()).unwrap().code).collect();
    assert_eq!(codes, ["too_large", "unknown", "version"]);
    assert_eq!(read_frame(&mut s).unwrap().kind, kind::REPLY | kind::STATUS);
    // One that asks and never reads is dropped; an idle crowd locks nobody out.
    let mut deaf = connect();
    deaf.set_write_timeout(Some(rig::PATIENCE)).unwrap();
    let many = proto::encode(kind::STATUS, b"").repeat(1000);
    within("the deaf one is dropped", async { while deaf.write_all(&many).is_ok() {} }).await;
    let crowd: Vec<UnixStream> = (0..60).map(|_| connect()).collect();
    let visitor = pty::control(&id, &rig.dirs).await.unwrap();
    assert_eq!(visitor.status().await.unwrap().lease_pid, Some(std::process::id() as i32));
    drop(crowd);
    visitor.set_meta(b"anything").await.unwrap();
    assert!(visitor.set_meta(&vec![0; proto::MAX_META + 1]).await.is_err());
    assert_eq!(l.control.meta().await.unwrap(), b"anything");
    drop(l);
    assert_eq!(rig.attach(&id).await.meta.as_deref(), Some(&b"anything"[..]));
}

#[tokio::test]
async fn other_users_hear_nothing() {
    let rig = Rig::new();
    let (id, _l) = rig.sh("sleep 1000").await;
    // A folder that others can enter is refused by us already.
    std::fs::set_permissions(rig.dirs.holders(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(pty::attach(&id, &rig.dirs).await, Err(AttachError::Unsafe(_))));
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: needs root to become another user");
        return;
    }
    let sock = rig.dirs.holders().join(format!("{id}.sock"));
    std::fs::set_permissions(&sock, std::fs::Permissions::from_mode(0o777)).unwrap();
    for folder in [rig.dirs.runtime.as_path(), rig.dirs.runtime.parent().unwrap()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let copy = rig.dirs.runtime.parent().unwrap().join("tests");
    copy_program(&std::env::current_exe().unwrap(), &copy);
    let stranger = |uid: u32| {
        let out = helper_command(&copy, "stranger", &[sock.to_str().unwrap()]).uid(uid).gid(uid).output().unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let text = stranger(65_534);
    assert!(text.contains("ANSWER 0 bytes"), "{text}");
    assert!(!stranger(0).contains("ANSWER 0 bytes"));
}

#[tokio::test]
async fn a_launch_that_nobody_waits_for_is_whole_or_not_at_all() {
    let rig = Rig::new();
    let (mut whole, mut none) = (0, 0);
    for round in 0..40u64 {
        let spec = rig.spec(&["sleep", "1000"]);
        let patience = Duration::from_micros(round * 400);
        drop(tokio::time::timeout(patience, pty::launch(&spec, &rig.dirs)).await);
        let holder = || pty::holder_processes().iter().any(|(id, _)| *id == spec.id);
        let agent = || pty::sessions_in_environments().iter().any(|(id, _)| *id == spec.id);
        let listed = || pty::list_holders(&rig.dirs).unwrap().contains(&spec.id);
        eventually("one or the other", || holder() == agent() && agent() == listed()).await;
        match pty::attach(&spec.id, &rig.dirs).await {
            Ok(l) => {
                whole += 1;
                l.control.stop(StopPlan::FORCE).await.unwrap();
                stopped(&l).await;
                l.control.ack_exit().await.unwrap();
                within("the holder's end", async { while l.control.event().await != Event::Closed {} }).await;
            }
            Err(AttachError::Gone) => none += 1,
            Err(e) => panic!("{e}"),
        }
    }
    eprintln!("{whole} whole, {none} not at all");
    assert!(rig.is_empty().await);
}

#[tokio::test]
async fn a_holder_without_descriptors_serves_again_when_it_has_some() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let rig = Rig::new();
    let (id, l) = rig.launch(&["sleep", "1000"]).await;
    let pid = Pid::from_raw(l.holder_pid);
    let open = pty::tree::inspect(l.holder_pid).unwrap().fds;
    let few = Rlimit { current: Some(u64::from(open)), maximum: Some(1000) };
    prlimit(pid, Resource::Nofile, few).unwrap();
    let waiting = pty::control(&id, &rig.dirs).await.unwrap();
    // The lease is served meanwhile, and nothing spins.
    let cpu = || pty::tree::brief(l.holder_pid).unwrap().cpu_ms;
    let before = cpu();
    for _ in 0..20 {
        l.control.signal(18, false).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(cpu() - before < 150, "{} ms", cpu() - before);
    prlimit(pid, Resource::Nofile, Rlimit { current: Some(1000), maximum: Some(1000) }).unwrap();
    within("an answer", waiting.status()).await.unwrap();
}

// ---- the lease under fire ----

// ---- this file run again as another process ----

/// By a process of its own: a descriptor open for writing here could be inherited by what another test starts just then,
/// and a program that somebody writes to cannot be run.
fn copy_program(from: &std::path::Path, to: &std::path::Path) {
    assert!(Command::new("cp").args([from, to]).status().unwrap().success());
}

fn helper_command(exe: &std::path::Path, role: &str, args: &[&str]) -> Command {
    let mut command = Command::new(exe);
    command.args(["--exact", "helper_process", "--nocapture", "--test-threads=1", "--"]);
    command.env("HOLDER_TEST_ROLE", role).args(args);
    command
}

#[test]
fn helper_process() {
    let Ok(role) = std::env::var("HOLDER_TEST_ROLE") else { return };
    let args: Vec<String> = std::env::args().skip_while(|a| a != "--").skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match role.as_str() {
        "server" => runtime.block_on(async {
            let dirs = HolderDirs::new(&args[0], &args[1]);
            let mut l = pty::attach(&args[2].parse().unwrap(), &dirs).await.unwrap();
            // Most are killed while they read, some while they still rebuild the screen.
            let early = copilot_tui::base::id::random_u64().is_multiple_of(4);
            if early {
                println!("LEASED");
            }
            let mut screen = killed::Screen::load(&l);
            screen.store(&mut l);
            if !early {
                println!("LEASED");
            }
            while screen.step(&mut l, 65_536).await {}
        }),
        "stranger" => {
            let mut bytes = Vec::new();
            let mut s = UnixStream::connect(&args[0]).unwrap();
            s.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            let _ = s.write_all(&proto::encode(kind::STATUS, b""));
            let _ = s.read_to_end(&mut bytes);
            println!("ANSWER {} bytes", bytes.len());
        }
        "no_fork" => runtime.block_on(async {
            use rustix::process::{Resource, Rlimit, setrlimit};
            let mut dirs = HolderDirs::new(format!("{}/run", args[0]), format!("{}/state", args[0]));
            dirs.exe = args[1].clone().into();
            let spec = pty::LaunchSpec {
                id: copilot_tui::base::SessionId::random(),
                argv: vec!["true".into()],
                cwd: "/".into(),
                env: vec![],
                size: Size::DEFAULT,
                umask: 0o022,
            };
            // Every thread and process of this user counts; the holder's own fork is one too many.
            let mine = pty::tree::inspect(std::process::id() as i32).unwrap().threads;
            let limit = Some(u64::from(mine) + 1);
            setrlimit(Resource::Nproc, Rlimit { current: limit, maximum: limit }).unwrap();
            println!("ANSWER {}", pty::launch(&spec, &dirs).await.map(|l| l.agent_pid).unwrap_err());
        }),
        other => panic!("no role {other}"),
    }
}
