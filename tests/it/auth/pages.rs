//! The pages in a real browser: valid, accessible, within the screen, usable by keyboard, and with headers that let their
//! forms do what they should.
//!
//! Pictures of all of them are in `target/tmp/pages` afterwards.

use std::{fs, path::Path};

use axum::{
    Router, extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mcp_http::{clock::Timestamp, json::Json};
use mcp_oauth_server::{
    brand::KeyField,
    pages::{
        self, App, ClientTrust, ClientView, Connection, Connections, Consent, Ended, ErrorPage, FormAction, KeyInput, Landing,
        Page, ScopeChoice, SignIn, SignInError, SignedOut, SignsIn, Toolset, Withheld, respond,
    },
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{browser, rights::definitions};

/// A name as long as they get, without a place to break it.
const LONG: &str = "ExtraordinarilyLongAssistantNameForDepartmentsOfProcurementAndSoftwareAssetManagement";

fn claude() -> ClientView {
    let host = "claude.ai".into();
    ClientView { name: "Claude".into(), place: "claude.ai".into(), trust: ClientTrust::Published(host) }
}

fn on_this_computer() -> ClientView {
    let trust = ClientTrust::Published("claude.ai".into());
    ClientView { name: "Claude Code".into(), place: "127.0.0.1".into(), trust }
}

fn cursor() -> ClientView {
    ClientView { name: "Cursor".into(), place: "Cursor".into(), trust: ClientTrust::Registered }
}

fn unknown() -> ClientView {
    let place = "login.claude.ai.connect-your-assistant-today.example".into();
    ClientView { name: LONG.into(), place, trust: ClientTrust::Registered }
}

/// The titles of some scopes, their names between blanks.
fn titles(names: &str) -> Vec<String> {
    let definitions = definitions();
    definitions.iter(definitions.parse(names)).map(|(definition, _)| definition.title.clone()).collect()
}

/// The fields of the sign-in page. One may be why the last try failed, and the second may be wanted.
fn key_inputs(wrong: Option<usize>, is_second_wanted: bool) -> Vec<KeyInput> {
    let input = |(index, field): (usize, KeyField)| KeyInput {
        name: field.name(index),
        is_required: index == 0,
        is_wanted: index == 1 && is_second_wanted,
        is_wrong: wrong == Some(index),
        field,
    };
    torii_mcp::torii::key_fields().into_iter().enumerate().map(input).collect()
}

fn sign_in(client: Option<ClientView>) -> SignIn {
    SignIn {
        product: "Torii",
        client,
        refusal: None,
        fields: key_inputs(None, false),
        csrf: "csrf".to_owned(),
        next: "next".to_owned(),
    }
}

fn consent(client_view: ClientView, user: &str, organization: &str) -> Consent {
    let definitions = definitions();
    let choice = |name: &str, tools, is_ticked| {
        let (definition, _) = definitions.iter(definitions.parse(name)).last().expect("a scope of this name");
        let (title, description) = (definition.title.clone(), definition.description.clone());
        ScopeChoice { name: name.to_owned(), title, description, tools, is_ticked }
    };
    let scopes = vec![
        choice("torii:read", 32, true),
        choice("torii:write", 18, true),
        choice("torii:destroy", 4, false),
        choice("torii:scim", 1, false),
    ];
    let (user, organization) = (user.into(), organization.into());
    Consent {
        product: "Torii",
        client_view,
        user,
        organization,
        scopes,
        withheld: None,
        csrf: "csrf".to_owned(),
        next: "next".to_owned(),
    }
}

fn connections(apps: Vec<App>, left: usize) -> Connections {
    let (user, organization) = ("Ada Lovelace".into(), "Acme Corporation".into());
    Connections {
        product: "Torii",
        user,
        organization,
        apps,
        ended: Some(Ended { name: "Cursor".into(), left }),
        csrf: "csrf".to_owned(),
    }
}

fn app(client_view: ClientView, connections: &[(Option<Timestamp>, &str)]) -> App {
    let ClientView { name, place, .. } = client_view;
    let connection = |(used, scopes): &(Option<Timestamp>, &str)| Connection {
        id: "id".to_owned(),
        place: place.clone(),
        since: Timestamp(1_795_354_771),
        used: *used,
        abilities: titles(scopes),
    };
    App { name, connections: connections.iter().map(connection).collect() }
}

fn failure(title: &str, what: &str, next_step: &str) -> ErrorPage {
    let [title, what, next_step] = [title, what, next_step].map(str::to_owned);
    ErrorPage { product: "Torii", title, what, next_step, request_id: "5f0c9a1be27d4863".into() }
}

fn landing(signs_in: SignsIn) -> Landing {
    let toolsets = [("Apps", 14), ("App users", 3), ("Contracts", 6), ("Organization", 1), ("SCIM", 2), ("Workflows", 5)];
    let toolsets = toolsets.map(|(title, tools)| Toolset { title: title.to_owned(), tools }).to_vec();
    let url = "https://torii-connector.it.acme.example/mcp".to_owned();
    Landing { product: "Torii", url, tools: 57, operations: (57, 60), answers_sql: true, toolsets, signs_in }
}

fn page<P: Page>(page: &P, forms: FormAction) -> Response {
    respond(StatusCode::OK, page, forms)
}

fn here<P: Page>(shown: &P) -> Response {
    page(shown, FormAction::Here)
}

fn onward<P: Page>(shown: &P) -> Response {
    page(shown, FormAction::Onward)
}

fn refused(field: Option<usize>, text: &str, client: Option<ClientView>) -> Response {
    let refusal = Some(SignInError { text: text.to_owned() });
    onward(&SignIn { refusal, fields: key_inputs(field, false), ..sign_in(client) })
}

type Sample = (&'static str, fn() -> Response);

/// Every page, in the states that look different.
const SAMPLES: [Sample; 25] = [
    ("sign-in", || here(&sign_in(None))),
    ("sign-in-client", || onward(&sign_in(Some(claude())))),
    ("sign-in-long", || onward(&SignIn { fields: key_inputs(None, true), ..sign_in(Some(unknown())) })),
    ("sign-in-key", || {
        refused(Some(0), "Torii does not know this key. Copy it again, or make a new one.", Some(on_this_computer()))
    }),
    ("sign-in-scim", || refused(Some(1), "Torii does not take this key for SCIM.", None)),
    ("sign-in-down", || refused(None, "Torii does not answer right now. Try again in a minute.", None)),
    ("consent", || onward(&consent(claude(), "Ada Lovelace", "Acme Corporation"))),
    ("consent-local", || onward(&consent(on_this_computer(), "ada@acme.example", "Acme"))),
    ("consent-program", || onward(&consent(cursor(), "Ada Lovelace", "Acme Corporation"))),
    ("consent-long", || onward(&consent(unknown(), LONG, LONG))),
    ("consent-right-to-left", || {
        onward(&consent(ClientView { name: "עוזר חכם!".into(), trust: ClientTrust::Configured, ..claude() }, "دعاء", "شركة"))
    }),
    ("consent-unnamed", || onward(&consent(ClientView { name: "\u{202e}".into(), ..unknown() }, "Ada", "Acme"))),
    ("consent-without-scim-key", || {
        let withheld = Some(Withheld::WithoutKey { titles: titles("torii:scim"), sign_in: "/sign-in?prompt=login".to_owned() });
        let page = consent(claude(), "Holder of the key that ends in Q2xh", "Acme Corporation");
        onward(&Consent { withheld, scopes: page.scopes[..3].to_vec(), ..page })
    }),
    ("consent-beyond-the-rule", || {
        let withheld = Some(Withheld::ByRule(titles("torii:destroy torii:scim")[1..].to_vec()));
        let page = consent(unknown(), "Ada Lovelace", "Acme Corporation");
        onward(&Consent { withheld, scopes: page.scopes[..1].to_vec(), ..page })
    }),
    ("connections", || {
        let apps = vec![
            app(claude(), &[(Some(Timestamp(1_795_354_999)), "torii:destroy torii:scim")]),
            app(on_this_computer(), &[(None, "torii:read")]),
            app(unknown(), &[(None, "torii:write")]),
        ];
        here(&connections(apps, 0))
    }),
    ("connections-of-one-app", || {
        let often = [(Some(Timestamp(1_795_354_999)), "torii:destroy torii:scim"), (None, "torii:read")];
        here(&connections(vec![app(cursor(), &often), app(claude(), &often[..1])], 2))
    }),
    ("connections-many", || {
        let often = [(Some(Timestamp(1_795_354_999)), "torii:destroy torii:scim"), (None, "torii:read")];
        let named = |index: usize| ClientView { name: format!("Assistant {index}").as_str().into(), ..on_this_computer() };
        let apps = (0..26)
            .map(|index| app(if index % 5 == 0 { unknown() } else { named(index) }, &often[..=usize::from(index % 4 == 0)]));
        here(&Connections { ended: None, ..connections(apps.collect(), 0) })
    }),
    ("connections-none", || here(&Connections { ended: None, ..connections(Vec::new(), 0) })),
    ("handed-over", || {
        let url = "cursor://anysphere.cursor-mcp/oauth/callback?code=a".to_owned();
        page(&pages::HandedOver { product: "Torii", program: "Cursor", url, is_allowed: true }, FormAction::None)
    }),
    ("signed-out", || here(&SignedOut { product: "Torii" })),
    ("failure", || {
        here(&failure(
            "Signing in took too long",
            "You began more than ten minutes ago.",
            "Go back to your assistant and connect again.",
        ))
    }),
    ("failure-long", || here(&failure("This request cannot be answered", &LONG.repeat(9), "Go back to your assistant."))),
    ("landing", || page(&landing(SignsIn::Here), FormAction::None)),
    ("landing-elsewhere", || page(&landing(SignsIn::Elsewhere), FormAction::None)),
    ("landing-open", || page(&landing(SignsIn::Nobody), FormAction::None)),
];

async fn sample(extract::Path(name): extract::Path<String>) -> Response {
    let found = SAMPLES.iter().find(|(have, _)| *have == name);
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |(_, page)| page())
}

/// What a form said: where it came from, and its fields.
async fn said(headers: HeaderMap, body: String) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    Json(json!({ "origin": origin, "body": body })).into_response()
}

/// The pages, with forms that lead to `client`.
fn server(client: String) -> Router {
    let to_client = move |body: String| async move { Redirect::to(&format!("{client}?{body}")) };
    let names = SAMPLES.map(|(name, _)| name);
    Router::new()
        .route("/list", get(move || async move { Json(names) }))
        .route("/page/{name}", get(sample))
        .route("/sign-in", post(said))
        .route("/oauth/authorize", post(to_client.clone()))
        .route("/connections/end", post(to_client))
        .merge(pages::assets())
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it has an address"));
    (listener, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_valid_accessible_and_fits_in_a_browser() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("the folder is made");
    let ((pages, url), (client, client_url)) = (listen().await, listen().await);
    let client_url = format!("{client_url}/callback");
    let clients = Router::new().route("/callback", get(|| async { "Back with the client." }));
    tokio::spawn(async move { axum::serve(client, clients).await });
    let router = server(client_url.clone());
    tokio::spawn(async move { axum::serve(pages, router).await });
    let folder = folder.display().to_string();
    let run = move || browser::run("pages.mjs", &[&url, &client_url, &folder]);
    tokio::task::spawn_blocking(run).await.expect("the browser finds nothing");
}
