//! Toasts in the upper right corner of the panes; of a panel that stands there in its title line, below a dialog in the lower
//! corner. They never move anything. Must not know what they are about.

use super::sheet::Sheet;
use crate::app::modes::{Layer, wrapped};
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::Role;
use crate::wire::message::Level;

/// Columns under which a toast may take the whole width.
const NARROW: u16 = 60;
/// Columns of a toast at most where there is more room.
const WIDEST: u16 = 72;

/// Lays the toasts, the newest in the corner.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let screen = areas.screen;
    let first = areas.panes.y + u16::from(areas.titles);
    // What is typed stays in sight, and all of what is read: a yes counts only for what was seen.
    let below = app.layers.last().is_some_and(Layer::is_window);
    let panel = areas.panel.filter(|p| !below && p.y <= first && p.right() == screen.w);
    // In a dialog the eyes are in the middle: one toast is enough.
    let most = if matches!(app.layers.last(), Some(Layer::Dialog(_))) || screen.h < 16 || panel.is_some() { 1 } else { 4 };
    let (mut top, mut bottom) = (panel.map_or(first, |p| p.y), areas.panes.bottom());
    let cols = if screen.w < NARROW { screen.w.saturating_sub(1) } else { (screen.w * 2 / 3).min(WIDEST).min(areas.panes.w.saturating_sub(1)) };
    for t in app.toasts.all().iter().rev().take(most) {
        let role = match t.level {
            Level::Info => Role::Info,
            Level::Success => Role::Success,
            Level::Attention => Role::Waiting,
            Level::Error => Role::Error,
        };
        let word = match t.level {
            Level::Error => "error  ",
            Level::Attention if !t.title.ends_with("needs you") => "needs you  ",
            _ => "",
        };
        let count = if t.count > 1 { format!("  {}x", t.count) } else { String::new() };
        let most_w = usize::from(cols).saturating_sub(2);
        let head = format!("{word}{}{count}", t.title);
        // What is too long for one row goes on below, as far as there is room for it.
        let heads = rows(&head, most_w, if screen.h >= 10 && panel.is_none() { 2 } else { 1 });
        let more = Some(t.text.as_str()).filter(|m| !m.is_empty() && screen.h >= 16 && panel.is_none());
        let more = more.map_or_else(Vec::new, |m| rows(m, most_w, if screen.h >= 30 { 3 } else { 2 }));
        let w = heads.iter().chain(&more).map(|l| text::width(l)).max().unwrap_or(0) as u16 + 2;
        let h = (heads.len() + more.len()) as u16;
        if top + h > bottom {
            break;
        }
        let y = if below { bottom - h } else { top };
        if below {
            bottom -= h;
        } else {
            top += h;
        }
        let rect = Rect::new(screen.w.saturating_sub(w + 1), y, w, h);
        sheet.fill(rect, Role::Toast);
        if let [one] = heads.as_slice() {
            let rest = one.strip_suffix(count.as_str()).unwrap_or(one);
            sheet.row(rect.x + 1, y, w - 1).text(rest, role).text(&count, Role::Dim);
        } else {
            for (i, line) in heads.iter().enumerate() {
                sheet.row(rect.x + 1, y + i as u16, w - 1).text(line, role);
            }
        }
        for (i, line) in more.iter().enumerate() {
            sheet.row(rect.x + 1, y + (heads.len() + i) as u16, w - 1).text(line, Role::Toast);
        }
        sheet.hit(rect, Hit::Toast(t.id));
    }
}

/// A text in at most so many rows of so many columns.
fn rows(text: &str, width: usize, most: usize) -> Vec<String> {
    let whole = || vec![text.to_owned()];
    let mut rows = if text::width(text) > width { wrapped(&whole(), width) } else { whole() };
    if rows.len() > most {
        let rest = rows.split_off(most.saturating_sub(1)).concat();
        rows.push(rest);
    }
    rows.iter().map(|r| text::cut_end(r.trim_end(), width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_goes_on_below_and_only_its_end_is_cut() {
        assert_eq!(rows("short", 20, 2), ["short"]);
        assert_eq!(rows("a text of some more words", 14, 3), ["a text of some", "more words"]);
        assert_eq!(rows("a text of some more words than fit", 14, 2), ["a text of some", "more words th…"]);
        assert_eq!(rows("a text of some more words", 14, 1), ["a text of som…"]);
        assert!(rows(&format!("in {}", "x/".repeat(40)), 20, 2).iter().all(|r| text::width(r) <= 20));
    }
}
