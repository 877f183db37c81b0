//! What reaches the loop from beside it: signals, and what threads of ours came to. A bell rings for both, a descriptor that the
//! loop waits for with the others; so it waits in one place, for what is there to read. Must not know what any of it does.

use super::clip_task::Copied;
use signal_hook::SigId;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Letters that may wait; who has one more waits as well.
const LETTERS: usize = 16;

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The terminal has another size.
    Resized,
    /// The program goes on after a stop.
    Continued,
    /// Stop for a while (Ctrl+Z of a job-control shell).
    Stop,
    /// End, with this exit code.
    End(u8),
}

/// What comes.
pub(super) enum Letter {
    Signal(Told),
    /// Files of the settings have changed, however many.
    ConfigChanged,
    Connected(io::Result<UnixStream>),
    Copied(String, Copied),
    Opened(crate::app::Opened),
}

/// Where it comes in. Signals have their usual effect no more once it was made.
pub(super) struct Mailbox {
    bell: UnixStream,
    letters: Receiver<Letter>,
    /// In the order in which they are heard.
    signals: Vec<(Told, Arc<AtomicBool>, [SigId; 2])>,
    files: Arc<AtomicBool>,
    /// Something may be here without the bell ringing again.
    more: bool,
}

/// For those who send.
#[derive(Debug, Clone)]
pub(super) struct Address {
    bell: Arc<UnixStream>,
    letters: SyncSender<Letter>,
    files: Arc<AtomicBool>,
}

impl Address {
    /// Files of the settings have changed. Never waits: the loop itself waits for who watches them.
    pub fn files_changed(&self) {
        if !self.files.swap(true, Ordering::SeqCst) {
            self.ring();
        }
    }

    /// Sends; waits while too much does.
    pub fn send(&self, letter: Letter) {
        // Nobody reads it any more: then it is not wanted.
        if self.letters.send(letter).is_ok() {
            self.ring();
        }
    }

    fn ring(&self) {
        // A bell that is full rings.
        let _ = (&*self.bell).write(&[0]);
    }

    /// Has a thread do what may take its time; what it came to is sent, nothing when it panics.
    ///
    /// # Errors
    /// When the system has no thread.
    pub fn aside(&self, work: impl FnOnce() -> Letter + Send + 'static) -> io::Result<()> {
        let own = self.clone();
        std::thread::Builder::new().name("aside".into()).spawn(move || own.send(work())).map(drop)
    }
}

impl Mailbox {
    /// A new one, and its address.
    ///
    /// # Errors
    /// The system's, when it has no socket or takes no handler.
    pub fn new() -> io::Result<(Mailbox, Address)> {
        let (bell, rope) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        rope.set_nonblocking(true)?;
        let (sender, letters) = sync_channel(LETTERS);
        let mut signals = Vec::new();
        for (signal, told) in [
            (SIGHUP, Told::End(129)),
            (SIGTERM, Told::End(143)),
            (SIGINT, Told::End(130)),
            (SIGWINCH, Told::Resized),
            (SIGCONT, Told::Continued),
            (SIGTSTP, Told::Stop),
        ] {
            let came = Arc::new(AtomicBool::new(false));
            // The flag first: who hears the bell finds it.
            let flag = signal_hook::flag::register(signal, Arc::clone(&came))?;
            let ring = signal_hook::low_level::pipe::register(signal, rope.try_clone()?)?;
            signals.push((told, came, [flag, ring]));
        }
        let files = Arc::new(AtomicBool::new(false));
        let address = Address { bell: Arc::new(rope), letters: sender, files: Arc::clone(&files) };
        Ok((Mailbox { bell, letters, signals, files, more: true }, address))
    }

    /// Rings when [`Mailbox::take`] is worth a try; to be told with [`Mailbox::heard`].
    pub fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// The bell rang.
    pub fn heard(&mut self) {
        let mut rings = [0; 64];
        while matches!((&self.bell).read(&mut rings), Ok(n) if n == rings.len()) {}
        self.more = true;
    }

    /// What these signals say has been seen to: they are not told.
    pub fn settled(&self, told: &[Told]) {
        self.signals.iter().filter(|(t, ..)| told.contains(t)).for_each(|(_, came, _)| came.store(false, Ordering::SeqCst));
    }

    /// What came, signals first. Once there is nothing, there is none before the bell rings.
    pub fn take(&mut self) -> Option<Letter> {
        if !self.more {
            return None;
        }
        let signal = self.signals.iter().find(|(_, came, _)| came.swap(false, Ordering::SeqCst));
        let letter = signal.map(|(told, ..)| Letter::Signal(*told)).or_else(|| self.letters.try_recv().ok());
        let letter = letter.or_else(|| self.files.swap(false, Ordering::SeqCst).then_some(Letter::ConfigChanged));
        self.more = letter.is_some();
        letter
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        for id in self.signals.iter().flat_map(|s| s.2) {
            signal_hook::low_level::unregister(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn letter() -> Letter {
        Letter::Opened(crate::app::Opened::Done(String::new()))
    }

    fn rings(mail: &Mailbox, wait: bool) -> bool {
        let patience = Timespec { tv_sec: if wait { 20 } else { 0 }, tv_nsec: 0 };
        poll(&mut [PollFd::new(&mail.bell(), PollFlags::IN)], Some(&patience)).unwrap() > 0
    }

    #[test]
    fn what_was_sent_while_the_bell_rang_is_found() {
        let (mut mail, address) = Mailbox::new().unwrap();
        assert!(mail.take().is_none());
        let sender = std::thread::spawn(move || (0..100).for_each(|_| address.send(letter())));
        let mut got = 0;
        while got < 100 {
            assert!(rings(&mail, true));
            mail.heard();
            while let Some(letter) = mail.take() {
                assert!(matches!(letter, Letter::Opened(_)));
                got += 1;
            }
        }
        sender.join().unwrap();
        mail.heard();
        assert!(mail.take().is_none() && !rings(&mail, false));
    }

    #[test]
    fn a_sender_does_not_wait_for_a_mailbox_that_is_gone() {
        let (mail, address) = Mailbox::new().unwrap();
        drop(mail);
        (0..100).for_each(|_| address.send(letter()));
    }

    #[test]
    fn who_tells_of_files_does_not_wait_for_a_full_mailbox() {
        let (mut mail, address) = Mailbox::new().unwrap();
        (0..LETTERS).for_each(|_| address.send(letter()));
        // The loop may be waiting for who watches them at this moment.
        (0..3).for_each(|_| address.files_changed());
        assert!(rings(&mail, true));
        mail.heard();
        let came: Vec<Letter> = std::iter::from_fn(|| mail.take()).collect();
        assert!(came.len() == LETTERS + 1 && matches!(came.last(), Some(Letter::ConfigChanged)));
        address.files_changed();
        assert!(rings(&mail, true), "the next change is told");
        mail.heard();
        assert!(matches!(mail.take(), Some(Letter::ConfigChanged)) && mail.take().is_none());
    }
}
