//! Emits the typed client: one function per tool, a struct for its optional arguments, and the types of the responses.
//!
//! The functions only collect arguments; the runtime sends the call through the tool, so that its checks, limits and retries apply.
//! A type only names its members; the runtime reads them.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use serde_json::Value as Json;

use crate::ir::{Api, Argument, Body, ToolPlan};
use crate::names::{self, unique};
use crate::text;
use crate::typed::{Definition, Kind, Member, Shape, Types};

/// The widest line of a comment.
const LINE: usize = 116;

/// The client with its types.
pub fn typed(api: &Api, types: &Types) -> TokenStream {
    let tools = api.tools();
    let functions = tools.iter().map(|plan| function(plan, types));
    let options = tools.iter().filter_map(|plan| options(plan));
    let recursive = Recursive::of(types);
    let definitions = types.definitions.iter().map(|(name, definition)| self::definition(name, definition, &recursive));
    quote! {
        use ::openapi_mcp::{
            tool_error::ToolError as Error,
            typed::{Connection, File, Fit, Json, Number, Typed, choice, object},
        };
        use ::serde_json::{Map, Value};
        use ::std::collections::BTreeMap;

        /// The client: each function calls the tool of the same name.
        #[derive(Clone, Debug)]
        pub struct Client(Connection);

        impl From<Connection> for Client {
            fn from(connection: Connection) -> Self {
                Self(connection)
            }
        }

        impl Client {
            #(#functions)*
        }

        #(#options)*
        #(#definitions)*
    }
}

/// The function of a tool: a parameter for each required argument, and a struct for all others.
fn function(plan: &ToolPlan, types: &Types) -> TokenStream {
    let tool = &plan.tool;
    let (name, wire) = (ident(&names::rust_snake(&tool.name)), &tool.name);
    let response = types.responses.get(wire).map_or_else(|| quote!(Json), self::type_of);
    let texts = [format!("{}.", escaped(tool.title.trim_end_matches('.'))), escaped(&tool.description)];
    let comment = documented(&texts);
    let mut taken = BTreeSet::from(["options".to_owned()]);
    let (mut parameters, mut set) = (Vec::new(), Vec::new());
    for argument in arguments(plan).filter(|argument| argument.required) {
        let parameter = ident(&unique(&names::valid(names::rust_snake(&argument.name)), &mut taken));
        let (taken_type, name) = (argument_type(&argument.schema), &argument.name);
        parameters.push(quote!(#parameter: #taken_type));
        set.push(quote!(.with(#name, #parameter)));
    }
    if let Some(members) = option_members(plan) {
        let options = ident(&names::options(&tool.name));
        parameters.push(quote!(options: #options));
        set.extend(members.iter().map(|(argument, member)| {
            let name = &argument.name;
            quote!(.with_option(#name, options.#member))
        }));
        set.extend(is_open(plan).then(|| quote!(.with_all(options.other))));
    }
    quote! {
        #comment
        pub async fn #name(&self, #(#parameters),*) -> Result<#response, Error> {
            self.0.call(#wire)#(#set)*.send().await
        }
    }
}

/// The struct of a tool's optional arguments, if it has any.
fn options(plan: &ToolPlan) -> Option<TokenStream> {
    let members = option_members(plan)?;
    let members = members.iter().map(|(argument, member)| {
        let (comment, type_) = (documented(&[text_of_argument(plan, argument)]), argument_type(&argument.schema));
        quote!(#comment pub #member: Option<#type_>)
    });
    let other = is_open(plan).then(|| {
        quote! {
            /// Further members of the body.
            pub other: Map<String, Value>
        }
    });
    let (name, members) = (ident(&names::options(&plan.tool.name)), members.chain(other));
    let comment = documented(&[format!("The optional arguments of [`Client::{}`].", names::rust_snake(&plan.tool.name))]);
    Some(quote! {
        #comment
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct #name {
            #(#members),*
        }
    })
}

/// The optional arguments with their Rust names; `None` if there are none.
fn option_members(plan: &ToolPlan) -> Option<Vec<(&Argument, Ident)>> {
    let mut taken = BTreeSet::from(["other".to_owned()]);
    let optional = arguments(plan).filter(|argument| !argument.required);
    let members: Vec<_> = optional
        .map(|argument| (argument, ident(&unique(&names::valid(names::rust_snake(&argument.name)), &mut taken))))
        .collect();
    (is_open(plan) || !members.is_empty()).then_some(members)
}

fn arguments(plan: &ToolPlan) -> impl Iterator<Item = &Argument> {
    plan.arguments.iter().filter(|argument| !argument.hidden)
}

fn is_open(plan: &ToolPlan) -> bool {
    plan.body == Some(Body::Object { open: true })
}

fn argument_type(schema: &Json) -> TokenStream {
    match schema.get("type").and_then(Json::as_str) {
        Some("string") => quote!(String),
        Some("integer") => quote!(i64),
        Some("number") => quote!(Number),
        Some("boolean") => quote!(bool),
        Some("array") => {
            let item = schema.get("items").map_or_else(|| quote!(Value), argument_type);
            quote!(Vec<#item>)
        }
        _ => quote!(Value),
    }
}

fn definition(name: &str, Definition { description, kind }: &Definition, recursive: &Recursive<'_>) -> TokenStream {
    let (type_, comment) = (ident(name), documented(&[escaped(description)]));
    match kind {
        Kind::Object(members) => {
            let fields = members.iter().map(|member| {
                let (comment, field) = (documented(&[escaped(&member.description)]), ident(&member.name));
                let inner = type_of(&member.shape);
                let inner = if recursive.contains(name, member) { quote!(Box<#inner>) } else { inner };
                quote!(#comment pub #field: Option<#inner>)
            });
            let reads = members.iter().map(|Member { name, wire, .. }| {
                let field = ident(name);
                quote!(#field: members.take(#wire))
            });
            quote! {
                #comment
                #[derive(Clone, Debug, Default, PartialEq)]
                pub struct #type_ {
                    #(#fields,)*
                    /// All other members, and what is of another kind than documented.
                    pub other: BTreeMap<String, Json>,
                }
                impl Typed for #type_ {
                    fn read(json: &str) -> Fit<Self> {
                        object(json, |members| Self { #(#reads,)* other: members.rest() })
                    }
                }
            }
        }
        Kind::Choice(values) => {
            let variants: Vec<_> = values.iter().map(|(value, variant)| (value, ident(variant))).collect();
            let declared = variants.iter().map(|(value, variant)| {
                let comment = documented(&[format!("`{}`", text::line(value).replace('`', "'"))]);
                quote!(#comment #variant)
            });
            let reads = variants.iter().map(|(value, variant)| quote!(#value => Self::#variant));
            let writes = variants.iter().map(|(value, variant)| quote!(Self::#variant => #value));
            quote! {
                #comment
                #[derive(Clone, Debug, PartialEq, Eq)]
                pub enum #type_ {
                    #(#declared,)*
                    /// A value that the document does not have.
                    Other(String),
                }
                impl #type_ {
                    /// The value as the API writes it.
                    pub fn as_str(&self) -> &str {
                        match self {
                            #(#writes,)*
                            Self::Other(value) => value,
                        }
                    }
                }
                impl Typed for #type_ {
                    fn read(json: &str) -> Fit<Self> {
                        choice(json, |value| match value {
                            #(#reads,)*
                            other => Self::Other(other.to_owned()),
                        })
                    }
                }
            }
        }
    }
}

fn type_of(shape: &Shape) -> TokenStream {
    match shape {
        Shape::Any => quote!(Json),
        Shape::Boolean => quote!(bool),
        Shape::Number => quote!(Number),
        Shape::Text => quote!(String),
        Shape::File => quote!(File),
        Shape::Named(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Shape::List(item) => {
            let item = type_of(item);
            quote!(Vec<#item>)
        }
        Shape::Map(value) => {
            let value = type_of(value);
            quote!(BTreeMap<String, #value>)
        }
    }
}

/// Which types contain themselves without a list or a map between: for each type, what it contains.
struct Recursive<'a>(HashMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Recursive<'a> {
    fn of(types: &'a Types) -> Self {
        let direct = |definition: &'a Definition| match &definition.kind {
            Kind::Object(members) => members.iter().filter_map(contained).collect(),
            Kind::Choice(_) => BTreeSet::new(),
        };
        Self(types.definitions.iter().map(|(name, definition)| (name.as_str(), direct(definition))).collect())
    }

    /// Whether a member of this type contains the type again.
    fn contains(&self, owner: &str, member: &Member) -> bool {
        let mut left: Vec<&str> = contained(member).into_iter().collect();
        let mut seen: BTreeSet<&str> = left.iter().copied().collect();
        while let Some(name) = left.pop() {
            if name == owner {
                return true;
            }
            left.extend(self.0.get(name).into_iter().flatten().filter(|inner| seen.insert(inner)));
        }
        false
    }
}

fn contained(member: &Member) -> Option<&str> {
    match &member.shape {
        Shape::Named(name) => Some(name),
        _ => None,
    }
}

/// A text of the document or the overlay that cannot mean anything to rustdoc.
fn escaped(text: &str) -> String {
    text::line(text).replace('<', "\\<").replace('[', "\\[")
}

/// The description of an argument, its values and what is sent without it.
fn text_of_argument(plan: &ToolPlan, argument: &Argument) -> String {
    let stated = argument.schema.get("description").and_then(Json::as_str);
    let text = stated.map_or_else(|| format!("`{}` in the API.", argument.wire.replace('`', "'")), escaped);
    let code = |json: &Json| format!("`{}`", json.to_string().replace('`', "'"));
    let values = argument.schema.get("enum").and_then(Json::as_array).map(|values| {
        let values: Vec<String> = values.iter().map(code).collect();
        format!("One of {}.", values.join(", "))
    });
    let default = plan.tool.defaults.get(&argument.name).map(|default| format!("Default: {}.", code(default)));
    [Some(text), values, default].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Comments, a paragraph for each text.
fn documented(texts: &[String]) -> TokenStream {
    let mut lines = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + word.chars().count() > LINE {
                lines.push(std::mem::take(&mut line));
            }
            line = line + " " + word;
        }
        lines.push(line);
    }
    quote!(#(#[doc = #lines])*)
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
