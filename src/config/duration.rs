//! Durations as people write them: `90s`, `15m`, `12h`, `30d`, `1h30m`.

use std::time::Duration;

#[cfg(test)]
mod tests;

/// Reads one; `None` when it is none, or too long to count.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, unit) = rest.split_at(end);
        let scale = match unit.bytes().next()? {
            b's' => 1,
            b'm' => 60,
            b'h' => 60 * 60,
            b'd' => 24 * 60 * 60,
            _ => return None,
        };
        seconds = digits.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(seconds)?;
        rest = unit.get(1..)?;
    }
    Some(Duration::from_secs(seconds))
}
