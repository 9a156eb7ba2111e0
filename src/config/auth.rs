//! From what was typed to who may call: modes, access rules, named keys, clients.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::jwk::JwkSet;
use mcp_http::{caller::Keys, scope::Scopes};
use mcp_oauth_server::{
    access::{Access, Rule, Who},
    clients::client::{Authentication, Client, ClientCredentialsGrant, Origin},
    identity::{External, Oidc},
    jose::{self, KeySource, SetError},
    redirect::RedirectUri,
    settings::{Embedded, SignIn},
};

use super::{
    raw::{Mode, RawAccess, RawAuth, RawClient, RawConfig, RawRule},
    reader::{Reader, scopes},
    serving,
    settings::Auth,
    sources::{Sources, read},
    tree::inside,
};
use crate::torii::API_KEY;

/// The keys of Torii by name.
type Named = BTreeMap<String, Keys>;

/// Who may call.
pub(super) fn auth(reader: &mut Reader<'_>, raw: &RawConfig, sources: &Sources, keys: &Keys) -> Option<Auth> {
    let typed = raw.auth.clone().unwrap_or_default();
    let mode = reader.needed("/auth/mode", typed.mode, "it has no default")?;
    warn_of_unused(reader, mode);
    match mode {
        Mode::None => {
            let key = keys.get(API_KEY).map(|_| keys.clone());
            reader.needed("/torii/api_key", key, "without sign-in every call acts with it").map(Auth::None)
        }
        Mode::External => external(reader, raw, &typed).map(Auth::External),
        Mode::ToriiKey | Mode::Oidc => embedded(reader, raw, &typed, sources, mode).map(Auth::Embedded),
    }
}

/// What was typed for another mode is not what the operator gets, so they hear of it.
fn warn_of_unused(reader: &mut Reader<'_>, mode: Mode) {
    let by_rules = [Mode::Oidc, Mode::External];
    let embedded = [Mode::ToriiKey, Mode::Oidc];
    let uses: [(&str, &str, &[Mode]); 9] = [
        ("/torii/api_key", "torii.api_key", &[Mode::None]),
        ("/torii/api_key_file", "torii.api_key", &[Mode::None]),
        ("/auth/oidc", "auth.oidc", &[Mode::Oidc]),
        ("/auth/external", "auth.external", &[Mode::External]),
        ("/access", "access", &by_rules),
        ("/clients", "clients", &embedded),
        ("/store", "store", &embedded),
        ("/seal", "seal", &embedded),
        ("/keys", "keys", &[Mode::ToriiKey, Mode::Oidc, Mode::External]),
    ];
    let word = match mode {
        Mode::ToriiKey => "torii_key",
        Mode::Oidc => "oidc",
        Mode::External => "external",
        Mode::None => "none",
    };
    for (place, key, modes) in uses {
        let is_secret = reader.tree.secrets.contains_key(key) && !place.ends_with("_file");
        if !modes.contains(&mode) && (reader.is_set(place) || is_secret) {
            reader.warnings.push(format!("`{key}` is set, but not used: `auth.mode` is `{word}`"));
        }
    }
}

fn external(reader: &mut Reader<'_>, raw: &RawConfig, auth: &RawAuth) -> Option<External> {
    let why = "mode `external` needs to know whose tokens count";
    let external = auth.external.clone().unwrap_or_default();
    let issuer = reader.needed("/auth/external/issuer", external.issuer.as_deref(), why);
    let issuer = issuer.and_then(|typed| reader.issuer("/auth/external/issuer", typed));
    let jwks_url = match external.jwks_url.as_deref() {
        Some(typed) => Some(reader.address("/auth/external/jwks_url", typed)?),
        None => None,
    };
    let keys = named(reader, raw);
    let access = access(reader, raw, &keys, "external");
    Some(External {
        issuer: issuer?,
        jwks_url,
        audience: external.audience,
        algorithms: external.algorithms.unwrap_or_default().into_iter().map(Into::into).collect(),
        groups_claim: external.groups_claim?,
        scopes: scopes(auth.scopes.as_deref()?, &reader.scopes),
        access: access?,
        keys,
    })
}

fn embedded(reader: &mut Reader<'_>, raw: &RawConfig, auth: &RawAuth, sources: &Sources, mode: Mode) -> Option<Embedded> {
    let keys = named(reader, raw);
    let sign_in = match mode {
        Mode::Oidc => {
            let oidc = oidc(reader, auth);
            let access = access(reader, raw, &keys, "oidc");
            oidc.zip(access).map(|(oidc, access)| SignIn::Oidc(oidc, access))
        }
        _ => Some(SignIn::Keys(crate::torii::key_fields())),
    };
    let clients = clients(reader, raw, &keys);
    let store = serving::store(reader, raw, sources);
    let seal = serving::seal(reader, raw, sources);
    let ttls = serving::ttls(reader, raw);
    let [access_token_ttl, refresh_token_ttl, session_ttl] = ttls?;
    Some(Embedded {
        sign_in: sign_in?,
        scopes: scopes(auth.scopes.as_deref()?, &reader.scopes),
        clients,
        registration: auth.registration?,
        client_metadata: auth.client_metadata?,
        keys,
        store: store?,
        seal: seal?,
        access_token_ttl,
        refresh_token_ttl,
        session_ttl,
    })
}

fn oidc(reader: &mut Reader<'_>, auth: &RawAuth) -> Option<Oidc> {
    let why = "mode `oidc` needs an identity provider";
    let oidc = auth.oidc.clone().unwrap_or_default();
    let issuer = reader.needed("/auth/oidc/issuer", oidc.issuer.as_deref(), why);
    let issuer = issuer.and_then(|typed| reader.issuer("/auth/oidc/issuer", typed));
    let client_id = reader.needed("/auth/oidc/client_id", oidc.client_id, why);
    let n_problems = reader.problems.len();
    let secret = reader.secret("/auth/oidc", "client_secret");
    if let Some((_, source)) = secret.as_ref().filter(|(secret, _)| secret.expose().is_empty()) {
        reader.problems.push(format!("{source} does not hold a secret"));
    } else if secret.is_none() && n_problems == reader.problems.len() {
        reader.needed("/auth/oidc/client_secret", None::<()>, "the identity provider gave it to you, with `client_id`");
    }
    let scopes = oidc.scopes.unwrap_or_default();
    if !scopes.iter().any(|scope| scope == "openid") {
        reader.problem("/auth/oidc/scopes", "must hold `openid`");
    }
    // RFC 6749, section 3.3
    let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if !scopes.iter().all(is_scope) {
        reader.problem("/auth/oidc/scopes", "must hold words without blanks and quotes");
    }
    let (client_secret, _) = secret?;
    Some(Oidc { issuer: issuer?, client_id: client_id?, client_secret, scopes, groups_claim: oidc.groups_claim? })
}

/// The keys of Torii that have names.
fn named(reader: &mut Reader<'_>, raw: &RawConfig) -> Named {
    let mut named = Named::new();
    for name in raw.keys.iter().flat_map(BTreeMap::keys) {
        let place = inside("/keys", name);
        let n_problems = reader.problems.len();
        let keys = reader.keys(&place, "torii_key", "scim_key");
        if keys.is_empty() && n_problems == reader.problems.len() {
            let variable = name.to_uppercase();
            reader.problem(
                &place,
                format!(
                    "holds no key; name a file in `keys.{name}.torii_key_file`, or set `TORII_MCP_KEYS_{variable}_TORII_KEY`"
                ),
            );
        }
        named.insert(name.clone(), keys);
    }
    named
}

/// Notes a name that no key has.
fn check_key(reader: &mut Reader<'_>, place: &str, name: &str, keys: &Named) {
    if !keys.contains_key(name) {
        let names: Vec<_> = keys.keys().map(|name| format!("`{name}`")).collect();
        let there = if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) };
        reader.problem(place, format!("names a key that `keys` does not have; {there}"));
    }
}

fn access(reader: &mut Reader<'_>, raw: &RawConfig, keys: &Named, mode: &str) -> Option<Access> {
    let access = raw.access.clone().unwrap_or_default();
    let n_problems = reader.problems.len();
    let typed = access.rules.clone().unwrap_or_default();
    if typed.is_empty() {
        let why = format!("mode `{mode}` needs at least one rule, since nobody may do anything without one");
        reader.needed("/access/rules", None::<()>, &why);
    }
    let mut rules = Vec::new();
    for (index, typed) in typed.iter().enumerate() {
        let place = format!("/access/rules/{index}");
        check_key(reader, &inside(&place, "key"), &typed.key, keys);
        if let Some(who) = who(reader, &place, typed) {
            rules.push(Rule { who, key: typed.key.clone(), scopes: scopes(&typed.scopes, &reader.scopes) });
        }
    }
    let by_role = roles(reader, &access);
    (n_problems == reader.problems.len()).then_some(Access { rules, roles: by_role })
}

fn who(reader: &mut Reader<'_>, place: &str, typed: &RawRule) -> Option<Who> {
    let problem = match (&typed.email, &typed.domain, &typed.group) {
        (Some(email), None, None) => match email.trim().split_once('@') {
            Some((name, domain)) if !name.is_empty() && is_domain(domain) => return Some(Who::Email(email.trim().to_owned())),
            _ => "must have an address in `email`, for example `ann@example.com`",
        },
        (None, Some(domain), None) if is_domain(domain.trim()) => return Some(Who::Domain(domain.trim().to_owned())),
        (None, Some(_), None) => "must have a domain in `domain`, for example `example.com`, without `@`",
        (None, None, Some(group)) => return Some(Who::Group(group.clone())),
        _ => "must have exactly one of `email`, `domain` and `group`",
    };
    reader.problem(place, problem);
    None
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.split('.').all(is_label)
}

/// What roles allow, by their names in small letters.
fn roles(reader: &mut Reader<'_>, access: &RawAccess) -> Option<BTreeMap<String, Scopes>> {
    let is_respected = access.respect_torii_role == Some(true);
    let Some(typed) = &access.roles else {
        if is_respected {
            reader.needed("/access/roles", None::<()>, "`access.respect_torii_role` needs to know what each role allows");
        }
        return None;
    };
    if !is_respected {
        reader
            .problem("/access/roles", "limits nobody unless `access.respect_torii_role = true`; set it, or leave the roles out");
    }
    let mut roles = BTreeMap::new();
    for (role, words) in typed {
        if roles.insert(role.to_lowercase(), scopes(words, &reader.scopes)).is_some() {
            reader.problem(&inside("/access/roles", role), "is there twice, in different capitals");
        }
    }
    is_respected.then_some(roles)
}

fn clients(reader: &mut Reader<'_>, raw: &RawConfig, keys: &Named) -> Vec<Client> {
    let mut ids = BTreeSet::new();
    let mut clients = Vec::new();
    for (index, typed) in raw.clients.iter().flatten().enumerate() {
        let place = format!("/clients/{index}");
        if !ids.insert(&typed.id) {
            reader.problem(&inside(&place, "id"), "is the `id` of another client too");
        }
        clients.extend(client(reader, &place, typed, keys));
    }
    clients
}

fn client(reader: &mut Reader<'_>, place: &str, typed: &RawClient, keys: &Named) -> Option<Client> {
    if typed.id.contains("://") {
        reader.problem(&inside(place, "id"), "must not be an address: that means a client that publishes its metadata there");
    }
    let mut redirect_uris = Vec::new();
    for (index, text) in typed.redirect_uris.iter().flatten().enumerate() {
        match RedirectUri::parse(text) {
            Ok(uri) => redirect_uris.push(uri),
            Err(error) => reader.problem(&format!("{place}/redirect_uris/{index}"), format!("cannot be used: {error}")),
        }
    }
    if typed.redirect_uris.iter().flatten().next().is_none() && typed.client_credentials.is_none() {
        reader.problem(
            place,
            "has neither `redirect_uris`, for people to come back to, nor `client_credentials`, for what it does by itself",
        );
    }
    let key_source = match (&typed.jwks_file, &typed.jwks_url) {
        (Some(_), Some(_)) => {
            reader.problem(place, "has both `jwks_file` and `jwks_url`; keep one of them");
            return None;
        }
        (Some(file), None) => Some(KeySource::Inline(key_set(reader, &inside(place, "jwks_file"), file)?)),
        (None, Some(url)) => Some(KeySource::At(reader.address(&inside(place, "jwks_url"), url)?)),
        (None, None) => None,
    };
    let client_credentials = typed
        .client_credentials
        .as_ref()
        .map(|own| ClientCredentialsGrant { key: own.key.clone(), scopes: scopes(&own.scopes, &reader.scopes) });
    if let Some(own) = &client_credentials {
        check_key(reader, &format!("{place}/client_credentials/key"), &own.key, keys);
        if key_source.is_none() {
            reader.problem(
                &inside(place, "client_credentials"),
                "needs `jwks_file` or `jwks_url`: whoever acts by itself has to prove who it is",
            );
        }
    }
    Some(Client {
        id: typed.id.clone(),
        name: typed.name.clone().unwrap_or_else(|| typed.id.clone()),
        origin: Origin::Configured,
        redirect_uris,
        authentication: key_source.map_or(Authentication::None, Authentication::PrivateKeyJwt),
        client_credentials,
    })
}

/// A client's public keys. One that is no public key should not have left the client.
fn key_set(reader: &mut Reader<'_>, place: &str, file: &str) -> Option<JwkSet> {
    let path = reader.tree.path(place, file);
    let shown = path.display();
    let problem = match read(&path).map(|text| jose::parse(&serde_json::from_str(&text).unwrap_or_default())) {
        Ok(Ok(keys)) => return Some(JwkSet { keys }),
        Err(reason) => format!("cannot be read: {shown}: {reason}"),
        Ok(Err(SetError::NotASet(_))) => {
            format!("does not hold a JWK set: {shown}: expected `{{\"keys\": […]}}` with public keys")
        }
        Ok(Err(SetError::Secret)) => {
            format!("holds a key that is not public: {shown}; put only public keys there, and replace that one")
        }
        Ok(Err(error @ SetError::Useless)) => format!("cannot be used: {shown}: {error}"),
    };
    reader.problem(place, problem);
    None
}
