//! Tables in Markdown.

use std::fmt::Write;

use crate::measure::OverSeeds;

/// A table: its head, then rows of as many cells.
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many columns, from the left, hold words and not numbers.
    words: usize,
}

impl Table {
    /// An empty table whose first `words` columns hold words.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>, words: usize) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { columns, rows: Vec::new(), words }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let line = |cells: &[String]| {
            cells.iter().fold(String::from("|"), |mut line, cell| {
                // Writing to a string doesn't fail.
                let _ = write!(line, " {} |", escape(cell));
                line
            })
        };
        writeln!(f, "{}", line(&self.columns))?;
        let align = |at: usize| if at < self.words { "---|" } else { "--:|" };
        writeln!(f, "|{}", (0..self.columns.len()).map(align).collect::<String>())?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{}", line(row)))
    }
}

/// What a post says, safe inside a cell.
fn escape(cell: &str) -> String {
    cell.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// A share with four digits and no leading zero, as tables of this kind have it.
pub fn share(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.strip_prefix("0.") {
        Some(digits) => format!(".{digits}"),
        None => text.replace("-0.", "−."),
    }
}

/// A mean over seeds, and its interval if there is one.
pub fn spread(value: OverSeeds) -> String {
    match value.half_width {
        Some(half) => format!("{} ± {}", share(value.mean), share(half)),
        None => share(value.mean),
    }
}

/// An interval, in shares.
pub fn interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", share(low), share(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cannot_break_the_table() {
        let mut table = Table::new(["what", "n"], 1);
        table.row(["a|b\nc", "1"]);
        assert_eq!(table.to_string(), "| what | n |\n|---|--:|\n| a\\|b c | 1 |\n");
    }

    #[test]
    fn shares_are_short() {
        assert_eq!([share(0.52), share(1.0), share(-0.0123)], [".5200", "1.0000", "−.0123"]);
        let value = OverSeeds { mean: 0.5, half_width: Some(0.01) };
        assert_eq!(spread(value), ".5000 ± .0100");
    }
}
