//! Counts by time and sizes of orders: to their stored messages and back.

use super::parts::{Broken, Reader, Writer, number, of_number, same_length};
use super::stored;
use crate::domain::tally::{Bucket, Cell, Counter, Spend, SpendCell, Tally};
use crate::domain::units::{Currency, Timestamp};

/// Places of currencies: the names stand in the message around.
///
/// A tally of nothing is no message.
pub(super) fn tally(names: &mut Writer<'_>, tally: &Tally) -> Option<stored::Tally> {
    if *tally == Tally::default() {
        return None;
    }
    let mut into = stored::Tally {
        newest: Some(tally.newest().as_micros()),
        ..stored::Tally::default()
    };
    for (cell, amount) in tally.cells() {
        let (grain, index) = split(cell.bucket);
        let age = newest_index(tally.newest(), grain).wrapping_sub(index);
        into.kinds.push(4 * number(cell.counter) + grain);
        into.ages.push(age);
        into.amounts.push(amount);
        into.currencies
            .push(cell.currency.map_or(0, |it| names.put_currency(it)));
    }
    if into.currencies.iter().all(|it| *it == 0) {
        into.currencies.clear();
    }
    Some(into)
}

fn split(bucket: Bucket) -> (u32, i64) {
    match bucket {
        Bucket::Hour(index) => (0, index),
        Bucket::Day(index) => (1, index),
        Bucket::Week(index) => (2, index),
    }
}

fn newest_index(newest: Timestamp, grain: u32) -> i64 {
    const HOUR: i64 = 3_600_000_000;
    let length = match grain {
        0 => HOUR,
        1 => 24 * HOUR,
        _ => 7 * 24 * HOUR,
    };
    newest.as_micros().div_euclid(length)
}

/// A tally as read.
pub(super) fn read_tally(
    from: Option<&stored::Tally>,
    names: &Reader<'_>,
) -> Result<Tally, Broken> {
    let Some(from) = from else {
        return Ok(Tally::default());
    };
    let Some(newest) = from.newest.map(Timestamp::from_micros) else {
        return Ok(Tally::default());
    };
    same_length(from.kinds.len(), from.ages.len())?;
    same_length(from.kinds.len(), from.amounts.len())?;
    let mut cells = Vec::with_capacity(from.kinds.len());
    let numbers = from.kinds.iter().zip(&from.ages).zip(&from.amounts);
    for (place, ((kind, age), amount)) in numbers.enumerate() {
        let currency = from.currencies.get(place).copied().unwrap_or(0);
        let grain = kind % 4;
        let index = newest_index(newest, grain).wrapping_sub(*age);
        let bucket = match grain {
            0 => Bucket::Hour(index),
            1 => Bucket::Day(index),
            2 => Bucket::Week(index),
            _ => return Err(Broken),
        };
        let cell = Cell {
            counter: of_number::<Counter>(kind / 4)?,
            currency: names.some::<Currency>(currency)?,
            bucket,
        };
        cells.push((cell, *amount));
    }
    Ok(Tally::restore(newest, cells))
}

/// A histogram, unless nothing is in it.
pub(super) fn spend(names: &mut Writer<'_>, spend: &Spend) -> Option<stored::Spend> {
    if *spend == Spend::default() {
        return None;
    }
    let mut into = stored::Spend {
        newest: spend.newest(),
        ..stored::Spend::default()
    };
    for (cell, count) in spend.cells() {
        into.ages.push(spend.newest().wrapping_sub(cell.quarter));
        into.currencies.push(names.put_currency(cell.currency));
        into.steps.push(cell.step);
        into.counts.push(count);
    }
    Some(into)
}

/// A histogram as read.
pub(super) fn read_spend(
    from: Option<&stored::Spend>,
    names: &Reader<'_>,
) -> Result<Spend, Broken> {
    let Some(from) = from else {
        return Ok(Spend::default());
    };
    same_length(from.ages.len(), from.currencies.len())?;
    same_length(from.ages.len(), from.steps.len())?;
    same_length(from.ages.len(), from.counts.len())?;
    let cells = from
        .ages
        .iter()
        .zip(&from.currencies)
        .zip(&from.steps)
        .zip(&from.counts);
    let cell = |(((age, currency), step), count): (((&i64, &u32), &i64), &i64)| {
        let cell = SpendCell {
            quarter: from.newest.wrapping_sub(*age),
            currency: names.get(*currency)?,
            step: *step,
        };
        Ok((cell, *count))
    };
    let cells = cells.map(cell).collect::<Result<Vec<_>, Broken>>()?;
    Ok(Spend::restore(from.newest, cells))
}
