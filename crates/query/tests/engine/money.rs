//! Sums of money in several currencies.

use serde_json::json;

use crate::office::Office;

const START: &str = "would add up `contracts.amount` in several currencies: `EUR`, `USD`; add `currency` to `GROUP BY`";

#[tokio::test]
async fn a_sum_over_several_currencies_is_refused_with_them_and_two_ways_out() {
    let error = Office::new().refusal("SELECT sum(amount) FROM contracts").await;
    assert_eq!(
        error,
        "`sum` would add up `contracts.amount` in several currencies: `EUR`, `USD`; add `currency` to `GROUP BY` (or `PARTITION BY`) and to the columns, \
         or keep one with `WHERE currency = '…'`, or use `contracts.usd`, which is in one currency"
    );
}

#[tokio::test]
async fn sums_of_mixed_amounts_are_refused_wherever_they_come_from() {
    for sql in [
        "SELECT avg(amount) FROM contracts",
        "SELECT total(amount / 100.0) FROM contracts",
        "SELECT status, sum(amount) FROM contracts GROUP BY status",
        "SELECT sum(amount) OVER () FROM contracts",
        "SELECT sum(amount) OVER (PARTITION BY status ORDER BY id) FROM contracts",
        "SELECT sum(amount) OVER w FROM contracts WINDOW w AS (PARTITION BY idApp)",
        "SELECT sum(x) FROM (SELECT amount AS x FROM contracts)",
        "WITH c(x) AS (SELECT coalesce(amount, 0) FROM contracts) SELECT sum(x) FROM c",
        "WITH c AS (SELECT currency, sum(amount) AS s FROM contracts GROUP BY currency) SELECT sum(s) FROM c",
        "SELECT sum(CASE WHEN status = 'active' THEN amount ELSE -amount END) FROM contracts",
        "SELECT name, (SELECT sum(amount) FROM contracts c WHERE c.idApp = a.id) FROM apps a",
        "SELECT a.name, sum(c.amount) FROM apps a JOIN contracts c ON c.idApp = a.id GROUP BY a.name",
        "SELECT id FROM contracts GROUP BY id HAVING sum(amount) > 10",
        "SELECT status FROM contracts GROUP BY 1 ORDER BY sum(amount)",
        "SELECT sum(amount) FILTER (WHERE status = 'active') FROM contracts",
        "SELECT sum(amount) FROM contracts WHERE currency IN ('USD', 'EUR')",
        "SELECT sum(amount) FROM contracts GROUP BY substr(currency, 3)",
        "SELECT sum(iif(id > 0, amount, 0)) FROM contracts",
        "SELECT (WITH x AS (SELECT * FROM contracts) SELECT sum(x.amount) FROM x)",
        "SELECT sum(amount) FROM (SELECT amount FROM contracts WHERE currency = 'USD' UNION ALL SELECT amount FROM contracts WHERE currency = 'EUR')",
        "SELECT sum((SELECT amount FROM contracts d WHERE d.id = c.id)) FROM contracts c",
    ] {
        let error = Office::new().refusal(sql).await;
        assert!(error.contains(START), "{sql}: {error}");
    }
}

#[tokio::test]
async fn amounts_in_disguise_are_amounts() {
    for sql in [
        "SELECT sum(json ->> '$.amount') FROM contracts",
        "SELECT sum(json ->> 'amount') FROM contracts",
        "SELECT sum(json -> '$' ->> '$.amount') FROM contracts",
        "SELECT sum(json_extract(json, '$.amount')) FROM contracts",
        "SELECT sum(json_extract(json, '$.' || 'amount')) FROM contracts",
        "SELECT sum(j ->> '$.amount') FROM (SELECT json AS j FROM contracts)",
        "SELECT sum(value) FROM contracts, json_each(contracts.json) WHERE key = 'amount'",
        "SELECT sum(atom) FROM contracts AS c, json_tree(c.json) AS t WHERE t.key = 'amount'",
        "SELECT sum(e.value) FROM (SELECT json_group_array(amount) AS list FROM contracts), json_each(list) AS e",
        "SELECT sum(amount || '') FROM contracts",
        "SELECT sum(CAST(amount AS TEXT)) FROM contracts",
        "SELECT sum(printf('%d', amount)) FROM contracts",
        "SELECT sum(format('%d', amount)) FROM contracts",
        "SELECT sum(round(abs(amount))) FROM contracts",
        "SELECT sum(substr(amount, 1)) FROM contracts",
        "SELECT sum(substr(amount, 1, 9)) FROM contracts",
        "SELECT sum(trim(amount)) FROM contracts",
        "SELECT sum(replace(amount, '', '')) FROM contracts",
        "SELECT sum(amount | 0) FROM contracts",
        "SELECT sum(amount & 255) FROM contracts",
        "SELECT sum(amount << 1) FROM contracts",
        "SELECT sum(~amount) FROM contracts",
        "SELECT sum(nullif(amount, 0)) FROM contracts",
        "SELECT sum(max(amount, 1)) FROM contracts",
        "SELECT sum(json_array(amount) ->> 0) FROM contracts",
        "SELECT sum(m) FROM (SELECT max(amount) AS m FROM contracts GROUP BY id)",
        "SELECT sum(m) FROM (SELECT lag(amount) OVER (ORDER BY id) AS m FROM contracts)",
        "SELECT sum(m) FROM (SELECT first_value(amount) OVER (PARTITION BY id) AS m FROM contracts)",
        "SELECT total(amount) OVER (ORDER BY id) FROM contracts",
        "SELECT sum(amount) FROM contracts GROUP BY trim(currency, 'EURUSDGBP')",
        "SELECT sum(amount) FROM contracts GROUP BY ltrim(currency, 'EURUSDGBP')",
        "SELECT sum(amount) FROM contracts GROUP BY currency > ''",
        // each use of a common table expression has rows of its own
        "WITH c AS (SELECT * FROM contracts) SELECT a.currency, sum(b.amount) FROM c a, c b GROUP BY a.currency",
        "WITH c AS (SELECT * FROM contracts) SELECT a.currency, sum(b.amount) FROM c a JOIN c b ON a.currency = 'USD' GROUP BY 1",
        "WITH c AS (SELECT * FROM contracts) SELECT k, sum(x) FROM (SELECT currency AS k, amount AS x FROM c UNION ALL SELECT 'all', amount FROM c) GROUP BY k",
    ] {
        let error = Office::new().refusal(sql).await;
        assert!(error.contains("in several currencies: `EUR`, "), "{sql}: {error}");
    }
    let office = Office::new();
    for (sql, rows) in [
        (
            "SELECT currency, sum(json ->> '$.amount') FROM contracts GROUP BY currency",
            json!([["EUR", 80], ["GBP", 0], ["USD", 150]]),
        ),
        ("SELECT sum(json ->> '$.id'), sum(json_extract(json, '$.usd')) FROM contracts", json!([[15, 241]])),
        ("SELECT sum(json_valid(json)) FROM contracts", json!([[5]])),
        ("SELECT sum(json ->> '$.amount') FROM contracts WHERE currency = 'EUR'", json!([[80]])),
        ("SELECT group_concat(amount) FROM contracts WHERE currency <> 'EUR'", json!([["100,50,0"]])),
        (
            "WITH c AS (SELECT * FROM contracts) SELECT a.currency, sum(b.amount) FROM c a JOIN c b ON b.id = a.id AND b.currency = a.currency GROUP BY 1",
            json!([["EUR", 80], ["GBP", 0], ["USD", 150]]),
        ),
    ] {
        assert_eq!(office.rows(sql).await, rows, "{sql}");
    }
}

#[tokio::test]
async fn sums_in_one_currency_each_are_answered() {
    let office = Office::new();
    for (sql, rows) in [
        ("SELECT currency, sum(amount) FROM contracts GROUP BY currency", json!([["EUR", 80], ["GBP", 0], ["USD", 150]])),
        ("SELECT currency AS cur, sum(amount) FROM contracts GROUP BY cur HAVING sum(amount) > 90", json!([["USD", 150]])),
        ("SELECT currency, sum(amount) FROM contracts GROUP BY 1 ORDER BY sum(amount) LIMIT 1", json!([["GBP", 0]])),
        ("SELECT sum(amount) FROM contracts WHERE currency = 'USD'", json!([[150]])),
        ("SELECT sum(amount) FROM contracts WHERE currency IN ('USD')", json!([[150]])),
        ("SELECT sum(amount) FROM contracts WHERE currency LIKE 'U%'", json!([[150]])),
        (
            "SELECT sum(amount) FILTER (WHERE currency = 'USD') + 2 * sum(amount) FILTER (WHERE currency = 'EUR') FROM contracts",
            json!([[310]]),
        ),
        (
            "SELECT sum(CASE WHEN currency = 'USD' THEN amount END), sum(CASE currency WHEN 'EUR' THEN amount ELSE 0 END) FROM contracts",
            json!([[150, 80]]),
        ),
        ("SELECT sum(amount) FROM contracts WHERE idApp = 1", json!([[150]])),
        ("SELECT sum(amount) FROM contracts WHERE idApp IN (2, 3)", json!([[70]])),
        (
            "SELECT DISTINCT sum(amount) OVER (PARTITION BY currency) FROM contracts WHERE amount > 0 ORDER BY 1",
            json!([[80], [150]]),
        ),
        (
            "SELECT DISTINCT sum(amount) OVER w FROM contracts WHERE amount > 0 WINDOW w AS (PARTITION BY currency) ORDER BY 1",
            json!([[80], [150]]),
        ),
        (
            "WITH c AS (SELECT currency AS k, amount AS x FROM contracts) SELECT k, sum(x) FROM c GROUP BY k ORDER BY 2 DESC LIMIT 1",
            json!([["USD", 150]]),
        ),
        ("WITH c AS (SELECT * FROM contracts WHERE currency = 'EUR') SELECT sum(amount) FROM c", json!([[80]])),
        (
            "SELECT sum(s) FROM (SELECT currency, sum(amount) AS s FROM contracts GROUP BY 1) WHERE currency = 'USD'",
            json!([[150]]),
        ),
        (
            "SELECT k, sum(x) FROM (SELECT currency AS k, amount AS x FROM contracts UNION ALL SELECT currency, amount FROM transactions) GROUP BY k ORDER BY 1 LIMIT 1",
            json!([["EUR", 1730]]),
        ),
        ("SELECT sum(usd) FROM contracts", json!([[241]])),
        ("SELECT count(amount), max(usd), sum(amount > 60) FROM contracts", json!([[5, 100, 2]])),
        (
            "SELECT c.currency, sum(t.amount) > 0 FROM contracts c JOIN transactions t ON t.currency = c.currency WHERE c.id < 2 GROUP BY c.currency",
            json!([["USD", 1]]),
        ),
        ("SELECT sum(amount) FROM contracts WHERE id > 100", json!([[null]])),
    ] {
        assert_eq!(office.rows(sql).await, rows, "{sql}");
    }
}

#[tokio::test]
async fn a_missing_currency_is_not_any_other() {
    let mut office = Office::new();
    office.forget_currency_of(1);
    let error = office.refusal("SELECT sum(amount) FROM contracts WHERE idApp = 1").await;
    assert!(error.contains("in several currencies: `(none)`, `USD`;"), "{error}");
}

#[tokio::test]
async fn statements_in_sqlites_own_words_are_understood() {
    let office = Office::new();
    let mut refused = Vec::new();
    for condition in [
        "status IS 'active'",
        "status IS NOT 'closed'",
        "status NOTNULL",
        "status NOT NULL",
        "status == 'active'",
        "status GLOB 'a*'",
        "id << 1 > 0",
        "json_extract('{\"a\":1}', '$.a') = 1",
        "'{\"a\":1}' -> '$.a' = 1 OR 1",
        "(id, idApp) IN (VALUES (1, 1))",
        "id IN (1, 2,3)",
        "'31' <> id",
        "CAST(id AS TEXT) <> ''",
        "strftime('%Y', ends) = '2026'",
        "id % 2 = 1",
        "iif(id > 1, 1, 1)",
        "(SELECT count(*) FILTER (WHERE id > 1) FROM apps) > 0",
        "EXISTS (SELECT group_concat(name, ',' ORDER BY name) FROM apps)",
        "status LIKE 'a%' ESCAPE '!'",
        "NOT status BETWEEN 'x' AND 'y'",
        "substr(status, 1, 1) = 'a'",
        "ends >= CURRENT_DATE",
        "date(ends, 'start of month') <> ''",
        "(SELECT sum(n) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (SELECT 1 AS n)) = 1",
    ] {
        let sql = format!("SELECT currency, sum(amount) FROM contracts WHERE {condition} GROUP BY currency");
        if office.ask(&sql).await.is_err() {
            refused.push(condition);
        }
    }
    assert_eq!(refused, [""; 0]);
}

#[tokio::test]
async fn what_is_not_understood_is_loaded_whole_and_taken_for_a_sum() {
    let office = Office::new();
    // `sqlparser` does not know `ISNULL`, so even grouping is not seen
    let error = office
        .refusal("SELECT currency, sum(amount) FROM contracts WHERE status = 'active' AND NOT id ISNULL GROUP BY currency")
        .await;
    assert!(error.contains(START), "{error}");
    assert_eq!(office.pushed("contracts"), [""; 0]);
    assert_eq!(office.rows("SELECT sum(usd) FROM contracts WHERE NOT id ISNULL").await, json!([[241]]));
}

#[tokio::test]
async fn the_largest_of_amounts_in_several_currencies_is_refused() {
    for sql in [
        "SELECT max(amount) FROM contracts",
        "SELECT status, min(amount) FROM contracts GROUP BY status",
        "SELECT max(amount) OVER (PARTITION BY status) FROM contracts",
        "SELECT max(a) FROM (SELECT amount / 100 AS a FROM contracts)",
    ] {
        let refused = Office::new().refusal(sql).await;
        assert!(refused.contains("would compare `contracts.amount` in several currencies"), "{sql}: {refused}");
        assert!(refused.contains("`contracts.usd`"), "{refused}");
    }
    for sql in [
        "SELECT currency, max(amount) FROM contracts GROUP BY currency",
        "SELECT max(amount) FROM contracts WHERE currency = 'EUR'",
        "SELECT max(usd), max(ends), max(id) FROM contracts",
        "SELECT max(amount, 0) FROM contracts",
    ] {
        assert!(Office::new().ask(sql).await.unwrap().notes.is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn amounts_that_are_sorted_or_compared_in_several_currencies_are_noted() {
    for (sql, told) in [
        ("SELECT id FROM contracts ORDER BY amount DESC LIMIT 3", "the rows are sorted by `contracts.amount`"),
        ("SELECT id, amount FROM contracts ORDER BY 2", "the rows are sorted by `contracts.amount`"),
        ("SELECT id, amount / 100.0 AS a FROM contracts ORDER BY a", "the rows are sorted by `contracts.amount`"),
        ("SELECT id FROM contracts WHERE amount > 10", "a number is compared with `contracts.amount`"),
        ("SELECT id FROM contracts WHERE amount > (2 * 5)", "a number is compared with `contracts.amount`"),
        ("SELECT id FROM contracts WHERE amount BETWEEN 1 AND 90", "a number is compared with `contracts.amount`"),
        ("SELECT row_number() OVER (ORDER BY amount DESC) FROM contracts", "the rows are sorted by `contracts.amount`"),
        ("SELECT currency, sum(amount) FROM contracts GROUP BY currency HAVING sum(amount) > 10", "a number is compared with"),
    ] {
        let notes = Office::new().ask(sql).await.unwrap().notes;
        assert!(notes.iter().any(|note| note.starts_with(told) && note.contains("in several currencies: `")), "{sql}: {notes:?}");
    }
    for sql in [
        "SELECT id FROM contracts ORDER BY currency, amount DESC",
        "SELECT amount AS cost FROM contracts WHERE idApp = 1 ORDER BY cost",
        "SELECT rank() OVER (PARTITION BY currency ORDER BY amount) FROM contracts",
        "SELECT id FROM contracts WHERE currency = 'EUR' AND amount > 10 ORDER BY amount",
        "SELECT id FROM contracts WHERE amount > 0 ORDER BY usd",
        "SELECT currency, count(*) AS n FROM contracts GROUP BY currency ORDER BY n",
    ] {
        let notes = Office::new().ask(sql).await.unwrap().notes;
        assert!(notes.is_empty(), "{sql}: {notes:?}");
    }
}
