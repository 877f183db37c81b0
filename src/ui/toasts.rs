//! Toasts in the upper right corner of the panes. They never move anything. Must not know what they are about.

use super::sheet::Sheet;
use crate::app::modes::Layer;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::Role;
use crate::wire::message::Level;

/// Lays the toasts, the newest at the top.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let screen = areas.screen;
    // In a dialog the eyes are in the middle: one toast is enough, in the top line's place.
    let most = if matches!(app.layers.last(), Some(Layer::Dialog(_))) || screen.h < 16 { 1 } else { 4 };
    let mut y = areas.panes.y + u16::from(areas.titles);
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
        let most_w = usize::from((screen.w * 2 / 3).max(30).min(screen.w)).saturating_sub(2);
        let head = format!("{word}{}{count}", t.title);
        let two = !t.text.is_empty() && screen.h >= 16;
        let w = text::width(&head).max(if two { text::width(&t.text) } else { 0 }).min(most_w) as u16 + 2;
        let h = 1 + u16::from(two);
        if y + h > areas.panes.bottom() {
            break;
        }
        let rect = Rect::new(screen.w.saturating_sub(w + 1), y, w, h);
        sheet.fill(rect, Role::Toast);
        sheet.row(rect.x + 1, y, w - 1).text(word, role).text(&t.title, role).text(&count, Role::Dim);
        if two {
            sheet.row(rect.x + 1, y + 1, w - 1).text(&t.text, Role::Toast);
        }
        sheet.hit(rect, Hit::Toast(t.id));
        y += h;
    }
}
