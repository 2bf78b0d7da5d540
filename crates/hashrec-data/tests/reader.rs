//! Reading: what is accepted, what is refused, and how that is said.

#![cfg(feature = "corpus")]

use std::io::{Cursor, Read};

use hashrec_data::{CsvParams, DataError, Format, Post, PostReader, ReadParams, ReadReport};

fn read(
    bytes: impl Into<Vec<u8>>,
    format: Format,
    params: &ReadParams,
) -> Result<(Vec<Post>, ReadReport), DataError> {
    let mut reader = PostReader::from_reader(Cursor::new(bytes.into()), format, params)?;
    let posts = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((posts, reader.into_report()))
}

fn strict(bytes: impl Into<Vec<u8>>, format: Format) -> Result<Vec<Post>, DataError> {
    read(bytes, format, &ReadParams::default()).map(|(posts, _)| posts)
}

/// The message for JSON lines that are refused.
fn refused(bytes: impl Into<Vec<u8>>) -> String {
    strict(bytes, Format::JsonLines).unwrap_err().to_string()
}

const ONE: &str = r#"{"id":"1","community":"c","text":"t","hashtags":["x"]}"#;

fn one() -> Post {
    Post::new("1", "c", "t", ["x"], None)
}

#[test]
fn marks_line_breaks_and_blank_lines_are_no_matter() {
    for text in [
        ONE.to_owned(),
        format!("{ONE}\n"),
        format!("{ONE}\r\n"),
        format!("\u{feff}{ONE}\n"),
        format!("\n \t\r\n\n{ONE}\n\n"),
    ] {
        assert_eq!(strict(text.clone(), Format::JsonLines).unwrap(), [one()], "{text:?}");
    }
    assert_eq!(strict("", Format::JsonLines).unwrap(), []);
    assert_eq!(strict("\u{feff}", Format::JsonLines).unwrap(), []);
}

#[test]
fn blank_lines_stand_before_the_names_of_columns_and_between_records() {
    for text in [
        "id,community,text,hashtags\n1,c,t,x\n",
        "\n  \r\n\nid,community,text,hashtags\n\n1,c,t,x\n\n",
        "\u{feff}\nid,community,text,hashtags\r\n \r\n1,c,t,x",
    ] {
        assert_eq!(strict(text, Format::Csv).unwrap(), [one()], "{text:?}");
    }
}

#[test]
fn numbers_stand_for_names_and_other_fields_are_passed_over() {
    let line =
        r##"{"id":7,"community":-3,"text":"t","hashtags":["#x"," x"],"created_at":null,"n":[{}]}"##;
    let (posts, report) = read(line, Format::JsonLines, &ReadParams::default()).unwrap();
    assert_eq!(posts, [Post::new("7", "-3", "t", ["x"], None)]);
    assert_eq!((report.posts, report.hashtags_left_out, report.untagged), (1, 1, 0));
}

#[test]
fn a_bad_field_is_named_with_its_line() {
    for (line, field, found) in [
        (r#"{"id":null,"community":"c","text":"","hashtags":[]}"#, "id", "null"),
        (r#"{"id":1.5,"community":"c","text":"","hashtags":[]}"#, "id", "1.5"),
        (r#"{"id":" ","community":"c","text":"","hashtags":[]}"#, "id", "empty"),
        (r#"{"id":"1","text":"","hashtags":[]}"#, "community", "nothing"),
        (r#"{"id":"1","community":[],"text":"","hashtags":[]}"#, "community", "[]"),
        (r#"{"id":"1","community":"c","hashtags":[]}"#, "text", "nothing"),
        (r#"{"id":"1","community":"c","text":"\ud800","hashtags":[]}"#, "text", "ud800"),
        (r#"{"id":"1","community":"c","text":""}"#, "hashtags", "nothing"),
        (r#"{"id":"1","community":"c","text":"","hashtags":"x y"}"#, "hashtags", "x y"),
        (r#"{"id":"1","community":"c","text":"","hashtags":[1]}"#, "hashtags", "[1]"),
        (
            r#"{"id":"1","community":"c","text":"","hashtags":[],"created_at":"soon"}"#,
            "created_at",
            "soon",
        ),
        (
            r#"{"id":"1","community":"c","text":"","hashtags":[],"created_at":12}"#,
            "created_at",
            "12",
        ),
    ] {
        let message = refused(format!("{ONE}\n\n{line}\n"));
        assert!(message.contains("line 3"), "{message}");
        assert!(message.contains(&format!("field {field:?}")), "{message}");
        assert!(message.contains(found), "{message}");
        assert!(message.contains("expected"), "{message}");
    }
}

#[test]
fn a_bad_line_is_named_as_a_whole() {
    for line in [
        "{",
        "[]",
        r#"["1","c","t",["x"],null]"#,
        "7",
        "\"id\"",
        "{\"id\":1,\"id\":2}",
        "}{",
        "\u{1}",
    ] {
        let message = refused(line);
        assert!(message.contains("line 1") && !message.contains("field \""), "{message}");
    }
    assert!(refused(b"\xff\xff".to_vec()).contains("UTF-8 from byte 1"));
    // Deep nesting is an error, not the end of the stack.
    let deep = format!("{{\"id\":{}", "[".repeat(100_000));
    assert!(refused(deep).contains("line 1"));
}

#[test]
fn strict_reading_ends_at_the_first_bad_line() {
    let text = format!("{ONE}\nbad\n{ONE}\n");
    let params = ReadParams::default();
    let reader = PostReader::from_reader(Cursor::new(text), Format::JsonLines, &params).unwrap();
    let items: Vec<_> = reader.collect();
    assert!(matches!(items[..], [Ok(_), Err(DataError::Line { .. })]));
}

#[test]
fn lenient_reading_skips_counts_and_keeps_the_first_hundred() {
    let text = format!("{ONE}\n{}{ONE}\n", "bad\n".repeat(150));
    let lenient = ReadParams::default().with_strict(false);
    let (posts, report) = read(text, Format::JsonLines, &lenient).unwrap();
    assert_eq!((posts.len(), report.posts, report.skipped), (2, 2, 150));
    assert_eq!(report.problems.len(), ReadReport::MAX_PROBLEMS);
    assert_eq!(report.problems[0].line, 2);
    assert_eq!(report.problems[99].line, 101);
}

#[test]
fn the_longest_line_still_fits_and_a_longer_one_is_skipped_unread() {
    let params = ReadParams::default().with_strict(false).with_max_line_bytes(ONE.len());
    for end in ["\n", "\r\n"] {
        let text = format!("{ONE}{end} {ONE}{end}{ONE}  {ONE}{end}{ONE}{end}");
        let (posts, report) = read(text, Format::JsonLines, &params).unwrap();
        assert_eq!(posts, [one(), one()], "{end:?}");
        assert_eq!(report.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 3]);
        assert!(report.problems[0].to_string().contains("max_line_bytes"));
    }
    // An endless line needs no endless memory.
    let endless = std::io::repeat(b'x').take(1 << 26);
    let mut reader = PostReader::from_reader(endless, Format::JsonLines, &params).unwrap();
    assert!(reader.next().is_none());
    assert_eq!(reader.report().skipped, 1);
}

#[test]
fn parameters_out_of_range_are_named() {
    for params in [
        ReadParams::default().with_max_line_bytes(0),
        ReadParams::default().with_csv(CsvParams::default().with_delimiter('、')),
        ReadParams::default().with_csv(CsvParams::default().with_hashtag_separator('#')),
        ReadParams::default().with_csv(CsvParams::default().with_hashtag_separator('"')),
    ] {
        let error = read("", Format::JsonLines, &params).unwrap_err();
        assert!(matches!(error, DataError::Parameter { .. }), "{error}");
    }
}

#[test]
fn csv_columns_stand_in_any_order() {
    let text = "\u{feff}text,extra, hashtags ,community,id,created_at\r\n\
        \"title\nbody, \"\"quoted\"\"\",?,#a|b c||a,c,1,1970-01-01\r\n\
        \r\n\
        t,,,c,2,\r\n";
    let posts = strict(text, Format::Csv).unwrap();
    let first = Post::new("1", "c", "title\nbody, \"quoted\"", ["a", "b c"], Some(0));
    assert_eq!(posts, [first, Post::new("2", "c", "t", [""; 0], None)]);
}

#[test]
fn csv_can_be_cut_elsewhere() {
    let csv = CsvParams::default().with_delimiter('\t').with_hashtag_separator(' ');
    let params = ReadParams::default().with_csv(csv);
    let text = "id\tcommunity\ttext\thashtags\n1\tc\tt\t#x #y\n";
    let (posts, _) = read(text, Format::Csv, &params).unwrap();
    assert_eq!(posts, [Post::new("1", "c", "t", ["x", "y"], None)]);
}

#[test]
fn csv_without_its_columns_is_refused() {
    for (text, problem) in [
        ("", "no row"),
        ("id,community,text\n", "hashtags is missing"),
        ("id,community,text,hashtags,id\n", "id is named more than once"),
        ("1,c,t,x\n", "id is missing"),
    ] {
        let error = strict(text, Format::Csv).unwrap_err();
        assert!(matches!(error, DataError::Columns { .. }), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn bad_csv_records_are_named_and_skipped() {
    let text = b"id,community,text,hashtags,created_at\n\
        1,c,t,x\n\
        2,c,\"a\nb\",x,\n\
        3,c,\xff,x,\n\
        ,c,t,x,\n\
        5,c,t,x,soon\n\
        6,c,t,x,\n";
    let lenient = ReadParams::default().with_strict(false);
    let (posts, report) = read(text.to_vec(), Format::Csv, &lenient).unwrap();
    let ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    assert_eq!(ids, ["2", "6"]);
    let found: Vec<_> = report.problems.iter().map(|p| (p.line, p.field.as_deref())).collect();
    let field = |name| Some(name);
    assert_eq!(found, [(2, None), (5, field("text")), (6, field("id")), (7, field("created_at"))]);
}

#[test]
fn long_csv_records_are_skipped_and_endless_ones_end_reading() {
    let params = ReadParams::default().with_strict(false).with_max_line_bytes(100);
    let head = "id,community,text,hashtags\n";
    let text = format!("{head}1,c,{},x\n2,c,t,x\n", "long ".repeat(100));
    let (posts, report) = read(text, Format::Csv, &params).unwrap();
    assert_eq!((posts.len(), report.skipped, report.problems[0].line), (1, 1, 2));
    // Quotes count as they are meant, not as they are written.
    let quotes = format!("{head}1,c,\"{}\",x\n", "\"\"".repeat(90));
    assert_eq!(read(quotes, Format::Csv, &params).unwrap().0[0].text, "\"".repeat(90));
    // A quote that is never closed needs no endless memory, on one line or on many.
    for filling in ["x", "xyz\n"] {
        let open = Cursor::new(format!("{head}1,c,\""));
        let open = open.chain(Cursor::new(filling.repeat((4 << 20) / filling.len())));
        let end = Cursor::new("\n2,c,t,x\n");
        let mut reader = PostReader::from_reader(open.chain(end), Format::Csv, &params).unwrap();
        assert_eq!(reader.next().unwrap().unwrap().id, "2");
        assert!(reader.next().is_none());
        let problem = &reader.report().problems[0];
        assert!(problem.expected.contains("every quote closed"), "{problem}");
        assert_eq!(problem.line, 2);
    }
}

#[test]
fn a_file_needs_a_name_that_tells_its_format() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("posts.txt");
    std::fs::write(&path, ONE).unwrap();
    let params = ReadParams::default();
    let error = PostReader::open(&path, &params).err().unwrap();
    assert!(matches!(error, DataError::UnknownFormat { .. }), "{error}");
    let params = params.with_format(Format::JsonLines);
    assert_eq!(PostReader::open(&path, &params).unwrap().count(), 1);
    let error = PostReader::open(dir.path().join("gone.jsonl"), &params).err().unwrap();
    assert!(error.to_string().contains("gone.jsonl"), "{error}");
}

#[test]
fn a_name_that_promises_compression_must_keep_it() {
    let dir = tempfile::tempdir().unwrap();
    for (name, expected) in [("a.jsonl.gz", "gzip"), ("a.jsonl.zst", "zstd")] {
        let path = dir.path().join(name);
        std::fs::write(&path, ONE).unwrap();
        let error = PostReader::open(&path, &ReadParams::default()).err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
