//! The event stream of an agent that serves its own port on this machine (server-sent events over HTTP/1.1), and answers posted
//! there. Loopback only, bounded, connected again when it breaks. Must not know what events mean.

use super::asks::Way;
use super::bridge::{self, Endpoint};
use super::hub::Hub;
use super::pane::Pane;
use crate::agent::bridge::{Bridge, HookRule};
use crate::base::SessionId;
use crate::evidence::Source;
use base64::Engine as _;
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest line of a stream, and longest answer, in bytes; a longer line is skipped.
const LINE: u64 = 1 << 20;
/// Header lines of an answer.
const HEADERS: usize = 64;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(5);
/// Between two tries to connect: at the next output, at most so long.
const AGAIN: Duration = Duration::from_millis(1500);

type Stream = BufReader<TcpStream>;

/// Reads an agent's events until its session ends.
pub fn follow(hub: &Rc<Hub>, pane: &Rc<Pane>, rules: Bridge) {
    let Some(endpoint) = bridge::endpoint(hub, &pane.id) else { return };
    let (task_hub, pane) = (Rc::clone(hub), Rc::clone(pane));
    hub.spawn("event stream", async move {
        tokio::select! {
            () = pane.ended() => {}
            () = task_hub.closing() => {}
            () = keep_reading(&task_hub, &pane, &rules, &endpoint) => {}
        }
    });
}

async fn keep_reading(hub: &Rc<Hub>, pane: &Rc<Pane>, rules: &Bridge, endpoint: &Endpoint) {
    loop {
        if let Err(e) = read_once(hub, &pane.id, rules, endpoint).await {
            tracing::trace!(session = %pane.id, "its event stream: {e}");
        }
        // What was asked over the old connection is asked for anew.
        hub.asks.answered(hub, &pane.id, None);
        let mut output = pane.output();
        let _ = tokio::time::timeout(AGAIN, output.changed()).await;
        // A program that starts writes much before it listens.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn read_once(hub: &Rc<Hub>, id: &SessionId, rules: &Bridge, endpoint: &Endpoint) -> std::io::Result<()> {
    let path = rules.stream.as_deref().unwrap_or("/");
    let mut stream = tokio::time::timeout(REQUEST, request(rules, endpoint, "GET", path, "")).await.map_err(|_| late())??;
    open_prompts(hub, id, rules, endpoint).await;
    let mut chunked = Chunks::default();
    let mut rest: Vec<u8> = Vec::new();
    let mut skipping = false;
    loop {
        let Some(data) = chunked.next(&mut stream).await? else { return Ok(()) };
        for piece in data.split_inclusive(|b| *b == b'\n') {
            if rest.len() + piece.len() > LINE as usize {
                rest.clear();
                skipping = true;
            }
            rest.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut rest);
                if !std::mem::replace(&mut skipping, false)
                    && let Some(json) = line.strip_prefix(b"data:")
                    && let Ok(event) = serde_json::from_slice::<Value>(json)
                {
                    told(hub, id, rules, &event);
                }
            }
        }
    }
}

/// Prompts that stood open before we listened.
async fn open_prompts(hub: &Rc<Hub>, id: &SessionId, rules: &Bridge, endpoint: &Endpoint) {
    let Some(path) = rules.open_prompts.as_deref() else { return };
    let Ok(Ok(text)) = tokio::time::timeout(REQUEST, whole(rules, endpoint, "GET", path, "")).await else { return };
    let Ok(Value::Array(list)) = serde_json::from_str(&text) else { return };
    let Some(event) = rules.rules.iter().find(|r| r.post.is_some()).map(|r| r.event.clone()) else { return };
    for properties in list.into_iter().take(16) {
        told(hub, id, rules, &serde_json::json!({ "type": event, "properties": properties }));
    }
}

fn told(hub: &Rc<Hub>, id: &SessionId, rules: &Bridge, event: &Value) {
    let Some(kind) = event.get("type").and_then(Value::as_str) else { return };
    if let Some(rule) = bridge::heard(hub, id, rules, kind, event, Source::Log, 0) {
        ask(hub, id, rule, event);
    }
}

fn ask(hub: &Rc<Hub>, id: &SessionId, rule: HookRule, event: &Value) {
    let key = rule.id.as_deref().and_then(|p| event.pointer(p)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let waiting = bridge::asked(&rule, event);
    if bridge::more_than_shown(&rule, event) {
        return hub.asks.tell(hub, id, &waiting, Some(Source::Log));
    }
    hub.asks.open(hub, id, waiting, bridge::needed(&rule, event), Way::Http { rule, key }, Some(Source::Log));
}

/// Posts an answer.
///
/// # Errors
/// Why it was not taken.
pub async fn post(hub: &Rc<Hub>, id: &SessionId, path: &str, body: &str) -> Result<(), String> {
    let endpoint = bridge::endpoint(hub, id).ok_or("it serves nowhere")?;
    let rules = bridge::spec_of(hub, id).map(|s| s.bridge).ok_or("it is no agent that is known")?;
    match tokio::time::timeout(REQUEST, whole(&rules, &endpoint, "POST", path, body)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err("it did not answer in time".into()),
    }
}

fn late() -> std::io::Error {
    std::io::ErrorKind::TimedOut.into()
}

fn bad(what: &str) -> std::io::Error {
    std::io::Error::other(what.to_owned())
}

/// Sends a request and reads the head of the answer; anything but success is an error.
async fn request(rules: &Bridge, endpoint: &Endpoint, method: &str, path: &str, body: &str) -> std::io::Result<Stream> {
    let tcp = TcpStream::connect(("127.0.0.1", endpoint.port)).await?;
    let login = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", rules.user, endpoint.secret));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Basic {login}\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        endpoint.port,
        body.len()
    );
    let mut stream = BufReader::new(tcp);
    stream.write_all(head.as_bytes()).await?;
    let status = line(&mut stream).await?;
    let code = status.split(' ').nth(1).and_then(|c| c.parse::<u16>().ok()).unwrap_or_default();
    for _ in 0..HEADERS {
        if line(&mut stream).await?.is_empty() {
            return if (200..300).contains(&code) { Ok(stream) } else { Err(bad(&format!("it answered {code}"))) };
        }
    }
    Err(bad("too many header lines"))
}

async fn whole(rules: &Bridge, endpoint: &Endpoint, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let stream = request(rules, endpoint, method, path, body).await?;
    let mut out = Vec::new();
    stream.take(LINE).read_to_end(&mut out).await?;
    let text = String::from_utf8_lossy(&out).into_owned();
    // With or without the lengths of chunks around it, the answer is one JSON value.
    let from = text.find(['[', '{', 't', 'f']).unwrap_or(0);
    let to = text.rfind([']', '}', 'e']).map_or(text.len(), |i| i + 1);
    Ok(text.get(from..to).unwrap_or_default().to_owned())
}

async fn line(stream: &mut Stream) -> std::io::Result<String> {
    let mut out = Vec::new();
    (&mut *stream).take(16 * 1024).read_until(b'\n', &mut out).await?;
    if !out.ends_with(b"\n") {
        return Err(bad("the answer ended in its head"));
    }
    Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
}

/// The parts of a stream that comes in chunks.
#[derive(Default)]
struct Chunks {
    left: u64,
}

impl Chunks {
    /// The next bytes; nothing at the end.
    async fn next(&mut self, stream: &mut Stream) -> std::io::Result<Option<Vec<u8>>> {
        while self.left == 0 {
            let size = line(stream).await?;
            if size.is_empty() {
                continue; // the end of the chunk before
            }
            self.left = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).map_err(|_| bad("not in chunks"))?;
            if self.left == 0 {
                return Ok(None);
            }
        }
        let mut buffer = vec![0u8; self.left.min(64 * 1024) as usize];
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(None);
        }
        self.left -= n as u64;
        buffer.truncate(n);
        Ok(Some(buffer))
    }
}
