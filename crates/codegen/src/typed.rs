//! The types of responses for the typed client: plain data between the document and the code.
//!
//! They are as lenient as the responses of a real API: every member may be missing, and what is not described here is kept as JSON.
//! So a schema says less here than anywhere else: only which members to expect, and of which kind.

use std::collections::BTreeMap;

/// The types of all responses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Types {
    /// sorted by name
    pub definitions: BTreeMap<String, Definition>,
    /// the type of each tool's response, by the tool's name
    pub responses: BTreeMap<String, Shape>,
}

/// What a value is expected to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// anything: the document says nothing, or allows several kinds
    Any,
    Boolean,
    Number,
    Text,
    List(Box<Shape>),
    /// an object with members of any name
    Map(Box<Shape>),
    /// one of the definitions
    Named(String),
    /// a file, as a tool returns it
    File,
}

/// A type with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// one line of text
    pub description: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Object(Vec<Member>),
    /// a text; contains the known values with the Rust names of their variants
    Choice(Vec<(String, String)>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// its name in the API
    pub wire: String,
    /// its Rust name, unique among the members
    pub name: String,
    pub description: String,
    pub shape: Shape,
}
