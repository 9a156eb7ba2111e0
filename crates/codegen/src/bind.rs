//! Parses the generated client, so that the tool functions use the names and types that it really has.

use std::collections::HashMap;

use syn::{Fields, GenericArgument, Item, PathArguments, Type};

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Api, ArgumentLocation, ToolPlan};
use crate::names;

/// What the client calls a tool and its parts.
#[derive(Clone)]
pub struct Binding {
    /// name of the client's method; no other method has it
    pub method: syn::Ident,
    /// setter and type of each argument outside the body, in the order of the tool's arguments; `None` for the body's
    pub arguments: Vec<Option<Setter>>,
    /// type of the body, where the call has one
    pub body: Option<Type>,
}

#[derive(Clone)]
pub struct Setter {
    pub ident: syn::Ident,
    pub type_: Type,
}

/// Binds every tool, in the order of [`Api::tools`], and reports what the client lacks.
pub fn bind(
    api: &Api,
    client: &syn::File,
    location_of: &dyn Fn(&str) -> Location,
    diagnostics: &mut Diagnostics,
) -> Vec<Binding> {
    let builders = builders(client);
    let mut bindings = Vec::new();
    for plan in api.tools() {
        match bind_tool(plan, &builders) {
            Ok(binding) => bindings.push(binding),
            Err(missing) => {
                diagnostics
                    .error("E0403", location_of(&plan.tool.operation_id), format!("the generated client has no {missing}"))
                    .hint("please report this; the client generator gave it an unexpected name");
            }
        }
    }
    bindings
}

type Builders<'a> = HashMap<String, HashMap<String, &'a Type>>;

/// The fields of each struct in the client's `builder` module.
fn builders(client: &syn::File) -> Builders<'_> {
    let modules = client.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => module.content.as_ref(),
        _ => None,
    });
    let structs = modules.flat_map(|(_, items)| items).filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    });
    structs
        .map(|item| {
            let fields = match &item.fields {
                Fields::Named(fields) => {
                    fields.named.iter().filter_map(|field| Some((field.ident.as_ref()?.to_string(), &field.ty))).collect()
                }
                _ => HashMap::new(),
            };
            (item.ident.to_string(), fields)
        })
        .collect()
}

fn bind_tool(plan: &ToolPlan, builders: &Builders<'_>) -> Result<Binding, String> {
    let name = names::rust_pascal(&plan.tool.name);
    let fields = builders.get(&name).ok_or_else(|| format!("builder `{name}`"))?;
    let field = |name: &str| -> Result<Type, String> {
        let type_ = fields.get(name).ok_or_else(|| format!("`{name}` for `{}`", plan.tool.name))?;
        value_type(type_).ok_or_else(|| format!("type for `{name}` of `{}`", plan.tool.name))
    };
    let mut arguments = Vec::with_capacity(plan.arguments.len());
    for argument in &plan.arguments {
        arguments.push(if argument.location == ArgumentLocation::Body {
            None
        } else {
            let setter = names::rust_snake(&plan.client_name(argument));
            let type_ = field(&setter)?;
            Some(Setter { ident: ident(&setter)?, type_ })
        });
    }
    let body = plan.body.as_ref().map(|_| field("body")).transpose()?;
    Ok(Binding { method: ident(&names::rust_snake(&plan.tool.name))?, arguments, body })
}

fn ident(name: &str) -> Result<syn::Ident, String> {
    syn::parse_str(name).map_err(|_| format!("Rust name for `{name}`"))
}

/// The type `T` of `Result<T, String>`, of `Result<Option<T>, String>`, and of a body's `Result<types::builder::T, String>`.
fn value_type(field: &Type) -> Option<Type> {
    let inner = generic(field, "Result")?;
    let inner = generic(&inner, "Option").unwrap_or(inner);
    let Type::Path(mut path) = inner else { return Some(inner) };
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    if let [types, builder, _] = segments.as_slice()
        && types == "types"
        && builder == "builder"
    {
        path.path.segments =
            path.path.segments.into_pairs().enumerate().filter(|(index, _)| *index != 1).map(|(_, pair)| pair).collect();
    }
    Some(Type::Path(path))
}

/// The first generic argument of a type whose last name is `wanted`.
fn generic(type_: &Type, wanted: &str) -> Option<Type> {
    let Type::Path(path) = type_ else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == wanted)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner.clone()),
        _ => None,
    }
}
