//! Two texts line by line, as in a unified diff.

/// Lines shown around what differs.
const AROUND: usize = 3;

/// Above so many pairs of lines nothing is searched for: what is between the common beginning and end is shown whole.
const PAIRS_MAX: usize = 16_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Both,
    Gone,
    New,
}

/// What differs, with a little around it.
pub(super) fn unified(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let marked = marked(&old, &new);
    let mut near = vec![false; marked.len()];
    for (place, (mark, _)) in marked.iter().enumerate() {
        if *mark != Mark::Both {
            let (from, to) = (place.saturating_sub(AROUND), place + AROUND + 1);
            near.iter_mut()
                .take(to)
                .skip(from)
                .for_each(|it| *it = true);
        }
    }
    let (mut lines, mut at, mut open) = (Vec::new(), [1, 1], false);
    for ((mark, text), near) in marked.iter().zip(&near) {
        if *near && !open {
            let [old, new] = at;
            lines.push(format!("@@ line {old}, now {new} @@"));
        }
        open = *near;
        let sign = match mark {
            Mark::Both => ' ',
            Mark::Gone => '-',
            Mark::New => '+',
        };
        if *near {
            lines.push(format!("{sign}{text}"));
        }
        let [old, new] = &mut at;
        *old += usize::from(*mark != Mark::New);
        *new += usize::from(*mark != Mark::Gone);
    }
    lines
}

/// Every line of both, each once, with where it stands.
fn marked<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Mark, &'a str)> {
    let same = |(a, b): &(&&str, &&str)| a == b;
    let begins = old.iter().zip(new).take_while(same).count();
    let rest = old.len().min(new.len()) - begins;
    let ends = old.iter().rev().zip(new.iter().rev()).take(rest);
    let ends = ends.take_while(same).count();
    let inner = |lines: &[&'a str]| -> Vec<&'a str> {
        let until = lines.len() - ends;
        lines.iter().take(until).skip(begins).copied().collect()
    };
    let both = |lines: Vec<&'a str>| lines.into_iter().map(|it| (Mark::Both, it));
    let mut all: Vec<_> = both(old.iter().take(begins).copied().collect()).collect();
    all.extend(between(&inner(old), &inner(new)));
    all.extend(both(old.iter().skip(old.len() - ends).copied().collect()));
    all
}

/// The longest common lines of the two, and what stands between them.
fn between<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Mark, &'a str)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(new.len()) > PAIRS_MAX {
        let gone = old.iter().map(|it| (Mark::Gone, *it));
        return gone.chain(new.iter().map(|it| (Mark::New, *it))).collect();
    }
    // By places in both: how many common lines follow.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    let of = |common: &[u32], a: usize, b: usize| common.get(a * width + b).copied().unwrap_or(0);
    for (a, left) in old.iter().enumerate().rev() {
        for (b, right) in new.iter().enumerate().rev() {
            let best = if left == right {
                of(&common, a + 1, b + 1) + 1
            } else {
                of(&common, a + 1, b).max(of(&common, a, b + 1))
            };
            if let Some(cell) = common.get_mut(a * width + b) {
                *cell = best;
            }
        }
    }
    let (mut a, mut b, mut all) = (0, 0, Vec::new());
    loop {
        match (old.get(a), new.get(b)) {
            (None, None) => return all,
            (Some(left), Some(right)) if left == right => {
                all.push((Mark::Both, *left));
                (a, b) = (a + 1, b + 1);
            }
            (Some(left), right)
                if right.is_none() || of(&common, a + 1, b) >= of(&common, a, b + 1) =>
            {
                all.push((Mark::Gone, *left));
                a += 1;
            }
            (_, Some(right)) => {
                all.push((Mark::New, *right));
                b += 1;
            }
            (Some(left), None) => {
                all.push((Mark::Gone, *left));
                a += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mark, marked, unified};

    #[test]
    fn what_differs_is_shown_with_three_lines_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nd\ne\nF\nF2\ng\nh\n";
        let expected = [
            "@@ line 3, now 3 @@",
            " c",
            " d",
            " e",
            "-f",
            "+F",
            "+F2",
            " g",
            " h",
        ];
        assert_eq!(unified(old, new), expected);
        assert_eq!(unified(old, old), [""; 0]);
        assert_eq!(unified("", "x"), ["@@ line 1, now 1 @@", "+x"]);
    }

    proptest! {
        #[test]
        fn both_texts_are_there_whole(old in "([abc]\n){0,12}", new in "([abc]\n){0,12}") {
            let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
            let all = marked(&old, &new);
            let side = |not: Mark| -> Vec<&str> {
                all.iter().filter(|(mark, _)| *mark != not).map(|(_, it)| *it).collect()
            };
            prop_assert_eq!(side(Mark::New), old);
            prop_assert_eq!(side(Mark::Gone), new);
        }
    }
}
