//! Rows that come are painted in the columns that changed alone: that gives the screen that painting all of it gives.

mod ui_support;

use copilot_tui::app::Input;
use copilot_tui::base::{CellKind, Color, Line, Span, Style};
use copilot_tui::config::Theme;
use copilot_tui::ui::{self, Extras};
use copilot_tui::wire::message::Level;
use copilot_tui::wire::pane::{PaneCursor, PaneModes};
use copilot_tui::wire::{PaneFrame, ServerMsg};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use std::sync::Arc;
use ui_support::*;

type Part = (usize, u8, bool, String);

fn line(parts: &[Part]) -> Line {
    let span = |(kind, color, link, text): &Part| Span {
        style: Style { fg: Color::Indexed(*color), ..Style::default() },
        cells: [CellKind::Narrow, CellKind::Wide, CellKind::Cluster(2)][*kind],
        text: if *kind == 1 { text.replace(|c: char| c.is_ascii(), "中") } else { text.clone() },
        link: link.then(|| Arc::from("https://a.example/")),
    };
    Line { spans: parts.iter().map(span).collect(), wrapped: false }
}

fn part() -> impl Strategy<Value = Part> {
    (0usize..3, 0u8..3, any::<bool>(), "[abé]{1,9}")
}

proptest! {
    #[test]
    fn a_part_is_painted_like_the_whole(
        steps in prop::collection::vec((prop::collection::vec((0u64..5, prop::collection::vec(part(), 0..9)), 0..4), 0u16..60, any::<bool>(), 2u16..12, any::<bool>()), 1..10),
        cols in 20u16..60,
        toast in any::<bool>(),
    ) {
        let theme = Theme::shipped("midnight").unwrap();
        let mut w = World::new(40, 12, vec![session(1, "one", "codex", copilot_tui::wire::State::Working)]);
        w.rows(1, "first\nsecond\nthird");
        if toast {
            let (title, text) = ("one".to_owned(), String::new());
            w.put(Input::Server(ServerMsg::Notice { level: Level::Info, session: None, title, text }));
        }
        let whole = |w: &World| {
            let mut buf = Buffer::empty(Area::new(0, 0, 40, 12));
            let mut extras = Extras::new(40, 12);
            let regions = w.regions();
            ui::paint(&w.app, &regions, &theme, &mut buf, &mut extras);
            (buf, extras, regions)
        };
        let (mut buf, mut extras, mut regions) = whole(&w);
        for (i, (lines, col, reverse, rows, foreign_size)) in steps.into_iter().enumerate() {
            let lines: std::collections::BTreeMap<u64, Line> = lines.iter().map(|(n, parts)| (100 + n, line(parts))).collect();
            let frame = PaneFrame {
                seq: i as u64 + 2,
                session: id(1),
                cols,
                rows,
                full: false,
                top: 100,
                height: rows,
                screen_top: 100,
                history_start: 0,
                lines: if reverse && i % 3 == 0 { (100..111).map(|n| (n, lines.get(&n).cloned().unwrap_or_default())).collect() } else { lines.into_iter().collect() },
                cursor: PaneCursor { row: 1, col: col.min(cols - 1), visible: true, ..PaneCursor::default() },
                modes: PaneModes { reverse: reverse && i % 3 == 0, ..PaneModes::default() },
                foreign_size,
            };
            let news = w.app.mirror.news(&frame);
            w.put(Input::Pane(frame));
            let (all, all_extras, all_regions) = whole(&w);
            match news.and_then(|news| ui::touched(&w.app, &regions, &id(1), &news)) {
                Some(touched) => {
                    for (pane, rect, area) in &touched.rows {
                        ui::paint_pane(&w.app, *pane, *rect, *area, &theme, &mut buf, &mut extras);
                    }
                    prop_assert_eq!(touched.cursor, all_regions.cursor);
                    regions.cursor = touched.cursor;
                }
                None => (buf, extras, regions) = (all.clone(), all_extras.clone(), all_regions),
            }
            prop_assert_eq!(&buf, &all);
            for (x, y) in (0..12).flat_map(|y| (0..40).map(move |x| (x, y))) {
                let links = |e: &Extras| e.link(e.get(x, y).link).map(str::to_owned);
                prop_assert_eq!(links(&extras), links(&all_extras));
            }
        }
    }
}
