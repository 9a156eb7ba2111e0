//! The tables of a list operation: their columns come from the schema of its response, and from the annotation what a schema
//! cannot tell.

mod columns;

use std::collections::{BTreeMap, BTreeSet};

use openapi_mcp_model::{Column, ColumnKind, Conditions, Effect, Table};
use serde_json::{Map, Value as Json};

use super::operation::response_schema;
use crate::annotation::{Annotation, ColumnAnnotation, TableAnnotation};
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Operation};
use crate::names;
use crate::tree::Node;

/// The column with the whole item. It is no column of the manifest, since every table has it.
const WHOLE: &str = "json";

/// The tables that the annotation of `operation` names.
pub(super) fn of(
    (root, operation): (&Node, &Node),
    (effect, annotation): (Effect, &Annotation),
    arguments: &[Argument],
    diagnostics: &mut Diagnostics,
) -> Vec<Table> {
    let read = |written: &TableAnnotation| {
        let location = &written.location;
        let Some(items) = annotation.items.as_deref().filter(|_| effect == Effect::Read) else {
            diagnostics
                .error("E0224", location.clone(), format!("the table `{}` needs an operation that lists items", written.name))
                .hint("name the list with `response: {items: NAME}`, or remove `table`");
            return None;
        };
        let required = required(arguments);
        let mut found = columns::of_items(root, response_schema(operation), items, &written.rows);
        found.splice(0..0, required.iter().map(|argument| of_argument(argument)));
        let names: Vec<&str> = arguments.iter().map(|argument| argument.name.as_str()).collect();
        check_arguments(&written.arguments, &names, location, diagnostics);
        if let Some(offset) = &written.offset {
            for name in [&offset.argument, &offset.size_argument] {
                check_argument(name, &names, location, diagnostics);
            }
        }
        for column in &written.columns {
            apply(column, &mut found, diagnostics);
            let Conditions { equal, at_least, at_most } = &column.conditions;
            for name in [equal, at_least, at_most].into_iter().flatten() {
                check_argument(name, &names, &column.location, diagnostics);
            }
        }
        name_currencies(&mut found);
        check_currencies(&found, written, diagnostics);
        Some(Table {
            name: written.name.clone(),
            arguments: written.arguments.clone(),
            offset: written.offset.clone(),
            rows: written.rows.clone(),
            required: required.iter().map(|argument| argument.name.clone()).collect(),
            columns: found,
        })
    };
    annotation.tables.iter().filter_map(read).collect()
}

/// Reports tables with one name, and references to columns that no table has.
pub(super) fn check(operations: &[Operation], diagnostics: &mut Diagnostics) {
    let tables = || {
        let tools = operations.iter().filter_map(|operation| Some((operation, &operation.decision.tool()?.tool)));
        tools.flat_map(|(operation, tool)| tool.tables.iter().map(move |table| (operation, table)))
    };
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (operation, table) in tables() {
        if let Some(first) = seen.insert(&table.name, &operation.id) {
            diagnostics
                .error("E0225", at(operation), format!("the table `{}` is of `{first}` and of `{}`", table.name, operation.id))
                .hint("give one of them another name");
        }
    }
    let columns: BTreeSet<String> = tables()
        .flat_map(|(_, table)| table.columns.iter().map(move |column| format!("{}.{}", table.name, column.name)))
        .collect();
    for (operation, table) in tables() {
        for column in &table.columns {
            let Some(target) = column.references.as_deref().filter(|target| !columns.contains(*target)) else { continue };
            let near = names::nearest(target, columns.iter().map(String::as_str));
            diagnostics
                .error(
                    "E0226",
                    at(operation),
                    format!("`{}.{}` refers to `{target}`, which no table has", table.name, column.name),
                )
                .hint(near.map_or_else(|| "name it as in `apps.id`".to_owned(), |near| format!("did you mean `{near}`?")));
        }
    }
}

fn at(operation: &Operation) -> Location {
    Location { span: None, pointer: String::new(), operation: Some(operation.id.clone()) }
}

/// The arguments without which the list cannot be requested.
fn required(arguments: &[Argument]) -> Vec<&Argument> {
    let is_required = |argument: &&Argument| argument.required && !argument.hidden;
    arguments.iter().filter(is_required).filter(|argument| argument.location != ArgumentLocation::Body).collect()
}

fn of_argument(argument: &Argument) -> Column {
    let text = |key: &str| argument.schema.get(key).and_then(Json::as_str).unwrap_or_default();
    Column {
        name: argument.name.clone(),
        kind: match text("type") {
            "integer" => ColumnKind::Integer,
            "number" => ColumnKind::Number,
            _ => ColumnKind::Text,
        },
        ..Column::default()
    }
}

/// Changes a column as the annotation says, or adds it.
fn apply(written: &ColumnAnnotation, columns: &mut Vec<Column>, diagnostics: &mut Diagnostics) {
    if written.name == WHOLE {
        diagnostics
            .error("E0227", written.location.clone(), "every table has a column `json` with the whole item")
            .hint("give the column another name");
        return;
    }
    let known = columns.iter().position(|column| column.name == written.name);
    if written.hide {
        match known {
            Some(index) => {
                columns.remove(index);
            }
            None => {
                diagnostics
                    .warning("E0228", written.location.clone(), format!("there is no column `{}` to hide", written.name))
                    .hint("remove `hide`, or correct the name");
            }
        }
        return;
    }
    let mut column = known.map_or_else(
        || Column { name: written.name.clone(), path: vec![written.name.clone()], ..Column::default() },
        |index| columns.remove(index),
    );
    column.path = written.path.clone().unwrap_or(column.path);
    column.kind = written.kind.unwrap_or(column.kind);
    column.note = written.note.clone().unwrap_or(column.note);
    column.currency = written.currency.clone().or(column.currency);
    column.references = written.references.clone().or(column.references);
    column.conditions = written.conditions.clone();
    columns.insert(known.unwrap_or(columns.len()), column);
}

/// Names the currency of amounts that the schema gives together with it: an object with `value` and `currency`.
fn name_currencies(columns: &mut [Column]) {
    let names: BTreeSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    for column in columns.iter_mut().filter(|column| column.currency.is_none()) {
        let beside = column.name.strip_suffix("value").map(|before| format!("{before}currency"));
        column.currency = beside.filter(|beside| names.contains(beside));
    }
}

fn check_currencies(columns: &[Column], written: &TableAnnotation, diagnostics: &mut Diagnostics) {
    for (column, currency) in columns.iter().filter_map(|column| Some((column, column.currency.as_deref()?))) {
        if columns.iter().all(|other| other.name != currency) {
            diagnostics
                .error(
                    "E0229",
                    written.location.clone(),
                    format!("`{}.{}` has its currency in `{currency}`, which is no column", written.name, column.name),
                )
                .hint("correct `currency`, or add that column");
        }
    }
}

fn check_arguments(given: &Map<String, Json>, names: &[&str], location: &Location, diagnostics: &mut Diagnostics) {
    for name in given.keys() {
        check_argument(name, names, location, diagnostics);
    }
}

fn check_argument(name: &str, names: &[&str], location: &Location, diagnostics: &mut Diagnostics) {
    if names.contains(&name) {
        return;
    }
    let hint = names::nearest(name, names.iter().copied())
        .map_or_else(|| format!("its arguments: `{}`", names.join("`, `")), |nearest| format!("did you mean `{nearest}`?"));
    diagnostics.error("E0230", location.clone(), format!("the operation has no argument `{name}`")).hint(hint);
}
