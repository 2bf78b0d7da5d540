//! Where the names of marks stand, so that they cover neither marks nor each other.

/// Height of a line of text, and the width of a narrow and of a wide character, in pixels.
const LINE: i32 = 14;
const NARROW: i32 = 7;
const WIDE: i32 = 13;

/// Half the side of the square that a mark covers.
const MARK: i32 = 6;

/// Left, top, right, bottom.
type Rectangle = [i32; 4];

/// What is drawn already, and what there is to draw on.
pub(crate) struct Labels {
    area: Rectangle,
    taken: Vec<Rectangle>,
}

impl Labels {
    /// An empty area: left, top, right, bottom.
    pub(crate) fn new(area: Rectangle) -> Self {
        Self { area, taken: Vec::new() }
    }

    /// Keeps the place of a mark clear.
    pub(crate) fn keep_clear(&mut self, (x, y): (i32, i32)) {
        self.taken.push([x - MARK, y - MARK, x + MARK, y + MARK]);
    }

    /// The upper left corner of a mark's name: of the places around the mark, the one that covers
    /// least of what is drawn already.
    pub(crate) fn place(&mut self, (x, y): (i32, i32), name: &str) -> (i32, i32) {
        let width: i32 = name.chars().map(|c| if c < '\u{2e80}' { NARROW } else { WIDE }).sum();
        let (right, left, middle) = (x + MARK + 3, x - MARK - 3 - width, x - width / 2);
        let (level, above, below) = (y - LINE / 2, y - MARK - LINE - 1, y + MARK + 1);
        let places = [
            (right, level),
            (left, level),
            (middle, above),
            (middle, below),
            (right, above),
            (right, below),
            (left, above),
            (left, below),
        ];
        let covered = |&(left, top): &(i32, i32)| -> i32 {
            let name = around(left, top, width);
            // What stands outside can't be read at all.
            let outside = width * LINE - overlap(&name, &self.area);
            let inside: i32 = self.taken.iter().map(|other| overlap(&name, other)).sum();
            inside + 4 * outside
        };
        let (left, top) = places.into_iter().min_by_key(covered).unwrap_or((right, level));
        self.taken.push(around(left, top, width));
        (left, top)
    }
}

fn around(left: i32, top: i32, width: i32) -> Rectangle {
    [left, top, left + width, top + LINE]
}

/// The area that both cover.
fn overlap(a: &Rectangle, b: &Rectangle) -> i32 {
    let side = |low: usize, high: usize| (a[high].min(b[high]) - a[low].max(b[low])).max(0);
    side(0, 2) * side(1, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_way_to_each_other() {
        let mut labels = Labels::new([0, 0, 400, 200]);
        labels.keep_clear((100, 100));
        labels.keep_clear((100, 104));
        let first = labels.place((100, 100), "efcl");
        let second = labels.place((100, 104), "新着記事");
        assert_eq!(first, (109, 93));
        let (first, second) =
            (around(first.0, first.1, 4 * NARROW), around(second.0, second.1, 4 * WIDE));
        assert_eq!(overlap(&first, &second), 0);
    }

    #[test]
    fn names_stay_inside() {
        let mut labels = Labels::new([0, 0, 400, 200]);
        assert_eq!(labels.place((395, 100), "efcl"), (358, 93));
        assert_eq!(labels.place((5, 1), "efcl"), (14, 8));
    }
}
