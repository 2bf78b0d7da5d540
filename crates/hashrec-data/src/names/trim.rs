//! Names as they are shown: without what surrounds them.

use super::marks::{is_blank, is_invisible, modifies};

/// A hashtag as it is shown: without leading `#` or `＃`, and without white space and invisible
/// characters at its ends. `"C#"` is unchanged, and so are letter case and width. The result is empty
/// if there is nothing to see.
///
/// ```
/// use hashrec_data::normalize_hashtag;
///
/// assert_eq!(normalize_hashtag("\u{200B}＃新機能 "), "新機能");
/// assert_eq!(normalize_hashtag("#\u{2060}"), "");
/// ```
pub fn normalize_hashtag(hashtag: &str) -> &str {
    let before = |c| matches!(c, '#' | '＃' | '﹟') || is_blank(c) || is_invisible(c);
    trim_end(hashtag.trim_start_matches(before))
}

/// The name of a community as it is shown and looked up: without white space and invisible characters
/// at its ends.
pub fn normalize_community(name: &str) -> &str {
    trim(name)
}

/// A value without white space and invisible characters at its ends.
pub(crate) fn trim(value: &str) -> &str {
    trim_end(value.trim_start_matches(|c| is_blank(c) || is_invisible(c)))
}

fn trim_end(name: &str) -> &str {
    // A selector at the end belongs to the picture before it.
    name.trim_end_matches(|c| is_blank(c) || (is_invisible(c) && !modifies(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_name_is_cut() {
        for (given, shown) in [
            ("#新機能", "新機能"),
            (" ＃お知らせ\u{3000}", "お知らせ"),
            ("\u{FEFF}#\u{200B} x\u{A0}\u{200F}", "x"),
            ("##a", "a"),
            ("C#", "C#"),
            ("#❤\u{FE0F}", "❤\u{FE0F}"),
            ("\u{2800}\u{3164}", ""),
            ("#\u{FE0F}", ""),
            ("a\0", "a"),
        ] {
            assert_eq!(normalize_hashtag(given), shown, "{given:?}");
        }
        assert_eq!(normalize_community("\u{FEFF} #run\t"), "#run");
    }
}
