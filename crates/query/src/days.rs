//! Notes on days that columns with times of day are compared with: a day is the moment that it begins, so the rest of it is left out.

use crate::{
    cell::Cell,
    checks::{Parts, Stop},
    error::QueryError,
    plan::{Day, DayCompared},
    unmatched::shortened,
};

/// How many notes there are.
const NOTES: usize = 5;

/// A note for each comparison of a column that has a time of day in any loaded row.
pub(crate) fn notes(days: &[DayCompared], parts: &Parts, stop: &Stop<'_>) -> Result<Vec<String>, QueryError> {
    let mut notes = Vec::new();
    for DayCompared { table, column, day } in days {
        if notes.len() == NOTES {
            break;
        }
        if !has_times_of_day(table, column, parts, stop)? {
            continue;
        }
        notes.push(match day {
            Day::AtMost(day) => format!(
                "`{column}` has times of day, so rows of {} itself after midnight are left out; to include them, compare `date({column})`",
                shortened(day)
            ),
            Day::Equal(day) => format!(
                "`{column}` has times of day, and only midnight equals {}; to find the whole day, compare `date({column})`",
                shortened(day)
            ),
        });
    }
    Ok(notes)
}

fn has_times_of_day(table: &str, column: &str, parts: &Parts, stop: &Stop<'_>) -> Result<bool, QueryError> {
    for rows in parts.get(&table.to_ascii_lowercase()).into_iter().flatten() {
        let Some(place) = rows.position(column) else { continue };
        for (at, row) in rows.iter().enumerate() {
            stop.check_at(at)?;
            if let Some(Cell::Text(text)) = row.get(place)
                && text.bytes().skip(10).any(|sign| matches!(sign, b'1'..=b'9'))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
