//! SentencePiece models (Kudo and Richardson, 2018) of kind *unigram*, from the file that the
//! SentencePiece library writes: its normalisation, and the segmentation of highest probability.

pub(super) mod charsmap;
mod protobuf;

use std::collections::HashMap;

use self::{
    charsmap::Charsmap,
    protobuf::{Fields, Value},
};

/// Stands for a space.
pub(super) const SPACE: char = '▁';
/// What an unknown character costs beside the rarest piece.
const UNKNOWN_PENALTY: f32 = 10.0;

/// What a piece may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Unknown,
    /// Has an id, but never comes from a text.
    Reserved,
    /// Stays whole wherever it stands.
    UserDefined,
}

#[derive(Clone, Copy)]
struct Piece {
    id: u32,
    score: f32,
    kind: Kind,
}

/// A unigram model.
pub(super) struct SentencePiece {
    pieces: HashMap<Box<str>, Piece>,
    unknown: u32,
    /// The length in bytes of the longest piece that comes from texts, and of the longest
    /// user-defined one.
    longest: usize,
    longest_user_defined: usize,
    unknown_score: f32,
    highest_score: f32,
    rules: Charsmap,
    dummy_prefix: bool,
    remove_spaces: bool,
    escape_spaces: bool,
}

impl SentencePiece {
    /// Reads a model file.
    pub(super) fn read(file: &[u8]) -> Result<Self, String> {
        let malformed = || "it is not a SentencePiece model, or it was cut".to_owned();
        let mut model = Self {
            pieces: HashMap::new(),
            unknown: 0,
            longest: 0,
            longest_user_defined: 0,
            unknown_score: 0.0,
            highest_score: f32::NEG_INFINITY,
            rules: Charsmap::default(),
            dummy_prefix: true,
            remove_spaces: true,
            escape_spaces: true,
        };
        let (mut count, mut unknown, mut lowest) = (0, None, f32::INFINITY);
        for field in Fields::new(file) {
            let (number, value) = field.ok_or_else(malformed)?;
            let message = value.bytes();
            match (number, message) {
                (1, Some(message)) => {
                    let (text, score, kind) = read_piece(message).ok_or_else(malformed)?;
                    if !score.is_finite() || text.is_empty() {
                        return Err(format!("piece {count} is empty or has no score"));
                    }
                    match kind {
                        Kind::Normal => {
                            lowest = lowest.min(score);
                            model.highest_score = model.highest_score.max(score);
                            model.longest = model.longest.max(text.len());
                        }
                        Kind::UserDefined => {
                            model.longest = model.longest.max(text.len());
                            model.longest_user_defined = model.longest_user_defined.max(text.len());
                        }
                        Kind::Unknown if unknown.is_some() => {
                            return Err("it has two unknown pieces".to_owned());
                        }
                        Kind::Unknown => unknown = Some(count),
                        Kind::Reserved => {}
                    }
                    let piece = Piece { id: count, score, kind };
                    if model.pieces.insert(text.into(), piece).is_some() {
                        return Err(format!("the piece {text:?} stands twice"));
                    }
                    count += 1;
                }
                (2, Some(message)) => check_trainer(message).ok_or_else(malformed)??,
                (3, Some(message)) => model.read_normalizer(message).ok_or_else(malformed)??,
                _ => {}
            }
        }
        model.unknown = unknown.ok_or("it has no unknown piece")?;
        if !lowest.is_finite() {
            return Err("it has no pieces".to_owned());
        }
        model.unknown_score = lowest - UNKNOWN_PENALTY;
        Ok(model)
    }

    fn read_normalizer(&mut self, message: &[u8]) -> Option<Result<(), String>> {
        for field in Fields::new(message) {
            let (number, value) = field?;
            match (number, &value) {
                (2, Value::Bytes(rules)) => match Charsmap::parse(rules) {
                    Ok(rules) => self.rules = rules,
                    Err(problem) => return Some(Err(problem.to_owned())),
                },
                (3, Value::Number(yes)) => self.dummy_prefix = *yes != 0,
                (4, Value::Number(yes)) => self.remove_spaces = *yes != 0,
                (5, Value::Number(yes)) => self.escape_spaces = *yes != 0,
                _ => {}
            }
        }
        Some(Ok(()))
    }

    /// The id of a piece, that of the unknown one if there is none.
    pub(super) fn id(&self, piece: &str) -> u32 {
        self.pieces.get(piece).map_or(self.unknown, |piece| piece.id)
    }

    /// The id of a piece, if there is one.
    pub(super) fn find(&self, piece: &str) -> Option<u32> {
        self.pieces.get(piece).map(|piece| piece.id)
    }

    /// Appends the pieces of a text, with their ids. Unknown characters side by side are one.
    pub(super) fn encode(&self, text: &str, pieces: &mut Vec<(String, u32)>) {
        let text = self.normalize(text);
        let mut best = vec![Best { score: 0.0, start: None, id: self.unknown }; text.len() + 1];
        for (start, character) in text.char_indices() {
            let (reached, rest) = (best[start].score, &text[start..]);
            let mut single = false;
            for end in ends(rest, self.longest) {
                let Some(piece) = self.pieces.get(&rest[..end]) else { continue };
                let score = match piece.kind {
                    Kind::Normal => piece.score,
                    Kind::UserDefined => end as f32 * self.highest_score - 0.1,
                    Kind::Unknown | Kind::Reserved => continue,
                };
                best[start + end].improve(reached + score, start, piece.id);
                single |= end == character.len_utf8();
            }
            if !single {
                let end = start + character.len_utf8();
                best[end].improve(reached + self.unknown_score, start, self.unknown);
            }
        }
        let first = pieces.len();
        let mut end = text.len();
        while let Some(Best { start: Some(start), id, .. }) = best.get(end).copied() {
            match pieces.get_mut(first..).and_then(|new| new.last_mut()) {
                Some((after, last)) if id == self.unknown && *last == id => {
                    after.insert_str(0, &text[start..end]);
                }
                _ => pieces.push((text[start..end].to_owned(), id)),
            }
            end = start;
        }
        pieces[first..].reverse();
    }

    /// The text as the pieces spell it: replaced by rule, spaces joined and made visible.
    fn normalize(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + SPACE.len_utf8());
        let mut rest = text;
        let mut after_space = self.remove_spaces;
        let space = if self.escape_spaces { SPACE } else { ' ' };
        // Leading spaces go before the prefix is set.
        while self.remove_spaces && !rest.is_empty() {
            let (length, replaced) = self.replace(rest);
            if replaced != " " {
                break;
            }
            rest = &rest[length..];
        }
        if rest.is_empty() {
            return out;
        }
        if self.dummy_prefix {
            out.push(space);
        }
        while !rest.is_empty() {
            let (length, mut replaced) = self.replace(rest);
            rest = &rest[length..];
            if after_space {
                replaced = replaced.trim_start_matches(' ');
            }
            if !replaced.is_empty() {
                out.extend(replaced.chars().map(|c| if c == ' ' { space } else { c }));
                after_space = self.remove_spaces && replaced.ends_with(' ');
            }
        }
        if self.remove_spaces {
            out.truncate(out.trim_end_matches(space).len());
        }
        out
    }

    /// What the beginning of a text becomes, and how many bytes of it that is.
    fn replace<'a>(&'a self, text: &'a str) -> (usize, &'a str) {
        let whole = ends(text, self.longest_user_defined).filter(|&end| {
            self.pieces.get(&text[..end]).is_some_and(|piece| piece.kind == Kind::UserDefined)
        });
        if let Some(end) = whole.last() {
            return (end, &text[..end]);
        }
        self.rules.longest(text).unwrap_or_else(|| {
            let length = text.chars().next().map_or(text.len(), char::len_utf8);
            (length, &text[..length])
        })
    }
}

/// The best way to one place in a text.
#[derive(Clone, Copy)]
struct Best {
    score: f32,
    start: Option<usize>,
    id: u32,
}

impl Best {
    fn improve(&mut self, score: f32, start: usize, id: u32) {
        if self.start.is_none() || score > self.score {
            *self = Self { score, start: Some(start), id };
        }
    }
}

/// Where the characters of a text end, up to `most` bytes.
fn ends(text: &str, most: usize) -> impl Iterator<Item = usize> {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    ends.take_while(move |&end| end <= most)
}

fn read_piece(message: &[u8]) -> Option<(&str, f32, Kind)> {
    let (mut text, mut score, mut kind) = ("", 0.0, Kind::Normal);
    for field in Fields::new(message) {
        match field? {
            (1, value) => text = std::str::from_utf8(value.bytes()?).ok()?,
            (2, value) => score = value.float()?,
            (3, value) => {
                kind = match value.number()? {
                    1 => Kind::Normal,
                    2 => Kind::Unknown,
                    4 => Kind::UserDefined,
                    _ => Kind::Reserved,
                }
            }
            _ => {}
        }
    }
    Some((text, score, kind))
}

/// Refuses what isn't read: other kinds of model, spaces at the end of words, bytes as pieces.
fn check_trainer(message: &[u8]) -> Option<Result<(), String>> {
    for field in Fields::new(message) {
        let (number, value) = field?;
        let problem = match (number, value.number()) {
            (3, Some(kind)) if kind != 1 => format!("models of kind {kind} are not supported"),
            (24, Some(1..)) => "spaces as suffixes are not supported".to_owned(),
            (35, Some(1..)) => "bytes as pieces are not supported".to_owned(),
            _ => continue,
        };
        return Some(Err(format!("{problem}; only plain unigram models are")));
    }
    Some(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, content.len() as u8];
        bytes.extend_from_slice(content);
        bytes
    }

    fn piece(text: &str, score: f32, kind: u8) -> Vec<u8> {
        let mut message = field(1, text.as_bytes());
        message.push(2 << 3 | 5);
        message.extend_from_slice(&score.to_le_bytes());
        message.extend_from_slice(&[3 << 3, kind]);
        field(1, &message)
    }

    fn pieces(model: &SentencePiece, text: &str) -> Vec<(String, u32)> {
        let mut pieces = Vec::new();
        model.encode(text, &mut pieces);
        pieces
    }

    fn small() -> Vec<u8> {
        [
            piece("<unk>", 0.0, 2),
            piece("[CLS]", 0.0, 3),
            piece("▁", -2.0, 1),
            piece("ab", -1.0, 1),
            piece("a", -3.0, 1),
            piece("▁a", -2.5, 1),
            piece("<s>", 0.0, 4),
        ]
        .concat()
    }

    #[test]
    fn the_likeliest_pieces_are_chosen() {
        let model = SentencePiece::read(&small()).unwrap();
        let texts =
            |text| pieces(&model, text).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(texts("ab"), ["▁", "ab"]);
        assert_eq!(texts("  aab  a "), ["▁a", "ab", "▁a"]);
        assert_eq!(texts("xyab"), ["▁", "xy", "ab"]);
        assert_eq!(texts("a<s>a"), ["▁a", "<s>", "a"]);
        assert_eq!(texts(""), [""; 0]);
        assert_eq!(texts("   "), [""; 0]);
        // Reserved pieces don't come from texts.
        assert_eq!(pieces(&model, "[CLS]")[1], ("[CLS]".to_owned(), 0));
        assert_eq!((model.find("[CLS]"), model.find("z"), model.id("z")), (Some(1), None, 0));
    }

    #[test]
    fn bad_models_are_refused() {
        assert!(SentencePiece::read(&[]).is_err());
        assert!(SentencePiece::read(b"not a model").is_err());
        let good = small();
        let cuts = (1..good.len()).filter(|&cut| SentencePiece::read(&good[..cut]).is_ok());
        // Whole pieces only.
        assert!(cuts.count() < 8);
        for (more, named) in [
            (piece("<unk2>", 0.0, 2), "two unknown"),
            (piece("ab", 0.0, 1), "twice"),
            (piece("nan", f32::NAN, 1), "no score"),
            (piece("", 1.0, 1), "empty"),
            (field(2, &[3 << 3, 2]), "kind 2"),
            (field(2, &[0xC0, 1, 1]), "suffixes"),
            (field(3, &field(2, &[1, 2, 3])), "rules"),
        ] {
            let error = SentencePiece::read(&[good.clone(), more].concat()).err();
            assert!(
                error.as_ref().is_some_and(|error| error.contains(named)),
                "{named}: {error:?}"
            );
        }
    }
}
