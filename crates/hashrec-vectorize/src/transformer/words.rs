//! MeCab words with the signs between them, from a tokenizer that leaves signs out.

use hashrec_tokenize::Tokens;

/// The words of `text`, in order: those that a tokenizer found, and between them every sign. Spaces
/// belong to no word.
///
/// Tokens that the tokenizer keeps whole beyond words (addresses, `3.14`, `c++`) are split as UniDic
/// splits them: digits apart from letters, every ASCII sign alone. Where the parts of a token
/// follow it, the parts are used.
pub(super) fn words<'t>(tokens: &Tokens, text: &'t str) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut spans = tokens.iter().map(|token| token.span).peekable();
    while let Some(span) = spans.next() {
        let has_parts =
            spans.peek().is_some_and(|next| next.start < span.end && next.end <= span.end);
        if has_parts || span.start < at {
            continue;
        }
        let (Some(before), Some(word)) = (text.get(at..span.start), text.get(span.clone())) else {
            continue;
        };
        found.extend(signs(before).chain(pieces(word)));
        at = span.end;
    }
    found.extend(signs(text.get(at..).unwrap_or_default()));
    found
}

/// The signs between words, one by one.
fn signs(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|_| true).filter(|sign| !sign.trim().is_empty())
}

/// The parts of a token: letters, digits, and single signs.
fn pieces(token: &str) -> impl Iterator<Item = &str> {
    let is_letter = |c: char| !c.is_ascii() || c.is_ascii_alphabetic();
    let mut rest = token;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = if is_letter(first) {
            rest.find(|c| !is_letter(c))
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
        } else {
            Some(1)
        };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use hashrec_tokenize::{TextTokenizer, Tokenizer, TokenizerParams};

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let tokenizer = TextTokenizer::unicode(TokenizerParams::default(), [""; 0]).unwrap();
        words(&tokenizer.tokenize(text), text)
    }

    #[test]
    fn signs_are_words_and_spaces_are_not() {
        assert_eq!(cut(""), [""; 0]);
        assert_eq!(cut(" \n"), [""; 0]);
        assert_eq!(cut("東京!!  (大阪)。"), ["東京", "!", "!", "(", "大阪", ")", "。"]);
    }

    #[test]
    fn tokens_beyond_words_are_split_as_unidic_splits_them() {
        assert_eq!(cut("3.14 c++ node.js"), ["3", ".", "14", "c", "+", "+", "node", ".", "js"]);
        assert_eq!(cut("snake_case ABC123"), ["snake", "_", "case", "ABC", "123"]);
        let address = ["https", ":", "/", "/", "example", ".", "com", "/", "a", "?", "b", "=", "1"];
        assert_eq!(cut("https://example.com/a?b=1"), address);
        assert_eq!(cut("#タグ @name"), ["#", "タグ", "@", "name"]);
    }
}
