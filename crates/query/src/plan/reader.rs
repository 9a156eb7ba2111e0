//! Reads the queries of a statement: which tables occur where, under which conditions, and what becomes of their columns.

use std::{collections::BTreeSet, sync::Arc};

use sqlparser::ast::{
    Cte, Distinct, Expr, GroupByExpr, Ident, LimitClause, NamedWindowExpr, OrderBy, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TableAlias, With,
};

use crate::{
    plan::{
        comparisons::{self, Comparison, Literal},
        lineage::{Lineage, Origin, Output, Scope, Source, same},
        money::{Block, MoneyUse},
        sources::{Limits, On, last, renamed},
        time_uses::Use,
    },
    schema::{Schema, Table},
};

/// What is remembered of a statement, in columns.
const COLUMNS: usize = 100_000;

/// A column that is one of more columns than this, by set operations, counts as none of them.
const PARTS: usize = 32;

/// Bytes of the statements that are derived from one.
const TEXT: usize = 4 << 20;

/// What is known of a statement so far.
pub(crate) struct Reader<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) occurrences: Vec<Occurrence>,
    pub(crate) money_uses: Vec<MoneyUse>,
    pub(crate) literals: Vec<Literal>,
    pub(crate) uses_of_times: Vec<Use>,
    /// Columns that subqueries look rows up by.
    pub(crate) looked_up: BTreeSet<Origin>,
    /// How many names of tables were understood.
    pub(crate) relations: usize,
    /// How many calls of `sum`, `avg` and `total` were read.
    pub(crate) sum_calls: usize,
    /// Says whether the time is up.
    stop: &'s dyn Fn() -> bool,
    /// What may still be remembered, in columns: `SELECT *, *` in each of many common table expressions doubles them.
    left: usize,
    /// Bytes of the statements that may still be derived from this one.
    left_text: usize,
    /// One of these bounds was reached, so nothing more is read.
    stopped: bool,
    /// Something was not understood, so nothing may be concluded from what was not found.
    pub(crate) unclear: bool,
    /// The common table expressions that can be named, the innermost last.
    pub(super) with: Vec<(String, Option<Vec<Output>>)>,
    /// The same as text, for statements that are derived from parts of this one.
    with_texts: Vec<(String, String)>,
}

/// A table of the schema in a `FROM`.
pub(crate) struct Occurrence {
    pub(crate) table: Arc<Table>,
    /// Comparisons with constants that all rows which matter meet.
    pub(crate) comparisons: Vec<Comparison>,
    /// It is that of a common table expression which is read once more. Its rows are others there, and conditions are those of the first.
    pub(crate) is_copy: bool,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(schema: &'s Schema, stop: &'s dyn Fn() -> bool) -> Self {
        Self {
            schema,
            stop,
            left: COLUMNS,
            left_text: TEXT,
            stopped: false,
            occurrences: Vec::new(),
            money_uses: Vec::new(),
            literals: Vec::new(),
            uses_of_times: Vec::new(),
            looked_up: BTreeSet::new(),
            relations: 0,
            sum_calls: 0,
            unclear: false,
            with: Vec::new(),
            with_texts: Vec::new(),
        }
    }

    /// Whether so many more columns may be remembered. If not, nothing may be concluded from the statement.
    pub(crate) fn spend(&mut self, columns: usize) -> bool {
        match self.left.checked_sub(columns) {
            Some(left) => self.left = left,
            None => self.stopped = true,
        }
        self.unclear |= self.stopped;
        !self.stopped
    }

    /// The same for the bytes of a text that is derived from the statement.
    pub(crate) fn spend_text(&mut self, bytes: usize) -> bool {
        match self.left_text.checked_sub(bytes) {
            Some(left) => self.left_text = left,
            None => self.stopped = true,
        }
        self.spend(0)
    }

    pub(crate) fn must_stop(&mut self) -> bool {
        self.stopped |= (self.stop)();
        !self.spend(0)
    }

    pub(crate) fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Vec<Output> {
        if self.must_stop() {
            return Vec::new();
        }
        let (with, texts) = (self.with.len(), self.with_texts.len());
        if let Some(with) = &query.with {
            self.read_with(with, outer);
        }
        let outputs = self.body(&query.body, outer, query.order_by.as_ref(), None);
        if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause {
            let none = Scope { sources: &[], outer };
            for expr in limit.iter().chain(offset.iter().map(|offset| &offset.value)) {
                self.expr(expr, &none, &Block::default());
            }
        }
        self.with.truncate(with);
        self.with_texts.truncate(texts);
        outputs
    }

    fn read_with(&mut self, with: &With, outer: Option<&Scope<'_>>) {
        let from = self.with.len();
        for cte in &with.cte_tables {
            self.with.push((cte.alias.name.value.clone(), None));
            self.with_texts.push((cte.alias.name.value.to_ascii_lowercase(), cte.to_string()));
        }
        for (at, cte) in (from..).zip(&with.cte_tables) {
            let outputs = self.cte(cte, outer, at);
            self.define(at, outputs);
        }
    }

    fn cte(&mut self, cte: &Cte, outer: Option<&Scope<'_>>, at: usize) -> Vec<Output> {
        let query = &cte.query;
        if query.with.is_some() || !matches!(*query.body, SetExpr::SetOperation { .. }) {
            return renamed(self.query(query, outer), &cte.alias);
        }
        // a recursive one reads its own columns, which are those of its first part
        renamed(self.body(&query.body, outer, query.order_by.as_ref(), Some((at, &cte.alias))), &cte.alias)
    }

    fn define(&mut self, at: usize, outputs: Vec<Output>) {
        if let Some((_, known)) = self.with.get_mut(at) {
            *known = Some(outputs);
        }
    }

    fn body(
        &mut self,
        body: &SetExpr,
        outer: Option<&Scope<'_>>,
        order_by: Option<&OrderBy>,
        recursive: Option<(usize, &TableAlias)>,
    ) -> Vec<Output> {
        match body {
            SetExpr::Select(select) => self.select(select, outer, order_by),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::SetOperation { left, right, .. } => {
                let mut outputs = self.body(left, outer, None, recursive);
                if let Some((at, alias)) = recursive {
                    self.define(at, renamed(outputs.clone(), alias));
                }
                let more = self.body(right, outer, None, None);
                for (output, other) in outputs.iter_mut().zip(more) {
                    output.lineage.identity.extend(other.lineage.identity);
                    if output.lineage.identity.len() > PARTS {
                        output.lineage.identity.clear();
                    }
                    output.lineage.money.extend(other.lineage.money);
                }
                // `ORDER BY` may name columns only
                outputs
            }
            SetExpr::Values(values) => {
                let none = Scope { sources: &[], outer };
                let mut outputs: Vec<Output> = Vec::new();
                for row in &values.rows {
                    for (at, expr) in row.content.iter().enumerate() {
                        let money = self.expr(expr, &none, &Block::default());
                        match outputs.get_mut(at) {
                            Some(output) => output.lineage.money.extend(money),
                            None => outputs.push(Output {
                                name: format!("column{}", at + 1),
                                lineage: Lineage { money, ..Lineage::default() },
                            }),
                        }
                    }
                }
                outputs
            }
            _ => {
                self.unclear = true;
                Vec::new()
            }
        }
    }

    fn select(&mut self, select: &Select, outer: Option<&Scope<'_>>, order_by: Option<&OrderBy>) -> Vec<Output> {
        let mut sources = Vec::new();
        let mut conditions: Vec<On<'_>> = Vec::new();
        for tables in &select.from {
            self.from(tables, outer, &mut sources, &mut conditions);
        }
        let scope = Scope { sources: &sources, outer };
        let mut block = Block::new(self.derived(select));
        for condition in &conditions {
            self.condition(condition.expr, &scope, &mut block, condition.limits);
            self.expr(condition.expr, &scope, &block);
        }
        if let Some(selection) = &select.selection {
            self.condition(selection, &scope, &mut block, Limits::Where);
            self.expr(selection, &scope, &block);
        }
        if let GroupByExpr::Expressions(exprs, _) = &select.group_by {
            for expr in exprs {
                block.groups.extend(group_identity(expr, &scope, select));
                self.expr(expr, &scope, &block);
            }
        }
        for window in &select.named_window {
            if let NamedWindowExpr::WindowSpec(spec) = &window.1 {
                let partition = spec.partition_by.iter().flat_map(|expr| scope.identity(expr)).collect();
                block.windows.insert(window.0.value.to_ascii_lowercase(), partition);
                spec.partition_by
                    .iter()
                    .chain(spec.order_by.iter().map(|order| &order.expr))
                    .for_each(|expr| drop(self.expr(expr, &scope, &block)));
            }
        }
        let mut outputs = Vec::new();
        for item in &select.projection {
            self.item(item, &scope, &block, &mut outputs);
        }
        block.aliases = outputs.iter().map(|output| (output.name.to_ascii_lowercase(), output.lineage.money.clone())).collect();
        if let Some(having) = &select.having {
            self.expr(having, &scope, &block);
        }
        if let Some(Distinct::On(exprs)) = &select.distinct {
            for expr in exprs {
                self.expr(expr, &scope, &block);
            }
        }
        if let Some(OrderByKind::Expressions(exprs)) = order_by.map(|order_by| &order_by.kind) {
            let mut before = BTreeSet::new();
            for order in exprs {
                let output =
                    output_of(&order.expr, select).and_then(|(at, expr)| Some((expr, outputs.get(at)?.lineage.money.clone())));
                self.sorted(&order.expr, output, &before, &scope, &block);
                before.extend(scope.identity(&order.expr));
            }
        }
        outputs
    }

    fn item(&mut self, item: &SelectItem, scope: &Scope<'_>, block: &Block, outputs: &mut Vec<Output>) {
        let (expr, name) = match item {
            SelectItem::UnnamedExpr(expr) => (expr, column_name(expr)),
            SelectItem::ExprWithAlias { expr, alias } => (expr, alias.value.clone()),
            SelectItem::Wildcard(_) => return self.all(scope.sources.iter(), block, outputs),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(of), _) => {
                let of = last(of).unwrap_or_default();
                return self.all(scope.sources.iter().filter(|source| same(&source.name, &of)), block, outputs);
            }
            _ => {
                self.unclear = true;
                return;
            }
        };
        let identity = scope.identity(expr);
        let money = block.limited(self.expr(expr, scope, block), self);
        let output = Output { name, lineage: Lineage { identity, money } };
        if self.spend(output.weight()) {
            outputs.push(output);
        }
    }

    fn all<'a>(&mut self, sources: impl Iterator<Item = &'a Source>, block: &Block, outputs: &mut Vec<Output>) {
        for source in sources {
            let Some(columns) = &source.outputs else {
                self.unclear = true;
                continue;
            };
            for output in columns {
                if self.must_stop() || !self.spend(output.weight()) {
                    return;
                }
                let mut output = output.clone();
                output.lineage.money = block.limited(output.lineage.money, self);
                outputs.push(output);
            }
        }
    }

    /// Notes what a condition of a `WHERE` or `ON` says of all rows.
    fn condition(&mut self, expr: &Expr, scope: &Scope<'_>, block: &mut Block, limits: Limits) {
        for conjunct in comparisons::conjuncts(expr) {
            // in a `WHERE` and in the `ON` of inner joins, what does not meet it is no row
            if limits == Limits::Where {
                block.note(conjunct, scope);
            }
            if scope.outer.is_some() {
                self.looked_up.extend(comparisons::equated(conjunct, scope));
            }
            for (column, comparison) in comparisons::of(conjunct, scope) {
                let may = |at: usize, source: &Source| match limits {
                    Limits::Where => !source.nullable,
                    Limits::From(first) => at >= first,
                    Limits::Nothing => false,
                };
                let mut sources = scope.sources.iter().enumerate();
                let source = sources.find(|(at, source)| source.occurrence == Some(column.0) && may(*at, source));
                if source.is_some()
                    && let Some(occurrence) = self.occurrences.get_mut(column.0)
                {
                    occurrence.comparisons.push(comparison);
                }
            }
        }
    }

    /// The part of a `SELECT` that makes its rows, as text after `FROM`, with the common table expressions that it may need.
    fn derived(&mut self, select: &Select) -> Option<Derived> {
        let bytes = self.with_texts.iter().map(|(_, text)| text.len()).sum();
        if select.from.is_empty() || !self.spend_text(bytes) {
            return None;
        }
        let mut names: Vec<&str> = self.with_texts.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return None;
        }
        let texts: Vec<&str> = self.with_texts.iter().map(|(_, text)| text.as_str()).collect();
        let with = if texts.is_empty() { String::new() } else { format!("WITH RECURSIVE {} ", texts.join(", ")) };
        let from = select.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let selection = select.selection.as_ref().map_or_else(|| "1".to_owned(), ToString::to_string);
        Some(Derived { with, from: format!("FROM {from} WHERE ({selection})") })
    }

    pub(crate) fn currency_of(&self, (occurrence, column): Origin) -> Option<Origin> {
        let table = &self.occurrences.get(occurrence)?.table;
        let currency = table.columns.get(column)?.currency.as_ref()?;
        Some((occurrence, table.position(currency)?))
    }
}

/// The text of a query's rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Derived {
    pub(crate) with: String,
    pub(crate) from: String,
}

/// The column of the result that a term of `ORDER BY` names by its place or its alias, and its expression.
fn output_of<'a>(term: &Expr, select: &'a Select) -> Option<(usize, &'a Expr)> {
    if select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))) {
        return None;
    }
    let is_alias = |item: &SelectItem| matches!((item, term), (SelectItem::ExprWithAlias { alias, .. }, Expr::Identifier(name)) if same(&alias.value, &name.value));
    let by_place = || term.to_string().parse::<usize>().ok()?.checked_sub(1);
    let at = by_place().or_else(|| select.projection.iter().position(is_alias))?;
    match select.projection.get(at)? {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some((at, expr)),
        _ => None,
    }
}

/// What `GROUP BY` groups by: a column, the number of a column of the result, or its alias.
fn group_identity(expr: &Expr, scope: &Scope<'_>, select: &Select) -> BTreeSet<Origin> {
    let found = scope.identity(expr);
    if !found.is_empty() {
        return found;
    }
    let text = expr.to_string();
    let by_number = text.parse::<usize>().ok().and_then(|number| select.projection.get(number.checked_sub(1)?));
    let by_alias = || {
        let Expr::Identifier(name) = expr else { return None };
        select
            .projection
            .iter()
            .find(|item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if same(&alias.value, &name.value)))
    };
    match by_number.or_else(by_alias) {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => scope.identity(expr),
        _ => BTreeSet::new(),
    }
}

fn column_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(Ident { value, .. }) => value.clone(),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()).unwrap_or_default(),
        _ => expr.to_string(),
    }
}
