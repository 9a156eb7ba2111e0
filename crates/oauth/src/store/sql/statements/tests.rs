use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use super::*;
use crate::store::dialect;

// a real PostgreSQL, started for the test
#[path = "../../../../../../tests/it/support/postgres.rs"]
#[expect(dead_code, reason = "other tests stop and start it")]
mod postgres;

/// The statements of requests, which concern one user, client, token or session.
const OF_REQUESTS: &[(&str, &str)] = &[
    ("SELECT_VALUE", SELECT_VALUE),
    ("HEARTBEAT", HEARTBEAT),
    ("LEAVE", LEAVE),
    ("CONSUME", CONSUME),
    ("MARK", MARK),
    ("SIGNED_OUT", SIGNED_OUT),
    ("REGISTER", REGISTER),
    ("OPEN_SESSION", OPEN_SESSION),
    ("REMEMBER_CONSENT", REMEMBER_CONSENT),
    ("OPEN_GRANT", OPEN_GRANT),
    ("ISSUE_CODE", ISSUE_CODE),
    ("ISSUE_ACCESS", ISSUE_ACCESS),
    ("ISSUE_REFRESH", ISSUE_REFRESH),
    ("OPEN_FOR_CLIENT", OPEN_FOR_CLIENT),
    ("WIDEN", WIDEN),
    ("END_CONSENTS_OF", END_CONSENTS_OF),
    ("REGISTRATION", REGISTRATION),
    ("REGISTRATION_OF", REGISTRATION_OF),
    ("EXTEND_REGISTRATION", EXTEND_REGISTRATION),
    ("MAKE_ROOM_FOR_CALL", MAKE_ROOM_FOR_CALL),
    ("CLAIM_CALL", CLAIM_CALL),
    ("KEYED_CALL", KEYED_CALL),
    ("SETTLE_CALL", SETTLE_CALL),
    ("RELEASE_CALL", RELEASE_CALL),
    ("MAKE_ROOM_FOR_SESSION", MAKE_ROOM_FOR_SESSION),
    ("SESSION", SESSION),
    ("HOLD_SESSION", HOLD_SESSION),
    ("CLOSE_SESSION", CLOSE_SESSION),
    ("CONSENT", CONSENT),
    ("HAS_CONSENTED", HAS_CONSENTED),
    ("FORGET_DEAD_CONSENTS", FORGET_DEAD_CONSENTS),
    ("MAKE_ROOM_FOR_GRANT", MAKE_ROOM_FOR_GRANT),
    ("MAKE_ROOM_FOR_APP", MAKE_ROOM_FOR_APP),
    ("CODE", CODE),
    ("REDEEM", REDEEM),
    ("ACTIVATE", ACTIVATE),
    ("REPLAYED", REPLAYED),
    ("ROTATE", ROTATE),
    ("REUSED", REUSED),
    ("REFRESH", REFRESH),
    ("OUTDATE_ACCESS", OUTDATE_ACCESS),
    ("MAKE_ROOM_FOR_ACCESS", MAKE_ROOM_FOR_ACCESS),
    ("MAKE_ROOM_FOR_REFRESH", MAKE_ROOM_FOR_REFRESH),
    ("ACCESS", ACCESS),
    ("REVOKE_ACCESS", REVOKE_ACCESS),
    ("TOUCH", TOUCH),
    ("CONNECTIONS_OF", CONNECTIONS_OF),
    ("REVOKE", REVOKE),
    ("END_SESSIONS_OF", END_SESSIONS_OF),
    ("END_GRANTS_OF", END_GRANTS_OF),
    ("END_UNKNOWN_SESSIONS_OF", END_UNKNOWN_SESSIONS_OF),
    ("END_GRANTS_OF_UNKNOWN_SESSIONS_OF", END_GRANTS_OF_UNKNOWN_SESSIONS_OF),
    ("END_PROVIDER_SESSIONS", END_PROVIDER_SESSIONS),
    ("END_GRANTS_OF_PROVIDER_SESSION", END_GRANTS_OF_PROVIDER_SESSION),
    ("FORGET_CONSENT", FORGET_CONSENT),
];

/// The statements of cleaning, of a start, and of the operator's commands, which may read whole tables.
const OF_OTHERS: &[&str] = &[
    "CLEAN",
    "VOID_GRANTS",
    "CLEAN_GRANT",
    "VOID_REGISTRATIONS",
    "CLEAN_REGISTRATION",
    "TOO_MANY_REGISTRATIONS",
    "PRUNE_REGISTRATION",
    "INSERT_VALUE",
    "SWAP_VALUE",
    "FORGET_REPLICAS",
    "REPLICAS",
    "CONNECTIONS",
    "USERS",
    "END_SESSIONS",
    "END_CONSENTS",
    "END_GRANTS",
    "STORED_KEYS",
    "REENCRYPT",
];

/// Statements that insert `count` rows into each table, and then `ANALYZE`. `bytes` returns the expression that converts a text into bytes,
/// which differs between the databases.
fn rows(count: u32, bytes: fn(&str) -> String) -> String {
    let [access, refresh, code, session, digest, spent] =
        ["a", "r", "c", "s", "d", "o"].map(|name| bytes(&format!("'{name}' || i")));
    format!(
        "CREATE TEMPORARY TABLE numbers (i BIGINT);
    INSERT INTO numbers WITH RECURSIVE count (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count WHERE i < {count}) SELECT i FROM count;
    INSERT INTO grants (id, person_id, person, holder, client_id, client_name, redirect_host, scopes, resource, created_at, expires_at, generation)
        SELECT 'g' || i, 'user' || (i / 20), '{{}}', 'identity', 'client' || (i % 1000), '', '', '', '', 1, 2000000000, 1 FROM numbers;
    INSERT INTO access_tokens (hash, grant_id, generation, scopes, expires_at) SELECT {access}, 'g' || i, 1, '', 2000000000 FROM numbers;
    INSERT INTO refresh_tokens (hash, grant_id, generation, expires_at) SELECT {refresh}, 'g' || i, 1, 2000000000 FROM numbers;
    INSERT INTO codes (hash, grant_id, client_id, redirect_uri, challenge, expires_at) SELECT {code}, 'g' || i, '', '', '', 2000000000 FROM numbers;
    INSERT INTO sessions (hash, person_id, person, opened_at, expires_at) SELECT {session}, 'user' || (i / 5), '{{}}', 1, 2000000000 FROM numbers;
    INSERT INTO consents (person_id, client_id, redirect_uri, resource, scopes) SELECT 'user' || (i / 20), 'client' || i, '', '', '' FROM numbers;
    INSERT INTO registrations (id, digest, metadata, created_at, expires_at) SELECT 'client' || i, {digest}, '{{}}', 1, 2000000000 FROM numbers;
    INSERT INTO spent (hash, expires_at) SELECT {spent}, 2000000000 FROM numbers;
    INSERT INTO keyed_calls (hash, person_id, arguments, state, started_at, expires_at) SELECT {digest}, 'user' || (i / 20), {digest}, 'unknown', 1, 2000000000 FROM numbers;
    INSERT INTO settled (name, value) SELECT 'name' || i, {digest} FROM numbers;
    INSERT INTO replicas (id, seen_at) SELECT 'r' || i, 1 FROM numbers;
    ANALYZE"
    )
}

/// What `EXPLAIN QUERY PLAN` of SQLite says (<https://sqlite.org/eqp.html>).
async fn plan(database: &mut SqliteConnection, statement: &'static str) -> Vec<String> {
    let explained = format!("EXPLAIN QUERY PLAN {statement}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(explained)).fetch_all(database).await.expect(statement);
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[tokio::test]
async fn no_request_reads_a_whole_table_whatever_is_known_of_it() {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    dialect::migrator().run_direct(None, &mut database, false).await.unwrap();
    // SQLite plans by what `ANALYZE` found, and otherwise without knowing how many rows there are
    for n_rows in [0, 20_000] {
        if n_rows > 0 {
            database.execute(AssertSqlSafe(rows(n_rows, |text| format!("CAST({text} AS BLOB)")))).await.unwrap();
        }
        for (name, statement) in OF_REQUESTS {
            for step in plan(&mut database, statement).await {
                assert!(!step.starts_with("SCAN"), "{name}, {n_rows} rows: {step}");
                // an index of which a range is read, such as all that expires later, is as long as the table
                assert!(!step.starts_with("SEARCH") || step.contains("=?"), "{name}, {n_rows} rows: {step}");
            }
        }
    }
    let counted = "SELECT stat FROM sqlite_stat1 WHERE idx = 'grants_person_id'";
    let counted: String = sqlx::query_scalar(counted).fetch_one(&mut database).await.unwrap();
    assert!(counted.starts_with("20000 "), "the planner knows of the rows: {counted}");
    assert!(plan(&mut database, USERS).await.iter().any(|step| step.starts_with("SCAN")), "a scan is seen");
}

/// What `EXPLAIN` of PostgreSQL says of a statement with any arguments.
async fn plan_of_server(database: &mut PgConnection, statement: &'static str) -> Vec<String> {
    let count = (1..100).take_while(|number| statement.contains(&format!("${number}"))).count();
    let arguments = if count == 0 { String::new() } else { format!("({})", vec!["NULL"; count].join(", ")) };
    // where the statement alone does not say what its parameters are
    let types = match statement {
        REVOKE => "(text, bigint, text, bytea)",
        END_GRANTS_OF | END_GRANTS_OF_PROVIDER_SESSION | END_GRANTS_OF_UNKNOWN_SESSIONS_OF => "(bigint, bytea, text)",
        _ => "",
    };
    database.execute(AssertSqlSafe(format!("PREPARE explained {types} AS {statement}"))).await.expect(statement);
    let explained = sqlx::raw_sql(AssertSqlSafe(format!("EXPLAIN EXECUTE explained{arguments}")));
    let rows = explained.fetch_all(&mut *database).await.expect(statement);
    database.execute("DEALLOCATE explained").await.expect("it was prepared");
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// What a statement may cost, where a page read at random costs 4; a hundred thousand rows cost thousands.
const MOST: f64 = 1_000.0;

/// The estimated cost of a whole plan.
fn cost(plan: &[String]) -> f64 {
    let cost = |step: &String| step.split_once("cost=")?.1.split_once("..")?.1.split_once(' ')?.0.parse().ok();
    plan.first().and_then(cost).expect("the plan has a cost")
}

#[tokio::test]
async fn no_request_reads_a_whole_table_of_a_hundred_thousand_rows() {
    let Some(server) = postgres::shared() else { return };
    let mut database = PgConnection::connect(&server.database()).await.unwrap();
    dialect::migrator().run_direct(None, &mut database, false).await.unwrap();
    database.execute(AssertSqlSafe(rows(100_000, |text| format!("convert_to({text}, 'UTF8')")))).await.unwrap();
    database.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for (name, statement) in OF_REQUESTS {
        let plan = plan_of_server(&mut database, statement).await;
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{name}: {plan:#?}");
        assert!(cost(&plan) < MOST, "{name}: {plan:#?}");
    }
    let by_any_user = "SELECT id FROM grants WHERE expires_at > $1 AND person_id = COALESCE($2, person_id)";
    assert!(cost(&plan_of_server(&mut database, by_any_user).await) > MOST, "neither is an index read from end to end");
    assert!(plan_of_server(&mut database, USERS).await.iter().any(|step| step.contains("Seq Scan")), "a scan is seen");
}

#[test]
fn every_statement_is_of_requests_or_of_others() {
    let source = include_str!("../statements.rs");
    let defined = source.lines().filter_map(|line| line.strip_prefix("pub(super) const ")?.split(':').next());
    let known: BTreeSet<_> = OF_REQUESTS.iter().map(|(name, _)| *name).chain(OF_OTHERS.iter().copied()).collect();
    assert_eq!(defined.collect::<BTreeSet<_>>(), known);
}
