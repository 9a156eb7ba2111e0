//! Compares the names of tables and of their columns, which statements of SQL contain.

use serde_json::{Map, Value as Json};

use super::{ChangeKind, literal};

/// Reports the tables and columns that were added to a tool, or removed from it.
pub(super) fn compare(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let none = Map::new();
    let [before, now] = [old, new].map(|tool| tool.get("tables").and_then(Json::as_object).unwrap_or(&none));
    for name in now.keys().filter(|name| !before.contains_key(*name)) {
        add(ChangeKind::TableAdded, format!("has the table {}", literal(name)));
    }
    for (name, was) in before {
        let Some(is) = now.get(name) else {
            add(ChangeKind::TableRemoved, format!("no longer has the table {}", literal(name)));
            continue;
        };
        let [was, is] = [was, is].map(columns);
        for column in is.iter().filter(|column| !was.contains(column)) {
            add(ChangeKind::ColumnAdded, format!("has the column {} in the table {}", literal(column), literal(name)));
        }
        for column in was.iter().filter(|column| !is.contains(column)) {
            add(
                ChangeKind::ColumnRemoved,
                format!("no longer has the column {} in the table {}", literal(column), literal(name)),
            );
        }
    }
}

fn columns(table: &Json) -> Vec<&str> {
    table.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::Level;

    fn changes(old: &Json, new: &Json) -> Vec<(ChangeKind, String)> {
        let mut changes = Vec::new();
        compare(&json!({ "tables": old }), &json!({ "tables": new }), &mut |kind, what| changes.push((kind, what)));
        changes
    }

    #[test]
    fn statements_break_when_a_table_or_a_column_is_gone_or_must_be_bound() {
        let before = json!({ "apps": ["id", "name", "state"], "users": ["id"] });
        let now = json!({ "apps": ["id (required)", "name", "tags"], "roles": ["id"] });
        let found = changes(&before, &now);
        let expected = [
            (ChangeKind::TableAdded, "has the table `roles`"),
            (ChangeKind::ColumnAdded, "has the column `id (required)` in the table `apps`"),
            (ChangeKind::ColumnAdded, "has the column `tags` in the table `apps`"),
            (ChangeKind::ColumnRemoved, "no longer has the column `id` in the table `apps`"),
            (ChangeKind::ColumnRemoved, "no longer has the column `state` in the table `apps`"),
            (ChangeKind::TableRemoved, "no longer has the table `users`"),
        ];
        assert_eq!(found, expected.map(|(kind, what)| (kind, what.to_owned())));
        let is_breaking = |kind: ChangeKind| kind.level() == Level::Breaking;
        assert!(is_breaking(ChangeKind::TableRemoved) && is_breaking(ChangeKind::ColumnRemoved));
        assert!(!is_breaking(ChangeKind::TableAdded) && !is_breaking(ChangeKind::ColumnAdded));
    }

    #[test]
    fn a_lock_without_tables_only_gains_them() {
        assert_eq!(
            changes(&Json::Null, &json!({ "apps": ["id"] })),
            [(ChangeKind::TableAdded, "has the table `apps`".to_owned())]
        );
    }
}
