use mcp_oauth_server::clients::client::Origin;

use super::*;
use crate::config::settings::Auth;

/// The message for this file with these variables.
fn refused(file: &str, variables: &[(&str, &str)]) -> String {
    load(file, variables).map(|_| ()).expect_err(&format!("{file} {variables:?}"))
}

const OIDC: &str = "[auth]\nmode = \"oidc\"\n[auth.oidc]\nissuer = \"https://login.example\"\nclient_id = \"a\"\n";
const SECRET: (&str, &str) = ("TORII_MCP_AUTH_OIDC_CLIENT_SECRET", "hush");
const KEY: (&str, &str) = ("TORII_MCP_KEYS_MAIN_TORII_KEY", "abc");

#[test]
fn every_problem_of_form_is_told_at_once_in_the_order_of_the_file() {
    let file = r#"listen = 8080
publicurl = "https://mcp.example.com"
[auth]
mode = "oicd"
session_ttl = "soon"
[auth.oidc]
client_secret = "hush"
[[access.rules]]
email = "ann@example.com"
scopes = ["torii:admin"]
[limits]
connections = 0
[keys.Main]
torii_key = "hush"
"#;
    let told = [
        "`listen` (torii-mcp.toml:1) must be a text, not `8080`",
        "`publicurl` (torii-mcp.toml:2) is not a key; did you mean `public_url`?",
        "`auth.mode` (torii-mcp.toml:4) must be one of `torii_key`, `oidc`, `external`, `none`, not `oicd`; did you mean `oidc`?",
        "`auth.session_ttl` (torii-mcp.toml:5) must look like `12h`, not `soon`",
        "`auth.oidc.client_secret` (torii-mcp.toml:7) is a secret, which this file must not contain; set \
         `TORII_MCP_AUTH_OIDC_CLIENT_SECRET`, or name its file in `auth.oidc.client_secret_file`",
        "`access.rules[0]` (torii-mcp.toml:8) has no `key`",
        "`access.rules[0].scopes[0]` (torii-mcp.toml:10) must be one of `torii:read`, `torii:write`, `torii:destroy`, \
         `torii:scim`, not `torii:admin`; did you mean `torii:read`?",
        "`limits.connections` (torii-mcp.toml:12) must be at least 1, not `0`",
        "`keys` (torii-mcp.toml:13) has the name `Main`; a name is made of small letters, digits and `_`, and begins with a letter",
        "`keys.Main.torii_key` (torii-mcp.toml:14) is a secret, which this file must not contain; set \
         `TORII_MCP_KEYS_MAIN_TORII_KEY`, or name its file in `keys.Main.torii_key_file`",
    ];
    assert_eq!(refused(file, &[]), told.join("\n"));
}

#[test]
fn every_problem_of_meaning_is_told_at_once() {
    let file = "listen = \"0.0.0.0:80\"\npublic_url = \"https://a.example/mcp\"\ntrusted_proxies = [\"proxy\"]\n[auth]\nmode = \"oidc\"\n";
    let problems = refused(file, &[("TORII_API_URL", "ftp://x"), ("TORII_MCP_AUTH_SESSION_TTL", "31d")]);
    for told in [
        "`TORII_API_URL` must begin with `https://` or `http://`",
        "`public_url` (torii-mcp.toml:2) must be an origin",
        "`trusted_proxies[0]` (torii-mcp.toml:3) must be an IP address or a network",
        "`auth.oidc.issuer` (`TORII_MCP_AUTH_OIDC_ISSUER`) is not set",
        "`auth.oidc.client_id` (`TORII_MCP_AUTH_OIDC_CLIENT_ID`) is not set",
        "`auth.oidc.client_secret` (`TORII_MCP_AUTH_OIDC_CLIENT_SECRET`) is not set",
        "`access.rules` (`TORII_MCP_ACCESS_RULES`) is not set",
        "`TORII_MCP_AUTH_SESSION_TTL` must be between `1m` and `30d`, not `31d`",
    ] {
        assert!(problems.lines().any(|line| line.starts_with(told)), "{told}\n{problems}");
    }
    assert_eq!(problems.lines().count(), 8, "{problems}");
}

#[test]
fn problems_of_variables_name_the_variable() {
    let cases = [
        ("TORII_RATE_LIMIT", "slow", "`TORII_RATE_LIMIT` must be one of `documented`, `off`, not `slow`"),
        ("TORII_MCP_LIMITS_CONNECTIONS", "many", "`TORII_MCP_LIMITS_CONNECTIONS` must be a whole number, not `many`"),
        ("TORII_MCP_AUTH_REGISTRATION", "yes", "`TORII_MCP_AUTH_REGISTRATION` must be `true` or `false`, not `yes`"),
        ("TORII_MCP_ACCESS_RULES", "all", "`TORII_MCP_ACCESS_RULES` must be a list, not `all`"),
        (
            "TORII_MCP_CLIENTS",
            r#"[{"id": "a", "nam": "b"}]"#,
            "`TORII_MCP_CLIENTS` (`clients[0].nam`) is not a key; did you mean `clients[0].name`?",
        ),
        (
            "TORII_MCP_ENCRYPTION_KEY",
            "hush",
            "`TORII_MCP_ENCRYPTION_KEY` does not contain encryption keys: an encryption key is 32 random bytes",
        ),
        ("TORII_MCP_STORE_URL", "mysql://u:hush@h/d", "`TORII_MCP_STORE_URL` must be `sqlite:PATH` or `postgres://"),
        ("TORII_MCP_STORE_URL", "sqlite::memory:", "`TORII_MCP_STORE_URL` must name a file after `sqlite:`"),
        ("TORII_MCP_KEYS_MAIN_TORII_KEY", "hush hush", "`TORII_MCP_KEYS_MAIN_TORII_KEY` does not contain a key"),
        ("TORII_MCP_LISTEN", "80800", "`TORII_MCP_LISTEN` must be an IP address or a host name and a port, or a port alone"),
        ("TORII_MCP_HEALTH_LISTEN", ":8090", "`TORII_MCP_HEALTH_LISTEN` must be an IP address or a host name and a port"),
        ("TORII_MCP_HEALTH_LISTEN", "127.0.0.1:8080", "`TORII_MCP_HEALTH_LISTEN` must not be the address of `listen`"),
        ("TORII_MCP_AUTH_ACCESS_TOKEN_TTL", "99999999d", "`TORII_MCP_AUTH_ACCESS_TOKEN_TTL` must be between `1m` and `1d`"),
        (
            "TORII_MCP_AUTH_REFRESH_TOKEN_TTL",
            "1h",
            "`TORII_MCP_AUTH_REFRESH_TOKEN_TTL` must be longer than `auth.access_token_ttl`",
        ),
        ("TORII_MCP_LOG", "torii_mcp=loud", "`TORII_MCP_LOG` is not a filter"),
    ];
    for (name, value, told) in cases {
        let problems = refused("", &[(name, value)]);
        assert!(problems.starts_with(told), "{told}\n{problems}");
        assert!(!problems.contains("hush") && problems.lines().count() == 1, "{problems}");
    }
}

#[test]
fn a_wrong_form_does_not_hide_other_problems_nor_cause_any() {
    let file = "trusted_proxies = [1, \"proxy\"]\nallowed_origins = [\"*\"]\n[auth]\nscopes = [\"torii:raed\", \"x\"]\n\
                [auth.oidc]\nscopes = []\n[[access.rules]]\nkey = 1\n[limits]\nconnections = 0\n";
    let told = [
        "`trusted_proxies[0]` (torii-mcp.toml:1) must be a text, not `1`",
        "`auth.scopes[0]` (torii-mcp.toml:4) must be one of `torii:read`, `torii:write`, `torii:destroy`, `torii:scim`, \
         not `torii:raed`; did you mean `torii:read`?",
        "`auth.scopes[1]` (torii-mcp.toml:4) must be one of `torii:read`, `torii:write`, `torii:destroy`, `torii:scim`, not `x`",
        "`auth.oidc.scopes` (torii-mcp.toml:6) must not be empty",
        "`access.rules[0]` (torii-mcp.toml:7) has no `scopes`",
        "`access.rules[0].key` (torii-mcp.toml:8) must be a text, not `1`",
        "`limits.connections` (torii-mcp.toml:10) must be at least 1, not `0`",
        "`allowed_origins[0]` (torii-mcp.toml:2) must be an origin, for example `https://app.example.com`",
        "`auth.oidc.issuer` (`TORII_MCP_AUTH_OIDC_ISSUER`) is not set: mode `oidc` needs an identity provider",
        "`auth.oidc.client_id` (`TORII_MCP_AUTH_OIDC_CLIENT_ID`) is not set: mode `oidc` needs an identity provider",
    ];
    assert_eq!(refused(file, &[("TORII_MCP_AUTH_MODE", "oidc"), SECRET]), told.join("\n"));
}

#[test]
fn what_is_no_duration_is_refused_with_an_example() {
    for typed in ["h", "5", "1w", "1.5h", "-1h", "1h 30m", "30m1h", "1é", "99999999999999999999s"] {
        let problem = refused("", &[("TORII_MCP_AUTH_SESSION_TTL", typed)]);
        assert_eq!(problem, format!("`TORII_MCP_AUTH_SESSION_TTL` must look like `12h`, not `{typed}`"));
    }
}

#[test]
fn an_address_for_others_needs_https_and_sign_in() {
    let key = ("TORII_API_KEY", "abc");
    let none = ("TORII_MCP_AUTH_MODE", "none");
    let https = ("TORII_MCP_PUBLIC_URL", "https://mcp.example.com");
    let open = ("TORII_MCP_LISTEN", "0.0.0.0:80");
    let cases = [
        (&[open][..], &["`TORII_MCP_LISTEN` is `0.0.0.0:80`"][..]),
        (&[("TORII_MCP_LISTEN", "[::]:80")], &["`TORII_MCP_LISTEN` is `[::]:80`"]),
        (&[open, ("TORII_MCP_PUBLIC_URL", "http://localhost")], &["`TORII_MCP_LISTEN` is `0.0.0.0:80`"]),
        (&[("TORII_MCP_PUBLIC_URL", "http://mcp.example.com")], &["`TORII_MCP_PUBLIC_URL` must begin with `https://`"]),
        (&[open, none, key, https], &["`TORII_MCP_AUTH_MODE` must not be `none`"]),
        (&[none, key, https], &["`TORII_MCP_AUTH_MODE` must not be `none`"]),
        (&[open, none, key], &["`TORII_MCP_LISTEN` is `0.0.0.0:80`", "`TORII_MCP_AUTH_MODE` must not be `none`"]),
        (&[none], &["`torii.api_key` (`TORII_API_KEY`) is not set"]),
        (&[open, https], &[]),
        (&[none, key], &[]),
    ];
    for (variables, told) in cases {
        let problems = load("", variables).err().unwrap_or_default();
        let lines: Vec<_> = problems.lines().collect();
        assert_eq!(lines.len(), told.len(), "{variables:?}: {problems}");
        assert!(lines.iter().zip(told).all(|(line, told)| line.starts_with(told)), "{variables:?}: {problems}");
    }
}

#[test]
fn the_public_address_is_nothing_but_an_origin() {
    for typed in
        ["https://a.example/mcp", "https://a.example/?a", "https://a:b@a.example", "https://a.example/#", "a.example", "ftp://a"]
    {
        let problem = refused("", &[("TORII_MCP_PUBLIC_URL", typed)]);
        assert!(problem.starts_with("`TORII_MCP_PUBLIC_URL` "), "{typed}: {problem}");
    }
}

#[test]
fn access_is_never_more_than_it_looks() {
    let rule = |rest: &str| format!("{OIDC}[[access.rules]]\nscopes = [\"torii:read\"]\n{rest}\n");
    let cases = [
        (OIDC.to_owned(), "`access.rules` (`TORII_MCP_ACCESS_RULES`) is not set: mode `oidc` needs at least one rule"),
        (OIDC.replace("oidc", "external"), "`auth.external.client_id` (torii-mcp.toml:5) is not a key"),
        (
            "[auth]\nmode = \"external\"\nexternal.issuer = \"https://a.example\"".to_owned(),
            "`access.rules` (`TORII_MCP_ACCESS_RULES`) is not set: mode `external` needs at least one rule",
        ),
        (
            OIDC.replace("oidc", "external").replace("client_id = \"a\"", "").replace("issuer = \"https://login.example\"", ""),
            "`access.rules` (`TORII_MCP_ACCESS_RULES`) is not set: mode `external` needs at least one rule",
        ),
        (
            rule("key = \"other\"\ngroup = \"g\""),
            "`access.rules[0].key` (torii-mcp.toml:8) names a key that `keys` does not have; there are `main`",
        ),
        (rule("key = \"main\""), "`access.rules[0]` (torii-mcp.toml:6) must have exactly one of `email`, `domain` and `group`"),
        (
            rule("key = \"main\"\ngroup = \"g\"\ndomain = \"a.example\""),
            "`access.rules[0]` (torii-mcp.toml:6) must have exactly one",
        ),
        (rule("key = \"main\"\ndomain = \"@a.example\""), "`access.rules[0]` (torii-mcp.toml:6) must have a domain"),
        (rule("key = \"main\"\nemail = \"ann\""), "`access.rules[0]` (torii-mcp.toml:6) must have an email address"),
        (rule("key = \"main\"\ngroup = \"\""), "`access.rules[0].group` (torii-mcp.toml:9) must not be empty"),
        (
            rule("key = \"main\"\ngroup = \"g\"\n[access]\nrespect_torii_role = true"),
            "`access.roles` (`TORII_MCP_ACCESS_ROLES`) is not set",
        ),
        (
            rule("key = \"main\"\ngroup = \"g\"\n[access.roles]\nAdmin = []"),
            "`access.roles` (torii-mcp.toml:10) limits nobody unless",
        ),
        (
            rule("key = \"main\"\ngroup = \"g\"\n[access]\nrespect_torii_role = true\nroles = { A = [], a = [] }"),
            "`access.roles.a` (torii-mcp.toml:12) is there twice",
        ),
        (OIDC.replace("https://login", "http://login"), "`auth.oidc.issuer` (torii-mcp.toml:4) must begin with `https://`"),
        (format!("{OIDC}scopes = [\"email\"]"), "`auth.oidc.scopes` (torii-mcp.toml:6) must contain `openid`"),
        ("[auth]\nscopes = []".to_owned(), "`auth.scopes` (torii-mcp.toml:2) must not be empty"),
        ("trusted_proxies = [\"0.0.0.0/0\"]".to_owned(), "`trusted_proxies[0]` (torii-mcp.toml:1) must not be all addresses"),
        (
            "trusted_proxies = [\"0.0.0.0/1\", \"10.0.0.0/8\", \"128.0.0.0/1\"]".to_owned(),
            "`trusted_proxies` (torii-mcp.toml:1) must not be all addresses",
        ),
        (
            "[auth]\nconnection_max_age = \"30m\"".to_owned(),
            "`auth.connection_max_age` (torii-mcp.toml:2) must be between `1h` and `3650d`, not `30m`; `0s` is for no limit",
        ),
        ("allowed_origins = [\"*\"]".to_owned(), "`allowed_origins[0]` (torii-mcp.toml:1) must be an origin"),
    ];
    for (file, told) in cases {
        let variables = if file.contains("\"oidc\"") { &[SECRET, KEY][..] } else { &[KEY] };
        let problems = refused(&file, variables);
        assert!(problems.lines().any(|line| line.starts_with(told)), "{told}\n{file}\n{problems}");
    }
}

#[test]
fn tokens_of_others_are_signed_with_keys_that_only_they_have() {
    for algorithm in ["none", "HS256", "HS384", "HS512", "rs256"] {
        let file = format!("[auth.external]\nalgorithms = [\"{algorithm}\"]");
        let problem = refused(&file, &[]);
        assert!(problem.starts_with("`auth.external.algorithms[0]` (torii-mcp.toml:2) must be one of `RS256`"), "{problem}");
    }
    assert!(refused("[auth.external]\nalgorithms = []", &[]).contains("must not be empty"));
}

#[test]
fn a_configured_client_is_one_that_can_work() {
    let public = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let private = public.replace(r#""x""#, r#""d":"hush","x""#);
    let shared = r#"{"keys":[{"kty":"oct","k":"hush"}]}"#;
    let own = "client_credentials = { key = \"main\", scopes = [\"torii:read\"] }";
    let cases = [
        (own.to_owned(), "`clients[0].client_credentials` (torii-mcp.toml:3) needs `jwks_file` or `jwks_url`"),
        (String::new(), "`clients[0]` (torii-mcp.toml:1) has neither `redirect_uris`"),
        (
            "redirect_uris = [\"http://a.example/\"]".to_owned(),
            "`clients[0].redirect_uris[0]` (torii-mcp.toml:3) cannot be used: it must begin",
        ),
        (format!("jwks_file = \"p\"\njwks_url = \"https://a.example\"\n{own}"), "`clients[0]` (torii-mcp.toml:1) has both"),
        (format!("jwks = \"p\"\n{own}"), "`clients[0].jwks` (torii-mcp.toml:3) is not a key; did you mean `clients[0].jwks_"),
        (format!("jwks_file = \"none\"\n{own}"), "`clients[0].jwks_file` (torii-mcp.toml:3) cannot be read: none: "),
        (
            format!("jwks_file = \"private\"\n{own}"),
            "`clients[0].jwks_file` (torii-mcp.toml:3) contains a key that is not public",
        ),
        (format!("jwks_file = \"shared\"\n{own}"), "`clients[0].jwks_file` (torii-mcp.toml:3) contains a key that is not public"),
        (format!("jwks_file = \"{FILE}\"\n{own}"), "`clients[0].jwks_file` (torii-mcp.toml:3) does not contain a JWK set"),
        (format!("jwks_file = \"empty\"\n{own}"), "`clients[0].jwks_file` (torii-mcp.toml:3) cannot be used"),
        (
            format!("jwks_url = \"http://a.example\"\n{own}"),
            "`clients[0].jwks_url` (torii-mcp.toml:3) must begin with `https://`",
        ),
        (
            "jwks_file = \"p\"\nclient_credentials = { key = \"x\", scopes = [\"torii:read\"] }".to_owned(),
            "`clients[0].client_credentials.key` (torii-mcp.toml:4) names a key",
        ),
        (
            "redirect_uris = [\"https://a.example/\"]\n[[clients]]\nid = \"a\"".to_owned(),
            "`clients[1].id` (torii-mcp.toml:5) is the `id` of another",
        ),
    ];
    let files = [("p", public), ("private", private.as_str()), ("shared", shared), ("empty", "{\"keys\":[]}")];
    for (rest, told) in cases {
        let folder = Folder::new(&files);
        folder.write(FILE, &format!("[[clients]]\nid = \"a\"\n{rest}"));
        let problems = folder.load(&[KEY]).map(|_| ()).expect_err(&rest);
        assert!(problems.lines().any(|line| line.starts_with(told)), "{told}\n{rest}\n{problems}");
        assert!(!problems.contains("hush"), "{problems}");
    }
    let folder = Folder::new(&files);
    folder.write(FILE, &format!("[[clients]]\nid = \"a\"\njwks_file = \"p\"\n{own}"));
    assert!(folder.load(&[KEY]).is_ok());
}

#[test]
fn a_client_document_in_a_file_is_valid_by_the_rules_for_fetched_ones() {
    let id = "https://claude.ai/oauth/claude-code-client-metadata";
    let document = format!(r#"{{"client_id":"{id}","client_name":"Claude Code","redirect_uris":["http://localhost/callback"]}}"#);
    let files = [
        ("good", document.clone()),
        ("other", document.replace("claude.ai", "other.example")),
        ("secret", document.replace("\"client_name\"", "\"client_secret\"")),
        ("plain", document.replace("http://localhost", "http://a.example")),
        ("long", format!("{document}{}", " ".repeat(16 << 10))),
        ("page", "<html>".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let file = |id: &str, rest: &str| format!("[[clients]]\nid = \"{id}\"\n{rest}");
    for (id, rest, told) in [
        (
            id,
            "metadata_file = \"other\"",
            "`clients[0].metadata_file` (torii-mcp.toml:3) is not the document of `https://claude.ai/",
        ),
        (id, "metadata_file = \"secret\"", "`clients[0].metadata_file` (torii-mcp.toml:3) is not the document"),
        (id, "metadata_file = \"plain\"", "`clients[0].metadata_file` (torii-mcp.toml:3) is not the document"),
        (id, "metadata_file = \"long\"", "`clients[0].metadata_file` (torii-mcp.toml:3) is not the document"),
        (id, "metadata_file = \"page\"", "`clients[0].metadata_file` (torii-mcp.toml:3) is not the document"),
        (id, "metadata_file = \"none\"", "`clients[0].metadata_file` (torii-mcp.toml:3) cannot be read: none: "),
        (
            id,
            "metadata_file = \"good\"\nname = \"a\"",
            "`clients[0]` (torii-mcp.toml:1) has `metadata_file`, which says everything",
        ),
        ("https://claude.ai/", "metadata_file = \"good\"", "`clients[0].id` (torii-mcp.toml:2) must be a URL with a path"),
        ("claude", "metadata_file = \"good\"", "`clients[0].id` (torii-mcp.toml:2) must be a URL that begins with `https://`"),
        (id, "redirect_uris = [\"https://a.example/\"]", "`clients[0].id` (torii-mcp.toml:2) must not be a URL"),
    ] {
        let folder = Folder::new(&files);
        folder.write(FILE, &file(id, rest));
        let problems = folder.load(&[KEY]).map(|_| ()).expect_err(rest);
        assert!(problems.lines().any(|line| line.starts_with(told)), "{told}\n{rest}\n{problems}");
    }
    let folder = Folder::new(&files);
    folder.write(FILE, &file(id, "metadata_file = \"good\""));
    let (_, settings) = folder.load(&[KEY]).unwrap();
    let Auth::Embedded(embedded) = settings.auth else { panic!("{:?}", settings.auth) };
    let [client] = &embedded.clients[..] else { panic!("{:?}", embedded.clients) };
    assert_eq!((client.id.as_str(), client.name.as_str(), client.redirect_uris.len()), (id, "Claude Code", 1));
    assert_eq!(client.origin, Origin::Document);
}

#[test]
fn a_password_does_not_belong_into_the_file_of_keys() {
    for url in ["postgres://u:hush@h/d", "postgres://u@h/d?password=hush"] {
        let problem = refused(&format!("[store]\nurl = \"{url}\""), &[]);
        let told = "`store.url` (torii-mcp.toml:2) must not contain a password";
        assert!(problem.starts_with(told) && !problem.contains("hush"), "{problem}");
    }
    assert!(load("[store]\nurl = \"postgres://u@h/d\"", &[]).is_ok());
    let both = "[store]\nurl = \"sqlite:a\"\nurl_file = \"b\"";
    assert!(refused(both, &[]).starts_with("`store.url` (torii-mcp.toml:2) and `store.url_file` are both set"));
}

#[test]
fn a_key_without_a_key_and_a_encryption_key_that_is_none_are_found_at_once() {
    let folder = Folder::new(&[(FILE, "[keys.main]\n[encryption]\nkey_file = \"s\""), ("s", "hush")]);
    let problems = folder.load(&[]).unwrap_err();
    for told in [
        "`keys.main` (torii-mcp.toml:1) contains no key; name a file",
        "`encryption.key_file` (torii-mcp.toml:3) does not contain encryption keys: s: ",
    ] {
        assert!(problems.contains(told), "{told}\n{problems}");
    }
    assert!(!problems.contains("hush"));
}

#[test]
fn errors_of_the_file_s_own_form_name_the_line() {
    let both = [("TORII_API_KEY", "a"), ("TORII_API_KEY_FILE", "a")];
    let problems = refused("listen = \"a\"\n[auth\nmode = \n", &both);
    assert!(problems.starts_with("torii-mcp.toml:2: ") && problems.contains("`TORII_API_KEY_FILE` are both set"), "{problems}");
}

#[test]
fn claims_that_vouch_for_no_address_are_refused() {
    for (issuer, claims, told) in [
        (
            "https://accounts.google.com",
            r#"["email", "upn"]"#,
            "must be `[\"email\"]` with Google, which vouches for no other claim",
        ),
        ("https://login.example", r#"["email", " "]"#, "must contain names of claims"),
        ("https://login.example", "[]", "must not be empty"),
    ] {
        let file = format!("{}email_claims = {claims}\n", OIDC.replace("https://login.example", issuer));
        let problems = refused(&file, &[SECRET, KEY]);
        assert!(problems.contains(&format!("`auth.oidc.email_claims` (torii-mcp.toml:6) {told}")), "{problems}");
    }
}
