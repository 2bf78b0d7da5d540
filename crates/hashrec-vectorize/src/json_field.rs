//! A value in a JSON file with the way that leads to it, for errors that name it.

use serde_json::Value;

use crate::VectorizeError;

/// The most characters of a value that an error shows.
const SHOWN: usize = 80;

/// A value in a JSON file, possibly absent, and the way that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    file: &'a str,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// The whole content of a file.
    pub(crate) fn root(file: &'a str, value: &'a Value) -> Self {
        Self { file, path: String::new(), value }
    }

    /// A field of an object; null if it is absent.
    pub(crate) fn get(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{name}", self.path);
        Self { file: self.file, path, value: self.value.get(name).unwrap_or(&Value::Null) }
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Result<impl Iterator<Item = Self> + use<'a>, VectorizeError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        let (file, path) = (self.file, self.path.clone());
        Ok(items.iter().enumerate().map(move |(at, value)| Self {
            file,
            path: format!("{path}[{at}]"),
            value,
        }))
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(crate) fn text(&self) -> Result<&'a str, VectorizeError> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    pub(crate) fn letter(&self) -> Result<char, VectorizeError> {
        let mut letters = self.text()?.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(letter),
            _ => Err(self.wrong("one character")),
        }
    }

    /// A switch; `default` if it is absent.
    pub(crate) fn switch(&self, default: bool) -> Result<bool, VectorizeError> {
        if self.is_null() {
            return Ok(default);
        }
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A whole number of at most `most`.
    pub(crate) fn number(&self, most: u32) -> Result<u32, VectorizeError> {
        let number = self.value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.filter(|&number| number <= most).ok_or_else(|| self.wrong(&format!("0 to {most}")))
    }

    /// The error for a value that is not `expected`.
    pub(crate) fn wrong(&self, expected: &str) -> VectorizeError {
        let mut found = self.value.to_string();
        if let Some((end, _)) = found.char_indices().nth(SHOWN) {
            found.truncate(end);
            found.push('…');
        }
        let path = if self.path.is_empty() { "the whole file" } else { self.path.as_str() };
        VectorizeError::model_value(self.file, path, found, expected)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_name_the_way_and_show_the_value() {
        let json = json!({"a": [{"b": "x".repeat(200)}, 3]});
        let root = Field::root("some.json", &json);
        let items: Vec<Field<'_>> = root.get("a").items().unwrap().collect();
        let error = items[0].get("b").switch(true).unwrap_err().to_string();
        assert!(error.starts_with("some.json: a[0].b is \"xxx"), "{error}");
        assert!(error.ends_with("…; expected true or false"), "{error}");
        let error = items[1].number(2).unwrap_err().to_string();
        assert_eq!(error, "some.json: a[1] is 3; expected 0 to 2");
        assert!(root.text().unwrap_err().to_string().contains("the whole file"));
        assert!(root.get("absent").is_null() && root.get("absent").switch(true).unwrap());
    }
}
