//! Where signals come from, and which source has more to say. Must not know what any of them said.

use serde::{Deserialize, Serialize};

/// Where a signal came from, highest authority first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The leader's exit status.
    Exit,
    /// A person paused or stopped it.
    Person,
    /// An explicit report of the session.
    Report,
    /// The program status protocol, OSC 7501.
    Osc7501,
    /// The agent's own log.
    Log,
    /// A hook that the agent ran ([`super::hook`]).
    Hook,
    /// A notification (OSC 9, 99, 777) whose words an agent's file knows.
    Notice,
    /// OSC 9;4 progress and OSC 133 marks.
    Osc,
    /// The title of its terminal.
    Title,
    /// A rule about the text it wrote.
    Screen,
    /// BEL.
    Bell,
    /// What the kernel says of its processes.
    Process,
    /// Output, or the lack of it.
    Silence,
}

impl Source {
    /// All sources in the order of authority.
    pub const ALL: [Source; 13] = [
        Source::Exit,
        Source::Person,
        Source::Report,
        Source::Osc7501,
        Source::Log,
        Source::Hook,
        Source::Notice,
        Source::Osc,
        Source::Title,
        Source::Screen,
        Source::Bell,
        Source::Process,
        Source::Silence,
    ];

    /// The word for it in the JSON contract and in agents' files.
    pub fn word(self) -> &'static str {
        match self {
            Source::Exit => "exit",
            Source::Person => "person",
            Source::Report => "report",
            Source::Osc7501 => "osc7501",
            Source::Log => "log",
            Source::Hook => "hook",
            Source::Notice => "notice",
            Source::Osc => "osc",
            Source::Title => "title",
            Source::Screen => "screen",
            Source::Bell => "bell",
            Source::Process => "process",
            Source::Silence => "silence",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Source::Exit => "its exit status",
            Source::Person => "a person",
            Source::Report => "its own report",
            Source::Osc7501 => "its status protocol (OSC 7501)",
            Source::Log => "the agent's log",
            Source::Hook => "the agent's hook",
            Source::Notice => "its notification (OSC 9, 99, 777)",
            Source::Osc => "its progress or prompt marks (OSC 9;4, 133)",
            Source::Title => "the title of its terminal",
            Source::Screen => "a rule about the text it wrote",
            Source::Bell => "its bell",
            Source::Process => "its processes",
            Source::Silence => "output, or the lack of it",
        }
    }

    /// The source with this word.
    pub fn parse(word: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|s| s.word() == word)
    }

    /// An exit, a person and a report stand above all; the others an agent's file may put in another order.
    pub fn movable(self) -> bool {
        self > Source::Report
    }

    /// How sure a state from this source is, 0 to 1.
    pub fn confidence(self) -> f64 {
        match self {
            Source::Exit | Source::Person => 1.0,
            Source::Report | Source::Osc7501 => 0.95,
            Source::Log | Source::Hook => 0.9,
            Source::Notice | Source::Osc => 0.8,
            Source::Title => 0.75,
            Source::Screen => 0.6,
            Source::Bell => 0.45,
            Source::Process => 0.7,
            Source::Silence => 0.4,
        }
    }
}

/// An order of authority in which some sources have changed places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Order(Vec<Source>);

impl Order {
    /// The sources of `wanted` share the places they have by default, in the order in which they are named. Sources that may not
    /// be moved and repeats are left out.
    pub fn new(wanted: impl IntoIterator<Item = Source>) -> Order {
        let mut list: Vec<Source> = Vec::new();
        for s in wanted.into_iter().filter(|s| s.movable()) {
            if !list.contains(&s) {
                list.push(s);
            }
        }
        Order(list)
    }

    /// Place of a source: a lower one has more to say.
    pub fn rank(&self, source: Source) -> usize {
        let Some(at) = self.0.iter().position(|s| *s == source) else { return source as usize };
        let mut places: Vec<usize> = self.0.iter().map(|s| *s as usize).collect();
        places.sort_unstable();
        places.get(at).copied().unwrap_or(source as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_change_places_only_among_themselves() {
        let plain = Order::default();
        assert!(Source::ALL.windows(2).all(|w| plain.rank(w[0]) < plain.rank(w[1])));
        let order = Order::new([Source::Hook, Source::Exit, Source::Osc7501, Source::Hook]);
        assert_eq!(order.rank(Source::Hook), Source::Osc7501 as usize);
        assert_eq!(order.rank(Source::Osc7501), Source::Hook as usize);
        assert_eq!((order.rank(Source::Exit), order.rank(Source::Log)), (0, Source::Log as usize));
        for s in Source::ALL {
            assert_eq!(Source::parse(s.word()), Some(s));
        }
    }
}
