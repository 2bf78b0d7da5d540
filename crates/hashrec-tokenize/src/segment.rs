//! From lines of normalized text to segments: the words that a backend finds, combined with the marks
//! that scanning found.

use std::ops::Range;

use crate::{
    chars::is_word,
    scan::{Kind, Mark},
};

/// One piece of text as a backend cuts it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    /// Where it ends; it begins where the piece before it ends.
    pub(crate) end: usize,
    /// Whether a dictionary has it, so that it may contain words of an alphabet (Tシャツ).
    pub(crate) known: bool,
    /// The bytes of its base form in the buffer of base forms; empty if there is none.
    pub(crate) base: (usize, usize),
}

/// A backend, which finds words in a line.
pub(crate) trait Segmenter {
    /// Appends the cuts of `text`, which cover it, and the base forms that they refer to.
    fn segment(&mut self, text: &str, cuts: &mut Vec<Cut>, bases: &mut String);
}

/// A future token, or text between tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its bytes in the normalized text.
    pub(crate) span: Range<usize>,
    pub(crate) form: Form,
    /// Whether it becomes a token.
    pub(crate) is_word: bool,
    pub(crate) role: Role,
}

/// What may happen to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It may be joined with its neighbours into a hashtag.
    Joins,
    /// It is a `#tag` and may be followed by its parts.
    Tag,
    /// Neither.
    Alone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Bytes of the normalized text.
    Text(Range<usize>),
    /// Bytes of the buffer of base forms.
    Base(Range<usize>),
}

/// The segments of a text, with buffers.
#[derive(Default)]
pub(crate) struct Segments {
    pub(crate) list: Vec<Segment>,
    pub(crate) bases: String,
    cuts: Vec<Cut>,
}

impl Segments {
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.bases.clear();
    }

    /// Adds the segments of `text[span]`, in which `marks` were found. Line breaks and marks such as
    /// addresses separate what is segmented together.
    pub(crate) fn add(
        &mut self,
        text: &str,
        span: Range<usize>,
        marks: &[Mark],
        backend: &mut impl Segmenter,
    ) {
        let mut at = span.start;
        let mut rest = marks;
        while let Some(next) = rest.iter().position(|mark| mark.kind.is_break()) {
            let (words, after) = rest.split_at(next);
            let mark = &after[0];
            self.add_lines(text, at..mark.span.start, words, backend);
            self.add_mark(text, mark);
            at = mark.span.end;
            rest = &after[1..];
        }
        self.add_lines(text, at..span.end, rest, backend);
    }

    fn add_lines(
        &mut self,
        text: &str,
        span: Range<usize>,
        marks: &[Mark],
        backend: &mut impl Segmenter,
    ) {
        let mut rest = marks;
        let mut start = span.start;
        for line in text[span].split_inclusive('\n') {
            let end = start + line.len();
            let (here, after) = rest.split_at(rest.partition_point(|m| m.span.start < end));
            let lead = line.len() - line.trim_start().len();
            let trimmed = start + lead..start + lead + line.trim().len();
            self.add_line(text, trimmed, here, backend);
            rest = after;
            start = end;
        }
    }

    fn add_line(
        &mut self,
        text: &str,
        line: Range<usize>,
        marks: &[Mark],
        backend: &mut impl Segmenter,
    ) {
        self.cuts.clear();
        if has_words_between(text, line.clone(), marks) {
            backend.segment(&text[line.clone()], &mut self.cuts, &mut self.bases);
        }
        // What the backend leaves at the end, or the whole line if it needs no backend.
        self.cuts.push(Cut { end: line.len(), ..Cut::default() });
        let cuts = std::mem::take(&mut self.cuts);
        self.overlay(text, line, marks, &cuts);
        self.cuts = cuts;
    }

    /// Combines marks and cuts. A mark is kept whole, and cuts end where it begins. But a word of the
    /// dictionary that contains whole marks and more takes precedence over them.
    fn overlay(&mut self, text: &str, line: Range<usize>, marks: &[Mark], cuts: &[Cut]) {
        let mut at = line.start;
        let mut marks = marks;
        let mut cut_start = line.start;
        for cut in cuts {
            let cut_end = line.start + cut.end;
            let inside = marks.partition_point(|mark| mark.span.start < cut_end);
            let stands = cut.known && at == cut_start && cut_end <= line.end;
            if stands && may_hold(text, at..cut_end, &marks[..inside]) {
                self.add_cut(text, at..cut_end, cut.base);
                marks = &marks[inside..];
                at = cut_end;
            } else {
                for mark in &marks[..inside] {
                    self.add_cut(text, at..mark.span.start, (0, 0));
                    self.add_mark(text, mark);
                    at = mark.span.end;
                }
                marks = &marks[inside..];
                if at < cut_end {
                    let whole = at == cut_start;
                    self.add_cut(text, at..cut_end, if whole { cut.base } else { (0, 0) });
                    at = cut_end;
                }
            }
            cut_start = cut_end;
        }
    }

    /// Adds a piece that the backend cut: a word, or symbols and spaces one by one. A dictionary
    /// without a category for spaces finds unknown words with spaces in them; they end there.
    fn add_cut(&mut self, text: &str, span: Range<usize>, base: (usize, usize)) {
        let mut start = span.start;
        for piece in text[span.clone()].split_inclusive(char::is_whitespace) {
            let end = start + piece.len();
            let word = start..start + piece.trim_end().len();
            if is_word(&text[word.clone()]) {
                let form = match base {
                    (from, to) if from < to && word == span => Form::Base(from..to),
                    _ => Form::Text(word.clone()),
                };
                self.list.push(Segment {
                    span: word.clone(),
                    form,
                    is_word: true,
                    role: Role::Joins,
                });
                self.add_symbols(text, word.end..end);
            } else {
                self.add_symbols(text, start..end);
            }
            start = end;
        }
    }

    fn add_symbols(&mut self, text: &str, span: Range<usize>) {
        for (at, c) in text[span.clone()].char_indices() {
            let start = span.start + at;
            let span = start..start + c.len_utf8();
            let form = Form::Text(span.clone());
            let role = if c.is_whitespace() { Role::Alone } else { Role::Joins };
            self.list.push(Segment { span, form, is_word: false, role });
        }
    }

    fn add_mark(&mut self, text: &str, mark: &Mark) {
        let form = &text[mark.form.clone()];
        let role = match mark.kind {
            Kind::Word | Kind::Emoji => Role::Joins,
            Kind::Tag => Role::Tag,
            Kind::Address | Kind::Mention => Role::Alone,
        };
        self.list.push(Segment {
            span: mark.span.clone(),
            form: Form::Text(mark.form.clone()),
            is_word: mark.kind == Kind::Emoji || is_word(form),
            role,
        });
    }
}

/// Whether the text between the marks contains a possible word.
fn has_words_between(text: &str, line: Range<usize>, marks: &[Mark]) -> bool {
    let mut at = line.start;
    for mark in marks {
        if is_word(&text[at..mark.span.start]) {
            return true;
        }
        at = mark.span.end;
    }
    is_word(&text[at..line.end])
}

/// Whether a word of the dictionary takes precedence over these marks: they are whole words within
/// it, none is a number or the word itself, and the word contains no symbols.
fn may_hold(text: &str, word: Range<usize>, marks: &[Mark]) -> bool {
    let numeric = |mark: &Mark| text[mark.span.clone()].starts_with(|c: char| c.is_numeric());
    marks.iter().all(|mark| mark.span.end <= word.end && mark.span != word && !numeric(mark))
        && (marks.is_empty() || text[word].chars().all(char::is_alphanumeric))
}
