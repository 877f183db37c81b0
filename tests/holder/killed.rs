//! Holders and servers killed at any moment, floods without a reader: no line is lost or doubled.

use super::rig::{Rig, eventually, lives, read_until, within};
use super::stopping::STUBBORN;
use super::*;

#[tokio::test]
async fn a_killed_holder_is_noticed_and_its_tree_can_be_ended() {
    let rig = Rig::new();
    let (id, mut l) = rig.sh(STUBBORN).await;
    read_until(&mut l, &mut String::new(), "up").await;
    let holder = l.holder_pid;
    eventually("all are there", || below(holder).len() >= 7).await;
    let all = below(holder);
    let (other_id, other) = rig.launch(&["sleep", "1000"]).await;
    Ident::of(holder).unwrap().signal(9).unwrap();
    assert_eq!(within("the end of the holder", l.control.event()).await, Event::Closed);
    assert!(l.control.status().await.is_err());
    drop(l);
    let (id2, started) = (id.clone(), std::time::Instant::now());
    let left = tokio::task::spawn_blocking(move || pty::kill_tree_by_session(&id2, Duration::from_secs(10))).await.unwrap();
    eprintln!("swept in {:?}", started.elapsed());
    assert_eq!(left, []);
    assert!(!all.iter().any(|p| lives(*p)));
    assert!(matches!(pty::attach(&id, &rig.dirs).await, Err(AttachError::Gone)));
    // The refused socket is removed, the neighbour untouched.
    assert_eq!(pty::list_holders(&rig.dirs).unwrap(), [other_id]);
    assert_eq!(other.control.status().await.unwrap().tree, Some(1));
}

#[tokio::test]
async fn a_deleted_runtime_folder_is_made_again() {
    let rig = Rig::new();
    let (id, l) = rig.sh("sleep 1000").await;
    drop(l);
    std::fs::remove_dir_all(&rig.dirs.runtime).unwrap();
    assert!(matches!(pty::attach(&id, &rig.dirs).await, Err(AttachError::Gone)));
    pty::revive_socket(&id).unwrap();
    eventually("the socket is back", || pty::list_holders(&rig.dirs).unwrap() == [id.clone()]).await;
    rig.attach(&id).await.control.status().await.unwrap();
    for signal in [1, 2, 3, 15] {
        Ident::of(pty::holder_processes().iter().find(|(of, _)| *of == id).unwrap().1).unwrap().signal(signal).unwrap();
    }
    rig.attach(&id).await.control.status().await.unwrap();
}

#[tokio::test]
async fn a_status_nobody_can_ask_for_is_not_kept() {
    let rig = Rig::new();
    let (_, l) = rig.sh("exit 0").await;
    assert_eq!(exited(&l).await.code, Some(0));
    let holder = Ident::of(l.holder_pid).unwrap();
    for folder in [&rig.dirs.runtime, &rig.dirs.state] {
        std::fs::remove_dir_all(folder).unwrap();
    }
    assert_eq!(l.control.status().await.unwrap().tree, Some(0));
    drop(l);
    eventually("the holder ends", || !lives(holder)).await;
}

#[tokio::test]
async fn a_terminal_closed_for_a_moment_has_not_ended() {
    let rig = Rig::new();
    let (_, mut l) = rig.sh("echo one; exec </dev/null >/dev/null 2>&1; sleep 0.2; exec >/dev/tty; echo two; sleep 1000").await;
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "two").await;
}

/// Stands for a screen: knows which numbered line must come next, and can be stored and taken up again.
pub struct Screen {
    next: u64,
    line: Vec<u8>,
}

impl Screen {
    pub fn load(l: &Leased) -> Screen {
        let (offset, bytes) = l.ring.snapshot().unwrap_or_default();
        let mut screen = match bytes.split_first_chunk::<8>() {
            Some((next, line)) => Screen { next: u64::from_le_bytes(*next), line: line.to_vec() },
            None => Screen { next: 1, line: Vec::new() },
        };
        screen.draw(&l.ring.replay(offset).unwrap());
        screen
    }

    fn draw(&mut self, bytes: &[u8]) {
        for &b in bytes {
            match b {
                b'\n' => {
                    let text = std::str::from_utf8(&self.line).unwrap().trim_end();
                    assert_eq!(text, self.next.to_string(), "a line is missing, double or broken");
                    self.next += 1;
                    self.line.clear();
                }
                _ => self.line.push(b),
            }
        }
    }

    pub fn store(&self, l: &mut Leased) {
        let bytes = [&self.next.to_le_bytes()[..], &self.line].concat();
        let head = l.ring.head();
        l.ring.store_snapshot(head, &bytes).unwrap();
    }

    /// Reads once and draws; `false` at the end of the terminal.
    pub async fn step(&mut self, l: &mut Leased, max: usize) -> bool {
        l.master.readable().await;
        match l.master.try_read(&mut l.ring, max).unwrap() {
            ReadOutcome::Data(bytes) => self.draw(bytes),
            ReadOutcome::WouldBlock => {}
            ReadOutcome::Full => self.store(l),
            ReadOutcome::Eof => return false,
        }
        if l.ring.unsnapshotted() > l.ring.capacity() / 2 {
            self.store(l);
        }
        true
    }
}

/// Lines in bursts with breaths between them, so that both a quiet and a flooding terminal are met.
const COUNTER: &str = "i=0; while :; do n=0; while [ $n -lt 400 ]; do n=$((n+1)); i=$((i+1)); echo $i; done; done";

#[tokio::test]
async fn servers_killed_at_random_lose_and_double_no_line() {
    kill_servers(&["sh", "-c", COUNTER], rounds(40)).await;
}

#[tokio::test]
async fn servers_killed_in_a_flood_lose_and_double_no_line() {
    kill_servers(&["seq", "1", "1000000000"], rounds(12)).await;
}

/// More for a soak: `HOLDER_KILL_ROUNDS=1000 cargo test --test holder killed`.
fn rounds(normal: u64) -> u64 {
    std::env::var("HOLDER_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(normal)
}

async fn kill_servers(argv: &[&str], rounds: u64) {
    let rig = Rig::new();
    let (id, l) = rig.launch(argv).await;
    let mut progress = 0;
    let agent = Ident::of(l.agent_pid).unwrap();
    drop(l);
    let mut reached = 0;
    for round in 0..rounds {
        let mut server =
            helper_command(&std::env::current_exe().unwrap(), "server", &[&rig.dirs.runtime, &rig.dirs.state].map(|p| p.to_str().unwrap()))
                .arg(id.as_str())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let mut out = std::io::BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("LEASED") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut out, &mut line).unwrap() > 0, "round {round}: the helper failed");
        }
        // A random moment, as it would be: in a read, in a store, between.
        std::thread::sleep(Duration::from_micros(500 + copilot_tui::base::id::random_u64() % 30_000));
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(Ident::of(agent.pid).unwrap(), agent);
        if round % 8 == 3 {
            // And once in a while nobody reads for long.
            std::thread::sleep(Duration::from_millis(300));
        }
        if round % 5 == 0 {
            let l = rig.attach(&id).await;
            let screen = Screen::load(&l);
            assert!(screen.next >= reached, "round {round}: went back");
            progress += u32::from(screen.next > reached);
            reached = screen.next;
        }
    }
    assert!(progress > 1);
    last_lines(&rig, &id, reached).await;
}

async fn last_lines(rig: &Rig, id: &copilot_tui::base::SessionId, reached: u64) {
    let mut l = rig.attach(id).await;
    let mut screen = Screen::load(&l);
    let target = screen.next.max(reached) + 1000;
    within("more lines", async { while screen.next < target && screen.step(&mut l, 65_536).await {} }).await;
    l.control.stop(StopPlan::FORCE).await.unwrap();
    assert_eq!(stopped(&l).await.survivors, []);
    within("the rest", async { while screen.step(&mut l, 65_536).await {} }).await;
    eprintln!("{} lines, {} bytes", screen.next - 1, l.ring.head());
    finish(rig, l).await;
}

#[tokio::test]
async fn a_flood_goes_through_ring_and_spill_and_then_waits() {
    let rig = Rig::new();
    let (id, l) = rig.launch(&["seq", "1", "100000000"]).await;
    drop(l);
    let visitor = pty::control(&id, &rig.dirs).await.unwrap();
    let spill = rig.dirs.spill(&id);
    for round in 0..2 {
        within("ring and spill are full", async { while !visitor.status().await.unwrap().blocked {} }).await;
        let status = visitor.status().await.unwrap();
        assert!(status.spilled > 50 << 20, "{status:?}");
        let meta = std::fs::metadata(&spill).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        // Somebody reads a part and goes; the rest stays in order behind it.
        let mut l = rig.attach(&id).await;
        let mut screen = Screen::load(&l);
        let goal = if round == 0 { l.ring.head() + (5 << 20) } else { status.head + (1 << 20) };
        within("reading on", async { while l.ring.head() < goal && screen.step(&mut l, 65_536).await {} }).await;
        assert!(screen.next > 100_000);
        if round == 1 {
            assert_eq!((l.ring.spilled(), std::fs::metadata(&spill).unwrap().len()), (0, 0));
        }
        screen.store(&mut l);
        if round == 1 {
            drop(l);
            last_lines(&rig, &id, 0).await;
            return;
        }
    }
}

#[tokio::test]
async fn a_stopped_server_blocks_nobody_for_ever() {
    // A server that holds the lease and does not read: the agent waits. Its end gives the terminal back.
    let rig = Rig::new();
    let (id, l) = rig.sh(COUNTER).await;
    let mut screen = Screen::load(&l);
    let agent = l.agent_pid;
    eventually("the agent waits for its reader", || pty::tree::brief(agent).is_ok_and(|p| p.state == 'S')).await;
    let mut l = l;
    screen.step(&mut l, 100).await;
    drop(l);
    let visitor = pty::control(&id, &rig.dirs).await.unwrap();
    within("it goes on", async { while visitor.status().await.unwrap().head < 100_000 {} }).await;
    let l = rig.attach(&id).await;
    assert!(Screen::load(&l).next > 1000);
}

/// Figures, not facts: `cargo test --release --test holder -- --ignored --nocapture measure`.
#[tokio::test]
#[ignore = "measures; wants an idle machine and --release"]
async fn measure() {
    use std::time::Instant;
    let rig = Rig::new();
    let mut leases = Vec::new();
    let start = Instant::now();
    for _ in 0..16 {
        leases.push(rig.launch(&["sleep", "1000"]).await.1);
    }
    println!("launch: {:?} each", start.elapsed() / 16);
    let memory = |pid: i32| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
        let kb = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap();
        [kb("Rss:"), kb("Pss:"), kb("Pss_Anon:"), kb("Private_Dirty:")]
    };
    println!("holder, one of 16: RSS, PSS, PSS of anonymous, private dirty: {:?} kB", memory(leases[3].holder_pid));
    drop(leases.drain(1..));
    let (id, mut l) = rig.launch(&["sh", "-c", "stty -opost; exec head -c 400000000 /dev/zero"]).await;
    let (start, mut total) = (Instant::now(), 0u64);
    loop {
        l.master.readable().await;
        match l.master.try_read(&mut l.ring, 65_536).unwrap() {
            ReadOutcome::Data(bytes) => total += bytes.len() as u64,
            ReadOutcome::Full => l.ring.forget_before(l.ring.head()).unwrap(),
            ReadOutcome::WouldBlock => {}
            ReadOutcome::Eof => break,
        }
    }
    println!("lease: {:.0} MB/s over {total} bytes", total as f64 / 1e6 / start.elapsed().as_secs_f64());
    println!("its holder: {:?} kB", memory(l.holder_pid));
    drop(l);
    let l = rig.attach(&id).await;
    let start = Instant::now();
    for _ in 0..1000 {
        l.control.status().await.unwrap();
    }
    println!("status without a tree: {:?}", start.elapsed() / 1000);
    let start = Instant::now();
    for _ in 0..100 {
        leases[0].control.status().await.unwrap();
    }
    println!("status with a tree: {:?}", start.elapsed() / 100);
    let (id, l) = rig.launch(&["sh", "-c", "stty -opost; exec yes"]).await;
    drop(l);
    let visitor = pty::control(&id, &rig.dirs).await.unwrap();
    let start = Instant::now();
    while !visitor.status().await.unwrap().blocked {}
    let status = visitor.status().await.unwrap();
    println!("unleased: {:.0} MB/s, then {:?} kB", status.head as f64 / 1e6 / start.elapsed().as_secs_f64(), memory(status.holder_pid));
    let start = Instant::now();
    let mut l = rig.attach(&id).await;
    println!("re-lease: {:?}", start.elapsed());
    let start = Instant::now();
    while l.ring.spilled() > 0 {
        if let ReadOutcome::Full = l.master.try_read(&mut l.ring, 65_536).unwrap() {
            l.ring.forget_before(l.ring.head()).unwrap();
        }
    }
    println!("{} MB of spill read in {:?}", status.spilled / 1_000_000, start.elapsed());
}
