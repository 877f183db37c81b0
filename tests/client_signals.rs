//! TERM, HUP and INT end the client in order: the terminal is as it was. In a file of its own, because signals reach the
//! whole process.

use copilot_tui::client::{ClientOptions, run_on};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Signal, getpid, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::tcgetattr;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

#[test]
fn signals_end_the_client_and_give_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        let before = tcgetattr(&slave).unwrap();
        let (_server, socket) = UnixStream::pair().unwrap();
        let options = ClientOptions {
            socket,
            reconnect: Arc::new(|| Err(std::io::Error::other("no server in this test"))),
            session: None,
            replay: None,
            server: None,
            read_only: false,
            cwd: "/".into(),
            config: None,
            client_env: Vec::new(),
            umask: None,
            zone: jiff::tz::TimeZone::UTC,
        };
        let terminal = slave.try_clone().unwrap();
        let client = std::thread::spawn(move || run_on(terminal, options).map_err(|e| e.to_string()));
        let mut got = String::new();
        let mut buffer = [0u8; 4096];
        let mut read_until = |text: &str| {
            while !got.contains(text) {
                let n = rustix::io::read(&master, &mut buffer).unwrap();
                got.push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        };
        read_until("\x1b[?1049h"); // its handlers were there before that
        kill_process(getpid(), signal).unwrap();
        read_until("\x1b[23;0t");
        let exit = client.join().unwrap().unwrap();
        assert_eq!((exit.code, exit.message.as_str()), (code, ""));
        let after = tcgetattr(&slave).unwrap();
        assert_eq!((after.local_modes, after.input_modes, after.output_modes), (before.local_modes, before.input_modes, before.output_modes));
        assert!(got.contains("\x1b[?1003l") && got.contains("\x1b[?1049l"));
    }
}
