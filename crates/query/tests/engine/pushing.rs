//! Conditions that go to the loader, and that they never change a result.

use openapi_mcp_query::{First, Schema, Sort, Table};

use crate::office::{self, Office};

#[tokio::test]
async fn comparisons_with_constants_go_to_the_loader() {
    for (sql, pushed) in [
        ("SELECT * FROM contracts WHERE status = 'active' AND idApp IN (1, 2)", vec!["status = 'active'", "idApp IN (1, 2)"]),
        ("SELECT * FROM contracts c WHERE 'active' = c.status AND (c.idApp = 1)", vec!["status = 'active'", "idApp = 1"]),
        (
            "SELECT * FROM contracts WHERE ends BETWEEN date('now') AND date('now', '+30 days')",
            vec!["ends >= '2026-11-28'", "ends <= '2026-12-28'"],
        ),
        ("SELECT * FROM contracts WHERE ends > datetime('now')", vec!["ends >= '2026-11-28T10:00:00Z'"]),
        ("SELECT * FROM contracts WHERE idApp = '1'", vec!["idApp = 1"]),
        ("SELECT * FROM contracts WHERE status IN ('active')", vec!["status = 'active'"]),
        ("WITH c AS (SELECT * FROM contracts WHERE idApp = 1) SELECT * FROM c WHERE status = 'active'", vec!["idApp = 1"]),
        ("SELECT * FROM apps a LEFT JOIN contracts c ON c.idApp = a.id AND c.status = 'active'", vec!["status = 'active'"]),
        (
            "SELECT (SELECT count(*) FROM contracts c WHERE c.idApp = a.id AND c.status = 'active') FROM apps a",
            vec!["status = 'active'"],
        ),
        (
            "SELECT 1 FROM contracts WHERE idApp = 1 UNION ALL SELECT 2 FROM contracts WHERE idApp = 1 AND status = 'active'",
            vec!["idApp = 1"],
        ),
    ] {
        let office = Office::new();
        office.rows(sql).await;
        assert_eq!(office.pushed("contracts"), pushed, "{sql}");
    }
}

#[tokio::test]
async fn conditions_that_do_not_hold_for_every_row_stay() {
    for sql in [
        "SELECT * FROM contracts WHERE status = 'active' OR idApp = 1",
        "SELECT * FROM contracts WHERE NOT status = 'active'",
        "SELECT * FROM contracts WHERE idApp NOT IN (1, 2)",
        "SELECT * FROM contracts WHERE status = currency",
        "SELECT * FROM contracts WHERE upper(status) = 'ACTIVE'",
        "SELECT * FROM contracts WHERE idApp = NULL",
        "SELECT * FROM contracts WHERE idApp = 0x31",
        "SELECT * FROM contracts WHERE ends > '2026'",
        "SELECT * FROM apps a LEFT JOIN contracts c ON c.idApp = a.id WHERE c.status = 'active'",
        "SELECT * FROM contracts c LEFT JOIN apps a ON a.id = c.idApp AND c.status = 'active'",
        "SELECT * FROM apps a FULL JOIN contracts c ON c.idApp = a.id AND c.status = 'active'",
        "SELECT * FROM contracts c RIGHT JOIN apps a ON c.idApp = a.id WHERE c.status = 'active'",
        "SELECT * FROM contracts a JOIN contracts b ON a.idApp = b.idApp WHERE a.status = 'active'",
        "SELECT status = 'active' FROM contracts",
        "SELECT status, count(*) FROM contracts GROUP BY status HAVING status = 'active'",
        "SELECT * FROM contracts WHERE status = 'active' COLLATE NOCASE",
        "SELECT * FROM contracts WHERE EXISTS (SELECT 1 FROM contracts x WHERE x.status = 'active')",
    ] {
        let office = Office::new();
        office.rows(sql).await;
        assert_eq!(office.pushed("contracts"), [""; 0], "{sql}");
    }
    let office = Office::new();
    office.rows("SELECT * FROM apps WHERE state = 'unknown to the source'").await;
    assert_eq!(office.pushed("apps"), [""; 0], "a source may refuse a value that is no choice");
}

#[tokio::test]
async fn the_first_rows_are_enough_for_a_sorted_table_with_a_limit() {
    let first = async |sql: &str| {
        let office = Office::new();
        office.rows(sql).await;
        office.take_requests()[0].first.clone()
    };
    let sort = |column: &str, descending| Sort { column: column.to_owned(), descending };
    assert_eq!(
        first("SELECT name FROM apps ORDER BY name DESC, id LIMIT 2").await,
        Some(First { rows: 2, sort: vec![sort("name", true), sort("id", false)] })
    );
    assert_eq!(
        first("SELECT name FROM apps WHERE state = 'managed' LIMIT 2 OFFSET 3").await,
        Some(First { rows: 5, sort: vec![] })
    );
    for sql in [
        "SELECT name FROM apps ORDER BY state LIMIT 2",
        "SELECT name FROM apps ORDER BY lower(name) LIMIT 2",
        "SELECT lower(name) AS name FROM apps ORDER BY name LIMIT 2",
        "SELECT name FROM apps WHERE owner_email LIKE 'S%' LIMIT 2",
        "SELECT DISTINCT state FROM apps LIMIT 2",
        "SELECT count(*) FROM apps LIMIT 2",
        "SELECT name, row_number() OVER () FROM apps LIMIT 2",
        "SELECT state FROM apps GROUP BY state LIMIT 2",
        "SELECT name FROM apps",
        "SELECT name FROM apps, users LIMIT 2",
        "SELECT name FROM apps, json_each(tags) LIMIT 2",
        "SELECT value, (SELECT name FROM apps WHERE id = value) FROM json_each('[1, 4]') LIMIT 2",
        "SELECT 1, (SELECT max(id) FROM apps) FROM (SELECT 1) LIMIT 1",
        "SELECT name FROM apps WHERE id IN (SELECT id FROM apps LIMIT 2)",
        "SELECT name FROM (SELECT name FROM apps WHERE state = 'managed') LIMIT 2",
    ] {
        assert_eq!(first(sql).await, None, "{sql}");
    }
}

/// Statements of many forms, all of which compare something that could be pushed.
fn statements() -> Vec<String> {
    let conditions = [
        "c.status = 'active'",
        "c.status IN ('active', 'none')",
        "c.idApp = 1",
        "c.idApp IN (1, 2, '3')",
        "c.idApp = '1' AND c.status <> 'closed'",
        "c.currency = 'EUR' OR c.idApp = 1",
        "NOT (c.status = 'active')",
        "c.idApp = 2 AND c.currency = 'EUR'",
        "c.status = 'active' IS NOT TRUE",
        "c.currency = 'usd' COLLATE NOCASE",
        "(c.status = 'active' AND (c.idApp = 1 OR c.idApp = 2))",
        "c.idApp = 1 AND c.idApp = 2",
        "c.idApp = 1.0",
        "c.status = 'active' AND EXISTS (SELECT 1 FROM contracts x WHERE x.idApp = c.idApp AND x.id <> c.id)",
    ];
    let forms = [
        "SELECT c.id FROM contracts c WHERE {} ORDER BY 1",
        "SELECT a.id, c.id FROM apps a JOIN contracts c ON c.idApp = a.id AND {} ORDER BY 1, 2",
        "SELECT a.id, c.id FROM apps a LEFT JOIN contracts c ON c.idApp = a.id AND {} ORDER BY 1, 2",
        "SELECT a.id, c.id FROM apps a LEFT JOIN contracts c ON c.idApp = a.id WHERE {} ORDER BY 1, 2",
        "SELECT c.id, a.id FROM contracts c LEFT JOIN apps a ON c.idApp = a.id AND {} ORDER BY 1, 2",
        "SELECT a.id, c.id FROM apps a FULL JOIN contracts c ON c.idApp = a.id AND {} ORDER BY 1, 2",
        "SELECT a.id, c.id FROM contracts c RIGHT JOIN apps a ON c.idApp = a.id WHERE {} ORDER BY 1, 2",
        "SELECT a.id, c.id, u.idUser FROM contracts c JOIN apps a ON {} FULL JOIN users u ON u.idUser = 1 ORDER BY 1, 2, 3",
        "SELECT a.id, c.id, u.idUser FROM contracts c, users u RIGHT JOIN apps a ON a.id = u.idUser WHERE {} ORDER BY 1, 2, 3",
        "SELECT a.id, c.id, d.id FROM apps a LEFT JOIN (contracts c JOIN contracts d ON {}) ON c.idApp = a.id ORDER BY 1, 2, 3",
        "SELECT c.id, d.id FROM contracts c, contracts d WHERE {} AND c.idApp = d.idApp ORDER BY 1, 2",
        "SELECT id, (SELECT count(*) FROM contracts c WHERE c.idApp = a.id AND {}) FROM apps a ORDER BY 1",
        "SELECT id FROM apps a WHERE id NOT IN (SELECT c.idApp FROM contracts c WHERE {}) ORDER BY 1",
        "WITH k AS (SELECT * FROM contracts c WHERE {}) SELECT k.id, c.id FROM k, contracts c ORDER BY 1, 2",
        "WITH k AS MATERIALIZED (SELECT * FROM contracts) SELECT c.id FROM k c WHERE {} ORDER BY 1",
        "SELECT c.status, count(*), max(c.id) FROM contracts c WHERE {} GROUP BY 1 ORDER BY 1",
        "SELECT c.id, count(*) OVER () FROM contracts c WHERE {} ORDER BY 1",
        "SELECT c.id FROM contracts c WHERE {} UNION SELECT id FROM contracts WHERE status = 'closed' ORDER BY 1",
        "SELECT c.id, {} FROM contracts c ORDER BY 1",
        "SELECT sum({}) FROM contracts c",
        "SELECT status, x FROM (SELECT c.status, {} AS x FROM contracts c) ORDER BY 1, 2",
    ];
    forms.iter().flat_map(|form| conditions.iter().map(move |condition| form.replace("{}", condition))).collect()
}

#[tokio::test]
async fn pushing_never_changes_a_result() {
    let mut pushing = Office::new();
    pushing.exact = true;
    let mut whole = Office::new();
    let schema = office::schema();
    let tables = schema.tables().iter().map(|table| {
        let mut table = Table::clone(table);
        table.columns.iter_mut().for_each(|column| column.pushed.clear());
        table
    });
    whole.schema = std::sync::Arc::new(Schema::new(tables.collect::<Vec<_>>()));
    let mut pushed = 0;
    for sql in statements() {
        assert_eq!(pushing.rows(&sql).await, whole.rows(&sql).await, "{sql}");
        pushed += usize::from(!pushing.pushed("contracts").is_empty());
        pushing.take_requests();
    }
    assert!(pushed > 60, "only {pushed} statements pushed anything");
    assert!(whole.take_requests().iter().all(|request| request.conditions.is_empty()));
}
