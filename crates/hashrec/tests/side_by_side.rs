//! Saving, loading and answering beside each other: in threads, processes and containers.
//!
//! The suite runs some rounds of each. The long runs, which take minutes, are started by
//! `cargo test -p hashrec --features trainer --test side_by_side -- --ignored --nocapture`.
#![cfg(all(feature = "trainer", unix))]
#![allow(clippy::print_stderr, reason = "the figures of the long runs")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use hashrec::{BundleError, Config, LoadParams, Post, Recommender, System, Trainer};

/// A bundle of one community, and the only words that it can recommend.
const BUNDLES: [(&str, [&str; 2]); 2] =
    [("red", ["tomato", "cherry"]), ("green", ["cucumber", "lime"])];

/// The variable that makes a child process of this program: `SAVES NUMBER FOLDER`.
const CHILD: &str = "HASHREC_TEST_SAVER";

fn trained(number: usize) -> Recommender {
    let (colour, hashtags) = BUNDLES[number];
    let post = |i: usize| {
        let text = format!("a {colour} thing, number {i}: {}", hashtags[i % 2]);
        Post::new(format!("{colour}-{i}"), "garden", text, [hashtags[i % 2]], None)
    };
    let posts: Vec<Post> = (0..40 + 20 * number).map(post).collect();
    let config = Config::default().with_system(System::Linear).with_threads(1);
    Trainer::new(config).unwrap().train(&posts).unwrap().0
}

/// The number of the bundle that answers.
fn number(recommender: &Recommender) -> usize {
    let found = recommender.recommend("garden", "a tomato and a lime", 5).unwrap();
    let of = |(_, hashtags): &(&str, [&str; 2])| {
        found.len() == 2 && found.iter().all(|one| hashtags.contains(&one.hashtag.as_str()))
    };
    BUNDLES.iter().position(of).unwrap_or_else(|| panic!("an answer of neither: {found:?}"))
}

fn only(name: &str, folder: &Path) {
    let entries = fs::read_dir(folder).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [name], "nothing else is left");
}

/// Threads answer while a bundle is replaced and loaded again.
fn answer_while_replaced(threads: usize, swaps: usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = &dir.path().join("bundle");
    let bundles = &[trained(0), trained(1)];
    bundles[0].save(folder).unwrap();
    let current = &RwLock::new(Recommender::load(folder).unwrap());
    let (stop, answers) = (&AtomicBool::new(false), &AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(move || {
                while !stop.load(Relaxed) {
                    let recommender = current.read().unwrap().clone();
                    number(&recommender);
                    answers.fetch_add(1, Relaxed);
                }
            });
        }
        let saver = scope.spawn(move || {
            (1..=swaps).for_each(|swap| bundles[swap % 2].save(folder).unwrap());
        });
        let (mut loads, mut saving) = (0, true);
        while saving || loads < swaps {
            let loaded = Recommender::load(folder).expect("the old bundle or the new one");
            let old = std::mem::replace(&mut *current.write().unwrap(), loaded);
            old.check_files().expect("nobody writes in place");
            (loads, saving) = (loads + 1, !saver.is_finished());
        }
        stop.store(true, Relaxed);
        let answers = answers.load(Relaxed);
        eprintln!("{threads} threads, {swaps} swaps, {loads} loads, {answers} answers");
    });
    only("bundle", dir.path());
}

#[test]
fn threads_answer_while_bundles_are_replaced() {
    answer_while_replaced(8, 50);
}

#[test]
#[ignore = "takes minutes"]
fn sixty_four_threads_answer_while_bundles_are_replaced_a_thousand_times() {
    answer_while_replaced(64, 1000);
}

#[test]
fn two_threads_save_to_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = &dir.path().join("bundle");
    let bundles = [trained(0), trained(1)];
    for _ in 0..300 {
        thread::scope(|scope| {
            for bundle in &bundles {
                scope.spawn(|| bundle.save(folder).unwrap());
            }
        });
        number(&Recommender::load(folder).expect("one of the bundles, whole"));
        only("bundle", dir.path());
    }
}

/// A process that saves bundle `number` so often, as the first process of a container of its own
/// if it is given the programs to make one.
fn saver(container: &[&str], number: usize, saves: usize, folder: &Path) -> Child {
    let program = env::current_exe().unwrap();
    let mut line: Vec<PathBuf> = container.iter().map(PathBuf::from).collect();
    line.push(program);
    Command::new(&line[0])
        .args(&line[1..])
        .args(["--ignored", "--exact", "child", "--nocapture"])
        .env(CHILD, format!("{saves} {number} {} {}", container.len(), folder.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "is what the other tests start as a process"]
fn child() {
    let Ok(line) = env::var(CHILD) else { return };
    let mut words = line.splitn(4, ' ');
    let mut next = || words.next().unwrap();
    let (saves, number): (usize, usize) = (next().parse().unwrap(), next().parse().unwrap());
    assert!(next() == "0" || process::id() == 1, "not in a container");
    let (folder, bundle) = (next(), trained(number));
    (0..saves).for_each(|_| bundle.save(folder).unwrap());
}

/// Two processes save to one folder while this one loads.
fn two_processes(container: &[&str], saves: usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    trained(0).save(&folder).unwrap();
    let mut savers = [0, 1].map(|number| saver(container, number, saves, &folder));
    let mut loads = 0;
    loop {
        number(&Recommender::load(&folder).expect("one of the bundles, whole"));
        loads += 1;
        if savers.iter_mut().all(|saver| saver.try_wait().unwrap().is_some()) {
            break;
        }
    }
    assert!(savers.iter_mut().all(|saver| saver.wait().unwrap().success()));
    eprintln!("2 × {saves} saves beside {loads} loads");
    only("bundle", dir.path());
}

#[test]
fn two_processes_save_to_one_folder() {
    two_processes(&[], 50);
}

#[test]
#[ignore = "takes a minute"]
fn two_processes_save_to_one_folder_three_hundred_times() {
    two_processes(&[], 300);
}

#[test]
#[ignore = "needs the right to make namespaces"]
fn two_containers_save_to_one_folder_three_hundred_times() {
    two_processes(&["unshare", "--pid", "--fork", "--kill-child"], 300);
}

/// Savers are killed at any moment: there always is a bundle, and the next save clears up.
fn killed(kills: u64) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let bundle = trained(0);
    bundle.save(&folder).unwrap();
    let (mut left, mut landed) = (0, 0);
    for kill in 0..kills {
        let mut saver = saver(&[], 1, usize::MAX, &folder);
        // Once it has begun to save, at moments that differ.
        while number(&Recommender::load(&folder).unwrap()) == 0 {
            assert!(saver.try_wait().unwrap().is_none(), "the saver has ended");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(kill * 1_237 % 10_000));
        saver.kill().unwrap();
        saver.wait().unwrap();
        landed += number(&Recommender::load(&folder).expect("one of the bundles, whole"));
        left += fs::read_dir(dir.path()).unwrap().count() - 1;
        bundle.save(&folder).unwrap();
        only("bundle", dir.path());
    }
    eprintln!("{kills} kills, {landed} after a save, {left} temporary folders left and cleared");
}

#[test]
fn killed_savers_leave_a_bundle_and_nothing_for_long() {
    killed(5);
}

#[test]
#[ignore = "takes minutes"]
fn two_hundred_killed_savers_leave_a_bundle_and_nothing_for_long() {
    killed(200);
}

/// A bundle copied over one that is in use: the mapped one notices, the copied one isn't touched.
#[test]
fn writes_in_place_are_noticed_or_out_of_reach() {
    let dir = tempfile::tempdir().unwrap();
    let [live, other] = ["live", "other"].map(|name| dir.path().join(name));
    trained(0).save(&live).unwrap();
    trained(1).save(&other).unwrap();
    let (mapped, copied) =
        (Recommender::load(&live).unwrap(), Recommender::load_in_memory(&live).unwrap());
    mapped.check_files().unwrap();
    for entry in fs::read_dir(&other).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), live.join(entry.file_name())).unwrap();
    }
    assert!(matches!(mapped.check_files(), Err(BundleError::Changed { .. })));
    copied.check_files().unwrap();
    for entry in fs::read_dir(&live).unwrap() {
        fs::write(entry.unwrap().path(), "").unwrap();
    }
    assert_eq!(number(&copied), 0);
    assert!(matches!(mapped.check_files(), Err(BundleError::Changed { .. })));
}

#[test]
fn a_bundle_is_known_by_the_hash_of_its_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    let [mine, theirs] = [trained(0), trained(1)];
    mine.save(&folder).unwrap();
    let params = LoadParams::default().with_manifest_hash(mine.manifest_hash().to_owned());
    let loaded = Recommender::load_with(&folder, &params).unwrap();
    assert_eq!(loaded.manifest_hash(), mine.manifest_hash());
    theirs.save(&folder).unwrap();
    let refused = Recommender::load_with(&folder, &params).unwrap_err();
    assert!(
        matches!(&refused, BundleError::Unexpected { found, .. } if found == theirs.manifest_hash())
    );
}
