//! Attacks: whatever a statement tries, it reads nothing else, changes nothing, and ends within its bounds.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use openapi_mcp_query::QueryError;
use serde_json::json;

use crate::office::Office;

pub(crate) fn hurried() -> Office {
    let mut office = Office::new();
    office.bounds.computing = Duration::from_millis(400);
    office.bounds.temporary_bytes = 8 << 20;
    office
}

/// Asks, and fails if that does not end. What a bound of ours does not end takes minutes, and the machine may be busy.
pub(crate) async fn ends(office: &Office, sql: &str) -> Result<openapi_mcp_query::Answer, QueryError> {
    let began = Instant::now();
    let answered = office.ask(sql).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(45), "{}: {took:?}", sql.chars().take(200).collect::<String>());
    answered
}

#[tokio::test]
async fn a_statement_cannot_change_anything_or_leave_the_database() {
    let office = Office::new();
    for sql in [
        "INSERT INTO apps (id) VALUES (9)",
        "UPDATE apps SET name = 'x'",
        "DELETE FROM apps",
        "REPLACE INTO apps (id) VALUES (9)",
        "INSERT INTO apps (id) VALUES (9) RETURNING id",
        "WITH x AS (SELECT 1) DELETE FROM apps",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t AS SELECT * FROM apps",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON apps BEGIN SELECT 1; END",
        "CREATE INDEX i ON apps (id)",
        "CREATE VIRTUAL TABLE f USING fts5 (a)",
        "CREATE VIRTUAL TABLE f USING rtree (a, b, c)",
        "DROP TABLE apps",
        "ALTER TABLE apps ADD COLUMN x",
        "ATTACH '/etc/passwd' AS x",
        "ATTACH ':memory:' AS x",
        "DETACH main",
        "VACUUM INTO '/tmp/x'",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA database_list",
        "PRAGMA writable_schema = 1",
        "ANALYZE",
        "REINDEX",
        "SAVEPOINT x",
        "COMMIT",
    ] {
        let error = office.ask(sql).await.unwrap_err();
        assert!(matches!(error, QueryError::NotOneSelect { .. }), "`{sql}`: {error}");
    }
    assert_eq!(office.rows("SELECT count(*) FROM apps").await, json!([[4]]));
}

#[tokio::test]
async fn a_statement_reads_no_table_of_sqlite_itself() {
    let office = Office::new();
    for sql in [
        "SELECT * FROM sqlite_master",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT 1 FROM sqlite_temp_master",
        "SELECT * FROM pragma_database_list",
        "SELECT count(*) FROM pragma_table_info('apps')",
        "SELECT * FROM pragma_function_list",
        "SELECT * FROM dbstat",
        "SELECT count(*) FROM dbstat",
        "SELECT * FROM sqlite_stmt",
        "SELECT * FROM bytecode('SELECT 1')",
        "SELECT * FROM fts3tokenize('simple', 'a')",
        "SELECT apps.id FROM apps, sqlite_master",
        "SELECT (SELECT count(*) FROM sqlite_master)",
        "WITH x AS (SELECT sql FROM main.sqlite_master) SELECT * FROM x",
    ] {
        let error = office.ask(sql).await.unwrap_err();
        assert!(matches!(error, QueryError::Denied { .. } | QueryError::UnknownTable { .. }), "`{sql}`: {error}");
    }
}

#[tokio::test]
async fn functions_beyond_the_list_are_refused_by_name() {
    let office = Office::new();
    for (function, sql) in [
        ("load_extension", "SELECT load_extension('/lib/x.so')"),
        ("randomblob", "SELECT length(randomblob(1000000000))"),
        ("zeroblob", "SELECT zeroblob(1000000000)"),
        ("random", "SELECT random()"),
        ("regexp", "SELECT name FROM apps WHERE name REGEXP '(a+)+b'"),
        ("match", "SELECT name FROM apps WHERE name MATCH 'a'"),
        ("fts3_tokenizer", "SELECT fts3_tokenizer('x')"),
        ("sqlite_compileoption_get", "SELECT sqlite_compileoption_get(1)"),
        ("readfile", "SELECT readfile('/etc/passwd')"),
        ("writefile", "SELECT writefile('/tmp/x', 'x')"),
        ("sqlite_source_id", "SELECT sqlite_source_id()"),
    ] {
        let error = office.refusal(sql).await;
        let starts = [format!("the function `{function}` may not be used here"), format!("there is no function `{function}`")];
        assert!(starts.iter().any(|start| error.starts_with(start)), "`{sql}`: {error}");
    }
}

#[tokio::test]
async fn computing_without_an_end_is_ended() {
    let office = hurried();
    let product =
        ["transactions"; 9].iter().enumerate().map(|(at, table)| format!("{table} t{at}")).collect::<Vec<_>>().join(", ");
    for sql in [
        format!("SELECT count(*) FROM {product}"),
        format!("SELECT max(t0.id + t8.id) FROM {product}"),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n".to_owned(),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) OVER () FROM n LIMIT 1".to_owned(),
    ] {
        let error = ends(&office, &sql).await.unwrap_err();
        assert!(matches!(error, QueryError::TimeIsUp(_) | QueryError::TooLarge { .. }), "{sql}: {error}");
    }
    // rows without an end are counted up to a bound, which a fast machine may reach first
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    match ends(&office, sql).await {
        Ok(answer) => assert!(answer.total_is_least && answer.more),
        Err(error) => assert!(matches!(error, QueryError::TimeIsUp(_)), "{error}"),
    }
}

#[tokio::test]
async fn one_call_of_a_function_on_long_texts_does_not_outlast_the_clock() {
    let office = hurried();
    let long = "printf('%.*c', 900000, 'a')";
    let many = |call: &str| (0..60).map(|at| call.replace("a'", &format!("a' || {at}"))).collect::<Vec<_>>().join(", ");
    for sql in [
        format!("SELECT instr({long}, printf('%.*c', 450000, 'a') || 'b')"),
        format!("SELECT length(replace({long}, printf('%.*c', 450000, 'a') || 'b', 'c'))"),
        format!("SELECT length(trim({long}, printf('%.*c', 900000, 'b') || 'a'))"),
        format!("SELECT {long} LIKE '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b'"),
        format!("SELECT {long} GLOB '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'"),
        format!("SELECT {}", many(&format!("{long} LIKE '%' || printf('%.*c', 150, 'a') || 'b%'"))),
        format!("SELECT {long} LIKE '{}'", "%a".repeat(150)),
        format!("SELECT {long} LIKE {long}"),
        format!("SELECT json_valid('[' || {long} || ']'), json_extract('[\"' || {long} || '\"]', '$[0]') IS NULL"),
        "SELECT json_valid(replace(printf('%.*c', 400000, 'a'), 'a', '['))".to_owned(),
        "SELECT count(*) FROM json_tree(replace(printf('%.*c', 900, 'a'), 'a', '[') || replace(printf('%.*c', 900, 'a'), 'a', ']'))".to_owned(),
        "SELECT count(*) FROM json_each('[' || replace(printf('%.*c', 400000, '1'), '1', '1,') || '1]')".to_owned(),
        format!("SELECT group_concat(DISTINCT {long} || a.id) FROM transactions a, transactions b"),
        format!("SELECT soundex({long}), upper({long}), hex({long})"),
        format!("SELECT printf('%,.{}f', 1.5), round(1.5, 900000), format('%0900000d', 1)", "9".repeat(9)),
    ] {
        let _ = ends(&office, &sql).await;
    }
}

#[tokio::test]
async fn texts_do_not_grow_beyond_their_bound() {
    let mut office = Office::new();
    office.bounds.value_bytes = 100_000;
    for sql in [
        "SELECT printf('%.*c', 200000, 'x')",
        "SELECT replace(printf('%.*c', 90000, 'x'), 'x', 'yy')",
        "SELECT replace(replace(replace(printf('%.*c', 1000, 'x'), 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx')",
        "SELECT group_concat(printf('%.*c', 9000, 'x')) FROM transactions",
        "SELECT json_group_array(printf('%.*c', 9000, 'x')) FROM transactions",
        "WITH RECURSIVE n(i, t) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, t || t FROM n WHERE i < 30) SELECT max(length(t)) FROM n",
        "SELECT hex(printf('%.*c', 90000, 'x'))",
        "SELECT format('%200000d', 1)",
        "SELECT concat(a, a) FROM (SELECT printf('%.*c', 90000, 'x') AS a)",
    ] {
        match ends(&office, sql).await {
            // `printf` makes nothing of what would be too long
            Ok(answer) => assert_eq!(json!(answer.rows), json!([[null]]), "{sql}"),
            Err(error) => assert!(matches!(error, QueryError::TooLarge { .. }), "{sql}: {error}"),
        }
    }
}

#[tokio::test]
async fn sorting_grouping_and_materializing_have_a_bound_in_memory() {
    let mut office = Office::new();
    office.bounds.temporary_bytes = 4 << 20;
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000), t AS MATERIALIZED (SELECT i, printf('%.*c', 400, 'x') || i AS x FROM n)";
    for sql in [
        format!("{rows} SELECT x FROM t ORDER BY x DESC LIMIT -1"),
        format!("{rows} SELECT count(DISTINCT x) FROM t"),
        format!("{rows} SELECT count(*) FROM (SELECT x FROM t GROUP BY x)"),
        format!("{rows} SELECT x, count(*) OVER (ORDER BY x) FROM t"),
        format!("{rows} SELECT x FROM t UNION SELECT x || 1 FROM t"),
        format!("{rows} SELECT count(*) FROM t a, t b WHERE a.x = b.x"),
    ] {
        let error = ends(&office, &sql).await.unwrap_err();
        assert!(matches!(error, QueryError::TooLarge { .. }), "{sql}: {error}");
    }
    assert_eq!(
        office
            .rows(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT count(DISTINCT i) FROM n"
            )
            .await,
        json!([[50000]])
    );
}

#[tokio::test]
async fn tables_have_a_bound_in_memory() {
    let mut office = Office::new();
    office.bounds.table_bytes = 100 << 10;
    office.rows("SELECT * FROM transactions").await;
    office.repeat("transactions", 100);
    let error = office.refusal("SELECT * FROM transactions").await;
    assert_eq!(
        error,
        "the tables that the statement reads took more memory than a statement may use; select fewer columns or rows, or add up earlier"
    );
}

#[tokio::test]
async fn large_and_deep_statements_are_refused() {
    let office = hurried();
    let chain = |joins: usize| {
        format!("SELECT 1 FROM apps {}", (0..joins).map(|at| format!("JOIN apps a{at}")).collect::<Vec<_>>().join(" "))
    };
    let doubling = |levels: usize| {
        let ctes = (1..levels).map(|at| format!("c{at} AS (SELECT a.x FROM c{} a, c{} b)", at - 1, at - 1));
        format!("WITH c0 AS (SELECT 1 AS x), {} SELECT count(*) FROM c{}", ctes.collect::<Vec<_>>().join(", "), levels - 1)
    };
    for sql in [
        chain(1000),
        chain(70),
        doubling(200),
        doubling(40),
        doubling(22),
        format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("SELECT {}1{}", "(SELECT ".repeat(200), ")".repeat(200)),
        format!("SELECT {} 1", "NOT ".repeat(4000)),
        format!("SELECT {} 1", "- ".repeat(9000)),
        format!("SELECT 1{}", "+1".repeat(9000)),
        format!("SELECT 1 WHERE 1{}", " AND 1".repeat(3000)),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(1000)),
        format!("SELECT {}1", "1,".repeat(9000)),
        format!("SELECT max({}1)", "1,".repeat(9000)),
        format!("SELECT {} 1 {}", "CASE WHEN 1 THEN ".repeat(500), " END".repeat(500)),
        format!("SELECT 1 FROM {}apps{}", "(SELECT * FROM ".repeat(500), ")".repeat(500)),
        format!("SELECT 'x{}'", "x".repeat(30_000)),
    ] {
        assert!(ends(&office, &sql).await.is_err(), "{}", sql.chars().take(80).collect::<String>());
    }
}

#[tokio::test]
async fn nested_statements_are_read_in_time_that_does_not_double_with_each_level() {
    let office = hurried();
    // how many parentheses each of them has in a level
    for (parentheses, open, inside, close) in [
        (1, "SELECT 1 FROM |(", "apps", ")"),
        (1, "SELECT 1 FROM |(", "apps JOIN users", ")"),
        (1, "SELECT 1 FROM |(apps JOIN ", "users", ")"),
        (1, "SELECT 1 FROM |(SELECT * FROM ", "users", ")"),
        (1, "SELECT |(", "1", ")"),
        (1, "SELECT 1 IN |(1, ", "1", ")"),
        (1, "SELECT |(SELECT ", "1", ")"),
        (1, "SELECT |abs(", "1", ")"),
        (1, "SELECT |CAST(", "1", " AS int)"),
        (2, "SELECT 1 WHERE 1 IN |(1 IN (", "1", "))"),
        (1, "SELECT 1 WHERE |EXISTS (SELECT 1 WHERE ", "1", ")"),
        (1, "SELECT |CASE WHEN (", "1", ") THEN 1 END"),
        (1, "SELECT 1 UNION ALL SELECT * FROM |(", "SELECT 1", ")"),
        (1, "SELECT 1 BETWEEN |(1 BETWEEN ", "1", " AND 1)"),
        (1, "|WITH a# AS (", "SELECT 1", ") SELECT 1"),
    ] {
        let (start, open) = open.split_once('|').unwrap();
        for depth in [8, 20, 38] {
            let levels = depth / parentheses;
            let open: String = (0..levels).map(|at| open.replace('#', &at.to_string())).collect();
            let sql = format!("{start}{open}{inside}{}", close.repeat(levels));
            // a reader has seen it: it is not refused for its depth alone
            if let Err(error) = ends(&office, &sql).await {
                assert!(!error.to_string().starts_with("parentheses are nested"), "{sql}: {error}");
            }
        }
        let sql = format!("{start}{}{inside}{}", open.repeat(41), close.repeat(41));
        assert!(ends(&office, &sql).await.unwrap_err().to_string().starts_with("parentheses are nested too deeply"), "{sql}");
    }
}

#[tokio::test]
async fn comments_quotes_and_odd_signs_hide_nothing() {
    let office = Office::new();
    assert_eq!(office.rows("SELECT /* ; DROP TABLE apps */ count(*) FROM apps -- ' ; DELETE").await, json!([[4]]));
    assert_eq!(office.rows("SELECT ';', '--', '/*', 'it''s'").await, json!([[";", "--", "/*", "it's"]]));
    for sql in [
        "SELECT 1; /* */ DELETE FROM apps",
        "SELECT 1;\u{feff}DELETE FROM apps",
        "SELECT 1 /* unclosed ; DELETE FROM apps; SELECT 2 --",
        "SELECT '\u{0}'",
    ] {
        let _ = office.ask(sql).await;
    }
    assert_eq!(office.rows("SELECT count(*) FROM apps").await, json!([[4]]));
}

/// A permit that tells which thread drops it.
struct Permit(std::sync::mpsc::Sender<Option<String>>);

impl Drop for Permit {
    fn drop(&mut self) {
        let _ = self.0.send(std::thread::current().name().map(str::to_owned));
    }
}

#[tokio::test]
async fn a_permit_is_held_until_the_last_thread_has_ended_although_nobody_waits() {
    // so many tables that opening the database is not done when the future is dropped
    let table = |at: usize| openapi_mcp_query::Table {
        name: format!("t{at}"),
        columns: (0..20).map(|at| openapi_mcp_query::Column { name: format!("c{at}"), ..Default::default() }).collect(),
        ..Default::default()
    };
    let office = Office::new();
    let schema = std::sync::Arc::new(openapi_mcp_query::Schema::new((0..3000).map(table)));
    let (dropped, by) = std::sync::mpsc::channel();
    let question = office.question("SELECT 1");
    let mut asking = Box::pin(openapi_mcp_query::answer_holding(&schema, &office, &question, &office.bounds, Permit(dropped)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(asking.as_mut().poll(&mut context).is_pending());
    drop(asking);
    assert_eq!(by.recv().unwrap().as_deref(), Some("query"));
}

#[tokio::test]
async fn no_blob_is_made_which_would_be_taken_for_json_without_a_bound_in_depth() {
    let office = Office::new();
    for blob in [
        "CAST('a' AS BLOB)",
        "CAST(apps.name AS /* of */ \"bLoB\")",
        "CAST(apps.id AS MYBLOBTYPE)",
        "x'EB000DBBA0'",
        "X''",
        "(SELECT CAST(name AS BLOB) FROM apps LIMIT 1)",
    ] {
        for sql in [
            format!("SELECT json({blob}) FROM apps"),
            format!("WITH b AS (SELECT {blob} AS x FROM apps) SELECT x ->> 'a' FROM b"),
            format!("SELECT name FROM apps WHERE {blob} = name ORDER BY {blob}"),
            format!("SELECT value FROM apps, json_each({blob})"),
        ] {
            let refused = office.refusal(&sql).await;
            assert!(refused.starts_with("a blob may not be used here"), "{sql}: {refused}");
        }
    }
    // where SQLite leaves it out, it is no harm, also where the currencies of a sum are looked for
    let nested = "json(CAST(printf('%.*c', 900000, char(27)) AS BLOB))";
    let unused = format!("WITH u AS (SELECT sum(amount + {nested}) FROM contracts) SELECT 1");
    assert_eq!(office.rows(&unused).await, json!([[1]]));
    assert_eq!(office.rows("SELECT 'blob', count(*) AS blob FROM apps WHERE name <> 'x''00'").await, json!([["blob", 4]]));
}

#[tokio::test]
async fn so_many_calls_of_functions_of_json_are_refused_that_the_clock_would_not_be_seen() {
    let office = Office::new();
    let calls = |count: usize| vec!["json_extract(json, '$.id')"; count].join(" + ");
    assert_eq!(office.rows(&format!("SELECT {} FROM apps WHERE id = 1", calls(20))).await, json!([[20]]));
    let refused = office.refusal(&format!("SELECT {} FROM apps", calls(21))).await;
    assert!(refused.starts_with("the statement calls functions of JSON 63 times, and 60 are allowed"), "{refused}");
    let arrows = vec!["(json ->> 'id')"; 70].join(", ");
    let refused = office.refusal(&format!("SELECT {arrows} FROM apps")).await;
    assert!(refused.contains("70 times"), "{refused}");
}

#[tokio::test]
async fn work_on_long_texts_in_a_straight_line_ends_with_the_time() {
    let office = hurried();
    let long = |text: &str, times: usize| format!("replace(printf('%.*c', {times}, 'a'), 'a', '{text}')");
    let many = |count: usize, call: &str| vec![call; count].join(",");
    for sql in [
        format!(
            "WITH t(f) AS MATERIALIZED (SELECT {}) SELECT {} FROM t",
            long("%V", 450_000),
            many(390, "length(strftime(f, 'now'))")
        ),
        format!("WITH t(f) AS MATERIALIZED (SELECT {}) SELECT {} FROM t", long("%g", 450_000), many(390, "length(printf(f))")),
        format!("WITH t(f) AS MATERIALIZED (SELECT {}) SELECT {} FROM t", long("9", 900_000), many(390, "upper(f) = lower(f)")),
        format!(
            "WITH t(x) AS MATERIALIZED (SELECT {}) SELECT {} FROM t",
            long("2026-01-01T", 80_000),
            many(20, &format!("max(x COLLATE TIME,{})", many(19, "x")))
        ),
    ] {
        let began = std::time::Instant::now();
        let _ = ends(&office, &sql).await;
        assert!(began.elapsed().as_secs() < 20, "{}: {:?}", sql.chars().take(200).collect::<String>(), began.elapsed());
    }
    let refused = office.refusal(&format!("SELECT {} FROM apps", many(300, "id + id + id + id + id"))).await;
    assert!(refused.starts_with("the statement calculates and compares in "), "{refused}");
}
