//! The user that claims speak of, whoever issued them.
//!
//! An address counts only as far as its issuer vouches for it:
//! - `email_verified` that is there has to be true.
//! - Where it is missing, as with Entra, the issuer is the one company's directory that the operator configured, whose
//!   administrators set the addresses.
//! - Google confirms addresses at domains it does not run. Such an address counts only if `hd` says that Google runs the
//!   domain for the company, or if it is Google's own.
//!
//! Invariants: users are told apart by issuer and subject, never by address or name; everything is bounded.

use mcp_http::{sanitize::one_line, token::TokenHash};
use serde_json::Value;

use crate::{jose::Claims, store::User};

#[cfg(test)]
mod tests;

/// The issuer of Google, which has ways of its own.
pub(super) const GOOGLE: &str = "https://accounts.google.com";
const NAME_CHARACTERS: usize = 200;
/// The longest address there can be (RFC 5321, section 4.5.3.1).
const ADDRESS_BYTES: usize = 254;
const SUBJECT_BYTES: usize = 512;
const GROUPS: usize = 1000;
const GROUP_BYTES: usize = 512;

/// Why claims give no user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody is named.
    #[error("it has no `sub`, or one that is too long")]
    Subject,
    /// A directory leaves the groups out when they are many.
    #[error(
        "the user is in so many groups that the identity provider does not list them; let it list only the groups that are \
         assigned to the application, or use roles in the place of groups"
    )]
    TooManyGroups,
}

/// The user.
///
/// # Errors
/// When nobody is named, or their groups are too many to be named.
pub(super) fn user(issuer: &str, claims: &Claims, groups_claim: &str) -> Result<User, Error> {
    let subject = claims.text("sub").filter(|sub| !sub.is_empty() && sub.len() <= SUBJECT_BYTES).ok_or(Error::Subject)?;
    let email = email(issuer, claims);
    let names = ["name", "preferred_username", "email"].iter().filter_map(|name| claims.text(name));
    let name = names
        .map(|name| one_line(name, NAME_CHARACTERS))
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "somebody without a name".to_owned());
    let groups = groups(claims, groups_claim)?.unwrap_or_default();
    Ok(User { id: id(issuer, subject), name, email, groups, outside: None, organization: String::new() })
}

fn id(issuer: &str, subject: &str) -> String {
    let hash = TokenHash::of(format!("{issuer}\0{subject}").as_bytes());
    hash.as_bytes().iter().fold("oidc:".to_owned(), |id, byte| format!("{id}{byte:02x}"))
}

fn email(issuer: &str, claims: &Claims) -> Option<String> {
    let email = claims.text("email").filter(|email| email.len() <= ADDRESS_BYTES)?;
    let is_verified = match claims.get("email_verified") {
        None | Some(Value::Bool(true)) => true,
        // some write it as a text
        Some(Value::String(text)) => text == "true",
        Some(_) => false,
    };
    let is_vouched_for = issuer != GOOGLE || {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        domain.is_some_and(|domain| domain == "gmail.com" || claims.text("hd") == Some(&domain))
    };
    (is_verified && is_vouched_for).then(|| email.to_owned())
}

/// The groups, if the claim is there: by its name, or by a path of names with dots between them.
///
/// # Errors
/// [`Error::TooManyGroups`].
pub(super) fn groups(claims: &Claims, claim: &str) -> Result<Option<Vec<String>>, Error> {
    let found = claims.get(claim).or_else(|| {
        let mut names = claim.split('.');
        let first = claims.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    });
    let groups: Vec<&str> = match found {
        Some(Value::String(group)) => vec![group],
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).collect(),
        // Entra's way to say that there are more than it lists
        None if claims.get("_claim_names").is_some_and(|names| names.get(claim).is_some()) => return Err(Error::TooManyGroups),
        None if claim == "groups" && claims.get("hasgroups").is_some() => return Err(Error::TooManyGroups),
        _ => return Ok(None),
    };
    if groups.len() > GROUPS {
        return Err(Error::TooManyGroups);
    }
    let plain = |group: &&str| !group.is_empty() && group.len() <= GROUP_BYTES;
    Ok(Some(groups.into_iter().filter(plain).map(str::to_owned).collect()))
}
