use std::{collections::BTreeSet, env, fmt::Write};

use mcp_oauth_server::settings::SignIn;
use serde_json::Value;

use super::*;
use crate::config::{
    keys::{Leaf, leaves},
    settings::Auth,
    tree::key,
};

const BEGIN: &str = "<!-- keys: made by `BLESS=1 cargo test --lib config` -->\n";
const END: &str = "<!-- /keys -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_key_has_a_variable_of_its_own() {
    let names: Vec<_> = leaves().iter().map(|leaf| (key(&leaf.place), keys::variable(&leaf.place))).collect();
    for (key, variable) in [
        ("listen", "TORII_MCP_LISTEN"),
        ("torii.api_url", "TORII_API_URL"),
        ("torii.api_key_file", "TORII_API_KEY_FILE"),
        ("torii.scim_key_file", "TORII_SCIM_KEY_FILE"),
        ("auth.mode", "TORII_MCP_AUTH_MODE"),
        ("auth.oidc.client_secret_file", "TORII_MCP_AUTH_OIDC_CLIENT_SECRET_FILE"),
        ("keys.NAME.torii_key_file", "TORII_MCP_KEYS_NAME_TORII_KEY_FILE"),
        ("access.rules", "TORII_MCP_ACCESS_RULES"),
        ("access.roles", "TORII_MCP_ACCESS_ROLES"),
        ("clients", "TORII_MCP_CLIENTS"),
    ] {
        assert!(names.iter().any(|name| (name.0.as_str(), name.1.as_str()) == (key, variable)), "{key}: {names:?}");
    }
    let variables: BTreeSet<_> = names.iter().map(|(_, variable)| variable).collect();
    assert_eq!(variables.len(), names.len());
    for leaf in leaves() {
        assert!(!description(leaf).is_empty() && !description(leaf).starts_with("See ["), "{}", key(&leaf.place));
    }
}

/// What a reload applies: keys, or sections of them.
const APPLIED: [&str; 12] = [
    "/log",
    "/allowed_origins",
    "/auth",
    "/keys",
    "/access",
    "/clients",
    "/tools",
    "/torii/api_key_file",
    "/torii/scim_key_file",
    "/limits/requests_per_minute",
    "/limits/failed_sign_ins",
    "/limits/replicas",
];

#[test]
fn every_key_is_applied_by_a_reload_or_said_to_need_a_restart() {
    let is_in =
        |place: &str, section: &str| place.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    for leaf in leaves() {
        let needs_restart = fixed::PLACES.iter().any(|section| is_in(&leaf.place, section));
        let is_applied = APPLIED.iter().any(|section| is_in(&leaf.place, section));
        assert!(needs_restart || is_applied, "`{}` is in neither list: what does a reload do with it?", key(&leaf.place));
    }
    for place in fixed::PLACES.iter().chain(&APPLIED) {
        assert!(leaves().iter().any(|leaf| is_in(&leaf.place, place)), "`{place}` is no key");
    }
}

fn description(leaf: &Leaf) -> &'static str {
    leaf.schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

fn schema() -> Value {
    keys::schema(known().scopes)
}

#[test]
fn the_schema_is_one_and_takes_its_own_defaults() {
    let text = schema().to_string();
    assert!(["$ref", "\"null\"", "anyOf"].iter().all(|word| !text.contains(word)), "{:#}", schema());
    for leaf in leaves() {
        if let Some(default) = leaf.default() {
            let schema = jsonschema::draft202012::new(leaf.schema).unwrap();
            assert!(schema.is_valid(default), "{}: {default}", key(&leaf.place));
        }
    }
}

#[test]
fn what_a_section_needs_is_what_its_list_needs() {
    let schema = schema();
    let required = |place: &str| schema.pointer(&format!("{place}/required")).cloned().unwrap_or_else(|| Value::Array(vec![]));
    for (place, needed) in [
        ("", &[][..]),
        ("/properties/auth", &[]),
        ("/properties/access/properties/rules/items", &["key", "scopes"]),
        ("/properties/clients/items", &["id"]),
    ] {
        assert_eq!(required(place), Value::from(needed.to_vec()), "{place}");
    }
}

#[test]
fn the_scopes_of_the_schema_are_those_of_the_catalog() {
    let definitions = known().scopes;
    let names = definitions.names(definitions.all());
    assert_eq!(schema()["properties"]["auth"]["properties"]["scopes"]["items"]["enum"], Value::from(names));
}

#[test]
fn logs_are_by_default_what_they_are_without_configuration() {
    let leaf = leaves().iter().find(|leaf| key(&leaf.place) == "log").unwrap();
    assert_eq!(leaf.default().unwrap(), crate::telemetry::DEFAULT);
}

/// The sample file, with its optional keys uncommented.
fn with_everything(sample: &str) -> String {
    let lines = sample.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_is_a_configuration() {
    let sample = fs::read_to_string(root().join("deploy").join(FILE)).unwrap();
    let whole = with_everything(&sample);
    for text in [&sample, &whole] {
        let table: toml::Table = text.parse().unwrap();
        let json: Value = serde_json::to_value(table).unwrap();
        let schema = jsonschema::draft202012::new(&schema()).unwrap();
        assert_eq!(schema.iter_errors(&json).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0]);
    }

    let public = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let folder = Folder::new(&[
        (FILE, &sample),
        ("secrets/store_url", "postgres://torii_mcp:hush@db/torii_mcp"),
        ("secrets/oidc_client_secret", "hush"),
        ("secrets/torii_key_full", "a"),
        ("secrets/torii_key_read_only", "b"),
    ]);
    let (config, settings) = folder.load(&[]).unwrap();
    assert_eq!(config.warnings, [""; 0]);
    let Auth::Embedded(embedded) = settings.auth else { panic!("{:?}", settings.auth) };
    let SignIn::Oidc(_, access) = embedded.sign_in else { panic!("not oidc") };
    assert_eq!((access.rules.len(), embedded.keys.len(), embedded.clients.len()), (2, 2, 0));
    assert_eq!(access.roles, None);

    folder.write(FILE, &whole);
    folder.write("nightly-report.jwks.json", public);
    let (config, settings) = folder.load(&[]).unwrap();
    assert_eq!(config.warnings, [""; 0]);
    let Auth::Embedded(embedded) = settings.auth else { panic!("{:?}", settings.auth) };
    let SignIn::Oidc(_, access) = embedded.sign_in else { panic!("not oidc") };
    assert_eq!((access.rules.len(), embedded.clients.len()), (2, 1));
    assert_eq!(access.roles.unwrap().keys().collect::<Vec<_>>(), ["admin", "read only"]);
}

#[test]
fn the_unit_and_the_commands_of_the_guide_read_one_store() {
    let deploy = |name: &str| fs::read_to_string(root().join("deploy").join(name)).unwrap();
    let (sample, unit) = (deploy(FILE), deploy("torii-mcp.service"));
    let guide = fs::read_to_string(root().join("docs/guide/deploy.md")).unwrap();
    assert!(guide.contains("torii() { sudo -u torii-mcp torii-mcp \"$@\" --config /etc/torii-mcp/torii-mcp.toml; }"));
    // as the guide says, for SQLite
    let (before, after) = sample.split_once("[store]\n").unwrap();
    let sample = format!("{before}{}", after.split_once("\n[").map(|(_, rest)| format!("[{rest}")).unwrap());
    let folder = Folder::new(&[
        (FILE, &sample),
        ("secrets/oidc_client_secret", "hush"),
        ("secrets/torii_key_full", "a"),
        ("secrets/torii_key_read_only", "b"),
    ]);
    let of_unit: Vec<_> = unit.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('=')).collect();
    for variables in [&of_unit[..], &[]] {
        let (_, settings) = folder.load(variables).unwrap();
        let Auth::Embedded(embedded) = settings.auth else { panic!("{:?}", settings.auth) };
        assert_eq!(embedded.store.to_string(), "the SQLite file `/var/lib/torii-mcp/store.sqlite`", "{variables:?}");
    }
    assert!(unit.contains("\nStateDirectory=torii-mcp\n"), "which is that folder");
}

/// The description of the value in a schema.
fn kind(schema: &Value) -> String {
    let scopes = known().scopes;
    let words = |schema: &Value| {
        let words = schema.get("enum").and_then(Value::as_array);
        let words = words.map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let is_scope = schema.get("format").is_some_and(|format| format == "scope");
        let words = words.or_else(|| is_scope.then(|| scopes.names(scopes.all())))?;
        Some(words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
    };
    let text = |schema: &Value| schema.get("type").and_then(Value::as_str).unwrap_or("text").to_owned();
    let items = schema.get("items");
    match (text(schema).as_str(), items) {
        ("array", Some(items)) => match words(items) {
            Some(words) => format!("list of {words}"),
            None if items.get("properties").is_some() => "list of sections".to_owned(),
            None => "list of texts".to_owned(),
        },
        ("object", _) => "section".to_owned(),
        ("string", _) => words(schema).unwrap_or_else(|| "text".to_owned()),
        ("integer", _) => "whole number".to_owned(),
        ("boolean", _) => "`true`, `false`".to_owned(),
        (other, _) => other.to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The table of keys, and one for each list of sections.
fn tables() -> String {
    let mut text = "| key | variable | value | default | what |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let mut lists = String::new();
    for leaf in leaves() {
        let mut variable = format!("`{}`", keys::variable(&leaf.place));
        if let Some(secret) = leaf.secret() {
            variable = format!("`{}`, {variable}", keys::variable(secret));
        }
        let kind = if leaf.secret().is_some() { "path".to_owned() } else { kind(leaf.schema) };
        let default = leaf.default().map(|default| format!("`{default}`")).unwrap_or_default();
        writeln!(text, "| `{}` | {variable} | {} | {default} | {} |", key(&leaf.place), cell(&kind), cell(description(leaf)))
            .unwrap();
        let items = leaf.schema.get("items").filter(|items| items.get("properties").is_some());
        if let Some(items) = items {
            writeln!(lists, "\nEach `[[{}]]` has:\n\n| key | value | what |\n| --- | --- | --- |", key(&leaf.place)).unwrap();
            rows(&mut lists, "", items);
        }
    }
    text + &lists
}

fn rows(text: &mut String, before: &str, section: &Value) {
    let required = section.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for (key, schema) in section["properties"].as_object().unwrap() {
        let needed = if required.contains(&key.as_str().into()) { ", needed" } else { "" };
        let description = schema["description"].as_str().unwrap_or_default();
        writeln!(text, "| `{before}{key}` | {}{needed} | {} |", cell(&kind(schema)), cell(description)).unwrap();
        if schema.get("properties").is_some() {
            rows(text, &format!("{before}{key}."), schema);
        }
    }
}

#[test]
fn the_table_of_keys_is_what_the_program_reads() {
    let path = root().join("docs/reference/configuration.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the table has a beginning");
    let (table_there, after) = rest.split_once(END).expect("the table has an end");
    let tables = tables();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{tables}{END}{after}")).unwrap();
    } else {
        assert_eq!(table_there, tables, "run `BLESS=1 cargo test --lib config`");
    }
}
