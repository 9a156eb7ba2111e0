//! `connections`: shows and revokes the connections of users' clients.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use mcp_http::{
    clock::{Clock, Timestamp},
    scope::ScopeDefinitions,
};
use mcp_oauth_server::store::{self, Connection, Store};
use openapi_mcp::catalog::Catalog;
use serde_json::json;

use super::{Error, config::Given, print};
use crate::config::{Config, settings::Auth};

/// What to do with connections.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show all connections, the newest first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        given: Given,
    },
    /// Revoke connections; servers that have cached a token may accept it for a few more seconds
    Revoke {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        given: Given,
    },
}

/// The connections to revoke.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The connection with this id
    id: Option<String>,
    /// All connections of this user, given by email address or by the id that `list --json` shows; ends their browser sessions,
    /// too
    #[arg(long)]
    user: Option<String>,
    /// All connections of this client, given by its `client_id`
    #[arg(long)]
    client: Option<String>,
    /// All connections, and all browser sessions
    #[arg(long)]
    all: bool,
}

impl Which {
    /// Revokes the connections. Returns how many; `None` if there is no such connection or user.
    async fn end(&self, store: &dyn Store, now: Timestamp) -> store::Result<Option<u64>> {
        if self.all {
            return store.end(None, now).await.map(Some);
        }
        let mut ended = 0;
        if let Some(who) = &self.user {
            let users = store.users(who).await?;
            for id in &users {
                ended += store.end(Some(id), now).await?;
            }
            return Ok((!users.is_empty()).then_some(ended));
        }
        for Connection { grant, .. } in store.connections(None, now).await? {
            if self.id.as_ref() == Some(&grant.id) || self.client.as_ref() == Some(&grant.client_id) {
                ended += u64::from(store.revoke(&grant.id, None, now).await?);
            }
        }
        Ok((ended > 0).then_some(ended))
    }
}

pub(super) async fn run(catalog: &Catalog, command: Command) -> Result<(), Error> {
    let now = Clock::system().timestamp();
    match command {
        Command::List { json, given } => {
            let store = open(catalog, given).await?;
            let connections = store.connections(None, now).await.map_err(Error::because)?;
            print(&if json { as_json(&connections, catalog.scopes()) } else { as_text(&connections, catalog.scopes()) })
        }
        Command::Revoke { which, given } => {
            let store = open(catalog, given).await?;
            let Some(ended) = which.end(&*store, now).await.map_err(Error::because)? else {
                return Err(Error::failed("there is no such connection; `torii-mcp connections list` shows all connections"));
            };
            print(&format!("connections ended: {ended}\n"))
        }
    }
}

/// Opens the store of the server, and says which one it is.
async fn open(catalog: &Catalog, given: Given) -> Result<std::sync::Arc<dyn Store>, Error> {
    let (_, settings) = Config::load_server(&given.sources(), &catalog.into()).map_err(Error::usage)?;
    match settings.auth {
        Auth::Embedded(embedded) => {
            let store = store::open_existing(&embedded.store, catalog.scopes().clone()).await.map_err(Error::because)?;
            // if standard error is closed, nobody reads it
            let _ = writeln!(io::stderr(), "the connections in {}", embedded.store);
            Ok(store)
        }
        Auth::None(_) | Auth::External(_) => {
            Err(Error::usage("with this `auth.mode` connections are not stored here; only `torii_key` and `oidc` store them"))
        }
    }
}

fn as_json(connections: &[Connection], scopes: &ScopeDefinitions) -> String {
    let time = |at: mcp_http::clock::Timestamp| moment(at).to_string();
    let connections: Vec<_> = connections
        .iter()
        .map(|Connection { grant, used_at }| {
            json!({
                "id": grant.id,
                "user": { "id": grant.user.id, "name": grant.user.name, "email": grant.user.email },
                "organization": grant.user.organization,
                "client": { "id": grant.client_id, "name": grant.client_name, "host": grant.redirect_host },
                "scopes": scopes.text(grant.scopes),
                "since": time(grant.created_at),
                "used": used_at.map(time),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "connections": connections }))
}

fn as_text(connections: &[Connection], scopes: &ScopeDefinitions) -> String {
    if connections.is_empty() {
        return "nobody has connected anything yet\n".to_owned();
    }
    let mut text = String::new();
    for Connection { grant, used_at } in connections {
        let last_used = used_at.map_or_else(|| "never".to_owned(), |at| moment(at).to_string());
        let name = clean(&grant.client_name);
        let user = clean(&grant.user.name);
        // a client that acts on its own has no redirect URI
        let host = if grant.redirect_host.is_empty() { "by itself".into() } else { clean(&grant.redirect_host) };
        let since = moment(grant.created_at);
        let lines = [
            format!("{}  {name} ({host})", grant.id),
            format!("    {user}, {}", scopes.text(grant.scopes)),
            format!("    since {since}, last used {last_used}\n"),
        ];
        text.push_str(&lines.join("\n"));
    }
    text
}

fn moment(at: mcp_http::clock::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.0).unwrap_or_default()
}

/// A text without control characters, which a terminal would interpret.
fn clean(text: &str) -> mcp_oauth_server::pages::Label {
    text.into()
}
