//! Posts from parts.

use hashrec::Post;

use super::{
    noise::{Dice, roughen},
    parts::{Community, Mood, Topic},
};

/// 2024-04-01 and 2025-10-01, UTC: the time the posts are spread over.
const START: i64 = 1_711_929_600;
const END: i64 = 1_759_276_800;

/// The least and the most hashtags of a post.
const TAGS: (usize, usize) = (2, 6);

/// The posts of all communities, in order of community and time; a community's written posts come
/// last.
pub fn compose(communities: &[Community], seed: u64) -> Vec<Post> {
    let mut posts = Vec::new();
    for (index, community) in communities.iter().enumerate() {
        let mut dice = Dice::new(seed ^ ((index as u64 + 1) << 32));
        let mut times: Vec<i64> = (0..community.posts)
            .map(|_| START + (dice.unit() * (END - START) as f64) as i64)
            .collect();
        times.sort_unstable();
        for (number, time) in times.into_iter().enumerate() {
            posts.push(one_post(community, number, time, &mut dice));
        }
        posts.extend(community.written.iter().map(|written| Post {
            id: written.id.clone(),
            community: community.community.clone(),
            text: written.text.clone(),
            hashtags: written.hashtags.clone(),
            created_at: Some(written.created_at),
        }));
    }
    posts
}

fn one_post(community: &Community, number: usize, time: i64, dice: &mut Dice) -> Post {
    let topic = draw_topic(community, time, dice);
    let mood = draw_mood(community, dice);
    let mut tags: Vec<&str> = Vec::new();
    for (position, tag) in topic.tags.iter().enumerate() {
        if position == 0 || dice.chance(0.6) {
            tags.push(tag);
        }
    }
    let mut lines: Vec<String> = Vec::new();
    let mut order: Vec<&String> = topic.lines.iter().collect();
    dice.shuffle(&mut order);
    let count = 2 + dice.below(3);
    lines.extend(order.into_iter().take(count).map(|line| fill(line, community, dice)));
    if dice.chance(0.3) {
        let other = draw_topic(community, time, dice);
        if other.tags != topic.tags
            && let Some(line) = dice.pick(&other.lines)
        {
            lines.push(fill(line, community, dice));
            if dice.chance(0.7) {
                tags.extend(other.tags.first().map(String::as_str));
            }
        }
    }
    let mut title = dice.pick(&topic.titles).map_or(String::new(), |t| fill(t, community, dice));
    if let Some(mood) = mood {
        tags.extend(mood.tags.iter().map(String::as_str));
        if let Some(around) = dice.pick(&mood.titles) {
            title = around.replace("{}", &title);
        }
        if let Some(opening) = dice.pick(&mood.openings) {
            lines.insert(0, fill(opening, community, dice));
        }
        if let Some(closing) = dice.pick(&mood.closings) {
            lines.push(fill(closing, community, dice));
        }
    }
    if dice.chance(0.35)
        && let Some(line) = dice.pick(&community.small_talk)
    {
        let at = if dice.chance(0.5) { 0 } else { lines.len() };
        lines.insert(at, fill(line, community, dice));
    }
    let hashtags = settle(tags, community, dice);
    let separator = if dice.chance(0.5) { "\n" } else { "" };
    let mut body = roughen(lines.join(separator), dice);
    if dice.chance(0.05)
        && let Some(tag) = hashtags.first()
    {
        body.push_str(&format!(" #{tag}"));
    }
    Post {
        id: format!("{}-{number:04}", community.community),
        community: community.community.clone(),
        text: format!("{title}\n{body}"),
        hashtags,
        created_at: Some(time),
    }
}

/// Authors forget hashtags, add one out of habit, and give between two and six.
fn settle(tags: Vec<&str>, community: &Community, dice: &mut Dice) -> Vec<String> {
    let mut kept: Vec<&str> = Vec::new();
    for (position, tag) in tags.into_iter().enumerate() {
        if !kept.contains(&tag) && (position == 0 || !dice.chance(0.12)) {
            kept.push(tag);
        }
    }
    if dice.chance(0.15)
        && let Some(tag) = dice.pick(&community.common)
        && !kept.contains(&tag.as_str())
    {
        kept.push(tag);
    }
    for tag in &community.common {
        if kept.len() < TAGS.0 && !kept.contains(&tag.as_str()) {
            kept.push(tag);
        }
    }
    kept.truncate(TAGS.1);
    kept.into_iter().map(str::to_owned).collect()
}

fn draw_topic<'a>(community: &'a Community, time: i64, dice: &mut Dice) -> &'a Topic {
    let share = (time - START) as f64 / (END - START) as f64;
    let month = month_of(time);
    let weights: Vec<f64> = community
        .topics
        .iter()
        .map(|topic| {
            let in_season = topic.months.is_empty() || topic.months.contains(&month);
            if in_season && share >= topic.since { topic.weight } else { topic.weight * 0.01 }
        })
        .collect();
    &community.topics[dice.weighted(&weights)]
}

fn draw_mood<'a>(community: &'a Community, dice: &mut Dice) -> Option<&'a Mood> {
    let mut left = dice.unit();
    community.moods.iter().find(|mood| {
        left -= mood.share;
        left < 0.0
    })
}

/// The month, 1 to 12, of a time in seconds since 1970.
fn month_of(time: i64) -> u32 {
    // Days to civil date, as in the proleptic Gregorian calendar; only the month is wanted.
    let days = time.div_euclid(86_400) + 719_468;
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    (if shifted < 10 { shifted + 3 } else { shifted - 9 }) as u32
}

/// Replaces every `{name}` by one of the community's words of that name.
fn fill(line: &str, community: &Community, dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        match community.words.get(name).and_then(|words| dice.pick(words)) {
            Some(word) => text.push_str(word),
            None => text.push_str(name),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        assert_eq!(month_of(START), 4);
        assert_eq!(month_of(END), 10);
        assert_eq!(month_of(0), 1);
        assert_eq!(month_of(1_709_164_800), 2, "2024-02-29");
    }
}
