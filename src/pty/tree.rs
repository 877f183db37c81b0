//! Which process is which, who runs below one, and what each of them uses, from `/proc`. A system without `/proc` gives empty
//! lists. Must not know why somebody asks.

use std::collections::HashMap;
use std::io;

/// More than `/proc/<pid>/stat` ever is (52 numbers and a name of at most 64 bytes), bytes.
const SMALL: usize = 1536;

/// A process for certain: the pid may be given again, the pair may not (within one boot).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ident {
    /// Process id.
    pub pid: i32,
    /// When it was made, clock ticks since boot.
    pub started_ticks: u64,
}

impl Ident {
    /// The identity of the process that has this pid now.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn of(pid: i32) -> io::Result<Ident> {
        Ok(brief(pid)?.ident())
    }

    /// Whether this process is still there (a dead one that nobody collected is).
    pub fn exists(self) -> bool {
        Ident::of(self.pid).is_ok_and(|now| now == self)
    }
}

/// The cheap part of what is known of a process: one small file each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its id.
    pub pid: i32,
    /// Its parent.
    pub ppid: i32,
    /// Its process group.
    pub pgid: i32,
    /// Its session.
    pub sid: i32,
    /// Device number of its terminal; 0 for none.
    pub tty: i32,
    /// Process group in the foreground of that terminal.
    pub front: i32,
    /// Its name, as the kernel keeps it: at most 15 bytes, untrusted text.
    pub comm: String,
    /// The kernel's letter: `R` runs, `S` sleeps, `D` cannot be interrupted, `T` is stopped, `t` is traced, `Z` is dead but not collected.
    pub state: char,
    /// Processor time in user and system mode, milliseconds.
    pub cpu_ms: u64,
    /// CPU time of its children that ended and were waited for, milliseconds.
    pub reaped_cpu_ms: u64,
    /// Resident memory, bytes (shared pages count in each process).
    pub rss_bytes: u64,
    /// Threads.
    pub threads: u32,
    /// When it was made, clock ticks since boot: with the pid its identity.
    pub started_ticks: u64,
}

impl Brief {
    /// Whether any code of it can run again. A dead leader of living threads is alive.
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x') || self.threads > 1
    }

    /// Whether it is stopped by a signal or a tracer.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }

    /// Its identity.
    pub fn ident(&self) -> Ident {
        Ident { pid: self.pid, started_ticks: self.started_ticks }
    }
}

/// All that is known of a process. What may not be read (another user's) is empty or 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proc {
    /// Its id.
    pub pid: i32,
    /// Its parent.
    pub ppid: i32,
    /// Its process group.
    pub pgid: i32,
    /// Its session.
    pub sid: i32,
    /// Its name, as the kernel keeps it: at most 15 bytes, untrusted text.
    pub comm: String,
    /// Program and arguments (untrusted text); at most 4 KiB of it. Empty for a dead one.
    pub cmdline: Vec<String>,
    /// As in [`Brief::state`].
    pub state: char,
    /// Processor time in user and system mode, milliseconds.
    pub cpu_ms: u64,
    /// Resident memory, bytes.
    pub rss_bytes: u64,
    /// Bytes read from storage.
    pub read_bytes: u64,
    /// Bytes written to storage.
    pub write_bytes: u64,
    /// Bytes read by any call: files, pipes, terminals.
    pub read_chars: u64,
    /// Bytes written by any call.
    pub write_chars: u64,
    /// Open files.
    pub fds: u32,
    /// Threads.
    pub threads: u32,
    /// When it was made, clock ticks since boot.
    pub started_ticks: u64,
}

impl Proc {
    /// Its identity.
    pub fn ident(&self) -> Ident {
        Ident { pid: self.pid, started_ticks: self.started_ticks }
    }
}

/// Everything below `root` (without it), parents before children, with all that is known.
pub fn descendants(root: i32) -> Vec<Proc> {
    descendants_brief(root).into_iter().map(detail).collect()
}

/// Everything below `root` (without it), parents before children: the cheap variant.
pub fn descendants_brief(root: i32) -> Vec<Brief> {
    try_descendants(root).unwrap_or_default()
}

/// The same, for who must not take "cannot look" for "nobody there".
///
/// # Errors
/// What kept this from looking: no descriptors, no memory, no `/proc`.
pub fn try_descendants(root: i32) -> io::Result<Vec<Brief>> {
    Ok(below(root, &all()?).into_iter().cloned().collect())
}

/// Every process, the cheap variant: one look for several trees.
///
/// # Errors
/// As [`try_descendants`].
pub fn all() -> io::Result<Vec<Brief>> {
    let mut all = Vec::new();
    for pid in try_pids()? {
        match brief(pid) {
            Ok(p) => all.push(p),
            Err(e) if matches!(e.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)) => return Err(e),
            Err(_) => {} // it ended meanwhile, or is hidden from us and so not of our tree
        }
    }
    Ok(all)
}

/// One process, the cheap part.
///
/// # Errors
/// `NotFound` when there is none.
pub fn brief(pid: i32) -> io::Result<Brief> {
    let mut buffer = [0; SMALL];
    let text = read(pid, "stat", &mut buffer)?;
    parse_stat(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unreadable /proc stat"))
}

/// The beginning of a file of a process. The system makes the text of such a file at the first read and gives what the buffer
/// holds, so one read is all; a look at every process makes thousands.
fn read<'b>(pid: i32, file: &str, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let mut open = std::fs::File::open(format!("/proc/{pid}/{file}"))?;
    let n = io::Read::read(&mut open, buffer)?;
    Ok(buffer.get(..n).unwrap_or_default())
}

/// One process with all that is known; `None` when there is none.
pub fn inspect(pid: i32) -> Option<Proc> {
    brief(pid).ok().map(detail)
}

/// Ids of all processes.
pub(super) fn pids() -> Vec<i32> {
    try_pids().unwrap_or_default()
}

fn try_pids() -> io::Result<Vec<i32>> {
    Ok(std::fs::read_dir("/proc")?.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok()).collect())
}

/// The part of `all` below `root` (without it), breadth first.
pub fn below(root: i32, all: &[Brief]) -> Vec<&Brief> {
    let mut children: HashMap<i32, Vec<&Brief>> = HashMap::new();
    for p in all {
        children.entry(p.ppid).or_default().push(p);
    }
    let mut out: Vec<&Brief> = children.remove(&root).unwrap_or_default();
    let mut next = 0;
    while let Some(pid) = out.get(next).map(|p| p.pid) {
        // `remove`: pids may be reused while `/proc` is read, and no such knot may turn this into an endless walk.
        out.extend(children.remove(&pid).unwrap_or_default());
        next += 1;
    }
    out
}

fn detail(b: Brief) -> Proc {
    let pid = b.pid;
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let count = |name: &str| io.lines().find_map(|l| l.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0);
    Proc {
        pid,
        ppid: b.ppid,
        pgid: b.pgid,
        sid: b.sid,
        comm: b.comm,
        cmdline: cmdline(pid),
        state: b.state,
        cpu_ms: b.cpu_ms,
        rss_bytes: b.rss_bytes,
        read_bytes: count("read_bytes:"),
        write_bytes: count("write_bytes:"),
        read_chars: count("rchar:"),
        write_chars: count("wchar:"),
        fds: std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |d| d.count() as u32),
        threads: b.threads,
        started_ticks: b.started_ticks,
    }
}

/// Program and arguments of a process.
pub(super) fn cmdline(pid: i32) -> Vec<String> {
    let mut buffer = [0; 4096];
    let bytes = read(pid, "cmdline", &mut buffer).unwrap_or_default();
    let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if text.is_empty() {
        return Vec::new();
    }
    text.split(|b| *b == 0).map(|a| String::from_utf8_lossy(a).into_owned()).collect()
}

/// `pid (comm) state ppid ...` (proc_pid_stat(5)). The name may hold anything, `)` and spaces too, so it ends at the last `)`.
fn parse_stat(text: &[u8]) -> Option<Brief> {
    let text = String::from_utf8_lossy(text);
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    let pid = text.get(..open)?.trim().parse().ok()?;
    let comm = text.get(open + 1..close)?.to_owned();
    let rest: Vec<&str> = text.get(close + 1..)?.split_ascii_whitespace().collect();
    // `field(3)` is the state, counted as the manual does.
    let field = |n: usize| rest.get(n - 3).copied();
    let number = |n: usize| field(n)?.parse::<u64>().ok();
    let id = |n: usize| field(n)?.parse::<i32>().ok();
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    Some(Brief {
        pid,
        ppid: id(4)?,
        pgid: id(5)?,
        sid: id(6)?,
        tty: id(7)?,
        front: id(8)?,
        comm,
        state: field(3)?.chars().next()?,
        cpu_ms: (number(14)? + number(15)?).saturating_mul(1000) / ticks,
        reaped_cpu_ms: (number(16)? + number(17)?).saturating_mul(1000) / ticks,
        rss_bytes: number(24).unwrap_or(0).saturating_mul(rustix::param::page_size() as u64),
        threads: number(20).unwrap_or(1) as u32,
        started_ticks: number(22)?,
    })
}

/// Whether a process is a holder, of whichever server: it is what holders are started as, and only itself could change that.
pub fn is_holder(pid: i32) -> bool {
    let mut buffer = [0; SMALL];
    let Ok(line) = read(pid, "cmdline", &mut buffer) else { return false };
    let mut args = line.split(|b| *b == 0);
    args.next().is_some_and(|a| a.ends_with(b"copilot-tui")) && args.next() == Some(super::spec::HOLDER_ARG.as_bytes())
}

/// A made-up process.
#[cfg(test)]
pub(super) fn sample(pid: i32, ppid: i32, state: char) -> Brief {
    let line = format!("{pid} (n) {state} {ppid} 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 77 0 10 0");
    parse_stat(line.as_bytes()).expect("a line as the system writes it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn b(pid: i32, ppid: i32) -> Brief {
        sample(pid, ppid, 'S')
    }

    #[test]
    fn a_name_may_look_like_anything() {
        let p = parse_stat(b"42 (a) R 1 (b) T 7 8 9 34816 13 0 0 0 0 0 3 4 0 0 20 0 5 0 99 0 2 0\n").unwrap();
        assert_eq!((p.pid, p.comm.as_str(), p.state, p.ppid, p.pgid, p.sid), (42, "a) R 1 (b", 'T', 7, 8, 9));
        assert_eq!((p.tty, p.front), (34816, 13));
        assert_eq!((p.threads, p.started_ticks, p.cpu_ms), (5, 99, 7000 / rustix::param::clock_ticks_per_second()));
        assert!(p.is_stopped() && p.is_alive());
    }

    #[test]
    fn parents_come_before_children_and_knots_end() {
        let list = vec![b(5, 4), b(4, 1), b(3, 2), b(9, 8), b(8, 9), b(2, 1), b(6, 3), b(1, 6)];
        let order: Vec<i32> = below(1, &list).iter().map(|p| p.pid).collect();
        assert_eq!(order, [4, 2, 5, 3, 6, 1]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_real_child_is_found_with_its_figures() {
        let mut child =
            std::process::Command::new("sh").args(["-c", "sleep 1000 & echo up; wait"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
        io::BufRead::read_line(&mut io::BufReader::new(child.stdout.as_mut().unwrap()), &mut String::new()).unwrap();
        let all = descendants(std::process::id() as i32);
        let pid = child.id() as i32;
        let sh = all.iter().position(|p| p.pid == pid).unwrap();
        let sleep = all.iter().position(|p| p.ppid == pid).unwrap();
        assert!(sh < sleep);
        assert_eq!(all[sh].cmdline[..2], ["sh", "-c"]);
        assert!(all[sh].fds >= 3 && all[sh].rss_bytes > 0 && all[sh].started_ticks > 0);
        assert_eq!(inspect(pid).unwrap().ident(), all[sh].ident());
        for p in [all[sleep].pid, pid] {
            rustix::process::kill_process(rustix::process::Pid::from_raw(p).unwrap(), rustix::process::Signal::KILL).unwrap();
        }
        child.wait().unwrap();
        assert_eq!(brief(pid).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    proptest! {
        #[test]
        fn random_lines_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[0-9]{0,3} ?\\(?[a-z)( ]{0,5}\\)?[ 0-9SRZ-]{0,80}") {
            let _ = parse_stat(&bytes);
            let _ = parse_stat(text.as_bytes());
        }
    }
}
