//! The errors of this crate.

use hashrec_storage::StorageError;

/// Why a vectorizer could not be made, written, read or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorizeError {
    /// A parameter is outside its range.
    #[error("parameter {name} is {found}; expected {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The singular value decomposition did not converge.
    #[error(
        "the decomposition of a {size} × {size} matrix did not converge; \
         try another seed, or fewer dimensions"
    )]
    NoConvergence {
        /// Rows of the matrix.
        size: usize,
    },
    /// A part of a bundle could not be written or read.
    #[error("the vectorizer's part could not be written or read")]
    Storage {
        /// The storage's reason.
        #[from]
        source: StorageError,
    },
    /// A file of a model is missing.
    #[error("{file} is missing in {place}: {hint}")]
    MissingFile {
        /// The file's name.
        file: String,
        /// Where it was looked for.
        place: String,
        /// What to do.
        hint: &'static str,
    },
    /// A file of a model is malformed, or does not fit the model's other files.
    #[error("{file} of the model could not be used")]
    ModelFile {
        /// The file's name.
        file: String,
        /// The reader's reason; names the field or tensor.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value in a file of a model is not supported.
    #[error("{file}: {field} is {found}; expected {expected}")]
    ModelValue {
        /// The file's name.
        file: String,
        /// The field or tensor.
        field: String,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: String,
    },
    /// A transformer's tokenizer gives a token that its weights do not know.
    #[error("{file} gives token {token}, but vocab_size in config.json is {vocabulary}")]
    UnknownToken {
        /// The tokenizer's file.
        file: &'static str,
        /// The token's id.
        token: u32,
        /// How many tokens the weights know.
        vocabulary: usize,
    },
    /// A transformer needs MeCab words before its own tokens, and no word tokenizer was given.
    #[error(
        "word_tokenizer_type in tokenizer_config.json is mecab: the model needs a word tokenizer \
         with its MeCab dictionary"
    )]
    NoWordTokenizer,
    /// A transformer has no token that separates a post from a hashtag.
    #[error("tokenizer_config.json has no known sep_token to put between a post and a hashtag")]
    NoSeparator,
    /// A model's weights are so large that a vector is not finite.
    #[error("a vector of the model is not finite: its weights are too large")]
    NotFinite,
    /// An encoder gives more or fewer numbers than its texts need.
    #[error("an encoder gave {found} numbers for {texts} texts; expected {dim} for each")]
    VectorLength {
        /// How many numbers.
        found: usize,
        /// How many texts.
        texts: usize,
        /// The length of a vector, as the encoder says.
        dim: usize,
    },
    /// An encoder of the program around failed.
    #[error("the program's own encoder failed")]
    Encoder {
        /// Its reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The threads of a transformer could not be started.
    #[error("the transformer's threads could not be started")]
    Threads {
        /// The system's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl VectorizeError {
    pub(crate) fn model_file(
        file: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::ModelFile { file: file.to_owned(), source: source.into() }
    }

    pub(crate) fn model_value(
        file: &str,
        field: impl Into<String>,
        found: impl ToString,
        expected: &str,
    ) -> Self {
        let (file, field) = (file.to_owned(), field.into());
        Self::ModelValue { file, field, found: found.to_string(), expected: expected.to_owned() }
    }

    /// The message with the messages of all sources.
    #[cfg(all(test, feature = "encoder"))]
    pub(crate) fn chain(&self) -> String {
        use std::error::Error;

        let sources = std::iter::successors(self.source(), |&error| error.source());
        sources.fold(self.to_string(), |all, error| format!("{all}: {error}"))
    }
}
