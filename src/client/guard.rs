//! Takes the outer terminal over and gives it back: on drop, when the program panics, and once only. Must not know what is
//! drawn.

use super::input::{Reply, Token, Tokenizer};
use super::modes::{self, Wanted};
use super::probe;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, Termios};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError, TryLockError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// Opens the terminal of this process anew: a descriptor of its own, so that its non-blocking mode is not shared with the
/// shell.
///
/// # Errors
/// When this process has no terminal.
pub fn open_terminal() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let stdin = io::stdin();
    if rustix::termios::isatty(&stdin)
        && let Ok(name) = rustix::termios::ttyname(&stdin, Vec::new())
        && let Ok(fd) = rustix::fs::open(name, flags, Mode::empty())
    {
        return Ok(fd);
    }
    Ok(rustix::fs::open("/dev/tty", flags, Mode::empty())?)
}

#[derive(Debug)]
struct Saved {
    terminal: OwnedFd,
    termios: Termios,
    thread: ThreadId,
    restored: AtomicBool,
    /// Shape of the cursor as it was (DECSCUSR); 0 for the usual one.
    shape: AtomicU8,
    /// Title to be left, where the terminal kept none.
    title: OnceLock<&'static str>,
}

impl Saved {
    fn restore(&self) {
        self.restore_after(0);
    }

    /// Gives the terminal back. With answers `owed`, reads until they and one more have come, so that what is under way when
    /// the modes are switched off (answers, motion of the mouse) does not reach the shell; a moment at most.
    fn restore_after(&self, owed: usize) {
        if self.restored.swap(true, Ordering::SeqCst) {
            return;
        }
        self.give_back(owed);
    }

    fn give_back(&self, owed: usize) {
        let mut last = modes::leave();
        if let shape @ 1.. = self.shape.load(Ordering::SeqCst) {
            last.extend(format!("\x1b[{shape} q").bytes());
        }
        if let Some(title) = self.title.get() {
            last.extend(format!("\x1b]2;{title}\x1b\\").bytes());
        }
        write_all(self.terminal.as_fd(), &last);
        if owed > 0 {
            write_all(self.terminal.as_fd(), probe::FENCE);
            drain(self.terminal.as_fd(), owed);
        }
        // What the terminal sent for us is not for the shell.
        let _ = rustix::termios::tcflush(&self.terminal, QueueSelector::IFlush);
        let _ = rustix::termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.termios);
    }
}

/// The terminals taken over now, for the panic hook.
static TAKEN: Mutex<Vec<Arc<Saved>>> = Mutex::new(Vec::new());

/// A terminal taken over. Dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    saved: Arc<Saved>,
}

impl Guard {
    /// Raw mode, alternate screen, and the wanted modes.
    ///
    /// # Errors
    /// When the descriptor is not a terminal or cannot be written.
    pub fn enter(terminal: BorrowedFd<'_>, wanted: Wanted) -> io::Result<Guard> {
        let mut termios = rustix::termios::tcgetattr(terminal)?;
        if !termios.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO) {
            // A client that was killed left it raw: that is nothing to go back to.
            sane(&mut termios);
        }
        let saved = Arc::new(Saved {
            terminal: terminal.try_clone_to_owned()?,
            termios,
            thread: std::thread::current().id(),
            restored: AtomicBool::new(false),
            shape: AtomicU8::new(0),
            title: OnceLock::new(),
        });
        hook();
        TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(saved.clone());
        let guard = Guard { saved };
        guard.raw()?;
        write_all(terminal, &modes::enter(wanted));
        Ok(guard)
    }

    /// Gives the terminal back now, with so many answers (DA1) `owed` by it, one that is asked for here included; none for a
    /// terminal that does not answer.
    pub fn leave(&self, owed: usize) {
        self.saved.restore_after(owed);
    }

    /// Before the program is stopped: the terminal is the shell's for a while. `owed` as for [`Guard::leave`].
    pub fn pause(&self, owed: usize) {
        self.saved.give_back(owed);
    }

    /// The cursor had this shape (DECSCUSR) before: it is to have it again. 0 for the usual one.
    pub fn keep_shape(&self, shape: u8) {
        self.saved.shape.store(shape.min(6), Ordering::SeqCst);
    }

    /// The terminal does not keep its title for later: it is to have this one. Told once.
    pub fn keep_title(&self, title: Option<&'static str>) {
        if let Some(title) = title {
            let _ = self.saved.title.set(title);
        }
    }

    /// Raw mode once more, after the program was stopped and continued.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn raw(&self) -> io::Result<()> {
        let mut raw = self.saved.termios.clone();
        raw.make_raw();
        Ok(rustix::termios::tcsetattr(&self.saved.terminal, OptionalActions::Now, &raw)?)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.saved.restore();
        TAKEN.lock().unwrap_or_else(PoisonError::into_inner).retain(|s| !Arc::ptr_eq(s, &self.saved));
    }
}

/// Longest time the last answers are waited for.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Reads and drops until so many answers to DA1 have come.
fn drain(terminal: BorrowedFd<'_>, mut owed: usize) {
    let end = Instant::now() + LAST_WORDS;
    let (mut tokens, mut buffer, mut out) = (Tokenizer::new(), [0u8; 4096], Vec::new());
    tokens.expect_replies(true);
    while owed > 0 {
        let left = end.saturating_duration_since(Instant::now());
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut fds, Some(&wait)) {
            Ok(0) => return,
            Err(Errno::INTR) if !left.is_zero() => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        match rustix::io::read(terminal, &mut buffer) {
            Ok(0) => return,
            Ok(n) => tokens.push(buffer.get(..n).unwrap_or_default(), &mut out),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => return,
        }
        owed = owed.saturating_sub(out.drain(..).filter(|t| matches!(t, Token::Reply(Reply::Device(_)))).count());
    }
}

/// Line editing, echo and signals, as a shell expects them.
pub(super) fn sane(termios: &mut Termios) {
    termios.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHOK | LocalModes::ISIG | LocalModes::IEXTEN;
    termios.input_modes |= InputModes::ICRNL | InputModes::IXON | InputModes::BRKINT;
    termios.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
}

/// Gives the terminal back before a panic of the thread that took it is printed, so that it can be read.
fn hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let here = std::thread::current().id();
            // Another thread holds the list for a moment only; this one may hold it for ever, and must not hang.
            let held = (0..1000).find_map(|_| match TAKEN.try_lock() {
                Ok(taken) => Some(taken),
                Err(TryLockError::Poisoned(e)) => Some(e.into_inner()),
                Err(TryLockError::WouldBlock) => {
                    std::thread::yield_now();
                    None
                }
            });
            if let Some(taken) = held {
                taken.iter().filter(|s| s.thread == here).for_each(|s| s.restore());
            }
            before(info);
        }));
    });
}

/// Writes all bytes; gives up on a terminal that takes nothing for half a second.
pub fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) {
    let patience = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::new(&fd, PollFlags::OUT)];
                if !matches!(poll(&mut fds, Some(&patience)), Ok(n) if n > 0) {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}
