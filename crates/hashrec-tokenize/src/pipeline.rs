//! The steps from a text to its tokens: normalize, scan, segment, join hashtags, emit.

use std::ops::Range;

use hashrec_data::long_vowels;

use crate::{
    HashtagLexicon, Normalizer, TokenizerParams, Tokens, Worker,
    normalize::NormalizedText,
    scan::{Kind, Mark, scan},
    segment::{Form, Role, Segment, Segmenter, Segments},
};

/// A normalized text is cut at this many times its characters, or at so many where that is more: no
/// language's texts grow by half, but some characters become 18.
const MOST_TIMES: usize = 2;
const MOST_MORE: usize = 256;

/// A worker for any backend.
pub(crate) struct Pipeline<'a, S> {
    params: &'a TokenizerParams,
    lexicon: &'a HashtagLexicon,
    backend: S,
    normalizer: Normalizer,
    text: NormalizedText,
    marks: Vec<Mark>,
    segments: Segments,
    /// The segments inside one `#tag`.
    inner: Segments,
}

impl<'a, S: Segmenter> Pipeline<'a, S> {
    pub(crate) fn new(
        params: &'a TokenizerParams,
        lexicon: &'a HashtagLexicon,
        backend: S,
    ) -> Self {
        Self {
            params,
            lexicon,
            backend,
            normalizer: Normalizer::new(),
            text: NormalizedText::default(),
            marks: Vec::new(),
            segments: Segments::default(),
            inner: Segments::default(),
        }
    }

    /// How many of the segments, from the first on, spell a hashtag together; 1 if none do.
    fn joined(&self, segments: &[Segment]) -> usize {
        let mut best = 1;
        if !self.params.keep_hashtags || self.lexicon.is_empty() {
            return best;
        }
        let mut place = self.lexicon.root();
        let mut end = segments.first().map_or(0, |segment| segment.span.start);
        for (index, segment) in segments.iter().enumerate() {
            if segment.role != Role::Joins || segment.span.start != end {
                break;
            }
            let text = &self.text.as_str()[segment.span.clone()];
            let Some(next) = self.lexicon.step(place, text) else { break };
            if self.lexicon.is_tag(next) {
                best = index + 1;
            }
            place = next;
            end = segment.span.end;
        }
        best
    }

    fn emit(&mut self, tokens: &mut Tokens) {
        let bases = &self.segments.bases;
        let mut emitter = Emitter { text: &self.text, pending: None };
        let mut rest = self.segments.list.as_slice();
        while let [first, ..] = rest {
            let (parts, after) = rest.split_at(self.joined(rest).min(rest.len()));
            rest = after;
            if let [.., last] = parts
                && parts.len() > 1
            {
                let span = first.span.start..last.span.end;
                let form = Form::Text(span.clone());
                emitter.add(
                    &Segment { span, form, is_word: true, role: Role::Joins },
                    bases,
                    tokens,
                );
                if self.params.hashtag_parts {
                    emitter.add_parts(parts, bases, bases, tokens);
                }
                continue;
            }
            emitter.add(first, bases, tokens);
            if let Form::Text(inside) = first.form.clone()
                && first.role == Role::Tag
                && self.params.hashtag_parts
            {
                let text = self.text.as_str();
                self.inner.clear();
                self.inner.add(text, inside.clone(), &word_marks(text, inside), &mut self.backend);
                if self.inner.list.len() > 1 {
                    emitter.add_parts(&self.inner.list, &self.inner.bases, bases, tokens);
                }
            }
        }
        emitter.flush(bases, tokens);
    }
}

/// The words of an alphabet in a part of the text.
fn word_marks(text: &str, span: Range<usize>) -> Vec<Mark> {
    let mut marks = Vec::new();
    scan(&text[span.clone()], &mut marks);
    marks.retain(|mark| mark.kind == Kind::Word);
    for mark in &mut marks {
        for range in [&mut mark.span, &mut mark.form] {
            *range = range.start + span.start..range.end + span.start;
        }
    }
    marks
}

impl<S: Segmenter> Worker for Pipeline<'_, S> {
    fn tokenize(&mut self, text: &str, tokens: &mut Tokens) {
        tokens.clear();
        let end = text.char_indices().nth(self.params.max_chars).map_or(text.len(), |(at, _)| at);
        let text = &text[..end];
        // Of the same length, so that spans still point into the caller's text.
        let most = MOST_MORE.max(MOST_TIMES * text.chars().count()).min(self.params.max_chars);
        self.normalizer.normalize_up_to(&long_vowels(text), most, &mut self.text);
        scan(self.text.as_str(), &mut self.marks);
        self.segments.clear();
        let whole = 0..self.text.as_str().len();
        self.segments.add(self.text.as_str(), whole, &self.marks, &mut self.backend);
        self.emit(tokens);
    }
}

/// Turns segments into tokens with spans of the original.
///
/// One character of the original can become several words (㍿ becomes 株式 and 会社). They become one
/// token, because a character has no parts to point at.
struct Emitter<'t> {
    text: &'t NormalizedText,
    /// The last segment and its span in the original; the next segment may belong to it.
    pending: Option<(Segment, Range<usize>)>,
}

impl Emitter<'_> {
    fn add(&mut self, segment: &Segment, bases: &str, tokens: &mut Tokens) {
        if !segment.is_word {
            return;
        }
        let original = self.text.original(segment.span.clone());
        if let Some((before, span)) = &mut self.pending
            && original.start < span.end
        {
            before.span.end = segment.span.end;
            before.form = Form::Text(before.span.clone());
            span.end = span.end.max(original.end);
            return;
        }
        self.flush(bases, tokens);
        self.pending = Some((segment.clone(), original));
    }

    /// Adds the words within the token that was added last. `inner` holds their base forms, `bases`
    /// that of the token.
    fn add_parts(&mut self, parts: &[Segment], inner: &str, bases: &str, tokens: &mut Tokens) {
        self.flush(bases, tokens);
        for part in parts {
            self.add(part, inner, tokens);
        }
        self.flush(inner, tokens);
    }

    fn flush(&mut self, bases: &str, tokens: &mut Tokens) {
        if let Some((segment, span)) = self.pending.take() {
            let form = match segment.form {
                Form::Text(range) => self.text.as_str().get(range),
                Form::Base(range) => bases.get(range),
            };
            tokens.push(form.unwrap_or_default(), span);
        }
    }
}
