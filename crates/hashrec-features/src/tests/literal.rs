//! Hashtags named in English and Japanese posts.

use hashrec_data::HashtagId;

use crate::{
    LiteralIndex, Match, Rarity, RarityBuilder,
    tests::{
        fixtures::{analyse, count, index},
        words::WordTokenizer,
    },
};

/// The match of `hashtag` in `post`, in a community with `others` too.
fn find(hashtag: &str, others: &[&str], post: &str) -> Match {
    let hashtags: Vec<&str> = [hashtag].iter().chain(others).copied().collect();
    index(&hashtags).find(analyse(post).searched()).get(HashtagId(0))
}

#[test]
fn phrases_are_counted_in_title_and_text() {
    let post = "Machine learning for cooks\nLearn a machine... machine learning!";
    let found = find("machine-learning", &[], post);
    assert_eq!((found.title_phrases, found.text_phrases), (1, 2));
    assert_eq!(found.position, 0.0);
    assert_eq!((found.title_runs, found.body_runs), (1, 1));
    assert!(found.in_title() && found.in_text());
}

#[test]
fn endings_do_not_count() {
    let found = find("posts", &[], "Why I post\nPosted twice");
    assert_eq!((found.title_phrases, found.text_phrases), (1, 2));
    assert_eq!(found.position, 2.0 / 10.0);
}

#[test]
fn a_hashtag_with_capitals_is_found_as_words_and_as_one() {
    assert_eq!(find("ReleaseNote", &[], "The release notes").title_phrases, 1);
    assert_eq!(find("ReleaseNote", &[], "The releasenote").title_phrases, 1);
    assert_eq!(find("ReleaseNote", &[], "The release of notes").title_phrases, 0);
}

#[test]
fn a_hashtag_in_one_word_covers_the_words_it_splits_into() {
    let found = find("JavaScript", &[], "JavaScript");
    assert_eq!((found.title_cover, found.text_cover), (1.0, 1.0));
}

#[test]
fn symbols_belong_to_the_name() {
    assert_eq!(find("c#", &[], "C# and C++").title_phrases, 1);
    assert_eq!(find("c#", &[], "C++ only").title_phrases, 0);
    assert_eq!(find("node.js", &[], "Node.js 24").title_phrases, 1);
}

#[test]
fn short_latin_names_are_not_looked_for_inside_words() {
    let found = find("go", &[], "Google and cargo");
    assert!(!found.in_text());
    assert_eq!(find("rust", &[], "thrust").title_runs, 1);
}

#[test]
fn a_name_inside_a_longer_word_is_not_clean() {
    assert_eq!(find("java", &[], "javascript").clean, 0.5);
    assert_eq!(find("java", &[], "use java!").clean, 1.0);
    assert_eq!(find("rust", &[], "thrusts").clean, 0.0);
}

#[test]
fn the_longest_hashtag_wins_the_place() {
    let post = "React Native basics";
    assert_eq!(find("react", &["react-native"], post).longest, 0.5);
    assert_eq!(find("react-native", &["react"], post).longest, 1.0);
    assert_eq!(find("react", &["react-native"], "React Native in React").longest, 1.0);
    assert_eq!(find("react", &[], "Vue").longest, 0.0);
}

#[test]
fn japanese_hashtags_are_found_however_the_text_is_cut() {
    // To the tokenizer of these tests each sentence is one token.
    let post = "はじめての方へお知らせです\nこの度、新機能をリリースしました。新機能の使い方";
    let found = find("お知らせ", &[], post);
    assert_eq!((found.text_phrases, found.title_runs, found.body_runs), (0, 1, 0));
    assert_eq!(found.run_position, 0.2);
    let found = find("新機能", &[], post);
    assert_eq!((found.title_runs, found.body_runs, found.clean), (0, 2, 1.0));
    let found = find("はじめての方へ", &[], post);
    assert_eq!((found.title_runs, found.run_position), (1, 0.0));
    assert!(found.in_title());
}

#[test]
fn longer_japanese_hashtags_win_their_letters() {
    let post = "新機能のお知らせ";
    assert_eq!(find("機能", &["新機能"], post).longest_run, 2.0 / 3.0);
    assert_eq!(find("新機能", &["機能"], post).longest_run, 1.0);
}

#[test]
fn width_and_case_do_not_matter() {
    for post in ["ＪａｖａＳｃｒｉｐｔ入門", "JAVASCRIPT入門", "Java-Script 入門"] {
        assert_eq!(find("JavaScript", &[], post).title_runs, 1, "{post}");
    }
    assert_eq!(find("ガイド", &[], "ｶﾞｲﾄﾞを公開").title_runs, 1);
    assert_eq!(find("お知らせ", &[], "【お知ら せ】").title_runs, 1);
}

#[test]
fn other_kana_spellings_are_variants() {
    let found = find("まとめ", &[], "今週のマトメ");
    assert_eq!((found.variant, found.title_runs), (1.0, 0));
    assert!(!found.in_text());
    assert_eq!(find("まとめ", &[], "今週\nマトメ").variant, 0.5);
    assert_eq!(find("まとめ", &[], "今週のまとめ").variant, 0.0);
}

#[test]
fn a_long_vowel_mark_at_the_end_is_optional() {
    let found = find("サーバー", &[], "サーバを更新");
    assert_eq!((found.variant, found.title_runs), (1.0, 0));
    let found = find("サーバー", &[], "サーバーを更新");
    assert_eq!((found.variant, found.title_runs, found.clean), (0.0, 1, 1.0));
    assert_eq!(find("サーバ", &[], "サーバーを更新").title_runs, 1);
}

#[test]
fn a_name_across_title_and_body_is_not_found() {
    assert_eq!(find("新機能", &[], "新\n機能").title_runs, 0);
    assert!(!find("新機能", &[], "新\n機能").in_text());
}

#[test]
fn rare_words_cover_more() {
    let mut rarity = RarityBuilder::default();
    for _ in 0..30 {
        count(&mut rarity, "guide");
    }
    count(&mut rarity, "sourdough guide");
    let rarity = rarity.finish();
    let index = LiteralIndex::build(&["sourdough-guide"], &[], &WordTokenizer, &rarity).unwrap();
    let cover = |post: &str| index.find(analyse(post).searched()).get(HashtagId(0));
    let rare = cover("My sourdough\nThe guide");
    assert!(rare.title_cover > 0.9 && rare.title_cover < 1.0);
    assert!((rare.text_cover - 1.0).abs() < 1e-5);
    assert_eq!(cover("A guide").title_cover, 0.0);
    assert_eq!(cover("Hello").text_cover, 0.0);
}

#[test]
fn an_emoji_hashtag_is_found_by_the_tokens_if_at_all() {
    assert!(!find("🎉", &[], "party 🎉").in_text());
    assert!(!find("", &[], "anything").in_text());
}

#[test]
fn a_community_without_hashtags_finds_nothing() {
    let matches = index(&[]).find(analyse("anything").searched());
    assert_eq!(matches.iter().count(), 0);
    assert!(!matches.get(HashtagId(3)).in_text());
}

#[test]
fn aliases_are_found_as_the_name_is() {
    let aliases = [vec!["sock heels".to_owned(), "かかと".to_owned()], Vec::new(), Vec::new()];
    let aliases: Vec<&[String]> = aliases.iter().map(Vec::as_slice).collect();
    let names = ["heel-turn", "socks", "sweater"];
    let with = LiteralIndex::build(&names, &aliases, &WordTokenizer, &Rarity::default()).unwrap();
    let without = index(&names);
    for (post, in_title) in [
        ("Knitting a sock heel", true),
        ("My SOCK HEELS", true),
        ("かかと", true),
        ("Question\nabout sock heels", false),
    ] {
        let post = analyse(post);
        let found = with.find(post.searched()).get(HashtagId(0));
        assert_eq!((found.in_title(), found.in_text()), (in_title, true));
        assert!(!without.find(post.searched()).get(HashtagId(0)).in_text());
    }
    // All words of one name, in order; and the own name counts as before.
    let other = analyse("heels of a sock, a sweater");
    assert_eq!(with.find(other.searched()).get(HashtagId(0)).text_phrases, 0);
    for tag in [1, 2].map(HashtagId) {
        let found = |index: &LiteralIndex| index.find(other.searched()).get(tag);
        assert!(found(&with).in_title());
        assert_eq!(found(&with), found(&without));
    }
    assert_eq!(with.find(analyse("heel turn").searched()).get(HashtagId(0)).title_phrases, 1);
}

#[test]
fn an_alias_that_is_the_name_counts_once() {
    let aliases = ["bread".to_owned(), "Bread".to_owned(), "breads".to_owned()];
    let names = ["bread"];
    let with =
        LiteralIndex::build(&names, &[&aliases[..]], &WordTokenizer, &Rarity::default()).unwrap();
    assert_eq!(with, index(&names));
    let post = analyse("bread and breads");
    assert_eq!(with.find(post.searched()).get(HashtagId(0)).title_phrases, 2);
}
