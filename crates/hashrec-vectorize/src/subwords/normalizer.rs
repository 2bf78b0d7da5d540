//! The `normalizer` of `tokenizer.json`: how a text is changed before it is split.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use serde::{Deserialize, Serialize};

use super::{
    characters::{is_accent, is_chinese, is_control, is_mark},
    pattern::Pattern,
    rules::Rules,
};
use crate::{VectorizeError, base64, json_field::Field};

const SUPPORTED: &str = "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, \
                         Prepend, Replace, Sequence, Strip or StripAccents";

/// The most steps, and the most bytes that one puts in.
const MOST_STEPS: usize = 32;
const LONGEST: usize = 256;
/// A text may grow to so many times its bytes, and these many more: no honest steps go beyond.
const GROWTH: usize = 32;
const START: usize = 1 << 10;

/// The steps in which a text is changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Step>")]
pub(super) struct Normalizer(Vec<Step>);

impl TryFrom<Vec<Step>> for Normalizer {
    type Error = &'static str;

    fn try_from(steps: Vec<Step>) -> Result<Self, &'static str> {
        let is_short = |step: &Step| match step {
            Step::Prepend(text) | Step::Replace { content: text, .. } => text.len() <= LONGEST,
            _ => true,
        };
        match steps.len() <= MOST_STEPS && steps.iter().all(is_short) {
            true => Ok(Self(steps)),
            false => Err("more than 32 steps, or one that puts in more than 256 bytes"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Step {
    Bert {
        clean: bool,
        chinese: bool,
        accents: bool,
        lowercase: bool,
    },
    Lowercase,
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Nmt,
    Prepend(String),
    Replace {
        pattern: Pattern,
        content: String,
    },
    /// SentencePiece's rules, which are in tables of their own.
    Rules,
    Strip {
        left: bool,
        right: bool,
    },
    StripAccents,
}

impl Normalizer {
    /// The steps, and the rules that one of them may use.
    pub(super) fn parse(field: &Field<'_>) -> Result<(Self, Rules), VectorizeError> {
        let (mut normalizer, mut rules) = (Self::default(), None);
        if !field.is_null() {
            normalizer.add(field, &mut rules)?;
        }
        let expected = "at most 32 steps, each of which puts in at most 256 bytes";
        let normalizer = Self::try_from(normalizer.0).map_err(|_| field.wrong(expected))?;
        Ok((normalizer, rules.unwrap_or_default()))
    }

    fn add(&mut self, field: &Field<'_>, rules: &mut Option<Rules>) -> Result<(), VectorizeError> {
        let kind = field.get("type");
        let step = match kind.text()? {
            "Sequence" => {
                let mut steps = field.get("normalizers").items()?;
                return steps.try_for_each(|field| self.add(&field, rules));
            }
            "BertNormalizer" => {
                let lowercase = field.get("lowercase").switch(true)?;
                Step::Bert {
                    clean: field.get("clean_text").switch(true)?,
                    chinese: field.get("handle_chinese_chars").switch(true)?,
                    accents: !field.get("strip_accents").switch(lowercase)?,
                    lowercase,
                }
            }
            "Lowercase" => Step::Lowercase,
            "NFC" => Step::Nfc,
            "NFD" => Step::Nfd,
            "NFKC" => Step::Nfkc,
            "NFKD" => Step::Nfkd,
            "Nmt" => Step::Nmt,
            "Precompiled" => {
                if rules.is_some() {
                    return Err(kind.wrong("one Precompiled only"));
                }
                let bytes = field.get("precompiled_charsmap");
                let decoded = base64::decode(bytes.text()?).ok_or("not base 64");
                let parsed = decoded.and_then(|bytes| Rules::parse(&bytes));
                let expected = |problem| format!("SentencePiece's rules; these are {problem}");
                *rules = Some(parsed.map_err(|problem| bytes.wrong(&expected(problem)))?);
                Step::Rules
            }
            "Prepend" => Step::Prepend(field.get("prepend").text()?.to_owned()),
            "Replace" => Step::Replace {
                pattern: Pattern::parse(&field.get("pattern"))?,
                content: field.get("content").text()?.to_owned(),
            },
            "Strip" => Step::Strip {
                left: field.get("strip_left").switch(true)?,
                right: field.get("strip_right").switch(true)?,
            },
            "StripAccents" => Step::StripAccents,
            _ => return Err(kind.wrong(SUPPORTED)),
        };
        self.0.push(step);
        Ok(())
    }

    /// The changed text, in one of the buffers.
    pub(super) fn apply<'b>(
        &self,
        rules: &Rules,
        text: &str,
        buffers: &'b mut [String; 2],
    ) -> &'b str {
        let [from, to] = buffers;
        from.clear();
        from.push_str(text);
        for step in &self.0 {
            to.clear();
            step.apply(rules, from, to);
            let mut most = text.len().saturating_mul(GROWTH).saturating_add(START);
            if to.len() > most {
                while !to.is_char_boundary(most) {
                    most -= 1;
                }
                to.truncate(most);
            }
            std::mem::swap(from, to);
        }
        from
    }
}

impl Step {
    /// Appends the changed text.
    fn apply(&self, rules: &Rules, text: &str, out: &mut String) {
        match self {
            Self::Bert { clean, chinese, accents, lowercase } => {
                bert(text, *clean, *chinese, *accents, *lowercase, out);
            }
            // Letter by letter: a final sigma is no exception here.
            Self::Lowercase => out.extend(text.chars().flat_map(char::to_lowercase)),
            Self::Nfc => {
                out.extend(ComposingNormalizerBorrowed::new_nfc().normalize_iter(text.chars()));
            }
            Self::Nfd => {
                out.extend(DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()));
            }
            Self::Nfkc => {
                out.extend(ComposingNormalizerBorrowed::new_nfkc().normalize_iter(text.chars()));
            }
            Self::Nfkd => {
                out.extend(DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars()));
            }
            Self::Nmt => out.extend(text.chars().filter_map(nmt)),
            Self::Prepend(before) => {
                if !text.is_empty() {
                    out.push_str(before);
                    out.push_str(text);
                }
            }
            Self::Replace { pattern, content } => {
                let mut at = 0;
                for found in pattern.regex().find_iter(text) {
                    out.push_str(text.get(at..found.start()).unwrap_or_default());
                    out.push_str(content);
                    at = found.end();
                }
                out.push_str(text.get(at..).unwrap_or_default());
            }
            Self::Rules => rules.apply(text, out),
            Self::Strip { left, right } => {
                let text = if *left { text.trim_start() } else { text };
                out.push_str(if *right { text.trim_end() } else { text });
            }
            Self::StripAccents => out.extend(text.chars().filter(|&letter| !is_mark(letter))),
        }
    }
}

/// What BERT does to a text: drops control characters, makes every space a plain one, sets Chinese
/// characters apart, drops accents and folds case, in this order and as far as asked.
fn bert(text: &str, clean: bool, chinese: bool, accents: bool, lowercase: bool, out: &mut String) {
    let is_kept = |letter: &char| {
        !clean || (*letter != '\0' && *letter != '\u{FFFD}' && !is_control(*letter))
    };
    let plain = |letter: char| if clean && letter.is_whitespace() { ' ' } else { letter };
    if text.is_ascii() {
        let fold = |letter: char| if lowercase { letter.to_ascii_lowercase() } else { letter };
        out.extend(text.chars().filter(is_kept).map(plain).map(fold));
        return;
    }
    let apart = |letter: char| {
        let space = (chinese && is_chinese(letter)).then_some(' ');
        space.into_iter().chain([letter]).chain(space)
    };
    let letters = text.chars().filter(is_kept).map(plain).flat_map(apart);
    if accents {
        fold(letters, lowercase, out);
    } else {
        let parts = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(letters);
        fold(parts.filter(|&letter| !is_accent(letter)), lowercase, out);
    }
}

fn fold(letters: impl Iterator<Item = char>, lowercase: bool, out: &mut String) {
    if lowercase {
        out.extend(letters.flat_map(char::to_lowercase));
    } else {
        out.extend(letters);
    }
}

/// What SentencePiece's rule set *nmt* makes of a character, but for the compatibility forms.
fn nmt(letter: char) -> Option<char> {
    match letter {
        '\u{1}'..='\u{8}' | '\u{B}' | '\u{E}'..='\u{1F}' | '\u{7F}' | '\u{8F}' | '\u{9F}' => None,
        '\t'
        | '\n'
        | '\u{C}'
        | '\r'
        | '\u{1680}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2581}'
        | '\u{FEFF}'
        | '\u{FFFD}' => Some(' '),
        _ => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn normalized(json: &Value, text: &str) -> String {
        let (normalizer, rules) = Normalizer::parse(&Field::root("tokenizer.json", json)).unwrap();
        normalizer.apply(&rules, text, &mut Default::default()).to_owned()
    }

    #[test]
    fn bert_cleans_folds_and_sets_chinese_apart() {
        let json = json!({"type": "BertNormalizer"});
        assert_eq!(normalized(&json, "Élan\u{0}\tVITAL"), "elan vital");
        assert_eq!(normalized(&json, "a漢字b"), "a 漢  字 b");
        let json =
            json!({"type": "BertNormalizer", "lowercase": false, "handle_chinese_chars": false});
        assert_eq!(normalized(&json, "Élan 漢字"), "Élan 漢字");
        assert_eq!(normalized(&json, "A\u{1}B\nC"), "AB C");
        let json = json!({"type": "BertNormalizer", "clean_text": false, "strip_accents": false});
        assert_eq!(normalized(&json, "Éa\u{1}\t"), "éa\u{1}\t");
    }

    #[test]
    fn steps_follow_each_other() {
        let json = json!({"type": "Sequence", "normalizers": [
            {"type": "NFKC"},
            {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            {"type": "Strip", "strip_left": true, "strip_right": false},
            {"type": "Prepend", "prepend": "_"},
        ]});
        assert_eq!(normalized(&json, "  Ｇｏ   ON "), "_go on ");
        assert_eq!(normalized(&json, ""), "");
        assert_eq!(normalized(&Value::Null, "As It Is"), "As It Is");
        assert_eq!(normalized(&json!({"type": "NFC"}), "e\u{301}"), "é");
        assert_eq!(normalized(&json!({"type": "NFKD"}), "ﬁé"), "fie\u{301}");
        let json = json!({"type": "Sequence", "normalizers": [
            {"type": "NFD"}, {"type": "StripAccents"}, {"type": "Nmt"},
        ]});
        assert_eq!(normalized(&json, "é\u{1}\t"), "e ");
    }

    #[test]
    fn rules_are_decoded() {
        // `a` becomes nothing, in a trie of one block.
        let rules = "AAQAAAA";
        let with = |rules: &str| json!({"type": "Precompiled", "precompiled_charsmap": rules});
        let wrong = |json: &Value| {
            Normalizer::parse(&Field::root("tokenizer.json", json)).unwrap_err().to_string()
        };
        assert!(wrong(&with(rules)).contains("not base 64"));
        assert!(wrong(&with("AAQAAAA=")).contains("too short"));
        let fine = with(&format!("AAQAA{}A=", "A".repeat(1365)));
        assert_eq!(normalized(&fine, "abc"), "abc");
        let twice = json!({"type": "Sequence", "normalizers": [fine, fine]});
        assert!(wrong(&twice).contains("one Precompiled only"));
    }

    #[test]
    fn steps_that_blow_a_text_up_are_refused_or_cut() {
        let error = |json: Value| {
            Normalizer::parse(&Field::root("tokenizer.json", &json)).unwrap_err().to_string()
        };
        let replace = |content: String| json!({"type": "Replace", "pattern": {"String": "a"}, "content": content});
        assert!(error(replace("é".repeat(129))).contains("256 bytes"));
        let many = json!({"type": "Sequence", "normalizers": vec![json!({"type": "NFC"}); 33]});
        assert!(error(many).contains("32 steps"));
        let doubled = vec![replace("aあa".to_owned()); 32];
        let json = json!({"type": "Sequence", "normalizers": doubled});
        let blown_up = normalized(&json, "aa");
        assert!((1000..=START + 2 * GROWTH).contains(&blown_up.len()), "{}", blown_up.len());
    }

    #[test]
    fn unknown_steps_are_named() {
        let json = json!({"type": "Sequence", "normalizers": [{"type": "ByteLevel"}]});
        let error = Normalizer::parse(&Field::root("tokenizer.json", &json)).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("normalizers[0].type is \"ByteLevel\""), "{error}");
        assert!(error.contains("BertNormalizer"), "{error}");
    }
}
