//! Figure 3: NDCG@10 by the size of the community, one mark a community, with a trend line.

use std::{error::Error, sync::Arc};

use plotters::prelude::*;
use resvg::{tiny_skia, usvg};

use crate::{
    labels::Labels,
    plan::{Measured, title},
};

/// Width and height of the picture.
const SIZE: (u32, u32) = (1100, 700);

/// Pixels of the PNG for each of the SVG.
const SHARPNESS: f32 = 2.0;

/// The families a viewer of the SVG may have; the first is what the PNG is drawn with.
const FONT: &str = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, sans-serif";

/// Kana, JIS level 1 kanji and Latin, so that the PNG is readable on a machine without fonts.
const FONT_FILE: &[u8] = include_bytes!("../../../fonts/NotoSansJP-subset.otf");

/// One community: posts to train on, mean NDCG@10, name.
struct Mark {
    posts: f64,
    ndcg: f64,
    name: String,
}

/// The communities of a system, over seeds.
fn marks(row: &Measured) -> Vec<Mark> {
    let first = row.reports.first().map(|report| report.communities.as_slice());
    let mark = |community: &hashrec_metrics::CommunityReport| {
        let ndcg = row.over_seeds(|report| {
            let same =
                report.communities.iter().filter(|other| other.community == community.community);
            same.map(|other| other.ndcg).sum()
        });
        let posts = community.train_posts.max(1) as f64;
        Mark { posts, ndcg: ndcg.mean, name: community.community.clone() }
    };
    first.unwrap_or_default().iter().map(mark).collect()
}

/// Intercept and slope of NDCG over the decimal logarithm of the posts, by least squares; `None`
/// where all communities have the same size.
fn trend(marks: &[Mark]) -> Option<(f64, f64)> {
    let n = marks.len() as f64;
    let mean = |of: &dyn Fn(&Mark) -> f64| marks.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(&|mark| mark.posts.log10()), mean(&|mark| mark.ndcg));
    let spread = mean(&|mark| (mark.posts.log10() - x).powi(2));
    let together = mean(&|mark| (mark.posts.log10() - x) * (mark.ndcg - y));
    (spread > 1e-9).then(|| (y - together / spread * x, together / spread))
}

/// The picture of these systems as SVG.
pub(crate) fn svg(rows: &[&Measured]) -> Result<String, Box<dyn Error>> {
    const COLORS: [RGBColor; 4] =
        [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), BLACK];
    let all: Vec<Vec<Mark>> = rows.iter().map(|row| marks(row)).collect();
    let sizes = || all.iter().flatten().map(|mark| mark.posts);
    let low = sizes().fold(f64::INFINITY, f64::min).min(1e6) * 0.7;
    let high = sizes().fold(1.0, f64::max) * 1.6;
    let worst = all.iter().flatten().map(|mark| mark.ndcg).fold(1.0, f64::min);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .margin(18)
            .caption("コミュニティの投稿数と NDCG@10", (FONT, 24))
            .x_label_area_size(58)
            .y_label_area_size(70)
            .build_cartesian_2d((low..high).log_scale(), (worst - 0.06).max(0.0)..1.0)?;
        chart
            .configure_mesh()
            .x_desc("学習に使った投稿数(対数)")
            .y_desc("NDCG@10")
            .axis_desc_style((FONT, 18))
            .label_style((FONT, 15))
            .x_label_formatter(&|posts| format!("{posts:.0}"))
            .y_label_formatter(&|ndcg| format!("{ndcg:.2}"))
            .light_line_style(WHITE)
            .draw()?;
        let (left, top) = chart.backend_coord(&(low, 1.0));
        let (right, bottom) = chart.backend_coord(&(high, (worst - 0.06).max(0.0)));
        let mut labels = Labels::new([left, top - 12, right, bottom]);
        for ((row, marks), color) in rows.iter().zip(&all).zip(COLORS.into_iter().cycle()) {
            let circles = marks
                .iter()
                .map(|mark| Circle::new((mark.posts, mark.ndcg), 6, color.mix(0.75).filled()));
            let series = chart.draw_series(circles)?;
            series
                .label(title(row.run.system))
                .legend(move |(x, y)| Circle::new((x + 10, y), 6, color.mix(0.75).filled()));
            for mark in marks {
                labels.keep_clear(chart.backend_coord(&(mark.posts, mark.ndcg)));
            }
            if let Some((intercept, slope)) = trend(marks) {
                let ends = [low, high].map(|posts| (posts, intercept + slope * posts.log10()));
                chart.draw_series(LineSeries::new(ends, color.mix(0.6).stroke_width(2)))?;
            }
        }
        let Some((last, color)) = all.last().zip(COLORS.get((all.len() - 1) % COLORS.len())) else {
            return Err("a picture of no systems".into());
        };
        let color = color.mix(0.9);
        let style = TextStyle::from((FONT, 13).into_font()).color(&color);
        for mark in last {
            let at = labels.place(chart.backend_coord(&(mark.posts, mark.ndcg)), &mark.name);
            area.draw_text(&mark.name, &style, at)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font((FONT, 16))
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.3))
            .draw()?;
        area.present()?;
    }
    Ok(text)
}

/// The SVG as a PNG.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(FONT_FILE.to_vec());
    fonts.load_system_fonts();
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size().scale_by(SHARPNESS).ok_or("an empty picture")?;
    let mut pixels =
        tiny_skia::Pixmap::new(size.width(), size.height()).ok_or("an empty picture")?;
    let scale = tiny_skia::Transform::from_scale(SHARPNESS, SHARPNESS);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(posts: f64, ndcg: f64) -> Mark {
        Mark { posts, ndcg, name: "名前".into() }
    }

    #[test]
    fn the_trend_is_least_squares_over_the_logarithm() {
        let line = [mark(10.0, 0.5), mark(100.0, 0.6), mark(1000.0, 0.7)];
        let (intercept, slope) = trend(&line).unwrap();
        assert!((intercept - 0.4).abs() < 1e-12 && (slope - 0.1).abs() < 1e-12);
        assert_eq!(trend(&[mark(10.0, 0.5), mark(10.0, 0.9)]), None);
        assert_eq!(trend(&[]), None);
    }

    #[test]
    fn japanese_is_drawn_without_any_font_on_the_machine() {
        let picture = |text: &str| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='80' height='30'>\
                 <text x='2' y='22' font-family='{FONT}' font-size='20'>{text}</text></svg>"
            );
            png(&svg).unwrap()
        };
        let (empty, one, other) = (picture(""), picture("投稿数"), picture("対数"));
        assert!(one != empty && one != other);
        assert_eq!(&one[1..4], b"PNG");
    }
}
