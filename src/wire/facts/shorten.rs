//! A session's facts cut down to what certainly fits beside others into a message. Must not know messages or sockets.

use super::Session;

/// Bytes of a text, and entries of a list, that stay.
const TEXT: usize = 300;
const FEW: usize = 10;

/// Cuts a text at a whole character.
fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let mut end = most.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push('…');
}

/// Keeps the newest of a list, which stand at its end.
fn newest<T>(list: &mut Vec<T>) {
    list.drain(..list.len().saturating_sub(FEW));
}

impl Session {
    /// Keeps ten entries of every list (of errors, phases and hand-offs the newest, of the others the first; 40 options of a question)
    /// and the beginning of every long text: some 60 KiB at most. It says so by `shortened`.
    pub fn shorten(&mut self) {
        self.shortened = true;
        for text in [&mut self.task, &mut self.title].into_iter().chain(&mut self.note).chain(self.command.iter_mut()) {
            cut(text, TEXT);
        }
        self.command.truncate(FEW);
        newest(&mut self.errors);
        for e in &mut self.errors {
            cut(&mut e.title, TEXT);
            let parts = [&mut e.issue, &mut e.context, &mut e.suggestion, &mut e.action, &mut e.status, &mut e.file, &mut e.function];
            parts.into_iter().flatten().for_each(|t| cut(t, TEXT));
        }
        if let Some(w) = &mut self.waiting_for {
            w.shorten_changes();
            cut(&mut w.text, 16 * TEXT);
            w.options.truncate(4 * FEW);
            let parts = [&mut w.tool, &mut w.cwd, &mut w.note];
            parts.into_iter().flatten().chain(&mut w.options).for_each(|t| cut(t, TEXT));
        }
        if let Some(p) = &mut self.progress {
            p.items.truncate(FEW);
            for i in &mut p.items {
                cut(&mut i.name, TEXT);
                i.current.iter_mut().for_each(|t| cut(t, TEXT));
            }
            p.current.iter_mut().for_each(|t| cut(t, TEXT));
        }
        self.plan.truncate(FEW);
        self.plan.iter_mut().for_each(|s| cut(&mut s.text, TEXT));
        newest(&mut self.phases);
        self.phases.iter_mut().chain(&mut self.phase).for_each(|p| cut(&mut p.text, TEXT));
        self.children.truncate(FEW);
        for c in &mut self.children {
            cut(&mut c.id, TEXT);
            [&mut c.title, &mut c.text].into_iter().flatten().for_each(|t| cut(t, TEXT));
        }
        newest(&mut self.handoffs);
        for h in &mut self.handoffs {
            cut(&mut h.text, TEXT);
            h.points.truncate(FEW);
            h.points.iter_mut().for_each(|t| cut(t, TEXT));
        }
    }
}
