//! The data of each page.

use askama::Template;
use mcp_http::clock::Timestamp;

use super::{Host, Label, style_path};
use crate::{brand::KeyField, redirect};

/// The longest text about what went wrong, which may repeat what somebody sent.
const LONGEST: usize = 600;

/// Who asks for access: a client as users see it.
#[derive(Clone, Debug)]
pub struct ClientView {
    /// What it calls itself.
    pub name: Label,
    /// Where its access is sent.
    pub place: Host,
    /// What is known of it.
    pub trust: ClientTrust,
}

/// What is known of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientTrust {
    /// The operator configured it.
    Configured,
    /// This host publishes its description.
    Published(Host),
    /// It registered itself, as anyone can.
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

/// Signing in with keys of the API: posts `key`, `{credential}_key` for each other key, `csrf` and `next` to `/sign-in`.
#[derive(Clone, Template)]
#[template(path = "sign-in.html")]
pub struct SignIn {
    /// What the API is called.
    pub product: &'static str,
    /// For whom; nobody when the user wants to see their connections.
    pub client: Option<ClientView>,
    /// Why the last try failed.
    pub refusal: Option<Refusal>,
    /// The keys that are asked for; the first is needed.
    pub fields: Vec<KeyInput>,
    /// Proves that the form is ours.
    pub csrf: String,
    /// Where to go on afterwards; carried along as it is.
    pub next: String,
}

/// Why somebody could not sign in.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong and what to do: whole sentences.
    pub text: String,
}

impl Refusal {
    fn text(&self) -> Label {
        Label::up_to(LONGEST, &self.text)
    }
}

/// A key on the sign-in page.
#[derive(Clone, Debug)]
pub struct KeyInput {
    /// Which.
    pub field: KeyField,
    /// The name of its form field.
    pub name: String,
    /// Whether nobody signs in without it.
    pub is_required: bool,
    /// Whether the client asks for what needs it.
    pub is_wanted: bool,
    /// Whether it is why the last try failed.
    pub is_wrong: bool,
}

/// What a client asks for: posts `scope` for each that is allowed, `decision` (`allow` or `deny`), `csrf` and `next` to
/// `/oauth/authorize`; for somebody else, `csrf` and `next` to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// What the API is called.
    pub product: &'static str,
    /// Who asks.
    pub client_view: ClientView,
    /// Who is asked.
    pub user: Label,
    /// Their organization, as the API calls it.
    pub organization: Label,
    /// What may be allowed.
    pub scopes: Vec<ScopeChoice>,
    /// What is asked for beyond that.
    pub withheld: Option<Withheld>,
    /// Proves that the form is ours.
    pub csrf: String,
    /// What was asked; carried along as it is.
    pub next: String,
}

/// What a client asks for and the user cannot allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// What these titles say, because the user signed in without the key for it.
    WithoutKey {
        /// The titles of the scopes.
        titles: Vec<String>,
        /// Where they sign in again, with that key too: a path of ours.
        sign_in: String,
    },
    /// What these titles say, because the access rule for the user, or their role in the API, does not go so far.
    ByRule(Vec<String>),
}

/// A scope on the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeChoice {
    /// Its name on the wire.
    pub name: String,
    /// What it allows, in a few words.
    pub title: String,
    /// The same in a sentence or two.
    pub description: String,
    /// How many tools it opens that the ones before do not.
    pub tools: usize,
    /// Whether it is allowed unless the user says otherwise.
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

/// What a user has connected: posts `id` and `csrf` to `/connections/end`, `csrf` to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    /// What the API is called.
    pub product: &'static str,
    /// Who.
    pub user: Label,
    /// Their organization, as the API calls it.
    pub organization: Label,
    /// What they have connected, in the order it is shown.
    pub apps: Vec<App>,
    /// What was just ended.
    pub ended: Option<Ended>,
    /// Proves that the forms are ours.
    pub csrf: String,
}

/// A connection that was just ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What its client calls itself.
    pub name: Label,
    /// How many others the same app has.
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

/// An app, as far as users can tell: the same client, or one that calls itself the same.
#[derive(Clone, Debug)]
pub struct App {
    /// What it calls itself.
    pub name: Label,
    /// Its connections.
    pub connections: Vec<Connection>,
}

impl App {
    fn name(&self) -> &str {
        name(&self.name)
    }
}

/// One of its connections.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its id.
    pub id: String,
    /// Where its access was sent.
    pub place: Host,
    /// When it was allowed.
    pub since: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// What it may do: the titles of its scopes.
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
        // one sentence, so only its beginning is a capital
        let words = |(index, title): (usize, &String)| if index > 0 { within(title) } else { title.clone() };
        self.abilities.iter().enumerate().map(words).collect::<Vec<_>>().join("; ")
    }
}

/// After signing out.
#[derive(Clone, Template)]
#[template(path = "signed-out.html")]
pub struct SignedOut {
    /// What the API is called.
    pub product: &'static str,
}

/// Anything that went wrong.
#[derive(Clone, Template)]
#[template(path = "failure.html")]
pub struct Failure {
    /// What the API is called.
    pub product: &'static str,
    /// What happened, in a few words.
    pub title: String,
    /// The same in a sentence or two. It may repeat what a client sent.
    pub what: String,
    /// What the user can do.
    pub next_step: String,
    /// What the request is called in the server's logs.
    pub request_id: Label,
}

impl Failure {
    fn title(&self) -> Label {
        Label::new(&self.title)
    }

    fn what(&self) -> Label {
        Label::up_to(LONGEST, &self.what)
    }

    fn next_step(&self) -> Label {
        Label::up_to(LONGEST, &self.next_step)
    }
}

/// What the server is and how to connect to it.
#[derive(Clone, Template)]
#[template(path = "landing.html")]
pub struct Landing {
    /// What the API is called.
    pub product: &'static str,
    /// The address of the MCP endpoint.
    pub url: String,
    /// How many tools there are.
    pub tools: usize,
    /// How many of the API's operations are behind them, and how many there are.
    pub operations: (usize, usize),
    /// The groups of tools.
    pub toolsets: Vec<Toolset>,
    /// Where users sign in.
    pub signs_in: SignsIn,
}

impl Landing {
    /// What users may call the server in their clients.
    fn slug(&self) -> String {
        self.product.to_lowercase()
    }
}

/// Where users sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignsIn {
    /// On this server's pages.
    Here,
    /// At another authorization server.
    Elsewhere,
    /// Nobody does.
    Nobody,
}

/// A group of tools.
#[derive(Clone, Debug)]
pub struct Toolset {
    /// What it is called.
    pub name: String,
    /// How many tools are in it.
    pub tools: usize,
}

impl Toolset {
    fn title(&self) -> String {
        self.name.replace('_', " ")
    }

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

/// The title of a scope within a sentence; names keep their capitals.
fn within(title: &str) -> String {
    title.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_lowercase() + rest)
}

/// A moment as pages show it.
#[derive(Clone, Copy)]
struct Moment(Timestamp);

impl Moment {
    /// For users, who may be in any time zone.
    fn words(self) -> String {
        self.formatted("%-d %B %Y, %H:%M UTC")
    }

    /// For the attribute `datetime`.
    fn attribute(self) -> String {
        self.formatted("%Y-%m-%dT%H:%M:%SZ")
    }

    fn formatted(self, form: &str) -> String {
        jiff::Timestamp::from_second(self.0.0).unwrap_or_default().strftime(form).to_string()
    }
}
