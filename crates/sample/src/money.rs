//! Exchange rates, which never change here.

/// What a thousand of the smallest units of a currency are worth in US cents.
const RATES: [(&str, i64); 7] =
    [("USD", 1000), ("EUR", 1100), ("GBP", 1300), ("CHF", 1150), ("JPY", 650), ("ILS", 270), ("INR", 12)];

/// The value of an amount in another currency; both are in the smallest unit. An unknown currency counts as a dollar.
pub(super) fn convert(amount: i64, from: &str, to: &str) -> i64 {
    let rate = |code: &str| RATES.iter().find(|(known, _)| *known == code).map_or(1000, |(_, rate)| *rate);
    let converted = i128::from(amount) * i128::from(rate(from)) / i128::from(rate(to));
    i64::try_from(converted).unwrap_or(amount)
}
