//! What answers look like, and where their values come from.

use serde_json::json;

use crate::office::Office;

#[tokio::test]
async fn an_item_becomes_a_row_with_its_nested_members_lists_and_times() {
    let office = Office::new();
    let rows = office.rows("SELECT id, name, owner_email, tags, json ->> '$.owner.email' FROM apps WHERE id = 1").await;
    assert_eq!(rows, json!([[1, "Slack", "Slack@x.org", "[\"a\",1]", "Slack@x.org"]]));
    let rows = office.rows("SELECT created, isExternal, typeof(isExternal) FROM users WHERE idUser = 4").await;
    assert_eq!(rows, json!([["2025-10-13T08:53:20.000Z", 1, "integer"]]));
    let rows = office.rows("SELECT seen FROM app_users WHERE idApp = 1 AND idUser = 1").await;
    assert_eq!(rows, json!([["2026-09-21T14:13:20.000Z"]]));
    assert_eq!(
        office.rows("SELECT paid FROM transactions WHERE id = 1").await,
        json!([["2026-02-01T10:00:00Z"]]),
        "times with an offset are in UTC"
    );
}

#[tokio::test]
async fn only_the_columns_that_a_statement_reads_are_loaded() {
    let office = Office::new();
    office.rows("SELECT u.email, count(*) FROM users u JOIN transactions t ON t.idUser = u.idUser GROUP BY 1").await;
    let mut requests = office.take_requests();
    requests.sort_by(|a, b| a.table.cmp(&b.table));
    let columns: Vec<Vec<String>> = requests.into_iter().map(|request| request.columns).collect();
    assert_eq!(columns, [vec!["idUser"], vec!["idUser", "email"]]);
}

#[tokio::test]
async fn columns_that_a_join_compares_by_their_name_are_loaded() {
    let office = Office::new();
    assert_eq!(office.rows("SELECT count(*) FROM users JOIN transactions USING (idUser)").await, json!([[30]]));
    assert_eq!(office.rows("SELECT count(*) FROM users NATURAL JOIN transactions").await, json!([[30]]));
    assert_eq!(
        office.rows("SELECT count(email) FROM apps JOIN app_users ON idApp = apps.id JOIN users USING (\"idUser\")").await,
        json!([[20]])
    );
}

#[tokio::test]
async fn a_count_of_rows_needs_no_column() {
    let office = Office::new();
    assert_eq!(office.rows("SELECT count(*) FROM users").await, json!([[20]]));
    assert_eq!(office.rows("SELECT count(*) FROM app_users WHERE idApp IN (1, 2)").await, json!([[6]]));
}

#[tokio::test]
async fn expressions_windows_recursion_and_set_operations_work_as_in_sqlite() {
    let office = Office::new();
    let rows = office
        .rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT group_concat(i) FROM n")
        .await;
    assert_eq!(rows, json!([["1,2,3"]]));
    let rows =
        office.rows("SELECT name, row_number() OVER (ORDER BY name) FROM apps UNION ALL SELECT 'x', 0 ORDER BY 2 LIMIT 2").await;
    assert_eq!(rows, json!([["x", 0], ["Figma", 1]]));
    assert_eq!(office.rows("SELECT value FROM apps, json_each(tags) WHERE apps.id = 2").await, json!([["a"], [2]]));
    assert_eq!(
        office.rows("SELECT trim('  x '), replace('aXa', 'a', 'b'), instr('äbc', 'c'), ceil(1.2), 'Abc' LIKE 'a%'").await,
        json!([["x", "bXb", 3, 2.0, 1]])
    );
}

#[tokio::test]
async fn now_is_the_clock_that_was_passed_in() {
    let office = Office::new();
    let rows = office.rows("SELECT date('now'), datetime(), CURRENT_DATE, strftime('%H', 'now'), unixepoch('now')").await;
    assert_eq!(rows, json!([["2026-11-28", "2026-11-28 10:00:00", "2026-11-28", "10", 1_795_860_000]]));
}

#[tokio::test]
async fn times_compare_whichever_form_they_have() {
    let office = Office::new();
    let sql = |limit: &str| format!("SELECT count(*) FROM contracts WHERE ends <= {limit}");
    for limit in ["'2026-12-06'", "'2026-12-05 23:59:59'", "'2026-12-05T23:59:59Z'"] {
        assert_eq!(office.rows(&sql(limit)).await, json!([[1]]), "{limit}");
    }
    for limit in
        ["'2026-12-06T00:00:00Z'", "'2026-12-06 00:00:00'", "datetime('2026-12-06')", "datetime('now', '+7 days', '+14 hours')"]
    {
        assert_eq!(office.rows(&sql(limit)).await, json!([[2]]), "{limit}");
    }
}

#[tokio::test]
async fn an_answer_leads_with_the_total_and_names_its_tables() {
    let office = Office::new();
    let answer = office.ask("SELECT id FROM contracts WHERE status = 'active'").await.unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    assert_eq!(
        text,
        r#"{"total":3,"more":false,"columns":["id"],"rows":[[1],[3],[4]],"tables":[{"table":"contracts","rows":5,"asOf":"2026-11-28T10:00:00Z","pushed":["status = 'active'"]}]}"#
    );
}

#[tokio::test]
async fn a_long_result_is_cut_after_a_whole_row_and_says_how_many_there_are() {
    let mut office = Office::new();
    office.characters = 60 + r#"["idUser","email"]"#.len();
    let answer = office.ask("SELECT idUser, email FROM users ORDER BY 1").await.unwrap();
    assert_eq!((answer.total, answer.more, answer.rows.len()), (20, true, 4));
    office.characters = 2 * r#"["i","email"]"#.len();
    let answer = office.ask("SELECT idUser AS i, email FROM users ORDER BY 1").await.unwrap();
    assert_eq!((answer.total, answer.more, answer.rows.len()), (20, true, 0));
    assert!(answer.notes[0].starts_with("the first row alone has 15 characters, and 13 fit"), "{:?}", answer.notes);
}

#[tokio::test]
async fn rows_beyond_the_counted_ones_are_at_least_there() {
    let mut office = Office::new();
    office.bounds.counted_rows = 7;
    let answer = office.ask("SELECT idUser FROM users").await.unwrap();
    assert_eq!((answer.total, answer.total_is_least, answer.more), (7, true, true));
}

#[tokio::test]
async fn a_table_that_is_not_whole_is_an_error_unless_asked_for() {
    let mut office = Office::new();
    office.cap = Some(3);
    let error = office.refusal("SELECT count(*) FROM contracts").await;
    assert!(error.starts_with("`contracts` could not be loaded whole: 3 rows were, then the limit of 3 rows was reached; narrow it by a condition on `idApp`"), "{error}");
    office.partial = true;
    let answer = office.ask("SELECT count(*) FROM contracts").await.unwrap();
    assert_eq!(answer.partial, ["`contracts` is not whole: 3 rows were loaded, then the limit of 3 rows was reached"]);
    assert!(serde_json::to_string(&answer).unwrap().starts_with("{\"partial\""));
}

#[tokio::test]
async fn a_text_that_no_row_has_is_named() {
    let office = Office::new();
    let notes = async |sql: &str| office.ask(sql).await.unwrap().notes;
    assert_eq!(
        notes("SELECT * FROM apps WHERE state = 'Managed'").await,
        ["no row of `apps` has the value `Managed` in `state`; values are `managed`, `closed`, `discovered`"]
    );
    assert_eq!(
        notes("SELECT * FROM users WHERE team IN ('IT', 'Saels')").await,
        ["no row of `users` has the value `Saels` in `team`; values are `Sales`, `IT`"]
    );
    assert!(notes("SELECT * FROM apps WHERE state = 'managed'").await.is_empty());
}

#[tokio::test]
async fn a_text_that_no_number_and_no_truth_value_equals_is_named() {
    let office = Office::new();
    let notes = async |sql: &str| office.ask(sql).await.unwrap().notes;
    assert_eq!(
        notes("SELECT * FROM users WHERE isExternal = 'true'").await,
        [
            "no row of `users` has the value `true` in `isExternal`, which is 1 or 0; write `isExternal` or `NOT isExternal` without a text"
        ]
    );
    assert_eq!(
        notes("SELECT * FROM apps WHERE id IN ('one', 2)").await,
        ["no row of `apps` has the value `one` in `id`, which has numbers; compare it with a number"]
    );
    for sql in [
        "SELECT * FROM users WHERE isExternal = '1'",
        "SELECT * FROM users WHERE isExternal = true",
        "SELECT * FROM apps WHERE id = '2'",
    ] {
        assert!(notes(sql).await.is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn arithmetic_with_times_is_refused_since_it_counts_years() {
    for (sql, expression) in [
        ("SELECT ends - date('now') FROM contracts", "ends - date('now')"),
        ("SELECT id FROM contracts WHERE ends < date('now') + 90", "date('now') + 90"),
        ("SELECT max(ends) - min(ends) FROM contracts", "max(ends) - min(ends)"),
        ("WITH c AS (SELECT ends AS e FROM contracts) SELECT (e) - 30 FROM c", "(e) - 30"),
        ("SELECT (SELECT created - 1 FROM users LIMIT 1)", "created - 1"),
    ] {
        let refused = Office::new().refusal(sql).await;
        assert!(refused.starts_with(&format!("`{expression}` makes numbers of times")), "{sql}: {refused}");
        assert!(refused.contains("`julianday(a) - julianday(b)`"), "{refused}");
    }
    for sql in [
        "SELECT julianday(ends) - julianday('now') FROM contracts",
        "SELECT strftime('%Y', ends) - 1, unixepoch(ends) / 86400, date(ends, '-' || id || ' days'), id - 1 FROM contracts",
    ] {
        Office::new().ask(sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_date_that_is_written_otherwise_is_refused() {
    for (condition, text) in [
        ("ends < '12/31/2026'", "12/31/2026"),
        ("ends BETWEEN '2026-01-01' AND '1 May 2026'", "1 May 2026"),
        ("'2026-1-5' <= ends", "2026-1-5"),
        ("ends >= '2026-11-5'", "2026-11-5"),
        ("ends >= '2026-1'", "2026-1"),
        ("ends >= '2026-11-01 9:00'", "2026-11-01 9:00"),
        ("ends BETWEEN '2026-09' AND '2026-11'", "2026-11"),
        ("ends <= '2026'", "2026"),
        ("ends = '2026-11'", "2026-11"),
        ("ends IN ('2026-01-01', '31.12.2026')", "31.12.2026"),
        ("ends >= '2026-11-01T00:00:00+10:00'", "2026-11-01T00:00:00+10:00"),
    ] {
        let refused = Office::new().refusal(&format!("SELECT id FROM contracts WHERE {condition}")).await;
        assert!(refused.contains(&format!("`{text}` would be compared as text; write a date as `2026-11-01`")), "{refused}");
    }
    for condition in ["ends >= '2026'", "ends < '2026-05'", "ends <> ''", "ends > '2026-05-01T10:00'", "status < 'abc'"] {
        Office::new().ask(&format!("SELECT id FROM contracts WHERE {condition}")).await.unwrap();
    }
}

#[tokio::test]
async fn a_range_that_ends_with_a_day_says_that_the_rest_of_the_day_is_left_out() {
    for (condition, told) in [
        ("created BETWEEN '2025-10-01' AND '2025-10-20'", "rows of '2025-10-20' itself after midnight are left out"),
        ("created <= date('now')", "rows of date('now') itself after midnight"),
        ("'2025-10-20' >= created", "rows of '2025-10-20' itself"),
        ("created = '2025-10-20'", "only midnight equals '2025-10-20'"),
        ("created IN ('2025-10-20')", "only midnight equals '2025-10-20'"),
    ] {
        let notes = Office::new().ask(&format!("SELECT count(*) FROM users WHERE {condition}")).await.unwrap().notes;
        assert!(notes.iter().any(|note| note.contains(told) && note.contains("`date(created)`")), "{condition}: {notes:?}");
    }
    for condition in [
        "created < '2025-10-20'",
        "date(created) <= '2025-10-20'",
        "created <= '2025-10-20T23:59:59Z'",
        "created >= '2025-10-20'",
    ] {
        let notes = Office::new().ask(&format!("SELECT count(*) FROM users WHERE {condition}")).await.unwrap().notes;
        assert!(notes.is_empty(), "{condition}: {notes:?}");
    }
    let days = Office::new().ask("SELECT count(*) FROM contracts WHERE ends <= '2026-12-31'").await.unwrap().notes;
    assert!(days.is_empty(), "their times are days: {days:?}");
}

#[tokio::test]
async fn a_function_of_another_database_leads_to_that_of_sqlite() {
    for (call, instead) in [
        ("year(ends)", "strftime('%Y', t)"),
        ("now()", "datetime('now')"),
        ("DATEDIFF(ends, ends)", "julianday(a) - julianday(b)"),
        ("left(status, 3)", "substr(a, 1, 3)"),
    ] {
        let refused = Office::new().refusal(&format!("SELECT {call} FROM contracts")).await;
        assert!(refused.ends_with(&format!("write `{instead}`")), "{refused}");
    }
    let refused = Office::new().refusal("SELECT frobnicate(1)").await;
    assert!(refused.starts_with("there is no function `frobnicate`; this is SQLite"), "{refused}");
}

#[tokio::test]
async fn a_number_that_no_text_of_a_column_is_is_named() {
    for condition in ["status = 1", "status IN (true)", "0 = status", "CASE status WHEN 1 THEN 1 END IS NULL"] {
        let notes = Office::new().ask(&format!("SELECT count(*) FROM contracts WHERE {condition}")).await.unwrap().notes;
        assert!(notes.iter().any(|note| note.starts_with("no row of `contracts` has the value `")), "{condition}: {notes:?}");
    }
    let answer =
        Office::new().ask("SELECT count(*) FROM contracts WHERE id = 1 AND status <> 'active' OR usd > 5").await.unwrap();
    assert!(answer.notes.is_empty(), "{:?}", answer.notes);
}

#[tokio::test]
async fn the_names_of_columns_are_a_part_of_the_answer_and_bounded_with_it() {
    let long = "\u{1}".repeat(18_000);
    for sql in [
        format!("WITH c(\"{long}\") AS (SELECT 1) SELECT {} FROM c", vec!["*"; 390].join(", ")),
        format!("SELECT 1 AS \"{long}\""),
    ] {
        let refused = Office::new().refusal(&sql).await;
        assert!(refused.starts_with("the names of the result's columns have ") && refused.len() < 300, "{refused}");
    }
    let office = Office::new();
    let name = "n".repeat(office.characters / 4);
    let answer = office.ask(&format!("SELECT printf('%.{}c', 'x') AS {name}", office.characters / 2)).await.unwrap();
    assert!(!answer.more && serde_json::to_string(&answer).unwrap().chars().count() < office.characters);
    let wide = office.ask(&format!("SELECT printf('%.{}c', 'x') AS {name}", office.characters - 100)).await.unwrap();
    assert!(wide.more && wide.rows.is_empty());
}

#[tokio::test]
async fn a_part_of_a_time_that_is_compared_with_a_number_is_refused() {
    for condition in [
        "strftime('%Y', ends) = 2026",
        "2026 <= strftime('%Y', ends)",
        "ends > 2026",
        "date(ends) = (20260101)",
        "ends >= unixepoch('2026-11-01')",
    ] {
        let refused = Office::new().refusal(&format!("SELECT id FROM contracts WHERE {condition}")).await;
        assert!(refused.starts_with(&format!("`{condition}` compares a text with a number")), "{refused}");
    }
    Office::new().ask("SELECT id FROM contracts WHERE CAST(strftime('%Y', ends) AS INTEGER) = 2026").await.unwrap();
}
