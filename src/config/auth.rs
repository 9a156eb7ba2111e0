//! Checks the authentication settings: modes, access rules, named keys, clients.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::jwk::JwkSet;
use mcp_http::{caller::Keys, net::is_loopback, scope::Scopes, secret::Secret};
use mcp_oauth_server::{
    access::{AccessRules, Rule, Who},
    clients::{
        client::{Authentication, Client, ClientCredentialsGrant, Origin},
        metadata_document::{self, address},
    },
    identity::{External, LogoutEnds, Oidc},
    jose::{self, KeySource, SetError},
    redirect::RedirectUri,
    settings::{ClientMetadata, Embedded, SignIn},
};
use serde_json::Value;

use super::{
    check::listed,
    keys,
    raw::{Mode, RawAccess, RawClient, RawClientMetadata, RawConfig, RawLogoutEnds, RawOidc, RawRule},
    reader::ConfigReader,
    serving,
    settings::Auth,
    sources::read,
    tree::{inside, key},
    values::{self, url},
};
use crate::torii::API_KEY;

/// Torii's API keys by the name that the operator gave them.
type Named = BTreeMap<String, Keys>;

/// The authentication settings; `None` if there is a problem.
pub(super) fn auth(reader: &mut ConfigReader<'_>, raw: &RawConfig, keys: &Keys) -> Option<Auth> {
    warn_of_unused(reader, raw.auth.mode);
    match raw.auth.mode {
        Mode::None => {
            let keys = keys.get(API_KEY).map(|_| keys.clone());
            reader.needed("/torii/api_key", keys, "without sign-in every call acts with it").map(Auth::None)
        }
        Mode::External => external(reader, raw).map(Auth::External),
        Mode::Oidc | Mode::ToriiKey => embedded(reader, raw).map(Auth::Embedded),
    }
}

/// Warns of settings for another mode, which have no effect.
fn warn_of_unused(reader: &mut ConfigReader<'_>, mode: Mode) {
    let uses: [(&str, &[Mode]); 9] = [
        ("/torii/api_key", &[Mode::None]),
        ("/auth/oidc", &[Mode::Oidc]),
        ("/auth/external", &[Mode::External]),
        ("/access", &[Mode::Oidc, Mode::External]),
        ("/clients", &[Mode::ToriiKey, Mode::Oidc]),
        ("/store", &[Mode::ToriiKey, Mode::Oidc]),
        ("/encryption", &[Mode::ToriiKey, Mode::Oidc]),
        ("/limits/replicas", &[Mode::External, Mode::None]),
        ("/keys", &[Mode::ToriiKey, Mode::Oidc, Mode::External]),
    ];
    let unused = uses.iter().filter(|(place, modes)| !modes.contains(&mode) && reader.tree.is_set(place));
    let mode = reader.tree.root.pointer("/auth/mode").and_then(Value::as_str).unwrap_or_default();
    let warnings = unused.map(|(place, _)| format!("`{}` is set, but not used: `auth.mode` is `{mode}`", key(place)));
    reader.warnings.extend(warnings);
}

fn external(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<External> {
    let typed = &raw.auth.external;
    let why = "mode `external` needs to know whose tokens count";
    let issuer = issuer(reader, "/auth/external/issuer", typed.issuer.as_deref(), why);
    check_email_claims(reader, "/auth/external/email_claims", issuer.as_deref(), &typed.email_claims);
    let jwks_url = typed.jwks_url.as_ref();
    let jwks_url = jwks_url.and_then(|typed| reader.checked("/auth/external/jwks_url", url(typed)));
    let keys = named(reader, raw);
    let access = access(reader, raw, &keys, "external");
    Some(External {
        issuer: issuer?,
        jwks_url,
        audience: typed.audience.clone(),
        algorithms: typed.algorithms.clone(),
        groups_claim: typed.groups_claim.clone(),
        email_claims: typed.email_claims.clone(),
        scopes: reader.scopes(&raw.auth.scopes),
        access,
        keys,
    })
}

fn embedded(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<Embedded> {
    let keys = named(reader, raw);
    let sign_in = match raw.auth.mode {
        Mode::Oidc => {
            let oidc = oidc(reader, &raw.auth.oidc);
            let access = access(reader, raw, &keys, "oidc");
            oidc.map(|oidc| SignIn::Oidc(oidc, access))
        }
        _ => Some(SignIn::Keys(crate::torii::key_fields())),
    };
    let clients = clients(reader, &raw.clients, &keys);
    let store = serving::store(reader, raw);
    let keyring = serving::keyring_source(reader, raw);
    let connection_max_age = serving::connection_max_age(reader, raw);
    let [access_token_ttl, refresh_token_ttl, session_ttl] = serving::ttls(reader, raw)?;
    Some(Embedded {
        sign_in: sign_in?,
        scopes: reader.scopes(&raw.auth.scopes),
        clients,
        registration: raw.auth.registration,
        client_metadata: client_metadata(reader, raw),
        keys,
        store: store?,
        keyring: keyring?,
        access_token_ttl,
        refresh_token_ttl,
        session_ttl,
        connection_max_age,
    })
}

fn issuer(reader: &mut ConfigReader<'_>, place: &str, typed: Option<&str>, why: &str) -> Option<String> {
    let typed = reader.needed(place, typed, why)?;
    reader.checked(place, values::issuer(typed))
}

fn oidc(reader: &mut ConfigReader<'_>, typed: &RawOidc) -> Option<Oidc> {
    let why = "mode `oidc` needs an identity provider";
    let issuer = issuer(reader, "/auth/oidc/issuer", typed.issuer.as_deref(), why);
    check_email_claims(reader, "/auth/oidc/email_claims", issuer.as_deref(), &typed.email_claims);
    let client_id = reader.needed("/auth/oidc/client_id", typed.client_id.clone(), why);
    let client_secret = client_secret(reader, typed);
    if !typed.scopes.iter().any(|scope| scope == "openid") {
        reader.problem("/auth/oidc/scopes", "must contain `openid`");
    }
    // `scope-token` of RFC 6749, section 3.3
    let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if !typed.scopes.iter().all(is_scope) {
        reader.problem("/auth/oidc/scopes", "must contain words without spaces and quotes");
    }
    Some(Oidc {
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes: typed.scopes.clone(),
        groups_claim: typed.groups_claim.clone(),
        email_claims: typed.email_claims.clone(),
        logout_ends: match typed.logout_ends {
            RawLogoutEnds::Sessions => LogoutEnds::Sessions,
            RawLogoutEnds::Connections => LogoutEnds::Connections,
        },
    })
}

/// Reports claims that cannot contain an address that counts.
fn check_email_claims(reader: &mut ConfigReader<'_>, place: &str, issuer: Option<&str>, claims: &[String]) {
    if claims.iter().any(|claim| claim.trim().is_empty()) {
        reader.problem(place, "must contain names of claims");
    }
    let is_other = |claim: &String| claim != "email";
    if issuer == Some("https://accounts.google.com") && claims.iter().any(is_other) {
        reader.problem(place, "must be `[\"email\"]` with Google, which vouches for no other claim");
    }
}

fn client_secret(reader: &mut ConfigReader<'_>, typed: &RawOidc) -> Option<Secret> {
    const PLACE: &str = "/auth/oidc/client_secret";
    if !reader.tree.is_set(PLACE) {
        return reader.needed(PLACE, None, "the identity provider gave it to you, with `client_id`");
    }
    let (secret, source) = reader.secret(PLACE, typed.client_secret_file.as_ref())?;
    let secret = Some(secret).filter(|secret| !secret.expose().is_empty());
    reader.checked(&source, secret.ok_or("does not contain a secret"))
}

/// The named API keys.
fn named(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Named {
    let mut named = Named::new();
    for (name, typed) in &raw.keys {
        let place = inside("/keys", name);
        let [torii, scim] = ["torii_key", "scim_key"].map(|key| inside(&place, key));
        if !reader.tree.is_set(&torii) && !reader.tree.is_set(&scim) {
            let variable = keys::variable(&torii);
            let what = format!("contains no key; name a file in `keys.{name}.torii_key_file`, or set `{variable}`");
            reader.problem(&place, what);
        }
        let keys = reader.api_keys((&torii, typed.torii_key_file.as_ref()), (&scim, typed.scim_key_file.as_ref()));
        named.insert(name.clone(), keys);
    }
    named
}

/// Reports a name that no key has.
fn check_key(reader: &mut ConfigReader<'_>, place: &str, name: &str, keys: &Named) {
    if !keys.contains_key(name) {
        let there = if keys.is_empty() { "none".to_owned() } else { listed(keys.keys().map(String::as_str)) };
        reader.problem(place, format!("names a key that `keys` does not have; there are {there}"));
    }
}

fn access(reader: &mut ConfigReader<'_>, raw: &RawConfig, keys: &Named, mode: &str) -> AccessRules {
    if raw.access.rules.is_empty() {
        let why = format!("mode `{mode}` needs at least one rule, since nobody may do anything without one");
        reader.needed("/access/rules", None::<()>, &why);
    }
    let mut rules = Vec::new();
    for (index, typed) in raw.access.rules.iter().enumerate() {
        let place = format!("/access/rules/{index}");
        check_key(reader, &inside(&place, "key"), &typed.key, keys);
        if let Some(who) = reader.checked(&place, who(typed)) {
            rules.push(Rule { who, key: typed.key.clone(), scopes: reader.scopes(&typed.scopes) });
        }
    }
    AccessRules { rules, roles: roles(reader, &raw.access) }
}

fn who(typed: &RawRule) -> Result<Who, &'static str> {
    match (&typed.email, &typed.domain, &typed.group) {
        (Some(email), None, None) => match email.trim().split_once('@') {
            Some((name, domain)) if !name.is_empty() && is_domain(domain) => Ok(Who::Email(email.trim().to_owned())),
            _ => Err("must have an email address in `email`, for example `ann@example.com`"),
        },
        (None, Some(domain), None) if is_domain(domain.trim()) => Ok(Who::Domain(domain.trim().to_owned())),
        (None, Some(_), None) => Err("must have a domain in `domain`, for example `example.com`, without `@`"),
        (None, None, Some(group)) => Ok(Who::Group(group.clone())),
        _ => Err("must have exactly one of `email`, `domain` and `group`"),
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.split('.').all(is_label)
}

/// The scopes of each role, by its name with ASCII letters in lower case.
fn roles(reader: &mut ConfigReader<'_>, access: &RawAccess) -> Option<BTreeMap<String, Scopes>> {
    const PLACE: &str = "/access/roles";
    let typed = match (&access.roles, access.respect_torii_role) {
        (Some(typed), true) => typed,
        (Some(_), false) => {
            let what = "limits nobody unless `access.respect_torii_role = true`; set it, or leave the roles out";
            reader.problem(PLACE, what);
            return None;
        }
        (None, true) => {
            return reader.needed(PLACE, None, "`access.respect_torii_role` needs to know what each role allows");
        }
        (None, false) => return None,
    };
    let mut roles = BTreeMap::new();
    for (role, scopes) in typed {
        if roles.insert(role.to_ascii_lowercase(), reader.scopes(scopes)).is_some() {
            reader.problem(&inside(PLACE, role), "is there twice, in different capitals");
        }
    }
    Some(roles)
}

fn clients(reader: &mut ConfigReader<'_>, typed: &[RawClient], keys: &Named) -> Vec<Client> {
    let mut ids = BTreeSet::new();
    let mut clients = Vec::new();
    for (index, typed) in typed.iter().enumerate() {
        let place = format!("/clients/{index}");
        if !ids.insert(&typed.id) {
            reader.problem(&inside(&place, "id"), "is the `id` of another client too");
        }
        match &typed.metadata_file {
            Some(file) => clients.extend(pinned(reader, &place, typed, file)),
            None => clients.push(client(reader, &place, typed, keys)),
        }
    }
    clients
}

/// Whether clients may name themselves by URLs, and are told so: not on a server of one machine, unless they cannot register there.
fn client_metadata(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> ClientMetadata {
    let RawClientMetadata { enabled, probe } = &raw.auth.client_metadata;
    let client_id = |id: &str| address(id).map(|_| id.to_owned()).map_err(|what| format!("must be {what}"));
    let probe = reader.all_checked("/auth/client_metadata/probe", probe, client_id);
    let is_public = raw.public_url.as_ref().and_then(|typed| url(typed).ok()).is_some_and(|url| !is_loopback(&url));
    match *enabled {
        false => ClientMetadata::Refused,
        true if is_public || !raw.auth.registration => ClientMetadata::Advertised { probe },
        true => ClientMetadata::Accepted,
    }
}

/// The client whose metadata document the operator keeps in a file.
fn pinned(reader: &mut ConfigReader<'_>, place: &str, typed: &RawClient, file: &str) -> Option<Client> {
    let RawClient { id, name, redirect_uris, metadata_file: _, jwks_file, jwks_url, client_credentials } = typed;
    let is_alone = name.is_none() && redirect_uris.is_empty() && jwks_file.is_none() && jwks_url.is_none();
    if !is_alone || client_credentials.is_some() {
        reader.problem(place, "has `metadata_file`, which says everything about a client; keep only `id` beside it");
    }
    if let Err(what) = address(id) {
        reader.problem(&inside(place, "id"), format!("must be {what}: with `metadata_file` it is the URL of the document"));
        return None;
    }
    let place = inside(place, "metadata_file");
    let path = reader.tree.path(&place, file);
    let found = read(&path).map_err(|reason| format!("cannot be read: {}: {reason}", path.display()));
    let client = found.and_then(|text| {
        metadata_document::pinned(id, &text).map_err(|why| format!("is not the document of `{id}`: {}: {why}", path.display()))
    });
    reader.checked(&place, client)
}

fn client(reader: &mut ConfigReader<'_>, place: &str, typed: &RawClient, keys: &Named) -> Client {
    if typed.id.contains("://") {
        reader.problem(&inside(place, "id"), "must not be a URL: that is the id of a client that publishes its metadata there, whose document `metadata_file` can name");
    }
    let redirect_uri = |text: &str| RedirectUri::parse(text).map_err(|error| format!("cannot be used: {error}"));
    let redirect_uris = reader.all_checked(&inside(place, "redirect_uris"), &typed.redirect_uris, redirect_uri);
    if typed.redirect_uris.is_empty() && typed.client_credentials.is_none() {
        reader.problem(
            place,
            "has neither `redirect_uris`, for users to come back to, nor `client_credentials`, for what it does by itself",
        );
    }
    if let Some(own) = &typed.client_credentials {
        let place = inside(place, "client_credentials");
        check_key(reader, &inside(&place, "key"), &own.key, keys);
        if typed.jwks_file.is_none() && typed.jwks_url.is_none() {
            reader.problem(&place, "needs `jwks_file` or `jwks_url`: whoever acts by itself has to prove who it is");
        }
    }
    let own = typed.client_credentials.as_ref();
    let client_credentials = own.map(|own| ClientCredentialsGrant { key: own.key.clone(), scopes: reader.scopes(&own.scopes) });
    Client {
        id: typed.id.clone(),
        name: typed.name.clone().unwrap_or_else(|| typed.id.clone()),
        origin: Origin::Configured,
        redirect_uris,
        authentication: key_source(reader, place, typed).map_or(Authentication::None, Authentication::PrivateKeyJwt),
        client_credentials,
    }
}

/// The source of a client's public keys, if it has any.
fn key_source(reader: &mut ConfigReader<'_>, place: &str, typed: &RawClient) -> Option<KeySource> {
    match (&typed.jwks_file, &typed.jwks_url) {
        (Some(_), Some(_)) => {
            reader.problem(place, "has both `jwks_file` and `jwks_url`; keep one of them");
            None
        }
        (Some(file), None) => key_set(reader, &inside(place, "jwks_file"), file).map(KeySource::Inline),
        (None, Some(typed)) => reader.checked(&inside(place, "jwks_url"), url(typed)).map(KeySource::At),
        (None, None) => None,
    }
}

/// A client's public keys. A private key should never have left the client.
fn key_set(reader: &mut ConfigReader<'_>, place: &str, file: &str) -> Option<JwkSet> {
    let path = reader.tree.path(place, file);
    let shown = path.display();
    let problem = match read(&path).map(|text| jose::parse(&serde_json::from_str(&text).unwrap_or_default())) {
        Ok(Ok(keys)) => return Some(JwkSet { keys }),
        Err(reason) => format!("cannot be read: {shown}: {reason}"),
        Ok(Err(SetError::NotASet(_))) => {
            format!("does not contain a JWK set: {shown}: expected `{{\"keys\": […]}}` with public keys")
        }
        Ok(Err(SetError::Secret)) => {
            format!("contains a key that is not public: {shown}; put only public keys there, and replace that one")
        }
        Ok(Err(error @ SetError::Useless)) => format!("cannot be used: {shown}: {error}"),
    };
    reader.problem(place, problem);
    None
}
