//! Memory that a holder and the server share: an anonymous file that only the two have open. Must not know what is kept in it.

use memmap2::{MmapOptions, MmapRaw};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};

/// A new anonymous file of `len` zero bytes, of which only touched pages take memory. Its size is sealed, so that a
/// mapping of it can never fault.
///
/// # Errors
/// The system's.
#[cfg(target_os = "linux")]
pub fn create(name: &str, len: u64) -> io::Result<File> {
    use rustix::fs::{MemfdFlags, SealFlags};
    let fd = rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    rustix::fs::ftruncate(&fd, len)?;
    rustix::fs::fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(File::from(fd))
}

/// A new anonymous file of `len` zero bytes.
///
/// # Errors
/// The system's.
#[cfg(not(target_os = "linux"))]
pub fn create(name: &str, len: u64) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let unique = format!(".{name}-{}-{:016x}", std::process::id(), crate::base::id::random_u64());
    let path = std::env::temp_dir().join(unique);
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    file.set_len(len)?;
    Ok(file)
}

/// A file that came over a socket, when it has at least `len` bytes and (where the system can say so) will keep them.
///
/// # Errors
/// `InvalidData` when not: mapping it would put this process at the sender's mercy.
pub fn accept(fd: OwnedFd, len: u64) -> io::Result<File> {
    let file = File::from(fd);
    #[cfg(target_os = "linux")]
    if !rustix::fs::fcntl_get_seals(&file).is_ok_and(|s| s.contains(rustix::fs::SealFlags::SHRINK)) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "shared memory without a sealed size"));
    }
    if file.metadata()?.len() < len {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "shared memory is too small"));
    }
    Ok(file)
}

/// The first `len` bytes of a shared file, mapped.
pub struct Shared {
    map: MmapRaw,
}

impl Shared {
    /// Maps them.
    ///
    /// # Errors
    /// The system's.
    pub fn map(file: &File, len: usize) -> io::Result<Shared> {
        Ok(Shared { map: MmapOptions::new().len(len).map_raw(file)? })
    }

    /// The shared number `index` (they lie side by side from the start).
    #[allow(unsafe_code)]
    pub fn word(&self, index: usize) -> &AtomicU64 {
        assert!((index + 1) * 8 <= self.map.len(), "a shared number outside the mapping");
        // SAFETY: inside the mapping (checked), aligned (the mapping is page-aligned), lives as long as `self`; the other
        // process uses it as an atomic too.
        unsafe { &*self.map.as_mut_ptr().add(index * 8).cast::<AtomicU64>() }
    }

    /// Reads the shared number `index`.
    pub fn get(&self, index: usize) -> u64 {
        self.word(index).load(Ordering::SeqCst)
    }

    /// Writes it. Sequentially consistent: what a killed process had written before is there when this value is.
    pub fn set(&self, index: usize, value: u64) {
        self.word(index).store(value, Ordering::SeqCst);
    }

    /// Bytes `at..at + len` for reading.
    #[allow(unsafe_code)]
    pub fn bytes(&self, at: usize, len: usize) -> &[u8] {
        assert!(at.checked_add(len).is_some_and(|end| end <= self.map.len()), "bytes outside the mapping");
        // SAFETY: inside the mapping (checked), lives as long as `self`. Only the owner of the lease writes, and every
        // method that writes takes `&mut self`.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().add(at), len) }
    }

    /// Bytes `at..at + len` for writing.
    #[allow(unsafe_code)]
    pub fn bytes_mut(&mut self, at: usize, len: usize) -> &mut [u8] {
        assert!(at.checked_add(len).is_some_and(|end| end <= self.map.len()), "bytes outside the mapping");
        // SAFETY: as for `bytes`; `&mut self` makes this the only slice of this process, the lease the only one at all.
        unsafe { std::slice::from_raw_parts_mut(self.map.as_mut_ptr().add(at), len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_mappings_are_one_memory() {
        let file = create("test", 8192).unwrap();
        let (mut a, b) = (Shared::map(&file, 8192).unwrap(), Shared::map(&file, 4096).unwrap());
        a.set(3, 77);
        a.bytes_mut(100, 3).copy_from_slice(b"abc");
        assert_eq!((b.get(3), b.bytes(100, 3)), (77, &b"abc"[..]));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_whose_size_may_change_is_not_accepted() {
        let plain = tempfile::tempfile().unwrap();
        plain.set_len(8192).unwrap();
        assert!(accept(plain.into(), 8192).is_err());
        let ours = create("test", 4096).unwrap();
        assert!(ours.set_len(1).is_err());
        assert!(accept(ours.try_clone().unwrap().into(), 8192).is_err());
        assert!(accept(ours.into(), 4096).is_ok());
    }
}
