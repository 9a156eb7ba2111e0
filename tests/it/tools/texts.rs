//! What the texts say about Torii: what figures mean, which values there are, and no key that only our own sample has.

use std::{fs, path::Path};

use serde_json::{Value, json};

use torii_sample::{Options, Organization};

use super::{
    everyday::keys,
    sample_modes::{options, serve},
};
use crate::support::assistant::{Era, Server};

/// The overlay, and the prompts by name.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let prompts = fs::read_dir(root.join("templates/prompts")).expect("there are prompts");
    let paths = prompts.map(|entry| entry.expect("it is read").path()).chain([root.join("openapi/overlay.yaml")]);
    paths.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("it is read"))).collect()
}

/// The text as one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn schema(tool: &str) -> &'static Value {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let tool = catalog.find(tool).unwrap_or_else(|| panic!("there is no {tool}"));
    Box::leak(Box::new(Value::Object((*tool.input_schema).clone())))
}

#[test]
fn no_text_names_a_key_that_only_some_organization_has() {
    for (path, text) in sources() {
        for word in text.split(|sign: char| !sign.is_alphanumeric() && sign != '_') {
            let is_custom = word.starts_with("c_") || word.starts_with("ccf_");
            let is_invented = ["isAutoRenew", "noticePeriodDays", "renewalDate", "billingFrequency"].contains(&word);
            assert!(!is_custom && !is_invented, "{path}: {word}");
        }
    }
}

#[test]
fn texts_say_what_figures_mean() {
    let sources = sources();
    let source = |name: &str| flat(&sources.iter().find(|(path, _)| path.contains(name)).expect(name).1);
    for (place, words) in [
        ("overlay", "amount is the value over the whole term, \"Yearly Cost\" that of a year"),
        ("overlay", "A contract renews at its \"End date\""),
        ("overlay", "activeUsersCount counts accounts, used or not"),
        ("overlay", "expenses (paid, cents)"),
        ("overlay", "add up money by currency only"),
        ("spend_by_category", "it is the value over the whole term of a contract, not of a year"),
        ("spend_by_category", "expenses are what was paid, and that contracts are what is agreed"),
        ("overlay", "Inactive: assigned, reclaimable; unassigned: only where the app tells; price: cents a license and year"),
        ("popular_apps", "Apps with more than so many user accounts, used or not"),
        ("unused_licenses", "Prices are for one license and a year"),
        ("unused_licenses", "unassigned ones are known only where the app tells"),
    ] {
        assert!(source(place).contains(words), "{place}: {words}");
    }
}

#[test]
fn licenses_are_described_as_what_torii_calls_so() {
    let described = flat(&schema("list_apps")["properties"]["includeLicenses"]["description"].to_string());
    for words in ["Inactive: assigned, reclaimable", "unassigned: only where the app tells", "cents a license and year"] {
        assert!(described.contains(words), "{described}");
    }
    for tool in ["list_apps", "get_app"] {
        let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
        let tool = catalog.find(tool).expect("it is there");
        let output = Value::Object((**tool.output_schema.as_ref().expect("it has one")).clone()).to_string();
        assert!(
            output.contains("assigned and can be reclaimed") && output.contains("Known only where the app tells"),
            "{output}"
        );
        assert!(!output.contains("held by inactive users"), "{output}");
    }
}

#[tokio::test]
async fn one_contract_says_when_it_renews_and_what_it_costs_a_year() {
    for organization in [Organization::First, Organization::Second] {
        let (_torii, server) = serve(Options { organization, ..options() });
        let arguments = json!({ "filters": [{ "key": "End date", "op": "isSet" }], "size": 1 });
        let listed = server.call(Era::Legacy, "list_contracts", arguments).await.ok();
        let id = &listed["contracts"][0]["id"];
        let (_, answer) =
            server.ask(Era::Legacy, "tools/call", json!({ "name": "get_contract", "arguments": { "idContract": id } })).await;
        let blocks = answer["result"]["content"].as_array().expect("there is content");
        let blocks: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
        let keys = keys(blocks.last().expect("there is a note"));
        let contract: Value = serde_json::from_str(blocks[0]).expect("it is JSON");
        for name in ["End date", "Auto-Renewal", "Cancellation Deadline", "Yearly Cost"] {
            let key = keys.get(name).unwrap_or_else(|| panic!("{name}: {answer}"));
            assert!(contract["contract"].get(key).is_some(), "{name}: {contract}");
        }
    }
}

#[test]
fn states_and_statuses_that_organizations_choose_are_never_closed_lists() {
    for (tool, argument) in
        [("create_custom_app", "state"), ("update_app", "state"), ("list_contracts", "status"), ("create_contract", "status")]
    {
        let argument = &schema(tool)["properties"][argument];
        assert!(argument.get("enum").is_none() && argument["type"] == "string", "{tool}: {argument}");
    }
}

/// Every aggregation in a value: the members called `aggs` that are not inside another one.
fn aggregations(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, member)| if name == "aggs" { vec![member] } else { aggregations(member) }).collect()
        }
        Value::Array(items) => items.iter().flat_map(aggregations).collect(),
        _ => Vec::new(),
    }
}

/// Whether an aggregation adds up money of several currencies.
fn mixes_currencies(aggs: &Value, is_by_currency: bool) -> bool {
    let field = aggs["field"].as_str().expect("an aggregation has a field");
    if aggs["aggregationType"] == "metric" {
        return ["amount", "Yearly Cost", "annualCost"].contains(&field) && !is_by_currency;
    }
    aggs.get("aggs").is_some_and(|inner| mixes_currencies(inner, is_by_currency || field == "currency"))
}

#[test]
fn no_example_prompt_or_question_adds_up_money_of_several_currencies() {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let shown = |tool: &openapi_mcp::catalog::Tool| tool.input_schema["properties"]["aggs"].get("examples").cloned();
    let listed = catalog.tools().iter().filter(|tool| tool.input_schema["properties"].get("aggs").is_some());
    let mut examples: Vec<Value> = listed.filter_map(shown).flat_map(|all| all.as_array().cloned().expect("a list")).collect();
    assert_eq!(examples.len(), 3, "of apps, users and contracts");
    for (path, text) in sources().iter().filter(|(path, _)| path.contains("templates/prompts")) {
        for block in text.split("```json").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block) {
            // a placeholder outside of a text is a value
            let block = block.replace("{by}", "\"category\"").replace("{user}", "\"\"").replace("{users}", "1");
            let call: Value = serde_json::from_str(&block).unwrap_or_else(|error| panic!("{path}: {error}: {block}"));
            examples.extend(aggregations(&call).into_iter().cloned());
        }
    }
    let questions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fitness/questions.toml");
    let questions: Value = toml::from_str(&fs::read_to_string(questions).expect("it is read")).expect("it is TOML");
    examples.extend(aggregations(&questions).into_iter().cloned());
    assert!(examples.len() > 5, "{examples:?}");
    for example in examples {
        assert!(!mixes_currencies(&example, false), "{example}");
    }
    let mixing =
        json!({ "field": "status", "aggregationType": "groupBy", "aggs": { "field": "amount", "aggregationType": "metric" } });
    assert!(mixes_currencies(&mixing, false));
}

/// The buckets of a total over apps.
async fn buckets(server: &Server, aggs: Value) -> Vec<Value> {
    let found = server.call(Era::Legacy, "list_apps", json!({ "size": 1, "fields": ["id"], "aggs": aggs })).await.ok();
    found["aggregations"].as_array().unwrap_or_else(|| panic!("{found}")).clone()
}

#[tokio::test]
async fn totals_by_dates_and_of_expenses_are_what_the_texts_say() {
    let options_text = flat(&schema("list_apps")["properties"]["aggs"]["properties"]["options"]["description"].to_string());
    for words in ["dateHistogramOptions: {datePeriod: weekly, monthly, quarterly or yearly}", "ranges: [{from, to}]"] {
        assert!(options_text.contains(words), "{options_text}");
    }
    let (_torii, server) = serve(options());
    let all = server.call(Era::Legacy, "list_apps", json!({ "size": 1 })).await.ok()["total"].as_u64();
    let count = |buckets: &[Value]| Some(buckets.iter().filter_map(|bucket| bucket["groupCount"].as_u64()).sum::<u64>());
    let yearly = json!({ "dateHistogramOptions": { "datePeriod": "yearly" } });
    let years =
        buckets(&server, json!({ "field": "creationTime", "aggregationType": "date_histogram", "options": yearly })).await;
    assert!(years.len() > 3 && count(&years) == all, "{years:?}");
    let ranges = json!({ "ranges": [{ "from": "2020-01-01", "to": "2025-06-01" }, { "from": "2025-06-01" }] });
    let halves = buckets(&server, json!({ "field": "creationTime", "aggregationType": "date_range", "options": ranges })).await;
    assert!(halves.len() == 2 && count(&halves) == all, "{halves:?}");
    let paid = json!({ "field": "expenses", "aggregationType": "metric", "options": { "metricFunction": "sum" } });
    let categories = buckets(&server, json!({ "field": "category", "aggregationType": "groupBy", "aggs": paid })).await;
    assert!(categories.iter().any(|bucket| bucket["aggregations"].as_u64() > Some(0)), "{categories:?}");
}

#[tokio::test]
async fn the_day_is_told_to_whoever_connects_or_asks_for_the_organization() {
    let server = Server::demo();
    let today = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let before = today();
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let instructions = server.ask(Era::Legacy, "initialize", hello).await.1["result"]["instructions"].to_string();
    let discovered = server.ask(Era::Modern, "server/discover", json!({})).await.1["result"]["instructions"].to_string();
    let call = json!({ "name": "get_organization", "arguments": {} });
    let organization = server.ask(Era::Legacy, "tools/call", call).await.1["result"]["content"][1]["text"].to_string();
    let days = [before, today()].map(|day| format!("Today is {day} (UTC)."));
    for text in [instructions, discovered, organization] {
        assert!(days.iter().any(|day| text.contains(day)), "{text}");
    }
    let log = schema("list_audit_logs")["properties"].to_string();
    for words in ["After this date (UTC)", "give the day after the last"] {
        assert!(log.contains(words), "{log}");
    }
}
