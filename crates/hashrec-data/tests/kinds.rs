//! Files as other programs write them: read right, or refused in words that help.

#![cfg(feature = "corpus")]

use std::{
    fs,
    io::{Cursor, Write},
    path::PathBuf,
};

use flate2::{Compression, write::GzEncoder};
use hashrec_data::{
    Corpus, CorpusParams, CsvParams, DataError, Duplicates, Format, Post, PostReader, ReadParams,
    ReadReport,
};
use tempfile::TempDir;

const ONE: &str = r#"{"id":"1","community":"c","text":"t","hashtags":["x"]}"#;
const HEAD: &str = "id,community,text,hashtags,created_at\n";

type Outcome = Result<(Vec<Post>, ReadReport), DataError>;

fn read(bytes: impl Into<Vec<u8>>, format: Format, params: &ReadParams) -> Outcome {
    let mut reader = PostReader::from_reader(Cursor::new(bytes.into()), format, params)?;
    let posts = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((posts, reader.into_report()))
}

fn json(line: &str) -> Outcome {
    read(line, Format::JsonLines, &ReadParams::default())
}

fn csv(rows: &str) -> Outcome {
    read(format!("{HEAD}{rows}"), Format::Csv, &ReadParams::default())
}

fn lenient() -> ReadParams {
    ReadParams::default().with_strict(false)
}

fn message(outcome: Outcome) -> String {
    outcome.unwrap_err().to_string()
}

fn assert_says(message: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| message.contains(part)), "{message}\nlacks one of {parts:?}");
}

fn file(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_follows_compressed_data_is_padding_more_data_or_said() {
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |text: &str| {
        ruzstd::encoding::compress_to_vec(
            text.as_bytes(),
            ruzstd::encoding::CompressionLevel::Fastest,
        )
    };
    for (name, first, second) in
        [("gzip", gzip(ONE), gzip(ONE)), ("zstd", zstd(ONE), zstd(&ONE.replace("\"1\"", "\"2\"")))]
    {
        for zeros in [1, 512, 70_000] {
            let padded = [first.clone(), vec![0; zeros]].concat();
            assert_eq!(read(padded.clone(), Format::JsonLines, &lenient()).unwrap().0.len(), 1);
            assert!(read(padded.clone(), Format::JsonLines, &ReadParams::default()).is_ok());
            // Members after the padding follow the line that is still open.
            let more = [padded, second.clone()].concat();
            let (posts, report) = read(more, Format::JsonLines, &lenient()).unwrap();
            assert_eq!((posts.len(), report.skipped), (0, 1), "{name}");
        }
        for tail in [&b"\n"[..], b"garbage", b"\0\0rest", b"PK\x03\x04"] {
            let spoilt = [first.as_slice(), tail].concat();
            let (posts, report) = read(spoilt.clone(), Format::JsonLines, &lenient()).unwrap();
            assert_eq!((posts.len(), report.skipped), (1, 1), "{name} {tail:?}");
            let mut reader = PostReader::from_reader(
                Cursor::new(spoilt),
                Format::JsonLines,
                &Default::default(),
            )
            .unwrap();
            assert_eq!(reader.next().unwrap().unwrap().id, "1");
            let error = reader.next().unwrap().unwrap_err().to_string();
            assert_says(&error, &["line 1", "after the end", name]);
        }
        let cut = first[..first.len() - 5].to_vec();
        let cause = match read(cut, Format::JsonLines, &lenient()).unwrap_err() {
            DataError::Io { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        assert_says(&cause, &[name, "cut short"]);
    }
}

#[test]
fn other_encodings_and_files_are_named_with_what_to_do() {
    let wide = |text: &str, of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(of).collect()
    };
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, parts) in [
        ("a.jsonl", wide(ONE, u16::to_le_bytes), ["UTF-16LE", "iconv -f UTF-16LE -t UTF-8"]),
        ("b.csv", wide("\u{feff}id,", u16::to_be_bytes), ["UTF-16BE", "iconv -f UTF-16BE"]),
        ("c.csv", b"PK\x03\x04\x14\0\x06\0".to_vec(), ["Excel", "CSV in UTF-8"]),
        ("d.jsonl", b"\xfd7zXZ\0\0".to_vec(), ["xz", "xz -d"]),
        ("e.jsonl", b"BZh91AY&SY".to_vec(), ["bzip2", "bzip2 -d"]),
    ] {
        let path = file(&dir, name, bytes);
        for params in [ReadParams::default(), lenient()] {
            let error = PostReader::open(&path, &params).err().unwrap();
            assert!(matches!(error, DataError::NotText { .. }), "{error}");
            assert_says(&error.to_string(), &[&parts[..], &[name]].concat());
        }
    }
    // 茶の湯, in Shift_JIS, EUC-JP and ISO-2022-JP; crème brûlée.
    for (text, parts) in [
        (&b"\x92\x83\x82\xcc\x93\x92"[..], ["Shift_JIS", "iconv -f CP932 -t UTF-8"]),
        (b"\xc3\xe3\xa4\xce\xc5\xf2", ["EUC-JP", "iconv -f EUC-JP -t UTF-8"]),
        (b"\x1b$BCc$NEr\x1b(B", ["ISO-2022-JP", "iconv -f ISO-2022-JP -t UTF-8"]),
        (b"cr\xe8me br\xfbl\xe9e", ["Windows-1252", "iconv -f WINDOWS-1252 -t UTF-8"]),
    ] {
        let rows = [HEAD.as_bytes(), b"1,c,a,x,\n2,c,", text, b",x,\n"].concat();
        let error = message(read(rows.clone(), Format::Csv, &ReadParams::default()));
        assert_says(&error, &[&parts[..], &["line 3", "\"text\""]].concat());
        assert!(!error.contains("`strict`"), "{error}");
        let (_, report) = read(rows, Format::Csv, &lenient()).unwrap();
        assert_says(report.problems[0].advice(), &parts[1..]);
        let line = [br#"{"id":"1","community":"c","hashtags":[],"text":""#, text, b"\"}"].concat();
        assert_says(&message(read(line, Format::JsonLines, &ReadParams::default())), &parts);
    }
}

#[test]
fn the_delimiter_is_named_set_or_told_by_the_file() {
    for (delimiter, shown) in [(';', "';'"), ('\t', "'\\t'"), ('|', "'|'")] {
        let text = format!("{HEAD}1,c,t,x,\n").replace(',', &delimiter.to_string());
        let error = message(read(text.clone(), Format::Csv, &ReadParams::default()));
        assert_says(&error, &[&format!("set `csv.delimiter` to {shown}")]);
        let params = CsvParams::default().with_delimiter(delimiter).with_hashtag_separator('/');
        let params = ReadParams::default().with_csv(params);
        assert_eq!(read(text, Format::Csv, &params).unwrap().0[0].hashtags, ["x"]);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = file(&dir, "a.TSV", format!("{HEAD}1,c,t,x,\n").replace(',', "\t"));
    assert_eq!(PostReader::open(path, &ReadParams::default()).unwrap().count(), 1);
    assert_says(&message(read("ID,c\n", Format::Csv, &lenient())), &["id is missing in ID,c"]);
    let rows = "\u{feff}\u{feff} \"id\" ,\u{feff}community,text,hashtags\r1,c,t,x\r";
    assert_eq!(read(rows, Format::Csv, &ReadParams::default()).unwrap().0.len(), 1);
}

#[test]
fn blanks_and_nothings_in_cells() {
    let rows = " 7 ,\u{3000}c , t ,\"x\" ,2025/4/1 6:30\n8, \"c\",t, NULL ,NaT\n9,c,t,[],-\n";
    let (posts, report) = csv(rows).unwrap();
    let seven = Post::new("7", "c", " t ", ["x"], Some(1_743_489_000));
    assert_eq!(posts[0], seven);
    assert_eq!((posts[1].community.as_str(), posts[1].hashtags.len()), ("c", 0));
    assert_eq!((report.nothing, report.untagged), (4, 2));
    for (row, field) in [("NULL,c,t,x,\n", "\"id\""), ("1, nan,t,x,\n", "\"community\"")] {
        assert_says(&message(csv(row)), &["line 2", field, "says that there is none"]);
    }
    let (posts, _) = csv("1,c,t,None|,\n2,c,t,\"['a', 'b']\",\n").unwrap();
    assert_eq!(
        (&posts[0].hashtags[..], &posts[1].hashtags[..]),
        (&["None".into()][..], &["a".into(), "b".into()][..])
    );
    let commas = ReadParams::default().with_csv(CsvParams::default().with_hashtag_separator(','));
    let (posts, _) = read(format!("{HEAD}1,c,t,\"a,b\",\n"), Format::Csv, &commas).unwrap();
    assert_eq!(posts[0].hashtags, ["a", "b"]);
    let literal = ReadParams::default().with_literal_hashtags(true);
    let (posts, _) = read(format!("{HEAD}1,c,t,\"a,b\",\n"), Format::Csv, &literal).unwrap();
    assert_eq!(posts[0].hashtags, ["a,b"]);
}

#[test]
fn json_values_are_exact_or_named() {
    let with = |field: &str, value: &str| {
        let mut line = serde_json::json!({"community": "c", "text": "t"}).to_string();
        line.pop();
        let rest = [("id", "1"), ("hashtags", "[]")].into_iter().filter(|(name, _)| *name != field);
        for (name, value) in rest.chain([(field, value)]) {
            line += &format!(",\"{name}\":{value}");
        }
        json(&(line + "}"))
    };
    for (id, expected) in [("2.0", "2"), ("98765432109876543210987", "98765432109876543210987")] {
        assert_eq!(with("id", id).unwrap().0[0].id, expected);
    }
    for (field, value, parts) in [
        ("id", "1.8e19", ["1.8e19", "2^53"]),
        ("id", "true", ["true", "string or a whole number"]),
        ("id", "null", ["null", "string or a whole number"]),
        ("hashtags", "[\"新茶,煎茶\"]", ["新茶,煎茶", "`literal_hashtags`"]),
        ("hashtags", "[\"#a #b\", \"c\"]", ["#a #b", "`literal_hashtags`"]),
        ("hashtags", "\"a|b\"", ["a|b", "array of strings"]),
        ("hashtags", "[[\"a\"]]", ["[[", "array of strings"]),
        ("hashtags", r#"["\ude00"]"#, [r"\ude00", "surrogate"]),
        ("created_at", "\"2025-04-01T06:30[Asia/Seoul]\"", ["[Asia/Seoul]", "+09:00"]),
        ("created_at", "false", ["false", "ISO 8601"]),
    ] {
        assert_says(&message(with(field, value)), &[&parts[..], &["line 1", field]].concat());
    }
    for (value, seconds) in [
        ("1743489000", Some(1_743_489_000)),
        ("1.743489e9", Some(1_743_489_000)),
        ("1743489000123", Some(1_743_489_000)),
        ("\"9999-12-31T23:59:59Z\"", None),
    ] {
        assert_eq!(with("created_at", value).unwrap().0[0].created_at, seconds, "{value}");
    }
    let (posts, report) = with("hashtags", "[\"a,b\", null, \"\"]").unwrap();
    assert_eq!((posts[0].hashtags.len(), report.nothing), (1, 1));
    assert_eq!(with("hashtags", "null").unwrap().1.nothing, 1);
}

#[test]
fn json_that_is_not_lines_is_said_to_be() {
    let pretty = "{\n  \"id\": 1\n}\n";
    assert_says(&message(json(pretty)), &["line 1", "jq -c ."]);
    for array in [format!("[{ONE},\n{ONE}]"), format!("{ONE},\n{ONE}\n"), "[\n".into()] {
        assert_says(&message(json(&array)), &["line 1", "jq -c '.[]'"]);
    }
    let (posts, _) = json(&format!("{ONE}\n\u{feff}\u{feff}{ONE}\n\u{feff}\n")).unwrap();
    assert_eq!(posts.len(), 2);
    let hidden = message(json("\u{202e}\u{200b}x"));
    assert_says(&hidden, &["\\u{202e}\\u{200b}x"]);
}

#[test]
fn ids_that_two_files_share_are_named_in_both() {
    let dir = tempfile::tempdir().unwrap();
    let first = file(&dir, "a.jsonl", format!("\n{ONE}\n"));
    let second = file(&dir, "b.csv", format!("{HEAD}2,c,t,x,\n1,c,t,x,\n"));
    let readers = || [&first, &second].map(|path| PostReader::open(path, &ReadParams::default()));
    let params = CorpusParams::default().with_min_posts(0);
    let error = Corpus::from_readers(readers(), &params).unwrap_err().to_string();
    assert_says(&error, &["a.jsonl, line 2", "b.csv, line 3", "`duplicates` to \"keep-first\""]);
    let params = params.with_duplicates(Duplicates::KeepFirst);
    let corpus = Corpus::from_readers(readers(), &params).unwrap();
    assert_eq!((corpus.posts().len(), corpus.report().duplicates), (2, 1));
    assert_eq!(corpus.report().read.as_ref().unwrap().posts, 3);
}

#[test]
fn bytes_behind_a_compressed_file_are_named_after_its_last_line() {
    let two = ONE.replace("\"1\"", "\"2\"");
    let rows = format!("{HEAD}1,c,a,x,\n2,c,b,x,\n");
    let cases =
        [(format!("{ONE}\n{two}\n"), Format::JsonLines, "line 2"), (rows, Format::Csv, "line 3")];
    for (text, format, last) in cases {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        let spoilt = [encoder.finish().unwrap(), b"garbage".to_vec()].concat();
        let error = read(spoilt, format, &ReadParams::default()).unwrap_err().to_string();
        assert_says(&error, &[last, "after the end", "gzip"]);
    }
}

#[test]
fn a_line_that_is_no_object_gets_the_advice_that_fits() {
    const ARRAY: &str = "jq -c '.[]'";
    const WHOLE: &str = "jq -c . writes";
    const OBJECT: &str = "one JSON object with id";
    let comma = format!("{ONE},");
    let bracket = format!("{ONE}]");
    let word = format!("{ONE} and");
    for (line, advice) in [
        (&*format!("[{ONE}"), ARRAY),
        ("[]", ARRAY),
        (&*comma, ARRAY),
        (&*bracket, ARRAY),
        ("{\"id\": \"1\",", WHOLE),
        ("\"id\": \"1\",", WHOLE),
        ("}", WHOLE),
        ("hello", OBJECT),
        ("1", OBJECT),
        (&*word, OBJECT),
    ] {
        let error = json(line).unwrap_err().to_string();
        for other in [ARRAY, WHOLE, OBJECT] {
            assert_eq!(error.contains(other), other == advice, "{line}: {error}");
        }
    }
}

#[test]
fn what_follows_gzip_data_is_more_of_it_or_foreign() {
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let first = gzip(&format!("{ONE}\n"));
    let with =
        |tail: &[u8]| read([&first[..], tail].concat(), Format::JsonLines, &ReadParams::default());
    // It begins like a member, and isn't one.
    for tail in [&b"\x1fforeign bytes"[..], b"\x1f\x8b\x07 no known method of compression"] {
        let error = with(tail).unwrap_err().to_string();
        assert_says(&error, &["line 1", "after the end of the gzip data"]);
        let all = [&first[..], tail].concat();
        let (posts, report) = read(all, Format::JsonLines, &lenient()).unwrap();
        assert_eq!((posts.len(), report.skipped), (1, 1));
    }
    // A member that is cut in its header or later is damage, not something foreign.
    let second = gzip(&ONE.replace("\"1\"", "\"2\""));
    assert_eq!(with(&second).unwrap().0.len(), 2);
    for most in [3, 9, 15] {
        let DataError::Io { source, .. } = with(&second[..most]).unwrap_err() else {
            panic!("{most} bytes of a member were read")
        };
        assert_says(&source.to_string(), &["gzip", "cut short"]);
    }
    // And so is a first member that is none.
    let error = read(&b"\x1f\x8b\x07 no known method"[..], Format::JsonLines, &lenient());
    assert!(matches!(error.unwrap_err(), DataError::Io { .. }));
}
