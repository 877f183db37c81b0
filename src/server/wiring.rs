//! How a launch is wired: files of one session's own folder, and where its agent serves. Must not know any agent, nor what is told
//! by it.

use super::hub::Hub;
use crate::agent::AgentSpec;
use crate::agent::bridge::Wired;
use crate::base::SessionId;
use crate::base::id::random_u64;
use crate::past::open_plain;
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where an agent serves, kept in the session's folder for the next server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoint {
    /// Port on this machine.
    pub port: u16,
    /// Password.
    pub secret: String,
}

fn folder(hub: &Hub, id: &SessionId) -> PathBuf {
    hub.paths.session_dir(id).join("bridge")
}

/// Makes what wires a launch: files that only this user reads, below the session's own folder. Blocks on the disk.
///
/// # Errors
/// What could not be made; the agent can run without it.
pub fn prepare(hub: &Hub, id: &SessionId, spec: &AgentSpec, env: &[(String, String)], cwd: &Path) -> Result<Wired, String> {
    if spec.bridge.is_empty() {
        return Ok(Wired::default());
    }
    let var = |name: &str| env.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let bridge = spec.bridge.settled(&spec.launch.arguments(), &var, cwd);
    let dir = folder(hub, id);
    remove(hub, id);
    let failed = |e: std::io::Error| format!("{}: {e}", dir.display());
    crate::store::private_dir(&dir).map_err(failed)?;
    // A newer version may have taken its place; a path that only means us to ourselves would name the agent's shell there.
    let exe = std::env::current_exe().map_err(failed)?;
    let text = exe.to_string_lossy();
    let program = PathBuf::from(text.strip_suffix(" (deleted)").unwrap_or(&text));
    if !program.exists() {
        return Err(format!("{} is gone", program.display()));
    }
    let mut endpoint = None;
    if bridge.arguments.iter().any(|a| a.contains("{port}")) {
        // The port is free again at once; whoever takes it in between does not know the password.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).map_err(failed)?.port();
        endpoint = Some(Endpoint { port, secret: format!("{:016x}{:016x}", random_u64(), random_u64()) });
    }
    let (port, secret) = endpoint.as_ref().map_or((0, ""), |e| (e.port, e.secret.as_str()));
    let wired = bridge.wire(&spec.name, &dir, &program, &hub.paths.server, port, secret);
    for (path, text) in &wired.files {
        if let Some(parent) = path.parent().filter(|p| *p != dir) {
            crate::store::private_dir(parent).map_err(failed)?;
        }
        crate::store::atomic_write(path, text.as_bytes(), 0o600).map_err(|e| e.to_string())?;
    }
    if let Some(e) = endpoint {
        let json = serde_json::to_vec(&e).unwrap_or_default();
        crate::store::atomic_write(&dir.join("endpoint.json"), &json, 0o600).map_err(|e| e.to_string())?;
    }
    Ok(wired)
}

/// Where the agent of a session serves, if it does.
pub fn endpoint(hub: &Hub, id: &SessionId) -> Option<Endpoint> {
    read_endpoint(&folder(hub, id))
}

/// What runs in the session can put anything in the file's place: the loop waits for no pipe, and reads no more than there can be.
fn read_endpoint(folder: &Path) -> Option<Endpoint> {
    let mut bytes = Vec::new();
    open_plain(&folder.join("endpoint.json")).ok()?.take(4096).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Removes what wired a launch.
pub fn remove(hub: &Hub, id: &SessionId) {
    let dir = folder(hub, id);
    if let Err(e) = std::fs::remove_dir_all(&dir)
        && e.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("cannot remove {}: {e}", dir.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_in_place_of_the_endpoint_keeps_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("endpoint.json");
        std::fs::write(&file, r#"{"port": 7, "secret": "s"}"#).unwrap();
        assert_eq!(read_endpoint(dir.path()).map(|e| e.port), Some(7));
        std::fs::remove_file(&file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        assert!(read_endpoint(dir.path()).is_none());
    }
}
