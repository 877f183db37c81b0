//! The event stream of an agent that serves its own port on this machine (server-sent events over HTTP/1.1), and answers posted
//! there. Loopback only, bounded, connected again when it breaks. Must not know what events mean.

use super::asks::Way;
use super::hub::Hub;
use super::pane::Pane;
use super::wiring::{Endpoint, endpoint};
use super::{bridge, catalog};
use crate::agent::bridge::{Anew, Bridge, HookRule};
use crate::base::SessionId;
use crate::evidence::Source;
use base64::Engine as _;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest line of a stream, and longest answer, in bytes; a longer line is skipped.
const LINE: u64 = 1 << 20;
/// Values taken of one list that is asked for.
const ANEW: usize = 64;
/// Header lines of an answer.
const HEADERS: usize = 64;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(5);
/// Between two tries to connect: at the next output, at most so long.
const AGAIN: Duration = Duration::from_millis(1500);

type Stream = BufReader<TcpStream>;

/// Reads an agent's events until its session ends.
pub fn follow(hub: &Rc<Hub>, pane: &Rc<Pane>, rules: Bridge) {
    let Some(endpoint) = endpoint(hub, &pane.id) else { return };
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
    let (mut stream, _) = tokio::time::timeout(REQUEST, request(rules, endpoint, "GET", path, "")).await.map_err(|_| late())??;
    for list in &rules.anew {
        anew(hub, id, rules, endpoint, list).await;
    }
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

/// What was said before we listened, or while the stream was broken.
async fn anew(hub: &Rc<Hub>, id: &SessionId, rules: &Bridge, endpoint: &Endpoint, list: &Anew) {
    let Ok(Ok(text)) = tokio::time::timeout(REQUEST, whole(rules, endpoint, "GET", &list.path, "")).await else { return };
    let Ok(answer) = serde_json::from_str::<Value>(&text) else { return };
    let own = hub.world(|w| w.get(id).and_then(|r| r.conversation.as_ref().map(|c| c.id.clone())));
    for event in as_events(list, answer, own.as_deref()) {
        told(hub, id, rules, &event);
    }
}

/// The events that would have told of what an answer holds.
fn as_events(list: &Anew, answer: Value, own: Option<&str>) -> Vec<Value> {
    let event = |kind: &str, properties: Value| json!({ "type": kind, "properties": properties });
    match (answer, &list.key, &list.value) {
        (Value::Array(values), None, _) => values.into_iter().take(ANEW).map(|v| event(&list.event, v)).collect(),
        (Value::Object(table), Some(key), Some(value)) => {
            let absent = own.filter(|own| !table.contains_key(*own)).zip(list.absent.as_deref());
            let mut out: Vec<Value> = table.into_iter().take(ANEW).map(|(k, v)| event(&list.event, json!({ key: k, value: v }))).collect();
            out.extend(absent.map(|(own, kind)| event(kind, json!({ key: own }))));
            out
        }
        _ => Vec::new(),
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
    let mut waiting = bridge::asked(&rule, event);
    if let Some(lines) = super::edits::asked(hub, id, &rule, event).and_then(super::edits::Edit::diff) {
        waiting.show_changes(lines);
    }
    // An event may tell once more what was asked for a moment before.
    if hub.asks.is_open(id, &key) {
        return;
    }
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
    let endpoint = endpoint(hub, id).ok_or("it serves nowhere")?;
    let rules = catalog::spec_of(hub, id).map(|s| s.bridge).ok_or("it is no agent that is known")?;
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

/// Sends a request and reads the head of the answer; anything but success is an error. Whether the answer comes in chunks.
async fn request(rules: &Bridge, endpoint: &Endpoint, method: &str, path: &str, body: &str) -> std::io::Result<(Stream, bool)> {
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
    let mut in_chunks = false;
    for _ in 0..HEADERS {
        let header = line(&mut stream).await?.to_ascii_lowercase();
        if header.is_empty() {
            return if (200..300).contains(&code) { Ok((stream, in_chunks)) } else { Err(bad(&format!("it answered {code}"))) };
        }
        in_chunks |= header.strip_prefix("transfer-encoding:").is_some_and(|v| v.contains("chunked"));
    }
    Err(bad("too many header lines"))
}

async fn whole(rules: &Bridge, endpoint: &Endpoint, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let (mut stream, in_chunks) = request(rules, endpoint, method, path, body).await?;
    let mut out = Vec::new();
    if in_chunks {
        let mut chunks = Chunks::default();
        while let Some(data) = chunks.next(&mut stream).await?.filter(|_| out.len() < LINE as usize) {
            out.extend_from_slice(&data);
        }
    } else {
        stream.take(LINE).read_to_end(&mut out).await?;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;

    #[test]
    fn what_was_missed_is_read_as_events() {
        let catalog = Catalog::builtin();
        let lists = &catalog.get("opencode").unwrap().bridge.anew;
        let list = |path: &str| lists.iter().find(|l| l.path == path).unwrap();
        let status = as_events(list("/session/status"), json!({ "ses_1": { "type": "busy" } }), Some("ses_1"));
        assert_eq!(status, [json!({ "type": "session.status", "properties": { "sessionID": "ses_1", "status": { "type": "busy" } } })]);
        let idle = as_events(list("/session/status"), json!({}), Some("ses_1"));
        assert_eq!(idle, [json!({ "type": "session.idle", "properties": { "sessionID": "ses_1" } })]);
        assert!(as_events(list("/session/status"), json!({}), None).is_empty(), "nobody knows yet whose turn it would be");
        let asked = as_events(list("/question"), json!([{ "id": "que_1" }]), None);
        assert_eq!(asked, [json!({ "type": "question.asked", "properties": { "id": "que_1" } })]);
        assert!(as_events(list("/permission"), json!({ "error": 1 }), None).is_empty());
        // A turn that goes on may be one that asks: what is asked must have the last word.
        assert_eq!(lists.first().map(|l| l.path.as_str()), Some("/session/status"));
    }
}
