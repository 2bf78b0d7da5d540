//! The `added_tokens` of `tokenizer.json`: tokens that are found in the text before it is split.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    build_trie::build_trie,
    characters::is_word,
    trie::{LONGEST, Trie},
};
use crate::{VectorizeError, json_field::Field};

/// The most bytes of all added tokens.
const MOST_BYTES: usize = 1 << 20;

/// A token that is found in the text as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddedToken {
    pub(super) id: u32,
    pub(super) content: String,
    /// Nothing stands for the token but the token: it never comes from what a text says.
    pub(super) special: bool,
    /// Found in the changed text, not in the text as it was.
    pub(super) normalized: bool,
    /// Not found inside words.
    single_word: bool,
    /// Takes the spaces before it.
    left: bool,
    /// Takes the spaces after it.
    right: bool,
}

impl AddedToken {
    fn parse(field: &Field<'_>, most: u32) -> Result<Self, VectorizeError> {
        let content = field.get("content");
        let text = content.text()?;
        if text.is_empty() || text.len() > LONGEST || text.contains('\0') {
            return Err(content.wrong("a text of 1 to 1024 bytes without U+0000"));
        }
        let special = field.get("special").switch(false)?;
        Ok(Self {
            id: field.get("id").number(most)?,
            content: text.to_owned(),
            special,
            normalized: field.get("normalized").switch(!special)?,
            single_word: field.get("single_word").switch(false)?,
            left: field.get("lstrip").switch(false)?,
            right: field.get("rstrip").switch(false)?,
        })
    }
}

/// Reads a list of added tokens, whose ids are at most `most`.
pub(super) fn parse(field: &Field<'_>, most: u32) -> Result<Vec<AddedToken>, VectorizeError> {
    if field.is_null() {
        return Ok(Vec::new());
    }
    let tokens: Result<Vec<AddedToken>, VectorizeError> =
        field.items()?.map(|field| AddedToken::parse(&field, most)).collect();
    let tokens = tokens?;
    if tokens.iter().map(|token| token.content.len()).sum::<usize>() > MOST_BYTES {
        return Err(field.wrong("tokens of at most 2^20 bytes together"));
    }
    Ok(tokens)
}

/// The added tokens that are found together. Their contents are distinct.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AddedTokens {
    tokens: Vec<AddedToken>,
    /// From what is looked for to a token's place in the list.
    trie: Vec<u32>,
}

/// A part of a text.
pub(super) enum Part<'t> {
    /// An added token.
    Token(u32),
    /// Text between added tokens; whether nothing came before it.
    Text(&'t str, bool),
}

impl AddedTokens {
    /// Tokens, each with the text that it is found by. Texts that can't be found are left out.
    pub(super) fn new(mut tokens: Vec<(String, AddedToken)>) -> Self {
        let mut bytes = 0usize;
        tokens.retain(|(text, _)| {
            bytes = bytes.saturating_add(text.len());
            !text.is_empty() && !text.contains('\0') && bytes <= MOST_BYTES
        });
        tokens.sort_by(|a, b| a.0.cmp(&b.0));
        // As for keys of a map: the last one counts.
        tokens.reverse();
        tokens.dedup_by(|a, b| a.0 == b.0);
        tokens.reverse();
        let keys: Vec<(&[u8], u32)> =
            tokens.iter().zip(0..).map(|((text, _), at)| (text.as_bytes(), at)).collect();
        let trie = if keys.is_empty() { Vec::new() } else { build_trie(&keys) };
        Self { trie, tokens: tokens.into_iter().map(|(_, token)| token).collect() }
    }

    /// Calls `emit` with the tokens in a text and what is between them: at each place the longest.
    pub(super) fn split(&self, text: &str, mut emit: impl FnMut(Part<'_>)) {
        let mut done = 0;
        let mut at = 0;
        if !self.tokens.is_empty() {
            while at < text.len() {
                let Some((token, found)) = self.at(text, at) else {
                    at += 1;
                    continue;
                };
                at = found.end;
                let before = text.get(..found.start).unwrap_or_default();
                let after = text.get(found.end..).unwrap_or_default();
                if token.single_word && (before.ends_with(is_word) || after.starts_with(is_word)) {
                    continue;
                }
                let start = if token.left { before.trim_end().len() } else { found.start };
                let end =
                    if token.right { text.len() - after.trim_start().len() } else { found.end };
                if let Some(between) = text.get(done..start)
                    && !between.is_empty()
                {
                    emit(Part::Text(between, done == 0));
                }
                emit(Part::Token(token.id));
                done = end;
            }
        }
        if let Some(rest) = text.get(done..)
            && !rest.is_empty()
        {
            emit(Part::Text(rest, done == 0));
        }
    }

    /// The longest token at a place.
    fn at(&self, text: &str, start: usize) -> Option<(&AddedToken, Range<usize>)> {
        let trie = Trie(&self.trie);
        let rest = text.as_bytes().get(start..)?;
        let (len, index) = trie.prefixes(trie.root(), rest).last()?;
        Some((self.tokens.get(index as usize)?, start..start + len))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parts(tokens: &Value, text: &str) -> Vec<String> {
        let field = Field::root("tokenizer.json", tokens);
        let tokens = parse(&field, 99).unwrap().into_iter();
        let tokens = AddedTokens::new(tokens.map(|token| (token.content.clone(), token)).collect());
        let mut parts = Vec::new();
        tokens.split(text, |part| {
            parts.push(match part {
                Part::Token(id) => id.to_string(),
                Part::Text(text, is_first) => format!("{text}{}", if is_first { "!" } else { "" }),
            });
        });
        parts
    }

    #[test]
    fn tokens_are_cut_out_of_a_text() {
        let tokens = json!([
            {"id": 1, "content": "[A]"},
            {"id": 2, "content": "[A]B"},
            {"id": 3, "content": "ab", "single_word": true},
            {"id": 4, "content": "<m>", "lstrip": true, "rstrip": true},
        ]);
        assert_eq!(parts(&tokens, "x[A]y"), ["x!", "1", "y"]);
        assert_eq!(parts(&tokens, "[A]BC[A]"), ["2", "C", "1"]);
        assert_eq!(parts(&tokens, "[A"), ["[A!"]);
        assert_eq!(parts(&tokens, "cab ab 語ab"), ["cab !", "3", " 語ab"]);
        assert_eq!(parts(&tokens, "a  <m> \nb"), ["a!", "4", "b"]);
        assert_eq!(parts(&tokens, ""), [""; 0]);
        assert_eq!(parts(&json!([]), "a"), ["a!"]);
    }

    #[test]
    fn what_is_not_a_token_is_named() {
        for (json, named) in [
            (json!({"id": 100, "content": "a"}), "id"),
            (json!({"id": 1, "content": ""}), "content"),
            (json!({"id": 1, "content": "a", "lstrip": 1}), "lstrip"),
        ] {
            let json = json!([json]);
            let error = parse(&Field::root("tokenizer.json", &json), 99).unwrap_err().to_string();
            assert!(error.contains(&format!("[0].{named} is")), "{error}");
        }
        let long: Vec<Value> =
            (0..1100).map(|n| json!({"id": 1, "content": format!("{n:01000}")})).collect();
        let long = json!(long);
        let error = parse(&Field::root("tokenizer.json", &long), 99).unwrap_err().to_string();
        assert!(error.contains("2^20 bytes"), "{error}");
    }
}
