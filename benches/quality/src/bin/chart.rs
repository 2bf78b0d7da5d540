//! Draws the chart of the README: NDCG@10 of hashrec and other systems, from a table of figures.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{error::Error, fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec_examples::exit;
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use serde::Deserialize;

/// Draws the chart of the README from its table of figures.
#[derive(Parser)]
struct Arguments {
    /// The figures.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/results/figures.toml"))]
    figures: PathBuf,
    /// Where to write the chart.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/results/chart.svg"))]
    out: PathBuf,
}

/// The table of figures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    system: Vec<System>,
}

/// One row: NDCG@10 on both corpora, from 0 to 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    name: String,
    ja: f64,
    se: f64,
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    highlight: bool,
}

/// Width of the chart in pixels; its height follows from the number of rows.
const WIDTH: u32 = 880;
/// Pixels from one row to the next, and the thickness of a bar.
const ROW: i32 = 28;
const BAR: i32 = 18;
/// Where the first row begins, and where the names end.
const TOP: i32 = 74;
const NAMES: i32 = 246;
/// Where the bars of both corpora begin, and how long a bar of value 1 is.
const PANELS: [i32; 2] = [258, 574];
const FULL: i32 = 240;
/// Space below the last row.
const BOTTOM: i32 = 18;

const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(31, 35, 40);
const FAINT: RGBColor = RGBColor(89, 99, 110);
const TRACK: RGBColor = RGBColor(238, 241, 244);
const OTHERS: RGBColor = RGBColor(140, 149, 159);
const OURS: RGBColor = RGBColor(9, 105, 218);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let figures: Figures = toml::from_str(&fs::read_to_string(&arguments.figures)?)?;
    fs::write(&arguments.out, svg(&figures)?)?;
    println!("chart of {} systems written to {}", figures.system.len(), arguments.out.display());
    Ok(())
}

/// The chart. Its white background keeps it readable on dark pages.
fn svg(figures: &Figures) -> Result<String, Box<dyn Error>> {
    let height = TOP + ROW * figures.system.len() as i32 + BOTTOM;
    let mut picture = String::new();
    {
        let area =
            SVGBackend::with_string(&mut picture, (WIDTH, height as u32)).into_drawing_area();
        area.fill(&WHITE)?;
        headings(&area)?;
        for (row, system) in (0..).zip(&figures.system) {
            bars(&area, system, TOP + ROW * row)?;
        }
        area.present()?;
    }
    Ok(picture)
}

fn headings(area: &Area<'_>) -> Result<(), Box<dyn Error>> {
    let title = "NDCG@10 on posts that were not used for training (higher is better)";
    text(area, title, (18, 24), 17, INK, HPos::Left)?;
    for (x, heading) in
        PANELS.into_iter().zip(["Japanese, 18 communities", "English, 13 communities"])
    {
        text(area, heading, (x, 54), 14, FAINT, HPos::Left)?;
    }
    Ok(())
}

/// One row: the name, then a bar and its value for each corpus.
fn bars(area: &Area<'_>, system: &System, top: i32) -> Result<(), Box<dyn Error>> {
    let middle = top + BAR / 2;
    let color = if system.highlight { OURS } else { OTHERS };
    text(area, &system.name, (NAMES, middle), 14, INK, HPos::Right)?;
    for (x, value) in PANELS.into_iter().zip([system.ja, system.se]) {
        let end = x + (value * f64::from(FULL)).round() as i32;
        area.draw(&Rectangle::new([(x, top), (x + FULL, top + BAR)], TRACK.filled()))?;
        area.draw(&Rectangle::new([(x, top), (end, top + BAR)], color.filled()))?;
        let value = format!("{value:.3}");
        text(area, &value, (x + FULL + 8, middle), 14, INK, HPos::Left)?;
    }
    Ok(())
}

/// Text that is centred vertically on a point, and begins or ends there.
fn text(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: u32,
    color: RGBColor,
    side: HPos,
) -> Result<(), Box<dyn Error>> {
    let style =
        TextStyle::from((FONT, size).into_font()).color(&color).pos(Pos::new(side, VPos::Center));
    area.draw_text(text, &style, at)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: &str = include_str!("../../../../docs/results/figures.toml");
    const CHART: &str = include_str!("../../../../docs/results/chart.svg");

    #[test]
    fn the_committed_chart_shows_the_committed_figures() {
        let figures = toml::from_str(FIGURES).unwrap();
        assert_eq!(svg(&figures).unwrap(), CHART);
    }

    #[test]
    fn every_value_is_a_share() {
        let figures: Figures = toml::from_str(FIGURES).unwrap();
        for system in figures.system {
            let values = [system.ja, system.se];
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{}", system.name);
        }
    }
}
