//! Compiling sources to vibrato's bytes.
//!
//! vibrato's compiler panics on some malformed sources. It accepts others and panics later, on a
//! text. Therefore everything that it relies on is checked first.

use std::collections::BTreeMap;

use super::{
    check::{Sides, check_chars, check_matrix, check_row, check_unknown, rows, wrong},
    content,
    sources::{Sources, decode},
    trie::MAX_CHARS,
};
use crate::{Normalizer, TokenizeError, problem::SourceProblem};

/// The largest number of words of one spelling: more than a dictionary needs, and few enough for
/// vibrato's 16-bit indices.
const MAX_HOMOGRAPHS: usize = 512;

/// Compiles and encodes.
pub(super) fn compile(sources: &Sources<'_>) -> Result<Vec<u8>, TokenizeError> {
    let matrix = decode("matrix.def", &sources.matrix)?;
    let chars = decode("char.def", &sources.chars)?;
    let unknown = decode("unk.def", &sources.unknown)?;
    let sides = check_matrix(&matrix)?;
    let categories = check_chars(&chars)?;
    check_unknown(&unknown, &categories, sides)?;
    let mut lexicon = Lexicon::new(sides);
    for (file, bytes) in &sources.lexicons {
        lexicon.add(file, &decode(file, bytes)?)?;
    }
    let words = lexicon.finish()?;
    let failed = |error: vibrato::errors::VibratoError| TokenizeError::Compile {
        source: error.to_string().into(),
    };
    let dictionary = vibrato::SystemDictionaryBuilder::from_readers(
        words.as_slice(),
        matrix.as_bytes(),
        chars.as_bytes(),
        unknown.as_bytes(),
    )
    .map_err(failed)?;
    let mut raw = Vec::new();
    dictionary.write(&mut raw).map_err(failed)?;
    content::check(&raw).map_err(|problem| TokenizeError::Compile { source: problem.into() })?;
    Ok(raw)
}

/// Collects words and normalizes their surfaces as texts will be.
struct Lexicon {
    sides: Sides,
    normalizer: Normalizer,
    homographs: BTreeMap<String, usize>,
    words: csv::Writer<Vec<u8>>,
    too_long: usize,
}

impl Lexicon {
    fn new(sides: Sides) -> Self {
        Self {
            sides,
            normalizer: Normalizer::new(),
            homographs: BTreeMap::new(),
            words: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()),
            too_long: 0,
        }
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), TokenizeError> {
        let failed = |error: csv::Error| TokenizeError::Compile { source: error.into() };
        for row in rows(file, text) {
            let (line, row) = row?;
            check_row(file, line, &row, self.sides)?;
            let surface = self.normalizer.fold(row.get(0).unwrap_or_default());
            let surface = surface.trim();
            // Spaces never reach vibrato.
            if surface.is_empty() {
                continue;
            }
            if surface.contains('\n') {
                return Err(wrong(file, line, SourceProblem::LineBreak));
            }
            if surface.chars().nth(MAX_CHARS).is_some() {
                self.too_long += 1;
                continue;
            }
            let count = self.homographs.entry(surface.to_owned()).or_default();
            *count += 1;
            if *count > MAX_HOMOGRAPHS {
                let (spelling, max) = (surface.to_owned(), MAX_HOMOGRAPHS);
                return Err(wrong(file, line, SourceProblem::TooManyHomographs { spelling, max }));
            }
            let fields = std::iter::once(surface).chain(row.iter().skip(1));
            self.words.write_record(fields).map_err(failed)?;
        }
        Ok(())
    }

    /// All words as one CSV file.
    fn finish(self) -> Result<Vec<u8>, TokenizeError> {
        if self.too_long > 0 {
            tracing::warn!(
                words = self.too_long,
                "left out words of more than {MAX_CHARS} characters"
            );
        }
        if self.homographs.is_empty() {
            return Err(wrong("lex.csv", 0, SourceProblem::NoWord));
        }
        self.words
            .into_inner()
            .map_err(|error| TokenizeError::Compile { source: error.to_string().into() })
    }
}
