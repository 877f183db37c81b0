//! A terminal or a socket under the runtime, woken by what there is to read alone. Must not know what the bytes mean.
//!
//! Terminals and sockets tell of room each time their other side has read, and the runtime's own types listen for it always:
//! then each message wakes the one who sent it as well, in the middle of the way of a key. Here room is listened for only
//! while somebody waits for it, on a duplicate of the descriptor.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Fewer bytes than this are all there was. A terminal that floods gives 4095 at a time while more is on its way.
const LITTLE: usize = 256;
/// See [`Endpoint::writable`].
const RETRY: std::time::Duration = std::time::Duration::from_millis(50);

/// One descriptor that does not block.
#[derive(Debug)]
pub struct Endpoint {
    fd: AsyncFd<OwnedFd>,
}

#[allow(deprecated)] // its successor is unsafe, for the sake of descriptors that are not owned; these are
fn watch(fd: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, interest)
}

impl Endpoint {
    /// Takes over a descriptor that was set not to block.
    ///
    /// # Errors
    /// The system's, when the runtime cannot watch it.
    pub fn new(fd: OwnedFd) -> io::Result<Endpoint> {
        Ok(Endpoint { fd: watch(fd, Interest::READABLE)? })
    }

    /// Waits until [`Endpoint::try_read`] is worth a try.
    pub async fn readable(&self) {
        // One that always has something lets the others have their turn.
        tokio::task::coop::consume_budget().await;
        // An error here is the runtime going down: then nobody is served again.
        let _ = self.fd.readable().await;
    }

    /// Reads what is there, at most a buffer. When that is little it was all: what comes next comes with a wake-up, and no second
    /// read has to find out that there is nothing.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is ([`Endpoint::readable`] waits), else the system's.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut got = None;
        let read = self.fd.try_io(Interest::READABLE, |fd| match rustix::io::read(fd, &mut *buffer)? {
            n if n == 0 || n >= buffer.len().min(LITTLE) => Ok(n),
            n => {
                got = Some(n);
                // So the runtime is told that nothing is left.
                Err(io::ErrorKind::WouldBlock.into())
            }
        });
        got.map_or(read, Ok)
    }

    /// Reads what is there, also what no wake-up has told of yet: for a last look. Each look asks the system.
    ///
    /// # Errors
    /// As [`Endpoint::try_read`]; of a terminal `WouldBlock` means here that all is read that was written before.
    pub fn read_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(self.fd.get_ref(), buffer)?)
    }

    /// Writes what fits; how much did.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits now ([`Endpoint::writable`] waits), else the system's. A socket whose other side has gone
    /// is `BrokenPipe`; programs of Rust do not get the signal.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.fd.get_ref(), bytes)?)
    }

    /// Waits until [`Endpoint::try_write`] is worth a try.
    pub async fn writable(&self) {
        let waited = match self.fd.get_ref().try_clone().and_then(|fd| watch(fd, Interest::WRITABLE)) {
            Ok(room) => room.writable().await.map(drop),
            Err(e) => Err(e),
        };
        if waited.is_err() {
            // No descriptor is free; some time later one may be.
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Writes all, waiting for room as often as it takes.
    ///
    /// # Errors
    /// The system's.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.try_write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.writable().await,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

impl AsFd for Endpoint {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.get_ref().as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::os::unix::net::UnixStream;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn pair() -> (Endpoint, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Endpoint::new(ours.into()).unwrap(), theirs)
    }

    #[tokio::test]
    async fn what_comes_is_read_and_what_goes_waits_for_room() {
        use std::io::{Read, Write};
        let (end, mut other) = pair();
        other.write_all(b"hello").unwrap();
        end.readable().await;
        let mut buffer = [0; 64];
        assert_eq!(end.try_read(&mut buffer).unwrap(), 5);
        assert_eq!(end.try_read(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);

        let much = vec![b'x'; 4 << 20];
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            other.read_to_end(&mut all).map(|_| all.len())
        });
        end.write_all(&much).await.unwrap();
        drop(end);
        assert_eq!(reader.join().unwrap().unwrap(), much.len());
    }

    #[tokio::test]
    async fn an_end_is_told_after_the_little_that_came_before_it() {
        use std::io::Write;
        let (end, mut other) = pair();
        other.write_all(b"last").unwrap();
        drop(other);
        let mut buffer = [0; 64];
        end.readable().await;
        assert_eq!(end.try_read(&mut buffer).unwrap(), 4);
        end.readable().await;
        assert_eq!(end.try_read(&mut buffer).unwrap(), 0);

        // Each on its own: the end comes with a wake-up as well.
        let (end, mut other) = pair();
        other.write_all(b"last").unwrap();
        end.readable().await;
        assert_eq!(end.try_read(&mut buffer).unwrap(), 4);
        drop(other);
        end.readable().await;
        assert_eq!(end.try_read(&mut buffer).unwrap(), 0);
    }

    #[tokio::test]
    async fn a_last_look_does_not_wait_to_be_told() {
        use std::io::Write;
        let (end, mut other) = pair();
        let mut buffer = [0; 64];
        other.write_all(b"one").unwrap();
        end.readable().await;
        assert_eq!(end.try_read(&mut buffer).unwrap(), 3);
        // The runtime has had no turn to hear of it.
        other.write_all(b"last").unwrap();
        assert_eq!(end.try_read(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(end.read_now(&mut buffer).unwrap(), 4);
        assert_eq!(end.read_now(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn room_wakes_only_who_waits_for_it() {
        use std::io::Read;
        let (end, mut other) = pair();
        while end.try_write(&[0; 4096]).is_ok() {}
        {
            let mut readable = pin!(end.readable());
            assert!(readable.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            let mut writable = pin!(end.writable());
            assert!(writable.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            other.set_nonblocking(true).unwrap();
            let mut sink = [0; 64 << 10];
            while other.read(&mut sink).is_ok() {}
            writable.await;
            assert!(readable.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        end.try_write(b"more").unwrap();
    }
}
