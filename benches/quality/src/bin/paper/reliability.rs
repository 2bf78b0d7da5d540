//! How far the figures can be trusted: seeds, posts, and systems against each other.

use std::error::Error;

use hashrec::System;
use hashrec_metrics::{Bootstrap, paired};
use hashrec_quality::{Table, interval, share, spread};

use crate::plan::{Measured, title};

/// The systems that all others are compared with.
const AGAINST: [System; 2] = [System::LightGbmMultiLabel, System::Hashrec];

/// The note.
pub(crate) fn markdown(rows: &[Measured]) -> Result<String, Box<dyn Error>> {
    let mut table = Table::new(["System", "seeds", "NDCG@10 over seeds", "95 % over posts"], 1);
    for row in rows {
        let interval = row.ndcg_interval()?.map_or(String::new(), interval);
        let ndcg = spread(row.over_seeds(|report| report.ndcg));
        table.row([title(row.run.system).into(), row.reports.len().to_string(), ndcg, interval]);
    }
    let mut text = format!(
        "# Reliability\n\nThe interval over seeds is Student's t; the interval over posts a \
         percentile bootstrap of the posts' NDCG@10, each post's averaged over the seeds. Systems \
         that nothing random goes into are run once.\n\n{table}"
    );
    for against in AGAINST {
        let Some(base) = rows.iter().find(|row| row.run.system == against) else { continue };
        let head = ["System", "difference of NDCG@10", "95 %", "p"];
        let mut table = Table::new(head, 1);
        for row in rows.iter().filter(|row| row.run.system != against) {
            let Some(found) = paired(&row.ndcg, &base.ndcg, &Bootstrap::default())? else {
                continue;
            };
            let p = format!("{:.4}", found.p_value);
            let name = title(row.run.system).to_owned();
            table.row([name, share(found.difference), interval(found.interval), p]);
        }
        text += &format!(
            "\nAgainst {} (paired bootstrap over the same posts):\n\n{table}",
            title(against)
        );
    }
    Ok(text)
}
