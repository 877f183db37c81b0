//! The log of GitHub Copilot CLI, `~/.copilot/session-state/<id>/events.jsonl`: one event a line, `{type, data, id, timestamp,
//! parentId[, agentId]}`. Must not know other formats.

use super::{text_of, tool};
use crate::task::{Turn, Who};
use serde_json::Value;

/// The turns of one event. Those of sub-agents (`agentId`) are their own matter.
pub(super) fn turns(event: &Value) -> Vec<Turn> {
    if event.get("agentId").is_some_and(|a| !a.is_null()) {
        return Vec::new();
    }
    let data = event.get("data").unwrap_or(&Value::Null);
    let content = |who| Turn::new(who, &text_of(data.get("content").unwrap_or(&Value::Null), &["text"]));
    match event.get("type").and_then(Value::as_str) {
        Some("user.message") => content(Who::Person).into_iter().collect(),
        Some("assistant.message") => {
            let requests = data.get("toolRequests").and_then(Value::as_array).into_iter().flatten();
            let tools = requests.filter_map(|r| tool(r.get("name")?.as_str()?, r.get("arguments").unwrap_or(&Value::Null)));
            content(Who::Agent).into_iter().chain(tools).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
pub(super) const SAMPLE: &str = r#"{"type":"session.start","data":{"sessionId":"u","version":1,"context":{"cwd":"/p","branch":"main"}},"id":"a","timestamp":"2026-11-21T06:07:41.187Z","parentId":null}
{"type":"user.message","data":{"content":"make a file","transformedContent":"<current_datetime>now</current_datetime>\n\nmake a file","delivery":"idle"},"id":"b","timestamp":"2026-11-21T06:07:41.556Z","parentId":"a"}
{"type":"system.message","data":{"role":"system","content":"You are a terminal program."},"id":"c","timestamp":"2026-11-21T06:07:41.560Z","parentId":"b"}
{"type":"assistant.message","data":{"messageId":"m","content":"I make it.","toolRequests":[{"toolCallId":"t","name":"bash","arguments":{"command":"echo hi > hello.txt","description":"Run it","mode":"sync"},"type":"function"}]},"id":"d","timestamp":"2026-11-21T06:07:42.040Z","parentId":"c"}
{"type":"tool.execution_complete","data":{"toolCallId":"t","success":true,"result":{"content":"ok"}},"id":"e","timestamp":"2026-11-21T06:07:42.144Z","parentId":"d"}
{"type":"assistant.message","data":{"content":"of a helper","toolRequests":[]},"agentId":"h","id":"f","timestamp":"2026-11-21T06:07:42.400Z","parentId":"e"}
{"type":"assistant.message","data":{"messageId":"n","content":"Done.","toolRequests":[]},"id":"g","timestamp":"2026-11-21T06:07:42.457Z","parentId":"f"}
"#;
