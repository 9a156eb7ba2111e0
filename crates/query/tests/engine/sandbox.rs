//! Attacks: whatever a statement tries, it reads nothing else, changes nothing, and ends within its bounds.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use openapi_mcp_query::QueryError;
use serde_json::json;

use crate::office::Office;

fn hurried() -> Office {
    let mut office = Office::new();
    office.bounds.computing = Duration::from_millis(400);
    office.bounds.temporary_bytes = 8 << 20;
    office
}

/// Asks, and fails if that takes much longer than may be computed.
async fn ends(office: &Office, sql: &str) -> Result<openapi_mcp_query::Answer, QueryError> {
    let began = Instant::now();
    let answered = office.ask(sql).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(4), "{}: {took:?}", sql.chars().take(200).collect::<String>());
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
        assert!(error.starts_with(&format!("the function `{function}` may not be used here")), "`{sql}`: {error}");
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

/// How much memory the process has taken at most, where the system tells.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    peak.unwrap_or_default() << 10
}

#[tokio::test]
async fn what_sqlite_ignores_is_not_expanded_either() {
    let office = hurried();
    let stars = |from: &str| format!("SELECT {} FROM {from}", vec!["*"; 2500].join(","));
    for sql in [
        format!("WITH a AS ({}), b AS ({}) SELECT 1", stars("users"), stars("a")),
        format!("WITH a AS ({}), b AS (SELECT 1 FROM {}) SELECT 1", stars("users"), vec!["a"; 190].join(",")),
        format!("WITH a AS (SELECT 1 FROM {}), b AS (SELECT *, *, * FROM a) SELECT 1", vec!["contracts"; 190].join(",")),
        format!(
            "WITH c0 AS (SELECT * FROM users), {} SELECT 1",
            (1..300).map(|at| format!("c{at} AS (SELECT *, * FROM c{})", at - 1)).collect::<Vec<_>>().join(", ")
        ),
    ] {
        match ends(&office, &sql).await {
            Ok(answer) => assert_eq!(json!(answer.rows), json!([[1]])),
            Err(error) => assert!(error.to_string().contains("took more memory"), "{error}"),
        }
    }
    assert!(peak_memory() < 700 << 20, "{} MiB", peak_memory() >> 20);
}

#[tokio::test]
async fn columns_that_name_columns_twice_are_not_copied_for_each_use() {
    let office = hurried();
    let nested = |levels: usize, column: &str| {
        format!(
            "SELECT x FROM {}(SELECT idUser AS x FROM users){}",
            format!("(SELECT {column} AS x FROM ").repeat(levels),
            ")".repeat(levels)
        )
    };
    let chain = |levels: usize, column: &str, more: &str| {
        let ctes: Vec<String> = (1..levels).map(|at| format!("c{at} AS (SELECT {column} AS x FROM c{}{more})", at - 1)).collect();
        format!("WITH c0 AS (SELECT idUser AS x FROM users), {} SELECT count(x) FROM c{}", ctes.join(", "), levels - 1)
    };
    for sql in [
        nested(29, "x+x"),
        nested(29, "max(x, x)"),
        nested(29, "CASE WHEN x THEN x ELSE x END"),
        chain(40, "x+x", ""),
        chain(40, "c.x || c.\"x\"", " AS c"),
        chain(40, "(SELECT x + x)", ""),
        chain(12, "x+x+x+x+x+x+x+x", ""),
        chain(30, "x", " WHERE x + x > 0"),
        chain(30, "x", " UNION ALL SELECT x + x FROM users, (SELECT 1 AS x)"),
        format!(
            "SELECT * FROM (SELECT * FROM {} WHERE x + x > 1) WHERE x + x > 1",
            &nested(25, "x+x").replace("SELECT x FROM ", "")
        ),
        format!(
            "SELECT {}1 AS a FROM users WHERE {}1 ORDER BY {}1",
            "max(1,1,1,1,1,1,1,1,1,1)+".repeat(20),
            "max(a,a,a,a,a,a,a,a,a,a)+".repeat(20),
            "a,".repeat(20)
        ),
        format!("SELECT {} FROM users", (0..9).fold("x".to_owned(), |x, _| format!("max({x}, {x})")).replace('x', "idUser")),
        format!(
            "SELECT count(*) FROM {}",
            (0..9)
                .map(|at| format!("(SELECT 1 AS x FROM apps UNION ALL SELECT 2 FROM apps UNION ALL SELECT 3 FROM apps) t{at}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    ] {
        let _ = ends(&office, &sql).await;
    }
    assert!(peak_memory() < 700 << 20, "{} MiB", peak_memory() >> 20);
    assert_eq!(office.rows(&nested(6, "x+x+x")).await.as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn tables_that_name_tables_twice_take_no_more_memory_than_a_statement_may() {
    let office = hurried();
    let chain = |space: &str, column: &dyn Fn(usize) -> String| {
        let ctes = (1..40).map(|at| format!("c{at} AS {space}(SELECT {} FROM c{} a, c{} b)", column(at), at - 1, at - 1));
        format!("WITH c0(x) AS (SELECT 1), {} SELECT 1 FROM c39", ctes.collect::<Vec<_>>().join(", "))
    };
    let hidden = (1..30).rev().map(|at| format!("y{at} AS (WITH x AS (SELECT 1 FROM y{}) SELECT 1 FROM x a, x b)", at - 1));
    for sql in [
        chain("", &|_| "1".to_owned()),
        // SQLite takes this sign for a space
        chain("\u{feff}", &|_| "1".to_owned()),
        chain("", &|at| format!("1 AS c{}", at + 1)),
        format!("WITH x AS (SELECT 1 FROM y29), {}, y0 AS (SELECT 1) SELECT 1 FROM x", hidden.collect::<Vec<_>>().join(", ")),
    ] {
        let error = ends(&office, &sql).await.unwrap_err();
        assert!(matches!(error, QueryError::TooLarge { .. } | QueryError::TimeIsUp(_)), "{error}");
    }
    assert!(peak_memory() < 700 << 20, "{} MiB", peak_memory() >> 20);
}

#[tokio::test]
async fn aggregates_of_long_texts_take_no_more_memory_than_a_statement_may() {
    let office = hurried();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)";
    for aggregate in ["json_group_array", "group_concat", "max"] {
        let sql = format!("{numbers} SELECT {aggregate}(printf('%.900000c', 'x')) FROM n");
        let _ = ends(&office, &sql).await;
    }
    let sql = format!("{numbers} SELECT json_group_object(i, printf('%.900000c', 'x')) FROM n");
    let error = ends(&office, &sql).await.unwrap_err();
    assert!(matches!(error, QueryError::TooLarge { .. } | QueryError::TimeIsUp(_)), "{error}");
    assert!(peak_memory() < 700 << 20, "{} MiB", peak_memory() >> 20);
}

#[tokio::test]
async fn rows_and_registers_of_long_texts_do_not_add_up() {
    let office = hurried();
    let long = "WITH t(p) AS (SELECT printf('%.*c',900000,'a'))";
    let many = |times: usize, expression: &str| {
        (0..times).map(|at| expression.replace('#', &at.to_string())).collect::<Vec<_>>().join(", ")
    };
    for sql in [
        format!("{long} SELECT {} FROM t", many(399, "p||#")),
        format!("{long} SELECT {} FROM t", many(399, "p")),
        format!("{long} SELECT {} FROM t, users", many(399, "upper(p||#)")),
        format!("{long}, u AS MATERIALIZED (SELECT {} FROM t) SELECT * FROM u ORDER BY 1", many(399, "p||# AS c#")),
        format!("{long} SELECT {} FROM t, users GROUP BY idUser", many(390, "max(p||#)")),
        format!("{long} SELECT {} FROM t, users", many(390, "group_concat(p||#)")),
        format!("{long} SELECT {} FROM t, users", many(390, "max(p||#) OVER ()")),
    ] {
        let _ = ends(&office, &sql).await;
    }
    assert!(peak_memory() < 700 << 20, "{} MiB", peak_memory() >> 20);
    let sql = format!("{long} SELECT p, p FROM t");
    let answer = office.ask(&sql).await.unwrap();
    assert!(answer.notes[0].starts_with("the first row alone has 1800006 characters"), "{:?}", answer.notes);
}

#[tokio::test]
async fn no_function_takes_more_than_time_in_proportion_to_its_texts() {
    let office = hurried();
    for (function, arguments) in [("json_patch", "'{}', '{}'"), ("json_set", "'{}', '$.a', 1"), ("json_insert", "'{}', '$.a', 1")]
    {
        let error = office.refusal(&format!("SELECT {function}({arguments})")).await;
        assert!(error.starts_with(&format!("the function `{function}` may not be used here")), "{error}");
    }
    let text = "printf('%.*c', 900000, 'a')";
    let members = "'{' || substr(replace(printf('%.*c', 70000, 'a'), 'a', ',\"k\":1'), 2) || '}'";
    let numbers = "'[' || substr(replace(printf('%.*c', 400000, 'a'), 'a', ',1'), 2) || ']'";
    let deep = "'$' || replace(printf('%.*c', 400000, 'a'), 'a', '.a')";
    let arrays = "'$' || replace(printf('%.*c', 200000, 'a'), 'a', '[0]')";
    let many = |times: usize, part: &str| (0..times).map(|at| part.replace('#', &at.to_string())).collect::<Vec<_>>().join(", ");
    for sql in [
        format!("SELECT length(json_replace({members}, {}))", many(29, "'$.k', 1")),
        format!("SELECT length(json_remove({numbers}, {}))", many(50, "'$[#]'")),
        format!("SELECT length(json_replace({numbers}, {}))", many(29, "'$[#-#]', 1")),
        format!("SELECT json_replace('{{}}', {deep}, 1)"),
        format!(
            "SELECT json_replace('[]', {arrays}, 1), json_remove('[]', {arrays}), json_type('[]', {arrays}), '[]' -> {arrays}"
        ),
        format!(
            "SELECT json_extract(replace(printf('%.*c', 900, 'a'), 'a', '[') || replace(printf('%.*c', 900, 'a'), 'a', ']'), {arrays})"
        ),
        format!("SELECT json_extract({members}, {deep})"),
        format!("SELECT length(json_object({}))", many(29, &format!("'k#', {text}"))),
        format!("SELECT length(json_group_object(idUser, json_array({text}))) FROM users"),
        format!("SELECT count(*) FROM json_tree({members})"),
        format!("SELECT count(*) FROM json_tree({numbers})"),
        format!("SELECT max(fullkey) FROM json_tree({numbers})"),
        format!("SELECT {}", many(399, &format!("json_valid('[' || substr({numbers}, 2) || #)"))),
        format!("SELECT {}", many(60, &format!("length(trim({text} || #, {text} || 'b'))"))),
        format!("SELECT {}", many(60, &format!("length(trim({text} || #, substr({text}, 1, 900) || 'b'))"))),
        format!("SELECT {}", many(60, &format!("instr({text} || #, substr({text}, 1, 400000) || 'b')"))),
        format!("SELECT {}", many(60, &format!("length(replace({text} || #, 'a', 'b'))"))),
        format!(
            "SELECT length(strftime(replace({text}, 'a', '%'), 'now')), length(strftime(replace(substr({text}, 1, 400000), 'a', '%s'), 'now'))"
        ),
        format!("SELECT date('now', {text}), date({text}), julianday({text})"),
        format!(
            "SELECT {text} + 1, CAST({text} AS REAL), CAST(replace({text}, 'a', '9') AS INTEGER), replace({text}, 'a', '9') * 2"
        ),
        format!("SELECT length(group_concat({text} || idUser, '')) FROM users"),
        format!("SELECT length(group_concat({text}) OVER (ORDER BY idUser ROWS 1 PRECEDING)) FROM users"),
        format!(
            "SELECT length(group_concat(substr({text}, 1, 9), ',') OVER (ORDER BY a.idUser ROWS 99999 PRECEDING)) FROM users a, users b, users c, users d"
        ),
        format!(
            "SELECT printf('%!.*f', 900000, 1.5), printf('%,d', 1), printf('%.900000s', {text}), printf('%q', {text}), printf('%w%Q', {text}, {text})"
        ),
    ] {
        let _ = ends(&office, &sql).await;
    }
}

#[tokio::test]
async fn notes_on_texts_are_few_and_short() {
    let office = hurried();
    let texts = (0..2000).map(|at| format!("'{at}x'")).collect::<Vec<_>>().join(",");
    let answer = ends(&office, &format!("SELECT count(*) FROM users WHERE team IN ({texts}) OR team = '{}'", "y".repeat(900)))
        .await
        .unwrap();
    assert_eq!(answer.notes.len(), 10);
    assert!(answer.notes.iter().all(|note| note.len() < 300));
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
