//! Morphological analysis with a MeCab dictionary, through vibrato.

use std::{fmt, sync::Arc};

use crate::{
    Backend, Dictionary, HashtagLexicon, Normalizer, TokenizeError, Tokenizer, TokenizerParams,
    Worker,
    pipeline::Pipeline,
    segment::{Cut, Segmenter},
};

/// The largest number of characters given to vibrato at once. vibrato numbers the words that end at
/// one position with 16 bits and sums their costs with 32. A dictionary has at most 512 words of one
/// spelling, in 64 lengths, and 32 kinds of unknown words of a category, so that at most
/// 64 · 512 + 512 · 32 words end at one position. As at most 1,024 begin at one, an analysis compares
/// at most 512 · 1,024² pairs of words.
const LONGEST: usize = 512;

/// A tokenizer that uses a MeCab dictionary: IPADIC, UniDic, or your own.
#[derive(Clone)]
pub struct VibratoTokenizer {
    params: TokenizerParams,
    hashtags: HashtagLexicon,
    dictionary: Arc<Dictionary>,
}

impl VibratoTokenizer {
    /// A tokenizer that makes one token of each of these hashtags.
    ///
    /// # Errors
    /// [`TokenizeError::Parameter`] if a parameter is out of range or asks for another backend.
    pub fn new(
        params: TokenizerParams,
        dictionary: Arc<Dictionary>,
        hashtags: HashtagLexicon,
    ) -> Result<Self, TokenizeError> {
        params.check_for(Backend::Vibrato)?;
        Ok(Self { params, hashtags, dictionary })
    }

    /// The parameters.
    pub fn params(&self) -> &TokenizerParams {
        &self.params
    }

    /// The hashtags that become one token.
    pub fn hashtags(&self) -> &HashtagLexicon {
        &self.hashtags
    }

    /// The dictionary.
    pub fn dictionary(&self) -> &Arc<Dictionary> {
        &self.dictionary
    }
}

impl fmt::Debug for VibratoTokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VibratoTokenizer").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Tokenizer for VibratoTokenizer {
    fn worker(&self) -> Box<dyn Worker + '_> {
        let analyzer = Analyzer {
            worker: self.dictionary.analyzer().new_worker(),
            base_forms: self.params.base_forms.then(Normalizer::new),
        };
        Box::new(Pipeline::new(&self.params, &self.hashtags, analyzer))
    }
}

struct Analyzer<'d> {
    worker: vibrato::tokenizer::worker::Worker<'d>,
    /// Normalizes base forms; `None` if tokens are not base forms.
    base_forms: Option<Normalizer>,
}

impl Segmenter for Analyzer<'_> {
    fn segment(&mut self, text: &str, cuts: &mut Vec<Cut>, bases: &mut String) {
        let mut start = 0;
        while start < text.len() {
            let end = start + chunk_len(&text[start..]);
            self.segment_chunk(&text[start..end], start, cuts, bases);
            start = end;
        }
    }
}

impl Analyzer<'_> {
    fn segment_chunk(
        &mut self,
        chunk: &str,
        start: usize,
        cuts: &mut Vec<Cut>,
        bases: &mut String,
    ) {
        self.worker.reset_sentence(chunk);
        self.worker.tokenize();
        let mut at = 0;
        for token in self.worker.token_iter() {
            let span = token.range_byte();
            // Spaces belong to no token.
            if span.start > at {
                cuts.push(Cut { end: start + span.start, ..Cut::default() });
            }
            let known = token.lex_type() != vibrato::dictionary::LexType::Unknown;
            let from = bases.len();
            if let Some(normalizer) = &self.base_forms
                && known
                && let Some(base) = base_form(token.feature())
            {
                bases.push_str(&normalizer.fold(base));
            }
            cuts.push(Cut { end: start + span.end, known, base: (from, bases.len()) });
            at = span.end;
        }
        if at < chunk.len() {
            cuts.push(Cut { end: start + chunk.len(), ..Cut::default() });
        }
    }
}

/// The length of the next chunk in bytes: the whole text if it is short enough, otherwise up to the
/// last symbol or space in the second half of what fits, otherwise everything that fits.
fn chunk_len(text: &str) -> usize {
    let Some((limit, _)) = text.char_indices().nth(LONGEST) else { return text.len() };
    let sign = text[..limit].char_indices().rfind(|(_, c)| !c.is_alphanumeric());
    match sign {
        Some((at, c)) if at >= limit / 2 => at + c.len_utf8(),
        _ => limit,
    }
}

/// The base form in the features of a word: field 7 of the 9 of IPADIC, or field 11 (orthBase) of the
/// 17 or more of UniDic. Words with quoted fields contain commas and have no useful base form.
fn base_form(features: &str) -> Option<&str> {
    if features.contains('"') {
        return None;
    }
    let field = if features.split(',').count() >= 12 { 10 } else { 6 };
    features.split(',').nth(field).filter(|base| !base.is_empty() && *base != "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_forms_of_both_dictionaries() {
        assert_eq!(base_form("動詞,自立,*,*,一段,連用形,食べる,タベ,タベ"), Some("食べる"));
        assert_eq!(base_form("名詞,一般,*,*,*,*,*"), None);
        assert_eq!(base_form("動詞"), None);
        let unidic =
            "動詞,一般,*,*,下一段-バ行,連用形-一般,タベル,食べる,食べ,タベ,食べる,タベル,和";
        assert_eq!(base_form(unidic), Some("食べる"));
    }

    #[test]
    fn chunks_end_after_a_symbol() {
        assert_eq!(chunk_len("短い"), 6);
        assert_eq!(chunk_len(&"a".repeat(3_000)), LONGEST);
        let text = "a".repeat(400) + "." + &"b".repeat(2_000);
        assert_eq!(chunk_len(&text), 401);
        let text = "a.".to_owned() + &"b".repeat(2_000);
        assert_eq!(chunk_len(&text), LONGEST);
    }
}
