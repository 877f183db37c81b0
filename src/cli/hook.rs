//! `hook`: what an agent's hook calls. Reads what the agent says, tells the server, prints what the server answers; nothing and 0
//! in every other case: an agent must not stumble over us. At once when there is no server, within a second when the one that is there
//! does not answer. Must not know any agent's events.

use super::conn::inside;
use super::{Call, Done, out};
use crate::ipc::{ConnectOptions, connect_or_start};
use crate::wire::frame::encode;
use crate::wire::message::{ClientKind, ClientMsg, ServerMsg};
use crate::wire::op::HOOK_TEXT;
use crate::wire::{Decoder, FrameKind, Op, PROTOCOL, ROWS_VERSION};
use rustix::fs::OFlags;
use serde_json::{Value, json};
use std::io::{IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Most that is read of what an agent says, in bytes.
const MAX_INPUT: u64 = 512 * 1024;
/// Longest text of one value that is kept for the next server, in bytes.
const MAX_KEPT: usize = 16 * 1024;
/// How long a server that is there may take to say hello: on a busy machine longer than one would think, and who gives up is not heard
/// before the next server.
const HELLO: Duration = Duration::from_secs(1);
/// Largest spool, in bytes.
const MAX_SPOOL: u64 = 256 * 1024;

/// Tells the server of an event.
pub fn hook(call: &Call, agent: String, event: String, data: Option<String>) -> Done {
    // A person who tries it gets no silence that looks like a hang.
    let input = match data {
        Some(text) => text,
        None if std::io::stdin().is_terminal() => String::new(),
        None => {
            let mut bytes = Vec::new();
            let _ = std::io::stdin().take(MAX_INPUT).read_to_end(&mut bytes);
            // To its end: an agent whose pipe breaks takes its hook for a failed one.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let mut input: Value = serde_json::from_str(&input).unwrap_or(Value::Null);
    shorten(&mut input, HOOK_TEXT);
    match ask(call, Op::Hook { agent: agent.clone(), event: event.clone(), input: input.clone(), age_ms: 0 }) {
        Some(answer) => {
            if let Some(text) = answer.get("print").and_then(Value::as_str) {
                out(&format!("{text}\n"));
            }
        }
        None => {
            shorten(&mut input, MAX_KEPT);
            spool(call, &agent, &event, &input);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Long texts cut: a hook is told whole files that nobody here looks at.
fn shorten(value: &mut Value, most: usize) {
    match value {
        Value::String(s) if s.len() > most => {
            let mut end = most;
            while !s.is_char_boundary(end) {
                end -= 1;
            }
            s.truncate(end);
            s.push('…');
        }
        Value::Array(list) => list.iter_mut().for_each(|v| shorten(v, most)),
        Value::Object(map) => map.values_mut().for_each(|v| shorten(v, most)),
        _ => {}
    }
}

/// One request; nothing when no server answers.
fn ask(call: &Call, op: Op) -> Option<Value> {
    let options = ConnectOptions { may_start: false, ..ConnectOptions::default() };
    let mut stream = connect_or_start(&call.paths, &options).ok()?;
    stream.set_read_timeout(Some(HELLO)).ok()?;
    stream.set_write_timeout(Some(HELLO)).ok()?;
    let hello = ClientMsg::Hello {
        protocol: PROTOCOL,
        rows_version: ROWS_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        kind: ClientKind::Command,
        read_only: false,
        cwd: String::new(),
    };
    let mut decoder = Decoder::new();
    send(&mut stream, &hello)?;
    send(&mut stream, &ClientMsg::Request { id: 1, op })?;
    match next(&mut stream, &mut decoder)? {
        ServerMsg::Hello { protocol, .. } if protocol / 100 == PROTOCOL / 100 => {}
        _ => return None,
    }
    // From here on a person may take their time.
    stream.set_read_timeout(None).ok()?;
    loop {
        match next(&mut stream, &mut decoder) {
            Some(ServerMsg::Reply { id: 1, ok, .. }) => return Some(ok.unwrap_or(Value::Null)),
            Some(ServerMsg::Bye { .. }) | None => return Some(Value::Null), // it has heard of it
            Some(_) => {}
        }
    }
}

fn send(stream: &mut UnixStream, msg: &ClientMsg) -> Option<()> {
    let json = serde_json::to_vec(msg).ok()?;
    let mut bytes = Vec::with_capacity(json.len() + 8);
    encode(FrameKind::Control, &json, &mut bytes).ok()?;
    stream.write_all(&bytes).ok()
}

fn next(stream: &mut UnixStream, decoder: &mut Decoder) -> Option<ServerMsg> {
    let mut buffer = [0u8; 4096];
    loop {
        if let Some(frame) = decoder.next_frame().ok()? {
            if frame.kind == FrameKind::Control {
                return serde_json::from_slice(&frame.payload).ok();
            }
            continue;
        }
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        decoder.push(buffer.get(..n)?);
    }
}

/// For the next server, in the session's own folder.
fn spool(call: &Call, agent: &str, event: &str, input: &Value) {
    let Some(id) = std::env::var("COPILOT_TUI_SESSION").ok().and_then(|s| s.parse().ok()).filter(|_| inside()) else { return };
    let path = call.paths.session_dir(&id).join("spool");
    let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_millis() as u64).unwrap_or_default();
    let mut line = json!({ "hook": { "agent": agent, "event": event, "input": input, "at_ms": at_ms } }).to_string();
    line.push('\n');
    if std::fs::metadata(&path).is_ok_and(|m| m.len() + line.len() as u64 > MAX_SPOOL) {
        return;
    }
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let open = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).custom_flags(flags).open(&path);
    let _ = open.and_then(|mut f| f.write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_letters() {
        let mut v = json!({"a": ["é".repeat(MAX_KEPT)], "b": 1});
        shorten(&mut v, MAX_KEPT);
        let cut = v["a"][0].as_str().unwrap();
        assert!(cut.len() <= MAX_KEPT + 4 && cut.ends_with('…'));
        assert_eq!(v["b"], 1);
    }
}
