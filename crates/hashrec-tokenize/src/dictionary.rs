//! Compiled MeCab dictionaries, and the files that hold them.

mod check;
mod compile;
mod envelope;
mod sources;

use std::{fmt, fs, path::Path};

use hashrec_storage::Bytes;

use crate::TokenizeError;

/// A compiled MeCab dictionary, ready to analyse texts, and its file.
///
/// The file is an envelope around vibrato's own format, whose reader trusts every length it
/// finds: magic, version, lengths and a BLAKE3 hash are checked before it sees a byte. The hash
/// proves that the file is what was written, not who wrote it: a dictionary is data that you
/// trust, like a library.
///
/// Analysis needs about 60 MB of memory for IPADIC; share it with an `Arc`.
pub struct Dictionary {
    analyzer: vibrato::Tokenizer,
    /// The file's content.
    envelope: Bytes,
}

impl Dictionary {
    /// Compiles a dictionary from the texts of MeCab's source files (UTF-8 or EUC-JP): words with
    /// connection ids and costs, the matrix of connection costs, and what to make of characters
    /// and of unknown words.
    ///
    /// The words' surfaces are normalised as texts will be (`Ｔシャツ` is `tシャツ`); words of more
    /// than 64 characters are left out, with a warning in the log.
    ///
    /// # Errors
    /// [`TokenizeError::Encoding`]; [`TokenizeError::Source`] with the line that breaks the
    /// format; [`TokenizeError::Compile`].
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
        Self::from_raw(compile::compile(&sources)?)
    }

    /// Compiles the dictionary whose MeCab sources are in a folder: every `*.csv` by name, and
    /// `matrix.def`, `char.def` and `unk.def`.
    ///
    /// IPADIC takes seconds and 300 MB of memory; keep the result with [`Dictionary::to_bytes`].
    ///
    /// # Errors
    /// [`TokenizeError::Io`] if a file is missing or unreadable, and as [`Dictionary::compile`].
    pub fn compile_mecab_dir(folder: &Path) -> Result<Self, TokenizeError> {
        tracing::info!(folder = %folder.display(), "compiling a dictionary");
        Self::from_raw(compile::compile(&sources::Sources::read(folder)?)?)
    }

    /// Opens a dictionary file written from [`Dictionary::to_bytes`].
    ///
    /// # Errors
    /// [`TokenizeError::Io`], and as [`Dictionary::read`].
    pub fn open(path: &Path) -> Result<Self, TokenizeError> {
        let bytes = fs::read(path).map_err(|source| TokenizeError::Io {
            path: path.to_owned(),
            action: "open the dictionary",
            source,
        })?;
        Self::read(bytes.into())
    }

    /// Reads a dictionary file's content.
    ///
    /// # Errors
    /// [`TokenizeError::NotADictionary`] if it is something else, a bare vibrato dictionary for
    /// instance; [`TokenizeError::Version`]; [`TokenizeError::Damaged`] if it was cut or changed.
    pub fn read(bytes: Bytes) -> Result<Self, TokenizeError> {
        let raw = envelope::unwrap(&bytes)?;
        Ok(Self { analyzer: analyzer(&raw)?, envelope: bytes })
    }

    /// Reads a bare vibrato 0.5 dictionary (`system.dic`, uncompressed) that **you trust as you
    /// trust code**: vibrato's reader can panic, abort or misbehave later on a damaged one.
    /// Write [`Dictionary::to_bytes`] once and read that from then on.
    ///
    /// Its surfaces are used as they are; those with capitals or full-width letters never match.
    ///
    /// # Errors
    /// [`TokenizeError::NotADictionary`] if vibrato does not recognise it.
    pub fn read_trusted_vibrato(bytes: &[u8]) -> Result<Self, TokenizeError> {
        if !bytes.starts_with(envelope::VIBRATO_MAGIC) {
            return Err(TokenizeError::NotADictionary {
                found: "it does not begin as vibrato 0.5 dictionaries do; decompress it first",
            });
        }
        Self::from_raw(bytes.to_vec())
    }

    /// The content of the dictionary's file: the same sources give the same bytes.
    pub fn to_bytes(&self) -> Bytes {
        self.envelope.clone()
    }

    fn from_raw(raw: Vec<u8>) -> Result<Self, TokenizeError> {
        Ok(Self { analyzer: analyzer(&raw)?, envelope: envelope::wrap(&raw)?.into() })
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

/// Decodes what vibrato encoded.
fn analyzer(raw: &[u8]) -> Result<vibrato::Tokenizer, TokenizeError> {
    let read = || {
        vibrato::Dictionary::read(raw).map_err(|error| TokenizeError::Damaged {
            problem: format!("vibrato refuses it: {error}"),
        })
    };
    match vibrato::Tokenizer::new(read()?).ignore_space(true) {
        Ok(analyzer) => Ok(analyzer),
        // The dictionary has no category for spaces: they are unknown words, and no tokens.
        Err(_) => Ok(vibrato::Tokenizer::new(read()?)),
    }
}
