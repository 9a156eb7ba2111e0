use super::*;

const API_URL: &str = "TORII_API_URL";

fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
    Config::load(&variables_alone(variables), &known()).map_err(|problems| problems.to_string())
}

#[test]
fn the_address_of_torii_is_the_document_s_unless_set() {
    let cases = [
        (None, SERVER),
        (Some(" "), SERVER),
        (Some("http://127.0.0.1:9000"), "http://127.0.0.1:9000/v1.0"),
        (Some("http://127.0.0.1:9000/"), "http://127.0.0.1:9000/v1.0"),
        (Some("https://eu.example/v2/"), "https://eu.example/v2/"),
    ];
    for (typed, url) in cases {
        let pairs: Vec<_> = typed.map(|typed| (API_URL, typed)).into_iter().collect();
        assert_eq!(load(&pairs).unwrap().upstream.as_str(), url, "{typed:?}");
    }
}

#[test]
fn a_document_without_an_address_leaves_it_to_the_operator() {
    let load = |variables: &[(&str, &str)]| Config::load(&variables_alone(variables), &CompiledIn { server: "", ..known() });
    assert_eq!(load(&[(API_URL, "https://eu.example/v2")]).unwrap().upstream.as_str(), "https://eu.example/v2");
    let problem = load(&[]).unwrap_err().to_string();
    assert_eq!(problem, "`torii.api_url` is missing, and Torii's OpenAPI document specifies no server; set `TORII_API_URL`");
}

#[test]
fn all_problems_are_told_at_once_and_without_secrets() {
    let problems =
        load(&[("TORII_API_URL", "ftp://x"), ("TORII_API_KEY", "two secrets"), ("TORII_SCIM_KEY_FILE", "/no/such/file")]);
    let problems = problems.unwrap_err();
    let told = "`TORII_API_URL` must begin with `https://` or `http://`\n\
                `TORII_API_KEY` does not contain a key: expected one word of printable characters\n\
                `TORII_SCIM_KEY_FILE` cannot be read: /no/such/file: ";
    assert!(problems.starts_with(told), "{problems}");
}

#[test]
fn a_key_and_a_file_for_it_cannot_both_be_set() {
    let problems = load(&[("TORII_SCIM_KEY", "a"), ("TORII_SCIM_KEY_FILE", "/b")]).unwrap_err();
    assert_eq!(problems, "`TORII_SCIM_KEY` and `TORII_SCIM_KEY_FILE` are both set; keep one of them");
}

#[test]
fn addresses_that_hide_something_are_refused() {
    for address in ["https://user:pw@api.example", "https://api.example/?key=1", "https://api.example/#a", "api.example"] {
        let problem = load(&[("TORII_API_URL", address)]).unwrap_err();
        assert!(problem.starts_with("`TORII_API_URL` ") && !problem.contains("pw"), "{problem}");
    }
}

#[test]
fn a_key_may_come_from_a_file() {
    let folder = Folder::new(&[("key", "from-file\n")]);
    let path = folder.path().join("key");
    let keys = load(&[("TORII_API_KEY_FILE", path.to_str().unwrap())]).unwrap().keys;
    assert_eq!(keys.get("torii").unwrap().bearer(), "Bearer from-file");
}

#[cfg(unix)]
#[test]
fn a_key_that_everyone_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new(&[("key", "from-file")]);
    let path = folder.path().join("key");
    let warnings = || load(&[("TORII_API_KEY_FILE", path.to_str().unwrap())]).unwrap().warnings;
    assert!(warnings().is_empty());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let [warning] = warnings().try_into().unwrap();
    assert!(warning.starts_with("`TORII_API_KEY_FILE` names a file that everyone on this machine can read"), "{warning}");
}

#[test]
fn a_file_in_the_folder_cannot_say_where_the_key_of_a_shell_goes() {
    let folder = Folder::new(&[(FILE, "[torii]\napi_url = \"https://elsewhere.example\"")]);
    // as in `cli::connect`; only a server reads the file in its directory
    assert_eq!(load(&[]).unwrap().upstream.as_str(), SERVER);
    assert_eq!(folder.load(&[]).unwrap().0.upstream.as_str(), "https://elsewhere.example/v1.0");
    let named = folder.path().join(FILE);
    assert_eq!(load(&[(FILE_VARIABLE, named.to_str().unwrap())]).unwrap().upstream.as_str(), "https://elsewhere.example/v1.0");
}

#[test]
fn what_only_a_server_needs_is_no_problem_of_others() {
    assert!(load(&[("TORII_MCP_AUTH_MODE", "oidc"), ("TORII_MCP_LISTEN", "nowhere")]).is_ok());
}

#[test]
fn an_unknown_variable_is_ignored_with_a_warning_that_names_the_nearest_one() {
    let cases = [
        ("TORII_MCP_AUTH_MOD", "is ignored; did you mean `TORII_MCP_AUTH_MODE`?"),
        ("TORII_MCP_URL", "is ignored; "),
        ("TORII_MCP_WHATEVER_IT_IS", "is ignored; `torii-mcp config print` lists all variables"),
        ("TORII_MCP_KEYS_Main_TORII_KEY", "is ignored; "),
    ];
    for (name, told) in cases {
        let [warning] = load(&[(name, "hush")]).unwrap().warnings.try_into().unwrap();
        assert!(warning.starts_with(&format!("`{name}` is not a variable of torii-mcp, and {told}")), "{warning}");
        assert!(!warning.contains("hush"), "{warning}");
    }
}

#[test]
fn variables_that_kubernetes_makes_for_the_service_are_none_of_ours() {
    let made = [
        ("TORII_MCP_PORT", "tcp://10.0.0.1:80"),
        ("TORII_MCP_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("TORII_MCP_SERVICE_HOST", "10.0.0.1"),
        ("TORII_MCP_SERVICE_PORT_HTTP", "80"),
    ];
    assert_eq!(load(&made).unwrap().warnings, [""; 0]);
}
