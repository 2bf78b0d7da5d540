//! What can go wrong.

use hashrec_storage::StorageError;

/// Why a vectorizer could not be made, written or read.
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
    /// The singular value decomposition did not come to an end.
    #[error(
        "the decomposition of a {size} × {size} matrix did not converge; \
         try another seed, or fewer dimensions"
    )]
    NoConvergence {
        /// Rows of the matrix.
        size: usize,
    },
    /// The part could not be written or read.
    #[error("the vectorizer's part could not be written or read")]
    Storage {
        /// The storage's reason.
        #[from]
        source: StorageError,
    },
    /// A file of a transformer is missing.
    #[error("{file} is missing in {place}: {hint}")]
    MissingFile {
        /// The file's name.
        file: String,
        /// Where it was looked for.
        place: String,
        /// What to do.
        hint: &'static str,
    },
    /// A file of a transformer is malformed, or not what the other files ask for.
    #[error("{file}, {field}: {problem}")]
    ModelFile {
        /// The file's name.
        file: String,
        /// The field, tensor or place in it.
        field: String,
        /// What was found and what was expected.
        problem: String,
    },
}
