use std::time::Duration;

use mcp_oauth_server::{
    keyring::KeyringSource,
    settings::{ClientMetadata, Embedded, SignIn},
    store::StoreAt,
};

use super::*;
use crate::config::settings::Auth;

fn embedded(settings: &Settings) -> &Embedded {
    match &settings.auth {
        Auth::Embedded(embedded) => embedded,
        other => panic!("{other:?}"),
    }
}

#[test]
fn client_documents_are_advertised_only_where_they_can_be_fetched_for_clients_elsewhere() {
    let of = |file: &str| {
        let (_, settings) = load(file, &[]).unwrap();
        embedded(&settings).client_metadata.clone()
    };
    let public = "public_url = \"https://mcp.example.com\"\n";
    let ClientMetadata::Advertised { probe } = of(public) else { panic!("{:?}", of(public)) };
    assert!(probe.iter().any(|id| id.starts_with("https://claude.ai/")) && probe.len() == 2, "{probe:?}");
    let none = ClientMetadata::Advertised { probe: Vec::new() };
    assert_eq!(of(&format!("{public}[auth.client_metadata]\nprobe = []")), none);
    assert_eq!(of(&format!("{public}[auth.client_metadata]\nenabled = false")), ClientMetadata::Refused);
    assert_eq!(of("public_url = \"http://localhost:8080\""), ClientMetadata::Accepted);
    assert_eq!(of("[auth]\nregistration = false\n[auth.client_metadata]\nprobe = []"), none);
    let refused = load("[auth.client_metadata]\nprobe = [\"http://a.example/b\"]", &[]).map(|_| ()).unwrap_err();
    assert!(refused.contains("must be a URL that begins"), "{refused}");
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let file = "listen = \"127.0.0.1:1\"";
    let variable = [("TORII_MCP_LISTEN", "127.0.0.1:2")];
    let cases = [
        ("", &[][..], None, "127.0.0.1:8080"),
        (file, &[], None, "127.0.0.1:1"),
        (file, &variable, None, "127.0.0.1:2"),
        (file, &[("TORII_MCP_LISTEN", "  ")], None, "127.0.0.1:1"),
        (file, &variable, Some("127.0.0.1:3"), "127.0.0.1:3"),
        ("", &variable, None, "127.0.0.1:2"),
    ];
    for (file, variables, flag, listen) in cases {
        let folder = Folder::new(&[(FILE, file)]);
        let sources = folder.sources(variables).with_flag("listen", "--listen", flag.map(str::to_owned));
        let (_, settings) = Config::load_server(&sources, &known()).unwrap();
        assert_eq!(settings.listen.to_string(), listen, "{file:?} {variables:?} {flag:?}");
    }
}

#[test]
fn nothing_set_is_a_server_for_this_machine() {
    let folder = Folder::new(&[]);
    let (config, settings) = folder.load(&[]).unwrap();
    assert!(config.is_rate_limited && config.keys.is_empty() && config.warnings.is_empty());
    assert_eq!((settings.public_url.as_ref(), settings.connections), (None, 1000));
    assert_eq!((settings.drain, settings.shutdown_grace), (Duration::from_secs(5), Duration::from_secs(30)));
    assert!(settings.allowed_origins.is_empty() && settings.trusted_proxies.is_empty());
    let embedded = embedded(&settings);
    assert!(matches!(embedded.sign_in, SignIn::Keys(_)));
    assert_eq!(embedded.scopes, known().scopes.all());
    assert!(
        embedded.registration
            && embedded.client_metadata == ClientMetadata::Accepted
            && embedded.clients.is_empty()
            && embedded.keys.is_empty()
    );
    let data = folder.path().join(".local/share/torii-mcp");
    assert!(matches!(&embedded.store, StoreAt::Sqlite(path) if *path == data.join("store.sqlite")));
    assert!(matches!(&embedded.keyring, KeyringSource::File(path) if *path == data.join("encryption.key")));
    let ttls = [embedded.access_token_ttl, embedded.refresh_token_ttl, embedded.session_ttl];
    assert_eq!(ttls.map(|ttl| ttl.as_secs()), [3600, 60 * 86_400, 12 * 3600]);
}

#[test]
fn lists_and_switches_can_be_variables() {
    let variables = [
        ("TORII_MCP_AUTH_SCOPES", "torii:read, torii:scim"),
        ("TORII_MCP_AUTH_REGISTRATION", "false"),
        ("TORII_MCP_LIMITS_CONNECTIONS", "7"),
        ("TORII_MCP_TRUSTED_PROXIES", "10.0.0.5,fd00::/8"),
        ("TORII_MCP_AUTH_MODE", "oidc"),
        ("TORII_MCP_AUTH_OIDC_ISSUER", "https://login.example/"),
        ("TORII_MCP_AUTH_OIDC_CLIENT_ID", "torii-mcp"),
        ("TORII_MCP_AUTH_OIDC_CLIENT_SECRET", "hush"),
        ("TORII_MCP_KEYS_READ_ONLY_TORII_KEY", "key-of-torii"),
        ("TORII_MCP_ACCESS_RULES", r#"[{"domain": "example.com", "key": "read_only", "scopes": ["torii:read"]}]"#),
    ];
    let (_, settings) = load("[auth]\nregistration = true\nscopes = [\"torii:destroy\"]", &variables).unwrap();
    assert_eq!(settings.connections, 7);
    assert_eq!(settings.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.5/32", "fd00::/8"]);
    let embedded = embedded(&settings);
    assert_eq!(known().scopes.text(embedded.scopes), "torii:read torii:scim");
    assert!(!embedded.registration);
    assert!(embedded.keys.get("read_only").unwrap().get("torii").is_some());
    match &embedded.sign_in {
        SignIn::Oidc(oidc, access) => {
            assert_eq!(oidc.issuer, "https://login.example/", "an issuer stays as it was typed");
            assert_eq!(access.rules.len(), 1);
        }
        SignIn::Keys(_) => panic!("not oidc"),
    }
}

#[test]
fn a_variable_replaces_the_other_form_of_a_secret_in_the_file() {
    let folder = Folder::new(&[(FILE, "[store]\nurl = \"sqlite:here.sqlite\""), ("url", "postgres://u:p@h/d\n")]);
    let at = |variables: &[(&str, &str)]| embedded(&folder.load(variables).unwrap().1).store.clone();
    assert!(matches!(at(&[]), StoreAt::Sqlite(path) if path == folder.path().join("here.sqlite")));
    assert!(matches!(at(&[("TORII_MCP_STORE_URL", "sqlite:///there")]), StoreAt::Sqlite(path) if path == Path::new("/there")));
    let file = folder.path().join("url");
    let url = at(&[("TORII_MCP_STORE_URL_FILE", file.to_str().unwrap())]);
    assert!(matches!(url, StoreAt::Postgres(url) if url.expose() == "postgres://u:p@h/d"));
}

#[test]
fn the_public_address_is_an_origin_in_one_spelling() {
    for typed in
        ["https://MCP.example.com", "https://mcp.example.com/", "https://mcp.example.com:443", " https://mcp.example.com "]
    {
        let (_, settings) = load("", &[("TORII_MCP_PUBLIC_URL", typed), ("TORII_MCP_LISTEN", "0.0.0.0:80")]).unwrap();
        assert_eq!(settings.public_url.as_deref(), Some("https://mcp.example.com"), "{typed}");
    }
    let (_, settings) = load("public_url = \"http://localhost:8080/\"", &[]).unwrap();
    assert_eq!(settings.public_url.as_deref(), Some("http://localhost:8080"));
}

#[test]
fn paths_in_the_file_start_from_its_folder_and_others_from_here() {
    let folder =
        Folder::new(&[(FILE, "data_dir = \"kept\"\n[torii]\napi_key_file = \"k\"\n[auth]\nmode = \"none\""), ("k", "abc")]);
    let (config, settings) = folder.load(&[]).unwrap();
    assert!(config.keys.get("torii").is_some() && matches!(settings.auth, Auth::None(_)));
    let (_, settings) = load("data_dir = \"kept\"", &[("TORII_MCP_DATA_DIR", "other")]).unwrap();
    assert!(matches!(&embedded(&settings).keyring, KeyringSource::File(path) if path == Path::new("other/encryption.key")));
}

#[test]
fn a_named_file_that_is_not_there_is_a_problem_and_one_that_is_looked_for_is_not() {
    let sources = variables_alone(&[("HOME", "/h")]).with_file(Some("/no/such.toml".into()));
    let problem = Config::load_server(&sources, &known()).unwrap_err().to_string();
    assert!(problem.starts_with("`/no/such.toml` cannot be read: "), "{problem}");
    assert!(Folder::new(&[]).load(&[]).is_ok());
}

#[test]
fn the_level_of_logs_is_found_before_anything_else() {
    let folder = Folder::new(&[(FILE, "log = \"debug\"\nlisten = \"nowhere\"")]);
    assert_eq!(log(&folder.sources(&[])).as_deref(), Some("debug"));
    assert_eq!(log(&folder.sources(&[("TORII_MCP_LOG", "trace")])).as_deref(), Some("trace"));
    folder.write(FILE, "log =");
    assert_eq!(log(&folder.sources(&[])), None);
}

#[test]
fn printing_says_where_each_value_comes_from_and_no_secret() {
    let file = "listen = \"127.0.0.1:9000\"\n[keys.main]\ntorii_key_file = \"k\"\n[store]\nurl_file = \"u\"";
    let folder = Folder::new(&[(FILE, file), ("k", "first-secret"), ("u", "postgres://u:second-secret@h/d")]);
    let keyring = "dGhpcmQtc2VjcmV0LXRoaXJkLXNlY3JldC10aGlyZC0=";
    let sources = folder.sources(&[("TORII_MCP_ENCRYPTION_KEY", keyring), ("TORII_MCP_AUTH_SCOPES", "torii:read")]);
    let sources = sources.with_flag("public_url", "--public-url", Some("https://mcp.example.com/".to_owned()));
    let (text, _) = print(&sources, &known()).unwrap();
    let text = folder.shorten(&text);
    let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "listen = \"127.0.0.1:9000\" # torii-mcp.toml:1",
        "public_url = \"https://mcp.example.com\" # --public-url",
        "auth.scopes = [\"torii:read\"] # TORII_MCP_AUTH_SCOPES",
        "auth.mode = \"torii_key\" # default",
        "encryption.key = (hidden) # TORII_MCP_ENCRYPTION_KEY",
        "torii.api_key = (not set) # default",
        "keys.main.torii_key_file = \"k\" # torii-mcp.toml:3",
        "store.url_file = \"u\" # torii-mcp.toml:5",
        "clients = (not set) # default",
    ] {
        assert!(lines.iter().any(|known| known == line), "{line}\n{text}");
    }
    assert!(!text.contains("secret-") && !text.contains("-secret") && !text.contains(keyring), "{text}");
}

#[test]
fn a_password_that_is_not_used_is_not_printed() {
    let folder = Folder::new(&[(FILE, "[auth]\nmode = \"none\"\n[store]\nurl = \"postgres://u:hush@h/d\"")]);
    let (text, warnings) = print(&folder.sources(&[("TORII_API_KEY", "abc")]), &known()).unwrap();
    assert!(!text.contains("hush") && text.contains("store.url = (hidden)"), "{text}");
    assert_eq!(warnings, ["`store` is set, but not used: `auth.mode` is `none`"]);
}

#[test]
fn replicas_are_configured_only_where_no_store_counts_them() {
    let file = |mode: &str| format!("[auth]\nmode = \"{mode}\"\n[limits]\nreplicas = 3\n");
    let (config, settings) = load(&file("none"), &[("TORII_API_KEY", "abc")]).unwrap();
    assert_eq!((settings.replicas, config.warnings), (3, Vec::new()));
    let (config, _) = load(&file("torii_key"), &[]).unwrap();
    assert_eq!(config.warnings, ["`limits.replicas` is set, but not used: `auth.mode` is `torii_key`"]);
}

#[test]
fn settings_print_no_secret() {
    let variables = [
        ("TORII_MCP_ENCRYPTION_KEY", "c2Vuc2l0aXZlLXNlbnNpdGl2ZS1zZW5zaXRpdmUtc2U="),
        ("TORII_MCP_STORE_URL", "postgres://u:sensitive@h/d"),
        ("TORII_MCP_AUTH_MODE", "oidc"),
        ("TORII_MCP_AUTH_OIDC_ISSUER", "https://login.example"),
        ("TORII_MCP_AUTH_OIDC_CLIENT_ID", "torii-mcp"),
        ("TORII_MCP_AUTH_OIDC_CLIENT_SECRET", "sensitive"),
        ("TORII_MCP_KEYS_MAIN_TORII_KEY", "sensitive"),
        ("TORII_MCP_ACCESS_RULES", r#"[{"group": "g", "key": "main", "scopes": ["torii:read"]}]"#),
        ("TORII_API_KEY", "sensitive"),
    ];
    let loaded = load("", &variables).unwrap();
    let shown = format!("{loaded:?}");
    assert!(!shown.contains("sensitive") && !shown.contains("c2Vuc2l0aXZl"), "{shown}");
    assert_eq!(loaded.0.warnings, ["`torii.api_key` is set, but not used: `auth.mode` is `oidc`"]);
}
