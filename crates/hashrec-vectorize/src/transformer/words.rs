//! MeCab words with the signs between them, from a tokenizer that leaves signs out.

use hashrec_tokenize::{Tokens, Worker};

/// Calls `each` with every word of `text`, in order: the words that `worker` finds, and between
/// them every sign. Spaces belong to no word.
///
/// Tokens that the worker keeps whole beyond words (addresses, `3.14`, `c++`) are split as UniDic
/// splits them: digits apart from letters, every ASCII sign alone. Where the parts of a token
/// follow it, the parts are used.
pub(super) fn words(worker: &mut dyn Worker, text: &str, mut each: impl FnMut(&str)) {
    let mut tokens = Tokens::default();
    worker.tokenize(text, &mut tokens);
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
        signs(before, &mut each);
        pieces(word, &mut each);
        at = span.end;
    }
    signs(text.get(at..).unwrap_or_default(), &mut each);
}

/// The signs between words, one by one.
fn signs(text: &str, each: &mut impl FnMut(&str)) {
    for (at, character) in text.char_indices().filter(|(_, character)| !character.is_whitespace()) {
        each(&text[at..at + character.len_utf8()]);
    }
}

fn pieces(word: &str, each: &mut impl FnMut(&str)) {
    let mut start = 0;
    let mut last = None;
    for (at, character) in word.char_indices() {
        let kind = Kind::of(character);
        if last.is_some_and(|last: Kind| last.is_apart_from(kind)) {
            each(&word[start..at]);
            start = at;
        }
        last = Some(kind);
    }
    if start < word.len() {
        each(&word[start..]);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Sign,
}

impl Kind {
    fn of(character: char) -> Self {
        if character.is_ascii_digit() {
            Self::Digit
        } else if character.is_ascii() && !character.is_ascii_alphabetic() {
            Self::Sign
        } else {
            Self::Letter
        }
    }

    fn is_apart_from(self, next: Self) -> bool {
        self != next || self == Self::Sign
    }
}

#[cfg(test)]
mod tests {
    use hashrec_tokenize::{TextTokenizer, Tokenizer, TokenizerParams};

    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let tokenizer = TextTokenizer::unicode(TokenizerParams::default(), [""; 0]).unwrap();
        let mut found = Vec::new();
        words(&mut *tokenizer.worker(), text, |word| found.push(word.to_owned()));
        found
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
