//! Reports and errors become facts. Must not know who sent them.

use super::{Effect, Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::{Signal, Source, Step};
use crate::wire::facts::{ErrorReport, ProgressItem};
use crate::wire::message::Level;
use crate::wire::report::Report;

/// Steps of one plan.
const STEPS: usize = 200;

fn line(text: &str) -> String {
    safe_line(text, 300)
}

impl World {
    pub(super) fn report(&mut self, id: &SessionId, report: Report, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        // What is noted of a session may come after its end.
        if r.facts.state.ended() && !matches!(report, Report::Note { .. }) {
            out.refused = Some(format!("#{} has ended", r.facts.number));
            return;
        }
        match report {
            Report::Progress { done, total, item, current } => {
                if done > total {
                    out.refused = Some(format!("progress {done}/{total}: more is done than there is"));
                    return;
                }
                let current = current.as_deref().map(line);
                let steps = match item.as_deref().map(line) {
                    None => [Some(Step::Count(done, total)), current.map(Step::Current)].into_iter().flatten().collect(),
                    Some(name) => {
                        let state = if done >= total { "done" } else { "working" }.to_owned();
                        vec![Step::Item(ProgressItem { name, done, total, current, state, ..ProgressItem::default() })]
                    }
                };
                self.steps(id, Source::Report, steps, now, out);
            }
            Report::Phase { number, text } => {
                let text = line(&text);
                self.phase(id, number, text, false, now, out);
            }
            Report::Plan { mut steps } => {
                steps.truncate(STEPS);
                for s in &mut steps {
                    s.text = line(&s.text);
                    s.state = line(&s.state);
                }
                self.log(id, "note", format!("plan of {} steps", steps.len()), now, out);
                self.change(id, out, |r| r.facts.plan = steps);
            }
            Report::Error { title, issue, context, suggestion, action, status } => {
                let f = |t: Option<String>| t.as_deref().map(line);
                let error = ErrorReport {
                    title: line(&title),
                    issue: f(issue),
                    context: f(context),
                    suggestion: f(suggestion),
                    action: f(action),
                    status: f(status),
                    time: String::new(),
                    count: 1,
                    source: "report".into(),
                    ..ErrorReport::default()
                };
                self.add_error(id, error, now, out);
            }
            Report::Note { text } => {
                let text = line(&text);
                if text.trim().is_empty() {
                    out.refused = Some("an empty note says nothing".into());
                    return;
                }
                self.log(id, "note", text.clone(), now, out);
                self.change(id, out, |r| r.facts.note = Some(text));
            }
            Report::State { state, text } => {
                let signal = Signal { source: Source::Report, state, text: text.as_deref().map(line), kind: None, at_ms: now.wall_ms };
                self.signal(id, signal, now, out);
            }
            Report::Handoff { text } => {
                let handoff = super::handoff::of_report(&text);
                if handoff.text.is_empty() {
                    out.refused = Some("an empty hand-off says nothing".into());
                    return;
                }
                self.change(id, out, |r| r.facts.note = Some(handoff.text.clone()));
                self.hand_off(id, handoff, now, out);
            }
        }
    }

    pub(super) fn notice(&mut self, id: &SessionId, level: Level, title: String, text: String, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.kind.watches() {
            return;
        }
        let title = format!("#{} {} {title}", r.facts.number, r.facts.name);
        out.effects.push(Effect::Notice { level, id: id.clone(), title, text });
    }
}
