use sqlx::{Connection, Row, SqliteConnection};

use super::*;
use crate::store::dialect;

/// The statements of requests that concern one user, client, token or session.
const OF_REQUESTS: [(&str, &str); 31] = [
    ("REGISTRATION", REGISTRATION),
    ("REGISTRATION_OF", REGISTRATION_OF),
    ("EXTEND_REGISTRATION", EXTEND_REGISTRATION),
    ("MAKE_ROOM_FOR_SESSION", MAKE_ROOM_FOR_SESSION),
    ("SESSION", SESSION),
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
    ("END_PROVIDER_SESSIONS", END_PROVIDER_SESSIONS),
    ("END_GRANTS_OF_PROVIDER_SESSION", END_GRANTS_OF_PROVIDER_SESSION),
    ("FORGET_CONSENT", FORGET_CONSENT),
];

/// What `EXPLAIN QUERY PLAN` of SQLite says (<https://sqlite.org/eqp.html>).
async fn plan(database: &mut SqliteConnection, statement: &'static str) -> Vec<String> {
    let explained = format!("EXPLAIN QUERY PLAN {statement}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(explained)).fetch_all(database).await.expect(statement);
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[tokio::test]
async fn no_request_reads_a_whole_table() {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    dialect::migrator().run_direct(None, &mut database, false).await.unwrap();
    for (name, statement) in OF_REQUESTS {
        for step in plan(&mut database, statement).await {
            assert!(!step.starts_with("SCAN"), "{name}: {step}");
        }
    }
    assert!(plan(&mut database, USERS).await.iter().any(|step| step.starts_with("SCAN")), "a scan is seen");
}
