//! Emits one function per tool, which takes the arguments one by one and passes them to the client. It has no control flow.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::bind::{Binding, Parameter, Passing, Source};
use crate::ir::{Api, Argument, ArgumentLocation, Body, Encoding, Scalar, ToolPlan};
use crate::names;
use crate::text;

/// Names that the functions use for something else.
const TAKEN: [&str; 7] = ["arguments", "body", "client", "form", "received", "required", "sent"];

/// The sorted table of tools and their functions.
pub fn tools(api: &Api, bindings: &[Binding]) -> TokenStream {
    let tools = api.tools();
    let entries = tools.iter().zip(bindings).map(|(plan, binding)| {
        let (name, function) = (&plan.tool.name, &binding.method);
        quote!((#name, tool_fn!(#function)))
    });
    let functions = tools.iter().zip(bindings).map(|(plan, binding)| function(plan, binding));
    quote! {
        use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

        /// The function of each tool, sorted by name.
        pub static TOOL_FNS: &[(&str, ToolFn)] = &[#(#entries),*];

        #(#functions)*
    }
}

/// The function of one tool.
fn function(plan: &ToolPlan, binding: &Binding) -> TokenStream {
    let function = &binding.method;
    let comment = format!(" {} {}", plan.tool.method, text::line(&plan.tool.path));
    let taken = plan.arguments.iter().enumerate().filter_map(|(index, argument)| {
        let parameter = binding.parameters.iter().find(|parameter| parameter.source == Source::Argument(index))?;
        Some(take(argument, &local(plan, argument), *parameter))
    });
    let passing = binding.parameters.iter().find(|parameter| parameter.source == Source::Body).map(|body| body.passing);
    let body = plan.body.as_ref().zip(passing).map(|(body, passing)| self::body(plan, body, passing));
    let passed = binding.parameters.iter().map(|parameter| pass(plan, *parameter));
    let arguments =
        if plan.arguments.is_empty() && plan.body.is_none() { quote!(_: Arguments) } else { quote!(mut arguments: Arguments) };
    quote! {
        #[doc = #comment]
        async fn #function(client: Client, #arguments) -> Reply {
            #(#taken)*
            #body
            let sent = client.#function(#(#passed),*).await;
            received(&client, sent)
        }
    }
}

/// Takes an argument out.
fn take(argument: &Argument, local: &Ident, parameter: Parameter) -> TokenStream {
    let (name, wire) = (&argument.name, &argument.wire);
    if argument.location == ArgumentLocation::Path {
        return match (argument.encoding, parameter.passing) {
            (Encoding::Plain(Scalar::Number), _) => {
                quote!(let #local = arguments.segment::<::serde_json::Number>(#name)?.to_string();)
            }
            (Encoding::Joined(separator), _) => quote!(let #local = arguments.joined_segment(#name, #separator)?;),
            (Encoding::Pairs(sign), _) => quote!(let #local = arguments.pairs_segment(#name, #sign)?;),
            (_, Passing::Text) => quote!(let #local = arguments.segment::<String>(#name)?;),
            _ => quote!(let #local = arguments.segment(#name)?;),
        };
    }
    let taken = match argument.encoding {
        Encoding::Plain(Scalar::Number) => quote!(arguments.number(#name)?),
        Encoding::Plain(Scalar::String) => quote!(arguments.string(#name)?),
        Encoding::Plain(_) | Encoding::Repeated(_) => quote!(arguments.value(#name)?),
        Encoding::Pairs(sign) => quote!(arguments.pairs(#name, #sign)?),
        Encoding::Members => quote!(arguments.members(#name)?),
        Encoding::Deep => quote!(arguments.deep(#name, #wire)?),
        Encoding::Joined(separator) => quote!(arguments.joined(#name, #separator)?),
        Encoding::Json => quote!(arguments.json(#name)?),
    };
    if parameter.is_optional { quote!(let #local = #taken;) } else { quote!(let #local = required(#name, #taken)?;) }
}

/// Passes what was taken out.
fn pass(plan: &ToolPlan, Parameter { source, passing, is_optional }: Parameter) -> TokenStream {
    let is_bytes = plan.body.as_ref().is_some_and(Body::is_bytes);
    let local = match source {
        Source::Argument(index) => plan.arguments.get(index).map(|argument| local(plan, argument)),
        Source::ContentType => return quote!(&form.content_type),
        Source::Body if is_bytes => return quote!(form.body),
        Source::Body => None,
    };
    let local = local.unwrap_or_else(|| format_ident!("body"));
    match (passing, is_optional) {
        (Passing::Value, _) => quote!(#local),
        (Passing::Reference | Passing::Text, false) => quote!(&#local),
        (Passing::Reference, true) => quote!(#local.as_ref()),
        (Passing::Text, true) => quote!(#local.as_deref()),
    }
}

/// The variable of an argument.
fn local(plan: &ToolPlan, argument: &Argument) -> Ident {
    let name = names::rust_snake(&plan.client_name(argument));
    if TAKEN.contains(&&*name) { format_ident!("{name}_") } else { format_ident!("{name}") }
}

/// Takes the body out.
fn body(plan: &ToolPlan, body: &Body, passing: Passing) -> TokenStream {
    let name = |wire: &String| {
        plan.arguments.iter().find(|candidate| candidate.wire == *wire).map_or_else(|| wire.clone(), |found| found.name.clone())
    };
    match body {
        Body::Object { open: true } => {
            let renamed = in_body(plan).filter(|argument| argument.name != argument.wire);
            let pairs = renamed.map(|Argument { name, wire, .. }| quote!((#name, #wire)));
            quote!(let body = arguments.rest(&[#(#pairs),*])?;)
        }
        Body::Object { open: false } => {
            let parts = parts(plan);
            quote!(let body = arguments.object(#parts)?;)
        }
        Body::Whole { argument } => {
            let name = name(argument);
            let type_ = (passing == Passing::Text).then(|| quote!(::<String>));
            quote!(let body = arguments.whole #type_ (#name)?;)
        }
        Body::Form { files } => {
            let parts = parts(plan);
            quote!(let form = arguments.form(#parts, &[#(#files),*])?;)
        }
        Body::Urlencoded => {
            let parts = parts(plan);
            quote!(let form = arguments.urlencoded(#parts)?;)
        }
        Body::Text { argument, media } => {
            let name = name(argument);
            quote!(let form = arguments.text(#name, #media)?;)
        }
        Body::Bytes { argument, media } => {
            let name = name(argument);
            quote!(let form = arguments.content(#name, #media)?;)
        }
    }
}

fn in_body(plan: &ToolPlan) -> impl Iterator<Item = &Argument> {
    plan.arguments.iter().filter(|argument| argument.location == ArgumentLocation::Body)
}

/// The names of the body's arguments, each with that of its property if one of them has another.
fn parts(plan: &ToolPlan) -> TokenStream {
    let names: Vec<&String> = in_body(plan).map(|argument| &argument.name).collect();
    if names.is_empty() {
        return quote!(&[] as &[&str]);
    }
    if in_body(plan).all(|argument| argument.name == argument.wire) {
        return quote!(&[#(#names),*]);
    }
    let wires = in_body(plan).map(|argument| &argument.wire);
    quote!(&[#((#names, #wires)),*])
}
