//! The tokenizer that is stored in a bundle.

use std::sync::Arc;

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

#[cfg(feature = "unicode")]
use crate::UnicodeTokenizer;
use crate::{Backend, HashtagLexicon, TokenizeError, Tokenizer, TokenizerParams, Worker};
#[cfg(feature = "vibrato")]
use crate::{Dictionary, VibratoTokenizer};

const KIND: &str = "tokenizer";
const VERSION: u32 = 1;

/// A tokenizer of either backend that can be stored as one part of a bundle, together with everything
/// it needs: its parameters, the hashtags and the compiled dictionary.
///
/// Cloning is cheap because clones share all of this.
#[derive(Clone, Debug)]
pub struct TextTokenizer {
    engine: Arc<Engine>,
}

#[derive(Debug)]
enum Engine {
    #[cfg(feature = "vibrato")]
    Vibrato(VibratoTokenizer),
    #[cfg(feature = "unicode")]
    Unicode(UnicodeTokenizer),
}

#[derive(Serialize, Deserialize)]
struct Header {
    backend: Backend,
    params: TokenizerParams,
}

impl TextTokenizer {
    /// A tokenizer that uses Unicode segmentation and makes one token of each of the `hashtags`.
    ///
    /// # Errors
    /// [`TokenizeError::Parameter`] if a parameter is out of range or asks for a dictionary.
    #[cfg(feature = "unicode")]
    pub fn unicode<'a>(
        params: TokenizerParams,
        hashtags: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, TokenizeError> {
        Self::read_unicode(params, HashtagLexicon::new(hashtags))
    }

    /// A tokenizer that uses a MeCab dictionary and makes one token of each of the `hashtags`.
    ///
    /// # Errors
    /// [`TokenizeError::Parameter`] if a parameter is out of range or asks for another backend.
    #[cfg(feature = "vibrato")]
    pub fn vibrato<'a>(
        params: TokenizerParams,
        dictionary: Arc<Dictionary>,
        hashtags: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, TokenizeError> {
        Self::with_dictionary(params, dictionary, HashtagLexicon::new(hashtags))
    }

    #[cfg(feature = "vibrato")]
    fn with_dictionary(
        params: TokenizerParams,
        dictionary: Arc<Dictionary>,
        hashtags: HashtagLexicon,
    ) -> Result<Self, TokenizeError> {
        let tokenizer = VibratoTokenizer::new(params, dictionary, hashtags)?;
        Ok(Self { engine: Arc::new(Engine::Vibrato(tokenizer)) })
    }

    /// What finds words; never [`Backend::Auto`].
    pub fn backend(&self) -> Backend {
        match *self.engine {
            #[cfg(feature = "vibrato")]
            Engine::Vibrato(_) => Backend::Vibrato,
            #[cfg(feature = "unicode")]
            Engine::Unicode(_) => Backend::Unicode,
        }
    }

    /// The parameters.
    pub fn params(&self) -> &TokenizerParams {
        match *self.engine {
            #[cfg(feature = "vibrato")]
            Engine::Vibrato(ref tokenizer) => tokenizer.params(),
            #[cfg(feature = "unicode")]
            Engine::Unicode(ref tokenizer) => tokenizer.params(),
        }
    }

    /// The hashtags that become one token.
    pub fn hashtags(&self) -> &HashtagLexicon {
        match *self.engine {
            #[cfg(feature = "vibrato")]
            Engine::Vibrato(ref tokenizer) => tokenizer.hashtags(),
            #[cfg(feature = "unicode")]
            Engine::Unicode(ref tokenizer) => tokenizer.hashtags(),
        }
    }

    /// The dictionary, if the tokenizer uses one.
    #[cfg(feature = "vibrato")]
    pub fn dictionary(&self) -> Option<&Arc<Dictionary>> {
        match *self.engine {
            Engine::Vibrato(ref tokenizer) => Some(tokenizer.dictionary()),
            #[cfg(feature = "unicode")]
            Engine::Unicode(_) => None,
        }
    }

    /// Encodes the tokenizer as one part of a bundle; the same tokenizer gives the same bytes.
    ///
    /// # Errors
    /// [`TokenizeError::Storage`] if it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>, TokenizeError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { backend: self.backend(), params: self.params().clone() })?;
        let tags: Vec<&str> = self.hashtags().tags().collect();
        // Hashtags of the lexicon contain no white space.
        writer.table("hashtags", tags.join("\n").as_bytes())?;
        #[cfg(feature = "vibrato")]
        if let Some(dictionary) = self.dictionary() {
            writer.table("dictionary", &dictionary.to_bytes())?;
        }
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`TextTokenizer::write`] wrote, and verifies the hash of the dictionary.
    ///
    /// # Errors
    /// [`TokenizeError::Storage`] if the bytes are not such a part or are damaged,
    /// [`TokenizeError::Feature`] if the tokenizer needs a backend that this build does not have,
    /// and those of `Dictionary::read`.
    pub fn read(bytes: Bytes) -> Result<Self, TokenizeError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { backend, params } = part.header()?;
        let tags = part.table::<u8>("hashtags")?;
        let tags = std::str::from_utf8(&tags)
            .map_err(|error| part.wrong("hashtags", error.to_string()))?;
        let tags = HashtagLexicon::of_normalized(tags.split('\n').map(str::to_owned));
        match backend {
            Backend::Vibrato => Self::read_vibrato(params, &part, tags),
            Backend::Unicode => Self::read_unicode(params, tags),
            Backend::Auto => Err(part
                .wrong("header", "the backend is `auto`, which is not stored".to_owned())
                .into()),
        }
    }

    #[cfg(feature = "vibrato")]
    fn read_vibrato(
        params: TokenizerParams,
        part: &Part,
        tags: HashtagLexicon,
    ) -> Result<Self, TokenizeError> {
        /// Owns the bytes of the table, so that they are not copied.
        struct Owner(hashrec_storage::Table<u8>);
        impl AsRef<[u8]> for Owner {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        let dictionary = Dictionary::read(Bytes::from_owner(Owner(part.table("dictionary")?)))?;
        Self::with_dictionary(params, Arc::new(dictionary), tags)
    }

    #[cfg(not(feature = "vibrato"))]
    fn read_vibrato(
        _: TokenizerParams,
        _: &Part,
        _: HashtagLexicon,
    ) -> Result<Self, TokenizeError> {
        Err(TokenizeError::Feature { feature: "vibrato" })
    }

    #[cfg(feature = "unicode")]
    fn read_unicode(params: TokenizerParams, tags: HashtagLexicon) -> Result<Self, TokenizeError> {
        let tokenizer = UnicodeTokenizer::new(params, tags)?;
        Ok(Self { engine: Arc::new(Engine::Unicode(tokenizer)) })
    }

    #[cfg(not(feature = "unicode"))]
    fn read_unicode(_: TokenizerParams, _: HashtagLexicon) -> Result<Self, TokenizeError> {
        Err(TokenizeError::Feature { feature: "unicode" })
    }
}

impl Tokenizer for TextTokenizer {
    fn worker(&self) -> Box<dyn Worker + '_> {
        match *self.engine {
            #[cfg(feature = "vibrato")]
            Engine::Vibrato(ref tokenizer) => tokenizer.worker(),
            #[cfg(feature = "unicode")]
            Engine::Unicode(ref tokenizer) => tokenizer.worker(),
        }
    }
}
