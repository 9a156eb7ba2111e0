//! The first rows of one table, where those are all that a statement needs.

use sqlparser::ast::{Expr, GroupByExpr, LimitClause, OrderByKind, OrderBySort, Query, Select, SelectItem, SetExpr, TableFactor};

use crate::{
    load::{Condition, First, Sort},
    plan::{comparisons, lineage::same, reader::Occurrence, sources::last},
    schema::Kind,
};

/// A statement that reads one table once: its conditions are `pushed`, it sorts by columns that the loader sorts by, and has a limit.
pub(super) fn of(query: &Query, only: &Occurrence, pushed: &[Condition]) -> Option<First> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let is_plain = query.with.is_none() && select.distinct.is_none() && select.having.is_none() && is_ungrouped(select);
    // the table may also be that of a subquery, beside `json_each`
    let is_of = |relation: &TableFactor| matches!(relation, TableFactor::Table { name, args: None, .. } if last(name).is_some_and(|name| same(&name, &only.table.name)));
    let is_one_table = matches!(select.from.as_slice(), [tables] if tables.joins.is_empty() && is_of(&tables.relation));
    if !is_plain || !is_one_table || !is_pushed(select, only, pushed) {
        return None;
    }
    let (limit, offset) = match query.limit_clause.as_ref()? {
        LimitClause::LimitOffset { limit: Some(limit), offset, .. } => (limit, offset.as_ref().map(|offset| &offset.value)),
        LimitClause::OffsetCommaLimit { limit, offset } => (limit, Some(offset)),
        LimitClause::LimitOffset { limit: None, .. } => return None,
    };
    let number = |expr: &Expr| expr.to_string().parse::<u64>().ok();
    let rows = number(limit)?.checked_add(offset.map_or(Some(0), number)?)?;
    let mut sort = Vec::new();
    if let Some(order_by) = &query.order_by {
        let OrderByKind::Expressions(exprs) = &order_by.kind else { return None };
        for order in exprs {
            let name = match &order.expr {
                Expr::Identifier(name) => name,
                Expr::CompoundIdentifier(names) => names.last()?,
                _ => return None,
            };
            // an alias would be meant instead of the column
            let is_alias = select
                .projection
                .iter()
                .any(|item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if same(&alias.value, &name.value)));
            let column = only.table.column(&name.value).filter(|column| column.sorts)?;
            let descending = match &order.options.sort {
                None | Some(OrderBySort::Asc) => false,
                Some(OrderBySort::Desc) => true,
                Some(_) => return None,
            };
            if is_alias || order.options.nulls_first.is_some() {
                return None;
            }
            sort.push(Sort { column: column.name.clone(), descending });
        }
    }
    Some(First { rows, sort })
}

fn is_ungrouped(select: &Select) -> bool {
    matches!(&select.group_by, GroupByExpr::Expressions(exprs, modifiers) if exprs.is_empty() && modifiers.is_empty())
}

/// Whether the loader applies the whole `WHERE` exactly.
fn is_pushed(select: &Select, only: &Occurrence, pushed: &[Condition]) -> bool {
    let Some(selection) = &select.selection else { return true };
    let is_exact = |condition: &Condition| only.table.column(&condition.column).is_some_and(|column| column.kind != Kind::Time);
    let parts: usize =
        comparisons::conjuncts(selection).iter().map(|part| if matches!(part, Expr::Between { .. }) { 2 } else { 1 }).sum();
    only.comparisons.len() == parts && pushed.len() == parts && pushed.iter().all(is_exact)
}
