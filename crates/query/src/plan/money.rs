//! Uses of money, such as sums: which amounts they are about, and how it is found out whether those are in one currency.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sqlparser::ast::{BinaryOperator, Expr};

use crate::plan::{
    MoneyUseKind, comparisons,
    lineage::{Lineage, Meaning, Money, Origin, Scope},
    reader::{Derived, Reader},
};

/// So many equalities of columns are remembered of a `SELECT`.
const EQUALITIES: usize = 16;

/// What is known of the rows of one `SELECT`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The text of its rows; none if there are none, or they cannot be told.
    pub(crate) derived: Option<Derived>,
    /// The columns that it groups by.
    pub(crate) groups: BTreeSet<Origin>,
    /// The columns that its named windows are partitioned by.
    pub(crate) windows: BTreeMap<String, BTreeSet<Origin>>,
    /// The amounts in the columns of its result, by name.
    pub(crate) aliases: BTreeMap<String, Money>,
    conditions: Conditions,
}

/// What conditions say of the columns in all rows.
#[derive(Clone, Debug, Default)]
struct Conditions {
    /// Columns that have one value.
    limited: BTreeMap<Origin, Arc<str>>,
    /// Columns that are equal to each other.
    equal: Vec<(BTreeSet<Origin>, BTreeSet<Origin>)>,
}

/// A use of amounts whose currencies must be looked at.
#[derive(Clone, Debug)]
pub(crate) struct MoneyUse {
    pub(crate) kind: MoneyUseKind,
    /// The amounts that no grouping and no condition keeps to one currency.
    pub(crate) open: Vec<Origin>,
    /// The amount that errors name.
    pub(crate) named: Origin,
    /// Currencies that conditions have left for others.
    pub(crate) limited: BTreeSet<String>,
    /// A statement whose rows are the currencies that are added up; none if that cannot be told.
    pub(crate) currencies: Option<String>,
}

impl Conditions {
    /// Notes that a condition limits a column to one value, or makes two columns equal.
    fn note(&mut self, condition: &Expr, scope: &Scope<'_>) {
        if let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = condition {
            let (a, b) = (exact(left, scope), exact(right, scope));
            match (comparisons::text_of(left), comparisons::text_of(right)) {
                (None, Some(text)) => self.limit_to(a, text),
                (Some(text), None) => self.limit_to(b, text),
                // without the others more sums are looked at
                _ if !a.is_empty() && !b.is_empty() && self.equal.len() < EQUALITIES => self.equal.push((a, b)),
                _ => {}
            }
        } else if let Expr::In { expr, target: sqlparser::ast::InTarget::List(list), negated: false, .. } = condition
            && let [one] = list.as_slice()
            && let Some(text) = comparisons::text_of(one)
        {
            self.limit_to(exact(expr, scope), text);
        }
    }

    fn limit_to(&mut self, columns: BTreeSet<Origin>, text: &str) {
        let text: Arc<str> = text.into();
        self.limited.extend(columns.into_iter().map(|origin| (origin, Arc::clone(&text))));
    }

    /// The columns together with those that are equal to all of them.
    fn closed(&self, origins: &BTreeSet<Origin>) -> BTreeSet<Origin> {
        let mut closed = origins.clone();
        loop {
            let before = closed.len();
            for (a, b) in &self.equal {
                if a.is_subset(&closed) {
                    closed.extend(b);
                } else if b.is_subset(&closed) {
                    closed.extend(a);
                }
            }
            if closed.len() == before {
                return closed;
            }
        }
    }

    /// The one value that a column has in all rows.
    fn limit(&self, origin: Origin) -> Option<&Arc<str>> {
        self.closed(&BTreeSet::from([origin])).iter().find_map(|origin| self.limited.get(origin))
    }

    /// Amounts with the currencies that these conditions leave.
    fn limited(&self, money: Money, reader: &Reader<'_>) -> Money {
        let limit = |origin| reader.currency_of(origin).and_then(|currency| self.limit(currency)).cloned();
        money.into_iter().map(|(origin, currency)| (origin, currency.or_else(|| limit(origin)))).collect()
    }
}

impl Block {
    pub(crate) fn new(derived: Option<Derived>) -> Self {
        Self { derived, ..Self::default() }
    }

    /// Notes what a condition says of all rows.
    pub(crate) fn note(&mut self, condition: &Expr, scope: &Scope<'_>) {
        self.conditions.note(condition, scope);
    }

    /// Amounts with the currencies that this block's conditions leave.
    pub(crate) fn limited(&self, money: Money, reader: &Reader<'_>) -> Money {
        self.conditions.limited(money, reader)
    }

    /// A use of amounts, unless they are in one currency for certain.
    pub(crate) fn money_use(&self, asked: &Asked<'_>, scope: &Scope<'_>, reader: &Reader<'_>) -> Option<MoneyUse> {
        let mut with_filter = self.conditions.clone();
        for condition in asked.filter.into_iter().flat_map(comparisons::conjuncts) {
            with_filter.note(condition, scope);
        }
        let groups = with_filter.closed(asked.groups);
        let mut open = Vec::new();
        let mut limited = BTreeSet::new();
        for (origin, currency) in with_filter.limited(asked.money.clone(), reader) {
            match (reader.currency_of(origin), currency) {
                (_, Some(currency)) => drop(limited.insert(currency.to_string())),
                (Some(column), None) if groups.contains(&column) => {}
                _ => open.push(origin),
            }
        }
        if open.is_empty() && limited.len() < 2 {
            return None;
        }
        let named = open.first().or_else(|| asked.money.keys().next()).copied()?;
        let currencies = self.currencies(&open, asked, scope, reader);
        Some(MoneyUse { kind: asked.kind.clone(), open, named, limited, currencies })
    }

    /// The statement that tells which currencies a sum adds up. Amounts of zero are in every currency, also if they are texts.
    fn currencies(&self, open: &[Origin], asked: &Asked<'_>, scope: &Scope<'_>, reader: &Reader<'_>) -> Option<String> {
        let Derived { with, from } = self.derived.as_ref()?;
        let filter = asked.filter.map_or_else(String::new, |filter| format!(" AND ({filter})"));
        if open.is_empty() {
            return None;
        }
        let columns: Option<BTreeSet<String>> =
            open.iter().map(|origin| column_in(scope, reader.currency_of(*origin)?)).collect();
        let selects =
            columns?.into_iter().map(|column| format!("SELECT {column} {from} AND ({}) + 0 <> 0{filter}", asked.argument));
        Some(format!("{with}SELECT DISTINCT * FROM ({}) LIMIT 20", selects.collect::<Vec<_>>().join(" UNION ALL ")))
    }
}

/// A use of amounts.
pub(crate) struct Asked<'a> {
    pub(crate) kind: MoneyUseKind,
    pub(crate) argument: &'a str,
    pub(crate) money: Money,
    pub(crate) filter: Option<&'a Expr>,
    pub(crate) groups: &'a BTreeSet<Origin>,
}

/// The columns that an expression is, without any change.
fn exact(expr: &Expr, scope: &Scope<'_>) -> BTreeSet<Origin> {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => scope.identity(expr),
        Expr::Nested(inner) => exact(inner, scope),
        _ => BTreeSet::new(),
    }
}

/// How a column is written in a `SELECT`.
fn column_in(scope: &Scope<'_>, wanted: Origin) -> Option<String> {
    let quoted = crate::native::bound_tables::quoted;
    for source in scope.sources {
        let found = source.outputs.iter().flatten().find(|output| output.lineage.identity.contains(&wanted));
        if let Some(output) = found {
            let qualifier = if source.name.is_empty() { String::new() } else { format!("{}.", quoted(&source.name)) };
            return Some(format!("{qualifier}{}", quoted(&output.name)));
        }
    }
    None
}

/// The amounts that a name means.
pub(crate) fn amounts(meaning: &Meaning<'_>) -> Option<Money> {
    match meaning {
        Meaning::Column { lineage: Lineage { money, .. }, .. } => Some(money.clone()),
        Meaning::Unclear | Meaning::Other => None,
    }
}
