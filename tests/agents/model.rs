//! The stand-in model as a test sees it: started, and what it heard and said. Must not know agents.

use super::support::World;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The stand-in for a model. It ends with the test, however that ends: its standard input closes.
pub struct Model {
    child: Child,
    pub port: u16,
    log: PathBuf,
}

impl Model {
    pub fn start(w: &World) -> Result<Model, String> {
        let log = w.path("model.jsonl");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/model_server.py");
        let mut child = Command::new("python3")
            .args([Path::new(script), &log, &w.path("outside.txt")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("python3 cannot be run: {e}"))?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
        let port = line.trim().parse().map_err(|_| "the stand-in model did not start (python3 3.8 or newer?)")?;
        Ok(Model { child, port, log })
    }

    pub fn entries(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect()
    }

    /// When the model last did something, in milliseconds since the Unix epoch.
    pub fn last(&self, what: &str, scenario: &str) -> u64 {
        let found = self.entries().into_iter().rev().find(|e| e[what] == scenario);
        found.and_then(|e| e["at"].as_u64()).unwrap_or_else(|| panic!("the model never {what} {scenario}"))
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
