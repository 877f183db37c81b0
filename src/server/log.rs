//! The server's log: level and file can change while it runs; rotated at 10 MiB, four old ones kept.
//! Must not know what is logged.

use super::settings::Settings;
use crate::ipc::Paths;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, reload};

const MAX_BYTES: u64 = 10 << 20;
const KEPT: u32 = 4;

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    file: Option<File>,
    written: u64,
}

impl Sink {
    fn open(&mut self) {
        let open = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path);
        self.file = open.ok();
        self.written = self.file.as_ref().and_then(|f| f.metadata().ok()).map_or(0, |m| m.len());
    }

    fn rotate(&mut self) {
        let numbered = |n: u32| PathBuf::from(format!("{}.{n}", self.path.display()));
        for n in (1..KEPT).rev() {
            let _ = std::fs::rename(numbered(n), numbered(n + 1));
        }
        let _ = std::fs::rename(&self.path, numbered(1));
        self.open();
    }
}

/// A writer onto the file of the moment.
#[derive(Debug, Clone)]
struct Writer(Arc<Mutex<Sink>>);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sink.written > MAX_BYTES {
            sink.rotate();
        }
        if let Some(f) = &mut sink.file {
            let _ = f.write_all(bytes);
        }
        sink.written += bytes.len() as u64;
        Ok(bytes.len()) // a full disk must not stop the server
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Writer;
    fn make_writer(&'a self) -> Writer {
        self.clone()
    }
}

/// Handles to change the log.
pub struct Logging {
    filter: reload::Handle<Targets, Registry>,
    writer: Writer,
    default_path: PathBuf,
}

fn filter(level: &str) -> Targets {
    std::env::var("RUST_LOG").ok().and_then(|v| v.parse().ok()).or_else(|| level.parse().ok()).unwrap_or_default()
}

/// Starts logging.
pub fn start(paths: &Paths, settings: &Settings) -> Logging {
    let default_path = paths.log();
    let path = settings.log_file.clone().unwrap_or_else(|| default_path.clone());
    let mut sink = Sink { path, file: None, written: 0 };
    sink.open();
    let writer = Writer(Arc::new(Mutex::new(sink)));
    let (layer, handle) = reload::Layer::new(filter(&settings.log_level));
    let fmt = tracing_subscriber::fmt::layer().with_writer(writer.clone()).with_ansi(false).with_target(false);
    let _ = tracing_subscriber::registry().with(layer).with(fmt).try_init();
    Logging { filter: handle, writer, default_path }
}

impl Logging {
    /// Takes over changed settings.
    pub fn apply(&self, settings: &Settings) {
        let _ = self.filter.reload(filter(&settings.log_level));
        let path: &Path = settings.log_file.as_deref().unwrap_or(&self.default_path);
        let mut sink = self.writer.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sink.path != path {
            sink.path = path.to_owned();
            sink.open();
        }
    }
}
