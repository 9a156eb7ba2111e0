use crate::tool_filter::*;

fn known() -> BTreeSet<&'static str> {
    BTreeSet::from(["apps", "contracts", "users"])
}

fn of(address: &str) -> Result<ToolFilter, String> {
    ToolFilter::from_uri(&address.parse().unwrap(), &known()).map_err(|unknown| unknown.to_string())
}

fn toolsets(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn an_address_names_toolsets_and_whether_only_to_read() {
    assert_eq!(of("/mcp").unwrap(), ToolFilter::default());
    assert_eq!(of("/mcp?v=2").unwrap(), ToolFilter::default());
    assert_eq!(of("/mcp?toolsets=apps").unwrap().0.toolsets, Some(toolsets(&["apps"])));
    assert_eq!(
        of("/mcp?toolsets=apps,%20contracts&v=2&toolsets=users").unwrap().0.toolsets,
        Some(toolsets(&["apps", "contracts", "users"]))
    );
    let both = of("/mcp/read-only?toolsets=users").unwrap();
    assert_eq!((both.0.is_read_only, both.0.toolsets), (true, Some(toolsets(&["users"]))));
}

#[test]
fn a_toolset_that_there_is_not_is_told_with_those_there_are() {
    assert_eq!(of("/mcp?toolsets=contract").unwrap_err(), "`contract` is not a toolset; did you mean `contracts`?");
    assert_eq!(of("/mcp?toolsets=").unwrap_err(), "`` is not a toolset; there are `apps`, `contracts`, `users`");
    assert_eq!(of("/mcp?toolsets=apps,zzz").unwrap_err(), "`zzz` is not a toolset; there are `apps`, `contracts`, `users`");
    for meant in ["toolset", "TOOLSETS", "tool-sets"] {
        assert_eq!(
            of(&format!("/mcp?{meant}=apps")).unwrap_err(),
            format!("`{meant}` is not a toolset; did you mean `toolsets=…`?")
        );
    }
    assert!(of(&format!("/mcp?toolsets={}", "z".repeat(5_000))).unwrap_err().len() < 200);
}

#[test]
fn an_address_narrows_and_never_widens() {
    let ceiling = ToolFilter(ResourcePart { toolsets: Some(toolsets(&["apps", "users"])), is_read_only: true });
    for address in
        ["/mcp", "/mcp?toolsets=apps", "/mcp?toolsets=contracts", "/mcp/read-only", "/mcp?toolsets=apps,contracts,users"]
    {
        let narrowed = ceiling.and(&of(address).unwrap());
        assert!(narrowed.0.is_read_only, "{address}");
        for tool in crate::testing::catalog().tools() {
            assert!(!narrowed.permits(tool) || ceiling.permits(tool), "{address}: {}", tool.name);
        }
    }
    assert_eq!(ceiling.and(&of("/mcp?toolsets=apps,contracts").unwrap()).0.toolsets, Some(toolsets(&["apps"])));
    assert_eq!(ceiling.and(&of("/mcp?toolsets=contracts").unwrap()).0.toolsets, Some(toolsets(&[])));
    let catalog = crate::testing::catalog();
    assert_eq!(ceiling.scopes(catalog.scopes()), catalog.scopes().reading());
}

#[test]
fn what_is_not_permitted_says_what_is() {
    let catalog = crate::testing::catalog();
    let writes = catalog.tools().iter().find(|tool| tool.effect != Effect::Read && tool.toolset == "contracts").unwrap();
    let why = |address: &str| ToolFilter::from_uri(&address.parse().unwrap(), &catalog.toolsets()).unwrap().why_not(writes);
    assert_eq!(why("/mcp"), None);
    assert_eq!(why("/mcp?toolsets=contracts"), None);
    assert_eq!(why("/mcp/read-only").unwrap(), "only tools that read are");
    assert_eq!(why("/mcp?toolsets=apps").unwrap(), "only the toolset `apps` is");
    assert_eq!(why("/mcp?toolsets=users,apps").unwrap(), "only the toolsets `apps`, `users` are");
}

#[test]
fn what_a_url_excludes_is_named_as_it_is_written_there() {
    let catalog = crate::testing::catalog();
    let writes = catalog.tools().iter().find(|tool| tool.effect != Effect::Read && tool.toolset == "contracts").unwrap();
    let excluded_by = |address: &str| of(address).unwrap().excluded_by(writes);
    assert_eq!(excluded_by("/mcp?toolsets=contracts"), [""; 0]);
    assert_eq!(excluded_by("/mcp/read-only?toolsets=contracts"), ["/read-only"]);
    assert_eq!(excluded_by("/mcp?toolsets=users,apps"), ["?toolsets=apps,users"]);
    assert_eq!(excluded_by("/mcp/read-only?toolsets=apps"), ["/read-only", "?toolsets=apps"]);
    let of_nothing_common = of("/mcp?toolsets=apps").unwrap().and(&of("/mcp?toolsets=users").unwrap());
    assert_eq!(of_nothing_common.excluded_by(writes), ["?toolsets=…"]);
}

#[test]
fn pages_count_what_is_offered() {
    let catalog = crate::testing::catalog();
    let offered = |address: &str| OfferedTools {
        catalog,
        tool_filter: ToolFilter::from_uri(&address.parse().unwrap(), &catalog.toolsets()).unwrap(),
    };
    assert_eq!(offered("/mcp").tools().count(), catalog.tools().len());
    assert_eq!(offered("/mcp").behind_scopes(&ResourcePart::default()).values().sum::<usize>(), catalog.tools().len());
    let write = catalog.scopes().get("torii:write").unwrap();
    assert!(!offered("/mcp/read-only").behind_scopes(&ResourcePart::default()).contains_key(&write));
    assert!(offered("/mcp?toolsets=contracts").tools().all(|tool| tool.toolset == "contracts"));
}
