//! Attacks with statements that multiply, and with long texts: time and memory stay within their bounds.

use openapi_mcp_query::QueryError;
use serde_json::json;

use crate::sandbox::{ends, hurried};

/// How much memory the process has taken at most, where the system tells.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    peak.unwrap_or_default() << 10
}

#[tokio::test]
async fn what_sqlite_ignores_is_not_expanded_either() {
    let office = hurried();
    let copies = |times: &[usize]| {
        let of_one_before =
            |(at, times): (usize, &usize)| format!("c{} AS (SELECT {} FROM c{at})", at + 1, vec!["*"; *times].join(","));
        times.iter().enumerate().map(of_one_before).collect::<Vec<_>>().join(", ")
    };
    let stars = |from: &str| format!("SELECT {} FROM {from}", vec!["*"; 2500].join(","));
    for sql in [
        format!("WITH a AS ({}), b AS ({}) SELECT 1", stars("users"), stars("a")),
        format!("WITH a AS ({}), b AS (SELECT 1 FROM {}) SELECT 1", stars("users"), vec!["a"; 190].join(",")),
        format!("WITH a AS (SELECT 1 FROM {}), b AS (SELECT *, *, * FROM a) SELECT 1", vec!["contracts"; 190].join(",")),
        format!(
            "WITH c0 AS (SELECT * FROM users), {} SELECT 1",
            (1..300).map(|at| format!("c{at} AS (SELECT *, * FROM c{})", at - 1)).collect::<Vec<_>>().join(", ")
        ),
        // each copy of a column has its name, and an amount the text that its currency is compared with
        format!("WITH c0(\"{}\") AS (SELECT 1), {} SELECT 1", "N".repeat(19_000), copies(&[10, 10, 10, 25])),
        format!(
            "WITH c0 AS (SELECT amount FROM contracts WHERE currency = '{}'), {} SELECT 1",
            "N".repeat(19_000),
            copies(&[10, 10, 10, 25])
        ),
        // each term of an order has the amounts of its column
        format!(
            "WITH c AS (SELECT {} AS x FROM {} ORDER BY {}) SELECT 1",
            (0..90).map(|at| format!("c{}.amount", at % 60)).collect::<Vec<_>>().join("+"),
            (0..60).map(|at| format!("contracts c{at}")).collect::<Vec<_>>().join(","),
            vec!["1"; 4_000].join(",")
        ),
    ] {
        match ends(&office, &sql).await {
            Ok(answer) => assert_eq!(json!(answer.rows), json!([[1]])),
            Err(error) => assert!(matches!(error, QueryError::TooLarge { .. } | QueryError::TimeIsUp(_)), "{error}"),
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
async fn many_equalities_of_many_amounts_are_read_in_time() {
    let office = hurried();
    let joined = (1..60).map(|at| {
        let equal = ["id", "currency", "status", "usd", "idApp"].map(|column| format!("c{at}.{column}=c{}.{column}", at - 1));
        format!(" JOIN contracts c{at} ON {}", equal.join(" AND "))
    });
    let joined = joined.collect::<String>();
    let sql = format!("WITH c AS (SELECT {} FROM contracts c0{joined}) SELECT 1", vec!["*"; 25].join(","));
    assert_eq!(json!(ends(&office, &sql).await.unwrap().rows), json!([[1]]));
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
async fn a_value_that_finds_no_memory_ends_the_statement_and_nothing_else() {
    let office = hurried();
    for aggregate in ["group_concat(s.k, '')", "json_group_array(s.k)"] {
        for count in [20, 26, 28, 30, 31, 32, 33, 36, 40, 45, 60] {
            let read = format!("(SELECT count(*) FROM app_users WHERE idApp = {aggregate})");
            let sql = format!(
                "SELECT 1, {} FROM (SELECT printf('%*d', 499000, value) k FROM json_each('[1,2]')) s",
                vec![read; count].join(", ")
            );
            let _ = ends(&office, &sql).await;
        }
    }
    for function in ["replace(k, ' ', '')", "instr(k, 'x')", "k LIKE '%x'", "trim(k)", "sqrt(k)"] {
        let sql = format!(
            "SELECT {} FROM (SELECT group_concat(printf('%*d', 499000, value), '') k FROM json_each('[1,2]')) s",
            vec![function; 60].join(", ")
        );
        let _ = ends(&office, &sql).await;
    }
    assert_eq!(office.rows("SELECT 1").await, json!([[1]]));
}
