//! The serde form of a post.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::{number, time};

/// A post before it is checked.
#[derive(Deserialize)]
pub(crate) struct Form {
    pub(crate) id: Name,
    pub(crate) community: Name,
    pub(crate) text: String,
    pub(crate) hashtags: Vec<String>,
    #[serde(default)]
    created_at: Option<Name>,
}

/// A text, or a number used as one.
pub(crate) struct Name(String);

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl de::Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a whole number (of more than 64 bits as a string)")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        Ok(Name(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Name, E> {
        Ok(Name(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Name, E> {
        Ok(Name(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Name, E> {
        let whole = number::whole(&format!("{number:e}")).map(Name);
        whole.ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
    }
}

impl Form {
    /// The time in Unix seconds.
    pub(crate) fn seconds<E: de::Error>(&self) -> Result<Option<i64>, E> {
        let Some(Name(text)) = &self.created_at else { return Ok(None) };
        time::parse(text)
            .map_err(|expected| E::custom(format!("created_at is {text:?}; expected {expected}")))
    }
}

pub(crate) fn write_time<S: Serializer>(
    seconds: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = match seconds {
        None => None,
        Some(seconds) => Some(time::format(*seconds).ok_or_else(|| {
            ser::Error::custom(format!("created_at {seconds} lies {}", time::UNWRITABLE))
        })?),
    };
    text.serialize(serializer)
}
