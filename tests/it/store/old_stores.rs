//! Stores that an older server wrote: today's opens them, and everything in them still works.
//!
//! `fixtures/README.md` says what is in them, and how they were made.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::digest::{self, Algorithm, SHA256, SHA384};
use mcp_http::{
    clock::Clock,
    secret::Secret,
    token::{Random, TokenHash},
};
use mcp_oauth_server::{
    keyring::{Keyring, KeyringSource},
    store::StoreAt,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::place::{Place, contract};
use crate::support::{
    app::App,
    assistant::content,
    client_documents::{Signer, borrowed},
    process,
    test_server::field,
};

mod old_store;

use old_store::{Notes, Old, Opening};

contract! {
    there_is_a_row_of_every_kind
    the_first_migration_is_in_force_as_it_was
    connections_with_a_key_that_was_brought_go_on
    connections_of_users_of_an_identity_provider_go_on
    a_client_that_acts_for_itself_goes_on
    tokens_end_when_they_would_have_ended
    a_token_that_was_replaced_ends_its_connection
    a_code_on_its_way_counts_once
    what_was_ended_stays_ended
    what_was_used_stays_used
    clients_that_registered_are_known
    browsers_are_still_signed_in_and_end_connections
    the_operator_lists_and_ends_connections
    keys_are_encrypted_anew
    what_is_over_is_forgotten
}

/// What the migrations that were released must be, as SHA-256.
const FROZEN: [(&str, &str); 1] = [("0001_grants.sql", "0fd108a7509421330f69caad6546aec28b3d36e21345b58955d0916a4ffc3904")];

const TABLES: [&str; 9] =
    ["settled", "spent", "registrations", "sessions", "grants", "codes", "access_tokens", "refresh_tokens", "consents"];

/// Calls a tool that reads an app; whether Torii gave it, which it does for the right key only.
async fn reads(app: &App, access: &str) -> bool {
    let response = app.call(access, "get_app", json!({ "idApp": 1001 })).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        return false;
    }
    let response: Value = response.json().await.expect("it is JSON");
    assert_eq!(content(&response["result"])["app"]["id"], 1001, "{response}");
    true
}

fn migrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/oauth/src/store/migrations")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn digest(algorithm: &'static Algorithm, bytes: &[u8]) -> String {
    hex(digest::digest(algorithm, bytes).as_ref())
}

#[test]
fn the_first_migration_is_frozen() {
    let entries = fs::read_dir(migrations()).expect("the folder is there").map(|entry| entry.expect("it can be listed"));
    let names = entries.map(|entry| entry.file_name().into_string().expect("it is UTF-8"));
    let mut there: Vec<_> = names.filter(|name| name.contains("0001")).collect();
    there.sort();
    assert_eq!(there, FROZEN.map(|(name, _)| name), "stores have been made with these; write a new migration instead");
    for (name, sha256) in FROZEN {
        let text = fs::read(migrations().join(name)).expect("it can be read");
        let why = "is frozen, since stores have been made with it and refuse another; undo the change and write a new migration";
        assert_eq!(
            digest(&SHA256, &text),
            sha256,
            "`{name}` {why}, with the next number and a line in `crates/oauth/src/store/dialect.rs`"
        );
    }
}

async fn there_is_a_row_of_every_kind(place: Place) {
    let old = Old::at(place).await;
    for table in TABLES {
        assert_ne!(old.place.count(table).await, 0, "{table}");
    }
    for (rows, count) in [
        ("grants WHERE holder = 'torii_key' AND revoked_at IS NULL AND generation > 0", 2),
        ("grants WHERE holder = 'torii_key' AND revoked_at IS NULL AND generation = 0", 1),
        ("grants WHERE holder = 'torii_key' AND revoked_at IS NOT NULL", 1),
        ("grants WHERE holder = 'identity'", 1),
        ("grants WHERE holder = 'client'", 1),
        ("sessions WHERE sealed IS NOT NULL", 2),
        ("sessions WHERE sealed IS NULL", 1),
        ("codes WHERE redeemed_at IS NULL", 1),
        ("spent", 3),
        ("registrations", 3),
    ] {
        assert_eq!(old.place.count(rows).await, count, "{rows}");
    }
}

async fn the_first_migration_is_in_force_as_it_was(place: Place) {
    let old = Old::at(place).await;
    let before = old.first_migration().await;
    let store = old.place.open().await;
    store.check().await.expect("the store answers");
    assert_eq!(old.first_migration().await, before, "it did not run again");
    let (description, success, checksum, _) = before;
    let text = fs::read(migrations().join("0001_grants.sql")).expect("it can be read");
    assert_eq!((description.as_str(), success, hex(&checksum)), ("grants", true, digest(&SHA384, &text)));
}

async fn connections_with_a_key_that_was_brought_go_on(place: Place) {
    let old = Old::at(place).await;
    let server = old.server_for_keys().await;
    let app = old.app(&server, &old.notes.assistant);
    let response = app.call(&old.notes.ann.access, "get_scim_config", json!({})).await;
    let response: Value = response.json().await.expect("it is JSON");
    assert_eq!(response["result"]["isError"], false, "the other key opens, too: {response}");
    let update = json!({ "idApp": 1001, "name": "A new name" });
    let response: Value = app.call(&old.notes.ann.access, "update_app", update.clone()).await.json().await.expect("JSON");
    assert_ne!(response["result"]["isError"], true, "{response}");
    let refused = app.call(&old.notes.bob.access, "update_app", update).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "what was not allowed is not");
    for (user, scope) in [(&old.notes.ann, "torii:read torii:write torii:destroy torii:scim"), (&old.notes.bob, "torii:read")] {
        assert!(reads(&app, &user.access).await);
        assert!(reads(&app, &user.replaced.access).await, "an access token outlives its refresh token");
        let tokens = app.refresh(&user.refresh).await.expect("it counts");
        assert_eq!(tokens.scope, scope);
        assert!(reads(&app, &tokens.access).await);
        app.refresh(&tokens.refresh).await.expect("it goes on");
    }
}

async fn connections_of_users_of_an_identity_provider_go_on(place: Place) {
    let old = Old::public_at(place).await;
    let rules = [("managers", "torii:read"), ("admins", "torii:read torii:write")];
    let server = old.server_for_users(&rules).await;
    let (app, carol) = (old.app(&server, &old.notes.assistant), &old.notes.carol);
    assert!(reads(&app, &carol.access).await);
    let tokens = app.refresh(&carol.refresh).await.expect("it counts");
    assert_eq!(tokens.scope, "torii:read torii:write", "she is known not to be in the group of the rule before hers");
    assert!(reads(&app, &tokens.access).await);
    let (status, page) = Old::browser(&server, carol).get(&format!("{}/connections", server.origin)).await.page();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Carol") && page.contains("Sample Industries") && page.contains("An assistant"), "{page}");

    let server = old.server_for_users(&[("auditors", "torii:read"), rules[1]]).await;
    let app = old.app(&server, &old.notes.assistant);
    assert!(!reads(&app, &tokens.access).await, "whether she is one of these is not known");
}

async fn a_client_that_acts_for_itself_goes_on(place: Place) {
    let old = Old::at(place).await;
    let signer = Signer::new("new");
    let server = old.server_for_clients(&signer).await;
    let app = server.configured("nightly", "");
    assert!(reads(&app, &old.notes.nightly.access).await);
    let proof = signer.proof("nightly", &server.origin, server.mock_clock.now(), &json!({}));
    let tokens = app.token("client_credentials", &borrowed(&proof)).await.expect("it is the client");
    assert!(reads(&app, &tokens.access).await && reads(&app, &old.notes.nightly.access).await);
    assert_eq!(old.place.count("grants WHERE holder = 'client'").await, 1, "it has the grant that it had");
}

async fn tokens_end_when_they_would_have_ended(place: Place) {
    let old = Old::at(place).await;
    let server = old.server_for_keys().await;
    let (app, ann) = (old.app(&server, &old.notes.assistant), &old.notes.ann);
    server.mock_clock.turn(3590);
    assert!(reads(&app, &ann.access).await);
    server.mock_clock.turn(11);
    assert!(!reads(&app, &ann.access).await, "an hour is over");
    server.mock_clock.turn(59 * 24 * 3600);
    let tokens = app.refresh(&ann.refresh).await.expect("it counts for sixty days");
    assert!(reads(&app, &tokens.access).await);
    server.mock_clock.turn(24 * 3600);
    let error = app.refresh(&old.notes.bob.refresh).await.expect_err("sixty days are over");
    assert_eq!(error["error"], "invalid_grant");
}

async fn a_token_that_was_replaced_ends_its_connection(place: Place) {
    let old = Old::at(place).await;
    let server = old.server_for_keys().await;
    let (app, bob) = (old.app(&server, &old.notes.assistant), &old.notes.bob);
    server.mock_clock.turn(61);
    let error = app.refresh(&bob.replaced.refresh).await.expect_err("its time is over");
    assert_eq!(error["error"], "invalid_grant");
    assert!(!reads(&app, &bob.access).await && app.refresh(&bob.refresh).await.is_err(), "it was reuse");
    assert!(reads(&app, &old.notes.ann.access).await, "of this connection only");
}

async fn a_code_on_its_way_counts_once(place: Place) {
    let old = Old::at(place).await;
    let server = old.server_for_keys().await;
    let (app, Opening { code, verifier }) = (old.app(&server, &old.notes.assistant), &old.notes.pending);
    let tokens = app.redeem(code, verifier).await.expect("it counts");
    assert_eq!(tokens.scope, "torii:read torii:write");
    assert!(reads(&app, &tokens.access).await);
    app.redeem(code, verifier).await.expect_err("it was redeemed");
    assert!(!reads(&app, &tokens.access).await);

    let bob = &old.notes.bob;
    let error = app.redeem(&bob.redeemed.code, &bob.redeemed.verifier).await.expect_err("it was redeemed by the old server");
    assert_eq!(error["error"], "invalid_grant");
    assert!(!reads(&app, &bob.access).await, "which ends its connection");
    assert!(reads(&app, &old.notes.ann.access).await);
}

async fn what_was_ended_stays_ended(place: Place) {
    let old = Old::at(place).await;
    let ended = &old.notes.ended;
    // before the server forgets them
    assert!(!old.counts(&ended.access).await && !old.counts(&ended.replaced.access).await);
    let server = old.server_for_keys().await;
    let app = old.app(&server, &old.notes.former);
    assert!(!reads(&app, &ended.access).await && !reads(&app, &ended.replaced.access).await);
    assert!(app.refresh(&ended.refresh).await.is_err() && app.refresh(&ended.replaced.refresh).await.is_err());
    assert!(app.redeem(&ended.redeemed.code, &ended.redeemed.verifier).await.is_err());
}

async fn what_was_used_stays_used(place: Place) {
    let old = Old::at(place).await;
    let server = old.server_for_clients(&Signer::new("new")).await;
    let type_ = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let proof = [("client_assertion_type", type_), ("client_assertion", &old.notes.nightly.assertion)];
    let refused = server.configured("nightly", "").token("client_credentials", &proof).await.expect_err("it is spent");
    assert!(refused["error"] == "invalid_client" && refused.to_string().contains("used before"), "{refused}");
    let store = old.place.open().await;
    let state = TokenHash::of(old.notes.spent_state.as_bytes());
    assert!(!store.consume_once(state, old.written_at()).await.expect("the store answers"), "a sign-in ends once");
}

async fn clients_that_registered_are_known(place: Place) {
    let old = Old::public_at(place).await;
    let server = old.server_for_keys().await;
    for (id, name) in [
        (&old.notes.assistant, "An assistant"),
        (&old.notes.former, "An app that was disconnected"),
        (&old.notes.unused, "An app that nobody connected"),
    ] {
        let metadata = json!({
            "client_name": name,
            "redirect_uris": [old.notes.redirect_uri],
            "token_endpoint_auth_method": "none",
        });
        assert_eq!(server.register(&metadata).await["client_id"], **id, "the same metadata is the same client");
        let app = old.app(&server, id);
        let tokens = app.connect(&Old::browser(&server, &old.notes.bob), &["torii:read"]).await;
        assert!(reads(&app, &tokens.access).await, "{name}");
    }
}

async fn browsers_are_still_signed_in_and_end_connections(place: Place) {
    let old = Old::public_at(place).await;
    let server = old.server_for_keys().await;
    let (app, browser) = (old.app(&server, &old.notes.assistant), Old::browser(&server, &old.notes.ann));
    let ticked = async || {
        let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
        let boxes = page.split("<input").filter_map(|input| input.split('>').next());
        boxes.filter(|input| input.contains("name=\"scope\"") && input.contains("checked")).count()
    };
    assert_eq!(ticked().await, 1, "what is asked for: what was allowed before is not known for this redirect URI");

    let (status, page) = browser.get(&format!("{}/connections", server.origin)).await.page();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("An assistant") && page.contains("Sample Industries"), "{page}");
    assert!(reads(&app, &old.notes.ann.access).await);
    let fields = [("csrf", field(&page, "csrf")), ("id", field(&page, "id"))];
    let (_, page) = browser.post("/connections/end", &borrowed(&fields)).await.page();
    assert!(page.contains("is disconnected") && page.contains("No assistant is connected"), "{page}");
    assert!(!reads(&app, &old.notes.ann.access).await && app.refresh(&old.notes.ann.refresh).await.is_err());
    assert!(reads(&app, &old.notes.bob.access).await, "his goes on");
    assert_eq!(ticked().await, 1, "and she is asked as if for the first time");
}

async fn the_operator_lists_and_ends_connections(place: Place) {
    let old = Old::at(place).await;
    // the commands leave tables as they are, so a server of today has been there
    drop(old.place.open().await);
    // the commands go by the system's clock
    let later = Clock::system().timestamp().0 - old.notes.written_at;
    old.place.tamper(&format!("UPDATE grants SET expires_at = expires_at + {later}")).await;
    let url = match &old.place.at {
        StoreAt::Sqlite(path) => format!("sqlite:{}", path.display()),
        StoreAt::Postgres(url) => url.expose().to_owned(),
    };
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let run = |arguments: &[&str]| {
        let mut command = process::command(arguments, &[("TORII_MCP_STORE_URL", &url)]);
        // no file there counts
        command.current_dir(folder.path()).env("TORII_MCP_DATA_DIR", folder.path());
        let ran = process::finish(command);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout
    };
    let list = || -> BTreeMap<String, Value> {
        let listed: Value = serde_json::from_str(&run(&["connections", "list", "--json"])).expect("it is JSON");
        let connections = listed["connections"].as_array().expect("it lists connections");
        // what tells them apart here: users have what they allowed
        let key = |one: &Value| format!("{} {}", one["client"]["name"], one["scopes"]).replace('"', "");
        connections.iter().map(|one| (key(one), one.clone())).collect()
    };
    let listed = list();
    let [ann, carol, bob, nightly] = [
        "An assistant torii:read torii:write torii:destroy torii:scim",
        "An assistant torii:read torii:write",
        "An assistant torii:read",
        "nightly torii:read",
    ];
    assert_eq!(listed.keys().collect::<Vec<_>>(), [bob, carol, ann, nightly]);
    assert_eq!((&listed[carol]["user"]["name"], &listed[carol]["user"]["email"]), (&json!("Carol"), &json!("carol@example.com")));
    assert_eq!(
        (&listed[bob]["organization"], &listed[bob]["client"]["host"]),
        (&json!("Sample Industries"), &json!("127.0.0.1"))
    );
    assert_eq!(listed[nightly]["user"]["id"], "client:nightly");

    let Notes { ann: anns, bob: bobs, carol: carols, nightly: own, .. } = &old.notes;
    let tokens = [(&anns.access, true), (&bobs.access, false), (&carols.access, false), (&own.access, false)];
    for (access, _) in tokens {
        assert!(old.counts(access).await, "{access}");
    }
    assert_eq!(run(&["connections", "revoke", "--user", "carol@example.com"]), "connections ended: 1\n");
    let id = listed[bob]["id"].as_str().expect("it has an id");
    assert_eq!(run(&["connections", "revoke", id]), "connections ended: 1\n");
    assert_eq!(run(&["connections", "revoke", "--client", "nightly"]), "connections ended: 1\n");
    assert_eq!(list().keys().collect::<Vec<_>>(), [ann]);

    for (access, is_left) in tokens {
        assert_eq!(old.counts(access).await, is_left, "{access}");
    }
    assert_eq!(old.place.count("sessions WHERE sealed IS NULL").await, 0, "Carol's browser is signed out");
    assert_eq!(run(&["connections", "revoke", "--all"]), "connections ended: 2\n", "with the one whose code is on its way");
}

async fn keys_are_encrypted_anew(place: Place) {
    let old = Old::at(place).await;
    let new = Keyring::new_key(Random::system()).expect("there are random bytes");
    let with = async |keys: String| old.server(|settings| settings.keyring = KeyringSource::Keys(Secret::new(keys))).await;
    drop(with(format!("{new} {}", old.notes.encryption_key)).await);
    let server = with(new).await;
    let app = old.app(&server, &old.notes.assistant);
    for user in [&old.notes.ann, &old.notes.bob] {
        assert!(reads(&app, &user.access).await, "the old key is not needed any more");
        app.refresh(&user.refresh).await.expect("it goes on");
    }
}

async fn what_is_over_is_forgotten(place: Place) {
    let old = Old::at(place).await;
    let store = old.place.open().await;
    let clean = async |days: u64| {
        let now = old.written_at().after(Duration::from_hours(days * 24));
        store.clean(now, 10).await.expect("the store answers");
    };
    clean(2).await;
    // the code, the sessions, the client nobody connected; what counts stays
    for (rows, count) in [("codes", 0), ("sessions", 0), ("spent", 0), ("access_tokens", 0), ("registrations", 2), ("grants", 5)]
    {
        assert_eq!(old.place.count(rows).await, count, "{rows}");
    }
    clean(200).await;
    for table in TABLES {
        assert_eq!(old.place.count(table).await, i64::from(table == "settled"), "{table}");
    }
}
