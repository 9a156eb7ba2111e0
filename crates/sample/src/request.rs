//! Reads requests: ids in paths, query parameters and JSON bodies; an error names the invalid part.

use std::ops::RangeInclusive;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::{Failure, Part};

/// The largest id that Torii's document allows.
const MAX_ID: u32 = 2_147_483_647;

/// One integer id in the path.
pub(super) struct PathId(pub(super) u32);

/// Two integer ids in the path.
pub(super) struct PathIds(pub(super) u32, pub(super) u32);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: String = path(parts, state).await?;
        Ok(Self(id(&text)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (first, second): (String, String) = path(parts, state).await?;
        Ok(Self(id(&first)?, id(&second)?))
    }
}

async fn path<T, S>(parts: &mut Parts, state: &S) -> Result<T, Failure>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    match Path::<T>::from_request_parts(parts, state).await {
        Ok(Path(value)) => Ok(value),
        Err(rejection) => Err(Failure::malformed(rejection.body_text()).within(Part::Params)),
    }
}

fn id(text: &str) -> Result<u32, Failure> {
    text.parse()
        .ok()
        .filter(|id| *id <= MAX_ID)
        .ok_or_else(|| Failure::malformed(format!("id must be an integer between 0 and {MAX_ID}: {text}")).within(Part::Params))
}

/// The query parameters of a call, in the order they were sent.
pub(super) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(rejection) => Err(Failure::malformed(rejection.body_text())),
        }
    }
}

impl Parameters {
    /// Rejects unknown parameters, as strict servers do, so that a typo does not go unnoticed.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Failure> {
        match self.others(known).next() {
            Some((name, _)) => Err(Failure::malformed(format!("unknown parameter: {name}")).at(name)),
            None => Ok(()),
        }
    }

    /// The parameters that are not `known`: for some calls these are exact-match filters of fields.
    pub(super) fn others<'a>(&'a self, known: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| !known.contains(name))
    }

    /// The text of a parameter; `None` if it was not sent or is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::malformed(format!("missing parameter: {name}")).at(name))
    }

    /// The trimmed, non-empty parts of a comma-separated list.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let text = self.text(name)?;
        Some(text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect())
    }

    pub(super) fn integer(&self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            Failure::malformed(format!("{name} must be an integer between {} and {}: {text}", range.start(), range.end()))
                .at(name)
        })
    }

    pub(super) fn id(&self, name: &str) -> Result<Option<u32>, Failure> {
        self.integer(name, 0..=MAX_ID)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Failure::malformed(format!("{name} must be true or false: {other}")).at(name)),
        }
    }

    pub(super) fn one_of(&self, name: &str, allowed: &[&str]) -> Result<Option<&str>, Failure> {
        match self.text(name) {
            Some(text) if !allowed.contains(&text) => {
                Err(Failure::malformed(format!("{name} must be one of {}: {text}", allowed.join(", "))).at(name))
            }
            other => Ok(other),
        }
    }

    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|error| Failure::malformed(format!("{name} is not valid JSON: {error}")).at(name))
    }
}

/// A JSON object as body; an empty body is read as `{}`.
#[derive(Debug, Default)]
pub(super) struct Body(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Failure::new(rejection.status(), rejection.body_text()))?;
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(Failure::invalid("the body must be a JSON object")),
            Err(error) => Err(Failure::malformed(format!("the body is not valid JSON: {error}")).within(Part::Payload)),
        }
    }
}

impl Body {
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Failure> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Failure::invalid(format!("unknown property: {key}")).at(key)),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Failure> {
        self.typed(name, "true or false", Value::as_bool)
    }

    pub(super) fn id(&self, name: &str) -> Result<Option<u32>, Failure> {
        self.typed(name, "an integer id", |value| value.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id <= MAX_ID))
    }

    pub(super) fn array(&self, name: &str) -> Result<Option<&Vec<Value>>, Failure> {
        self.typed(name, "an array", Value::as_array)
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&str, Failure> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| missing(name))
    }

    pub(super) fn required_id(&self, name: &str) -> Result<u32, Failure> {
        self.id(name)?.ok_or_else(|| missing(name))
    }

    pub(super) fn one_of(&self, name: &str, allowed: &[&str]) -> Result<Option<&str>, Failure> {
        match self.text(name)? {
            Some(text) if !allowed.contains(&text) => {
                Err(Failure::invalid(format!("{name} must be one of {}: {text}", allowed.join(", "))).at(name))
            }
            other => Ok(other),
        }
    }

    fn typed<'a, T>(&'a self, name: &str, wanted: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(read)),
                None => Err(Failure::invalid(format!("{name} must be {wanted}: {value}")).at(name)),
            },
        }
    }
}

/// The error for a body without a required property.
pub(super) fn missing(name: &str) -> Failure {
    Failure::invalid(format!("missing property: {name}")).at(name)
}
