//! What can be wrong with the sources and the files of dictionaries.

/// What is wrong with a source file of a MeCab dictionary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// `matrix.def` does not begin with its sizes.
    #[error("expected two sizes below 65,536, separated by a space")]
    MatrixSizes,
    /// `matrix.def` has fewer costs than its sizes say, or a size of 0.
    #[error("the matrix has size {right} by {left}, but too few costs follow")]
    MatrixCosts {
        /// The number of right ids.
        right: u16,
        /// The number of left ids.
        left: u16,
    },
    /// A range of characters in `char.def` names no category.
    #[error("expected a category after the range of characters")]
    RangeWithoutCategory,
    /// A line of `char.def` does not define a category.
    #[error("expected a category name, two flags (0 or 1) and a length")]
    CategoryFields,
    /// The length of a category in `char.def` is out of range.
    #[error("the length is {found:?}; expected 0 to {max}")]
    CategoryLength {
        /// The length as written.
        found: String,
        /// The largest length.
        max: u32,
    },
    /// A category is used that `char.def` does not define.
    #[error("char.def does not define the category {0:?}")]
    UndefinedCategory(String),
    /// `char.def` has no category `DEFAULT`, or too many categories.
    #[error("expected the category DEFAULT and at most {max} categories in all")]
    Categories {
        /// The largest number of categories.
        max: usize,
    },
    /// `unk.def` has too many rows for a category.
    #[error("more than {max} rows for the category {category:?}")]
    TooManyUnknown {
        /// The category.
        category: String,
        /// The largest number of rows.
        max: usize,
    },
    /// `unk.def` has no row for a category.
    #[error("there is no row for the category {0:?}")]
    NoUnknown(String),
    /// A row is not CSV.
    #[error("{0}")]
    Csv(String),
    /// A row has too few fields.
    #[error("expected at least a word, two ids and a cost")]
    RowFields,
    /// A connection id is out of range.
    #[error("the {side} id is {found:?}; expected a number below {limit}")]
    Id {
        /// "left" or "right".
        side: &'static str,
        /// The id as written.
        found: String,
        /// Ids must be below this number.
        limit: u16,
    },
    /// A cost is out of range.
    #[error("the cost is {0:?}; expected a number from -32,768 to 32,767")]
    Cost(String),
    /// A field is too long.
    #[error("a field has more than {max} bytes")]
    FieldLength {
        /// The largest number of bytes.
        max: usize,
    },
    /// A word contains a line break.
    #[error("the word contains a line break")]
    LineBreak,
    /// Too many words have the same spelling.
    #[error("more than {max} words have the spelling {spelling:?}")]
    TooManyHomographs {
        /// The spelling.
        spelling: String,
        /// The largest number of words.
        max: usize,
    },
    /// There is no word.
    #[error("there is no word; a dictionary needs at least one")]
    NoWord,
}

/// The check that a dictionary file fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file is shorter than its header.
    #[error("it has {found} bytes, but the header alone has {header}")]
    Header {
        /// The length of the file in bytes.
        found: usize,
        /// The length of the header in bytes.
        header: usize,
    },
    /// The payload has another length than the header says.
    #[error("it has {found} bytes of payload instead of {expected}")]
    Length {
        /// The length of the payload in bytes.
        found: u64,
        /// The length in the header.
        expected: u64,
    },
    /// The hash does not match.
    #[error("its hash does not match")]
    Hash,
    /// The payload cannot be inflated.
    #[error("its payload cannot be inflated ({0})")]
    Deflate(String),
    /// The inflated payload has another length than the header says.
    #[error("its payload does not inflate to {expected} bytes")]
    InflatedLength {
        /// The length in the header.
        expected: u64,
    },
    /// A table claims more bytes than are left.
    #[error("{what}: {claimed} bytes are claimed, {left} are left")]
    Table {
        /// The table.
        what: &'static str,
        /// The bytes that its length asks for.
        claimed: u64,
        /// The bytes left.
        left: u64,
    },
    /// A number in it is out of range.
    #[error("{what} is {found}; expected at most {max}")]
    Content {
        /// The number.
        what: &'static str,
        /// Its value.
        found: u64,
        /// The largest value.
        max: u64,
    },
    /// A text in it is not UTF-8.
    #[error("{what}: what follows is not UTF-8")]
    Utf8 {
        /// The text.
        what: &'static str,
    },
    /// The matrix of connection costs has another size than it says.
    #[error("its {costs} connection costs are no matrix of {right} by {left}")]
    Matrix {
        /// The number of costs.
        costs: u64,
        /// The number of right ids.
        right: u64,
        /// The number of left ids.
        left: u64,
    },
    /// It keeps connection costs in one of vibrato's compact forms.
    #[error(
        "its connection costs are in a compact form, which is not supported; take the variant with \
         a matrix, or compile a dictionary from MeCab sources with `Dictionary::compile_mecab_dir`"
    )]
    Connector,
    /// vibrato rejects the payload.
    #[error("vibrato rejects it ({0})")]
    Vibrato(String),
}
