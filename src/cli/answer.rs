//! `approve`, `deny`, `answer`: what a session asks, answered by a person. Must not know how an answer travels.

use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, new, out, out_json};
use crate::base::text::safe_line;
use crate::wire::Op;
use crate::wire::op::Answer;
use std::process::ExitCode;

/// Answers what a session asks: the prompt that stands, or the one named.
pub fn answer(call: &Call, session: String, prompt: Option<String>, answer: Answer, json: bool) -> Done {
    let mut conn = Conn::open(&call.paths, true)?;
    let unseen = prompt.is_none();
    let before = new::parse(conn.request(Op::Show { session: session.clone(), peek: true })?)?;
    let waiting = before.waiting_for.clone();
    // The answer is for what stands now and for nothing that may come up before it arrives.
    let prompt = prompt.or_else(|| waiting.as_ref().and_then(|w| w.id.clone()));
    let word = match &answer {
        Answer::Allow => "allowed",
        Answer::Deny { .. } => "denied",
        Answer::Choose { .. } | Answer::Text { .. } => "answered",
    };
    if let (Answer::Choose { number }, Some(w)) = (&answer, &waiting)
        && !w.options.is_empty()
        && (*number == 0 || *number as usize > w.options.len())
    {
        return Err(CliError::usage(format!("#{} has no option {number}", before.number), format!("it has 1 to {}", w.options.len())));
    }
    let value = conn.request(Op::Answer { session, prompt, unseen, answer })?;
    if json {
        out_json(&value);
    } else {
        let text = waiting.map(|w| w.text).unwrap_or_default();
        out(&format!("{word} for #{} {}: {}\n", before.number, before.name, safe_line(&text, 200)));
    }
    Ok(ExitCode::SUCCESS)
}
