//! Patterns of `tokenizer.json`: a plain text or a regular expression.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::{VectorizeError, json_field::Field};

/// The most memory of a compiled expression, in bytes.
const MOST_MEMORY: usize = 1 << 22;

/// A pattern, stored as the regular expression it is or would be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Pattern(Regex);

impl Pattern {
    pub(super) fn parse(field: &Field<'_>) -> Result<Self, VectorizeError> {
        let (plain, expression) = (field.get("String"), field.get("Regex"));
        let expression = match expression.is_null() {
            true => regex::escape(plain.text()?),
            false => expression.text()?.to_owned(),
        };
        let expected = "a text, or a regular expression without look-around and back-references";
        let pattern = Self::try_from(expression).map_err(|_| field.wrong(expected))?;
        if pattern.0.is_match("") {
            return Err(field.wrong("a pattern that does not match the empty text"));
        }
        Ok(pattern)
    }

    pub(super) fn regex(&self) -> &Regex {
        &self.0
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(expression: String) -> Result<Self, regex::Error> {
        RegexBuilder::new(&expression).size_limit(MOST_MEMORY).build().map(Self)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_a_pattern_is_named() {
        let parse = |json: serde_json::Value| {
            Pattern::parse(&Field::root("tokenizer.json", &json).get("pattern"))
        };
        let plain = parse(json!({"pattern": {"String": "a.b"}})).unwrap();
        assert!(plain.regex().is_match("a.b") && !plain.regex().is_match("axb"));
        let regex = parse(json!({"pattern": {"Regex": " {2,}"}})).unwrap();
        assert_eq!(regex.regex().replace_all("a   b", "_"), "a_b");
        for wrong in [json!({"Regex": "(?=a)"}), json!({"String": ""}), json!({"Regex": "a*"})] {
            let error = parse(json!({"pattern": wrong})).unwrap_err().to_string();
            assert!(error.contains("pattern"), "{error}");
        }
        assert!(parse(json!({"pattern": {}})).is_err());
    }
}
