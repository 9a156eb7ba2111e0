//! Contracts. Their status follows from their dates.

use serde_json::{Map, Value};

use super::{Maker, instant, names::DEPARTMENTS, nth};
use crate::{
    key::{
        AUTO_RENEWAL, BILLING_EMAIL, COMMITTED_SPEND, CONTRACT_COST_CENTER, CONTRACT_NOTES, CONTRACT_VENDOR, DPA_SIGNED,
        END_DATE, NDA_SIGNED, NEXT_CONTRACT, NOTICE_DAYS, PAYMENT_TERM, PREVIOUS_CONTRACT, PURCHASE_ORDER, SEATS,
        SECURITY_REVIEW, START_DATE, YEARLY_COST,
    },
    options::{Organization as Which, Size},
    organization::{Contract, Organization},
};

/// The number of contracts that end in the next 60 days, spread over these days.
const N_RENEWING: u32 = 16;

/// When a contract starts and ends, in days from today.
#[derive(Clone, Copy)]
struct Span {
    starts_in: i64,
    ends_in: i64,
}

impl Span {
    fn draw(at: u32, maker: &mut Maker) -> Self {
        let is_renewing = at % 12 == 5 && at / 12 < N_RENEWING;
        let random = &mut maker.random;
        let term = i64::from(random.pick(&[365_u32, 365, 730, 1095]));
        match random.below(10) {
            _ if is_renewing => Self::ending(i64::from(at / 12 * 59 / (N_RENEWING - 1) + 1), term),
            0..6 => Self::ending(i64::from(random.between(70, 340)), term),
            6..8 => Self::ending(-i64::from(random.between(10, 600)), term),
            _ => {
                let starts_in = i64::from(random.between(5, 200));
                Self { starts_in, ends_in: starts_in + term }
            }
        }
    }

    fn ending(ends_in: i64, term: i64) -> Self {
        Self { starts_in: ends_in - term, ends_in }
    }

    fn days(self) -> i64 {
        self.ends_in - self.starts_in
    }

    /// The status. Some contracts are reviewed when their end comes near.
    fn status(self, at: u32) -> &'static str {
        match self {
            Self { starts_in: 1.., .. } => "pipeline",
            Self { ends_in: ..0, .. } => "closed",
            Self { ends_in: ..90, .. } if at % 16 == 13 => "inReview",
            _ => "active",
        }
    }
}

pub(super) fn contracts(organization: &mut Organization, maker: &mut Maker) {
    let ids: Vec<u32> = organization.apps.keys().copied().collect();
    let staff: Vec<u32> = organization.users.keys().take(60).copied().collect();
    let mut spans: Vec<_> = (0..maker.plan.amounts.contracts).map(|at| Span::draw(at, maker)).collect();
    if let Some(first) = spans.first_mut() {
        // The contract of the most used app runs for two years.
        *first = Span::ending(334, 730);
    }
    for (at, drawn) in (0..).zip(&spans) {
        let id = maker.plan.ids.contract + at;
        // A closed contract precedes the running one beside it, if there is one.
        let next = spans.get(usize::try_from(at).unwrap_or_default() + 1).filter(|next| drawn.ends_in < 0 && is_running(next));
        let previous = usize::try_from(at).ok().and_then(|at| at.checked_sub(1)).and_then(|at| spans.get(at));
        let previous = previous.filter(|previous| previous.ends_in < 0 && is_running(drawn));
        let span = next.map_or(*drawn, |next| Span::ending(next.starts_in - 1, 365));
        // Renewing contracts are not the first ones of the list, so that nobody finds them by chance.
        let id_app = nth(&ids, (at + u32::from(next.is_some())) * 7);
        let name = organization.apps.get(&id_app).map(|app| app.name().to_owned()).unwrap_or_default();
        let mut values = contract(at, span, &name, &staff, maker);
        values.insert("idApp".to_owned(), Value::from(id_app));
        values.insert(maker.key(NEXT_CONTRACT).to_owned(), Value::from(next.map(|_| id + 1)));
        values.insert(maker.key(PREVIOUS_CONTRACT).to_owned(), Value::from(previous.map(|_| id - 1)));
        if maker.plan.size == Size::Large {
            distort(&mut values, at, maker.plan.identity.which);
        }
        organization.contracts.insert(id, Contract { id, values });
    }
}

fn is_running(span: &Span) -> bool {
    span.starts_in <= 0 && span.ends_in >= 0
}

/// What happens to the values of contracts in large organizations over time.
fn distort(values: &mut Map<String, Value>, at: u32, which: Which) {
    let mut set = |key: &str, value: Value| values.insert(key.to_owned(), value);
    match at % 40 {
        2 => drop(set(END_DATE.of(which), Value::Null)),
        9 => drop(set("owner", Value::Null)),
        13 => drop(set("amount", Value::Null)),
        21 => drop(set("name", Value::from("Rahmenvertrag über Software und Dienste – عقد إطاري – 基本契約 ".repeat(40)))),
        33 => drop(set(CONTRACT_NOTES.of(which), Value::from("Siehe Anhang 📎\n".repeat(500)))),
        _ => {}
    }
}

fn contract(at: u32, span: Span, app: &str, staff: &[u32], maker: &mut Maker) -> Map<String, Value> {
    let which = maker.plan.identity.which;
    let status = span.status(at);
    let random = &mut maker.random;
    let currency = random.pick(maker.plan.currencies);
    let seats = random.between(5, 400);
    let yearly = i64::from(seats) * i64::from(random.between(4, 60)) * 1200;
    // The value of the whole contract is agreed in full hundreds, and the yearly cost follows from it.
    let amount = yearly * span.days() / 365 / 10_000 * 10_000;
    let yearly = (amount * 365 + span.days() / 2) / span.days();
    let notice = random.pick(&[30_u32, 60, 90]);
    let renewal = random.pick(&[Some("yes"), Some("yes"), Some("no"), None]);
    let flags = [random.chance(50), random.chance(30)];
    let [is_dpa_signed, has_notes] = flags;
    let payment = random.pick(&["annually", "monthly", "quarterly", "upfront"]);
    let nda = random.pick(&["Yes", "No"]);
    let (owner, creator) = (random.pick(staff), nth(staff, at % 4));
    let center = random.pick(&DEPARTMENTS);
    let created = maker.days_ago(u32::try_from((-span.starts_in).max(3) + 5).unwrap_or(3));
    let vendor = app.split(' ').next().unwrap_or_default();
    let note = "Ask for a discount before it renews";
    let fields = [
        ("name", Value::from(format!("{app} {}", maker.day(span.starts_in).year()))),
        ("status", Value::from(status)),
        ("owner", Value::from(owner)),
        ("createdBy", Value::from(creator)),
        ("creationTime", instant(created)),
        ("source", Value::from("manual")),
        ("amount", Value::from(amount)),
        ("currency", Value::from(currency)),
        (START_DATE.of(which), maker.date(span.starts_in)),
        (END_DATE.of(which), maker.date(span.ends_in)),
        (AUTO_RENEWAL.of(which), Value::from(renewal)),
        // A contract has no notice period where nobody entered whether it renews by itself.
        (NOTICE_DAYS.of(which), if renewal.is_some() { Value::from(notice) } else { Value::Null }),
        (YEARLY_COST.of(which), Value::from(yearly)),
        (PAYMENT_TERM.of(which), Value::from(payment)),
        (CONTRACT_VENDOR.of(which), Value::from(vendor)),
        (BILLING_EMAIL.of(which), Value::from(format!("billing@{}.example", vendor.to_lowercase()))),
        ("documents", Value::Array(Vec::new())),
        (CONTRACT_NOTES.of(which), if has_notes { Value::from(note) } else { Value::Null }),
        (NDA_SIGNED.of(which), Value::from(nda)),
        (CONTRACT_COST_CENTER.of(which), Value::from(center)),
        (SEATS.of(which), Value::from(seats)),
        (DPA_SIGNED.of(which), Value::from(is_dpa_signed)),
        (COMMITTED_SPEND.of(which), if has_notes { Value::from(amount / 2) } else { Value::Null }),
        (SECURITY_REVIEW.of(which), maker.date(span.starts_in + 20)),
        (PURCHASE_ORDER.of(which), Value::from(format!("PO-{:05}", at * 37 + 100))),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
