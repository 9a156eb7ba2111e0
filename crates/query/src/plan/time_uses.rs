//! What times are used for: arithmetic, which makes years of them, and comparisons with texts and days.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use crate::{
    plan::{
        comparisons,
        lineage::{Origin, Scope},
        reader::Reader,
    },
    schema::Kind,
};

/// How many uses are remembered.
const USES: usize = 100;

/// A use of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// An operation on numbers.
    Arithmetic { expression: String },
    /// A comparison with a number.
    Number { expression: String },
    /// A comparison with a text that is no time.
    Text { column: Origin, text: String },
    /// A comparison with a day, which is the moment that it begins.
    Day { column: Origin, comparison: Day },
}

/// How a time is compared with a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Day {
    /// Times are at most the day, or in a range that ends with it.
    AtMost(String),
    /// They are equal to it.
    Equal(String),
}

impl Reader<'_> {
    fn note_use(&mut self, found: Use) {
        if self.uses_of_times.len() < USES {
            self.uses_of_times.push(found);
        }
    }

    /// Looks at an operation with two sides.
    pub(crate) fn operation(&mut self, expr: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope<'_>) {
        use BinaryOperator::{Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Plus};
        match op {
            Plus | Minus | Multiply | Divide | Modulo if self.is_time(left, scope) || self.is_time(right, scope) => {
                self.note_use(Use::Arithmetic { expression: expr.to_string() });
            }
            Eq | NotEq | Lt | LtEq | Gt | GtEq
                if self.is_time_or_part(left, scope) && is_number(right)
                    || self.is_time_or_part(right, scope) && is_number(left) =>
            {
                self.note_use(Use::Number { expression: expr.to_string() });
            }
            Eq => {
                self.compared(left, right, Some(Day::Equal), scope);
                self.compared(right, left, Some(Day::Equal), scope);
            }
            LtEq => {
                self.compared(left, right, Some(Day::AtMost), scope);
                self.compared(right, left, None, scope);
            }
            GtEq => {
                self.compared(left, right, None, scope);
                self.compared(right, left, Some(Day::AtMost), scope);
            }
            Lt | Gt | NotEq => {
                self.compared(left, right, None, scope);
                self.compared(right, left, None, scope);
            }
            _ => {}
        }
    }

    /// Looks at a range.
    pub(crate) fn range(&mut self, expr: &Expr, low: &Expr, high: &Expr, scope: &Scope<'_>) {
        self.compared(expr, low, None, scope);
        self.compared(expr, high, Some(Day::AtMost), scope);
    }

    /// Looks at a list of values.
    pub(crate) fn values(&mut self, expr: &Expr, values: &[Expr], scope: &Scope<'_>) {
        for value in values {
            self.compared(expr, value, Some(Day::Equal), scope);
        }
    }

    fn compared(&mut self, column: &Expr, with: &Expr, day: Option<fn(String) -> Day>, scope: &Scope<'_>) {
        let Some(column) = self.time_column(column, scope) else { return };
        match comparisons::text_of(with) {
            Some(text) if !is_start_of_a_time(text) || (day.is_some() && matches!(text.len(), 4 | 7)) => {
                self.note_use(Use::Text { column, text: text.to_owned() });
            }
            Some(text) if text.len() != 10 => {}
            None if !is_a_day(with) => {}
            _ => {
                if let Some(day) = day {
                    self.note_use(Use::Day { column, comparison: day(with.to_string()) });
                }
            }
        }
    }

    /// The column with times that an expression is, as it is in the table.
    fn time_column(&self, expr: &Expr, scope: &Scope<'_>) -> Option<Origin> {
        match expr {
            Expr::Nested(inner) => self.time_column(inner, scope),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                scope.identity(expr).into_iter().find(|origin| self.kind_of(*origin) == Some(Kind::Time))
            }
            _ => None,
        }
    }

    pub(crate) fn kind_of(&self, (occurrence, column): Origin) -> Option<Kind> {
        self.occurrences.get(occurrence)?.table.columns.get(column).map(|column| column.kind)
    }

    /// Whether an expression is a time as text, or a part of one.
    fn is_time_or_part(&self, expr: &Expr, scope: &Scope<'_>) -> bool {
        let is_part = |function: &sqlparser::ast::Function| function.name.to_string().eq_ignore_ascii_case("strftime");
        self.is_time(expr, scope) || matches!(expr, Expr::Function(function) if is_part(function))
    }

    /// Whether an expression is a time as text.
    fn is_time(&self, expr: &Expr, scope: &Scope<'_>) -> bool {
        match expr {
            Expr::Nested(inner) => self.is_time(inner, scope),
            Expr::Function(function) => match function.name.to_string().to_ascii_lowercase().as_str() {
                "date" | "datetime" | "current_date" | "current_timestamp" => true,
                "max" | "min" | "coalesce" | "ifnull" | "nullif" => match &function.args {
                    FunctionArguments::List(list) => list
                        .args
                        .iter()
                        .any(|arg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if self.is_time(expr, scope))),
                    FunctionArguments::None | FunctionArguments::Subquery(_) => false,
                },
                _ => false,
            },
            other => self.time_column(other, scope).is_some(),
        }
    }
}

/// Whether a text is the beginning of a time such as `2026-11-01T10:00:00Z`: a year, a month, a day, or a time to the minute or second. Others,
/// such as `2026-11-5` or one with an offset, would be compared as text.
fn is_start_of_a_time(text: &str) -> bool {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (known, fraction) = text.split_at_checked(19).unwrap_or((text, ""));
    let fits = |(sign, wanted): (u8, u8)| match wanted {
        b'0' => sign.is_ascii_digit(),
        b'T' => matches!(sign, b'T' | b' '),
        wanted => sign == wanted,
    };
    let is_fraction =
        fraction.is_empty() || fraction.starts_with('.') && fraction.bytes().skip(1).all(|sign| sign.is_ascii_digit());
    matches!(known.len(), 0 | 4 | 7 | 10 | 16 | 19) && known.bytes().zip(*b"0000-00-00T00:00:00").all(fits) && is_fraction
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_number(inner),
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::Function(function) => ["unixepoch", "julianday"].contains(&function.name.to_string().to_ascii_lowercase().as_str()),
        _ => false,
    }
}

/// Whether an expression makes a date, without a time of day.
fn is_a_day(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_a_day(inner),
        Expr::Function(function) => ["date", "current_date"].contains(&function.name.to_string().to_ascii_lowercase().as_str()),
        _ => false,
    }
}
