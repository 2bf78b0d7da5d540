//! `spiece.model`: a SentencePiece unigram model as a tokenizer of single words.

use prost::Message;
use tokenizers::{
    Tokenizer,
    models::unigram::Unigram,
    normalizers::Precompiled,
    pre_tokenizers::metaspace::{Metaspace, PrependScheme},
};

use super::charsmap;

/// The parts of SentencePiece's `ModelProto` that decide how a text is split.
#[derive(Message)]
struct ModelProto {
    #[prost(message, repeated, tag = "1")]
    pieces: Vec<Piece>,
    #[prost(message, optional, tag = "2")]
    trainer: Option<TrainerSpec>,
    #[prost(message, optional, tag = "3")]
    normalizer: Option<NormalizerSpec>,
}

#[derive(Message)]
struct Piece {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(float, tag = "2")]
    score: f32,
    /// 0 (absent) and 1: from texts; 2: unknown; 4: user-defined; others never come from texts.
    #[prost(int32, tag = "3")]
    kind: i32,
}

#[derive(Message)]
struct TrainerSpec {
    /// 0 (absent) and 1: unigram.
    #[prost(int32, tag = "3")]
    model_type: i32,
    #[prost(bool, tag = "24")]
    whitespace_as_suffix: bool,
    #[prost(bool, tag = "35")]
    byte_fallback: bool,
}

#[derive(Message)]
struct NormalizerSpec {
    #[prost(bytes = "vec", tag = "2")]
    charsmap: Vec<u8>,
    /// True if absent.
    #[prost(bool, optional, tag = "3")]
    dummy_prefix: Option<bool>,
}

/// A tokenizer of words and the pieces' texts in the order of their ids.
pub(super) struct SentencePiece {
    pub(super) tokenizer: Tokenizer,
    pieces: Vec<Piece>,
}

impl SentencePiece {
    /// Reads a unigram model.
    pub(super) fn read(file: &[u8]) -> tokenizers::Result<Self> {
        let ModelProto { pieces, trainer, normalizer } = ModelProto::decode(file)?;
        if let Some(TrainerSpec { model_type, whitespace_as_suffix, byte_fallback }) = trainer
            && (model_type > 1 || whitespace_as_suffix || byte_fallback)
        {
            return Err(
                "only unigram models with prefixed spaces and no byte pieces are read".into()
            );
        }
        if pieces.iter().any(|piece| piece.text.is_empty() || !piece.score.is_finite()) {
            return Err("a piece is empty or has no finite score".into());
        }
        let unknown = pieces.iter().position(|piece| piece.kind == 2);
        let unknown = unknown.ok_or("the model has no unknown piece")?;
        let mut tokenizer =
            Tokenizer::new(Unigram::from(vocabulary(&pieces), Some(unknown), false)?);
        let normalizer = normalizer.unwrap_or_default();
        if !normalizer.charsmap.is_empty() {
            charsmap::check(&normalizer.charsmap)?;
            let rules = Precompiled::from(&normalizer.charsmap).map_err(|e| format!("{e:?}"))?;
            tokenizer.with_normalizer(Some(rules))?;
        }
        let prefix = match normalizer.dummy_prefix {
            Some(false) => PrependScheme::Never,
            _ => PrependScheme::Always,
        };
        tokenizer.with_pre_tokenizer(Some(Metaspace::new('▁', prefix, true)));
        Ok(Self { tokenizer, pieces })
    }

    /// The id of a piece.
    pub(super) fn id(&self, text: &str) -> Option<u32> {
        let position = self.pieces.iter().position(|piece| piece.text == text)?;
        u32::try_from(position).ok()
    }
}

/// The pieces with their scores. User-defined pieces outweigh all others, as in SentencePiece.
fn vocabulary(pieces: &[Piece]) -> Vec<(String, f64)> {
    let normal = pieces.iter().filter(|piece| piece.kind <= 1);
    let highest = normal.map(|piece| f64::from(piece.score)).fold(f64::NEG_INFINITY, f64::max);
    let entry = |piece: &Piece| match piece.kind {
        0 | 1 => (piece.text.clone(), f64::from(piece.score)),
        4 if highest.is_finite() => (piece.text.clone(), piece.text.len() as f64 * highest - 0.1),
        // Spaces are replaced before pieces are matched: no text spells this one.
        _ => (format!(" {}", piece.text), f64::from(piece.score)),
    };
    pieces.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, score: f32, kind: i32) -> Piece {
        Piece { text: text.to_owned(), score, kind }
    }

    fn small() -> ModelProto {
        let pieces = vec![
            piece("<unk>", 0.0, 2),
            piece("[CLS]", 0.0, 3),
            piece("▁", -2.0, 1),
            piece("ab", -1.0, 1),
            piece("a", -3.0, 1),
            piece("▁a", -2.5, 0),
            piece("<s>", 0.0, 4),
        ];
        ModelProto { pieces, trainer: None, normalizer: None }
    }

    fn ids(model: &SentencePiece, text: &str) -> Vec<u32> {
        model.tokenizer.encode_fast(text, false).unwrap().get_ids().to_vec()
    }

    #[test]
    fn the_likeliest_pieces_are_chosen() {
        let model = SentencePiece::read(&small().encode_to_vec()).unwrap();
        assert_eq!(ids(&model, "ab"), [2, 3]);
        assert_eq!(ids(&model, "aab"), [5, 3]);
        assert_eq!(ids(&model, "xyab"), [2, 0, 3]);
        assert_eq!(ids(&model, "a<s>a"), [5, 6, 4]);
        assert_eq!(ids(&model, ""), [0u32; 0]);
        // Control pieces never come from texts.
        assert_eq!(ids(&model, "[CLS]"), [2, 0]);
        assert_eq!((model.id("[CLS]"), model.id("z")), (Some(1), None));
    }

    #[test]
    fn models_that_are_not_read_are_named() {
        assert!(SentencePiece::read(b"").is_err());
        assert!(SentencePiece::read(b"not a model").is_err());
        let refused = |change: &dyn Fn(&mut ModelProto)| {
            let mut model = small();
            change(&mut model);
            SentencePiece::read(&model.encode_to_vec()).err().unwrap().to_string()
        };
        let trainer = |model_type, whitespace_as_suffix, byte_fallback| {
            Some(TrainerSpec { model_type, whitespace_as_suffix, byte_fallback })
        };
        assert!(refused(&|model| model.trainer = trainer(2, false, false)).contains("unigram"));
        assert!(refused(&|model| model.trainer = trainer(1, true, false)).contains("spaces"));
        assert!(refused(&|model| model.trainer = trainer(1, false, true)).contains("byte"));
        assert!(refused(&|model| model.pieces[4].score = f32::NAN).contains("score"));
        assert!(refused(&|model| model.pieces[4].text.clear()).contains("empty"));
        assert!(refused(&|model| model.pieces[0].kind = 3).contains("unknown"));
        let charsmap = vec![1, 2, 3];
        let rules = || Some(NormalizerSpec { charsmap: charsmap.clone(), dummy_prefix: None });
        assert!(refused(&|model| model.normalizer = rules()).contains("short"));
    }
}
