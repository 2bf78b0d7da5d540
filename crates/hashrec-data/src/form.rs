//! The serde form of a post.

use serde::{Deserialize, Serialize, Serializer, de, ser};

use crate::time;

/// A post before it is checked.
#[derive(Deserialize)]
pub(crate) struct Form {
    pub(crate) id: Name,
    pub(crate) community: Name,
    pub(crate) text: String,
    pub(crate) hashtags: Vec<String>,
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

impl Form {
    /// The time in Unix seconds.
    pub(crate) fn seconds<E: de::Error>(&self) -> Result<Option<i64>, E> {
        let Some(text) = &self.created_at else { return Ok(None) };
        let problem = || format!("created_at is {text:?}; expected {}", time::EXPECTED);
        time::parse(text).map(Some).ok_or_else(|| E::custom(problem()))
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
