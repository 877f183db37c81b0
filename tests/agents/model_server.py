#!/usr/bin/env python3
"""A language model that follows a script, for tests with real agents. Standard library only, loopback only.

Speaks the streaming side of three APIs: POST .../responses (OpenAI Responses), POST .../messages (Anthropic Messages) and
POST .../models/NAME:streamGenerateContent (Gemini).
The last `scenario:NAME` in the user's words chooses the script, the number of tool results after it the step.

    model_server.py LOG OUTSIDE

LOG gets a JSON line for everything that was asked and answered, with the time in milliseconds. OUTSIDE is a file outside of
any workspace that the scenario `ask` wants to write. The port is printed on standard output. It ends when its standard
input does.
"""
import http.server
import json
import os
import re
import sys
import threading
import time

LOG, OUTSIDE = sys.argv[1], sys.argv[2]
COUNT = " ".join("number-%d" % i for i in range(1, 141))
TICKS = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i >> ticks.txt; sleep 0.1; done"
TWICE = "echo one >> " + OUTSIDE + ".twice"
# Each step: words to say, then a command to run, a file beside OUTSIDE to write or change, a tool to call (by the end of its name) or an HTTP status to fail with; `pace`
# is seconds between words.
SCRIPTS = {
    "chat": [{"say": "Just a plain answer."}],
    "write": [{"say": "I make a file.", "run": "echo first > made.txt"}, {"say": "The file is made."}],
    "again": [{"say": "I make another.", "run": "echo second > again.txt"}, {"say": "The other file is made."}],
    "ask": [{"say": "I need to leave the folder.", "run": "echo out > " + OUTSIDE, "escalate": True}, {"say": "The question is settled."}],
    "count": [{"say": COUNT + "\n\nThat was all.", "pace": 0.06}],
    "ticks": [{"say": "This takes long.", "run": TICKS}, {"say": "It is over."}],
    "error": [{"fail": 400}],
    "auth": [{"fail": 401}],
    "rate": [{"fail": 429}],
    "refuse": [{"say": "I need to leave the folder again.", "run": "echo no > " + OUTSIDE + ".refused", "escalate": True}, {"say": "Then not."}],
    "which": [{"say": "I have a question.", "ask": "Which colour should it be?", "choices": ["Red", "Blue"]}, {"say": "Thank you."}],
    "helper": [{"say": "A helper does it.", "sub": "please do scenario:part"}, {"say": "The helper is finished."}],
    "part": [{"say": " ".join("part-%d" % i for i in range(1, 21)), "pace": 0.05}],
    "plan": [{"say": "A plan.", "todo": ["Read", "Write", "Check"]}, {"say": "The plan is made."}],
    "twice": [{"say": "Once.", "run": TWICE, "escalate": True}, {"say": "And once more.", "run": TWICE, "escalate": True}, {"say": "Both are settled."}],
    # Twice the same in one answer.
    "pair": [{"say": "Both at once.", "run": TWICE, "escalate": True, "times": 2}, {"say": "The pair is settled."}],
    "edit": [{"say": "I write it.", "file": "edited", "new": "one\ntwo\nthree\n"},
             {"say": "I change it.", "file": "edited", "old": "two", "new": "2"}, {"say": "The edit is settled."}],
    "report": [{"say": "I say how far I am.", "tool": "report_progress", "with": {"done": 3, "total": 7, "item": "Files", "current": "a.rs"}},
               {"say": "It is known."}],
}
ASKS = ("ask_user", "AskUserQuestion", "question")
HELPERS = ("task", "Task", "Agent")
TODOS = ("sql", "TodoWrite", "todowrite", "update_plan")
WRITES = ("create", "Write", "write", "write_file")
EDITS = ("edit", "Edit", "replace")
SHELLS = ("exec_command", "shell_command", "shell", "bash", "Bash", "run_shell_command")
LOCK = threading.Lock()


def log(**what):
    with LOCK, open(LOG, "a", encoding="utf-8") as f:
        f.write(json.dumps(dict(what, at=int(time.time() * 1000))) + "\n")


def words(content):
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text") or "" for part in content or [] if isinstance(part, dict))


def heard(body):
    """The conversation as (who, words), the tools on offer by name, and in which namespace some of them are."""
    said, tools, spaces = [], {}, {}
    if isinstance(body.get("input"), str):
        body["input"] = [{"role": "user", "content": body["input"]}]
    for item in body.get("input") or []:
        kind = item.get("type", "message")
        if kind == "message":
            said.append((item.get("role"), words(item.get("content"))))
        elif kind.endswith("_output"):
            said.append(("tool", words(item.get("output"))))
    for message in body.get("messages") or []:
        content = message.get("content")
        results = [p for p in content if p.get("type") == "tool_result"] if isinstance(content, list) else []
        said.extend(("tool", words(p.get("content"))) for p in results)
        if not results:
            said.append((message.get("role"), words(content)))

    for content in body.get("contents") or []:
        parts = content.get("parts") or []
        results = [p["functionResponse"] for p in parts if "functionResponse" in p]
        said.extend(("tool", json.dumps(r.get("response"))) for r in results)
        if not results:
            said.append((content.get("role"), words(parts)))

    def offer(list_, space):
        for tool in list_ or []:
            name = tool.get("name") or ""
            offer(tool.get("tools"), name)
            offer(tool.get("functionDeclarations"), space)
            tools[name] = tool.get("parameters") or tool.get("input_schema") or tool.get("parametersJsonSchema") or {}
            if space:
                spaces[name] = space

    offer(body.get("tools"), None)
    return said, tools, spaces


def step_of(said, tools):
    if not tools:
        return "title", {"say": "A title"}
    name, done = "chat", 0
    for who, text in said:
        found = re.findall(r"scenario:(\w+)", text) if who == "user" else []
        if found:
            name, done = found[-1], 0
        elif who == "tool":
            done += 1
    script = SCRIPTS.get(name, SCRIPTS["chat"])
    return name, script[done] if done < len(script) else {"say": "There is nothing left to do."}


def wanted(step):
    """The tools that can do a step."""
    if "file" in step:
        return (EDITS if "old" in step else WRITES) + SHELLS
    return next((names for key, names in (("run", SHELLS), ("ask", ASKS), ("sub", HELPERS), ("todo", TODOS)) if key in step), ())


def fill(schema, known):
    """What is known and the schema has, and something for all that it must have."""
    properties = schema.get("properties") or {}
    out = {k: v for k, v in known.items() if k in properties}
    for name in schema.get("required") or []:
        if name not in out:
            kind = (properties.get(name) or {}).get("type")
            out[name] = {"boolean": False, "integer": 1, "number": 1, "array": [], "object": {}}.get(kind, "x")
    return out


def arguments(name, schema, step):
    """Arguments for a tool, by the names its schema has."""
    if "ask" in step:
        options = [{"label": c, "description": "the %s one" % c} for c in step["choices"]]
        one = {"question": step["ask"], "header": "Colour", "options": options, "multiSelect": False, "multiple": False}
        colour = {"type": "string", "enum": step["choices"], "title": step["ask"]}
        form = {"type": "object", "properties": {"colour": colour}, "required": ["colour"]}
        return fill(schema, {"question": step["ask"], "choices": step["choices"], "questions": [one], "message": step["ask"], "requestedSchema": form})
    if "sub" in step:
        kind = "general" if name == "task" and "agent_type" not in (schema.get("properties") or {}) else "general-purpose"
        known = {"prompt": step["sub"], "message": step["sub"], "description": "a helper", "name": "helper", "agent_type": kind, "subagent_type": kind}
        return fill(schema, dict(known, mode="sync", run_in_background=False))
    if "todo" in step:
        rows = "; ".join("INSERT INTO todos (id, title, description, status) VALUES ('t%d', '%s', '%s', '%s')" % (i, t, t, "done" if i == 0 else "pending")
                         for i, t in enumerate(step["todo"]))
        todos = [{"id": str(i), "content": t, "activeForm": t, "status": "completed" if i == 0 else "pending", "priority": "medium"}
                 for i, t in enumerate(step["todo"])]
        plan = [{"step": t["content"], "status": t["status"]} for t in todos]
        return fill(schema, {"query": rows, "description": "things to do", "todos": todos, "plan": plan})
    if "file" in step:
        path, old, new = OUTSIDE + "." + step["file"], step.get("old"), step["new"]
        if name not in SHELLS:
            known = {k: path for k in ("path", "file_path", "filePath")}
            known.update({k: old for k in ("old_str", "old_string", "oldString") if old})
            known.update({k: new for k in ("new_str", "new_string", "newString", "content", "file_text")})
            return fill(schema, known)
        signed = lambda sign, text: "".join(sign + line + "\n" for line in text.splitlines())
        what = "*** Update File: %s\n@@\n%s" % (path, signed("-", old) + signed("+", new)) if old else "*** Add File: %s\n%s" % (path, signed("+", new))
        step = dict(step, run="apply_patch <<'EOF'\n*** Begin Patch\n%s*** End Patch\nEOF" % what)
    known = {"cmd": step["run"], "command": step["run"], "description": "run a command"}
    if step.get("escalate"):
        known.update(sandbox_permissions="require_escalated", justification="It is outside of the workspace.")
    known.update(mode="sync", initial_wait=600, yield_time_ms=30000, timeout=600000)
    properties = schema.get("properties") or {}
    out = {k: v for k, v in known.items() if k in properties}
    if (properties.get("command") or {}).get("type") == "array":
        out["command"] = ["sh", "-c", step["run"]]
    return fill(schema, dict(known, **out))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def whole(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.whole(200, {"object": "list", "data": [{"id": "stand-in", "object": "model"}], "models": []})

    def do_POST(self):
        if "chunked" in (self.headers.get("transfer-encoding") or ""):
            raw = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        gemini = "enerateContent" in path
        if not path.endswith(("/responses", "/messages")) and not gemini:
            return self.whole(200, {"input_tokens": 10}) if path.endswith("/count_tokens") else self.whole(404, {"error": {"message": "no such place"}})
        body = json.loads(raw or b"{}")
        said, tools, spaces = heard(body)
        self.spaces = spaces
        name, step = step_of(said, tools)
        log(asked=name, user=next((t for w, t in reversed(said) if w == "user"), ""), result=next((t for w, t in reversed(said) if w == "tool"), "")[:500])
        if "fail" in step:
            self.whole(step["fail"], {"type": "error", "error": {"type": "invalid_request_error", "message": "the stand-in refuses"}})
            return log(failed=name)
        tool = next((t for t in wanted(step) if t in tools), None)
        call = (tool, arguments(tool, tools[tool], step)) if tool else None
        if "tool" in step:
            # Some agents offer the tools of MCP servers only on demand, and take a call of one all the same.
            tool = next((t for t in tools if t.endswith(step["tool"])), "mcp__copilot-tui__" + step["tool"])
            call = (tool, step["with"])
            log(tools=sorted(tools), offered=tool in tools)
        try:
            if gemini:
                self.answer_gemini(step, call, "stream" in path)
            else:
                (self.answer_responses if path.endswith("/responses") else self.answer_messages)(body, step, call)
            log(called=name) if call else log(said=name)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def stream(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def event(self, kind, **fields):
        text = "event: %s\ndata: %s\n\n" % (kind, json.dumps(dict(fields, type=kind)))
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def pieces(self, step):
        for word in re.findall(r"\S+\s*", step.get("say", "")):
            yield word
            time.sleep(step.get("pace", 0.01))

    def answer_responses(self, body, step, call):
        now = time.time_ns()
        base = {"id": "resp_%d" % now, "object": "response", "created_at": now // 10**9, "model": body.get("model"), "output": []}
        usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
        usage.update(input_tokens_details={"cached_tokens": 0}, output_tokens_details={"reasoning_tokens": 0})
        message = {"id": "msg_%d" % now, "type": "message", "role": "assistant"}
        part = {"type": "output_text", "text": step["say"], "annotations": []}
        whole = dict(message, status="completed", content=[part])
        output = [whole]
        for n in range(step.get("times", 1) if call else 0):
            output.append({"id": "fc_%d_%d" % (now, n), "type": "function_call", "call_id": "call_%d_%d" % (now, n), "name": call[0],
                           "arguments": json.dumps(call[1]), "status": "completed"})
            if call[0] in self.spaces:
                output[-1]["namespace"] = self.spaces[call[0]]
        if not body.get("stream"):
            return self.whole(200, dict(base, status="completed", output=output, usage=usage))
        self.stream()
        self.event("response.created", response=dict(base, status="in_progress"))
        self.event("response.output_item.added", output_index=0, item=dict(message, status="in_progress", content=[]))
        place = {"item_id": message["id"], "output_index": 0, "content_index": 0}
        self.event("response.content_part.added", **place, part=dict(part, text=""))
        for word in self.pieces(step):
            self.event("response.output_text.delta", **place, delta=word)
        self.event("response.output_text.done", **place, text=step["say"])
        self.event("response.content_part.done", **place, part=part)
        self.event("response.output_item.done", output_index=0, item=whole)
        for n, item in enumerate(output[1:], 1):
            self.event("response.output_item.added", output_index=n, item=dict(item, status="in_progress", arguments=""))
            self.event("response.function_call_arguments.delta", item_id=item["id"], output_index=n, delta=item["arguments"])
            self.event("response.function_call_arguments.done", item_id=item["id"], output_index=n, arguments=item["arguments"])
            self.event("response.output_item.done", output_index=n, item=item)
        self.event("response.completed", response=dict(base, status="completed", output=output, usage=usage))
        self.wfile.write(b"0\r\n\r\n")

    def answer_messages(self, body, step, call):
        now = time.time_ns()
        base = {"id": "msg_%d" % now, "type": "message", "role": "assistant", "model": body.get("model"), "stop_sequence": None}
        usage = {"input_tokens": 10, "output_tokens": 10}
        reason = "tool_use" if call else "end_turn"
        times = step.get("times", 1) if call else 0
        tools = [{"type": "tool_use", "id": "toolu_%d_%d" % (now, n), "name": call[0], "input": call[1]} for n in range(times)]
        if not body.get("stream"):
            content = [{"type": "text", "text": step["say"]}] + tools
            return self.whole(200, dict(base, content=content, stop_reason=reason, usage=usage))
        self.stream()
        self.event("message_start", message=dict(base, content=[], stop_reason=None, usage=usage))
        self.event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for word in self.pieces(step):
            self.event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        self.event("content_block_stop", index=0)
        for n, tool in enumerate(tools, 1):
            self.event("content_block_start", index=n, content_block=dict(tool, input={}))
            self.event("content_block_delta", index=n, delta={"type": "input_json_delta", "partial_json": json.dumps(tool["input"])})
            self.event("content_block_stop", index=n)
        self.event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 10})
        self.event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def answer_gemini(self, step, call, streamed):
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 10, "totalTokenCount": 20}

        def answer(parts, last):
            candidate = {"index": 0, "content": {"role": "model", "parts": parts}}
            if last:
                candidate["finishReason"] = "STOP"
            return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "stand-in"}

        calls = [{"functionCall": {"id": "fc_%d" % time.time_ns(), "name": call[0], "args": call[1]}}] if call else []
        if not streamed:
            return self.whole(200, answer([{"text": step["say"]}] + calls, True))
        self.stream()
        parts = [[{"text": word}] for word in self.pieces(step)] + [calls or [{"text": ""}]]
        for i, part in enumerate(parts):
            data = ("data: %s\r\n\r\n" % json.dumps(answer(part, i + 1 == len(parts)))).encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
