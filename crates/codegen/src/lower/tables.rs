//! The tables of a list operation: their columns come from the schema of its response, and from the annotation what a schema
//! cannot tell.

mod columns;

use std::collections::{BTreeMap, BTreeSet};

use openapi_mcp_model::{Column, ColumnKind, Conditions, Effect, Table};
use serde_json::Value as Json;

use super::operation::response_schema;
use crate::annotation::{Annotation, ColumnAnnotation, TableAnnotation};
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation};
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
        let known = KnownArguments {
            names: arguments.iter().map(|argument| argument.name.as_str()).collect(),
            has_own_fields: annotation.takes_keys.is_some(),
        };
        for column in &written.columns {
            apply(column, &known, &mut found, diagnostics);
        }
        name_currencies(&mut found);
        drop_missing_currencies(&mut found, written, diagnostics);
        let sent = written.arguments.iter().filter(|(name, _)| known.has(name, location, diagnostics));
        let sent = sent.map(|(name, value)| (name.clone(), value.clone())).collect();
        let offset = written.offset.clone().filter(|offset| {
            [&offset.argument, &offset.size_argument].into_iter().all(|name| known.has(name, location, diagnostics))
        });
        let changes = written.fallback.iter().flat_map(|fallback| fallback.arguments.keys());
        changes.for_each(|name| {
            known.has(name, location, diagnostics);
        });
        Some(Table {
            name: written.name.clone(),
            note: written.note.clone(),
            arguments: sent,
            fallback: written.fallback.clone(),
            offset,
            rows: written.rows.clone(),
            required: required.iter().map(|argument| argument.name.clone()).collect(),
            hidden: written.columns.iter().filter(|column| column.hide).map(|column| column.name.clone()).collect(),
            columns: found,
        })
    };
    annotation.tables.iter().filter_map(read).collect()
}

/// The tables of all operations, to find those that do not fit together.
#[derive(Default)]
pub(super) struct AllTables {
    /// Where each table was first named, and by which operation.
    operations: BTreeMap<String, String>,
    columns: BTreeSet<String>,
    /// What a column refers to, and where that is said.
    references: Vec<(Location, String, String)>,
}

impl AllTables {
    /// Adds the tables of the operation at `location`; a table that another one has is reported.
    pub(super) fn add(&mut self, tables: &[Table], location: &Location, diagnostics: &mut Diagnostics) {
        let id = location.operation.clone().unwrap_or_default();
        for table in tables {
            if let Some(first) = self.operations.insert(table.name.clone(), id.clone()) {
                diagnostics
                    .error("E0225", location.clone(), format!("the table `{}` is of `{first}` and of `{id}`", table.name))
                    .hint("give one of them another name");
            }
            for column in &table.columns {
                let name = format!("{}.{}", table.name, column.name);
                let reference = column.references.clone().map(|target| (location.clone(), name.clone(), target));
                self.references.extend(reference);
                self.columns.insert(name);
            }
        }
    }

    /// Reports references to columns that their table does not have. The table itself may be missing in a document that lacks its
    /// operation.
    pub(super) fn check_references(&self, diagnostics: &mut Diagnostics) {
        let is_wrong = |target: &str| {
            let has_table = target.split_once('.').is_none_or(|(table, _)| self.operations.contains_key(table));
            has_table && !self.columns.contains(target)
        };
        for (location, column, target) in self.references.iter().filter(|(_, _, target)| is_wrong(target)) {
            let hint = names::nearest(target, self.columns.iter().map(String::as_str))
                .map_or_else(|| "name it as in `apps.id`".to_owned(), |near| format!("did you mean `{near}`?"));
            diagnostics
                .warning("E0226", location.clone(), format!("`{column}` refers to `{target}`, which is no column"))
                .hint(hint);
        }
    }
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
fn apply(written: &ColumnAnnotation, arguments: &KnownArguments<'_>, columns: &mut Vec<Column>, diagnostics: &mut Diagnostics) {
    if written.name == WHOLE {
        diagnostics
            .error("E0227", written.location.clone(), "every table has a column `json` with the whole item")
            .hint("give the column another name");
        return;
    }
    let place = columns.iter().position(|column| column.name == written.name);
    if written.hide {
        match place {
            Some(index) => {
                columns.remove(index);
            }
            // it may be a field of the organization
            None if arguments.has_own_fields => {}
            None => {
                diagnostics
                    .warning("E0228", written.location.clone(), format!("there is no column `{}` to hide", written.name))
                    .hint("remove `hide`, or correct the name");
            }
        }
        return;
    }
    let mut column = place.map_or_else(
        || Column { name: written.name.clone(), path: vec![written.name.clone()], ..Column::default() },
        |index| columns.remove(index),
    );
    column.path = written.path.clone().unwrap_or(column.path);
    column.kind = written.kind.unwrap_or(column.kind);
    column.note = written.note.clone().unwrap_or(column.note);
    column.currency = written.currency.clone().or(column.currency);
    column.converted = written.converted.clone().or(column.converted);
    column.references = written.references.clone().or(column.references);
    let mut known = |name: &Option<String>| name.clone().filter(|name| arguments.has(name, &written.location, diagnostics));
    let Conditions { equal, at_least, at_most } = &written.conditions;
    column.conditions = Conditions { equal: known(equal), at_least: known(at_least), at_most: known(at_most) };
    columns.insert(place.unwrap_or(columns.len()), column);
}

/// Names the currency of amounts that the schema gives together with it: an object with `value` and `currency`, and perhaps with
/// `convertedValue`.
fn name_currencies(columns: &mut [Column]) {
    let names: BTreeSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    for column in columns.iter_mut().filter(|column| column.currency.is_none()) {
        let beside = column.name.strip_suffix("value").map(|before| format!("{before}currency"));
        column.currency = beside.filter(|beside| names.contains(beside));
        let converted = column.name.strip_suffix("value").map(|before| format!("{before}convertedValue"));
        column.converted = converted.filter(|converted| column.currency.is_some() && names.contains(converted));
    }
}

fn drop_missing_currencies(columns: &mut [Column], written: &TableAnnotation, diagnostics: &mut Diagnostics) {
    let names: BTreeSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    for column in columns {
        let Some(currency) = column.currency.take_if(|currency| !names.contains(currency)) else { continue };
        diagnostics
            .warning(
                "E0229",
                written.location.clone(),
                format!("`{}.{}` has its currency in `{currency}`, which is no column", written.name, column.name),
            )
            .hint("correct `currency`, or add that column");
    }
}

/// The arguments of an operation.
struct KnownArguments<'a> {
    names: Vec<&'a str>,
    /// Whether the items have fields of the organization's own, which are columns as well.
    has_own_fields: bool,
}

impl KnownArguments<'_> {
    /// Whether there is an argument of this name; if not, that is reported.
    fn has(&self, name: &str, location: &Location, diagnostics: &mut Diagnostics) -> bool {
        let is_known = self.names.contains(&name);
        if !is_known {
            let hint = names::nearest(name, self.names.iter().copied()).map_or_else(
                || format!("its arguments: `{}`", self.names.join("`, `")),
                |nearest| format!("did you mean `{nearest}`?"),
            );
            diagnostics.warning("E0230", location.clone(), format!("the operation has no argument `{name}`")).hint(hint);
        }
        is_known
    }
}
