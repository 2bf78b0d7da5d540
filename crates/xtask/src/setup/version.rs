//! Versions as programs and package managers print them.

use std::fmt;

/// Major, minor and patch, compared in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first `N.N` or `N.N.N` in a text; whatever follows the last number is ignored, and so is
    /// a Debian epoch before it.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::of_word)
    }

    fn of_word(word: &str) -> Option<Self> {
        let word = word.split_once(':').map_or(word, |(_, after)| after);
        let end = word.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(word.len());
        let mut numbers = word[..end].split('.').map(|number| number.parse::<u32>().ok());
        let (major, minor) = (numbers.next()??, numbers.next()??);
        Some(Self(major, minor, numbers.next().flatten().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_where_programs_print_them() {
        for (text, expected) in [
            ("cmake version 3.25.1\n\nCMake suite maintained by", Version(3, 25, 1)),
            ("cmake version 4.1.0-rc2", Version(4, 1, 0)),
            ("3.28.3-1build7", Version(3, 28, 3)),
            ("1:14.0-55.7~deb12u1", Version(14, 0, 0)),
            ("g++ (Debian 12.2.0-14+deb12u1) 12.2.0", Version(12, 2, 0)),
            ("3.31+dfsg", Version(3, 31, 0)),
        ] {
            assert_eq!(Version::find(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_text_without_a_version_has_none() {
        for text in ["", "(none)", "cmake", "version four", "12", "v.1", "99999999999.1"] {
            assert_eq!(Version::find(text), None, "{text}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(Version(3, 9, 0) < Version(3, 28, 0));
        assert!(Version(4, 0, 0) > Version(3, 99, 99));
    }
}
