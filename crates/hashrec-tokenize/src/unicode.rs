//! Unicode word segmentation, for any language and without files.

use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed, options::WordBreakInvariantOptions};

use crate::{
    Backend, HashtagLexicon, TokenizeError, Tokenizer, TokenizerParams, Worker,
    pipeline::Pipeline,
    segment::{Cut, Segmenter},
};

/// A tokenizer for any language that needs no files. It follows Unicode Standard Annex 29 and has
/// embedded dictionaries for scripts without spaces, such as Japanese, Chinese and Thai.
///
/// ```
/// use hashrec_tokenize::{HashtagLexicon, Tokenizer, TokenizerParams, UnicodeTokenizer};
///
/// let tokenizer = UnicodeTokenizer::new(TokenizerParams::default(), HashtagLexicon::default())?;
/// let tokens = tokenizer.tokenize("C++入門の本 🎉");
/// assert_eq!(tokens.texts().collect::<Vec<_>>(), ["c++", "入門", "の", "本", "🎉"]);
/// # Ok::<(), hashrec_tokenize::TokenizeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct UnicodeTokenizer {
    params: TokenizerParams,
    hashtags: HashtagLexicon,
}

impl UnicodeTokenizer {
    /// A tokenizer that makes one token of each of these hashtags.
    ///
    /// # Errors
    /// [`TokenizeError::Parameter`] if a parameter is out of range or asks for another backend.
    pub fn new(params: TokenizerParams, hashtags: HashtagLexicon) -> Result<Self, TokenizeError> {
        params.check_for(Backend::Unicode)?;
        Ok(Self { params, hashtags })
    }

    /// The parameters.
    pub fn params(&self) -> &TokenizerParams {
        &self.params
    }

    /// The hashtags that become one token.
    pub fn hashtags(&self) -> &HashtagLexicon {
        &self.hashtags
    }
}

impl Tokenizer for UnicodeTokenizer {
    fn worker(&self) -> Box<dyn Worker + '_> {
        // For Thai and similar scripts, dictionaries instead of neural models: they are faster and
        // use no floating point, so that every machine gives the same tokens.
        let rules = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
        Box::new(Pipeline::new(&self.params, &self.hashtags, Rules(rules)))
    }
}

struct Rules(WordSegmenterBorrowed<'static>);

impl Segmenter for Rules {
    fn segment(&mut self, text: &str, cuts: &mut Vec<Cut>, _: &mut String) {
        // The first boundary is the start of the text.
        let ends = self.0.segment_str(text).filter(|&end| end > 0);
        cuts.extend(ends.map(|end| Cut { end, ..Cut::default() }));
    }
}
