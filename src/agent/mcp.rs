//! How an agent is given our MCP server for one launch: `[mcp]` of its file. Nothing of the user's is touched. Must not know
//! what the server can do, nor who writes its file.

use super::reader::Reader;
use serde_json::json;
use std::path::Path;
use toml::Spanned;
use toml::de::DeValue;

const KEYS: &[&str] = &["on", "arguments"];

/// `[mcp]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct McpWiring {
    /// Whether it is given; the setting `agents.mcp` decides when this does not.
    pub on: Option<bool>,
    /// Arguments, before the user's own. `{mcp_file}` is a file that tells of the server in the JSON most clients read, `{mcp_toml}`
    /// the same as an inline table.
    pub arguments: Vec<String>,
}

/// The server as a client starts it.
#[derive(Debug, Clone, Copy)]
pub struct McpServer<'a> {
    /// Our program.
    pub program: &'a Path,
    /// Name of the server it is to tell.
    pub server: &'a str,
    /// Environment: some clients hand nothing on.
    pub env: &'a [(String, String)],
}

impl McpServer<'_> {
    fn arguments(&self) -> [&str; 3] {
        ["--server", self.server, "mcp"]
    }

    /// The file.
    pub fn json(&self) -> String {
        let env: serde_json::Map<String, serde_json::Value> = self.env.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        // Some clients want the tools named, others keep them from the model until it searches for them.
        let server = json!({
            "type": "stdio", "command": self.program.to_string_lossy(), "args": self.arguments(), "env": env, "tools": ["*"], "alwaysLoad": true,
        });
        json!({ "mcpServers": { "copilot-tui": server } }).to_string()
    }

    /// The inline table.
    pub fn toml(&self) -> String {
        let text = |t: &str| toml::Value::String(t.to_owned()).to_string();
        let arguments = self.arguments().map(text).join(", ");
        let env: Vec<String> = self.env.iter().map(|(k, v)| format!("{} = {}", text(k), text(v))).collect();
        format!("{{ command = {}, args = [{arguments}], env = {{ {} }} }}", text(&self.program.to_string_lossy()), env.join(", "))
    }
}

impl McpWiring {
    /// The arguments of a launch.
    pub fn arguments(&self, server: &McpServer<'_>, file: &Path) -> Vec<String> {
        let words = [("{mcp_file}", file.to_string_lossy().into_owned()), ("{mcp_toml}", server.toml())];
        let fill = |a: &String| words.iter().fold(a.clone(), |text, (word, value)| text.replace(word, value));
        self.arguments.iter().map(fill).collect()
    }
}

impl Reader<'_> {
    /// `[mcp]`.
    pub(super) fn mcp(&mut self, value: &Spanned<DeValue<'_>>, into: &mut McpWiring) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "on" => match value.get_ref().as_bool() {
                    Some(on) => into.on = Some(on),
                    None => self.wrong_type(value, "true or false"),
                },
                "arguments" => {
                    if let Some(list) = self.texts(value) {
                        into.arguments = list;
                    }
                }
                other => self.unknown(key.span(), other, KEYS),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;

    #[test]
    fn agents_are_told_of_the_server_in_their_own_way() {
        let env = [("HOME".to_owned(), "/h \"x\"".to_owned())];
        let server = McpServer { program: Path::new("/bin/copilot-tui"), server: "work", env: &env };
        let file: serde_json::Value = serde_json::from_str(&server.json()).unwrap();
        assert_eq!(file["mcpServers"]["copilot-tui"]["args"], json!(["--server", "work", "mcp"]));
        let table: toml::Table = format!("x = {}", server.toml()).parse().unwrap();
        assert_eq!(table["x"]["env"]["HOME"].as_str(), Some("/h \"x\""));
        let catalog = Catalog::builtin();
        for (agent, part) in
            [("claude", "/s/mcp.json"), ("copilot", "@/s/mcp.json"), ("codex", "mcp_servers.copilot-tui={ command = \"/bin/copilot-tui\"")]
        {
            let spec = catalog.get(agent).unwrap();
            let arguments = spec.mcp.arguments(&server, Path::new("/s/mcp.json"));
            assert!(arguments.iter().any(|a| a.contains(part)), "{arguments:?}");
            assert_eq!(spec.mcp.on, None, "only when it is asked for");
        }
    }
}
