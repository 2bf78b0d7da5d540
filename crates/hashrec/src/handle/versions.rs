//! Folders with one bundle for each version.

use std::{
    cmp::Ordering,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    current::{Generation, RecommenderHandle},
    error::ReloadError,
};

/// A version that can't be used.
#[derive(Debug)]
#[non_exhaustive]
pub struct SkippedVersion {
    /// Its folder.
    pub folder: PathBuf,
    /// Why not.
    pub reason: ReloadError,
}

/// What [`RecommenderHandle::reload_newest`] did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reloaded {
    /// The generation in use now.
    pub generation: Arc<Generation>,
    /// The folder of the version that it is.
    pub folder: PathBuf,
    /// Newer versions that can't be used, the newest first.
    pub skipped: Vec<SkippedVersion>,
}

impl RecommenderHandle {
    /// Replaces the recommender with the newest version in a folder that can be used:
    /// `bundles/1`, `bundles/2`, … The newest is the one whose name comes last, where numbers in
    /// names count as numbers: `v9` comes before `v10`. Nothing happens if it is in use already.
    /// Names that begin with a dot are passed over, so that a version can be copied under such a
    /// name and renamed when it is whole.
    ///
    /// # Errors
    /// [`ReloadError::Folder`]; [`ReloadError::NoVersion`]. Then the recommender in use stays.
    pub fn reload_newest(&self, folder: impl AsRef<Path>) -> Result<Reloaded, ReloadError> {
        let folder = folder.as_ref();
        let mut skipped = Vec::new();
        for version in versions(folder)?.into_iter().rev() {
            match self.reload(&version) {
                Ok(generation) => return Ok(Reloaded { generation, folder: version, skipped }),
                Err(reason) => {
                    tracing::warn!(folder = %version.display(), error = %reason, "skipped a version");
                    skipped.push(SkippedVersion { folder: version, reason });
                }
            }
        }
        let count = skipped.len();
        let newest = skipped.into_iter().next().map(|skipped| Box::new(skipped.reason));
        Err(ReloadError::NoVersion { path: folder.to_owned(), count, newest })
    }
}

/// The folders in a folder, the oldest version first.
fn versions(folder: &Path) -> Result<Vec<PathBuf>, ReloadError> {
    let failed = |source| ReloadError::Folder { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_dir() {
            names.push((name, entry.path()));
        }
    }
    names.sort_by(|(a, _), (b, _)| by_number(a, b).then_with(|| a.cmp(b)));
    Ok(names.into_iter().map(|(_, path)| path).collect())
}

/// The order of names in which runs of digits count as numbers.
fn by_number(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (Some(first), Some(second)) = (a.chars().next(), b.chars().next()) else {
            return a.len().cmp(&b.len());
        };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (one, rest) = number(a);
            let (other, other_rest) = number(b);
            (a, b) = (rest, other_rest);
            // Without leading zeros the longer number is the larger one.
            one.len().cmp(&other.len()).then_with(|| one.cmp(other))
        } else {
            (a, b) = (&a[first.len_utf8()..], &b[second.len_utf8()..]);
            first.cmp(&second)
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The digits that a name begins with, without leading zeros, and the rest of the name.
fn number(name: &str) -> (&str, &str) {
    let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    let (digits, rest) = name.split_at(end);
    (digits.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let sorted = ["", "2024-9-30", "2024-10-01", "v9", "v10", "v10a", "v010b", "x", "é", "猫2"];
        for (place, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(by_number(a, b), place.cmp(&other), "{a} and {b}");
            }
        }
        assert_eq!(by_number("7", "007"), Ordering::Equal);
        // Longer than any integer type.
        assert_eq!(by_number(&"9".repeat(40), &format!("1{}", "0".repeat(40))), Ordering::Less);
    }
}
