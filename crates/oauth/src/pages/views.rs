//! The data of each page.

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use mcp_http::{clock::Timestamp, net::is_loopback};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde_json::json;

use super::{Host, Label, script_path, style_path};
use crate::{brand::KeyField, redirect};

#[cfg(test)]
mod tests;

/// The maximum length of a text about a failure, in characters; it may contain text from outside.
const MAX_CHARACTERS: usize = 600;

/// A client, as users see it.
#[derive(Clone, Debug)]
pub struct ClientView {
    /// The name from its metadata.
    pub name: Label,
    /// Where codes are sent: a host, or the name of a program.
    pub place: Host,
    /// How far the client can be trusted.
    pub trust: ClientTrust,
}

/// How far a client can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientTrust {
    /// The operator configured it.
    Configured,
    /// This host publishes its metadata.
    Published(Host),
    /// It registered itself, as any client can.
    Registered,
}

impl ClientView {
    fn is_local(&self) -> bool {
        redirect::is_own_machine(self.place.as_str())
    }

    fn is_program(&self) -> bool {
        redirect::is_program(self.place.as_str())
    }

    fn name(&self) -> &str {
        name(&self.name)
    }
}

/// The sign-in page for keys of the API: posts `key`, `{credential}_key` for each other key, `csrf` and `next` to `/sign-in`.
#[derive(Clone, Template)]
#[template(path = "sign-in.html")]
pub struct SignIn {
    /// The API's name.
    pub product: &'static str,
    /// The client that requests access; `None` if the user wants to see their connections.
    pub client: Option<ClientView>,
    /// Why the last attempt failed.
    pub refusal: Option<SignInError>,
    /// The fields for keys; the first is required.
    pub fields: Vec<KeyInput>,
    /// The CSRF token.
    pub csrf: String,
    /// Where to go after the sign-in, passed on unchanged.
    pub next: String,
}

/// Why a user could not sign in.
#[derive(Clone, Debug)]
pub struct SignInError {
    /// What is wrong and the next step, in whole sentences.
    pub text: String,
}

impl SignInError {
    fn text(&self) -> Label {
        Label::up_to(MAX_CHARACTERS, &self.text)
    }
}

/// A field for a key on the sign-in page.
#[derive(Clone, Debug)]
pub struct KeyInput {
    /// The key.
    pub field: KeyField,
    /// The name of the form field.
    pub name: String,
    /// Whether the key is required to sign in.
    pub is_required: bool,
    /// Whether the client requests scopes that need the key.
    pub is_wanted: bool,
    /// Whether the key is the reason why the last attempt failed.
    pub is_wrong: bool,
}

/// The consent page: posts `scope` for each allowed scope, `decision` (`allow` or `deny`), `csrf` and `next` to
/// `/oauth/authorize`; to switch the user, `csrf` and `next` to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// The API's name.
    pub product: &'static str,
    /// The client that requests access.
    pub client_view: ClientView,
    /// The signed-in user.
    pub user: Label,
    /// The user's organization, as the API names it.
    pub organization: Label,
    /// The scopes that the user can allow.
    pub scopes: Vec<ScopeChoice>,
    /// The requested scopes that the user cannot allow.
    pub withheld: Option<Withheld>,
    /// The CSRF token.
    pub csrf: String,
    /// The authorization request, passed on unchanged.
    pub next: String,
}

/// Requested scopes that the user cannot allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The user signed in without the key that these scopes need.
    WithoutKey {
        /// The titles of the scopes.
        titles: Vec<String>,
        /// The path where the user can sign in again with that key too.
        sign_in: String,
    },
    /// The access rule for the user, or their role in the API, does not include the scopes with these titles.
    ByRule(Vec<String>),
}

/// A scope on the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeChoice {
    /// The name of the scope.
    pub name: String,
    /// The title: what it allows, in a few words.
    pub title: String,
    /// The description: what it allows, in a sentence or two.
    pub description: String,
    /// How many tools it allows in addition to those of the scopes before it.
    pub tools: usize,
    /// Whether the checkbox is ticked at first.
    pub is_ticked: bool,
}

impl Consent {
    fn list(titles: &[String]) -> String {
        titles.iter().map(|title| within(title)).collect::<Vec<_>>().join("; ")
    }
}

impl ScopeChoice {
    fn tools(&self) -> String {
        counted(self.tools, "tool")
    }
}

/// The connections page: posts `id` and `csrf` to `/connections/end`, and `which` with the value `all` to end all of the same app; `csrf`
/// to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    /// The API's name.
    pub product: &'static str,
    /// The signed-in user.
    pub user: Label,
    /// The user's organization, as the API names it.
    pub organization: Label,
    /// The connected apps, in the order in which they are shown.
    pub apps: Vec<App>,
    /// The connection that was just ended.
    pub ended: Option<Ended>,
    /// The CSRF token.
    pub csrf: String,
}

impl Connections {
    /// With how many connections the details of each app are folded, so that the page can be surveyed.
    const LONG: usize = 7;

    fn is_long(&self) -> bool {
        self.number() >= Self::LONG
    }

    fn number(&self) -> usize {
        self.apps.iter().map(|app| app.connections.len()).sum()
    }

    fn count(&self) -> String {
        counted(self.number(), "connection")
    }

    fn app_count(&self) -> String {
        counted(self.apps.len(), "assistant")
    }
}

/// A connection that was just ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The name of the client.
    pub name: Label,
    /// How many connections the same app has left.
    pub left: usize,
}

impl Ended {
    fn name(&self) -> &str {
        name(&self.name)
    }

    fn left(&self) -> String {
        counted(self.left, "connection")
    }
}

/// An app from the user's point of view: the clients with the same ID or name.
#[derive(Clone, Debug)]
pub struct App {
    /// The name of the client.
    pub name: Label,
    /// Its connections.
    pub connections: Vec<Connection>,
}

impl App {
    fn name(&self) -> &str {
        name(&self.name)
    }

    /// When one of its connections was last used.
    fn used(&self) -> Option<Moment> {
        self.connections.iter().filter_map(|connection| connection.used).max_by_key(|used| used.0).map(Moment)
    }
}

/// A connection of an app.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The ID of the grant.
    pub id: String,
    /// Where codes were sent: a host, or the name of a program.
    pub place: Host,
    /// When it was allowed.
    pub since: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// The titles of its scopes.
    pub abilities: Vec<String>,
}

impl Connection {
    fn is_local(&self) -> bool {
        redirect::is_own_machine(self.place.as_str())
    }

    fn is_program(&self) -> bool {
        redirect::is_program(self.place.as_str())
    }

    fn since(&self) -> Moment {
        Moment(self.since)
    }

    fn used(&self) -> Option<Moment> {
        self.used.map(Moment)
    }

    fn abilities(&self) -> String {
        // the titles form one sentence, so only the first begins with a capital letter
        let words = |(index, title): (usize, &String)| if index > 0 { within(title) } else { title.clone() };
        self.abilities.iter().enumerate().map(words).collect::<Vec<_>>().join("; ")
    }
}

/// The page from which a browser opens a program on the user's machine, in place of a redirect, after which it would still show the page
/// before. It has no form.
#[derive(Clone, Template)]
#[template(path = "handed-over.html")]
pub struct HandedOver {
    /// The API's name.
    pub product: &'static str,
    /// The name of the program.
    pub program: &'static str,
    /// The program's redirect URI with the response.
    pub url: String,
    /// Whether the user allowed something.
    pub is_allowed: bool,
}

impl HandedOver {
    fn title(&self) -> String {
        if self.is_allowed { format!("You allowed {}", self.program) } else { format!("{} was not connected", self.program) }
    }
}

/// The page after signing out.
#[derive(Clone, Template)]
#[template(path = "signed-out.html")]
pub struct SignedOut {
    /// The API's name.
    pub product: &'static str,
}

/// An error page.
#[derive(Clone, Template)]
#[template(path = "failure.html")]
pub struct ErrorPage {
    /// The API's name.
    pub product: &'static str,
    /// What happened, in a few words.
    pub title: String,
    /// What happened, in a sentence or two. It may contain text from a client.
    pub what: String,
    /// What the user can do.
    pub next_step: String,
    /// The request ID in the server's logs.
    pub request_id: Label,
}

impl ErrorPage {
    fn title(&self) -> Label {
        Label::new(&self.title)
    }

    fn what(&self) -> Label {
        Label::up_to(MAX_CHARACTERS, &self.what)
    }

    fn next_step(&self) -> Label {
        Label::up_to(MAX_CHARACTERS, &self.next_step)
    }
}

/// The landing page: what the server is and how to connect to it.
#[derive(Clone, Template)]
#[template(path = "landing.html")]
pub struct Landing {
    /// The API's name.
    pub product: &'static str,
    /// The URL of the MCP endpoint.
    pub url: String,
    /// How many tools there are.
    pub tools: usize,
    /// How many of the API's operations the tools cover, and how many there are.
    pub operations: (usize, usize),
    /// Whether there is a tool that answers SQL over the API's lists.
    pub answers_sql: bool,
    /// The toolsets.
    pub toolsets: Vec<Toolset>,
    /// Where users sign in.
    pub signs_in: SignsIn,
}

impl Landing {
    /// The name for the server in the configuration of clients.
    fn slug(&self) -> String {
        self.product.to_lowercase()
    }

    /// Whether only this computer reaches the server.
    fn is_local(&self) -> bool {
        Url::parse(&self.url).is_ok_and(|url| is_loopback(&url))
    }

    /// The link with which Cursor adds the server.
    fn cursor_link(&self) -> String {
        let config = BASE64_STANDARD.encode(json!({ "url": self.url }).to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("name", &self.slug()).append_pair("config", &config);
        format!("cursor://anysphere.cursor-deeplink/mcp/install?{}", query.finish())
    }

    /// The link with which VS Code adds the server.
    fn vs_code_link(&self) -> String {
        let config = json!({ "name": self.slug(), "type": "http", "url": self.url }).to_string();
        format!("vscode:mcp/install?{}", utf8_percent_encode(&config, NON_ALPHANUMERIC))
    }
}

/// Where users sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignsIn {
    /// On this server's pages.
    Here,
    /// At another authorization server.
    Elsewhere,
    /// Users do not sign in.
    Nobody,
}

/// A toolset.
#[derive(Clone, Debug)]
pub struct Toolset {
    /// The title.
    pub title: String,
    /// How many tools are in it.
    pub tools: usize,
}

impl Toolset {
    fn tools(&self) -> String {
        counted(self.tools, "tool")
    }
}

fn name(label: &Label) -> &str {
    if label.is_empty() { "Unnamed client" } else { label.as_str() }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The title of a scope within a sentence: its first letter is lower case.
fn within(title: &str) -> String {
    title.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_lowercase() + rest)
}

/// A point in time, as pages show it.
#[derive(Clone, Copy)]
struct Moment(Timestamp);

impl Moment {
    /// The time in words, in UTC, because users may be in any time zone.
    fn words(self) -> String {
        self.formatted("%-d %B %Y, %H:%M UTC")
    }

    /// The value of the attribute `datetime`.
    fn attribute(self) -> String {
        self.formatted("%Y-%m-%dT%H:%M:%SZ")
    }

    fn formatted(self, form: &str) -> String {
        jiff::Timestamp::from_second(self.0.0).unwrap_or_default().strftime(form).to_string()
    }
}
