//! Names that do not exist, and statements that are none.

use openapi_mcp_query::describe;

use crate::office::Office;

#[tokio::test]
async fn an_unknown_table_is_answered_with_near_ones() {
    let error = Office::new().refusal("SELECT * FROM contract").await;
    assert_eq!(
        error,
        "there is no table `contract`; similar: `contracts`; tables are `apps`, `users`, `contracts`, `transactions`, `app_users`"
    );
}

#[tokio::test]
async fn an_unknown_column_is_answered_with_near_ones_and_the_tables_columns() {
    let error = Office::new().refusal("SELECT c.ammount FROM contracts c").await;
    assert_eq!(
        error,
        "there is no column `c.ammount`; similar: `amount`; `contracts` has id, idApp, amount, currency, usd, ends, status, json"
    );
}

#[tokio::test]
async fn a_text_in_double_quotes_is_an_error_that_says_how_texts_are_written() {
    let error = Office::new().refusal("SELECT id FROM contracts WHERE status = \"active\"").await;
    assert!(error.starts_with("there is no column `active` (double quotes are for names; a text is `'active'`)"), "{error}");
}

#[tokio::test]
async fn a_syntax_error_names_its_place() {
    assert_eq!(Office::new().refusal("SELECT FROM WHERE").await, "SQLite cannot read the statement: syntax error at `FROM`");
}

#[tokio::test]
async fn an_ambiguous_column_is_named() {
    let error = Office::new().refusal("SELECT id FROM apps, contracts").await;
    assert_eq!(error, "SQLite cannot read the statement: ambiguous column name: id");
}

#[tokio::test]
async fn anything_but_one_select_is_refused() {
    let office = Office::new();
    for (sql, start) in [
        ("", "there is no statement"),
        ("-- nothing", "there is no statement"),
        ("SELECT 1; SELECT 2", "there are several statements"),
        ("SELECT 1; DROP TABLE apps", "this statement would change"),
        ("EXPLAIN SELECT * FROM apps", "`EXPLAIN` does not"),
        ("EXPLAIN QUERY PLAN SELECT * FROM apps", "`EXPLAIN` does not"),
        ("SELECT * FROM apps WHERE id = ?", "a parameter such as `?`"),
        ("SELECT * FROM apps WHERE id = :id", "a parameter such as `?`"),
        ("SELECT 1\0", "the text has a NUL"),
        ("BEGIN", "this statement would change"),
    ] {
        let error = office.refusal(sql).await;
        assert!(error.starts_with(start), "`{sql}`: {error}");
        assert!(error.ends_with("such as `SELECT count(*) FROM apps`"), "`{sql}`: {error}");
    }
    assert!(office.ask("SELECT 1; -- the end").await.is_ok());
}

#[test]
fn tables_and_columns_are_listed_with_what_a_statement_needs() {
    let schema = crate::office::schema();
    assert_eq!(describe::asked(" columns contracts; "), Some(vec!["contracts"]));
    assert_eq!(describe::asked("COLUMNS apps,users"), Some(vec!["apps", "users"]));
    assert_eq!((describe::asked("tables"), describe::asked("columns")), (Some(vec![]), Some(vec![])));
    assert_eq!((describe::asked("SELECT 1"), describe::asked("columns a.b"), describe::asked("")), (None, None, None));
    assert!(describe::tables(&schema).ends_with("transactions: all transactions\napp_users (needs idApp = …): all app_users\n"));
    let columns = describe::columns(&schema, "Contracts").unwrap();
    assert!(columns.starts_with("contracts: all contracts\nid integer\nidApp integer, = apps.id\namount integer, in the currency of currency, in one currency in usd: minor units\n"), "{columns}");
    assert!(describe::columns(&schema, "apps").unwrap().contains("state text, one of managed | discovered | closed\n"));
    assert!(describe::columns(&schema, "ap").unwrap_err().to_string().starts_with("there is no table `ap`; similar: `apps`"));
}
