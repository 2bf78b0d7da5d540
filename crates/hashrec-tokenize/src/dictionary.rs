//! Compiled MeCab dictionaries and their files.

#[cfg(feature = "compile")]
mod check;
#[cfg(feature = "compile")]
mod compile;
mod content;
mod cursor;
mod envelope;
#[cfg(feature = "compile")]
mod sources;
mod trie;

use std::{fmt, fs, path::Path};

use hashrec_storage::Bytes;

use crate::{TokenizeError, problem::Damage};

/// A compiled MeCab dictionary, ready to analyse texts, and its file.
///
/// vibrato's own reader trusts every length it finds, and its analysis every index. A dictionary file
/// therefore wraps vibrato's bytes: reading checks the magic, the version, the lengths and a BLAKE3
/// hash, and then every length and index of the content, before vibrato sees a byte. The hash proves
/// that the file is unchanged, not who wrote it: a dictionary from a stranger can give wrong tokens,
/// but it cannot panic, hang, or allocate more than 64 times its file and 16 MiB.
///
/// IPADIC needs about 60 MB of memory; share a dictionary with an `Arc`.
pub struct Dictionary {
    analyzer: vibrato::Tokenizer,
    /// The file's content.
    envelope: Bytes,
}

impl Dictionary {
    /// Compiles a dictionary from the content of MeCab's source files, in UTF-8 or EUC-JP: the words
    /// with their connection ids and costs, the matrix of connection costs, the categories of
    /// characters, and the entries for unknown words.
    ///
    /// Surfaces are normalized as texts will be (`Ｔシャツ` becomes `tシャツ`). Words of more than 64
    /// characters are left out, with a warning in the log. A text may begin with at most 512 words.
    ///
    /// # Errors
    /// [`TokenizeError::Encoding`], [`TokenizeError::Source`] with the line that breaks the format,
    /// or [`TokenizeError::Compile`].
    #[cfg(feature = "compile")]
    pub fn compile(
        lex_csv: &[u8],
        matrix_def: &[u8],
        char_def: &[u8],
        unk_def: &[u8],
    ) -> Result<Self, TokenizeError> {
        let sources = sources::Sources {
            lexicons: vec![("lex.csv".to_owned(), lex_csv.into())],
            matrix: matrix_def.into(),
            chars: char_def.into(),
            unknown: unk_def.into(),
        };
        Self::from_raw(&compile::compile(&sources)?)
    }

    /// Compiles the MeCab sources in a folder: every `*.csv` in order of name, `matrix.def`,
    /// `char.def` and `unk.def`.
    ///
    /// Compiling IPADIC takes a few seconds and 300 MB of memory. Save the result of
    /// [`Dictionary::to_bytes`] to do it only once.
    ///
    /// # Errors
    /// [`TokenizeError::NoSources`] if there is no `*.csv` file, [`TokenizeError::Io`] if a file is
    /// missing or cannot be read, and those of [`Dictionary::compile`].
    #[cfg(feature = "compile")]
    pub fn compile_mecab_dir(folder: &Path) -> Result<Self, TokenizeError> {
        tracing::info!(folder = %folder.display(), "compiling a dictionary");
        Self::from_raw(&compile::compile(&sources::Sources::read(folder)?)?)
    }

    /// Opens a file that holds the bytes of [`Dictionary::to_bytes`].
    ///
    /// # Errors
    /// [`TokenizeError::Io`], and those of [`Dictionary::read`].
    pub fn open(path: &Path) -> Result<Self, TokenizeError> {
        let bytes = fs::read(path).map_err(|source| TokenizeError::Io {
            path: path.to_owned(),
            action: "open the dictionary",
            source,
        })?;
        Self::read(bytes.into())
    }

    /// Reads the content of a dictionary file.
    ///
    /// # Errors
    /// [`TokenizeError::NotADictionary`] if it is something else, such as a bare vibrato
    /// dictionary; [`TokenizeError::Version`] if its format version is unknown;
    /// [`TokenizeError::Damaged`] if it was truncated or changed, or a length or an index in it is
    /// out of range.
    pub fn read(bytes: Bytes) -> Result<Self, TokenizeError> {
        let raw = envelope::unwrap(&bytes)?;
        Ok(Self { analyzer: analyzer(&raw)?, envelope: bytes })
    }

    /// Reads a bare, uncompressed vibrato 0.5 dictionary (`system.dic`) with a matrix of connection
    /// costs. It has no hash: a changed cost or word goes unseen. Save the result of
    /// [`Dictionary::to_bytes`] and read that from then on.
    ///
    /// Surfaces are used as they are; those with capital or full-width letters never match.
    ///
    /// # Errors
    /// [`TokenizeError::NotADictionary`] if the bytes are not a vibrato 0.5 dictionary,
    /// [`TokenizeError::Damaged`] if a length or an index in them is out of range, or a word has more
    /// than 64 characters.
    pub fn read_vibrato(bytes: &[u8]) -> Result<Self, TokenizeError> {
        if !bytes.starts_with(envelope::VIBRATO_MAGIC) {
            return Err(TokenizeError::NotADictionary {
                found: "it does not begin like a vibrato 0.5 dictionary; decompress it first",
            });
        }
        Self::from_raw(bytes)
    }

    /// The content of the dictionary file; the same sources give the same bytes.
    pub fn to_bytes(&self) -> Bytes {
        self.envelope.clone()
    }

    fn from_raw(raw: &[u8]) -> Result<Self, TokenizeError> {
        Ok(Self { analyzer: analyzer(raw)?, envelope: envelope::wrap(raw).into() })
    }

    pub(crate) fn analyzer(&self) -> &vibrato::Tokenizer {
        &self.analyzer
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary")
            .field("file_bytes", &self.envelope.len())
            .finish_non_exhaustive()
    }
}

/// Checks vibrato's bytes and reads them.
fn analyzer(raw: &[u8]) -> Result<vibrato::Tokenizer, TokenizeError> {
    content::check(raw).map_err(|problem| TokenizeError::Damaged { problem })?;
    let read = || {
        vibrato::Dictionary::read(raw)
            .map_err(|error| TokenizeError::Damaged { problem: Damage::Vibrato(error.to_string()) })
    };
    match vibrato::Tokenizer::new(read()?).ignore_space(true) {
        Ok(analyzer) => Ok(analyzer),
        // The dictionary has no category for spaces: they become unknown words, which are no tokens.
        Err(_) => Ok(vibrato::Tokenizer::new(read()?)),
    }
}
