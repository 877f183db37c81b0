//! Split trees: whatever is done to them and however small the area, panes never overlap, never leave it, and fill it.

use copilot_tui::base::Rect;
use copilot_tui::layout::{Direction, MIN_COLS, MIN_ROWS, Preset, Tree};
use proptest::prelude::*;

const AREA: Rect = Rect::new(0, 0, 120, 40);

fn two() -> Tree<u32> {
    let mut t = Tree::new(1);
    assert!(t.split(1, Direction::Right, 2));
    t
}

#[test]
fn a_split_halves_the_room_and_a_line_parts_it() {
    let r = two().rects(Rect::new(0, 0, 101, 20), 1, None);
    assert_eq!(r.panes, [(1, Rect::new(0, 0, 50, 20)), (2, Rect::new(51, 0, 50, 20))]);
    assert_eq!(r.dividers.len(), 1);
    assert_eq!(r.dividers[0].rect, Rect::new(50, 0, 1, 20));
    assert_eq!(r.at(51, 3), Some(2));
    assert_eq!(r.at(50, 3), None);
}

#[test]
fn closing_gives_the_room_to_the_neighbour() {
    let mut t = two();
    t.split(2, Direction::Down, 3);
    assert_eq!(t.close(3), Some(2));
    assert_eq!(t.close(2), Some(1));
    assert_eq!(t.close(1), None);
    assert_eq!(t.panes(), [1]);
}

#[test]
fn neighbours_follow_the_eye() {
    let mut t = two();
    t.split(2, Direction::Down, 3);
    let r = t.rects(AREA, 1, None);
    assert_eq!(r.neighbour(1, Direction::Right), Some(2));
    assert_eq!(r.neighbour(3, Direction::Left), Some(1));
    assert_eq!(r.neighbour(3, Direction::Up), Some(2));
    assert_eq!(r.neighbour(1, Direction::Left), None);
}

#[test]
fn resizing_moves_the_edge_that_can_move() {
    let mut t = two();
    let w = |t: &Tree<u32>, p| t.rects(AREA, 1, None).of(p).unwrap().w;
    let before = w(&t, 1);
    assert!(t.resize(1, Direction::Right, 5, AREA, 1));
    assert_eq!(w(&t, 1), before + 5);
    assert!(t.resize(2, Direction::Right, 3, AREA, 1), "the last pane has only its left edge");
    assert_eq!(w(&t, 1), before + 8);
    assert!(!t.resize(1, Direction::Down, 3, AREA, 1));
    assert!(t.resize(1, Direction::Right, 500, AREA, 1));
    assert_eq!(w(&t, 2), MIN_COLS);
    t.even_out();
    assert_eq!(w(&t, 1), before);
}

#[test]
fn a_line_can_be_dragged() {
    let mut t = two();
    t.split(2, Direction::Down, 3);
    let r = t.rects(AREA, 1, None);
    let line = r.dividers.iter().find(|d| d.rect.h == 1).unwrap().clone();
    let before = r.of(2).unwrap().h;
    assert!(t.drag(&line, -4, AREA, 1));
    assert_eq!(t.rects(AREA, 1, None).of(2).unwrap().h, before - 4);
}

#[test]
fn too_small_an_area_keeps_the_wanted_pane() {
    let mut t = two();
    t.split(2, Direction::Right, 3);
    let area = Rect::new(0, 0, 15, 5);
    for keep in 1..=3 {
        let r = t.rects(area, 1, Some(keep));
        assert_eq!(r.of(keep), Some(area));
        assert_eq!(r.panes.iter().filter(|(_, r)| !r.is_empty()).count(), 1);
        assert!(r.dividers.is_empty());
    }
}

#[test]
fn presets_hold_every_pane() {
    let mut t = Tree::new(0);
    for i in 1..5 {
        t.split(i - 1, Direction::Right, i);
    }
    for preset in Preset::ALL {
        t.preset(preset, 3);
        let mut panes = t.panes();
        panes.sort_unstable();
        assert_eq!(panes, [0, 1, 2, 3, 4], "{preset:?}");
        assert!(t.rects(AREA, 1, None).panes.iter().all(|(_, r)| r.w >= MIN_COLS && r.h >= MIN_ROWS));
    }
    t.preset(Preset::MainLeft, 3);
    assert_eq!(t.panes()[0], 3);
}

#[test]
fn trees_read_back_and_bad_ones_are_refused() {
    let mut t = two();
    t.split(1, Direction::Up, 9);
    let json = serde_json::to_string(&t).unwrap();
    assert_eq!(serde_json::from_str::<Tree<u32>>(&json).unwrap(), t);
    for bad in [
        r#"{"root":{"split":{"axis":"row","parts":[]}}}"#,
        r#"{"root":{"split":{"axis":"row","parts":[{"weight":1,"node":{"pane":1}},{"weight":1,"node":{"pane":1}}]}}}"#,
    ] {
        assert!(serde_json::from_str::<Tree<u32>>(bad).is_err(), "{bad}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Split(u32, Direction),
    Close(u32),
    Resize(u32, Direction, u16),
    Swap(u32, u32),
    Preset(usize),
    Drag(usize, i32),
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Left), Just(Direction::Right), Just(Direction::Up), Just(Direction::Down)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u32..12, direction()).prop_map(|(p, d)| Step::Split(p, d)),
        2 => (0u32..12).prop_map(Step::Close),
        2 => (0u32..12, direction(), 0u16..300).prop_map(|(p, d, n)| Step::Resize(p, d, n)),
        1 => (0u32..12, 0u32..12).prop_map(|(a, b)| Step::Swap(a, b)),
        1 => (0usize..4).prop_map(Step::Preset),
        1 => (0usize..6, -50i32..50).prop_map(|(i, n)| Step::Drag(i, n)),
    ]
}

proptest! {
    #[test]
    fn panes_never_overlap_and_fill_the_area(
        steps in prop::collection::vec(step(), 0..40), x in 0u16..5, y in 0u16..5, w in 0u16..200, h in 0u16..60, gap in 0u16..2,
    ) {
        let area = Rect::new(x, y, w, h);
        let mut t = Tree::new(0u32);
        let mut next = 1;
        for s in steps {
            let known = t.panes();
            match s {
                Step::Split(p, d) => { if t.split(p, d, next) { next += 1; } }
                Step::Close(p) => if let Some(heir) = t.close(p) { prop_assert!(t.contains(heir)); prop_assert!(!t.contains(p)); },
                Step::Resize(p, d, n) => { t.resize(p, d, n, area, gap); }
                Step::Swap(a, b) => { t.swap(a, b); }
                Step::Preset(i) => t.preset(Preset::ALL[i], known[0]),
                Step::Drag(i, n) => if let Some(d) = t.rects(area, gap, None).dividers.get(i).cloned() { t.drag(&d, n, area, gap); },
            }
        }
        let keep = t.panes().last().copied();
        let r = t.rects(area, gap, keep);
        prop_assert_eq!(r.panes.iter().map(|p| p.0).collect::<Vec<_>>(), t.panes());
        let all: Vec<Rect> = r.panes.iter().map(|p| p.1).chain(r.dividers.iter().map(|d| d.rect)).filter(|r| !r.is_empty()).collect();
        for (i, a) in all.iter().enumerate() {
            prop_assert!(a.x >= area.x && a.y >= area.y && a.right() <= area.right() && a.bottom() <= area.bottom());
            for b in &all[i + 1..] {
                prop_assert!(a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y, "{:?} {:?}", a, b);
            }
        }
        // Disjoint, inside, and as many cells as the area has: so they cover it.
        let cells: u32 = all.iter().map(|r| u32::from(r.w) * u32::from(r.h)).sum();
        prop_assert_eq!(cells, u32::from(w) * u32::from(h));
        if !area.is_empty() {
            prop_assert!(r.of(keep.unwrap()).is_some(), "the kept pane is seen");
        }
        let back: Tree<u32> = serde_json::from_str(&serde_json::to_string(&t).unwrap()).unwrap();
        prop_assert_eq!(back, t);
    }
}
