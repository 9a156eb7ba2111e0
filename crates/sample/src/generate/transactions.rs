//! What was paid.

use super::{Maker, names::DEPARTMENTS, nth, possessions::N_FILES};
use crate::{money::convert, organization::Organization, transactions::Transaction};

pub(super) fn transactions(organization: &mut Organization, maker: &mut Maker) {
    let apps: Vec<(u32, String)> = organization.apps.values().map(|app| (app.id, app.name().to_uppercase())).collect();
    let staff: Vec<u32> = organization.users.keys().take(400).copied().collect();
    for at in 0..maker.plan.amounts.transactions {
        let id = maker.plan.ids.transaction + at;
        let random = &mut maker.random;
        let status = match random.below(100) {
            0..78 => "mapped",
            78..93 => "unknown",
            93..98 => "recommend_map",
            _ => "archived",
        };
        // Large apps have transactions more often than small ones.
        let limit = if random.chance(50) { 40 } else { apps.len() };
        let drawn = random.below(u32::try_from(limit).unwrap_or(1));
        let app = usize::try_from(drawn).ok().and_then(|drawn| apps.get(drawn));
        let amount = i64::from(random.between(9, 4000)) * 100 + i64::from(random.below(100));
        let currency = random.pick(maker.plan.currencies);
        let reporter = random.pick(&staff);
        let department = random.chance(70).then(|| random.pick(&DEPARTMENTS));
        let days = random.below(540);
        let day = maker.day(-i64::from(days));
        let is_known = status == "mapped";
        let id_app = if is_known { app.map(|app| app.0) } else { None };
        let description = match app {
            Some((_, name)) if is_known => format!("{name} SUBSCRIPTION {at:04}"),
            _ => format!("CARD PAYMENT {:06}", at * 97),
        };
        let transaction = Transaction {
            id,
            id_app,
            day,
            original_day: day,
            amount,
            currency,
            converted: convert(amount, currency, maker.plan.identity.currency),
            source: nth(&["expensify", "netsuite", "upload", "creditCard"], at),
            description,
            department,
            status,
            id_reporter: department.map(|_| reporter),
            id_file: (at % 4 == 2).then_some(maker.plan.ids.file + at % 4 * 4 % N_FILES + 1),
        };
        organization.transactions.insert(id, transaction);
    }
}
