//! The data of each page.

use askama::Template;

use super::{Host, Label, style_path};
use crate::{
    clock::Timestamp,
    oauth::redirect,
    scope::{Scope, Scopes},
};

/// The longest text about what went wrong, which may repeat what somebody sent.
const LONGEST: usize = 600;

/// Who asks for access: a client as people see it.
#[derive(Clone, Debug)]
pub struct Asker {
    /// What it calls itself.
    pub name: Label,
    /// Where its access is sent.
    pub place: Host,
    /// What is known of it.
    pub standing: Standing,
}

/// What is known of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The operator configured it.
    Configured,
    /// This host publishes its description.
    Published(Host),
    /// It registered itself, as anyone can.
    Registered,
}

impl Asker {
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

/// Signing in with a key of Torii: posts `key`, `scim_key`, `csrf` and `next` to `/sign-in`.
#[derive(Clone, Template)]
#[template(path = "sign-in.html")]
pub struct SignIn {
    /// For whom; nobody when the person wants to see their connections.
    pub client: Option<Asker>,
    /// Why the last try failed.
    pub refusal: Option<Refusal>,
    /// Whether the client asks for what needs the other key too.
    pub wants_scim: bool,
    /// Proves that the form is ours.
    pub csrf: String,
    /// Where to go on afterwards; carried along as it is.
    pub next: String,
}

/// Why somebody could not sign in.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What they have to change, if it is what they typed.
    pub field: Option<Field>,
    /// What is wrong and what to do: whole sentences.
    pub text: String,
}

impl Refusal {
    fn text(&self) -> Label {
        Label::up_to(LONGEST, &self.text)
    }
}

/// A field of the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The key of Torii's API.
    Key,
    /// The key of Torii's SCIM calls.
    ScimKey,
}

impl SignIn {
    fn is_key_wrong(&self) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.field == Some(Field::Key))
    }

    fn is_scim_key_wrong(&self) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.field == Some(Field::ScimKey))
    }
}

/// What a client asks for: posts `scope` for each that is allowed, `decision` (`allow` or `deny`), `csrf` and `next` to
/// `/oauth/authorize`; for somebody else, `csrf` and `next` to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// Who asks.
    pub asker: Asker,
    /// Who is asked.
    pub person: Label,
    /// Their organization in Torii.
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

/// What a client asks for and the person cannot allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Members of Torii, because the person signed in without the key for them.
    WithoutScimKey {
        /// Where they sign in again, with that key too: a path of ours.
        sign_in: String,
    },
    /// These, because the access rule for the person, or their role in Torii, does not go so far.
    ByRule(Vec<Scope>),
}

/// A scope on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeChoice {
    /// Which.
    pub scope: Scope,
    /// How many tools it opens that the ones before do not.
    pub tools: usize,
    /// Whether it is allowed unless the person says otherwise.
    pub is_ticked: bool,
}

impl Consent {
    fn list(scopes: &[Scope]) -> String {
        scopes.iter().map(|scope| within(*scope)).collect::<Vec<_>>().join("; ")
    }
}

impl ScopeChoice {
    fn title(self) -> &'static str {
        title(self.scope)
    }

    fn description(self) -> &'static str {
        match self.scope {
            Scope::Read => "Look up apps, users, contracts, costs, workflows and logs. Nothing changes.",
            Scope::Write => "Create and edit apps, contracts, users and files, and start workflows.",
            Scope::Destroy => "Remove things for good. What is deleted cannot be brought back.",
            Scope::Scim => "Reach the people who can sign in to Torii itself, and their roles, with your SCIM key.",
        }
    }

    fn tools(self) -> String {
        counted(self.tools, "tool")
    }
}

/// What a person has connected: posts `id` and `csrf` to `/connections/end`, `csrf` to `/sign-out`.
#[derive(Clone, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    /// Who.
    pub person: Label,
    /// Their organization in Torii.
    pub organization: Label,
    /// What they have connected, in the order it is shown.
    pub apps: Vec<App>,
    /// How many are shown, where there may be older ones that are not.
    pub only_newest: Option<usize>,
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

/// An app, as far as people can tell: the same client, or one that calls itself the same.
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
    /// What it may do.
    pub scopes: Scopes,
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
        let words = |(index, scope)| if index > 0 { within(scope) } else { title(scope).to_owned() };
        self.scopes.iter().enumerate().map(words).collect::<Vec<_>>().join("; ")
    }
}

/// After signing out.
#[derive(Clone, Template)]
#[template(path = "signed-out.html")]
pub struct SignedOut;

/// Anything that went wrong.
#[derive(Clone, Template)]
#[template(path = "failure.html")]
pub struct Failure {
    /// What happened, in a few words.
    pub title: String,
    /// The same in a sentence or two. It may repeat what a client sent.
    pub what: String,
    /// What the person can do.
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
    /// The address of the MCP endpoint.
    pub url: String,
    /// How many tools there are.
    pub tools: usize,
    /// How many of Torii's operations are behind them, and how many there are.
    pub operations: (usize, usize),
    /// The groups of tools.
    pub toolsets: Vec<Toolset>,
    /// Where people sign in.
    pub signs_in: SignsIn,
}

/// Where people sign in.
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

/// What a scope allows, in a few words.
fn title(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "See your data",
        Scope::Write => "Add and change data",
        Scope::Destroy => "Delete data",
        Scope::Scim => "Work with Torii members",
    }
}

/// The same within a sentence; names keep their capitals.
fn within(scope: Scope) -> String {
    let title = title(scope);
    title.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_lowercase() + rest)
}

/// A moment as pages show it.
#[derive(Clone, Copy)]
struct Moment(Timestamp);

impl Moment {
    /// For people, who may be in any time zone.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_as_the_overlay_defines_them() {
        for definition in crate::generated::catalog().unwrap().scopes() {
            let scope = Scope::of(&definition.name).unwrap();
            let choice = ScopeChoice { scope, tools: 0, is_ticked: false };
            assert_eq!((choice.title(), choice.description()), (&*definition.title, &*definition.description));
        }
    }
}
