//! The names of what is being saved: temporary files and folders beside their place.

#[cfg(feature = "learn")]
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

/// Digits of the random number in a temporary name.
const DIGITS: usize = 16;

/// Characters of the place's name in a temporary name, which must not become too long for a file
/// system because of what is added to it.
const STEM: usize = 60;

/// What a temporary name stands for.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A bundle or step that is being written.
    #[cfg(feature = "learn")]
    New,
    /// The bundle that was in a place, on file systems that can't swap two names.
    Old,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            #[cfg(feature = "learn")]
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

/// What the temporary names of a place have in common: `.NAME.` and no more of a long name.
pub(crate) struct Stem(String);

impl Stem {
    /// The temporary names for something to be saved as the last component of `path`.
    pub(crate) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self(format!(".{}.", name.chars().take(STEM).collect::<String>()))
    }

    /// A new random name. Process ids would not do: containers that share a volume have the same.
    #[cfg(feature = "learn")]
    pub(crate) fn random(&self, kind: Kind) -> String {
        format!("{}{:0DIGITS$x}.{}", self.0, random(), kind.extension())
    }

    /// Whether this is one of the temporary names.
    pub(crate) fn has(&self, name: &str, kind: Kind) -> bool {
        let rest = name.strip_prefix(self.0.as_str()).and_then(|rest| rest.split_once('.'));
        rest.is_some_and(|(digits, extension)| {
            extension == kind.extension()
                && digits.len() == DIGITS
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    }
}

/// A number that no other process or thread gets but by chance.
#[cfg(feature = "learn")]
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(all(test, feature = "learn"))]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_own_names_only() {
        let stem = Stem::of(Path::new("models/run.1"));
        let name = stem.random(Kind::New);
        assert!(stem.has(&name, Kind::New) && !stem.has(&name, Kind::Old), "{name}");
        assert_ne!(name, stem.random(Kind::New));
        for other in ["run", "run.1.x", "run.12", ".run.1"] {
            assert!(!Stem::of(Path::new(other)).has(&name, Kind::New), "{other}");
        }
        for name in [".run.1.new", ".run.1.zzzzzzzzzzzzzzzz.new", ".run.1.0123.new", "run.1"] {
            assert!(!stem.has(name, Kind::New), "{name}");
        }
    }

    #[test]
    fn a_long_name_leaves_room_for_what_is_added() {
        let long = "朝".repeat(85);
        assert!(Stem::of(Path::new(&long)).random(Kind::New).len() <= 255);
    }
}
