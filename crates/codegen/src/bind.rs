//! Parses the generated client, so that the tool functions pass what its methods really take, in their order.

use std::collections::HashMap;

use syn::{FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, Type};

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Api, ArgumentLocation, ToolPlan};
use crate::names;

/// The client's method for a tool.
#[derive(Clone)]
pub struct Binding {
    /// its name; no other method has it
    pub method: syn::Ident,
    /// its parameters, in their order
    pub parameters: Vec<Parameter>,
}

#[derive(Clone, Copy)]
pub struct Parameter {
    pub source: Source,
    pub passing: Passing,
    pub is_optional: bool,
}

/// What a parameter is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// the tool's argument with this index
    Argument(usize),
    Body,
    /// the media type of a body of bytes
    ContentType,
}

/// How a parameter is passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    Value,
    Reference,
    /// `&str`
    Text,
}

/// Binds every tool, in the order of [`Api::tools`], and reports what the client lacks.
pub fn bind(
    api: &Api,
    client: &syn::File,
    location_of: &dyn Fn(&str) -> Location,
    diagnostics: &mut Diagnostics,
) -> Vec<Binding> {
    let methods = methods(client);
    let mut bindings = Vec::new();
    for plan in api.tools() {
        match bind_tool(plan, &methods) {
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

/// The parameters of each method of the client, with their names and types.
type Methods<'a> = HashMap<String, Vec<(String, &'a Type)>>;

fn methods(client: &syn::File) -> Methods<'_> {
    let own = client.items.iter().filter_map(|item| match item {
        Item::Impl(item) if item.trait_.is_none() => Some(&item.items),
        _ => None,
    });
    let methods = own.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(&method.sig),
        _ => None,
    });
    methods.map(|method| (method.ident.to_string(), method.inputs.iter().filter_map(parameter).collect())).collect()
}

/// The name and the type of a parameter that is not `self`.
fn parameter(input: &FnArg) -> Option<(String, &Type)> {
    let FnArg::Typed(typed) = input else { return None };
    match &*typed.pat {
        Pat::Ident(pattern) => Some((pattern.ident.to_string(), &typed.ty)),
        _ => None,
    }
}

fn bind_tool(plan: &ToolPlan, methods: &Methods<'_>) -> Result<Binding, String> {
    let method = names::rust_snake(&plan.tool.name);
    let parameters = methods.get(&method).ok_or_else(|| format!("method `{method}`"))?;
    let mut expected: HashMap<String, Source> = HashMap::new();
    for (index, argument) in plan.arguments.iter().enumerate().filter(|(_, argument)| argument.location != ArgumentLocation::Body)
    {
        expected.insert(names::rust_snake(&argument.wire), Source::Argument(index));
    }
    expected.extend(plan.body.as_ref().map(|_| ("body".to_owned(), Source::Body)));
    expected.extend(plan.body.as_ref().filter(|body| body.is_bytes()).map(|_| ("content_type".to_owned(), Source::ContentType)));
    let bound = parameters.iter().map(|(name, type_)| {
        let source = expected.remove(name).ok_or_else(|| format!("argument for `{name}` of `{method}`"))?;
        let inner = generic(type_, "Option");
        let passing = match inner.unwrap_or(type_) {
            Type::Reference(reference) if is_str(&reference.elem) => Passing::Text,
            Type::Reference(_) => Passing::Reference,
            _ => Passing::Value,
        };
        Ok(Parameter { source, passing, is_optional: inner.is_some() })
    });
    let parameters = bound.collect::<Result<Vec<_>, String>>()?;
    match expected.keys().min() {
        Some(missing) => Err(format!("`{missing}` for `{method}`")),
        None => Ok(Binding { method: ident(&method)?, parameters }),
    }
}

fn ident(name: &str) -> Result<syn::Ident, String> {
    syn::parse_str(name).map_err(|_| format!("Rust name for `{name}`"))
}

fn is_str(type_: &Type) -> bool {
    matches!(type_, Type::Path(path) if path.path.is_ident("str"))
}

/// The first generic argument of a type whose last name is `wanted`.
fn generic<'a>(type_: &'a Type, wanted: &str) -> Option<&'a Type> {
    let Type::Path(path) = type_ else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == wanted)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}
