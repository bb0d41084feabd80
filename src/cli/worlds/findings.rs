//! What the tables of judged worlds come to, in sentences; where nothing speaks against the row judged, there are none
//! that say "dearer".

use super::print::Played;
use super::rows::ORACLE;
use crate::lab::judged::{Column, Line, Sheet, Standing};

/// Everything that speaks against the row judged: it is not the cheapest of all worlds together, or dearer than
/// another in some world beyond the interval. The oracle is no rival.
pub(crate) fn against(played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    for sheet in &played.sheets {
        let place = sheet.world.as_deref().unwrap_or("all worlds together");
        for line in rivals(sheet) {
            let Some(dearer) = line.dearer else { continue };
            let behind = dearer.mean <= 0.0 && sheet.world.is_none();
            if behind || line.standing() == Some(Standing::Dearer) {
                found.push(format!(
                    "{place}: {} is dearer than {} by {:.1}{} of 1,000 orders",
                    played.judged,
                    line.row,
                    -dearer.mean,
                    dearer
                        .half
                        .map(|half| format!(" ±{half:.1}"))
                        .unwrap_or_default()
                ));
            }
        }
    }
    found
}

/// What is to be said in any case, then what speaks against the row judged.
pub(crate) fn findings(played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    let open = played.sheets.iter().skip(1);
    let (mut worlds, mut cheaper, mut even) = (0, 0, 0);
    for sheet in open {
        worlds += 1;
        let standings: Vec<_> = rivals(sheet).filter_map(Line::standing).collect();
        let all = |wanted: &[Standing]| standings.iter().all(|it| wanted.contains(it));
        if all(&[Standing::Cheaper]) {
            cheaper += 1;
        } else if all(&[Standing::Cheaper, Standing::Open]) {
            even += 1;
        }
    }
    found.push(format!(
        "{}: of {worlds} worlds, cheaper than every other row beyond the interval in {cheaper}, not dearer than any in {even} more (the oracle aside)",
        played.judged
    ));
    let against = against(played);
    if against.is_empty() {
        found.push(format!("nothing speaks against {}", played.judged));
    }
    found.extend(against);
    found
}

/// Every row but the one judged and the oracle.
fn rivals(sheet: &Sheet) -> impl Iterator<Item = &Line> {
    sheet
        .lines
        .iter()
        .filter(|line| line.row != ORACLE && line.figure(Column::Total).is_some())
}
