//! Every JSON line is returned as a post or counted as a problem, a good one is returned, and strict
//! reading returns what lenient reading does up to the first problem.
#![no_main]

use std::io::Cursor;

use hashrec_data::{Format, PostReader, ReadParams};
use libfuzzer_sys::fuzz_target;

const GOOD: &str = r#"{"id":"good","community":"c","text":"t","hashtags":["x"]}"#;

fuzz_target!(|bytes: &[u8]| {
    let text = [b"\n\n\n\n\n\n", bytes, b"\n", GOOD.as_bytes()].concat();
    let posts = |strict: bool| {
        let params = ReadParams::default().with_strict(strict).with_max_line_bytes(200);
        let input = Cursor::new(text.clone());
        let mut reader = PostReader::from_reader(input, Format::JsonLines, &params).unwrap();
        let posts: Vec<_> = reader.by_ref().map_while(Result::ok).collect();
        (posts, reader.into_report())
    };
    let (lenient, report) = posts(false);
    let lines = text.split(|byte| *byte == b'\n').filter(|line| {
        let (mut line, length) = (*line, line.len());
        while let Some(rest) = line.strip_prefix("\u{feff}".as_bytes()) {
            line = rest;
        }
        // Of a longer line, blanks may be all that was kept.
        !line.trim_ascii().is_empty() || length > 201
    });
    assert_eq!(lines.count() as u64, report.posts + report.skipped);
    assert_eq!(lenient.last().unwrap().id, "good");
    let (strict, _) = posts(true);
    assert!(lenient.starts_with(&strict));
    assert!(strict.len() == lenient.len() || report.skipped > 0);
});
