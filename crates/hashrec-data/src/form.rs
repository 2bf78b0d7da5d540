//! The serde form of a post.

use serde::{Deserialize, Serialize, Serializer, de, ser};

use crate::{Post, time};

/// A post before it is checked.
#[derive(Deserialize)]
pub(crate) struct Form {
    id: Name,
    community: Name,
    text: String,
    hashtags: Vec<String>,
    #[serde(default)]
    created_at: Option<String>,
}

/// A text, or a number used as one.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Name {
    Text(String),
    Unsigned(u64),
    Signed(i64),
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) => text,
            Name::Unsigned(number) => number.to_string(),
            Name::Signed(number) => number.to_string(),
        }
    }
}

impl TryFrom<Form> for Post {
    type Error = serde::de::value::Error;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let created_at = match form.created_at {
            None => None,
            Some(text) => Some(time::parse(&text).ok_or_else(|| {
                de::Error::custom(format!("created_at is {text:?}; expected {}", time::EXPECTED))
            })?),
        };
        Ok(Self::new(form.id, form.community, form.text, form.hashtags, created_at))
    }
}

pub(crate) fn write_time<S: Serializer>(
    seconds: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = match seconds {
        None => None,
        Some(seconds) => Some(time::format(*seconds).ok_or_else(|| {
            ser::Error::custom(format!("created_at {seconds} lies outside the years -9999 to 9999"))
        })?),
    };
    text.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

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
