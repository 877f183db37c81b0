//! Finding by a few letters: how well a text answers to what was typed. Must not know what is searched.

/// Score and places of the letters of `needle` in `hay` (character indices), or `None` when they do not stand there in
/// order. Letters side by side and at beginnings of words count more; an early and short answer wins.
pub fn fuzzy(needle: &str, hay: &str) -> Option<(i32, Vec<usize>)> {
    let hay: Vec<char> = hay.chars().flat_map(char::to_lowercase).collect();
    let mut places = Vec::new();
    let mut score = 0;
    for word in needle.split_whitespace() {
        let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        let (s, p) = whole(&word, &hay).or_else(|| scattered(&word, &hay))?;
        score += s;
        places.extend(p);
    }
    places.sort_unstable();
    places.dedup();
    Some((score - hay.len() as i32 / 8, places))
}

fn starts_word(hay: &[char], at: usize) -> bool {
    at == 0 || hay.get(at - 1).is_some_and(|c| !c.is_alphanumeric())
}

fn whole(word: &[char], hay: &[char]) -> Option<(i32, Vec<usize>)> {
    let mut best: Option<(i32, usize)> = None;
    for at in 0..(hay.len() + 1).saturating_sub(word.len()) {
        if hay.get(at..at + word.len()) == Some(word) {
            let s = 20 * word.len() as i32 + if starts_word(hay, at) { 30 } else { 0 } - at as i32;
            if best.is_none_or(|b| s > b.0) {
                best = Some((s, at));
            }
        }
    }
    best.map(|(s, at)| (s, (at..at + word.len()).collect()))
}

fn scattered(word: &[char], hay: &[char]) -> Option<(i32, Vec<usize>)> {
    let mut places: Vec<usize> = Vec::new();
    let mut score = 0;
    let mut from = 0;
    for c in word {
        let rest = hay.get(from..)?;
        let near = rest.iter().position(|h| h == c)?;
        // The beginning of a word further on is a better place, when there is one and nothing nearer follows on.
        let jump = (0..rest.len()).find(|i| rest.get(*i) == Some(c) && starts_word(hay, from + i));
        let at = from + if near == 0 && from > 0 { 0 } else { jump.unwrap_or(near) };
        score += if places.last().is_some_and(|p| p + 1 == at) { 8 } else { 1 } + if starts_word(hay, at) { 8 } else { 0 };
        if places.is_empty() && !starts_word(hay, at) {
            return None; // letters strewn over the middle of words are no answer
        }
        places.push(at);
        from = at + 1;
    }
    Some((score - places.first().copied().unwrap_or(0) as i32, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_and_runs_win() {
        let best = |n: &str, all: &[&str]| all.iter().filter_map(|h| fuzzy(n, h).map(|(s, _)| (s, h.to_string()))).max().map(|(_, h)| h);
        let all = ["New session", "Next tab", "Stop session", "Session tree", "New tab"];
        assert_eq!(best("ns", &all).as_deref(), Some("New session"));
        assert_eq!(best("stop", &all).as_deref(), Some("Stop session"));
        assert_eq!(best("nt", &all).as_deref(), Some("New tab"));
        assert_eq!(fuzzy("zz", "New tab"), None);
        assert_eq!(fuzzy("tab", "New tab").map(|f| f.1), Some(vec![4, 5, 6]));
        assert!(fuzzy("", "x").is_some());
    }
}
