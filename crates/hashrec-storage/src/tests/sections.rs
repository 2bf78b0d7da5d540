//! Sections: what is written is read, and damaged parts are errors or harmless.

use proptest::prelude::*;

use crate::{Part, PartWriter, Sections, SectionsWriter, StorageError, TableDefect};

/// What one owner has: names, offsets into them, weights, and a count that not all owners have.
type Owner = (Vec<u8>, Vec<u32>, Vec<f32>, Option<u64>);

fn written(owners: &[Owner]) -> Vec<u8> {
    let mut sections = SectionsWriter::default();
    for (names, offsets, weights, count) in owners {
        let mut section = sections.section();
        section.push("names", names).push("offsets", offsets).push("weights", weights);
        if let Some(count) = count {
            section.push("count", &[*count]);
        }
    }
    let mut part = PartWriter::new("test", 1);
    part.table("beside", &[1u8]).unwrap();
    sections.finish(&mut part).unwrap();
    part.to_bytes().unwrap()
}

fn read(bytes: Vec<u8>) -> Result<Sections, StorageError> {
    Sections::read(&Part::parse(bytes.into(), "test", 1)?)
}

/// Reads everything a caller could read.
fn owners(sections: &Sections) -> Result<Vec<Owner>, StorageError> {
    sections
        .iter()
        .map(|section| {
            let names: &[u8] = section.values("names")?;
            let offsets = section.table::<u32>("offsets")?;
            let weights = section.values::<f32>("weights")?;
            let _ = section.finite("weights", weights.len());
            let _ = section.offsets("offsets", offsets.len().saturating_sub(1), names.len());
            let count = section.values::<u64>("count").unwrap_or_default().first().copied();
            Ok((names.to_vec(), offsets.to_vec(), weights.to_vec(), count))
        })
        .collect()
}

fn defect(error: StorageError) -> (String, TableDefect) {
    match error {
        StorageError::Table { table, defect, .. } => (table, defect),
        other => panic!("{other}"),
    }
}

fn three() -> Vec<Owner> {
    vec![
        (b"abc".to_vec(), vec![0, 1, 3], vec![0.5, f32::MAX], None),
        (Vec::new(), vec![0], Vec::new(), Some(7)),
        (b"de".to_vec(), vec![0, 2, 1], vec![f32::NAN], None),
    ]
}

#[test]
fn runs_are_checked_when_they_are_asked_for() {
    let sections = read(written(&three())).unwrap();
    assert_eq!(sections.len(), 3);
    assert!(sections.get(3).is_none());
    let [first, second, third] = [0, 1, 2].map(|index| sections.get(index).unwrap());
    assert_eq!(first.offsets("offsets", 2, 3).unwrap()[..], [0, 1, 3]);
    assert_eq!(first.finite("weights", 2).unwrap()[..], [0.5, f32::MAX]);
    assert!(first.values::<u64>("count").unwrap().is_empty());
    assert_eq!(second.values::<u64>("count").unwrap(), [7]);
    let names = sections.column::<u8>("names").unwrap();
    assert_eq!([0, 1, 2, 3].map(|index| names.run(index)), [&b"abc"[..], b"", b"de", b""]);
    assert!(names.run(usize::MAX).is_empty());

    let of = |error: StorageError| defect(error).1;
    let table = "sections.offsets".to_owned();
    let found = third.offsets("offsets", 2, 2).unwrap_err();
    assert_eq!(defect(found), (table, TableDefect::Offsets { entries: 2 }));
    let found = third.offsets("offsets", usize::MAX, 2).unwrap_err();
    assert_eq!(of(found), TableDefect::Length { found: 3, expected: usize::MAX });
    assert_eq!(of(third.finite("weights", 1).unwrap_err()), TableDefect::NotFinite);
    assert_eq!(of(third.values::<u8>("nothing").unwrap_err()), TableDefect::Missing);
    let element = TableDefect::Element { found: "U8".into(), expected: "F32".into() };
    assert_eq!(of(third.values::<f32>("names").unwrap_err()), element);
    assert_eq!(
        third.wrong("names", "are not sorted").to_string(),
        "part \"test\", table \"sections.names\": section 2: are not sorted"
    );
}

#[test]
fn columns_are_read_where_they_lie() {
    // Columns of two and one bytes, of odd lengths: the next column is aligned for no more.
    let mut sections = SectionsWriter::default();
    let mut section = sections.section();
    section.push("wide", &[1u64]).push("floats", &[0.5f32; 3]).push("offsets", &[1u32; 3]);
    section.push("narrow", &[1u16; 3]).push("more", &[2u16; 5]).push("bytes", &[3u8; 3]);
    let mut part = PartWriter::new("test", 1);
    sections.finish(&mut part).unwrap();
    // As aligned as a map is.
    let written = part.to_bytes().unwrap();
    let mut words = vec![0u64; written.len().div_ceil(8)];
    bytemuck::cast_slice_mut(&mut words)[..written.len()].copy_from_slice(&written);
    let file = crate::Table::from(words).into_bytes().slice(..written.len());
    let within = file.as_ptr_range();
    let sections = Sections::read(&Part::parse(file, "test", 1).unwrap()).unwrap();
    let section = sections.get(0).unwrap();
    for start in [
        section.values::<u64>("wide").unwrap().as_ptr().cast::<u8>(),
        section.values::<f32>("floats").unwrap().as_ptr().cast(),
        section.values::<u32>("offsets").unwrap().as_ptr().cast(),
        section.values::<u16>("narrow").unwrap().as_ptr().cast(),
        section.values::<u16>("more").unwrap().as_ptr().cast(),
        section.values::<u8>("bytes").unwrap().as_ptr(),
    ] {
        assert!(within.contains(&start), "a column was copied");
    }
}

#[test]
fn columns_of_the_same_name_are_refused() {
    let finish = |sections: SectionsWriter| {
        defect(sections.finish(&mut PartWriter::new("test", 1)).unwrap_err())
    };
    let mut twice = SectionsWriter::default();
    twice.section().push("a", &[1u8]).push("a", &[2u8]);
    assert_eq!(finish(twice), ("sections.a".into(), TableDefect::Twice));
    let mut mixed = SectionsWriter::default();
    mixed.section().push("a", &[1u8]);
    mixed.section().push("a", &[2u32]);
    let element = TableDefect::Element { found: "U8".into(), expected: "U32".into() };
    assert_eq!(finish(mixed), ("sections.a".into(), element));
}

#[test]
fn starts_that_do_not_fit_the_columns_are_refused() {
    let with = |starts: &[u64]| {
        let mut part = PartWriter::new("test", 1);
        part.table("sections.a", &[1u32, 2, 3]).unwrap();
        part.table("sections.b", &[9u8, 8]).unwrap();
        part.table("sections", starts).unwrap();
        read(part.to_bytes().unwrap()).map(|sections| sections.len())
    };
    assert_eq!(with(&[0, 0, 1, 2, 3, 2]).unwrap(), 2);
    for starts in [
        &[][..],
        &[0, 0],
        &[0, 0, 3],
        &[0, 0, 3, 2, 3],
        &[1, 0, 3, 2],
        &[0, 0, 3, 1],
        &[0, 0, 4, 2],
        &[0, 0, 3, 1, 2, 2, 3, 2],
        &[0, 0, u64::MAX, 2, 3, 2],
        &[0, 0, 1 << 62, 2],
    ] {
        let found = with(starts).unwrap_err();
        assert_eq!(defect(found), ("sections".into(), TableDefect::Runs), "{starts:?}");
    }
}

#[test]
fn no_sections_are_fine() {
    let sections = read(written(&[])).unwrap();
    assert!(sections.is_empty() && sections.get(0).is_none());
    assert!(sections.column::<f32>("weights").unwrap().run(0).is_empty());
}

#[test]
fn every_truncation_is_an_error_and_no_flipped_byte_panics() {
    let whole = written(&three());
    for len in 0..whole.len() {
        assert!(read(whole[..len].to_vec()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let _ = read(bytes).and_then(|sections| owners(&sections));
        }
    }
}

/// The owners with weights as bits, by which NaN equals itself.
fn bits(owners: &[Owner]) -> Vec<impl PartialEq + std::fmt::Debug> {
    let weights = |weights: &[f32]| weights.iter().map(|weight| weight.to_bits()).collect();
    owners.iter().map(|(a, b, c, d)| (a, b, weights(c), d)).collect::<Vec<(_, _, Vec<u32>, _)>>()
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        owners_in in proptest::collection::vec(any::<Owner>(), 0..6),
        shift in 0..8usize,
    ) {
        let bytes = written(&owners_in);
        prop_assert_eq!(&bytes, &written(&owners_in));
        // At any alignment.
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(&bytes);
        let bytes = bytes::Bytes::from(shifted).slice(shift..);
        let sections = Sections::read(&Part::parse(bytes, "test", 1).unwrap()).unwrap();
        prop_assert_eq!(sections.len(), owners_in.len());
        let found = owners(&sections).unwrap();
        prop_assert_eq!(bits(&found), bits(&owners_in));
    }

    #[test]
    fn no_starts_panic(starts in proptest::collection::vec(0..5u64, 0..12)) {
        let mut part = PartWriter::new("test", 1);
        for (name, len) in [("sections.names", 3), ("sections.count", 2)] {
            part.table(name, &vec![0u8; len]).unwrap();
        }
        part.table("sections", &starts).unwrap();
        if let Ok(sections) = read(part.to_bytes().unwrap()) {
            let total = |name| -> usize {
                sections.iter().map(|section| section.values::<u8>(name).unwrap().len()).sum()
            };
            prop_assert_eq!((total("names"), total("count")), (3, 2));
        }
    }
}
