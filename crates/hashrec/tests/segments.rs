//! Communities that are taken in later: in segments of their own, beside those that are there.
#![cfg(feature = "learn")]

#[path = "common/mutate.rs"]
mod mutate;

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use hashrec::{BundleError, Config, Learner, NewCommunity, Post, Recommendation, Recommender};
use mutate::{Bundle, ask, numbers};

const TEXTS: [(&str, &str); 5] = [
    ("Turning a heel\nShort rows around the ankle.", "socks"),
    ("A shawl in one evening\nYarn overs make the holes.", "lace"),
    ("Twisting stitches\nA needle holds three of them in front.", "cables"),
    ("Which wool is warm?\nMerino, and it does not itch.", "yarn"),
    ("毛糸の選び方\n冬用の太い糸を買いました。", "毛糸"),
];

/// Posts of one community; `version` makes them differ.
fn posts(community: &str, count: usize, version: usize) -> Vec<Post> {
    let post = |i: usize| {
        let (text, hashtag) = TEXTS[(i + version) % TEXTS.len()];
        let time = Some(1_700_000_000 + (i + version) as i64 * 3_600);
        Post::new(format!("{community}-{version}-{i}"), community, text, [hashtag], time)
    };
    (0..count).map(post).collect()
}

fn community(name: &str, count: usize, version: usize) -> NewCommunity {
    NewCommunity::new(name, ["socks", "lace", "cables", "yarn", "毛糸"])
        .with_posts(posts(name, count, version))
}

/// A recommender of several communities of a dozen posts each.
fn learned(communities: usize) -> Recommender {
    let posts: Vec<Post> =
        (0..communities).flat_map(|i| posts(&format!("first-{i:02}"), 12, i)).collect();
    Learner::new(Config::default().with_threads(1)).unwrap().learn(&posts).unwrap().0
}

/// Every community's answers to every text.
fn answers(of: &Recommender) -> BTreeMap<String, Vec<Vec<Recommendation>>> {
    let answer = |name: &str| {
        TEXTS.iter().map(|(text, _)| of.recommend(name, text, 5).unwrap()).collect::<Vec<_>>()
    };
    of.communities().map(|name| (name.to_owned(), answer(name))).collect()
}

fn segments(of: &Recommender) -> usize {
    of.manifest().segments.len()
}

/// The files of a bundle and, where they can be told apart, which they are.
fn files(folder: &Path) -> BTreeMap<String, u64> {
    let file = |entry: fs::DirEntry| {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&entry.metadata().unwrap());
        #[cfg(not(unix))]
        let number = 0;
        (entry.file_name().into_string().unwrap(), number)
    };
    fs::read_dir(folder).unwrap().map(|entry| file(entry.unwrap())).collect()
}

#[test]
fn a_new_community_leaves_the_parts_of_the_others_as_they_are() {
    let old = learned(6);
    let with = old.with_community(&community("knitting", 12, 0)).unwrap();
    assert_eq!(with.manifest().parts, old.manifest().parts);
    let names: Vec<_> = with.manifest().segments[0].keys().map(String::as_str).collect();
    assert!(["candidates", "features", "space"].iter().all(|part| names.contains(part)));
    assert!(!names.contains(&"ranker") && !names.contains(&"tokenizer"), "{names:?}");
    assert_eq!(with.communities().len(), 7);
    let all = answers(&with);
    assert_eq!(all["knitting"][1][0].hashtag, "lace");
    for (name, expected) in answers(&old) {
        assert_eq!(all[&name], expected);
    }
}

/// One after the other, saved and loaded in between or not, or at once, then in one segment: the
/// same answers, and in the end the same bytes.
#[test]
fn the_way_in_makes_no_difference() {
    let old = learned(4);
    let arrivals: Vec<_> = (0..5).map(|i| community(&format!("new-{i}"), 5 + i, i)).collect();
    let at_once = old.with_communities(&arrivals).unwrap();
    let expected = answers(&at_once);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let (mut kept, mut loaded) = (old.clone(), old.clone());
    for one in &arrivals {
        kept = kept.with_community(one).unwrap();
        loaded.with_community(one).unwrap().save(&folder).unwrap();
        loaded = Recommender::load(&folder).unwrap();
        assert_eq!(loaded.manifest(), kept.manifest());
        assert_eq!(answers(&loaded), answers(&kept));
    }
    assert!(segments(&kept) > 1, "{}", segments(&kept));
    assert_eq!(answers(&kept), expected);
    let compacted = [&at_once, &kept, &loaded].map(|one| one.compacted().unwrap());
    for one in &compacted {
        assert_eq!(segments(one), 0);
        assert_eq!(answers(one), expected);
        assert_eq!(one.manifest().parts, compacted[0].manifest().parts);
    }
    compacted[2].save(&folder).unwrap();
    assert_eq!(answers(&Recommender::load(&folder).unwrap()), expected);
    assert!(files(&folder).keys().all(|name| !name.contains(".1.")), "{:?}", files(&folder));
}

#[test]
fn the_same_communities_give_the_same_bytes() {
    let made = || {
        let first = learned(5).with_community(&community("a", 7, 1)).unwrap();
        first.with_community(&community("b", 3, 2)).unwrap()
    };
    assert_eq!(made().manifest(), made().manifest());
    assert_eq!(segments(&made()), 2);
}

/// Segments stay few however many communities come, one by one: those of the same size are counted
/// in binary, and start again when they are as many as those of the first parts.
#[test]
fn segments_are_merged_as_they_become_many() {
    let (mut recommender, mut first, mut added) = (learned(8), 8, 0u32);
    for i in 0..40 {
        let new = community(&format!("new-{i:02}"), 12, i);
        recommender = recommender.with_community(&new).unwrap();
        added += 1;
        if added == first {
            (first, added) = (first + added, 0);
        }
        assert_eq!(segments(&recommender), added.count_ones() as usize, "{i}");
        assert_eq!(recommender.communities().len(), 9 + i);
        assert!(recommender.communities().is_sorted());
    }
    assert_eq!(recommender.posts("new-39"), Some(12));
    for name in recommender.communities() {
        assert_eq!(recommender.recommend(name, TEXTS[1].0, 1).unwrap()[0].hashtag, "lace");
    }
}

/// A new version counts, whichever segment the old one is in, and old versions don't pile up.
#[test]
fn a_community_can_be_replaced_again_and_again() {
    let other = |of: &Recommender| answers(of)["first-01"].clone();
    let mut recommender = learned(8);
    let before = other(&recommender);
    let at_first = segments(&recommender);
    assert_eq!(at_first, 0);
    for version in 1..10 {
        let new = community("first-00", 2 + version, version);
        recommender = recommender.with_community(&new).unwrap();
        assert_eq!(recommender.posts("first-00"), Some(2 + version as u64));
        assert_eq!(recommender.communities().len(), 8);
        assert_eq!(segments(&recommender), 1);
        assert_eq!(other(&recommender), before);
    }
    // All others too: what is out of use is no more than what is in use.
    for i in 0..8 {
        let new = NewCommunity::new(format!("first-{i:02}"), ["other"]);
        recommender = recommender.with_community(&new).unwrap();
        assert_eq!(recommender.recommend(&new.name, "", 9).unwrap().len(), 1);
    }
    let bytes = |of: &Recommender| -> u64 {
        let parts = of.manifest().parts.iter().chain(of.manifest().segments.iter().flatten());
        let own = parts.filter(|(name, _)| ["candidates", "features"].contains(&name.as_str()));
        own.map(|(_, part)| part.length).sum()
    };
    assert!(bytes(&recommender) < bytes(&learned(8)) / 2);
    assert!(bytes(&recommender.compacted().unwrap()) <= bytes(&recommender));
}

#[test]
fn nothing_to_take_in_changes_nothing() {
    let recommender = learned(2);
    let same = recommender.with_communities([]).unwrap();
    assert_eq!(same.manifest_hash(), recommender.manifest_hash());
    assert_eq!(recommender.compacted().unwrap().manifest(), recommender.manifest());
}

/// A save over the old bundle keeps the files of what didn't change; elsewhere all files are new, so
/// that no two bundles depend on each other.
#[test]
#[cfg(unix)]
fn a_save_writes_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let [folder, elsewhere] = ["bundle", "elsewhere"].map(|name| dir.path().join(name));
    learned(6).save(&folder).unwrap();
    let loaded = Recommender::load(&folder).unwrap();
    let before = files(&folder);
    let one = loaded.with_community(&community("one", 9, 0)).unwrap();
    one.save(&folder).unwrap();
    let after = files(&folder);
    for (name, file) in before.iter().filter(|(name, _)| *name != "manifest.json") {
        assert_eq!(after[name], *file, "{name}");
    }
    // What was not loaded from there, but is there, is kept as well.
    let two = one.with_community(&community("two", 2, 0)).unwrap();
    two.save(&folder).unwrap();
    for (name, file) in after.iter().filter(|(name, _)| *name != "manifest.json") {
        assert_eq!(files(&folder)[name], *file, "{name}");
    }
    loaded.check_files().unwrap();
    assert_eq!(answers(&Recommender::load(&folder).unwrap()), answers(&two));
    two.save(&elsewhere).unwrap();
    let here = files(&folder);
    assert!(files(&elsewhere).iter().all(|(name, file)| here[name] != *file));
}

/// A damaged file is not kept.
#[test]
fn a_save_over_a_damaged_bundle_heals_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let with = learned(4).with_community(&community("one", 4, 0)).unwrap();
    with.save(&folder).unwrap();
    for file in ["candidates.part", "space.1.part"] {
        let whole = fs::read(folder.join(file)).unwrap();
        for damaged in [&whole[..whole.len() - 1], &[&whole[1..], b"x"].concat()] {
            fs::write(folder.join(file), damaged).unwrap();
            assert!(Recommender::load(&folder).is_err());
            with.save(&folder).unwrap();
            assert_eq!(fs::read(folder.join(file)).unwrap(), whole);
        }
    }
    assert_eq!(answers(&Recommender::load(&folder).unwrap()), answers(&with));
}

#[test]
fn damage_in_a_segment_is_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let [folder, other] = ["bundle", "other"].map(|name| dir.path().join(name));
    let old = learned(4);
    old.with_community(&community("one", 4, 0)).unwrap().save(&folder).unwrap();
    old.with_community(&community("two", 5, 0)).unwrap().save(&other).unwrap();
    for part in ["space", "candidates", "features"] {
        let file = folder.join(format!("{part}.1.part"));
        let whole = fs::read(&file).unwrap();
        let foreign = fs::read(other.join(format!("{part}.1.part"))).unwrap();
        for damaged in [&whole[..whole.len() / 2], &foreign] {
            fs::write(&file, damaged).unwrap();
            match Recommender::load(&folder).unwrap_err() {
                BundleError::Mismatch { path, .. } => assert_eq!(path, file),
                error => panic!("{error}"),
            }
        }
        fs::remove_file(&file).unwrap();
        let error = Recommender::load(&folder).unwrap_err();
        assert!(matches!(error, BundleError::MissingPart { .. }), "{error}");
        fs::write(&file, whole).unwrap();
    }
    // Hashes that fit: a segment that lacks a part, and one whose parts don't belong together.
    let whole = Bundle::read(&folder);
    let mut lacking = whole.clone();
    lacking.manifest["segments"][0].as_object_mut().unwrap().remove("features");
    lacking.parts.remove(&(1, "features".to_owned()));
    let mut mixed = whole.clone();
    let space = Bundle::read(&other).parts[&(0, "space".to_owned())].clone();
    mixed.parts.insert((1, "space".to_owned()), space);
    for bundle in [lacking, mixed] {
        let copy = dir.path().join("copy");
        bundle.write(&copy);
        match Recommender::load(&copy).unwrap_err() {
            BundleError::Segment { segment: 1, source } => assert!(source.source().is_none()),
            error => panic!("{error}"),
        }
    }
}

/// Wrong contents under hashes that fit are refused, or answer all the same.
#[test]
fn wrong_contents_are_refused_or_answer() {
    const CHANGES: u64 = 400;
    let dir = tempfile::tempdir().unwrap();
    let [folder, copy] = ["bundle", "copy"].map(|name| dir.path().join(name));
    let with = learned(4).with_community(&community("first-01", 9, 3)).unwrap();
    let with = with.with_community(&community("new", 4, 0)).unwrap();
    assert_eq!(segments(&with), 2);
    with.save(&folder).unwrap();
    let bundle = Bundle::read(&folder);
    let mut answered = 0;
    for change in 0..CHANGES {
        let mut source = numbers(change);
        bundle.changed(&mut source).write(&copy);
        let Ok(recommender) = Recommender::load(&copy) else { continue };
        ask(&recommender, &mut source);
        // Whatever the segments hold, they can be taken together, or not, but nothing panics.
        if let Ok(compacted) = recommender.compacted() {
            ask(&compacted, &mut source);
        }
        answered += 1;
    }
    assert!(answered > CHANGES / 20 && answered < CHANGES, "{answered} answered");
}
