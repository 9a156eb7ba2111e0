//! The tables of a caller: those of the tools that they may call, with the columns of the organization's own fields.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use mcp_http::caller::Caller;
use openapi_mcp_model::{ColumnKind, Table as Described};
use openapi_mcp_query::{Column, Kind, Operator, Reference, Schema, Table};

use crate::{
    catalog::{Catalog, Tool},
    custom_fields::{CustomFields, Field},
    pipeline,
    tool_filter::ToolFilter,
};

/// The column with the whole item.
const WHOLE: &str = "json";
/// How many of the organization's own fields a table has.
const OWN_COLUMNS: usize = 500;

/// Where a table comes from.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) tool: &'static Tool,
    pub(super) table: &'static Described,
}

/// The tables of a caller, and where they come from.
pub(super) struct CallerTables {
    pub(super) schema: Arc<Schema>,
    sources: BTreeMap<&'static str, Source>,
}

/// The tables of the tools that a caller may call.
pub(super) fn permitted<'a>(
    catalog: &'static Catalog,
    caller: &'a Caller,
    offered: &'a ToolFilter,
) -> impl Iterator<Item = Source> + use<'a> {
    let may = move |tool: &&Tool| pipeline::authorize(tool, caller, offered).is_ok() && tool.key(caller).is_ok();
    catalog.tools().iter().filter(may).flat_map(|tool| tool.tables.iter().map(move |table| Source { tool, table }))
}

impl CallerTables {
    /// All tables; the organization's own fields are looked up for those whose names are in `text`, or for all without one.
    pub(super) async fn read(
        catalog: &'static Catalog,
        fields: &CustomFields,
        caller: &Caller,
        offered: &ToolFilter,
        text: Option<&str>,
    ) -> Self {
        let text = text.map(str::to_ascii_lowercase);
        let is_named = |table: &Described| text.as_ref().is_none_or(|text| text.contains(&table.name.to_ascii_lowercase()));
        let sources: BTreeMap<&str, Source> =
            permitted(catalog, caller, offered).map(|source| (source.table.name.as_str(), source)).collect();
        let mut tables = Vec::new();
        for source in sources.values() {
            let has_own = source.table.rows.is_empty() && is_named(source.table);
            let kind = source.tool.takes_keys.as_deref().filter(|_| has_own);
            let own = match kind {
                Some(kind) => fields.read(kind, caller).await.and_then(Result::ok),
                None => None,
            };
            let own = own.as_ref().map(|known| known.fields.as_slice()).unwrap_or_default();
            tables.push(table(*source, own, &sources));
        }
        Self { schema: Arc::new(Schema::new(tables)), sources }
    }

    pub(super) fn source(&self, table: &str) -> Option<Source> {
        self.sources.get(table).copied()
    }
}

fn table(source: Source, own: &[Field], sources: &BTreeMap<&str, Source>) -> Table {
    let Source { table, .. } = source;
    let mut columns: Vec<Column> = table.columns.iter().map(|described| column(described, sources)).collect();
    let has_currency = columns.iter().any(|column| column.name == "currency");
    let mut members: HashSet<String> = columns.iter().filter_map(|column| column.path.first().cloned()).collect();
    members.extend(table.hidden.iter().cloned());
    let mut taken: HashSet<String> = columns.iter().map(|column| column.name.to_ascii_lowercase()).collect();
    taken.insert(WHOLE.to_owned());
    for field in own.iter().take(OWN_COLUMNS) {
        if !members.insert(field.key.clone()) {
            continue;
        }
        let mut names = [own_name(field), field.key.clone()].into_iter();
        let Some(name) = names.find(|name| taken.insert(name.to_ascii_lowercase())) else { continue };
        let mut note = if name == field.key { field.name.clone() } else { format!("{}, `{}` in tools", field.name, field.key) };
        if field.type_ == "currency" {
            note += if field.is_custom { "; money, most likely in cents" } else { "; money in cents" };
        }
        columns.push(Column {
            name,
            path: vec![field.key.clone()],
            kind: own_kind(&field.type_),
            note,
            currency: (field.type_ == "currency" && has_currency).then(|| "currency".to_owned()),
            ..Column::default()
        });
    }
    columns.push(Column { name: WHOLE.to_owned(), kind: Kind::Json, note: "the whole item".to_owned(), ..Column::default() });
    Table { name: table.name.clone(), note: note(source), columns, required: table.required.clone() }
}

fn column(described: &openapi_mcp_model::Column, sources: &BTreeMap<&str, Source>) -> Column {
    let conditions = &described.conditions;
    let pushed = [
        (&conditions.equal, [Operator::Equal].as_slice()),
        (&conditions.at_least, &[Operator::Greater, Operator::AtLeast]),
        (&conditions.at_most, &[Operator::Less, Operator::AtMost]),
    ];
    let reference = described.references.as_deref().and_then(|target| target.split_once('.'));
    let reference = reference.filter(|(table, _)| sources.contains_key(table));
    Column {
        name: described.name.clone(),
        path: described.path.clone(),
        kind: kind(described.kind),
        note: described.note.trim_end_matches('.').to_owned(),
        currency: described.currency.clone(),
        converted: described.converted.clone(),
        choices: described.values.clone(),
        references: reference.map(|(table, column)| Reference { table: table.to_owned(), column: column.to_owned() }),
        pushed: pushed.iter().filter(|(argument, _)| argument.is_some()).flat_map(|(_, operators)| operators.to_vec()).collect(),
        sorts: false,
    }
}

fn kind(kind: ColumnKind) -> Kind {
    match kind {
        ColumnKind::Text => Kind::Text,
        ColumnKind::Integer => Kind::Integer,
        ColumnKind::Number => Kind::Real,
        ColumnKind::Boolean => Kind::Boolean,
        ColumnKind::Time | ColumnKind::Date => Kind::Time,
        ColumnKind::Json => Kind::Json,
    }
}

/// What a row is: what the overlay says, or what the tool lists.
fn note(Source { tool, table }: Source) -> String {
    if table.note.is_empty() { tool.title.strip_prefix("List ").unwrap_or(&tool.title).to_owned() } else { table.note.clone() }
}

/// The kind of a field by the name of its type. A value of another kind stays what it is.
fn own_kind(type_: &str) -> Kind {
    match type_ {
        "number" | "currency" => Kind::Real,
        "bool" | "boolean" => Kind::Boolean,
        "datePicker" | "date" => Kind::Time,
        _ => Kind::Text,
    }
}

/// A field's display name as an identifier: `End date` is `end_date`. Its key, if nothing is left of the name.
fn own_name(field: &Field) -> String {
    let words = field.name.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_");
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name } else { field.key.clone() }
}

#[cfg(test)]
mod tests;
