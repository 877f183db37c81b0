//! What an agent's log tells of tokens, cost and limits. Must not know any agent's log.

use super::record::rfc3339;
use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Source;
use crate::wire::facts::{ErrorReport, Usage};

/// Limits of one agent.
const LIMITS: usize = 8;

impl World {
    /// What is told replaces what was told before; what is not told stays.
    pub(super) fn usage(&mut self, id: &SessionId, new: Usage, now: Now, out: &mut Outcome) {
        let mut hit = None;
        self.change_quietly(id, |r| {
            let old = r.facts.usage.take().unwrap_or_default();
            let spent = |u: &Usage| u.limits.iter().find(|l| l.used_percent.is_some_and(|p| p >= 100.0)).cloned();
            let before = spent(&old);
            let mut u = Usage {
                model: new.model.map(|m| safe_line(&m, 60)).or(old.model),
                input_tokens: new.input_tokens.or(old.input_tokens),
                output_tokens: new.output_tokens.or(old.output_tokens),
                context_tokens: new.context_tokens.or(old.context_tokens),
                context_window: new.context_window.or(old.context_window),
                context_left_percent: None,
                cost_usd: new.cost_usd.or(old.cost_usd),
                limits: if new.limits.is_empty() { old.limits } else { new.limits },
                at_ms: now.wall_ms,
            };
            u.limits.truncate(LIMITS);
            for l in &mut u.limits {
                l.name = safe_line(&l.name, 40);
                l.resets = l.resets.take().map(|t| safe_line(&t, 40));
            }
            if let (Some(used), Some(window)) = (u.context_tokens, u.context_window.filter(|w| *w > 0)) {
                u.context_left_percent = Some((1.0 - used.min(window) as f64 / window as f64) * 100.0).map(|p| p.round());
            }
            hit = spent(&u).filter(|_| before.is_none());
            r.facts.usage = Some(u);
        });
        if let Some(limit) = hit {
            let until = limit.resets.clone().unwrap_or_else(|| rfc3339(now.wall_ms));
            let error = ErrorReport {
                title: format!("rate limit reached: {}", limit.name),
                issue: limit.resets.as_ref().map(|t| format!("it begins anew at {t}")),
                until: limit.resets.is_some().then_some(until),
                source: Source::Log.word().into(),
                ..ErrorReport::default()
            };
            self.add_error(id, error, now, out);
        }
    }
}
