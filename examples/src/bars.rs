//! Training progress as a row of bars.

use std::ops::ControlFlow;

use hashrec::{Progress, Stage};
use indicatif::{ProgressBar, ProgressStyle};

/// One bar a stage, each finished when the next begins.
#[derive(Default)]
pub struct Bars {
    current: Option<(Stage, ProgressBar)>,
}

impl Bars {
    /// Shows one report of a training run; never stops it.
    pub fn show(&mut self, progress: &Progress) -> ControlFlow<()> {
        if self.current.as_ref().is_none_or(|(stage, _)| *stage != progress.stage) {
            self.finish();
            let bar = ProgressBar::new(progress.total).with_style(style());
            bar.set_prefix(progress.stage.name());
            self.current = Some((progress.stage, bar));
        }
        if let Some((_, bar)) = &self.current {
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            bar.set_message(progress.detail.to_string());
        }
        ControlFlow::Continue(())
    }

    /// Leaves the last bar as it stands.
    pub fn finish(&mut self) {
        if let Some((_, bar)) = self.current.take() {
            bar.abandon();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(
        "{prefix:>10} {bar:30} {percent:>3}% {elapsed:>4} eta {eta:>4} {msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar())
}
