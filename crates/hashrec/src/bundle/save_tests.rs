//! Saves: replaced whole, whatever fails and whoever saves or loads beside them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use super::{
    error::BundleError,
    folder::read_folder,
    link::link,
    names::{Kind, Stem},
    params::LoadParams,
    save::{Content, write_elsewhere, write_folder},
    target::remove_bundle,
    test_bundle::{KEPT, bundle},
};
use crate::{
    faulty::{Fault, Faulty, Loss, Quick},
    files::{Disk, Files},
};

fn save(files: &dyn Files, folder: &Path, content: &[u8]) -> Result<(), BundleError> {
    let (manifest, parts) = bundle(content);
    write_folder(files, folder, &Content::of(&manifest, &parts))
}

fn load(folder: &Path) -> Result<Vec<u8>, BundleError> {
    let parts = read_folder(folder, &LoadParams::default())?.parts;
    assert_eq!(&parts["kept"][..], KEPT);
    Ok(parts["a"].to_vec())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const QUICK: Quick = Quick { can_exchange: true };
const NO_EXCHANGE: Quick = Quick { can_exchange: false };

#[test]
fn replaces_a_bundle_and_leaves_nothing_beside_it() {
    for files in [&Disk as &dyn Files, &NO_EXCHANGE] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("made/too/bundle");
        for content in [b"one".as_slice(), b"two", b"three"] {
            save(files, &folder, content).unwrap();
            assert_eq!(load(&folder).unwrap(), content);
            assert_eq!(names(folder.parent().unwrap()), ["bundle"]);
        }
        assert_eq!(names(&folder), ["a.part", "kept.part", "manifest.json"]);
    }
}

#[test]
fn a_reader_of_the_old_bundle_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    save(&Disk, &folder, b"old").unwrap();
    let old = read_folder(&folder, &LoadParams::default()).unwrap();
    save(&Disk, &folder, b"new").unwrap();
    assert_eq!(&old.parts["a"][..], b"old");
    old.mapped[0].check().unwrap();
}

/// A file system on which a new name leads to something else, if any.
struct Links(fn(&Path) -> io::Result<()>);

impl Files for Links {
    fn link(&self, _from: &Path, to: &Path) -> io::Result<()> {
        (self.0)(to)
    }
}

#[test]
fn a_part_that_cannot_be_kept_is_written() {
    let others: [fn(&Path) -> io::Result<()>; 3] = [
        |_| Err(io::ErrorKind::Unsupported.into()),
        |to| fs::write(to, "short"),
        |to| fs::write(to, vec![b'x'; KEPT.len()]),
    ];
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    for link in others {
        save(&Disk, &folder, b"old").unwrap();
        save(&Links(link), &folder, b"new").unwrap();
        assert_eq!(load(&folder).unwrap(), b"new");
    }
}

/// Links in a bundle's folder lead anywhere, so they are no part of what is saved.
#[test]
#[cfg(unix)]
fn a_link_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let [folder, elsewhere] = ["bundle", "elsewhere"].map(|name| dir.path().join(name));
    save(&Disk, &folder, b"old").unwrap();
    fs::rename(folder.join("kept.part"), &elsewhere).unwrap();
    let kept = folder.join("kept.part");
    std::os::unix::fs::symlink(&elsewhere, &kept).unwrap();
    assert_eq!(load(&folder).unwrap(), b"old");
    let entry = &bundle(b"old").0.parts["kept"];
    assert!(!link(&Disk, (&folder, dir.path()), entry, &[]).unwrap());
    assert!(fs::symlink_metadata(dir.path().join("kept.part")).is_err());
}

/// One save that meets a fault, then a loss of power, then the next process.
fn meet(fault: Fault, at: usize, can_exchange: bool, old: Option<&[u8]>, loss: usize) -> bool {
    let context = format!("{fault:?} at {at}, exchange {can_exchange}, {old:?}, loss {loss}");
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    if let Some(old) = old {
        save(&QUICK, &folder, old).unwrap();
    }
    let files = Faulty::new(fault, at, can_exchange);
    let saved = save(&files, &folder, b"new");
    let losses = files.losses();
    let Some(loss) = losses.get(loss) else { return false };
    if saved.is_err() && fault == Fault::Failure && *loss != Loss::Nothing {
        return true;
    }
    files.lose(loss);
    match (load(&folder), old) {
        (Ok(found), _) if found == b"new" => {}
        (Ok(found), Some(old)) if found == old && saved.is_err() => {}
        (Err(BundleError::NotABundle { .. }), None) if saved.is_err() => {}
        (found, _) => panic!("{context} ({loss:?}): {found:?} after {saved:?}"),
    }
    if fault == Fault::Failure && saved.is_err() {
        let left = names(dir.path()).len();
        assert!(left <= 2, "{context}: {:?}", names(dir.path()));
    }
    save(&Quick { can_exchange }, &folder, b"next").unwrap();
    assert_eq!(load(&folder).unwrap(), b"next", "{context}");
    assert_eq!(names(dir.path()), ["bundle"], "{context}");
    true
}

/// A failure and a kill at every change, with every loss of power that may follow: the old bundle
/// or the new one is there, and the next save leaves nothing else.
#[test]
fn every_fault_leaves_the_old_bundle_or_the_new_one() {
    let mut points = 0;
    for can_exchange in [true, false] {
        for old in [None, Some(b"old".as_slice())] {
            for fault in [Fault::Failure, Fault::Kill] {
                for at in 0.. {
                    let losses = (0..).take_while(|&loss| meet(fault, at, can_exchange, old, loss));
                    points += losses.count();
                    let dir = tempfile::tempdir().unwrap();
                    let folder = dir.path().join("bundle");
                    old.iter().for_each(|old| save(&QUICK, &folder, old).unwrap());
                    let files = Faulty::new(fault, at, can_exchange);
                    let _ = save(&files, &folder, b"new");
                    if !files.has_happened() {
                        break;
                    }
                }
            }
        }
    }
    assert!(points > 150, "only {points} points were tried");
}

/// Any number of savers beside loaders, with and without swapping: every load finds a bundle.
#[test]
fn savers_and_loaders_beside_each_other() {
    for files in [&Disk as &dyn Files, &NO_EXCHANGE] {
        let dir = tempfile::tempdir().unwrap();
        let folder = &dir.path().join("bundle");
        let contents = [b"one".to_vec(), vec![2; 30_000], vec![3; 5_000]];
        save(files, folder, &contents[0]).unwrap();
        let mut loads = 0;
        thread::scope(|scope| {
            let savers: Vec<_> = (contents.iter())
                .map(|content| {
                    scope.spawn(move || (0..40).for_each(|_| save(files, folder, content).unwrap()))
                })
                .collect();
            while savers.iter().any(|saver| !saver.is_finished()) {
                assert!(contents.contains(&load(folder).unwrap()));
                loads += 1;
            }
        });
        assert!(loads > 10);
        assert_eq!(names(dir.path()), ["bundle"]);
    }
}

/// A file system that can't swap names, on which nothing is removed from a bundle that a loader or
/// another saver might take for a whole one.
struct WholeOrGone;

impl Files for WholeOrGone {
    fn exchange(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        assert!(path.parent().unwrap().extension().unwrap() != "old", "{}", path.display());
        Disk.remove_file(path)
    }
}

#[test]
fn a_replaced_bundle_is_no_longer_found_when_it_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    save(&WholeOrGone, &folder, b"old").unwrap();
    // As if a saver had been killed.
    let left = dir.path().join(Stem::of(&folder).random(Kind::Old));
    save(&WholeOrGone, &left, b"older").unwrap();
    save(&WholeOrGone, &folder, b"new").unwrap();
    assert_eq!(load(&folder).unwrap(), b"new");
    assert_eq!(names(dir.path()), ["bundle"]);
}

/// A file system on which somebody puts a file into the bundle's folder just before the swap.
struct Meddler(PathBuf);

impl Files for Meddler {
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        fs::write(&self.0, b"years of work")?;
        Disk.exchange(one, other)
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_appears_during_a_save_survives() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    save(&Disk, &folder, b"old").unwrap();
    save(&Meddler(folder.join("thesis.tex")), &folder, b"new").unwrap();
    assert_eq!(load(&folder).unwrap(), b"new");
    let survives = || {
        let left: Vec<_> = names(dir.path()).into_iter().filter(|name| name != "bundle").collect();
        assert_eq!(left.len(), 1);
        fs::read(dir.path().join(&left[0]).join("thesis.tex")).unwrap() == b"years of work"
    };
    assert!(survives());
    save(&Disk, &folder, b"next").unwrap();
    assert!(survives(), "clearing up deletes parts of bundles only");
}

#[test]
fn a_bundle_without_a_place_is_saved_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let (manifest, parts) = bundle(b"kept");
    let content = Content::of(&manifest, &parts);
    let beside = write_elsewhere(&Disk, &file, &content).unwrap();
    assert_eq!(beside.parent(), file.parent());
    assert_eq!(load(&beside).unwrap(), b"kept");
    let elsewhere = write_elsewhere(&Disk, &file.join("inside"), &content).unwrap();
    assert_eq!(load(&elsewhere).unwrap(), b"kept");
    assert_eq!(elsewhere.parent().unwrap(), std::env::temp_dir());
    fs::remove_dir_all(elsewhere).unwrap();
}

/// A file system on which another save, or somebody else, is always a moment faster.
struct Overtaken {
    /// Whether what the other makes is a folder.
    makes_folders: bool,
}

impl Files for Overtaken {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.ends_with("above") {
            if self.makes_folders { Disk.create_folder(path)? } else { fs::write(path, b"")? }
        }
        Disk.create_folder(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        Disk.remove_file(path)?;
        Disk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        Disk.remove_folder(path)?;
        Disk.remove_folder(path)
    }
}

#[test]
fn what_another_save_has_made_or_removed_before_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("above/bundle");
    let error = save(&Overtaken { makes_folders: false }, &folder, b"lost").unwrap_err();
    assert_eq!(kind(&error), io::ErrorKind::AlreadyExists);
    fs::remove_file(dir.path().join("above")).unwrap();
    let files = Overtaken { makes_folders: true };
    save(&files, &folder, b"old").unwrap();
    save(&files, &folder, b"new").unwrap();
    assert_eq!(load(&folder).unwrap(), b"new");
    assert_eq!(names(folder.parent().unwrap()), ["bundle"]);
    remove_bundle(&files, &folder).unwrap();
    remove_bundle(&files, &folder).unwrap();
    assert_eq!(names(folder.parent().unwrap()).len(), 0);
}

#[test]
fn a_place_without_a_folder_above_is_made_in_the_current_folder() {
    let above = format!("made-by-a-test-{:016x}", super::names::random());
    let folder = Path::new(&above).join("bundle");
    save(&QUICK, &folder, b"new").unwrap();
    let found = load(&folder);
    fs::remove_dir_all(above).unwrap();
    assert_eq!(found.unwrap(), b"new");
}

/// A file system that refuses some changes for a reason that waiting doesn't mend.
struct Refusing {
    exchange: io::ErrorKind,
    renames: bool,
    removals: bool,
}

impl Refusing {
    fn unless(&self, allowed: bool) -> io::Result<()> {
        if allowed { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }
}

impl Files for Refusing {
    fn exchange(&self, _one: &Path, _other: &Path) -> io::Result<()> {
        Err(self.exchange.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.unless(self.renames)?;
        Disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.unless(self.removals)?;
        Disk.remove_file(path)
    }
}

fn kind(error: &BundleError) -> io::ErrorKind {
    match error {
        BundleError::Io { source, .. } => source.kind(),
        error => panic!("{error}"),
    }
}

#[test]
fn a_refused_change_is_an_error_with_its_reason_and_leaves_the_old_bundle() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let refusing = |exchange, renames| Refusing { exchange, renames, removals: true };
    let first = refusing(io::ErrorKind::NotFound, false);
    assert_eq!(kind(&save(&first, &folder, b"new").unwrap_err()), io::ErrorKind::StorageFull);
    assert_eq!(names(dir.path()).len(), 0);
    save(&QUICK, &folder, b"old").unwrap();
    for (files, reason) in [
        (refusing(io::ErrorKind::ReadOnlyFilesystem, true), io::ErrorKind::ReadOnlyFilesystem),
        (refusing(io::ErrorKind::Unsupported, false), io::ErrorKind::StorageFull),
    ] {
        assert_eq!(kind(&save(&files, &folder, b"new").unwrap_err()), reason);
        assert_eq!(load(&folder).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["bundle"]);
    }
}

#[test]
fn an_old_bundle_that_cannot_be_removed_is_no_failure_of_the_save() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    save(&QUICK, &folder, b"old").unwrap();
    let files = Refusing { exchange: io::ErrorKind::Unsupported, renames: true, removals: false };
    save(&files, &folder, b"new").unwrap();
    assert_eq!(load(&folder).unwrap(), b"new");
    assert_eq!(names(dir.path()).len(), 2);
    assert_eq!(remove_bundle(&files, &folder).unwrap_err().kind(), io::ErrorKind::StorageFull);
    let file = folder.join("a.part");
    assert_eq!(remove_bundle(&files, &file).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    assert_eq!(load(&folder).unwrap(), b"new");
}

#[test]
fn what_a_killed_save_moved_aside_is_put_back_by_a_save_that_fails() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let mut moved_aside = 0;
    for at in 0.. {
        save(&QUICK, &folder, b"old").unwrap();
        let killed = Faulty::new(Fault::Kill, at, false);
        let _ = save(&killed, &folder, b"new");
        if !killed.has_happened() {
            break;
        }
        if !folder.exists() {
            moved_aside += 1;
            let failing = Refusing {
                exchange: io::ErrorKind::ReadOnlyFilesystem,
                renames: true,
                removals: true,
            };
            save(&failing, &folder, b"next").unwrap_err();
            assert!(folder.join("manifest.json").is_file());
        }
    }
    assert!(moved_aside > 0);
}
