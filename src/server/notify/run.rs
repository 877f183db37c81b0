//! One program, run with a limit: arguments without a shell, text on its input, its output bounded, its process group killed
//! when time is up. Must not know what it is for.

use crate::agent::find_program;
use crate::base::text::safe_line;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// Bytes of output that are kept; the rest is read and dropped.
pub(super) const OUTPUT: usize = 4096;
/// After its end, what it wrote last is waited for so long: somebody else may hold its output open.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// What it gets on its standard input.
    pub input: Vec<u8>,
    /// Longest time it may take.
    pub limit: Duration,
}

/// How it went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself; whether well, how, and what it wrote.
    Itself { ok: bool, how: String, output: String },
    /// Its time was up.
    Killed { output: String },
    /// It could not be started.
    NotStarted(String),
}

/// Runs a job to its end.
pub(super) async fn run(job: Job) -> Ended {
    let home = job.env.iter().find(|(n, _)| n == "HOME").map(|(_, v)| PathBuf::from(v)).filter(|p| p.is_dir());
    let mut command = Command::new(&job.program);
    command.args(&job.args).env_clear().envs(job.env.iter().map(|(n, v)| (n, v)));
    command.current_dir(home.unwrap_or_else(|| PathBuf::from("/"))).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(c) => c,
        Err(e) => return Ended::NotStarted(e.to_string()),
    };
    let group = child.id().and_then(|p| Pid::from_raw(p as i32));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut out = Vec::new();
    let mut err = Vec::new();
    let ended = {
        let talk = async {
            let give = async {
                if let Some(mut pipe) = stdin {
                    // It need not read it.
                    let _ = pipe.write_all(&job.input).await;
                }
            };
            tokio::join!(give, read(stdout, &mut out), read(stderr, &mut err))
        };
        tokio::pin!(talk);
        let both = async {
            let mut talked = false;
            loop {
                tokio::select! {
                    status = child.wait() => {
                        if !talked {
                            let _ = tokio::time::timeout(LAST_WORDS, &mut talk).await;
                        }
                        return status;
                    }
                    _ = &mut talk, if !talked => talked = true,
                }
            }
        };
        tokio::time::timeout(job.limit, both).await
    };
    out.extend(err);
    out.truncate(OUTPUT);
    let output = String::from_utf8_lossy(&out).into_owned();
    match ended {
        Ok(Ok(status)) => Ended::Itself { ok: status.success(), how: status.to_string(), output },
        Ok(Err(e)) => Ended::NotStarted(e.to_string()),
        Err(_) => {
            // It was not waited for yet, so its pid is still its own.
            if let Some(group) = group {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = child.wait().await;
            Ended::Killed { output }
        }
    }
}

/// Reads to the end; keeps the beginning.
async fn read(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = [0u8; 1024];
    while let Ok(n) = pipe.read(&mut buffer).await {
        if n == 0 {
            return;
        }
        let room = OUTPUT.saturating_sub(kept.len()).min(n);
        kept.extend(buffer.iter().take(room));
    }
}

/// Writes into the log what came of it.
pub(super) fn report(program: &str, ended: Ended) {
    let line = |t: &str| safe_line(t.trim(), 400);
    match ended {
        Ended::Itself { ok: true, output, .. } => tracing::debug!(program, output = line(&output), "told"),
        Ended::Itself { how, output, .. } => tracing::warn!(program, how, output = line(&output), "a program that tells failed"),
        Ended::Killed { output } => tracing::warn!(program, output = line(&output), "a program that tells took too long and was killed"),
        Ended::NotStarted(why) => tracing::warn!(program, why, "a program that tells could not be run"),
    }
}

/// Where a program is, by the `PATH` of its environment.
pub(super) fn find(env: &[(String, String)], name: &str) -> Option<PathBuf> {
    let path = env.iter().find(|(n, _)| n == "PATH").map(|(_, v)| v.as_str()).unwrap_or("/usr/local/bin:/usr/bin:/bin");
    find_program(name, OsStr::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(script: &str, limit: Duration) -> Job {
        Job {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("PATH".into(), "/usr/bin:/bin".into()), ("A".into(), "b c".into())],
            input: b"{\"x\":1}".to_vec(),
            limit,
        }
    }

    fn run_now(job: Job) -> Ended {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(job))
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_gets_its_input_and_nothing_else() {
        let Ended::Itself { ok: true, output, .. } = run_now(job("cat; echo; pwd; env | sort | grep -v ^_ | grep -v ^PWD", LONG)) else { panic!() };
        assert_eq!(output, "{\"x\":1}\n/\nA=b c\nPATH=/usr/bin:/bin\n");
    }

    #[test]
    fn a_flood_of_output_is_cut_and_a_failure_is_told() {
        let Ended::Itself { ok: false, output, how } = run_now(job("yes | head -c 1000000; exit 3", LONG)) else { panic!() };
        assert_eq!(output.len(), OUTPUT);
        assert!(how.contains('3'), "{how}");
    }

    #[test]
    fn its_whole_group_ends_when_its_time_is_up() {
        let dir = tempfile::tempdir().unwrap();
        let pids = dir.path().join("pids");
        let script = format!("sleep 1000 & echo $$ $! > {}; wait", pids.display());
        let Ended::Killed { .. } = run_now(job(&script, Duration::from_millis(500))) else { panic!() };
        let text = std::fs::read_to_string(pids).unwrap();
        for pid in text.split_whitespace() {
            let gone = || {
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
                stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
            };
            let start = std::time::Instant::now();
            while !gone() {
                assert!(start.elapsed() < LONG, "{pid} lives on");
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn what_it_leaves_behind_does_not_keep_us() {
        let start = std::time::Instant::now();
        let Ended::Itself { ok: true, output, .. } = run_now(job("echo hello; sleep 20 & exit 0", LONG)) else { panic!() };
        assert_eq!(output, "hello\n");
        assert!(start.elapsed() < Duration::from_secs(15));
        let missing = Job { program: "/nowhere/at/all".into(), ..job("", LONG) };
        assert!(matches!(run_now(missing), Ended::NotStarted(_)));
    }
}
