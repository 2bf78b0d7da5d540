//! Unigram, SentencePiece's model: of all ways to cut a word into pieces, the likeliest.

use serde::{Deserialize, Serialize};

use super::vocabulary::Vocabulary;
use crate::{VectorizeError, json_field::Field};

/// How much less likely than the rarest piece a character that no piece spells is.
const PENALTY: f64 = 10.0;

/// The settings of a Unigram model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unigram {
    /// Characters that no piece spells become the pieces of their bytes.
    bytes: bool,
    unknown_score: f64,
}

/// The best way to a place in a word.
#[derive(Clone, Copy, Debug)]
struct Way {
    score: f64,
    /// Where its last piece begins; none if no way leads here yet.
    start: Option<usize>,
    token: u32,
}

/// What is used again from word to word.
#[derive(Debug, Default)]
pub(super) struct Lattice {
    ways: Vec<Way>,
    path: Vec<(usize, u32)>,
}

impl Unigram {
    /// A model's settings, and its pieces' scores.
    pub(super) fn parse(model: &Field<'_>, pieces: &[(&str, f64)]) -> Result<Self, VectorizeError> {
        let least = pieces.iter().map(|&(_, score)| score).fold(f64::INFINITY, f64::min);
        Ok(Self {
            bytes: model.get("byte_fallback").switch(false)?,
            unknown_score: if least.is_finite() { least - PENALTY } else { -PENALTY },
        })
    }

    /// Appends the tokens of a word.
    pub(super) fn tokens(
        &self,
        vocabulary: Vocabulary<'_>,
        word: &str,
        lattice: &mut Lattice,
        out: &mut Vec<u32>,
    ) {
        let Vocabulary { trie, scores, unknown } = vocabulary;
        let (ways, path) = (&mut lattice.ways, &mut lattice.path);
        let bytes = word.as_bytes();
        ways.clear();
        ways.resize(word.len() + 1, Way { score: 0.0, start: None, token: unknown });
        for (start, letter) in word.char_indices() {
            let before = ways.get(start).map_or(0.0, |way| way.score);
            let mut reach = |len: usize, token: u32, score: f64| {
                if let Some(way) = ways.get_mut(start + len)
                    && (way.start.is_none() || before + score > way.score)
                {
                    *way = Way { score: before + score, start: Some(start), token };
                }
            };
            let mut is_spelled = false;
            for (len, token) in trie.prefixes(trie.root(), bytes.get(start..).unwrap_or_default()) {
                let score = scores.get(token as usize).copied().unwrap_or(self.unknown_score);
                reach(len, token, score);
                is_spelled |= len == letter.len_utf8();
            }
            if !is_spelled {
                reach(letter.len_utf8(), unknown, self.unknown_score);
            }
        }
        path.clear();
        let mut end = word.len();
        while end > 0
            && let Some(&Way { start: Some(start), token, .. }) = ways.get(end)
        {
            path.push((end, token));
            end = start;
        }
        let mut start = 0;
        while let Some((mut end, token)) = path.pop() {
            if token == unknown {
                // Neighbours that are unknown are one.
                while let Some((next, _)) = path.pop_if(|(_, token)| *token == unknown) {
                    end = next;
                }
                self.unknown(vocabulary, bytes.get(start..end).unwrap_or_default(), out);
            } else {
                out.push(token);
            }
            start = end;
        }
    }

    /// Appends the tokens of characters that no pieces spell.
    fn unknown(&self, vocabulary: Vocabulary<'_>, bytes: &[u8], out: &mut Vec<u32>) {
        let Vocabulary { trie, unknown, .. } = vocabulary;
        if let Some(token) = trie.get(bytes) {
            out.push(token);
            return;
        }
        let before = out.len();
        if self.bytes {
            out.extend(bytes.iter().map_while(|&byte| trie.get(&byte_piece(byte))));
        }
        if out.len() - before != bytes.len() || bytes.is_empty() {
            out.truncate(before);
            out.push(unknown);
        }
    }
}

/// The piece of a byte: `<0x0A>`.
fn byte_piece(byte: u8) -> [u8; 6] {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + value - 10 };
    [b'<', b'0', b'x', digit(byte >> 4), digit(byte & 15), b'>']
}

#[cfg(test)]
mod tests {
    use super::{
        super::{build_trie::build_trie, trie::Trie},
        *,
    };

    const PIECES: [(&str, f64); 11] = [
        ("<unk>", 0.0),
        ("a", -3.0),
        ("b", -3.0),
        ("ab", -4.0),
        ("abc", -9.0),
        ("c", -3.0),
        ("bc", -5.5),
        ("語", -2.0),
        ("<0xC3>", -8.0),
        ("<0xA9>", -8.0),
        ("cab", -4.5),
    ];

    fn tokens(bytes: bool, word: &str) -> Vec<u32> {
        let mut keys: Vec<(&[u8], u32)> =
            PIECES.iter().zip(0..).map(|((text, _), token)| (text.as_bytes(), token)).collect();
        keys.sort_unstable();
        let units = build_trie(&keys);
        let scores = PIECES.map(|(_, score)| score);
        let vocabulary = Vocabulary { trie: Trie(&units), scores: &scores, unknown: 0 };
        let json = serde_json::json!({"byte_fallback": bytes});
        let model = Unigram::parse(&Field::root("tokenizer.json", &json), &PIECES).unwrap();
        let mut out = vec![9];
        model.tokens(vocabulary, word, &mut Lattice::default(), &mut out);
        out.split_off(1)
    }

    #[test]
    fn the_likeliest_pieces_are_chosen() {
        assert_eq!(tokens(false, "ab"), [3]);
        // ab, c: -7; a, bc: -8.5; abc: -9.
        assert_eq!(tokens(false, "abc"), [3, 5]);
        assert_eq!(tokens(false, "cab語"), [10, 7]);
        assert_eq!(tokens(false, ""), [0u32; 0]);
    }

    #[test]
    fn unknown_neighbours_are_one() {
        assert_eq!(tokens(false, "xyéa"), [0, 1]);
        assert_eq!(tokens(false, "axb"), [1, 0, 2]);
        assert_eq!(tokens(false, "<unk>x"), [0]);
        assert_eq!(tokens(false, "é<0xC3>"), [0, 8]);
    }

    #[test]
    fn unknown_characters_become_bytes_where_all_have_pieces() {
        assert_eq!(tokens(true, "aé"), [1, 8, 9]);
        assert_eq!(tokens(true, "éx"), [0]);
        assert_eq!(tokens(true, "<unk>"), [0]);
    }
}
