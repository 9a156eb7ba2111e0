//! What differs between the organizations and between their sizes: ids, seeds and numbers.

use crate::{
    options::{Organization, Size},
    organization::Identity,
};

/// What an organization consists of.
pub(super) struct Plan {
    pub(super) identity: &'static Identity,
    pub(super) seed: u64,
    pub(super) size: Size,
    pub(super) ids: &'static Ids,
    pub(super) amounts: &'static Amounts,
    /// The currencies of contracts, licenses and payments; common ones occur several times.
    pub(super) currencies: &'static [&'static str],
}

/// The first id of each kind of record.
pub(super) struct Ids {
    pub(super) app: u32,
    pub(super) user: u32,
    pub(super) role: u32,
    pub(super) contract: u32,
    pub(super) transaction: u32,
    pub(super) workflow: u32,
    pub(super) execution: u32,
    pub(super) run: u32,
    pub(super) entry: u32,
    pub(super) policy: u32,
    pub(super) file: u32,
    pub(super) account: u32,
    pub(super) field: u32,
}

/// The number of records of each kind.
pub(super) struct Amounts {
    pub(super) catalog: usize,
    pub(super) users: u32,
    pub(super) contracts: u32,
    pub(super) transactions: u32,
    /// By how much the accounts of the most used apps are multiplied.
    pub(super) crowd: u32,
    pub(super) app_fields: usize,
    pub(super) user_fields: usize,
    pub(super) contract_fields: usize,
}

impl Plan {
    pub(super) fn of(which: Organization, size: Size) -> Self {
        let (identity, seed, ids) = match which {
            Organization::First => (&FIRST, 0x0074_6f72_6969, &FIRST_IDS),
            Organization::Second => (&SECOND, 0x0073_6563_6f6e, &SECOND_IDS),
        };
        let amounts = match size {
            Size::Default => &DEFAULT,
            Size::Large => &LARGE,
        };
        let currencies: &[_] = match (which, size) {
            (Organization::First, Size::Default) => &["USD", "USD", "USD", "EUR", "GBP"],
            (Organization::Second, Size::Default) => &["EUR", "EUR", "CHF", "USD"],
            (_, Size::Large) => &["USD", "USD", "EUR", "GBP", "CHF", "JPY", "ILS", "INR"],
        };
        Self { identity, seed, size, ids, amounts, currencies }
    }
}

static FIRST: Identity =
    Identity { which: Organization::First, id: 4711, name: "Sample Industries", domain: "example.com", currency: "USD" };
static SECOND: Identity =
    Identity { which: Organization::Second, id: 5822, name: "Muster Works", domain: "example.org", currency: "EUR" };

static FIRST_IDS: Ids = Ids {
    app: 1001,
    user: 20_001,
    role: 1,
    contract: 5001,
    transaction: 60_001,
    workflow: 301,
    execution: 700_001,
    run: 500_001,
    entry: 800_001,
    policy: 401,
    file: 8001,
    account: 7001,
    field: 100,
};

static SECOND_IDS: Ids = Ids {
    app: 11_021,
    user: 31_007,
    role: 21,
    contract: 6203,
    transaction: 140_009,
    workflow: 913,
    execution: 410_003,
    run: 310_005,
    entry: 220_011,
    policy: 517,
    file: 9101,
    account: 7301,
    field: 2300,
};

static DEFAULT: Amounts = Amounts {
    catalog: 360,
    users: 2000,
    contracts: 200,
    transactions: 3000,
    crowd: 1,
    app_fields: 0,
    user_fields: 0,
    contract_fields: 0,
};

/// As many fields as a real organization was seen to have.
static LARGE: Amounts = Amounts {
    catalog: 3600,
    users: 20_000,
    contracts: 1500,
    transactions: 50_000,
    crowd: 8,
    app_fields: 149,
    user_fields: 68,
    contract_fields: 39,
};
