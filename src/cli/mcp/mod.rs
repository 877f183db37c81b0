//! `mcp`: a server of the Model Context Protocol on standard input and output, for the agent of a session. It only turns calls
//! into requests: who it speaks for, and what that may, the socket decides by the process tree. Must not know any agent.

mod tools;

use super::conn::{Conn, VERSION};
use super::error::CliError;
use super::{Call, Done, talk};
use crate::wire::Op;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use rmcp::{RoleServer, ServerHandler, ServiceExt};
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// Longest message of a client, in bytes; a longer one is dropped.
const MAX_MESSAGE: usize = 1 << 20;
/// Calls that may wait at once.
const MAX_CALLS: usize = 64;

/// What a client is told of the whole.
const INSTRUCTIONS: &str = "Makes known to the person who started this session how its task goes. Report progress and phases as they \
change, errors when they happen, and hand off with the points that need review when the work is done.";

/// Serves until standard input ends.
pub fn mcp(call: Call) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::failed)?;
    let served = runtime.block_on(async {
        let (read, write) = stdio_pipes();
        let transport = AsyncRwTransport::<RoleServer, _, _>::new(read, write).with_max_line_length(MAX_MESSAGE);
        match Server::new(call).serve(transport).await {
            Ok(service) => service.waiting().await.map(|_| ()).map_err(|e| e.to_string()),
            // A client that leaves before it said anything is no failure.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(e) => Err(e.to_string()),
        }
    });
    // A read of standard input that cannot be interrupted must not keep this process.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS).map_err(|e| CliError::new("failed", e, "this is for an MCP client: it speaks JSON-RPC, a message a line"))
}

struct Server {
    call: Arc<Call>,
    /// One call after the other: reports must not overtake each other.
    turn: Mutex<()>,
    waiting: AtomicUsize,
}

impl Server {
    fn new(call: Call) -> Server {
        Server { call: Arc::new(call), turn: Mutex::new(()), waiting: AtomicUsize::new(0) }
    }

    async fn run(&self, ask: tools::Ask) -> Result<String, CliError> {
        let _turn = self.turn.lock().await;
        let call = Arc::clone(&self.call);
        let done = tokio::task::spawn_blocking(move || carry_out(&call, ask)).await;
        done.unwrap_or_else(|e| Err(CliError::failed(format!("the call broke off: {e}"))))
    }
}

/// Asks our server. None is ever started from here.
fn carry_out(call: &Call, ask: tools::Ask) -> Result<String, CliError> {
    let request = |op: Op| Conn::open(&call.paths, false)?.request(op);
    match ask {
        tools::Ask::Report(report) => Ok(match talk::make_known(call, None, report)? {
            Some(session) => format!("made known of session #{}", session.get("number").and_then(Value::as_u64).unwrap_or_default()),
            None => "no server runs; it is kept and will be made known by the next one".to_owned(),
        }),
        tools::Ask::List => Ok(tools::short_list(&Conn::open(&call.paths, false)?.sessions()?)),
        tools::Ask::Read(op) => Ok(tools::newest(request(op)?.get("text").and_then(Value::as_str).unwrap_or_default())),
        tools::Ask::Send(op) => {
            let answer = request(op)?;
            let queued = answer.get("queued").and_then(Value::as_array).is_some_and(|q| !q.is_empty());
            Ok(if queued { "queued: it is sent when the turn is over" } else { "sent" }.to_owned())
        }
    }
}

fn said(text: String) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

/// A refusal that the model reads: what happened, and what to do.
fn refused(e: &CliError) -> CallToolResult {
    let hint = if e.hint.is_empty() { String::new() } else { format!("\n{}", e.hint) };
    CallToolResult::error(vec![ContentBlock::text(format!("{}: {}{hint}", e.kind, e.message))])
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("copilot-tui", VERSION))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(&self, _page: Option<PaginatedRequestParams>, _context: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().into_iter().find(|t| t.name == name)
    }

    async fn call_tool(&self, request: CallToolRequestParams, _context: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let ask = match tools::ask(&request.name, request.arguments.unwrap_or_default()) {
            Some(Ok(ask)) => ask,
            Some(Err(why)) => return Ok(refused(&CliError::usage(why, format!("see the arguments of {}", request.name))).into()),
            None => return Err(ErrorData::invalid_params(format!("there is no tool `{}`", request.name), None)),
        };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MAX_CALLS {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Ok(refused(&CliError::new("unavailable", "too many calls at once", "wait for the answers")).into());
        }
        let done = self.run(ask).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(match done {
            Ok(text) => said(text),
            Err(e) => refused(&e),
        }
        .into())
    }
}
