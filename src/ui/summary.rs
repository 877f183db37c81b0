//! A panel of plain lines about a session. Must not know what they say.

use super::dialogs::panel;
use super::sheet::Sheet;
use crate::app::modes::Summary;
use crate::app::{Areas, modes};
use crate::config::Role;

/// Lays the panel.
pub fn lay(areas: &Areas, summary: &Summary, sheet: &mut Sheet) {
    let Some(body) = panel(areas, &summary.title, None, sheet) else { return };
    let rows = modes::wrapped(&summary.lines, usize::from(body.w.saturating_sub(2)));
    let height = usize::from(body.h);
    let top = usize::from(summary.top).min(rows.len().saturating_sub(height));
    if sheet.plain {
        sheet.cursor = Some((body.x + 1, body.y));
    }
    for (i, text) in rows.iter().skip(top).take(height).enumerate() {
        let first = top + i == 0;
        let role = match () {
            () if first => Role::Heading,
            () if text.starts_with("  ") => Role::Dim,
            () => Role::Text,
        };
        sheet.row(body.x, body.y + i as u16, body.w.saturating_sub(1)).gap(1).safe(text, role);
    }
}
