//! The patch that an agent's own dialog asks for, where the dialog names only files: read from the agent's log, which has the call
//! before it is asked for. Must not know terminals, nor who is shown it.

use crate::past::open_plain;
use serde_json::Value;
use std::collections::HashSet;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Read of a log, its end, in bytes.
const LOOK: u64 = 1 << 20;
/// How deep texts of JSON within texts are looked into.
const DEEP: usize = 6;
/// Between these a patch stands.
const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
/// What names a file in it.
const FILES: [&str; 4] = ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];

/// The lines of the one patch that waits for an answer and whose files a dialog names; nothing where there is none, or more than
/// one it could be. Blocks on the disk.
pub fn waiting(log: &Path, dialog: &str) -> Vec<String> {
    let mut tail = Vec::new();
    let read = open_plain(log).and_then(|mut f| {
        f.seek(SeekFrom::Start(f.metadata()?.len().saturating_sub(LOOK)))?;
        f.take(LOOK).read_to_end(&mut tail)
    });
    // The call itself may be what does not fit.
    let torn = tail.len() as u64 == LOOK && tail.iter().position(|b| *b == b'\n').is_none_or(|at| at as u64 > LOOK / 2);
    if read.is_err() || torn {
        return Vec::new();
    }
    let entries: Vec<Value> = tail.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let call = |e: &Value| e.pointer("/payload/call_id").and_then(Value::as_str).map(str::to_owned);
    let ended = |e: &&Value| e.pointer("/payload/type").and_then(Value::as_str).is_some_and(|t| t.ends_with("_output"));
    let over: HashSet<String> = entries.iter().filter(ended).filter_map(call).collect();
    let open = entries.iter().filter(|e| call(e).is_some_and(|c| !over.contains(&c)));
    let mut found = Vec::new();
    open.filter_map(|e| e.get("payload")).for_each(|payload| patches_in(payload, 0, &mut found));
    found.retain(|p| names_all(dialog, p));
    found.dedup();
    match found.as_slice() {
        [one] => lines(one),
        _ => Vec::new(),
    }
}

/// The patches in the texts of an entry: a call may tell of another one than it makes.
fn patches_in(value: &Value, depth: usize, found: &mut Vec<String>) {
    match value {
        _ if depth > DEEP => {}
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => patches_in(&inner, depth + 1, found),
            _ => found.extend(patch_of(text)),
        },
        Value::Array(list) => list.iter().for_each(|v| patches_in(v, depth + 1, found)),
        Value::Object(map) => map.values().for_each(|v| patches_in(v, depth + 1, found)),
        _ => {}
    }
}

/// The patch in a text, from the first mark to the last: what would be written may hold such words, too. The agent does not mind
/// blanks around a mark.
fn patch_of(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|l| l.trim() == BEGIN)?;
    let end = lines.iter().rposition(|l| l.trim() == END)?;
    Some(lines.get(begin + 1..end)?.join("\n"))
}

/// The file that a line names.
fn file(line: &str) -> Option<&str> {
    FILES.iter().find_map(|f| line.trim().strip_prefix(f))
}

fn files(patch: &str) -> impl Iterator<Item = &str> {
    patch.lines().filter_map(file)
}

/// Whether the dialog speaks of every file of the patch, and the patch has one. A dialog breaks long names over lines.
fn names_all(dialog: &str, patch: &str) -> bool {
    let whole: String = dialog.chars().filter(|c| !c.is_whitespace()).collect();
    let named = |file: &str| {
        let name: String =
            Path::new(file).file_name().map(|n| n.to_string_lossy().chars().filter(|c| !c.is_whitespace()).collect()).unwrap_or_default();
        !name.is_empty() && whole.contains(&name)
    };
    files(patch).next().is_some() && files(patch).all(named)
}

/// A patch as lines: of several files each is named.
fn lines(patch: &str) -> Vec<String> {
    let many = files(patch).count() > 1;
    let kept = |l: &&str| many || file(l).is_none();
    let mut lines: Vec<String> = patch.lines().filter(kept).map(str::to_owned).collect();
    // A part that begins at once needs no mark between it and another.
    if lines.first().is_some_and(|l| l == "@@") {
        lines.remove(0);
    }
    if lines.is_empty() && patch.trim_start().starts_with("*** Delete File: ") {
        lines.push("*** the file is deleted".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn log(entries: &[Value]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rollout.jsonl");
        std::fs::write(&file, entries.iter().map(|e| e.to_string() + "\n").collect::<String>()).unwrap();
        (dir, file)
    }

    fn call(id: &str, file: &str, line: &str) -> Value {
        let cmd = format!("apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: {file}\n@@\n-old\n+{line}\n*** End Patch\nEOF");
        json!({"type": "response_item", "payload": {"type": "function_call", "call_id": id, "arguments": json!({"cmd": cmd}).to_string()}})
    }

    #[test]
    fn the_patch_that_waits_is_found_by_its_files() {
        let over = json!({"type": "response_item", "payload": {"type": "function_call_output", "call_id": "a", "output": "Done"}});
        let raw =
            json!({"payload": {"type": "custom_tool_call", "call_id": "c", "input": "*** Begin Patch\n*** Add File: /x/new.rs\n+fn\n*** End Patch"}});
        let (_d, file) = log(&[call("a", "/x/a.rs", "1"), over, call("b", "/x/a.rs", "2"), raw]);
        assert_eq!(waiting(&file, "Destination: /x/a.rs"), ["-old", "+2"]);
        assert_eq!(waiting(&file, "Destination: /a/long/fol\nder/new\n.rs"), ["+fn"]);
        assert_eq!(waiting(&file, "Destination: /x/c.rs"), Vec::<String>::new());
        assert_eq!(waiting(Path::new("/nowhere"), "a.rs"), Vec::<String>::new());
        let (_d, file) = log(&[call("a", "/x/a.rs", "1"), call("b", "/x/a.rs", "2")]);
        assert_eq!(waiting(&file, "a.rs"), Vec::<String>::new(), "it could be either");
        let (_d, file) = log(&[call("a", "/x/a.rs", "1"), call("b", "/x/a.rs", "1")]);
        assert_eq!(waiting(&file, "a.rs"), ["-old", "+1"], "both are the same");
        let two = json!({"payload": {"call_id": "t", "input": "*** Begin Patch\n*** Delete File: a\n*** Add File: b\n+x\n*** End Patch"}});
        let (_d, file) = log(&[two]);
        assert_eq!(waiting(&file, "a, b"), ["*** Delete File: a", "*** Add File: b", "+x"]);
        assert_eq!(lines("*** Delete File: a\n"), ["*** the file is deleted"]);
    }

    #[test]
    fn nothing_of_a_patch_is_hidden_and_none_is_shown_for_another() {
        let raw = |input: &str| json!({"payload": {"type": "custom_tool_call", "call_id": "c", "input": input}});
        let shown = |entries: &[Value]| {
            let (_d, file) = log(entries);
            waiting(&file, "Destination: /x/a.rs")
        };
        // What it writes holds the words of an end.
        let ends = "*** Begin Patch\n*** Update File: /x/a.rs\n@@\n-old\n+fine // *** End Patch\n+evil\n*** End Patch";
        assert_eq!(shown(&[raw(ends)]), ["-old", "+fine // *** End Patch", "+evil"]);
        // Another argument, and another call, tell of a patch that is not the one.
        let fine = "*** Begin Patch\n*** Update File: /x/a.rs\n@@\n-old\n+fine\n*** End Patch";
        let mut two = call("b", "/x/a.rs", "evil");
        let cmd = serde_json::from_str::<Value>(two["payload"]["arguments"].as_str().unwrap()).unwrap()["cmd"].clone();
        two["payload"]["arguments"] = json!({"about": fine, "cmd": cmd}).to_string().into();
        assert_eq!(shown(&[two]), Vec::<String>::new());
        let padded = "*** Begin Patch \n  *** Update File: /x/a.rs\n@@\n-old\n+evil\n*** End Patch";
        assert_eq!(shown(&[raw(padded)]), ["-old", "+evil"]);
        let mut sleeps = raw(&format!("sleep 60; cat <<E\n{fine}\nE"));
        sleeps["payload"]["call_id"] = "s".into();
        assert_eq!(shown(&[sleeps.clone(), raw(padded)]), Vec::<String>::new());
        let huge = ends.replace("+evil", &"+evil\n".repeat(200_000));
        assert_eq!(shown(&[raw(&huge), sleeps]), Vec::<String>::new());
    }
}
