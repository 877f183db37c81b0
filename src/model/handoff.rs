//! What a session hands over or offers to: kept with its points until somebody has looked. Must not know where it is shown.

use super::record::rfc3339;
use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Source;
use crate::wire::facts::Handoff;
use crate::wire::message::Level;

/// Kept of one session.
const HANDOFFS: usize = 20;
/// Points of one.
const POINTS: usize = 20;

/// The hand-off a session reported in its own words: its first line, and the lines that are points (`1.`, `*`, `-`); without such
/// lines all others are points.
pub(super) fn of_report(text: &str) -> Handoff {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let head = safe_line(lines.next().unwrap_or_default(), 300);
    let point = |l: &str| {
        let rest = l.strip_prefix(['*', '-', '•']).or_else(|| {
            let digits = l.len() - l.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (1..=2).contains(&digits).then(|| l.get(digits..)).flatten().and_then(|r| r.strip_prefix(['.', ')']))
        })?;
        rest.strip_prefix(' ').map(|t| safe_line(t.trim(), 300))
    };
    let rest: Vec<&str> = lines.take(200).collect();
    let mut points: Vec<String> = rest.iter().filter_map(|l| point(l)).collect();
    if points.is_empty() {
        points = rest.iter().map(|l| safe_line(l, 300)).collect();
    }
    points.truncate(POINTS);
    Handoff { kind: "handoff".into(), text: head, points, source: Source::Report.word().into(), ..Handoff::default() }
}

impl World {
    pub(super) fn hand_off(&mut self, id: &SessionId, mut handoff: Handoff, now: Now, out: &mut Outcome) {
        (handoff.time, handoff.open) = (rfc3339(now.wall_ms), true);
        let (text, points) = (handoff.text.clone(), handoff.points.clone());
        let what = match handoff.kind.as_str() {
            "escalation" => "asks for a hand-over to the cloud",
            "delegation" => "offers to go on in the background",
            _ => "hands over to you",
        };
        let word = handoff.kind.clone();
        let mut again = false;
        self.change(id, out, |r| {
            r.facts.unread = true;
            // Told again with more points, it is the same one.
            if let Some(i) = r.facts.handoffs.iter().position(|h| h.kind == handoff.kind && h.text == handoff.text) {
                again = r.facts.handoffs.remove(i).points == handoff.points;
            }
            r.facts.handoffs.push(handoff);
            if r.facts.handoffs.len() > HANDOFFS {
                r.facts.handoffs.remove(0);
            }
        });
        if again {
            return;
        }
        self.log(id, "note", format!("{word}: {text}"), now, out);
        for p in points {
            self.log(id, "note", p, now, out);
        }
        self.notice(id, Level::Attention, what.into(), text, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_of_a_report_are_its_marked_lines() {
        let h = of_report("Found 2 issues\n\n1. types in a.ts\n  see there\n2) b.ts\n");
        assert_eq!((h.text.as_str(), h.points), ("Found 2 issues", vec!["types in a.ts".to_owned(), "b.ts".to_owned()]));
        assert_eq!(of_report("all done\nplease review").points, ["please review"]);
        assert_eq!(of_report("\n").text, "");
    }
}
