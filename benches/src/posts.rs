//! Which posts are measured.

/// At most `count` items, every n-th with n = items / `count`, from the first on.
///
/// The rule is simple so that scripts in other languages can take the very same posts.
pub fn evenly_spaced<T>(items: &[T], count: usize) -> Vec<&T> {
    let step = items.len().checked_div(count).unwrap_or(1).max(1);
    items.iter().step_by(step).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_every_nth() {
        let items: Vec<usize> = (0..11).collect();
        assert_eq!(evenly_spaced(&items, 3), [&0, &3, &6]);
        assert_eq!(evenly_spaced(&items, 11).len(), 11);
    }

    #[test]
    fn takes_all_if_there_are_few_and_none_if_none_are_wanted() {
        assert_eq!(evenly_spaced(&[1, 2], 500), [&1, &2]);
        assert!(evenly_spaced(&[1, 2], 0).is_empty());
        assert!(evenly_spaced::<u8>(&[], 5).is_empty());
    }
}
