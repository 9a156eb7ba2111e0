//! Comparisons of a column with constants.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, InTarget, UnaryOperator, Value,
};

use crate::{
    plan::lineage::{Meaning, Origin, Scope},
    schema::Operator,
};

/// A comparison; the constants are expressions, which SQLite evaluates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// The place of the column in its table.
    pub(crate) column: usize,
    pub(crate) operator: Operator,
    pub(crate) constants: Vec<String>,
}

/// A text that a column is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    pub(crate) column: Origin,
    pub(crate) text: String,
}

/// The parts of a condition that must all be met.
pub(crate) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => open.extend([&**right, &**left]),
            Expr::Nested(inner) => open.push(inner),
            expr => found.push(expr),
        }
    }
    found
}

/// The comparisons that a condition is, if it compares a column of this `SELECT` with constants.
pub(crate) fn of(expr: &Expr, scope: &Scope<'_>) -> Vec<(Origin, Comparison)> {
    let compare = |column: &Expr, operator: Operator, constants: Vec<&Expr>| {
        let origin = local_column(column, scope)?;
        let constants =
            constants.into_iter().map(|expr| is_constant(expr).then(|| expr.to_string())).collect::<Option<Vec<String>>>()?;
        Some((origin, Comparison { column: origin.1, operator, constants }))
    };
    let found = match expr {
        Expr::BinaryOp { left, op, right } => match operator(op) {
            Some(operator) => [compare(left, operator, vec![right]), compare(right, mirrored(operator), vec![left])],
            None => [None, None],
        },
        Expr::Between { expr, negated: false, low, high } => {
            [compare(expr, Operator::AtLeast, vec![low]), compare(expr, Operator::AtMost, vec![high])]
        }
        Expr::In { expr, target: InTarget::List(list), negated: false, .. } if !list.is_empty() => {
            [compare(expr, Operator::In, list.iter().collect()), None]
        }
        _ => [None, None],
    };
    found.into_iter().flatten().collect()
}

/// The columns of this `SELECT` that a condition equates with something.
pub(crate) fn equated(expr: &Expr, scope: &Scope<'_>) -> Vec<Origin> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            [left, right].into_iter().filter_map(|side| local_column(side, scope)).collect()
        }
        _ => Vec::new(),
    }
}

fn operator(op: &BinaryOperator) -> Option<Operator> {
    match op {
        BinaryOperator::Eq => Some(Operator::Equal),
        BinaryOperator::Lt => Some(Operator::Less),
        BinaryOperator::LtEq => Some(Operator::AtMost),
        BinaryOperator::Gt => Some(Operator::Greater),
        BinaryOperator::GtEq => Some(Operator::AtLeast),
        _ => None,
    }
}

fn mirrored(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::AtMost => Operator::AtLeast,
        Operator::Greater => Operator::Less,
        Operator::AtLeast => Operator::AtMost,
        Operator::Equal | Operator::In => operator,
    }
}

/// The column of a table in this `FROM` that an expression is.
fn local_column(expr: &Expr, scope: &Scope<'_>) -> Option<Origin> {
    let names: &[Ident] = match expr {
        Expr::Identifier(name) => std::slice::from_ref(name),
        Expr::CompoundIdentifier(names) => names,
        Expr::Nested(inner) => return local_column(inner, scope),
        _ => return None,
    };
    match scope.resolve(names) {
        Meaning::Column { source, lineage, is_local: true } if source.occurrence.is_some() => lineage.identity.first().copied(),
        _ => None,
    }
}

/// Whether an expression has the same value in every row and every run.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr {
        // others, such as hexadecimal numbers, may be written in another way here than SQLite reads them
        Expr::Value(value) => {
            matches!(value.value, Value::Number(..) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null)
        }
        Expr::Nested(inner)
        | Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr: inner }
        | Expr::Cast { expr: inner, .. } => is_constant(inner),
        Expr::BinaryOp { left, op, right } => {
            use BinaryOperator::{Divide, Minus, Multiply, Plus, StringConcat};
            matches!(op, Plus | Minus | Multiply | Divide | StringConcat) && is_constant(left) && is_constant(right)
        }
        Expr::Function(function) => {
            let name = function.name.to_string().to_ascii_lowercase();
            let is_pure = function.over.is_none() && function.filter.is_none() && function.within_group.is_empty();
            let of_constants = match &function.args {
                FunctionArguments::None => true,
                FunctionArguments::Subquery(_) => false,
                FunctionArguments::List(list) => list
                    .args
                    .iter()
                    .all(|arg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if is_constant(expr))),
            };
            let known = [
                "date",
                "time",
                "datetime",
                "strftime",
                "julianday",
                "unixepoch",
                "current_date",
                "current_time",
                "current_timestamp",
                "lower",
                "upper",
                "abs",
                "round",
            ];
            is_pure && of_constants && known.contains(&name.as_str())
        }
        _ => false,
    }
}

/// A text in quotes.
pub(crate) fn text_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => text_of(inner),
        _ => None,
    }
}

/// A number or a truth value, as the text that it is compared as with texts.
pub(crate) fn number_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number),
            Value::Boolean(true) => Some("1"),
            Value::Boolean(false) => Some("0"),
            _ => None,
        },
        Expr::Nested(inner) => number_of(inner),
        _ => None,
    }
}
