//! The command line: arguments to requests, answers to text or JSON. Works without the full-screen app. Must not know drawing.

mod answer;
pub mod args;
mod attach;
mod config;
mod conn;
mod delegate;
mod demo;
mod doctor;
mod error;
mod escalate;
mod explain;
mod hook;
mod mcp;
mod new;
mod print;
mod search;
mod server;
mod sessions;
mod settings;
mod talk;
mod watch;

use crate::ipc::Paths;
use crate::wire::op::Answer;
use args::{Cli, Verb};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use error::{CliError, USAGE};
use std::process::ExitCode;

type Done = Result<ExitCode, CliError>;

/// What every verb needs to know of the call.
pub(crate) struct Call {
    paths: Paths,
    server: String,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    if let Some(server) = background_server(std::env::args_os().skip(1)) {
        return match Paths::from_env(&server) {
            Ok(paths) => server::run(paths),
            Err(e) => {
                CliError::usage(e, "").print(false);
                ExitCode::from(USAGE)
            }
        };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let e = nearest_verb(e);
            let fine = matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if !fine && asks_for_json(std::env::args_os()) {
                usage_error(&e.to_string()).print(true);
            } else {
                let _ = e.print();
            }
            return if fine { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
        }
    };
    let json = wants_json(&cli);
    match run(cli) {
        Ok(code) => code,
        Err(e) => {
            e.print(json);
            ExitCode::from(e.code())
        }
    }
}

/// Names the verb that was meant by a slip of the fingers: letters in another order count as one slip.
fn nearest_verb(mut e: clap::Error) -> clap::Error {
    if e.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(typed)) = e.get(ContextKind::InvalidSubcommand)
    {
        let command = Cli::command();
        let verbs = command.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| c.get_name());
        let near = verbs.map(|v| (strsim::damerau_levenshtein(typed, v), v)).filter(|(d, v)| *d <= 2 && *d < v.len()).min();
        if let Some((_, verb)) = near {
            let verb = ContextValue::Strings(vec![verb.to_owned()]);
            e.insert(ContextKind::SuggestedSubcommand, verb);
        }
    }
    e
}

fn run(cli: Cli) -> Done {
    let verb = match cli.verb {
        Some(Verb::Completions { shell }) => {
            // Into memory first: a reader that goes (`| head`) is no error.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "copilot-tui", &mut script);
            out(&String::from_utf8_lossy(&script));
            return Ok(ExitCode::SUCCESS);
        }
        Some(Verb::Reset) => return attach::reset(),
        Some(Verb::Keys) => return attach::keys(),
        verb => verb,
    };
    let server = match (cli.server, std::env::var("COPILOT_TUI_SERVER")) {
        (s, Ok(own)) if s == "default" && conn::inside() => own,
        (s, _) => s,
    };
    let paths = Paths::from_env(&server).map_err(|e| CliError::usage(e, ""))?;
    let call = Call { paths, server };
    match verb {
        None => attach::attach(&call, None, cli.read_only),
        Some(Verb::Attach { session, read_only }) => attach::attach(&call, session, read_only || cli.read_only),
        Some(Verb::New(args)) => new::new(&call, args),
        Some(Verb::Sessions(args)) => sessions::sessions(&call, args),
        Some(Verb::Send { session, text, queue, interrupt, no_submit, json }) => talk::send(&call, session, text, queue, interrupt, no_submit, json),
        Some(Verb::Approve { session, prompt, json }) => answer::answer(&call, session, prompt, Answer::Allow, json),
        Some(Verb::Deny { session, reason, prompt, json }) => answer::answer(&call, session, prompt, Answer::Deny { reason }, json),
        Some(Verb::Answer { session, answer: said, prompt, json }) => {
            let said = match said.parse() {
                Ok(number) => Answer::Choose { number },
                Err(_) => Answer::Text { text: said },
            };
            answer::answer(&call, session, prompt, said, json)
        }
        Some(Verb::Hook { agent, event, data }) => hook::hook(&call, agent, event, data),
        Some(Verb::Read { session, lines, format, json }) => talk::read(&call, session, lines, if json { args::Format::Json } else { format }),
        Some(Verb::Search { text, fixed, limit, json }) => search::search(&call, text, fixed, limit, json),
        Some(Verb::Wait { session, until, timeout, json }) => talk::wait(&call, session, &until, timeout.as_deref(), json),
        Some(Verb::Report { session, json, what }) => talk::report(&call, session, json, what),
        Some(Verb::Server { what }) => server::server(&call, what),
        Some(Verb::Config { log_level, log_file, json, what }) => config::config(&call, log_level, log_file, what, json),
        Some(Verb::Doctor { repair, orphans, json }) => doctor::doctor(&call, repair, orphans, json),
        Some(Verb::Delegate(args)) => delegate::delegate(&call, args),
        Some(Verb::Handoff { session, attach, json }) => delegate::handoff(&call, session, attach, json),
        Some(Verb::Escalate(args)) => escalate::escalate(&call, args),
        Some(Verb::Mcp) => mcp::mcp(call),
        Some(Verb::Demo { dir, no_attach, json }) => demo::demo(&call, dir, no_attach, json),
        Some(Verb::Completions { .. } | Verb::Reset | Verb::Keys) => Ok(ExitCode::SUCCESS), // done above
    }
}

/// The name in a call as [`crate::ipc`] makes it for a server in the background. It is read by hand: what parses the command
/// line would stay in the memory of a process that lives for weeks.
fn background_server(mut args: impl Iterator<Item = std::ffi::OsString>) -> Option<String> {
    let known = ["server", "run", "--server"].iter().all(|word| args.next().is_some_and(|a| a == *word));
    let name = args.next().filter(|_| known)?.into_string().ok()?;
    (args.next().is_none() && !name.starts_with('-')).then_some(name)
}

/// Whether a call that could not be understood wanted JSON.
fn asks_for_json(args: impl Iterator<Item = std::ffi::OsString>) -> bool {
    args.take_while(|a| a != "--").any(|a| a == "--json")
}

/// A message of clap, as the error of the contract: what is wrong, then its tips.
fn usage_error(text: &str) -> CliError {
    let mut parts = text.split("\n\n").map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = parts.next().unwrap_or_default();
    let tips: Vec<String> = parts.filter_map(|p| p.strip_prefix("tip: ").map(|t| t.replace(" tip: ", "; "))).collect();
    let hint = if tips.is_empty() { "--help shows how it is called".to_owned() } else { tips.join("; ") };
    CliError::usage(message.strip_prefix("error: ").unwrap_or(&message), hint)
}

fn wants_json(cli: &Cli) -> bool {
    use args::{ServerVerb, SessionsWord};
    match &cli.verb {
        Some(Verb::New(a)) => a.json,
        Some(Verb::Delegate(a)) => a.json,
        Some(Verb::Escalate(a)) => a.json,
        Some(Verb::Handoff { json, .. }) => *json,
        Some(Verb::Sessions(a)) => match &a.word {
            Some(SessionsWord::List { json } | SessionsWord::Stop { json, .. }) => *json,
            Some(
                SessionsWord::Show(o)
                | SessionsWord::Explain(o)
                | SessionsWord::Monitor(o)
                | SessionsWord::Debug(o)
                | SessionsWord::Pause(o)
                | SessionsWord::Resume(o)
                | SessionsWord::Dismiss(o)
                | SessionsWord::Mute(o)
                | SessionsWord::Unmute(o),
            ) => o.json,
            Some(SessionsWord::Diagnose { .. }) => true,
            Some(SessionsWord::Replay { .. }) => false,
            None => a.json,
        },
        Some(Verb::Search { json, .. } | Verb::Send { json, .. } | Verb::Wait { json, .. } | Verb::Report { json, .. } | Verb::Demo { json, .. }) => {
            *json
        }
        Some(Verb::Approve { json, .. } | Verb::Deny { json, .. } | Verb::Answer { json, .. }) => *json,
        Some(Verb::Read { json, format, .. }) => *json || *format == args::Format::Json,
        Some(Verb::Config { json, .. } | Verb::Doctor { json, .. }) => *json,
        Some(Verb::Server { what: ServerVerb::Status { json } }) => *json,
        _ => false,
    }
}

/// Prints a line; a reader that went away (`| head`) ends the program quietly.
fn out(text: &str) {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Prints a value as JSON.
fn out_json(value: &serde_json::Value) {
    out(&format!("{value}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_and_words_are_both_understood() {
        for line in [
            "copilot-tui",
            "copilot-tui sessions --list --json",
            "copilot-tui sessions list --json",
            "copilot-tui sessions --stop all --force",
            "copilot-tui sessions --diagnose session-id-123 --include performance,resources,conflicts --output diagnostics-report.json",
            "copilot-tui config --log-level debug --log-file background-agent.log",
            "copilot-tui attach 3 --read-only --server x",
            "copilot-tui new --name b --attach -- sh -c true",
            "copilot-tui report progress 1/2 --item Files --current a.js",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        for line in ["copilot-tui sessions --list --pause 3", "copilot-tui sesions", "copilot-tui new --kindd x"] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
