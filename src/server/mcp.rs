//! Gives an agent our MCP server for its launch, when the settings or its file say so. Must not know any agent's flags.

use super::hub::Hub;
use crate::agent::{AgentSpec, McpServer};
use crate::base::SessionId;
use crate::ipc::daemon::own_exe;
use crate::store::atomic_write;

/// What our program needs to find its server, where a client hands no environment on.
const NEEDED: [&str; 5] = ["HOME", "PATH", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"];

/// Arguments for a launch; none when it is not wanted. An agent runs without it, too.
pub fn arguments(hub: &Hub, id: &SessionId, spec: &AgentSpec, env: &[(String, String)]) -> Vec<String> {
    if spec.mcp.arguments.is_empty() || !spec.mcp.on.unwrap_or(hub.settings().mcp) {
        return Vec::new();
    }
    let mut handed: Vec<(String, String)> = env.iter().filter(|(k, _)| NEEDED.contains(&k.as_str())).cloned().collect();
    handed.push((crate::pty::SESSION_VAR.to_owned(), id.to_string()));
    let program = own_exe();
    let server = McpServer { program: &program, server: &hub.paths.server, env: &handed };
    let file = hub.paths.session_dir(id).join("mcp.json");
    if let Err(e) = atomic_write(&file, server.json().as_bytes(), 0o600) {
        tracing::warn!(session = %id, "it gets no MCP server: {}: {e}", file.display());
        return Vec::new();
    }
    spec.mcp.arguments(&server, &file)
}
