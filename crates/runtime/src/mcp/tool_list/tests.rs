use mcp_http::{caller::Keys, protected_resource::ResourcePart};

use crate::mcp::tool_list::*;

const BUDGET: usize = 100_000;

fn torii(names: &str) -> Scopes {
    crate::testing::catalog().scopes().parse(names)
}

fn tool_list(listing: Listing) -> ToolList {
    ToolList::new(crate::testing::catalog(), ToolPolicy { listing, ..ToolPolicy::default() })
}

fn selected(toolsets: &[&str], is_read_only: bool) -> ToolFilter {
    let toolsets = (!toolsets.is_empty()).then(|| toolsets.iter().map(|name| (*name).to_owned()).collect());
    ToolFilter(ResourcePart { toolsets, is_read_only })
}

fn names(list: &[rmcp::model::Tool]) -> Vec<&str> {
    list.iter().map(|tool| tool.name.as_ref()).collect()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn caller(scopes: &str) -> Caller {
    Caller::signed_in(Arc::new(Keys::default()), torii(scopes), "1".into(), "ada".into())
}

fn find(tool_list: &ToolList, given: &Value, tool_filter: &ToolFilter, scopes: &str) -> Result<Vec<Value>, String> {
    let found = tool_list.find(object(given), tool_filter, &caller(scopes), BUDGET).map_err(|failure| failure.to_string())?;
    Ok(found.output.structured()["tools"].as_array().unwrap().clone())
}

#[test]
fn the_short_list_has_the_most_used_tools_and_three_that_reach_the_others() {
    let list = tool_list(Listing::Search).list(&ToolFilter::default(), Scopes::ALL);
    let listed = crate::testing::catalog().tools().iter().filter(|tool| tool.default_listed).count();
    assert_eq!(list.len(), listed + 3);
    assert!(list.is_sorted_by_key(|tool| &tool.name));
    // these tools have no tables, so there is nothing to query
    for own in MetaTool::ALL {
        assert_eq!(names(&list).contains(&own.name()), own != MetaTool::Query);
    }
    assert!(list.iter().all(|tool| tool.output_schema.is_none()));
}

#[test]
fn the_long_list_has_every_tool_and_needs_no_others() {
    let catalog = crate::testing::catalog();
    let list = tool_list(Listing::All).list(&ToolFilter::default(), Scopes::ALL);
    assert_eq!(names(&list), catalog.tools().iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>());
}

#[test]
fn whoever_may_only_read_is_not_shown_what_writes() {
    let tool_list = tool_list(Listing::Search);
    for list in [tool_list.list(&ToolFilter::default(), torii("torii:read")), tool_list.list(&selected(&[], true), Scopes::ALL)] {
        assert!(names(&list).contains(&"run_read_tool") && !names(&list).contains(&"run_write_tool"));
        assert!(list.iter().all(|tool| tool.annotations.as_ref().unwrap().read_only_hint == Some(true)));
    }
}

#[test]
fn few_toolsets_are_listed_whole() {
    let list = tool_list(Listing::Search).list(&selected(&["contracts"], false), Scopes::ALL);
    let catalog = crate::testing::catalog();
    let all = catalog.tools().iter().filter(|tool| tool.toolset == "contracts").map(|tool| tool.name.as_str());
    assert_eq!(names(&list), all.collect::<Vec<_>>());
    let most: Vec<&str> = catalog.toolsets().into_iter().collect();
    assert!(names(&tool_list(Listing::Search).list(&selected(&most, false), Scopes::ALL)).contains(&"find_tools"));
}

#[test]
fn a_question_finds_five_tools_with_their_schemas_where_they_are_not_in_the_list_already() {
    let found =
        find(&tool_list(Listing::Search), &json!({ "query": "show a contract" }), &ToolFilter::default(), "torii:read").unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(found[0], json!({ "name": "get_contract", "inYourList": true }));
    let listed = |tool: &&Value| crate::testing::catalog().find(tool["name"].as_str().unwrap()).unwrap().default_listed;
    let (listed, others): (Vec<_>, Vec<_>) = found.iter().partition(listed);
    assert!(listed.len() > 1 && listed.iter().all(|tool| tool["inYourList"] == true));
    assert!(!others.is_empty() && others.iter().all(|tool| tool["inputSchema"]["type"] == "object"));
    let more =
        find(&tool_list(Listing::Search), &json!({ "query": "contract", "limit": 8 }), &ToolFilter::default(), "torii:read");
    assert_eq!(more.unwrap().len(), 8);
}

#[test]
fn what_the_caller_may_not_do_yet_is_found_and_says_how_to_get_it() {
    let found = |scopes| {
        let given = json!({ "query": "delete_contract", "limit": 1 });
        find(&tool_list(Listing::Search), &given, &ToolFilter::default(), scopes).unwrap().remove(0)
    };
    let tool = found("torii:read");
    assert_eq!((&tool["name"], &tool["run"]), (&json!("delete_contract"), &json!("run_write_tool")));
    assert_eq!(tool["missingScopes"], json!(["torii:write", "torii:destroy"]));
    assert!(tool["how"].as_str().unwrap().contains("connect again"));
    assert_eq!(found("torii:destroy").get("missingScopes"), None);
}

#[test]
fn what_is_not_offered_is_not_found() {
    let tool_list = tool_list(Listing::Search);
    let found =
        find(&tool_list, &json!({ "query": "delete_contract", "limit": 20 }), &selected(&[], true), "torii:destroy").unwrap();
    let catalog = crate::testing::catalog();
    let effect = |tool: &Value| catalog.find(tool["name"].as_str().unwrap()).unwrap().effect;
    assert!(found.iter().all(|tool| effect(tool) == Effect::Read));
    let found =
        find(&tool_list, &json!({ "query": "apps and contracts", "limit": 20 }), &selected(&["apps"], false), "torii:read")
            .unwrap();
    assert!(found.iter().all(|tool| catalog.find(tool["name"].as_str().unwrap()).unwrap().toolset == "apps"));
}

#[test]
fn a_search_is_answered_within_the_budget() {
    let tool_list = tool_list(Listing::Search);
    let found = |budget| {
        let given = object(&json!({ "query": "create something", "limit": 20 }));
        tool_list.find(given, &ToolFilter::default(), &caller("torii:destroy"), budget).unwrap().output
    };
    assert_eq!(found(100).structured()["tools"].as_array().unwrap().len(), 1);
    let most = found(BUDGET);
    assert!(most.text.len() <= SCHEMAS + 2_000);
    let tools = most.structured()["tools"].as_array().unwrap().clone();
    assert_eq!(tools.len(), 20);
    // those whose schemas do not fit have a short text
    let short: Vec<_> = tools.iter().filter(|tool| tool.get("title").is_some()).collect();
    assert!(!short.is_empty() && short.iter().all(|tool| tool["run"].is_string() && tool.get("inputSchema").is_none()));
    assert!(tools.iter().find(|tool| tool.get("run").is_some()).unwrap()["inputSchema"].is_object());
}

#[test]
fn wrong_words_lead_on() {
    let tool_list = tool_list(Listing::Search);
    let search = |given| find(&tool_list, &given, &selected(&["apps", "users"], false), "torii:read").unwrap_err();
    assert_eq!(
        search(json!({ "query": "xqzzkj" })),
        "no tool fits `query`; say in other words what is to be done, about `apps`, `users`"
    );
    assert_eq!(search(json!({})), "`query` is missing; nothing was sent, correct the arguments and call again");
    assert!(search(json!({ "query": "apps", "limit": 90 })).starts_with("`limit` must be at most 20"));

    let run = |own: MetaTool, given: Value| {
        tool_list.resolve(own, object(&given)).map(|(tool, _)| tool.name.clone()).map_err(|failure| failure.to_string())
    };
    let read = |tool: &str| run(MetaTool::RunRead, json!({ "tool": tool }));
    assert_eq!(read("list_contracts").unwrap(), "list_contracts");
    assert!(
        read("list_contract")
            .unwrap_err()
            .starts_with("`tool` is `list_contract`, which does not exist; did you mean `list_contracts`?")
    );
    assert!(read("xqzzkj").unwrap_err().contains("call `find_tools` to see"));
    assert!(read("delete_contract").unwrap_err().starts_with("`delete_contract` changes things; run it with `run_write_tool`"));
    assert!(
        run(MetaTool::RunWrite, json!({ "tool": "get_app" }))
            .unwrap_err()
            .starts_with("`get_app` only reads; run it with `run_read_tool`")
    );
    assert!(read("find_tools").unwrap_err().starts_with("`find_tools` does not run another way; call it by itself"));
    assert!(run(MetaTool::RunRead, json!({ "name": "get_app" })).unwrap_err().contains("`tool` is missing"));
}

#[test]
fn arguments_may_come_as_json_in_a_string() {
    let tool_list = tool_list(Listing::Search);
    let given = object(&json!({ "tool": "get_app", "arguments": "{\"idApp\": 5}" }));
    let (tool, arguments) = tool_list.resolve(MetaTool::RunRead, given).unwrap();
    assert_eq!((tool.name.as_str(), arguments), ("get_app", object(&json!({ "idApp": 5 }))));
    assert_eq!(tool_list.resolve(MetaTool::RunRead, object(&json!({ "tool": "get_organization" }))).unwrap().1, Map::new());
}

#[test]
fn the_schemas_of_the_front_are_as_plain_as_those_of_any_tool() {
    let schema = |own: MetaTool| Value::Object(own.form().schema.clone());
    assert_eq!(
        schema(MetaTool::RunRead),
        json!({
            "type": "object",
            "properties": {
                "tool": { "description": "The tool's name, from `find_tools`.", "type": "string" },
                "arguments": { "description": "Its arguments, as its inputSchema says.", "type": "object", "additionalProperties": true },
            },
            "additionalProperties": false,
            "required": ["tool"],
        })
    );
    let find = schema(MetaTool::Find);
    assert_eq!(find["properties"]["limit"]["type"], "integer");
    assert!(!find.to_string().contains("null") && !find.to_string().contains("format"));
}
