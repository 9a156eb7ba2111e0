//! What the commands print, where, and how they end.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    iter,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
};

use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{
    mock_api::Torii,
    process::{Program, Ran, command, run},
};

fn done(stdout: impl Into<String>) -> Ran {
    Ran { code: 0, stdout: stdout.into(), stderr: String::new() }
}

fn failed(code: i32, stderr: &str) -> Ran {
    Ran { code, stdout: String::new(), stderr: format!("error: {stderr}\n") }
}

/// The standard output of a run that has nothing to complain about.
fn printed(arguments: &[&str]) -> String {
    let ran = run(arguments, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{arguments:?}");
    assert!(ran.stdout.ends_with('\n') && !ran.stdout.contains('\u{1b}'), "{arguments:?}: {}", ran.stdout);
    ran.stdout
}

fn printed_json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments)).expect("it is JSON")
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("not an object: {object}")).keys().map(String::as_str).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

#[test]
fn tools_are_listed_for_programs_as_the_contract_says() {
    let listed = printed_json(&["tools", "--json"]);
    assert_eq!(keys(&listed), ["document", "tools"]);
    assert_eq!(keys(&listed["document"]), ["title", "version", "sha256"]);
    let contract = [
        "name",
        "title",
        "description",
        "toolset",
        "effect",
        "repeatable",
        "defaultListed",
        "scopes",
        "operationId",
        "method",
        "path",
        "rate",
        "inputSchema",
        "outputSchema",
        "annotations",
        "aliases",
    ];
    for tool in list(&listed["tools"]) {
        assert_eq!(keys(tool), contract, "{}", tool["name"]);
        let hints = ["title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];
        assert!(hints.iter().all(|hint| tool["annotations"].get(hint).is_some()), "{}", tool["name"]);
        assert_eq!(tool["annotations"]["readOnlyHint"], tool["effect"] == "read", "{}", tool["name"]);
    }
    assert!(list(&listed["tools"]).is_sorted_by_key(|tool| tool["name"].as_str()));
}

#[test]
fn tools_are_listed_for_users_by_toolset() {
    let text = printed(&["tools"]);
    let listed = printed_json(&["tools", "--json"]);
    for tool in list(&listed["tools"]) {
        let words = [&tool["name"], &tool["effect"], &tool["title"]].map(|word| word.as_str().expect("it is a word"));
        assert!(text.lines().any(|line| line.starts_with("  ") && words.iter().all(|word| line.contains(word))), "{words:?}");
    }
    let toolsets: BTreeSet<_> = list(&listed["tools"]).iter().filter_map(|tool| tool["toolset"].as_str()).collect();
    assert!(text.lines().filter(|line| !line.starts_with(' ')).eq(toolsets));
}

#[test]
fn a_question_finds_tools() {
    let found = printed(&["tools", "--find", "which contracts renew soon"]);
    assert!(found.starts_with("list_contracts ") && found.lines().count() <= 5, "{found}");
    let nothing = run(&["tools", "--find", "zzzz"], &[]);
    assert_eq!(nothing.code, 1, "{}", nothing.stderr);
    assert!(nothing.stderr.contains("no tool for `zzzz`; say it in other words"), "{}", nothing.stderr);
}

/// How sure something about Torii can be: `openapi/README.md` explains each.
const PROVENANCES: [&str; 4] = ["document", "page", "code", "inferred"];

#[test]
fn coverage_tells_how_sure_the_shape_of_each_tool_is() {
    let coverage = printed_json(&["coverage", "--format", "json"]);
    let operations = list(&coverage["operations"]);
    for operation in operations {
        let parts = operation.get("provenanceOfParts").map(list).unwrap_or_default();
        for mark in iter::once(&operation["provenance"]).chain(parts) {
            assert!(mark.as_str().is_some_and(|mark| PROVENANCES.contains(&mark)), "{operation}");
        }
    }
    let explained = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/README.md")).expect("it is read");
    for mark in PROVENANCES {
        let count = operations.iter().filter(|operation| operation["provenance"] == mark).count();
        let row = explained.lines().find(|line| line.starts_with(&format!("| `{mark}` | "))).expect(mark);
        assert!(row.ends_with(&format!(" | {count} |")), "{count}: {row}");
    }
    let text = printed(&["coverage"]);
    let sure = |tool: &str| {
        let mut lines = text.lines().map(|line| line.split_once(", table").map_or(line, |(line, _)| line));
        let line = lines.find(|line| line.ends_with(&format!("  {tool}"))).expect(tool);
        line.trim_end_matches(tool).trim_end().rsplit("  ").next().unwrap_or_default().to_owned()
    };
    assert!(["list_apps", "list_users"].iter().all(|tool| sure(tool).starts_with("document (in part code, page")), "{text}");
    assert!(sure("list_workflows").starts_with("page (in part code, inferred"), "{text}");
    assert_eq!(sure("get_user"), "document");
}

#[test]
fn coverage_tells_of_every_operation_in_three_formats() {
    let ledger = printed_json(&["coverage", "--format", "json"]);
    assert_eq!(keys(&ledger), ["document", "totals", "operations"]);
    assert_eq!(keys(&ledger["totals"]), ["operations", "exposed", "excluded", "undecided", "removed"]);
    let operations = list(&ledger["operations"]);
    let count = |state: &str| operations.iter().filter(|operation| operation["state"] == state).count();
    let totals = json!({
        "operations": operations.len(), "exposed": count("exposed"), "excluded": count("excluded"),
        "undecided": count("undecided"), "removed": count("removed"),
    });
    assert_eq!(ledger["totals"], totals);
    assert!(operations.is_sorted_by_key(|operation| (operation["path"].as_str(), operation["method"].as_str())));
    for operation in operations {
        assert_eq!(operation["tool"].is_string(), operation["state"] == "exposed", "{operation}");
        assert_eq!(operation["reason"].is_string(), operation["state"] == "excluded", "{operation}");
    }
    let tools = printed_json(&["tools", "--json"]);
    assert_eq!(list(&tools["tools"]).len(), count("exposed"));

    for format in ["text", "markdown"] {
        let text = printed(&["coverage", "--format", format]);
        for operation in operations {
            let words = [&operation["path"], &operation["state"]].map(|word| word.as_str().expect("it is a word"));
            assert!(text.lines().any(|line| words.iter().all(|word| line.contains(word))), "{format}: {words:?}");
        }
    }
    assert_eq!(printed(&["coverage"]), printed(&["coverage", "--format", "text"]));
}

#[test]
fn call_prints_the_answer_and_takes_words_for_values() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let url = sample.stdout.address();
    let call = |arguments: &[&str]| {
        run(&[&["call"], arguments].concat(), &[("TORII_API_URL", &url), ("TORII_API_KEY", FULL_ACCESS_KEY)])
    };
    let slack = done("{\"app\":{\"id\":1001,\"name\":\"Slack\"}}\n");
    assert_eq!(call(&["get_app", "idApp=1001", "fields=id,name"]), slack);
    assert_eq!(call(&["get_app", "idApp=1001", "fields=[\"id\", \"name\"]"]), slack);
    assert_eq!(call(&["get_app", "--json", r#"{"idApp": 1, "fields": ["id", "name"]}"#, "idApp=1001"]), slack, "a pair wins");
    let filters = r#"filters=[{"key":"name","op":"equals","value":"Slack"}]"#;
    let found = call(&["list_apps", filters, "fields=id", "sort=name:asc"]);
    assert_eq!(found, done("{\"apps\":[{\"id\":1001}],\"count\":1,\"total\":1,\"nextCursor\":null}\n"));
    let told = [
        "the API has nothing there: app not found: 1; the organization does not have this app, but the catalog may, ",
        "as search_apps says by name; take `idApp` from `list_apps` and call again",
    ]
    .concat();
    assert_eq!(call(&["get_app", "idApp=1"]), failed(1, &told));
    let wrong_key = run(&["call", "get_organization"], &[("TORII_API_URL", &url), ("TORII_API_KEY", "wrong")]);
    assert_eq!(wrong_key.code, 1);
    assert!(wrong_key.stderr.starts_with("error: the API refused the key; "), "{}", wrong_key.stderr);
}

#[test]
fn a_deletion_without_a_terminal_needs_yes() {
    let torii = Torii::idle();
    let call =
        |arguments: &[&str]| run(&[&["call"], arguments].concat(), &[("TORII_API_URL", &torii.url), ("TORII_API_KEY", "any")]);
    let told = "`delete_contract` must be confirmed, and there is no terminal to ask; add `--yes` to confirm it";
    assert_eq!(call(&["delete_contract", "idContract=7"]), failed(2, told));
    let changing =
        || -> Vec<_> { torii.asked().into_iter().map(|asked| asked.line).filter(|line| !line.starts_with("GET ")).collect() };
    assert!(changing().is_empty());
    assert_eq!(call(&["delete_contract", "idContract=7", "--yes"]).code, 0);
    assert_eq!(changing(), ["DELETE /v1.0/contracts/7"]);
    let preview = call(&["delete_contract", "idContract=7", "dry_run=true"]);
    assert!(preview.code == 0 && preview.stdout.contains("DELETE"), "{preview:?}");
}

#[test]
fn arguments_come_from_standard_input_and_files_are_uploaded() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let url = sample.stdout.address();
    let variables = [("TORII_API_URL", &*url), ("TORII_API_KEY", FULL_ACCESS_KEY)];
    let mut piped = command(&["call", "get_app", "--json", "-", "fields=id"], &variables);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("it is piped").write_all(br#"{"idApp": 1001}"#).expect("it reads its input");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"app\":{\"id\":1001}}\n");

    let path = format!("{}/expenses-of-the-command-line-test.csv", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&path, "date,amount\n2026-01-01,5\n").expect("the file is written");
    let uploaded = run(&["call", "upload_file", "--file", &path, "type=expenseReport"], &variables);
    let id = serde_json::from_str::<Value>(&uploaded.stdout).expect("it is JSON")["id"].to_string();
    let content = run(&["call", "download_file", &format!("id={id}")], &variables);
    assert!(
        content.code == 0 && content.stdout.contains("\"base64\":\"ZGF0ZSxhbW91bnQKMjAyNi0wMS0wMSw1Cg==\""),
        "{uploaded:?} {content:?}"
    );
    let refused = run(&["call", "list_apps", "--file", &path], &variables);
    assert_eq!(refused, failed(2, "this tool takes no file; leave `--file` out"));
}

#[test]
fn one_tool_is_shown_with_its_arguments() {
    let shown = printed(&["tools", "update_user"]);
    for told in [
        "Set the lifecycle status of a user\n",
        "\nUsage: torii-mcp call update_user idUser=NUMBER lifecycleStatus=TEXT [KEY=VALUE]...\n",
        "  lifecycleStatus=TEXT\n      New lifecycle status. One of active, offboarding, offboarded.\n",
        "  dry_run=true|false\n",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(printed(&["call", "update_user", "--help"]), shown);
    assert_eq!(printed(&["call", "-h", "update_user"]), shown);
    assert!(printed(&["call", "--help"]).contains("Usage: torii-mcp call "));
    for tool in list(&printed_json(&["tools", "--json"])["tools"]) {
        let name = tool["name"].as_str().expect("it has a name");
        let shown = printed(&["tools", name]);
        let is_narrow = |line: &str| line.chars().count() <= 100 || !line.trim().contains(' ') || line.starts_with("Usage: ");
        assert!(shown.lines().all(is_narrow), "{shown}");
    }
    let one = printed_json(&["tools", "update_user", "--json"]);
    assert_eq!((list(&one["tools"]).len(), &one["tools"][0]["name"]), (1, &json!("update_user")));
    assert_eq!(run(&["tools", "get_ap"], &[]), failed(2, "unknown tool `get_ap`, did you mean `get_app`?"));
}

#[test]
fn a_search_can_be_read_by_programs() {
    let found = printed_json(&["tools", "--find", "which contracts renew soon", "--json"]);
    assert_eq!(keys(&found), ["document", "tools"]);
    assert_eq!(found["tools"][0]["name"], "list_contracts");
    assert!(found["tools"][0]["inputSchema"].is_object());
}

#[test]
fn the_sample_behaves_as_its_flags_say() {
    let flags = [
        ["--listen", "127.0.0.1:0"],
        ["--size", "large"],
        ["--organization", "second"],
        ["--filters", "both"],
        ["--audit-entity", "required"],
        ["--times", "milliseconds"],
        ["--people", "numbers"],
        ["--executions", "action-executions"],
        ["--choices", "labels"],
        ["--errors", "hapi"],
        ["--invalid-bodies", "422"],
    ];
    let help = printed(&["sample", "--help"]);
    for [flag, _] in flags {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    let sample = Program::start(&[&["sample"], flags.as_flattened()].concat(), &[]);
    let variables = [("TORII_API_URL", &*sample.stdout.address()), ("TORII_API_KEY", FULL_ACCESS_KEY)];
    let app = run(&["call", "get_app", "idApp=11021", "fields=id,name,state"], &variables);
    assert_eq!(app, done("{\"app\":{\"id\":11021,\"name\":\"Slack\",\"state\":\"Sanctioned\"}}\n"));
}

#[test]
fn call_refuses_what_is_wrong_before_it_asks_torii() {
    let torii = Torii::idle();
    let call =
        |arguments: &[&str]| run(&[&["call"], arguments].concat(), &[("TORII_API_URL", &torii.url), ("TORII_API_KEY", "any")]);
    let next = "`torii-mcp tools get_app` shows the arguments";
    for (arguments, told) in [
        (&["get_ap"][..], "unknown tool `get_ap`, did you mean `get_app`?".to_owned()),
        (&["zzz"], "unknown tool `zzz`; `torii-mcp tools` lists them".to_owned()),
        (&["get_app", "idApp=x"], format!("`idApp` must be a whole number, not `\"x\"`; {next}")),
        (&["get_app"], format!("`idApp` is missing; {next}")),
        (&["get_app", "appId=1"], format!("`appId` is unknown, did you mean `idApp`?; `idApp` is missing; {next}")),
        (&["get_app", "1001"], "`1001` is not of the form `KEY=VALUE`".to_owned()),
    ] {
        assert_eq!(call(arguments), failed(2, &told), "{arguments:?}");
    }
    for json in ["{", "[1]", "5"] {
        let ran = call(&["get_app", "--json", json]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.starts_with("error: `--json` does not contain a JSON object: "), "{}", ran.stderr);
    }
    assert!(torii.asked().is_empty());
}

#[test]
fn what_cannot_start_says_why() {
    let key = ("TORII_API_KEY", "any");
    let no_key = "no key: set `TORII_API_KEY` to a key of your torii organization, or try it without an account: \
                  `torii-mcp demo` for assistants, `torii-mcp sample` for the shell";
    assert_eq!(run(&["stdio"], &[]), failed(2, no_key));
    let keyless = "`torii.api_key` (`TORII_API_KEY`) is not set: without sign-in every call acts with it";
    assert_eq!(run(&["serve"], &[("TORII_MCP_AUTH_MODE", "none")]), failed(2, keyless));
    let public = run(&["serve", "--listen", "0.0.0.0:0"], &[]);
    assert!(public.code == 2 && public.stderr.contains("`public_url`"), "{}", public.stderr);
    let keyless = "this tool needs a key that is not configured; set `TORII_API_KEY`, or try it without an account: \
                   `torii-mcp demo` for assistants, `torii-mcp sample` for the shell";
    assert_eq!(run(&["call", "get_organization"], &[]), failed(2, keyless));
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        for (command, risk) in [("demo", "the sample is"), ("sample", "the sample is")] {
            let ran = run(&[command, "--listen", listen], &[key]);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command}");
            let told = ran.stderr.starts_with(&format!("error: refusing to listen on `{listen}`: {risk}"));
            assert!(told && ran.stderr.contains("for example `127.0.0.1:"), "{}", ran.stderr);
        }
    }
    let taken = Torii::idle();
    let address = taken.url.trim_start_matches("http://");
    let ran = run(&["serve", "--listen", address], &[key, ("TORII_MCP_AUTH_MODE", "none")]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("choose another port with `--listen 127.0.0.1:PORT`"), "{}", ran.stderr);
    assert_eq!(run(&["serve"], &[key, ("TORII_MCP_LISTEN", "nowhere")]).code, 2);
    assert_eq!(run(&["tools", "--log", "torii_mcp=loud"], &[]).code, 2);
    assert_eq!(run(&["fly"], &[]).code, 2);
}

#[test]
fn every_problem_of_the_environment_is_told_at_once() {
    let both = [
        ("TORII_API_KEY", "any"),
        ("TORII_API_KEY_FILE", "any"),
        ("TORII_SCIM_KEY_FILE", "no/such/file"),
        ("TORII_API_URL", "ftp://torii.example"),
        ("TORII_RATE_LIMIT", "fast"),
    ];
    let ran = run(&["serve", "--listen", "127.0.0.1:0"], &both);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 5), "{}", ran.stderr);
    for told in [
        "`TORII_API_KEY` and `TORII_API_KEY_FILE` are both set; keep one of them",
        "`TORII_SCIM_KEY_FILE` cannot be read: no/such/file: ",
        "`TORII_API_URL` must begin with `https://` or `http://`",
        "`TORII_RATE_LIMIT` must be one of `documented`, `off`, not `fast`",
        "`data_dir` (`TORII_MCP_DATA_DIR`) is not set: there is no home directory",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn a_key_may_come_from_a_file() {
    let torii = Torii::idle();
    let path = format!("{}/key-of-the-command-line-test", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&path, "from-a-file\n").expect("the file is written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let ran = run(&["call", "get_user", "idUser=1"], &[("TORII_API_URL", &torii.url), ("TORII_API_KEY_FILE", &path)]);
    assert_eq!(ran, done("{}\n"));
    assert_eq!(torii.asked()[0].key(), Some("Bearer from-a-file"));
}

#[test]
fn help_names_every_command_and_variable() {
    let help = printed(&["--help"]);
    for name in ["demo", "serve", "stdio", "sample", "tools", "call", "coverage", "config", "connections", "completions"] {
        assert!(help.contains(&format!("\n  {name} ")), "{name}: {help}");
    }
    for variable in [
        "TORII_API_URL",
        "TORII_API_KEY",
        "TORII_API_KEY_FILE",
        "TORII_SCIM_KEY",
        "TORII_SCIM_KEY_FILE",
        "TORII_RATE_LIMIT",
        "TORII_MCP_LOG",
    ] {
        assert!(help.contains(variable), "{variable}: {help}");
    }
    assert!(printed(&["serve", "--help"]).contains("TORII_MCP_LISTEN"));
    assert!(printed(&["sample", "--help"]).contains("TORII_MCP_SAMPLE_LISTEN"));
    assert_eq!(printed(&["--version"]), concat!("torii-mcp ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    for arguments in [&["tools", "--json"][..], &["coverage", "--format", "json"], &["completions", "bash"]] {
        let mut child =
            command(arguments, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(16, child.stdout.take().expect("standard output is piped"));
        reader.read_line(&mut line).expect("there is a line");
        drop(reader);
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn logs_go_to_standard_error_without_colours() {
    let torii = Torii::idle();
    let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", "any"), ("TORII_MCP_AUTH_MODE", "none")];
    let serve = Program::start(&["serve", "--listen", "127.0.0.1:0"], &variables);
    serve.stderr.address();
    let (stdout, stderr) = serve.end();
    assert_eq!(stdout, "");
    assert!(stderr.contains(" INFO serving url=\"http://127.0.0.1:") && !stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn demo_says_where_it_is_and_what_to_ask() {
    let demo = Program::start(&["demo", "--listen", "127.0.0.1:0"], &[]);
    let url = format!("{}/mcp", demo.stdout.address());
    demo.stdout.wait_for(|text, _| text.contains("Ctrl-C").then_some(()));
    let (stdout, _) = demo.end();
    assert!(stdout.contains(&format!("claude mcp add --transport http torii {url}\n")), "{stdout}");
    assert!(stdout.contains("Which workflows ran in the last 7 days?"), "{stdout}");
}

#[test]
fn stdio_ends_with_its_input_and_outlives_nonsense() {
    let torii = Torii::idle();
    let mut stdio = crate::support::assistant::Stdio::start(&[("TORII_API_URL", &torii.url), ("TORII_API_KEY", "any")]);
    stdio.program.tell("nonsense");
    stdio.program.tell("{\"jsonrpc\":\"2.0\",\"id\":77}");
    assert_eq!(stdio.call("get_organization", &json!({})).ok(), json!({}));
    assert_eq!(stdio.program.hang_up(), 0);
}

#[test]
fn stdio_speaks_the_revision_of_old_clients() {
    let torii = Torii::idle();
    for revision in ["2024-11-05", "2025-03-26"] {
        let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", "any")];
        let mut stdio = crate::support::assistant::Stdio::speaking(revision, &variables);
        assert!(stdio.ask("tools/list", &json!({}))["result"]["tools"][0]["name"].is_string());
        assert_eq!(stdio.call("get_organization", &json!({})).ok(), json!({}));
    }
}
