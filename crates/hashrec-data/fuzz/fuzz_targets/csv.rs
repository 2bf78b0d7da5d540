//! A good CSV record is returned whatever stands before and behind it, and strict reading returns
//! what lenient reading does up to the first problem.
#![no_main]

use std::io::Cursor;

use hashrec_data::{Format, PostReader, ReadParams};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (before, behind) = input;
    let head = b"id,community,text,hashtags,created_at\nfirst,c,t,x,\n";
    let text = [head, before, b"\nsecond,c,t,x|y,2025-04-01\n", behind].concat();
    let posts = |strict: bool| {
        let params = ReadParams::default().with_strict(strict).with_max_line_bytes(200);
        let input = Cursor::new(text.clone());
        let mut reader = PostReader::from_reader(input, Format::Csv, &params).unwrap();
        let posts: Vec<_> = reader.by_ref().map_while(Result::ok).collect();
        (posts, reader.into_report())
    };
    let (lenient, report) = posts(false);
    assert_eq!(lenient.len() as u64, report.posts);
    assert_eq!(lenient[0].id, "first");
    assert!(lenient.iter().any(|post| post.id == "second" && post.hashtags == ["x", "y"]));
    let (strict, _) = posts(true);
    assert!(strict.len() == lenient.len() || report.skipped > 0);
    assert!(lenient.starts_with(&strict) || report.skipped > 0);
});
