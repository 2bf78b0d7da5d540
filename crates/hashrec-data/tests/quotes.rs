//! A quote too many anywhere in a CSV file: strict reading says so or isn't misled, lenient reading
//! loses at most the record with the quote.

#![cfg(feature = "corpus")]

use std::{collections::BTreeMap, io::Cursor};

use hashrec_data::{DataError, Format, Post, PostReader, ReadParams, ReadReport};
use proptest::prelude::*;

const HEAD: &str = "id,community,text,hashtags,created_at\n";

fn read(text: &str, strict: bool) -> Result<(Vec<Post>, ReadReport), DataError> {
    let params = ReadParams::default().with_strict(strict);
    let mut reader = PostReader::from_reader(Cursor::new(text.to_owned()), Format::Csv, &params)?;
    let posts = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((posts, reader.into_report()))
}

/// A cell in quotes, or without them where it can do without.
fn cell(value: &str, quoted: bool) -> String {
    let needed = value.contains([',', '\n', '\r']) || value.trim_start().starts_with('"');
    if quoted || needed { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}

/// Records as they stand in the file.
fn records() -> impl Strategy<Value = Vec<(Post, String)>> {
    const PIECES: [&str; 10] = ["a", "朝", ",", "\n", "5\"", "\"b\"", " ", "p,q,r", "\r\n", "c"];
    let text = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8);
    let community = prop::sample::select(&["run", "cook", "読書"][..]);
    let tags = prop::sample::select(&["", "x", "x|y"][..]);
    let post = (community, text, tags, any::<[bool; 4]>(), any::<bool>());
    prop::collection::vec(post, 1..9).prop_map(|posts| {
        type Parts<'a> = (&'a str, Vec<&'a str>, &'a str, [bool; 4], bool);
        let post = |(id, (community, text, tags, quoted, ends)): (usize, Parts<'_>)| {
            let text = text.concat();
            let cells = [&id.to_string(), community, &text, tags];
            let cells: Vec<String> =
                cells.iter().zip(quoted).map(|(value, quoted)| cell(value, quoted)).collect();
            let time = if ends { "2025-04-01" } else { "" };
            let seconds = ends.then_some(1_743_465_600);
            let post = Post::new(id.to_string(), community, text, tags.split('|'), seconds);
            (post, format!("{},{time}\n", cells.join(",")))
        };
        // What a record looks like is learnt from a first good one.
        let first = (Post::new("9", "run", "t", [""], None), "9,run,t,,\n".to_owned());
        std::iter::once(first).chain((10..).zip(posts).map(post)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_stray_quote_costs_one_record_at_most(records in records(), at in any::<prop::sample::Index>()) {
        let whole: String = records.iter().map(|(_, record)| record.as_str()).collect();
        let posts: Vec<&Post> = records.iter().map(|(post, _)| post).collect();
        let (read_back, _) = read(&format!("{HEAD}{whole}"), true).unwrap();
        prop_assert_eq!(read_back.iter().collect::<Vec<_>>(), posts.clone());

        let places: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
        let at = *at.get(&places[records[0].1.len()..]);
        let mut end = 0;
        let hit = records.iter().position(|(_, record)| { end += record.len(); at < end }).unwrap();
        let mut text = format!("{HEAD}{whole}");
        text.insert(HEAD.len() + at, '"');

        if let Ok((read, _)) = read(&text, true) {
            prop_assert_eq!(read.len(), posts.len(), "{}", text);
            let changed = read.iter().zip(&posts).enumerate().filter(|(_, (a, b))| a != *b);
            prop_assert!(changed.map(|(at, _)| at).all(|at| at == hit), "{}", text);
        }
        let (read, report) = read(&text, false).unwrap();
        let mut found: BTreeMap<&str, Vec<&Post>> = BTreeMap::new();
        for post in &read {
            found.entry(&post.id).or_default().push(post);
        }
        for (at, post) in posts.iter().enumerate().filter(|(at, _)| *at != hit) {
            prop_assert_eq!(found.get(post.id.as_str()), Some(&vec![*post]), "record {} of\n{}", at, text);
        }
        prop_assert!(read.len() + usize::from(report.skipped > 0) >= posts.len(), "{}", text);
    }
}

/// The line and field of the problem of strict reading, and the ids that lenient reading returns.
fn outcome(rows: &str) -> (u64, Option<String>, Vec<String>, u64) {
    let text = format!("{HEAD}{rows}");
    let DataError::Line { problem, .. } = read(&text, true).unwrap_err() else { panic!("{rows}") };
    let (posts, report) = read(&text, false).unwrap();
    let ids = posts.into_iter().map(|post| post.id).collect();
    (problem.line, problem.field, ids, report.skipped)
}

#[test]
fn a_quote_that_is_not_closed_is_named_where_it_opens() {
    for (rows, line, field, ids, skipped) in [
        // Never closed.
        ("1,c,a,x,\n2,c,\"b,x,\n3,c,d,x,\n", 3, "text", &["1", "3"][..], 1),
        // Closed by the quote that opens another cell.
        ("1,c,\"a,x,\n2,c,\"b, c\",x,\n3,c,d,x,\n", 2, "text", &["2", "3"], 1),
        ("1,c,a,\"x,\n2,c,a,\"x|y\",\n3,c,d,x,\n", 2, "hashtags", &["2", "3"], 1),
        // Closed by an inch sign, which makes a record of five columns.
        ("1,c,a,x,\n2,c,\"b,x,\n3,c,5\",x,\n4,c,d,x,\n", 3, "", &["1", "3", "4"], 1),
        // The same in the first record of the file.
        ("1,c,\"b,x,\n2,d,5\",x,\n3,c,d,x,\n", 2, "", &["2", "3"], 1),
        // An unescaped quote within a text of several lines.
        ("1,c,\"a\nsaid \"no\" to\nb\",x,\n2,c,d,x,\n", 2, "text", &["2"], 1),
        // Text after a closed cell, a backslash before a quote.
        ("1,c,\"a\"b,x,\n2,c,d,x,\n", 2, "text", &["2"], 1),
        ("1,c,\"a \\\"b\\\" c\",x,\n2,c,d,x,\n", 2, "text", &["2"], 1),
        ("1,c,a,\\\"x\\\",\n2,c,d,x,\n", 2, "hashtags", &["2"], 1),
        // Two bad records side by side are two.
        ("1,c,a,x,\n2,c,\"b,x,\n3,c,\"b,x,\n4,c,d,x,\n", 3, "text", &["1", "4"], 2),
        // Curly quotes around cells.
        ("1,c,“a, b”,x,\n2,c,d,x,\n", 2, "", &["2"], 1),
        ("1,c,a,“x”,\n2,c,d,x,\n", 2, "hashtags", &["2"], 1),
    ] {
        let field = Some(field.to_owned()).filter(|field| !field.is_empty());
        let ids = ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        assert_eq!(outcome(rows), (line, field, ids, skipped), "{rows}");
    }
}

#[test]
fn the_message_names_the_lines_of_the_quotes() {
    const CLOSES: &str = "text after the quote that closes the cell";
    const NEXT: &str = "a quote that opens here and is not closed before the next one";
    for (rows, line, expected) in [
        ("1,c,\"a\"b,x,\n", 2, CLOSES.to_owned()),
        ("1,c,\"a\nsaid \"no\",x,\n", 2, format!("{NEXT} (line 3)")),
        ("1,c,\"a\nb\",\"x\"y,\n", 3, format!("{CLOSES} (the quote of line 2 may be at fault)")),
        ("1,c,\"a,x,\n", 2, "a quote that opens here and is never closed".to_owned()),
        ("1,c,\"a\nb\n", 2, "a quote that opens here and is never closed (line 3)".to_owned()),
        (
            "1,c,t,x,,,\"a\nb\"\n",
            2,
            "a quote that opens here and is not closed in its record".to_owned(),
        ),
    ] {
        let Err(DataError::Line { problem, .. }) = read(&format!("{HEAD}{rows}"), true) else {
            panic!("{rows} was read");
        };
        assert_eq!((problem.line, &*problem.found), (line, &*expected), "{rows}");
    }
}

#[test]
fn a_record_may_have_many_lines_but_not_too_many_bytes() {
    const MOST: usize = 2_000;
    let params = ReadParams::default().with_max_line_bytes(MOST);
    let read = |rows: &str| -> Result<Vec<Post>, DataError> {
        let bytes = Cursor::new(format!("{HEAD}{rows}"));
        PostReader::from_reader(bytes, Format::Csv, &params)?.collect()
    };
    // Quotes are doubled, blanks don't count: the record takes three times the limit.
    let lines = format!("{}\n", "\"".repeat(94)).repeat(20);
    let quoted = lines.replace('"', "\"\"");
    let record = |blanks: usize| format!("1,c,{}\"{quoted}\",x,\n", " ".repeat(blanks));
    let blanks = 2 * (MOST + 1_024) - record(0).len();
    assert_eq!(read(&record(blanks)).unwrap()[0].text, lines);
    let Err(DataError::Line { problem, .. }) = read(&record(blanks + 2)) else {
        panic!("too long a record was read");
    };
    assert_eq!((problem.line, &*problem.found), (2, "a record of more than 2000 bytes"));
    // A quote that is never closed doesn't make the rest of the file one record.
    let Err(DataError::Line { problem, .. }) =
        read(&format!("1,c,\"a\n{}", "2,c,t\n".repeat(2_000)))
    else {
        panic!("an open quote was read");
    };
    assert_eq!((problem.line, &*problem.found), (2, "a record of more than 2000 bytes"));
}

#[test]
fn texts_of_many_lines_with_commas_and_quotes_are_whole() {
    let text = "a, b, c, d and e\n1,2,3,4,5\nfoo(a,b,c,d,e);\n\"x\",\"y\"\n";
    let quoted = text.replace('"', "\"\"");
    let (posts, _) = read(&format!("{HEAD}1,c,\"{quoted}\",x,\n2,c,“a”,x,\n"), true).unwrap();
    assert_eq!(posts[0].text, text);
    assert_eq!(posts[1].text, "“a”");
}

#[test]
fn a_first_row_within_the_file_is_no_post() {
    let rows = format!("1,c,a,x,\n\u{feff}{HEAD}2,c,b,x,\n");
    assert_eq!(outcome(&rows), (3, None, vec!["1".into(), "2".into()], 1));
}
