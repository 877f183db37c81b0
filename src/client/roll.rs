//! Rows that moved: found by what stands in them, so that the terminal moves them itself and only new ones are written. Must
//! not know escape sequences or where rows come from.

use std::collections::HashMap;

/// Fewer rows than this are not worth a scroll region.
const WORTH: usize = 3;

/// A part of the screen whose contents moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Roll {
    /// First row.
    pub top: u16,
    /// Row behind the last.
    pub end: u16,
    /// So many rows up; negative: down.
    pub by: i32,
}

/// The move that leaves the fewest rows to write within rows `top..end`, if one saves some. `have` and `want` are hashes of
/// all rows: as they are on the screen, and as they are to be. `blank` is the hash of an empty row.
pub(super) fn find(have: &[u64], want: &[u64], top: u16, end: u16, blank: u64) -> Option<Roll> {
    let end = end.min(have.len() as u16).min(want.len() as u16);
    let row = |rows: &[u64], y: i64| usize::try_from(y).ok().and_then(|y| rows.get(y)).copied();
    let differs = |y: &u16| row(have, i64::from(*y)) != row(want, i64::from(*y));
    // Rows at the edges that stay as they are do not move: a status line, a title.
    let top = (top..end).find(differs)?;
    let end = (top..end).rev().find(differs)? + 1;
    let before = (top..end).filter(differs).count();
    if before < WORTH {
        return None;
    }
    let mut places: HashMap<u64, Option<u16>> = HashMap::new();
    for y in top..end {
        if let Some(hash) = row(have, i64::from(y)).filter(|h| *h != blank) {
            // A text that stands there twice tells nothing.
            places.entry(hash).and_modify(|p| *p = None).or_insert(Some(y));
        }
    }
    let mut votes: HashMap<i32, usize> = HashMap::new();
    for y in (top..end).filter(differs) {
        if let Some(Some(from)) = row(want, i64::from(y)).and_then(|h| places.get(&h)) {
            *votes.entry(i32::from(*from) - i32::from(y)).or_default() += 1;
        }
    }
    let (by, _) = votes.into_iter().filter(|(by, _)| *by != 0).max_by_key(|(by, n)| (*n, std::cmp::Reverse(by.abs())))?;
    let after = (top..end)
        .filter(|y| {
            let from = i64::from(*y) + i64::from(by);
            let moved = if (i64::from(top)..i64::from(end)).contains(&from) { row(have, from) } else { Some(blank) };
            moved != row(want, i64::from(*y))
        })
        .count();
    (after + WORTH <= before).then_some(Roll { top, end, by })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_moved_are_found_and_edges_stay() {
        let have = [9, 1, 2, 3, 4, 5, 6, 8];
        let want = [9, 3, 4, 5, 6, 7, 11, 8];
        assert_eq!(find(&have, &want, 0, 8, 0), Some(Roll { top: 1, end: 7, by: 2 }));
        assert_eq!(find(&want, &have, 0, 8, 0), Some(Roll { top: 1, end: 7, by: -2 }));
    }

    #[test]
    fn nothing_moves_when_nothing_is_saved() {
        assert_eq!(find(&[1, 2, 3, 4], &[1, 2, 3, 4], 0, 4, 0), None);
        assert_eq!(find(&[1, 2, 3, 4], &[5, 6, 7, 8], 0, 4, 0), None);
        assert_eq!(find(&[0, 0, 0, 1], &[0, 0, 1, 0], 0, 4, 0), None, "two rows are cheaper written");
        assert_eq!(find(&[7, 7, 7, 7], &[7, 7, 7, 8], 0, 9, 0), None);
        assert_eq!(find(&[], &[], 0, 4, 0), None);
    }
}
