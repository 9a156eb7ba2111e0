//! Where values come from: which columns of which tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident};

use crate::schema::{Column, Kind, Table};

/// A column of one occurrence of a table in a statement: the number of the occurrence, and the place of the column.
pub(crate) type Origin = (usize, usize);

/// What an expression is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lineage {
    /// The columns that it equals. Several after a `UNION`, and then one of them in each row.
    pub(crate) identity: BTreeSet<Origin>,
    /// The amounts of money in it, each with the one currency that a condition leaves.
    pub(crate) money: Money,
}

/// Columns with amounts, each with the literal that its currency is limited to.
pub(crate) type Money = BTreeMap<Origin, Option<Arc<str>>>;

/// So many bytes of names count as a column.
const COLUMN_BYTES: usize = 16;

impl Lineage {
    /// How much memory it takes, in columns.
    fn weight(&self) -> usize {
        1 + self.identity.len() + self.money.len()
    }

    /// The same with other numbers for the occurrences.
    pub(crate) fn renumbered(&self, number: &mut impl FnMut(usize) -> usize) -> Self {
        Self {
            identity: self.identity.iter().map(|(occurrence, column)| (number(*occurrence), *column)).collect(),
            money: self
                .money
                .iter()
                .map(|((occurrence, column), limit)| ((number(*occurrence), *column), limit.clone()))
                .collect(),
        }
    }
}

/// A column of a query's result.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) lineage: Lineage,
}

impl Output {
    /// How much memory it takes, in columns.
    pub(crate) fn weight(&self) -> usize {
        self.lineage.weight() + self.name.len() / COLUMN_BYTES
    }
}

/// A table, a subquery or a common table expression in a `FROM`.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// How columns of it are qualified.
    pub(crate) name: String,
    /// None if its columns are not known, as while a recursive query is read.
    pub(crate) outputs: Option<Vec<Output>>,
    /// The occurrence, if it is a table of the schema.
    pub(crate) occurrence: Option<usize>,
    /// An outer join can make its columns `NULL`.
    pub(crate) nullable: bool,
}

/// The sources of a `SELECT`, and of those around it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) outer: Option<&'a Scope<'a>>,
}

/// What a name means.
pub(crate) enum Meaning<'a> {
    Column {
        source: &'a Source,
        lineage: &'a Lineage,
        is_local: bool,
    },
    /// It may be a column of a source that is not known.
    Unclear,
    /// No column: an alias, `rowid`, `true`.
    Other,
}

impl<'a> Scope<'a> {
    pub(crate) fn resolve(&self, names: &[Ident]) -> Meaning<'a> {
        let (qualifier, name) = match names {
            [name] => (None, name),
            [.., qualifier, name] => (Some(qualifier), name),
            [] => return Meaning::Other,
        };
        let mut scope = self;
        let mut is_local = true;
        loop {
            for source in
                scope.sources.iter().filter(|source| qualifier.is_none_or(|qualifier| same(&source.name, &qualifier.value)))
            {
                let Some(outputs) = &source.outputs else { return Meaning::Unclear };
                if let Some(output) = outputs.iter().find(|output| same(&output.name, &name.value)) {
                    return Meaning::Column { source, lineage: &output.lineage, is_local };
                }
            }
            match scope.outer {
                Some(outer) => scope = outer,
                None => return Meaning::Other,
            }
            is_local = false;
        }
    }

    /// The columns that an expression equals, or names one by one, as `coalesce(currency, '?')` does.
    pub(crate) fn identity(&self, expr: &Expr) -> BTreeSet<Origin> {
        let names: &[Ident] = match expr {
            Expr::Identifier(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(names) => names,
            Expr::Nested(inner)
            | Expr::Collate { expr: inner, .. }
            | Expr::Trim { expr: inner, trim_what: None, trim_characters: None, .. } => {
                return self.identity(inner);
            }
            Expr::Function(function) if function.over.is_none() => {
                let name = function.name.to_string().to_ascii_lowercase();
                return match (name.as_str(), first_argument(&function.args)) {
                    ("coalesce" | "ifnull" | "upper" | "lower", Some((first, _))) | ("trim", Some((first, 1))) => {
                        self.identity(first)
                    }
                    _ => BTreeSet::new(),
                };
            }
            _ => return BTreeSet::new(),
        };
        if let Meaning::Column { lineage, .. } = self.resolve(names) { lineage.identity.clone() } else { BTreeSet::new() }
    }
}

/// The first argument, and how many there are.
fn first_argument(arguments: &FunctionArguments) -> Option<(&Expr, usize)> {
    match arguments {
        FunctionArguments::List(list) => match list.args.first()? {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some((expr, list.args.len())),
            _ => None,
        },
        FunctionArguments::None | FunctionArguments::Subquery(_) => None,
    }
}

/// Whether two names are one for SQLite.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// The columns of one more occurrence of a table.
pub(crate) fn outputs_of(table: &Arc<Table>, occurrence: usize) -> Vec<Output> {
    let is_whole = |column: &Column| column.kind == Kind::Json && column.path.is_empty();
    let output = |(at, column): (usize, &Column)| {
        // the whole item has all amounts of the table in it
        let amounts = table
            .columns
            .iter()
            .enumerate()
            .filter(|(other, amount)| amount.currency.is_some() && (*other == at || is_whole(column)));
        Output {
            name: column.name.clone(),
            lineage: Lineage {
                identity: BTreeSet::from([(occurrence, at)]),
                money: amounts.map(|(at, _)| ((occurrence, at), None)).collect(),
            },
        }
    };
    table.columns.iter().enumerate().map(output).collect()
}
