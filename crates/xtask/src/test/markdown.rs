//! The little of Markdown that the checks of documents need.

/// A fenced block of code.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block<'a> {
    /// What follows the opening fence, such as `sh` or `rust,no_run`.
    pub(super) language: &'a str,
    /// The line of the opening fence, counted from 1.
    pub(super) line: usize,
    /// The lines between the fences.
    pub(super) lines: Vec<&'a str>,
}

/// A document in its two kinds of content.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    /// The fenced blocks, in order.
    pub(super) blocks: Vec<Block<'a>>,
    /// All other lines, with their numbers.
    pub(super) prose: Vec<(usize, &'a str)>,
}

impl<'a> Document<'a> {
    /// Reads a document.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut document = Self::default();
        let mut open: Option<Block<'a>> = None;
        for (number, line) in (1..).zip(text.lines()) {
            match (line.strip_prefix("```"), open.take()) {
                (Some(_), Some(block)) => document.blocks.push(block),
                (Some(language), None) => {
                    open = Some(Block { language, line: number, lines: Vec::new() });
                }
                (None, Some(mut block)) => {
                    block.lines.push(line);
                    open = Some(block);
                }
                (None, None) => document.prose.push((number, line)),
            }
        }
        document
    }

    /// The anchors of the headings, as Git hosts write them.
    pub(super) fn anchors(&self) -> impl Iterator<Item = String> {
        let heading = |line: &'a str| {
            let title = line.trim_start_matches('#');
            (title.len() < line.len()).then(|| title.strip_prefix(' ')).flatten()
        };
        self.prose.iter().filter_map(move |(_, line)| heading(line)).map(anchor)
    }

    /// The targets of the links, with the lines that they are on.
    pub(super) fn links(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.prose.iter().flat_map(|&(number, line)| {
            let after = line.split("](").skip(1);
            after.filter_map(move |rest| Some((number, rest.split_once(')')?.0)))
        })
    }
}

/// Lower case, without punctuation, with hyphens for spaces.
fn anchor(title: &str) -> String {
    let letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == ' ';
    title.trim().to_lowercase().chars().filter(|&c| letter(c)).collect::<String>().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# One: the paper's\n\nSee [a](b.md#c) and [d](e).\n\n```sh\n# no heading\necho [x](y)\n```\n## Two\n";

    #[test]
    fn blocks_and_prose_are_told_apart() {
        let document = Document::parse(TEXT);
        let lines = vec!["# no heading", "echo [x](y)"];
        assert_eq!(document.blocks, [Block { language: "sh", line: 5, lines }]);
        assert_eq!(document.links().collect::<Vec<_>>(), [(3, "b.md#c"), (3, "e")]);
        assert_eq!(document.anchors().collect::<Vec<_>>(), ["one-the-papers", "two"]);
    }
}
