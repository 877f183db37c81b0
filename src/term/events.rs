//! The queue of events an engine fills: bounded, with repeats folded. Must not know who reads it.

use super::event::Event;

/// Events that wait for a reader.
const MAX_WAITING: usize = 1024;
/// Bytes of clipboard writes that wait for a reader.
const MAX_CLIPBOARD_WAITING: usize = 1024 * 1024;

/// Events not yet taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    waiting: Vec<Event>,
    clipboard_bytes: usize,
    dropped: u64,
}

impl Events {
    /// Adds an event. A title replaces the title just before it, a bell on a bell is one; what is too much is counted.
    pub(crate) fn push(&mut self, event: Event) {
        match (self.waiting.last_mut(), &event) {
            // What came between two bells and was dropped makes them two.
            (Some(last @ Event::Title(_)), Event::Title(_)) | (Some(last @ Event::Bell), Event::Bell)
                if self.dropped == 0 || matches!(event, Event::Title(_)) =>
            {
                *last = event;
                return;
            }
            _ => {}
        }
        if let Event::Clipboard(c) = &event {
            if self.clipboard_bytes + c.data.len() > MAX_CLIPBOARD_WAITING {
                self.dropped += 1;
                return;
            }
            self.clipboard_bytes += c.data.len();
        }
        if self.waiting.len() >= MAX_WAITING {
            self.dropped += 1;
            return;
        }
        self.waiting.push(event);
    }

    /// Everything that waits.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        let mut out = std::mem::take(&mut self.waiting);
        self.clipboard_bytes = 0;
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            out.push(Event::Dropped(dropped));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_events_is_bounded_and_counted() {
        let mut events = Events::default();
        for i in 0..5000 {
            events.push(Event::Status(i.to_string()));
        }
        let got = events.take();
        assert_eq!(got.len(), MAX_WAITING + 1);
        assert_eq!(got.last(), Some(&Event::Dropped(5000 - MAX_WAITING as u64)));
        for t in ["a", "b", "c"] {
            events.push(Event::Title(t.into()));
        }
        assert_eq!(events.take(), [Event::Title("c".into())]);
    }
}
