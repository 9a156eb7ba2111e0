//! A store that an older server wrote, and what its users, browsers and clients held.

use std::{collections::BTreeMap, fs};

use jsonwebtoken::jwk::JwkSet;
use mcp_http::{
    clock::Timestamp,
    secret::Secret,
    token::{PlainToken, TokenKind},
};
use mcp_oauth_server::{
    access::{AccessRules, Rule, Who},
    clients::client::{Authentication, Client, ClientCredentialsGrant, Origin},
    identity::Oidc,
    jose::KeySource,
    keyring::KeyringSource,
    settings::{Embedded, SignIn},
    store::StoreAt,
};
use serde::Deserialize;
use sqlx::{ConnectOptions, Connection, PgConnection, sqlite::SqliteConnectOptions};
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY};

use crate::{
    store::place::Place,
    support::{
        app::App,
        client_documents::Signer,
        rights::{api_keys, scopes},
        test_server::{Browser, Connector},
    },
};

/// What users, browsers and clients held when the store was written.
#[derive(Deserialize)]
pub(super) struct Notes {
    pub(super) written_at: i64,
    pub(super) origin: String,
    #[serde(rename = "seal_key")]
    pub(super) encryption_key: String,
    pub(super) spent_state: String,
    pub(super) redirect_uri: String,
    pub(super) assistant: String,
    pub(super) unused: String,
    pub(super) former: String,
    pub(super) ann: Connected,
    pub(super) bob: Connected,
    pub(super) carol: Connected,
    pub(super) ended: Connected,
    pub(super) pending: Opening,
    pub(super) nightly: Nightly,
}

/// A user with a connection that was refreshed once.
#[derive(Deserialize)]
pub(super) struct Connected {
    pub(super) cookie: String,
    pub(super) redeemed: Opening,
    pub(super) replaced: Pair,
    pub(super) access: String,
    pub(super) refresh: String,
}

#[derive(Deserialize)]
pub(super) struct Opening {
    pub(super) code: String,
    pub(super) verifier: String,
}

#[derive(Deserialize)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

#[derive(Deserialize)]
pub(super) struct Nightly {
    pub(super) access: String,
    pub(super) assertion: String,
    pub(super) jwks: JwkSet,
}

/// A copy of a store that an older server wrote.
pub(super) struct Old {
    pub(super) place: Place,
    pub(super) notes: Notes,
}

impl Old {
    /// In a place where nothing is yet.
    pub(super) async fn at(place: Place) -> Self {
        let notes = match &place.at {
            StoreAt::Sqlite(path) => {
                fs::write(path, include_bytes!("../fixtures/f5fa789/sqlite.db")).expect("there is room");
                include_str!("../fixtures/f5fa789/sqlite.json")
            }
            StoreAt::Postgres(_) => {
                place.tamper(include_str!("../fixtures/f5fa789/postgresql.sql")).await;
                include_str!("../fixtures/f5fa789/postgresql.json")
            }
        };
        Self { place, notes: serde_json::from_str(notes).expect("they are notes") }
    }

    /// The same, as if users had reached the server over https.
    pub(super) async fn public_at(place: Place) -> Self {
        let mut old = Self::at(place).await;
        let http = std::mem::replace(&mut old.notes.origin, "https://mcp.example.com".to_owned());
        let sql = format!("UPDATE grants SET resource = replace(resource, '{http}', '{}')", old.notes.origin);
        old.place.tamper(&sql).await;
        old
    }

    /// Today's server, at the moment when the store was written.
    pub(super) async fn server(&self, change: impl FnOnce(&mut Embedded)) -> Connector {
        Connector::start_on(|setup| {
            setup.embedded.store = self.place.at.clone();
            setup.embedded.keyring = KeyringSource::Keys(Secret::new(self.notes.encryption_key.clone()));
            setup.origin = Some(self.notes.origin.clone());
            setup.mock_clock.turn(self.notes.written_at - setup.mock_clock.now());
            change(&mut setup.embedded);
        })
        .await
    }

    /// The same for users who sign in with a key of Torii.
    pub(super) async fn server_for_keys(&self) -> Connector {
        self.server(|_| {}).await
    }

    /// The same for users of an identity provider, which is not asked by those who are signed in. Rules are for these groups,
    /// each with what it allows.
    pub(super) async fn server_for_users(&self, groups: &[(&str, &str)]) -> Connector {
        let rule = |&(group, scopes): &(&str, &str)| Rule {
            who: Who::Group(group.to_owned()),
            key: "full".to_owned(),
            scopes: crate::support::rights::scopes(scopes),
        };
        let oidc = Oidc {
            issuer: "https://login.example".to_owned(),
            client_id: "torii-mcp".to_owned(),
            client_secret: Secret::new("secret".to_owned()),
            scopes: vec!["openid".to_owned()],
            groups_claim: "groups".to_owned(),
            email_claims: vec!["email".to_owned()],
            logout_ends: mcp_oauth_server::identity::LogoutEnds::Sessions,
        };
        self.server(|settings| {
            settings.keys = BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]);
            settings.sign_in = SignIn::Oidc(oidc, AccessRules { rules: groups.iter().map(rule).collect(), roles: None });
        })
        .await
    }

    /// The same for a client that acts for itself, which has got another key pair besides the one it had.
    pub(super) async fn server_for_clients(&self, signer: &Signer) -> Connector {
        let mut keys = self.notes.nightly.jwks.clone();
        keys.keys.extend(signer.set().keys);
        let nightly = Client {
            id: "nightly".to_owned(),
            name: "nightly".to_owned(),
            origin: Origin::Configured,
            redirect_uris: Vec::new(),
            authentication: Authentication::PrivateKeyJwt(KeySource::Inline(keys)),
            client_credentials: Some(ClientCredentialsGrant { key: "reports".to_owned(), scopes: scopes("torii:read") }),
        };
        self.server(|settings| {
            settings.keys = BTreeMap::from([("reports".to_owned(), api_keys(READ_ONLY_KEY))]);
            settings.clients = vec![nightly];
        })
        .await
    }

    /// A client of a server, by its id.
    pub(super) fn app(&self, server: &Connector, id: &str) -> App {
        server.configured(id, &self.notes.redirect_uri)
    }

    /// The browser that has this cookie.
    pub(super) fn browser(server: &Connector, user: &Connected) -> Browser {
        let browser = server.browser();
        browser.cookies.lock().expect("it is free").insert("__Host-torii-mcp-session".to_owned(), user.cookie.clone());
        browser
    }

    pub(super) fn written_at(&self) -> Timestamp {
        Timestamp(self.notes.written_at)
    }

    /// Whether an access token counted at that moment, whoever may be served with it.
    pub(super) async fn counts(&self, access: &str) -> bool {
        let token = PlainToken::parse(torii_mcp::torii::BRAND.tokens, TokenKind::Access, access).expect("it is a token");
        let store = self.place.open().await;
        store.access(token.hash(), self.written_at()).await.expect("the store answers").is_some()
    }

    /// The row of the first migration.
    pub(super) async fn first_migration(&self) -> (String, bool, Vec<u8>, String) {
        let sql = "SELECT description, success, checksum, CAST(installed_on AS TEXT) FROM _sqlx_migrations WHERE version = 1";
        let row = match &self.place.at {
            StoreAt::Sqlite(path) => {
                let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("the file opens");
                sqlx::query_as(sql).fetch_one(&mut connection).await
            }
            StoreAt::Postgres(url) => {
                let mut connection = PgConnection::connect(url.expose()).await.expect("the database answers");
                sqlx::query_as(sql).fetch_one(&mut connection).await
            }
        };
        row.expect("it is there")
    }
}
