//! Starting, finding and refusing servers, with real processes. The server here is this very test program, run again by a
//! script that stands in for the binary.

use copilot_tui::ipc::{
    ConnectError, ConnectOptions, Paths, PathsError, PeerError, Readiness, ServerLock, StartError, Started, become_daemon, check_peer, connect,
    connect_or_start, start_server,
};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

struct Place {
    _tmp: tempfile::TempDir,
    root: PathBuf,
    paths: Paths,
}

fn place() -> Place {
    let tmp = tempfile::Builder::new().prefix("ct").tempdir().unwrap();
    std::fs::set_permissions(tmp.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let root = tmp.path().to_owned();
    let paths = resolve(&root);
    Place { _tmp: tmp, root, paths }
}

fn resolve(root: &Path) -> Paths {
    Paths::resolve("main", &|name| match name {
        "XDG_RUNTIME_DIR" => Some(OsString::from(root)),
        "HOME" => Some(root.join("home").into_os_string()),
        _ => None,
    })
    .unwrap()
}

/// A script that runs this test program as a server of the given kind.
fn server_script(root: &Path, kind: &str) -> PathBuf {
    let path = root.join(format!("server-{kind}"));
    let me = std::env::current_exe().unwrap();
    let text = format!(
        "#!/bin/sh\nCT_TEST_ROOT='{}' CT_TEST_KIND='{kind}' exec '{}' --exact child_server --nocapture >/dev/null\n",
        root.display(),
        me.display()
    );
    // Written by another process: a program that a thread of ours has open for writing while another forks cannot be run.
    let mut writer = Command::new("sh").args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(&path).stdin(Stdio::piped()).spawn().unwrap();
    writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
    path
}

/// The server of these tests; does nothing unless a script asks for it. Ends when a client says `quit`.
#[test]
fn child_server() {
    let (Some(root), Some(kind)) = (std::env::var_os("CT_TEST_ROOT"), std::env::var_os("CT_TEST_KIND")) else { return };
    let root = PathBuf::from(root);
    let paths = resolve(&root);
    let readiness = Readiness::take();
    assert!(readiness.asked());
    become_daemon().unwrap();
    if kind == "fails" {
        return readiness.failed("the state folder is read-only\x1b[2J");
    }
    if kind == "dies" {
        eprintln!("no space left on device");
        std::process::exit(3);
    }
    let mut attempts = std::fs::OpenOptions::new().append(true).create(true).open(root.join("attempts")).unwrap();
    writeln!(attempts, "{}", std::process::id()).unwrap();
    let Some(lock) = ServerLock::try_acquire(&paths.lock()).unwrap() else { return readiness.held() };
    if kind == "stuck" {
        readiness.held();
        // Has the lock, never listens; the test ends it.
        loop {
            std::thread::park();
        }
    }
    let listener = lock.bind_main(&paths).unwrap();
    readiness.ready();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        check_peer(&stream).unwrap();
        let session = rustix::process::getsid(None).unwrap().as_raw_nonzero();
        writeln!(stream, "{} {session}", std::process::id()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        if line == "quit\n" {
            break;
        }
    }
    std::process::exit(0);
}

fn options(exe: PathBuf) -> ConnectOptions {
    ConnectOptions { exe: Some(exe), may_start: true, timeout: Duration::from_secs(60) }
}

/// Who answers: its process and its process session. It ends then, when this is the `last` visit.
fn greet(mut stream: UnixStream, last: bool) -> (i32, i32) {
    stream.write_all(if last { b"quit\n" } else { b"stay\n" }).unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    let mut words = line.split_whitespace().map(|w| w.parse().unwrap());
    (words.next().unwrap(), words.next().unwrap())
}

fn kill(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn a_server_is_started_once_in_a_session_of_its_own() {
    let p = place();
    let o = options(server_script(&p.root, "serves"));
    assert!(connect(&p.paths).unwrap().is_none());
    let (pid, sid) = greet(connect_or_start(&p.paths, &o).unwrap(), false);
    assert_eq!(pid, sid);
    assert_ne!(pid, std::process::id() as i32);
    let socket_mode = std::fs::metadata(p.paths.socket()).unwrap().mode() & 0o777;
    let (again, _) = greet(connect_or_start(&p.paths, &o).unwrap(), true);
    assert_eq!(pid, again);
    for dir in [&p.paths.runtime, &p.paths.state, &p.paths.holders()] {
        assert_eq!(std::fs::metadata(dir).unwrap().mode() & 0o7777, 0o700, "{}", dir.display());
    }
    assert_eq!(socket_mode, 0o600);
    assert_eq!(std::fs::metadata(p.paths.log()).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn many_clients_at_once_share_one_server() {
    let p = place();
    let o = options(server_script(&p.root, "serves"));
    let pids: Vec<i32> = std::thread::scope(|s| {
        let all: Vec<_> = (0..12).map(|_| s.spawn(|| greet(connect_or_start(&p.paths, &o).unwrap(), false).0)).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    greet(connect(&p.paths).unwrap().unwrap(), true);
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    // The others waited for their turn and did not even try.
    assert_eq!(std::fs::read_to_string(p.root.join("attempts")).unwrap().lines().count(), 1);
}

#[test]
fn two_daemons_at_once_one_wins() {
    for _ in 0..20 {
        let p = place();
        p.paths.ensure().unwrap();
        let exe = server_script(&p.root, "serves");
        let mut how: Vec<Started> = std::thread::scope(|s| {
            let all: Vec<_> = (0..2).map(|_| s.spawn(|| start_server(&exe, "main", &p.paths).unwrap())).collect();
            all.into_iter().map(|t| t.join().unwrap()).collect()
        });
        how.sort_by_key(|h| *h == Started::Held);
        assert_eq!(how, [Started::Ready, Started::Held]);
        greet(connect_or_start(&p.paths, &options(exe)).unwrap(), true);
    }
}

#[test]
fn a_killed_server_is_replaced_by_the_next_client() {
    let p = place();
    let o = options(server_script(&p.root, "serves"));
    let (first, _) = greet(connect_or_start(&p.paths, &o).unwrap(), false);
    kill(first);
    // Right after the kill it may still be connectable, or dying, or gone. Every way must lead to a server that answers.
    let second = loop {
        let mut stream = connect_or_start(&p.paths, &o).unwrap();
        let _ = stream.write_all(b"quit\n");
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        if let Some(pid) = text.split_whitespace().next() {
            break pid.parse::<i32>().unwrap();
        }
    };
    assert_ne!(first, second);
}

#[test]
fn a_failed_start_says_why() {
    let p = place();
    p.paths.ensure().unwrap();
    let e = connect_or_start(&p.paths, &options(server_script(&p.root, "fails"))).unwrap_err().to_string();
    assert!(e.contains("the state folder is read-only␛[2J"), "{e}");
    let e = connect_or_start(&p.paths, &options(server_script(&p.root, "dies"))).unwrap_err().to_string();
    assert!(e.contains("no space left on device") && e.contains("server.log"), "{e}");
    let e = connect_or_start(&p.paths, &options(p.root.join("missing"))).unwrap_err();
    assert!(matches!(e, ConnectError::Start(StartError::Spawn { .. })), "{e}");
    let e = connect_or_start(&p.paths, &ConnectOptions { may_start: false, ..ConnectOptions::default() }).unwrap_err();
    assert!(matches!(e, ConnectError::NotRunning(_)), "{e}");
}

#[test]
fn a_server_that_never_answers_is_named() {
    let p = place();
    let mut o = options(server_script(&p.root, "stuck"));
    o.timeout = Duration::from_millis(1500);
    let e = connect_or_start(&p.paths, &o).unwrap_err();
    let ConnectError::Start(StartError::Stuck { pid, .. }) = e else { panic!("{e}") };
    kill(pid);
    greet(connect_or_start(&p.paths, &options(server_script(&p.root, "serves"))).unwrap(), true);
}

#[test]
fn unsafe_runtime_folders_are_refused_with_the_reason() {
    let p = place();
    std::fs::create_dir_all(&p.paths.runtime).unwrap();
    let app = p.paths.runtime.parent().unwrap().to_owned();
    std::fs::set_permissions(&app, PermissionsExt::from_mode(0o755)).unwrap();
    let e = p.paths.ensure().unwrap_err().to_string();
    assert!(e.contains("0755") && e.contains("chmod 700"), "{e}");
    std::fs::remove_dir_all(&app).unwrap();
    std::os::unix::fs::symlink("/tmp", &app).unwrap();
    let e = p.paths.ensure().unwrap_err().to_string();
    assert!(e.contains("symbolic link"), "{e}");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_a_clear_error() {
    let p = place();
    std::fs::write(p.root.join("home"), "a file").unwrap();
    let e = p.paths.ensure().unwrap_err();
    assert!(matches!(&e, PathsError::Io { variable: "XDG_STATE_HOME", .. }), "{e}");
    assert!(e.to_string().contains("XDG_STATE_HOME"), "{e}");
}

/// Runs one test of this program as another user. `None` (with a loud note) when that cannot be done here.
fn as_other_user(test: &str, name: &str, value: &Path) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: {test} needs root to become another user");
        return None;
    }
    // The program is copied to where the other user can reach it.
    let tmp = tempfile::tempdir().unwrap();
    std::fs::set_permissions(tmp.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let exe = tmp.path().join("t");
    assert!(Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&exe).status().unwrap().success());
    assert!(Command::new("chmod").arg("755").arg(&exe).status().unwrap().success());
    let mut command = Command::new(&exe);
    command.args(["--exact", test, "--nocapture"]).current_dir("/").uid(65534).gid(65534).stdin(Stdio::null()).env(name, value);
    let out = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{text}");
    Some(text)
}

/// The other user's part of the next two tests.
#[test]
fn other_user_part() {
    if let Some(socket) = std::env::var_os("CT_OTHER_CONNECT") {
        let mut stream = UnixStream::connect(socket).unwrap();
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        println!("OTHER GOT {text:?}");
    } else if let Some(dir) = std::env::var_os("CT_OTHER_FOLDER") {
        let paths = resolve(Path::new(&dir));
        println!("OTHER NOTES {:?}", paths.notes);
        println!("OTHER STATE {}", paths.ensure().unwrap_err());
    }
}

#[test]
fn another_user_gets_not_one_byte() {
    let tmp = tempfile::tempdir().unwrap();
    std::fs::set_permissions(tmp.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let path = tmp.path().join("sock");
    let listener = UnixListener::bind(&path).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o777)).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        match check_peer(&stream) {
            Err(PeerError::OtherUser { uid, .. }) => uid,
            _ => {
                let _ = stream.write_all(b"secret");
                0
            }
        }
    });
    let Some(text) = as_other_user("other_user_part", "CT_OTHER_CONNECT", &path) else {
        drop(UnixStream::connect(&path).unwrap()); // lets the thread end
        return;
    };
    assert!(text.contains("OTHER GOT \"\""), "{text}");
    assert_eq!(server.join().unwrap(), 65534);
}

#[test]
fn another_users_folders_are_not_used() {
    let tmp = tempfile::tempdir().unwrap();
    std::fs::set_permissions(tmp.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let Some(text) = as_other_user("other_user_part", "CT_OTHER_FOLDER", tmp.path()) else { return };
    assert!(text.contains("belongs to user id 0"), "{text}");
    assert!(text.contains("OTHER STATE cannot use the folder"), "{text}");
}
