//! Reads expressions: which amounts of money flow into them, and which sums and subqueries they contain.

use std::collections::BTreeSet;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, InTarget, Value, WindowType,
};

use crate::plan::{
    MoneyUseKind, SUMS,
    comparisons::{self, Literal},
    lineage::{Meaning, Money, Origin, Scope},
    mixes,
    money::{self, Asked, Block},
    reader::Reader,
};
use crate::schema::Kind;

/// A text is remembered for so many columns that it may be compared with.
const COMPARED: usize = 8;

impl Reader<'_> {
    /// The amounts in an expression. Conditions have none: comparing amounts adds nothing up.
    pub(crate) fn expr(&mut self, expr: &Expr, scope: &Scope<'_>, block: &Block) -> Money {
        if self.must_stop() {
            return Money::new();
        }
        match expr {
            Expr::Identifier(name) => self.name(std::slice::from_ref(name), scope, block),
            Expr::CompoundIdentifier(names) => self.name(names, scope, block),
            Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::Collate { expr: inner, .. }
            | Expr::Ceil { expr: inner, .. }
            | Expr::Floor { expr: inner, .. } => self.expr(inner, scope, block),
            Expr::BinaryOp { left, op: BinaryOperator::Arrow | BinaryOperator::LongArrow, right } => {
                let money = self.expr(left, scope, block);
                self.expr(right, scope, block);
                self.member(money, left, right, scope)
            }
            Expr::BinaryOp { left, op, right } => {
                self.operation(expr, left, op, right, scope);
                let mut money = self.expr(left, scope, block);
                money.extend(self.expr(right, scope, block));
                if is_arithmetic(op) {
                    return money;
                }
                if is_limited(left, op, right) {
                    self.compared_with_a_number(expr, money, scope, block);
                }
                self.literal(left, right, scope);
                self.literal(right, left, scope);
                Money::new()
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                let money = self.case(operand.as_deref(), conditions, scope, block);
                let other = else_result.iter().flat_map(|result| self.expr(result, scope, block)).collect::<Money>();
                money.into_iter().chain(other).collect()
            }
            Expr::Function(function) => self.function(function, scope, block),
            Expr::Subquery(query) => {
                let outputs = self.query(query, Some(scope));
                outputs.into_iter().next().map(|output| output.lineage.money).unwrap_or_default()
            }
            Expr::Exists { subquery, .. } => {
                self.query(subquery, Some(scope));
                Money::new()
            }
            Expr::In { expr, target, .. } => {
                self.expr(expr, scope, block);
                match target {
                    InTarget::List(list) => {
                        self.values(expr, list, scope);
                        for one in list {
                            self.expr(one, scope, block);
                            self.literal(expr, one, scope);
                        }
                    }
                    InTarget::Subquery(query) => drop(self.query(query, Some(scope))),
                    InTarget::Table { name, .. } => drop(self.named(name, None)),
                    InTarget::Unnest(_) => self.unclear = true,
                }
                Money::new()
            }
            Expr::Between { expr, low, high, .. } => {
                self.range(expr, low, high, scope);
                let money = self.expr(expr, scope, block);
                if is_limit(low) || is_limit(high) {
                    self.compared_with_a_number(expr, money, scope, block);
                }
                self.looked_at([low, high], scope, block)
            }
            Expr::Like { expr, pattern, escape_char, .. } => {
                self.looked_at([expr, pattern], scope, block);
                self.looked_at(escape_char.iter(), scope, block)
            }
            Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner) => self.looked_at([inner], scope, block),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.looked_at([left, right], scope, block)
            }
            Expr::Tuple(exprs) => exprs.iter().flat_map(|expr| self.expr(expr, scope, block)).collect(),
            // parts of an amount as text are numbers again when they are added up
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.looked_at(substring_from.iter().chain(substring_for), scope, block);
                self.expr(expr, scope, block)
            }
            Expr::Trim { expr, trim_what, trim_characters, .. } => {
                self.looked_at(trim_what.iter(), scope, block);
                for expr in trim_characters.iter().flatten() {
                    self.expr(expr, scope, block);
                }
                self.expr(expr, scope, block)
            }
            Expr::Value(_) | Expr::TypedString(_) | Expr::Wildcard(_) => Money::new(),
            _ => {
                self.unclear = true;
                Money::new()
            }
        }
    }

    /// Reads the cases of a `CASE`: the amounts of their results.
    fn case(&mut self, operand: Option<&Expr>, cases: &[CaseWhen], scope: &Scope<'_>, block: &Block) -> Money {
        for condition in operand.into_iter().chain(cases.iter().map(|case| &case.condition)) {
            self.expr(condition, scope, block);
        }
        for (operand, case) in operand.into_iter().flat_map(|operand| cases.iter().map(move |case| (operand, case))) {
            self.literal(operand, &case.condition, scope);
        }
        cases.iter().flat_map(|case| self.expr(&case.result, scope, block)).collect()
    }

    /// Notes amounts that rows are sorted by, by an expression or a column of the result; what was sorted by before keeps them apart.
    pub(crate) fn sorted(
        &mut self,
        expr: &Expr,
        output: Option<(&Expr, Money)>,
        before: &BTreeSet<Origin>,
        scope: &Scope<'_>,
        block: &Block,
    ) {
        let read = self.expr(expr, scope, block);
        let (expr, money) = output.unwrap_or((expr, read));
        let argument = expr.to_string();
        self.asked(&Asked { kind: MoneyUseKind::Sorts, argument: &argument, money, filter: None, groups: before }, scope, block);
    }

    fn compared_with_a_number(&mut self, expr: &Expr, money: Money, scope: &Scope<'_>, block: &Block) {
        let (argument, groups) = (expr.to_string(), BTreeSet::new());
        self.asked(
            &Asked { kind: MoneyUseKind::Compares, argument: &argument, money, filter: None, groups: &groups },
            scope,
            block,
        );
    }

    /// Reads expressions in which amounts are only looked at.
    fn looked_at<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Box<Expr>>, scope: &Scope<'_>, block: &Block) -> Money {
        exprs.into_iter().for_each(|expr| drop(self.expr(expr, scope, block)));
        Money::new()
    }

    fn name(&mut self, names: &[Ident], scope: &Scope<'_>, block: &Block) -> Money {
        let meaning = scope.resolve(names);
        self.unclear |= matches!(meaning, Meaning::Unclear);
        let alias = || match names {
            [name] => block.aliases.get(&name.value.to_ascii_lowercase()).cloned(),
            _ => None,
        };
        let money = money::amounts(&meaning).or_else(alias).unwrap_or_default();
        if self.spend(money.len()) { money } else { Money::new() }
    }

    /// The amounts that may be at a path of the JSON text in `of`, which has all of `money`: those that a path which is written out
    /// leads to or past, and all of them otherwise.
    fn member(&self, mut money: Money, of: &Expr, path: &Expr, scope: &Scope<'_>) -> Money {
        let column = self.whole_item(of, scope);
        if let (Some(occurrence), Some(path)) = (column, comparisons::text_of(path).and_then(steps)) {
            money.retain(|origin, _| {
                let amount = self.occurrences.get(origin.0).and_then(|occurrence| occurrence.table.columns.get(origin.1));
                origin.0 != occurrence || amount.is_none_or(|amount| amount.path.iter().zip(&path).all(|(a, b)| a == b))
            });
        }
        money
    }

    /// The occurrence of the table whose whole item an expression is.
    fn whole_item(&self, expr: &Expr, scope: &Scope<'_>) -> Option<usize> {
        let identity = scope.identity(expr);
        let mut origins = identity.iter();
        let (Some((occurrence, column)), None) = (origins.next(), origins.next()) else { return None };
        let column = self.occurrences.get(*occurrence)?.table.columns.get(*column)?;
        column.path.is_empty().then_some(*occurrence)
    }

    fn function(&mut self, function: &Function, scope: &Scope<'_>, block: &Block) -> Money {
        let name = function.name.to_string().to_ascii_lowercase();
        let mut arguments: Vec<Money> = Vec::new();
        let mut argument = String::new();
        match &function.args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => drop(self.query(query, Some(scope))),
            FunctionArguments::List(list) => {
                for arg in &list.args {
                    arguments.push(self.argument(arg, scope, block));
                }
                argument = list.args.first().map(ToString::to_string).unwrap_or_default();
                // an order of the arguments, as in `group_concat`
                self.unclear |= !list.clauses.is_empty() && mixes(function);
            }
        }
        if let Some(filter) = &function.filter {
            self.expr(filter, scope, block);
        }
        let groups = match &function.over {
            None => block.groups.clone(),
            Some(WindowType::NamedWindow(window)) => {
                block.windows.get(&window.value.to_ascii_lowercase()).cloned().unwrap_or_default()
            }
            Some(WindowType::WindowSpec(spec)) => {
                for expr in &spec.partition_by {
                    self.expr(expr, scope, block);
                }
                let mut kept: BTreeSet<Origin> = spec.partition_by.iter().flat_map(|expr| scope.identity(expr)).collect();
                for order in &spec.order_by {
                    self.sorted(&order.expr, None, &kept, scope, block);
                    kept.extend(scope.identity(&order.expr));
                }
                let base = spec.window_name.as_ref().and_then(|window| block.windows.get(&window.value.to_ascii_lowercase()));
                spec.partition_by
                    .iter()
                    .flat_map(|expr| scope.identity(expr))
                    .chain(base.into_iter().flatten().copied())
                    .collect()
            }
        };
        let skipped = match name.as_str() {
            // what is only looked at, or counted
            "count" | "length" | "typeof" | "sign" | "row_number" | "rank" | "dense_rank" | "percent_rank" | "cume_dist"
            | "ntile" | "json_array_length" | "json_type" | "json_valid" | "instr" => arguments.len(),
            "iif" | "if" => 1,
            _ => 0,
        };
        let mut money: Money = arguments.into_iter().skip(skipped).flatten().collect();
        if name == "nullif" {
            money = self.first_money(function, scope, block).unwrap_or(money);
        }
        if name == "json_extract"
            && let FunctionArguments::List(list) = &function.args
            && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(of)), FunctionArg::Unnamed(FunctionArgExpr::Expr(path))] =
                list.args.as_slice()
        {
            money = self.member(money, of, path, scope);
        }
        if mixes(function) {
            self.sum_calls += 1;
            let kind = if SUMS.contains(&name.as_str()) { MoneyUseKind::AddsUp(name) } else { MoneyUseKind::Picks(name) };
            let filter = function.filter.as_deref();
            self.asked(&Asked { kind, argument: &argument, money: money.clone(), filter, groups: &groups }, scope, block);
            money = block.limited(money, self);
        }
        money
    }

    /// Remembers a use of amounts whose currencies must be looked at.
    pub(crate) fn asked(&mut self, asked: &Asked<'_>, scope: &Scope<'_>, block: &Block) {
        if !asked.money.is_empty()
            && self.spend(asked.money.len())
            && let Some(sum) = block.money_use(asked, scope, self)
            && self.spend_text(sum.currencies.as_ref().map_or(0, String::len))
        {
            self.money_uses.push(sum);
        }
    }

    fn first_money(&mut self, function: &Function, scope: &Scope<'_>, block: &Block) -> Option<Money> {
        let FunctionArguments::List(list) = &function.args else { return None };
        match list.args.first()? {
            // read before, so only a name may be read again
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)))) => {
                Some(self.expr(expr, scope, block))
            }
            _ => None,
        }
    }

    pub(crate) fn argument(&mut self, arg: &FunctionArg, scope: &Scope<'_>, block: &Block) -> Money {
        match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr, scope, block),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Money::new(),
            _ => {
                self.unclear = true;
                Money::new()
            }
        }
    }

    /// Notes that a column is compared with a text, or a text with a number or a truth value, which becomes one.
    fn literal(&mut self, column: &Expr, constant: &Expr, scope: &Scope<'_>) {
        if !matches!(column, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            return;
        }
        let (text, number) = (comparisons::text_of(constant), comparisons::number_of(constant));
        let is_text = text.is_some();
        let Some(text) = text.or(number) else { return };
        for column in scope.identity(column).into_iter().take(COMPARED) {
            if is_text || self.kind_of(column) == Some(Kind::Text) {
                self.literals.push(Literal { column, text: text.to_owned() });
            }
        }
    }
}

/// Whether a comparison tells which of two numbers is larger, one of which is written out.
fn is_limited(left: &Expr, op: &BinaryOperator, right: &Expr) -> bool {
    let is_order = matches!(op, BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq);
    is_order && (is_limit(left) || is_limit(right))
}

/// Whether an expression is a number that amounts are compared with. Nothing is the same in every currency.
fn is_limit(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_limit(inner),
        Expr::Value(value) => matches!(&value.value, Value::Number(number, _) if number.parse() != Ok(0.0)),
        Expr::BinaryOp { .. } => comparisons::is_constant(expr),
        _ => false,
    }
}

/// Whether the result of an operation on amounts is an amount. A text that an amount is put into is a number again when it is added up.
fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator::{
        BitwiseAnd, BitwiseOr, Divide, Minus, Modulo, Multiply, PGBitwiseShiftLeft, PGBitwiseShiftRight, Plus, StringConcat,
    };
    matches!(
        op,
        Plus | Minus
            | Multiply
            | Divide
            | Modulo
            | StringConcat
            | BitwiseAnd
            | BitwiseOr
            | PGBitwiseShiftLeft
            | PGBitwiseShiftRight
    )
}

/// The members that a path of JSON leads through; none if it is written in any but the plainest way.
fn steps(path: &str) -> Option<Vec<String>> {
    let plain = |step: &str| !step.is_empty() && step.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    let steps: Vec<&str> = match path.strip_prefix("$.") {
        Some(rest) => rest.split('.').collect(),
        None => vec![path],
    };
    steps.iter().all(|step| plain(step)).then(|| steps.into_iter().map(str::to_owned).collect())
}
