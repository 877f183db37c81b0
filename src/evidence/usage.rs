//! Tokens, cost and limits from an agent's log, by the rules of its file. Pure: it is handed parsed events. Must not know any
//! agent.

use crate::wire::facts::{Usage, UsageLimit};
use serde_json::Value;

/// Where an event of a log says what was used. Places are JSON pointers (RFC 6901); of several numbers the sum is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageRule {
    /// The event's `type`.
    pub event: String,
    /// Place and text that must be there, too.
    pub only: Option<(String, String)>,
    /// The model.
    pub model: Option<String>,
    /// Tokens read.
    pub input: Vec<String>,
    /// Tokens written.
    pub output: Vec<String>,
    /// Tokens in the context now.
    pub context: Vec<String>,
    /// Room of the context.
    pub window: Option<String>,
    /// Cost in US dollars.
    pub cost: Option<String>,
    /// Objects with `used_percent`, `window_minutes` and `resets_at` (seconds since the Unix epoch) or `resets_in_seconds`.
    pub limits: Vec<String>,
    /// Input and output are of one answer and are added up; without, they are of the whole conversation.
    pub adds: bool,
}

/// What an event says, with the sums so far.
#[derive(Debug, Clone, Default)]
pub struct UsageReader {
    input: u64,
    output: u64,
    /// Id of the answer counted last: some logs write one answer as several lines.
    last: Option<String>,
}

fn number(event: &Value, place: &str) -> Option<u64> {
    event.pointer(place).and_then(|v| v.as_u64().or_else(|| v.as_f64().filter(|f| *f >= 0.0).map(|f| f as u64)))
}

fn sum(event: &Value, places: &[String]) -> Option<u64> {
    places.iter().filter_map(|p| number(event, p)).reduce(u64::saturating_add)
}

fn limit(event: &Value, place: &str, now_ms: u64) -> Option<UsageLimit> {
    let l = event.pointer(place)?;
    let used = l.get("used_percent").and_then(Value::as_f64)?;
    let name = match l.get("window_minutes").and_then(Value::as_u64) {
        Some(m) if m % 1440 == 0 => format!("{} d", m / 1440),
        Some(m) if m % 60 == 0 => format!("{} h", m / 60),
        Some(m) => format!("{m} min"),
        None => place.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let at = l.get("resets_at").and_then(Value::as_i64).map(|s| s.saturating_mul(1000));
    let after = l.get("resets_in_seconds").and_then(Value::as_i64).map(|s| (now_ms as i64).saturating_add(s.saturating_mul(1000)));
    let resets = at.or(after).and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    Some(UsageLimit { name, used_percent: Some(used), resets })
}

impl UsageReader {
    /// What an event of this `kind` says, if a rule knows it.
    pub fn event(&mut self, rules: &[UsageRule], kind: &str, event: &Value, now_ms: u64) -> Option<Usage> {
        let text = |place: &str| event.pointer(place).and_then(Value::as_str);
        let r = rules.iter().find(|r| r.event == kind && r.only.as_ref().is_none_or(|(place, want)| text(place) == Some(want)))?;
        let (mut input, mut output) = (sum(event, &r.input), sum(event, &r.output));
        if r.adds {
            let id = text("/message/id").or_else(|| text("/id")).map(str::to_owned);
            if id.is_none() || id != self.last {
                self.input = self.input.saturating_add(input.unwrap_or(0));
                self.output = self.output.saturating_add(output.unwrap_or(0));
            }
            self.last = id;
            (input, output) = (input.map(|_| self.input), output.map(|_| self.output));
        }
        let u = Usage {
            model: r.model.as_deref().and_then(text).map(str::to_owned),
            input_tokens: input,
            output_tokens: output,
            context_tokens: sum(event, &r.context),
            context_window: r.window.as_deref().and_then(|p| number(event, p)),
            cost_usd: r.cost.as_deref().and_then(|p| event.pointer(p)).and_then(Value::as_f64),
            limits: r.limits.iter().filter_map(|p| limit(event, p, now_ms)).collect(),
            ..Usage::default()
        };
        (u != Usage::default()).then_some(u)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_found_by_their_places_and_added_up_where_asked() {
        let rules = [
            UsageRule {
                event: "event_msg".into(),
                only: Some(("/payload/type".into(), "token_count".into())),
                input: vec!["/payload/info/total/in".into()],
                context: vec!["/payload/info/last".into()],
                window: Some("/payload/info/window".into()),
                limits: vec!["/payload/limits/primary".into()],
                ..UsageRule::default()
            },
            UsageRule { event: "assistant".into(), output: vec!["/message/usage/out".into()], adds: true, ..UsageRule::default() },
        ];
        let mut r = UsageReader::default();
        let count = json!({"payload": {"type": "token_count", "info": {"total": {"in": 1200}, "last": 600, "window": 1000}, "limits": {"primary": {"used_percent": 12.5, "window_minutes": 300, "resets_in_seconds": 60}}}});
        let u = r.event(&rules, "event_msg", &count, 0).unwrap();
        assert_eq!((u.input_tokens, u.context_tokens, u.context_window), (Some(1200), Some(600), Some(1000)));
        assert_eq!(u.limits, [UsageLimit { name: "5 h".into(), used_percent: Some(12.5), resets: Some("1970-01-01T00:01:00Z".into()) }]);
        assert_eq!(r.event(&rules, "event_msg", &json!({"payload": {"type": "other"}}), 0), None);
        let answer = |id: &str, out: u64| json!({"message": {"id": id, "usage": {"out": out}}});
        r.event(&rules, "assistant", &answer("a", 10), 0);
        r.event(&rules, "assistant", &answer("a", 10), 0);
        assert_eq!(r.event(&rules, "assistant", &answer("b", 5), 0).unwrap().output_tokens, Some(15));
    }
}
