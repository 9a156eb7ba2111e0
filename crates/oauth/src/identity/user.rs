//! The user whom claims describe, whoever issued them.
//!
//! An e-mail address is used only if its issuer vouches for it:
//! - If `email_verified` is present, it has to be true.
//! - If it is missing, as with Entra, the issuer is the one organization's directory that the operator configured, whose
//!   administrators set the e-mail addresses.
//! - Google verifies e-mail addresses in domains that it does not manage. Such an address is used only if `hd` states that
//!   Google manages the domain for the organization, or if it is a Gmail address.
//! - Another claim than `email`, such as `upn`, is used only if the operator names it, who thereby says that users cannot choose it
//!   (OpenID Connect Core, section 5.7). It has to be an address, and not that of a guest from another directory.
//! - The first named claim that is present decides. If it does not count, no other one is tried.
//!
//! Invariants: users are identified by issuer and subject, never by e-mail address or name; everything is bounded.

use mcp_http::{sanitize::one_line, token::TokenHash};
use serde_json::Value;

use crate::{jose::Claims, store::User};

#[cfg(test)]
mod tests;

/// Google's issuer, for which some rules differ.
pub(super) const GOOGLE: &str = "https://accounts.google.com";
const NAME_CHARACTERS: usize = 200;
/// The maximum length of an e-mail address (RFC 5321, section 4.5.3.1).
const EMAIL_BYTES: usize = 254;
const SUBJECT_BYTES: usize = 512;
const GROUPS: usize = 1000;
const GROUP_BYTES: usize = 512;

/// Why claims do not describe a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The claims have no valid subject.
    #[error("it has no `sub`, or one that is too long")]
    Subject,
    /// The issuer omits the groups because there are too many, or lists too many.
    #[error(
        "the user is in so many groups that the identity provider does not list them; let it list only the groups that are \
         assigned to the application, or use roles in the place of groups"
    )]
    TooManyGroups,
}

/// Why claims contain no e-mail address that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEmail {
    /// None of these claims is present.
    #[error("it sent no claim {}", listed(.0))]
    Missing(Vec<String>),
    /// `email_verified` is present and not true.
    #[error("it sent `{0}`, but with `email_verified` that is not true")]
    Unverified(String),
    /// The claim contains no address.
    #[error("its claim `{0}` is no e-mail address")]
    NoAddress(String),
    /// Google does not manage the address's domain.
    #[error("its claim `{0}` is of a domain that it does not manage")]
    OtherDomain(String),
    /// The user is a guest from another directory.
    #[error("its claim `{0}` is that of a guest from another directory")]
    Guest(String),
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// Converts claims to a user; and why the user has no e-mail address, if so.
///
/// # Errors
/// If there is no valid subject, or there are too many groups.
pub(super) fn user(
    issuer: &str,
    claims: &Claims,
    groups_claim: &str,
    email_claims: &[String],
) -> Result<(User, Option<NoEmail>), Error> {
    let subject = claims.text("sub").filter(|sub| !sub.is_empty() && sub.len() <= SUBJECT_BYTES).ok_or(Error::Subject)?;
    let email = email(issuer, claims, email_claims);
    let (email, without) = (email.as_ref().ok().cloned(), email.err());
    let names = ["name", "preferred_username", "email"].iter().filter_map(|name| claims.text(name));
    let name = names
        .map(|name| one_line(name, NAME_CHARACTERS))
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "somebody without a name".to_owned());
    let groups = groups(claims, groups_claim)?.unwrap_or_default();
    Ok((User { id: id(issuer, subject), name, email, groups, outside: None, organization: String::new() }, without))
}

/// The ID of the user with this subject.
pub(super) fn id(issuer: &str, subject: &str) -> String {
    hashed("oidc:", &format!("{issuer}\0{subject}"))
}

/// The ID of a session at the issuer, from its `sid`.
pub(super) fn session(issuer: &str, sid: &str) -> String {
    hashed("", &format!("{issuer}\0session\0{sid}"))
}

fn hashed(prefix: &str, text: &str) -> String {
    TokenHash::of(text.as_bytes()).as_bytes().iter().fold(prefix.to_owned(), |id, byte| format!("{id}{byte:02x}"))
}

/// The e-mail address, from the first of the named claims that is present.
fn email(issuer: &str, claims: &Claims, names: &[String]) -> Result<String, NoEmail> {
    let claim = |name: &String| Some((name.clone(), claims.text(name).filter(|text| !text.is_empty())?));
    let (name, email) = names.iter().find_map(claim).ok_or_else(|| NoEmail::Missing(names.to_vec()))?;
    let is_verified = match claims.get("email_verified") {
        None | Some(Value::Bool(true)) => true,
        // some issuers encode it as a string
        Some(Value::String(text)) => text == "true",
        Some(_) => false,
    };
    if !is_verified {
        return Err(NoEmail::Unverified(name));
    }
    let is_plain = name == "email" || is_address(email);
    if email.len() > EMAIL_BYTES || !is_plain {
        return Err(NoEmail::NoAddress(name));
    }
    if issuer == GOOGLE {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        let is_managed = domain.is_some_and(|domain| domain == "gmail.com" || claims.text("hd") == Some(&domain));
        return if name == "email" && is_managed { Ok(email.to_owned()) } else { Err(NoEmail::OtherDomain(name)) };
    }
    // Entra names the directory that a guest comes from, whose administrators are not the operator's
    let is_guest = claims.get("idp").is_some_and(|idp| idp.as_str() != Some(issuer))
        || claims.get("acct").is_some_and(|account| account != 0 && account != "0");
    if name != "email" && is_guest {
        return Err(NoEmail::Guest(name));
    }
    Ok(email.to_owned())
}

/// Whether a text is an e-mail address of the plain form, and not the name of a guest (`ann_other.example#EXT#@…`).
fn is_address(text: &str) -> bool {
    let is_plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:\\[]#".contains(c));
    let parts = text.split_once('@');
    is_plain && parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
}

/// Returns the groups, if the claim exists. `claim` is its name, or a path of names separated by dots.
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
        // with these claims Entra indicates that it omitted the groups
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
