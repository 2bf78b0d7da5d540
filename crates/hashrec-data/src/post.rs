//! One post.

use std::collections::HashSet;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

#[cfg(feature = "serde")]
use crate::form;
use crate::{NameFolding, fold_hashtag, names::trim, normalize_community, normalize_hashtag};

/// A post of a community, with the hashtags that its author chose.
///
/// Its serde form, with the feature `serde`, is one line of a JSON-lines file: the fields `id`,
/// `community`, `text`, `hashtags` and `created_at`. Deserializing accepts whole numbers for `id` and
/// `community`, ignores other fields, and normalizes the hashtags as [`Post::new`] does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(try_from = "form::Form"))]
pub struct Post {
    /// The id of the post, unique in a corpus.
    pub id: String,
    /// The name of its community.
    pub community: String,
    /// Title, line break, body. The first line is the title, even if there is no body.
    pub text: String,
    /// Its distinct hashtags without the leading `#`, in the author's order.
    pub hashtags: Vec<String>,
    /// When it was written, in Unix seconds; `None` if unknown.
    #[cfg_attr(feature = "serde", serde(serialize_with = "form::write_time"))]
    pub created_at: Option<i64>,
}

impl Post {
    /// A post with an id without blanks at its ends, with the names of its community and hashtags in the form that [`normalize_community`] and
    /// [`normalize_hashtag`] give, without empty hashtags and those that repeat another by the key of
    /// [`fold_hashtag`], in their order.
    pub fn new<T: AsRef<str>>(
        id: impl Into<String>,
        community: impl Into<String>,
        text: impl Into<String>,
        hashtags: impl IntoIterator<Item = T>,
        created_at: Option<i64>,
    ) -> Self {
        let mut seen = HashSet::new();
        let key = |tag: &str| fold_hashtag(tag, NameFolding::default()).into_owned();
        let hashtags = hashtags
            .into_iter()
            .map(|tag| normalize_hashtag(tag.as_ref()).to_owned())
            .filter(|tag| !tag.is_empty() && seen.insert(key(tag)))
            .collect();
        let id = trim(&id.into()).to_owned();
        let community = trimmed(community.into());
        Self { id, community, text: text.into(), hashtags, created_at }
    }

    /// The first line of the text, without its line break; empty if the text is empty.
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The length of the title in bytes: where it ends in [`Post::text`].
    pub fn title_len(&self) -> usize {
        self.title().len()
    }
}

/// The name of a community without what surrounds it.
fn trimmed(name: String) -> String {
    match normalize_community(&name) {
        shown if shown.len() == name.len() => name,
        shown => shown.to_owned(),
    }
}

#[cfg(feature = "serde")]
impl TryFrom<form::Form> for Post {
    type Error = serde::de::value::Error;

    fn try_from(form: form::Form) -> Result<Self, Self::Error> {
        let created_at = form.seconds()?;
        Ok(Self::new(form.id, form.community, form.text, form.hashtags, created_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_trimmed_stripped_and_distinct() {
        let tags = ["#新機能", " ＃お知らせ\u{3000}", "C#", "", "#", "新機能", "## x", "F# "];
        let post = Post::new("1", "c", "t", tags, None);
        assert_eq!(post.hashtags, ["新機能", "お知らせ", "C#", "x", "F#"]);
    }

    #[test]
    fn the_title_is_the_first_line() {
        let title = |text: &str| Post::new("1", "c", text, [""; 0], None).title().to_owned();
        assert_eq!(title("題名\n本文"), "題名");
        assert_eq!(title("title\r\nbody"), "title");
        assert_eq!(title("only"), "only");
        assert_eq!(title("\nbody"), "");
        assert_eq!(title(""), "");
        assert_eq!(Post::new("1", "c", "題名\n本文", [""; 0], None).title_len(), 6);
    }

    #[cfg(feature = "corpus")]
    #[test]
    fn reads_and_writes_the_line_form() {
        let line = r##"{"id": 7, "community": "c", "text": "a\nb", "hashtags": ["#x", "x"],
            "created_at": "1970-01-01T00:01:00Z", "gold": []}"##;
        let post: Post = serde_json::from_str(line).unwrap();
        assert_eq!(post, Post::new("7", "c", "a\nb", ["x"], Some(60)));
        assert_eq!(
            serde_json::to_string(&post).unwrap(),
            r#"{"id":"7","community":"c","text":"a\nb","hashtags":["x"],"created_at":"1970-01-01T00:01:00Z"}"#
        );
        let bad = serde_json::from_str::<Post>(
            r#"{"id":"7","community":"c","text":"","hashtags":[],"created_at":"soon"}"#,
        );
        assert!(bad.unwrap_err().to_string().contains("created_at is \"soon\""));
        let far = Post { created_at: Some(i64::MAX), ..post };
        assert!(serde_json::to_string(&far).is_err());
    }
}
