//! Reads what a `FROM` has: tables, subqueries, common table expressions, and the conditions of joins.

use std::{collections::BTreeMap, sync::Arc};

use sqlparser::ast::{Expr, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias, TableFactor, TableWithJoins};

use crate::plan::{
    lineage::{Lineage, Money, Output, Scope, Source, outputs_of, same},
    money::Block,
    reader::{Occurrence, Reader},
};

/// A condition of a join.
pub(super) struct On<'a> {
    pub(super) expr: &'a Expr,
    pub(super) limits: Limits,
}

/// Which sources lose the rows that do not meet a condition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    /// All that no outer join makes `NULL`.
    Where,
    /// The sources from this one on: those that a left join adds.
    From(usize),
    Nothing,
}

impl Reader<'_> {
    pub(super) fn from<'a>(
        &mut self,
        tables: &'a TableWithJoins,
        outer: Option<&Scope<'_>>,
        sources: &mut Vec<Source>,
        conditions: &mut Vec<On<'a>>,
    ) {
        self.factor(&tables.relation, outer, sources, conditions);
        for Join { relation, join_operator, .. } in &tables.joins {
            let first = sources.len();
            self.factor(relation, outer, sources, conditions);
            let (constraint, limits) = match join_operator {
                JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::CrossJoin(constraint) => {
                    (constraint, Limits::Where)
                }
                JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                    sources.iter_mut().skip(first).for_each(|source| source.nullable = true);
                    (constraint, Limits::From(first))
                }
                JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) | JoinOperator::FullOuter(constraint) => {
                    // a comma is a join as well, so this is about all sources before it
                    for source in sources.iter_mut() {
                        source.nullable = true;
                    }
                    // conditions that were taken for all rows before do not hold for rows that this join adds
                    for condition in conditions.iter_mut() {
                        condition.limits = Limits::Nothing;
                    }
                    (constraint, Limits::Nothing)
                }
                _ => {
                    self.unclear = true;
                    continue;
                }
            };
            if let JoinConstraint::On(expr) = constraint {
                conditions.push(On { expr, limits });
            }
        }
    }

    fn factor<'a>(
        &mut self,
        factor: &'a TableFactor,
        outer: Option<&Scope<'_>>,
        sources: &mut Vec<Source>,
        conditions: &mut Vec<On<'a>>,
    ) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let source = self.named(name, alias.as_ref());
                sources.push(source);
            }
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                self.relations += 1;
                let scope = Scope { sources, outer };
                let amounts = args.args.iter().map(|arg| self.argument(arg, &scope, &Block::default()));
                let money: Money = amounts.collect::<Vec<_>>().into_iter().flatten().collect();
                let columns = ["key", "value", "type", "atom", "id", "parent", "fullkey", "path"];
                let outputs = columns.map(|name| {
                    let money = if matches!(name, "value" | "atom") { money.clone() } else { Money::new() };
                    Output { name: name.to_owned(), lineage: Lineage { money, ..Lineage::default() } }
                });
                let name = alias.as_ref().map_or_else(|| last(name).unwrap_or_default(), |alias| alias.name.value.clone());
                sources.push(Source { name, outputs: Some(outputs.into()), occurrence: None, nullable: false });
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let outputs = self.query(subquery, outer);
                let name = alias.as_ref().map(|alias| alias.name.value.clone()).unwrap_or_default();
                let outputs = if let Some(alias) = alias { renamed(outputs, alias) } else { outputs };
                sources.push(Source { name, outputs: Some(outputs), occurrence: None, nullable: false });
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.from(table_with_joins, outer, sources, conditions),
            _ => self.unclear = true,
        }
    }

    /// A common table expression, or a table of the schema.
    pub(crate) fn named(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Source {
        self.relations += 1;
        let table = last(name).unwrap_or_default();
        let alias = alias.map_or_else(|| table.clone(), |alias| alias.name.value.clone());
        let with = self.with.iter().rposition(|(with, _)| name.0.len() == 1 && same(with, &table));
        if let Some(at) = with {
            let outputs = self.read_again(at);
            self.unclear |= outputs.is_none();
            return Source { name: alias, outputs, occurrence: None, nullable: false };
        }
        if self.schema.table(&table).is_some_and(|table| !self.spend(2 * table.columns.len())) {
            return Source { name: alias, outputs: None, occurrence: None, nullable: false };
        }
        let Some(table) = self.schema.table(&table) else {
            self.unclear = true;
            return Source { name: alias, outputs: None, occurrence: None, nullable: false };
        };
        let occurrence = self.occurrences.len();
        self.occurrences.push(Occurrence { table: Arc::clone(table), comparisons: Vec::new(), is_copy: false });
        Source { name: alias, outputs: Some(outputs_of(table, occurrence)), occurrence: Some(occurrence), nullable: false }
    }

    /// The columns of a common table expression for one more use of it. Its rows are others than those of another use, as in
    /// `FROM c AS a JOIN c AS b`, so the tables in it are other occurrences.
    fn read_again(&mut self, at: usize) -> Option<Vec<Output>> {
        let weight = self.with.get(at)?.1.as_ref()?.iter().map(Output::weight).sum();
        if !self.spend(weight) {
            return None;
        }
        let outputs = self.with.get(at)?.1.as_ref()?;
        let occurrences = &mut self.occurrences;
        let mut numbers = BTreeMap::new();
        let mut number = |old: usize| {
            *numbers.entry(old).or_insert_with(|| {
                let table = occurrences.get(old).map(|occurrence| Arc::clone(&occurrence.table));
                occurrences.extend(table.map(|table| Occurrence { table, comparisons: Vec::new(), is_copy: true }));
                occurrences.len() - 1
            })
        };
        let again = |output: &Output| Output { name: output.name.clone(), lineage: output.lineage.renumbered(&mut number) };
        Some(outputs.iter().map(again).collect())
    }
}

pub(super) fn renamed(mut outputs: Vec<Output>, alias: &TableAlias) -> Vec<Output> {
    for (output, column) in outputs.iter_mut().zip(&alias.columns) {
        output.name.clone_from(&column.name.value);
    }
    outputs
}

pub(super) fn last(name: &ObjectName) -> Option<String> {
    name.0.last()?.as_ident().map(|ident| ident.value.clone())
}
