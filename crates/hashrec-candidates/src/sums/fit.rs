//! Summing up.

use super::view::Sums;
use crate::{
    RecencyParams, bf16,
    features::FIELDS,
    index::{Postings, term_weights},
    nearness::{UNKNOWN, nearness},
    share::share_out,
};

/// Sums are kept only if a post has so many times fewer common features than there are posts: a
/// feature costs up to four rows, and other posts are looked at besides.
const SAVING: usize = 16;

/// The knots cut the posts into so many parts, less one.
const KNOTS: usize = 5;

/// Rows one thread sums up at a time.
const ROWS: usize = 16;

/// What is summed up.
pub(crate) struct Summing<'a> {
    /// Features of at least so many posts are summed up; 0: none.
    pub(crate) from: usize,
    /// The lists of the posts that have weights, numbered as the weights are.
    pub(crate) postings: [Postings<'a>; FIELDS],
    pub(crate) hashtags: usize,
    /// Posts × hashtags, of the first classifier.
    pub(crate) linear: &'a [u16],
    /// Those of the second one, with the times of the posts, if nothing counts in it but
    /// similarities and times.
    pub(crate) recent: Option<(&'a [u16], Vec<i64>, &'a RecencyParams)>,
    pub(crate) threads: usize,
}

/// The sums, which are empty where they would save nothing.
pub(crate) fn sum_up(summing: &Summing<'_>) -> Sums {
    let Summing { from, postings, hashtags, linear, recent, threads } = summing;
    let posts = postings[0].scales.len();
    let length =
        |field: usize, column: u32| postings[field].list(column).map_or(0, |list| list.len());
    let columns: [Vec<u32>; FIELDS] = std::array::from_fn(|field| {
        let columns = 0..postings[field].offsets.len() as u32;
        columns.filter(|&column| length(field, column) >= *from).collect()
    });
    let all =
        || columns.iter().enumerate().flat_map(|(field, own)| own.iter().map(move |&c| (field, c)));
    let listed: usize = all().map(|(field, column)| length(field, column)).sum();
    let pays = listed.saturating_mul(SAVING) <= posts.saturating_mul(posts);
    if *from == 0 || *hashtags == 0 || listed == 0 || !pays {
        return Sums::default();
    }
    let weights = term_weights();
    let features: Vec<(usize, u32)> = all().collect();
    let list = |&(field, column): &(usize, u32), terms: &mut Vec<(usize, f32)>| {
        terms.clear();
        postings[field].each(column, |post, count| {
            terms.push((post, weights[usize::from(count)] * postings[field].scales[post]));
        });
    };
    let rows = |dual: &[u16], factors: Option<&[f32]>, out: &mut [u16]| {
        share_out(
            out.chunks_mut(ROWS * hashtags).zip(features.chunks(ROWS)),
            *threads,
            || (Vec::new(), vec![0.0; *hashtags]),
            |(terms, sums), (rows, features)| {
                for (row, feature) in rows.chunks_exact_mut(*hashtags).zip(features) {
                    list(feature, terms);
                    sums.fill(0.0);
                    let term = |&(post, x): &(usize, f32)| {
                        let factor = factors.map_or(1.0, |factors| factors[post]);
                        (x * factor, &dual[post * hashtags..][..*hashtags])
                    };
                    bf16::add_rows(terms.iter().map(term), sums);
                    row.iter_mut().zip(&*sums).for_each(|(o, &sum)| *o = bf16::narrow(sum));
                }
            },
        );
    };
    let set = features.len() * hashtags;
    let mut of_linear = vec![0; set];
    rows(linear, None, &mut of_linear);
    let mut sums = Sums { linear: of_linear.into(), ..Sums::default() };
    if let Some((dual, times, params)) = recent {
        let knots = knots(times);
        let mut of_recent = vec![0; (1 + knots.len()) * set];
        let mut near = vec![0.0; knots.len() * hashtags];
        let (timeless, timed) = of_recent.split_at_mut(set);
        rows(dual, None, timeless);
        let sets = timed.chunks_exact_mut(set).zip(near.chunks_exact_mut(*hashtags));
        for ((set, near), &knot) in sets.zip(&knots) {
            let factors: Vec<f32> =
                times.iter().map(|&time| nearness(params, knot, time)).collect();
            rows(dual, Some(&factors), set);
            bf16::add_rows(factors.iter().copied().zip(dual.chunks_exact(*hashtags)), near);
        }
        sums = Sums { recent: of_recent.into(), near: near.into(), knots: knots.into(), ..sums };
    }
    Sums { columns: columns.map(Into::into), ..sums }
}

/// The times of the oldest and the newest post, and some that cut the posts into parts of one size.
fn knots(times: &[i64]) -> Vec<i64> {
    let mut known: Vec<i64> = times.iter().copied().filter(|&time| time != UNKNOWN).collect();
    known.sort_unstable();
    let last = known.len().saturating_sub(1);
    let at = |part| known.get(part * last / (KNOTS - 1)).copied();
    let mut knots: Vec<i64> = (0..KNOTS).filter_map(at).collect();
    knots.dedup();
    knots
}
