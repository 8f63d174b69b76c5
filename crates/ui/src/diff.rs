//! What a change changed: two texts beside each other, line by line.

use crate::Html;
use maud::html;

/// Longer texts are shown whole without marks, because finding the marks costs lines squared.
const LINES_MAX: usize = 600;

/// One line of the comparison: what stood before and what stands after.
type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// Before and after in two columns; meant for JSON printed with one member a line.
pub fn diff(before: &str, after: &str) -> Html {
    let pairs = side_by_side(pair_lines(before, after));
    html! {
        div.table-region role="group" tabindex="0" aria-label="What changed" {
            table.diff {
                thead { tr { th scope="col" { "Before" } th scope="col" { "After" } } }
                tbody {
                    @for (old, new) in pairs {
                        tr {
                            td { (side(old, old != new, Mark::Removed)) }
                            td { (side(new, old != new, Mark::Added)) }
                        }
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Mark {
    Removed,
    Added,
}

fn side(line: Option<&str>, alone: bool, mark: Mark) -> Html {
    html! {
        @match (line, alone, mark) {
            (None, _, _) => {},
            (Some(line), false, _) => (line),
            (Some(line), true, Mark::Removed) => del { (line) },
            (Some(line), true, Mark::Added) => ins { (line) },
        }
    }
}

/// Sets a line that went beside the line that came in its place.
fn side_by_side(pairs: Vec<Pair<'_>>) -> Vec<Pair<'_>> {
    let mut rows: Vec<Pair> = Vec::with_capacity(pairs.len());
    // The first row of the run of removals whose right side is still free.
    let mut free = 0;
    for pair in pairs {
        match pair {
            (None, Some(_)) if free < rows.len() => {
                rows[free].1 = pair.1;
                free += 1;
            }
            (Some(_), None) => rows.push(pair),
            _ => {
                rows.push(pair);
                free = rows.len();
            }
        }
    }
    rows
}

/// Pairs equal lines by their longest common subsequence.
fn pair_lines<'a>(before: &'a str, after: &'a str) -> Vec<Pair<'a>> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    if old.len() > LINES_MAX || new.len() > LINES_MAX {
        let count = old.len().max(new.len());
        return (0..count)
            .map(|at| (old.get(at).copied(), new.get(at).copied()))
            .collect();
    }
    let common = common_lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            pairs.push((Some(old[i]), Some(new[j])));
            i += 1;
            j += 1;
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            pairs.push((Some(old[i]), None));
            i += 1;
        } else {
            pairs.push((None, Some(new[j])));
            j += 1;
        }
    }
    pairs
}

/// `lengths[i][j]` is how many lines `old[i..]` and `new[j..]` have in common, in order.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut lengths = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = if old[i] == new[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    #[test]
    fn marks_only_what_differs() {
        let html = diff(
            "{\n  \"a\": 1,\n  \"b\": 2\n}",
            "{\n  \"a\": 1,\n  \"b\": 3\n}",
        )
        .into_string();
        assert!(html.contains("<del>  &quot;b&quot;: 2</del>"), "{html}");
        assert!(html.contains("<ins>  &quot;b&quot;: 3</ins>"));
        assert_eq!(html.matches("<del>").count(), 1);
        assert_eq!(
            html.matches("<tr>").count(),
            1 + 4,
            "the changed line takes one row: {html}"
        );
    }

    #[test]
    fn made_and_removed_things_have_one_side() {
        assert_eq!(
            pair_lines("", "a\nb"),
            vec![(None, Some("a")), (None, Some("b"))]
        );
        assert_eq!(pair_lines("a", ""), vec![(Some("a"), None)]);
    }

    #[test]
    fn escapes() {
        audit::escapes(&diff(audit::HOSTILE, "").into_string());
    }
}
