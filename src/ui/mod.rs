//! Layer 5: how the client's state looks. [`regions`] lays everything out as a list of things to draw with what a click on them
//! means; [`draw`] only paints that list. Pure: must not change the state, nor know sockets or where keys come from.

mod card;
mod complete;
mod dialogs;
mod errors;
mod explain;
mod extras;
mod finder;
mod inbox;
mod info;
mod joints;
mod link;
mod new_session;
mod paint;
mod pane;
mod parts;
mod replay;
mod search_all;
mod sheet;
mod status;
mod style;
mod summary;
mod timeline;
mod title;
mod toasts;
mod top;
mod tree;
mod which_key;

pub use extras::{Extra, Extras};
pub use paint::{draw, paint};
pub use pane::{Touched, paint as paint_pane, touched};
pub use sheet::Regions;
pub use style::style;

use crate::app::App;
use crate::app::dialog::Dialog;
use crate::app::modes::Layer;
use crate::base::Rect;
use sheet::Sheet;

/// Everything on the screen of a given size, back to front. The app lays out for the size it was told last; `area` only cuts
/// off what does not fit while a resize is on its way.
pub fn regions(app: &App, area: Rect) -> Regions {
    let areas = app.areas();
    let mut sheet = Sheet::new(app);
    pane::lay(app, &areas, &mut sheet);
    top::lay(app, &areas, &mut sheet);
    if !areas.tree.is_empty() {
        tree::lay(app, areas.tree, &mut sheet);
        tree::edge(&areas, &mut sheet);
    }
    joints::lay(&areas, &mut sheet);
    status::lay(app, &areas, &mut sheet);
    info::lay(app, &areas, &mut sheet);
    for (i, layer) in app.layers.iter().enumerate() {
        // A form waits unseen while a panel is looked at over it; half of it would only confuse.
        let form = matches!(layer, Layer::Dialog(d) if matches!(**d, Dialog::New(_)));
        if form && app.layers.iter().skip(i + 1).any(|l| l.is_panel() || matches!(l, Layer::Tree)) {
            continue;
        }
        let top = app.layers.last().is_some_and(|l| std::ptr::eq(l, layer));
        sheet.cursor = sheet.cursor.filter(|_| !top || matches!(layer, Layer::FollowUp | Layer::Scroll));
        match layer {
            Layer::Tree if !app.tree_is_docked() => {
                if let Some(rect) = areas.panel {
                    sheet.cover(rect, areas.panes);
                    tree::lay(app, rect, &mut sheet);
                    tree::overlay_edge(rect, &areas, &mut sheet);
                }
            }
            Layer::Inbox(l) => inbox::lay(app, &areas, l, &mut sheet),
            Layer::Errors { list, details } => errors::lay(app, &areas, list, *details, &mut sheet),
            Layer::Timeline { list, session } => timeline::lay(app, &areas, list, session.as_ref(), &mut sheet),
            Layer::Card(id, top) => card::lay(app, &areas, id, *top, &mut sheet),
            Layer::Explain(id, told, top) => explain::lay(app, &areas, id, told.as_deref(), *top, &mut sheet),
            Layer::Summary(s) => summary::lay(&areas, s, &mut sheet),
            Layer::Palette(l) => finder::palette(app, &areas, l, &mut sheet),
            Layer::Help(l) => finder::help(app, &areas, l, &mut sheet),
            Layer::Dialog(d) => match &**d {
                Dialog::New(f) => new_session::lay(app, &areas, f, &mut sheet),
                Dialog::Choose(l) => finder::choose(app, &areas, l, &mut sheet),
                Dialog::Confirm { lines, yes, .. } => dialogs::confirm(app, &areas, lines, *yes, d.stands(app.now), &mut sheet),
                Dialog::Ask { what, editor } => dialogs::ask(&areas, what, editor, &mut sheet),
            },
            Layer::SearchAll(s) => search_all::lay(app, &areas, s, &mut sheet),
            Layer::Labels(l) => pane::labels(app, &areas, l, &mut sheet),
            Layer::Tree | Layer::Scroll | Layer::Search(_) | Layer::Replay | Layer::ReplayFind(_) | Layer::FollowUp => {}
        }
    }
    complete::lay(app, &areas, &mut sheet);
    if app.shows_which_key() {
        which_key::lay(app, &areas, &mut sheet);
    }
    toasts::lay(app, &areas, &mut sheet);
    sheet.finish(areas, area)
}
