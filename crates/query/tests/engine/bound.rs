//! Tables with required columns.

use serde_json::json;

use crate::office::Office;

#[tokio::test]
async fn each_value_is_one_load_and_a_join_binds_as_well_as_a_literal() {
    let office = Office::new();
    assert_eq!(office.rows("SELECT count(*) FROM app_users WHERE idApp = 2").await, json!([[4]]));
    assert_eq!(office.calls("app_users"), 1);
    for sql in [
        "SELECT idApp, count(*) FROM app_users WHERE idApp IN (1, 3) GROUP BY 1",
        "SELECT idApp, count(*) FROM app_users WHERE idApp = 1 OR idApp = 3 GROUP BY 1",
        "SELECT a.id, count(*) FROM apps a JOIN app_users u ON u.idApp = a.id WHERE a.name IN ('Slack', 'Figma') GROUP BY 1",
        "SELECT a.id, (SELECT count(*) FROM app_users u WHERE u.idApp = a.id) FROM apps a WHERE a.id IN (1, 3)",
        "SELECT idApp, count(*) FROM app_users WHERE idApp IN (SELECT id FROM apps WHERE name = 'Slack' OR name = 'Figma') GROUP BY 1",
        "WITH wanted(app) AS (VALUES (1), (3)) SELECT app, count(*) FROM wanted, app_users WHERE idApp = app GROUP BY 1",
    ] {
        office.take_requests();
        assert_eq!(office.rows(sql).await, json!([[1, 2], [3, 6]]), "{sql}");
        assert_eq!(office.calls("app_users"), 2, "{sql}");
    }
}

#[tokio::test]
async fn a_left_join_keeps_rows_without_any_part() {
    let office = Office::new();
    let rows = office
        .rows(
            "SELECT c.id, count(u.idUser) FROM contracts c LEFT JOIN app_users u ON u.idApp = c.idApp + 1 GROUP BY 1 ORDER BY 1",
        )
        .await;
    assert_eq!(rows, json!([[1, 4], [2, 4], [3, 6], [4, 8], [5, 0]]));
}

#[tokio::test]
async fn values_found_by_one_load_lead_to_the_next() {
    let office = Office::new();
    let sql = "SELECT count(*) FROM app_users a JOIN app_users b ON b.idApp = a.idUser WHERE a.idApp = 1";
    assert_eq!(office.rows(sql).await, json!([[2 + 4]]));
    assert_eq!(office.calls("app_users"), 2, "of apps 1 and 2; the rows of app 1 are known already");
}

#[tokio::test]
async fn a_value_of_another_type_binds_as_sqlite_compares_it() {
    let office = Office::new();
    assert_eq!(office.rows("SELECT count(*) FROM app_users WHERE idApp = '2'").await, json!([[4]]));
    assert_eq!(office.rows("SELECT count(*) FROM app_users WHERE idApp = 2.0").await, json!([[4]]));
    office.take_requests();
    assert_eq!(office.rows("SELECT count(*) FROM app_users WHERE idApp IN (NULL, 'x')").await, json!([[0]]));
    assert_eq!(office.calls("app_users"), 0, "nothing can be equal to these");
}

#[tokio::test]
async fn a_table_without_a_value_for_its_required_column_says_how_to_bind_it() {
    let office = Office::new();
    let text = "`app_users` needs `app_users.idApp`: bind it, as in `WHERE idApp = 1001`, by `idApp IN (…)`, or by a join with a table that has it";
    for sql in [
        "SELECT * FROM app_users",
        "SELECT count(*) FROM app_users WHERE idApp > 3",
        "SELECT * FROM app_users WHERE idUser = 1",
        "SELECT * FROM apps RIGHT JOIN app_users ON idApp = id",
    ] {
        assert_eq!(office.refusal(sql).await, text, "{sql}");
    }
}

#[tokio::test]
async fn more_values_than_allowed_are_refused_with_their_number() {
    let mut office = Office::new();
    office.bounds.bound_values = 3;
    let error = office.refusal("SELECT count(*) FROM apps JOIN app_users ON idApp = apps.id").await;
    assert!(
        error.starts_with(
            "the statement needs `app_users` for 4 values of `idApp`, each of which is a call, and 3 are allowed; narrow"
        ),
        "{error}"
    );
    assert_eq!(office.calls("app_users"), 0);
}

#[tokio::test]
async fn the_answer_says_for_how_many_values_rows_were_loaded() {
    let answer = Office::new().ask("SELECT * FROM app_users WHERE idApp IN (1, 2)").await.unwrap();
    let used = &answer.tables[0];
    assert_eq!((used.table.as_str(), used.rows, used.values), ("app_users", 6, Some(2)));
}
