//! Values that say that there is no value.

/// Whether a value of a file, without blanks at its ends, is what programs write for a missing one:
/// SQL's `NULL`, MySQL's `\N`, pandas' `nan`, Python's `None`, R's `NA`, a spreadsheet's `#N/A`, or
/// a dash.
pub(crate) fn is_nothing(value: &str) -> bool {
    matches!(
        value,
        "" | "NULL"
            | "Null"
            | "null"
            | "(null)"
            | "\\N"
            | "NaN"
            | "NAN"
            | "nan"
            | "NA"
            | "<NA>"
            | "N/A"
            | "n/a"
            | "#N/A"
            | "NaT"
            | "None"
            | "nil"
            | "undefined"
            | "-"
            | "--"
            | "–"
            | "—"
    )
}
