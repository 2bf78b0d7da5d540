//! What is found out about a place before a bundle is saved there.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::{
    error::{BundleError, TargetProblem},
    folder::read_folder,
    params::LoadParams,
    save::{Content, check_target, write_folder},
    test_bundle::bundle,
};
use crate::files::{Disk, Files};

fn save(folder: &Path, content: &[u8]) -> Result<(), BundleError> {
    let (manifest, parts) = bundle(content);
    write_folder(&Disk, folder, &Content::of(&manifest, &parts))
}

/// What both the check and the save say.
fn refusal(path: &Path) -> TargetProblem {
    let checked = check_target(&Disk, path).unwrap_err();
    let saved = save(path, b"new").unwrap_err();
    assert_eq!(checked.to_string(), saved.to_string());
    match (checked, saved) {
        (BundleError::Target { source, .. }, BundleError::Target { source: same, .. }) => {
            assert_eq!(source.to_string(), same.to_string());
            source
        }
        (error, _) => panic!("{path:?}: {error}"),
    }
}

/// What the operating system says about a place in which nothing can be made.
fn failure(path: &Path) -> io::ErrorKind {
    save(path, b"new").unwrap_err();
    match check_target(&Disk, path).unwrap_err() {
        BundleError::Io { source, .. } => source.kind(),
        error => panic!("{path:?}: {error}"),
    }
}

#[test]
fn good_places_are_left_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    save(&at("bundle"), b"old").unwrap();
    for place in ["new", "new/", "some/where/new", "empty", "empty/.", "bundle", "bundle/"] {
        check_target(&Disk, &at(place)).unwrap();
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    assert_eq!(fs::read_dir(at("empty")).unwrap().count(), 0);
    for place in ["new/", "some/where/new", "empty/.", "bundle/"] {
        save(&at(place), b"new").unwrap();
        assert_eq!(
            &read_folder(&at(place), &LoadParams::default()).unwrap().parts["a"][..],
            b"new"
        );
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
}

#[test]
fn what_is_no_bundle_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("file"), b"years of work").unwrap();
    assert!(matches!(refusal(&at("file")), TargetProblem::NotAFolder));
    let foreign = |path: &Path| match refusal(path) {
        TargetProblem::Foreign { entry } => entry,
        problem => panic!("{problem}"),
    };
    assert_eq!(foreign(dir.path()), "file");
    for (content, named) in [("notes.txt", "notes.txt"), ("manifest.json", "manifest.json")] {
        fs::create_dir(at(content).with_extension("d")).unwrap();
        let folder = at(content).with_extension("d");
        fs::write(folder.join(content), b"{}").unwrap();
        assert_eq!(foreign(&folder), named);
    }
    fs::create_dir(at("downloads")).unwrap();
    fs::write(at("downloads/film.part"), b"half").unwrap();
    foreign(&at("downloads"));
    for extra in ["notes.txt", "film.part", ".hidden"] {
        save(&at("bundle"), b"old").unwrap();
        fs::write(at("bundle").join(extra), b"mine").unwrap();
        assert_eq!(foreign(&at("bundle")), extra);
        fs::remove_file(at("bundle").join(extra)).unwrap();
    }
    fs::create_dir(at("bundle/sub")).unwrap();
    assert_eq!(foreign(&at("bundle")), "sub");
    assert_eq!(fs::read(at("file")).unwrap(), b"years of work");
}

#[test]
fn a_damaged_bundle_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    for damaged in ["manifest.json", "a.part"] {
        save(&folder, b"old").unwrap();
        fs::write(folder.join(damaged), b"{").unwrap();
        check_target(&Disk, &folder).unwrap();
        save(&folder, b"new").unwrap();
        read_folder(&folder, &LoadParams::default()).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn a_link_stays_and_its_target_is_renewed() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("releases/1")).unwrap();
    symlink("releases/1", at("current")).unwrap();
    symlink("current", at("latest")).unwrap();
    for (place, content) in [("current", b"one"), ("current/", b"two"), ("latest", b"six")] {
        check_target(&Disk, &at(place)).unwrap();
        save(&at(place), content).unwrap();
        assert!(fs::symlink_metadata(at("current")).unwrap().is_symlink());
        assert!(fs::symlink_metadata(at("latest")).unwrap().is_symlink());
        let read = read_folder(&at("releases/1"), &LoadParams::default()).unwrap();
        assert_eq!(&read.parts["a"][..], content);
    }
    assert_eq!(fs::read_dir(at("releases")).unwrap().count(), 1);
    symlink("nowhere", at("dangling")).unwrap();
    match refusal(&at("dangling")) {
        TargetProblem::DanglingLink { to } => assert_eq!(to, Path::new("nowhere")),
        problem => panic!("{problem}"),
    }
    symlink("loop", at("loop")).unwrap();
    failure(&at("loop"));
    fs::write(at("file"), b"").unwrap();
    symlink("file", at("link-to-file")).unwrap();
    assert!(matches!(refusal(&at("link-to-file")), TargetProblem::NotAFolder));
}

#[test]
#[cfg(target_os = "linux")]
fn places_that_cannot_be_replaced_are_named() {
    assert!(matches!(refusal(Path::new("/")), TargetProblem::NoName));
    assert!(matches!(refusal(Path::new("")), TargetProblem::NoName));
    assert!(matches!(refusal(Path::new(".")), TargetProblem::CurrentFolder));
    assert!(matches!(refusal(&std::env::current_dir().unwrap()), TargetProblem::CurrentFolder));
    assert!(matches!(refusal(Path::new("/proc")), TargetProblem::MountPoint));
    failure(Path::new("/proc/bundle"));
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(failure(&dir.path().join("n".repeat(256))), io::ErrorKind::InvalidFilename);
    File::create(dir.path().join("file")).unwrap();
    assert_eq!(failure(&dir.path().join("file/bundle")), io::ErrorKind::NotADirectory);
    assert_eq!(failure(&dir.path().join("file/in/bundle")), io::ErrorKind::NotADirectory);
    let longest = dir.path().join("n".repeat(255));
    check_target(&Disk, &longest).unwrap();
    save(&longest, b"new").unwrap();
}

/// A file system in which nothing can be made, whoever asks.
struct ReadOnly;

impl Files for ReadOnly {
    fn create_folder(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

#[test]
fn a_folder_that_is_read_only_is_named() {
    let dir = tempfile::tempdir().unwrap();
    match check_target(&ReadOnly, &dir.path().join("a/b/bundle")).unwrap_err() {
        BundleError::Io { path, source, .. } => {
            assert_eq!(path, dir.path());
            assert_eq!(source.kind(), io::ErrorKind::ReadOnlyFilesystem);
        }
        error => panic!("{error}"),
    }
}
