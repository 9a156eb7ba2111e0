//! Emits one function per tool, which takes the arguments, sets them on the typed builder and sends the request. Its only control
//! flow is to set what is present.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::bind::{Binding, Setter};
use crate::ir::{Api, Argument, ArgumentLocation, Body, Encoding, Scalar, ToolPlan};

/// The sorted table of tools and their functions.
pub fn tools(api: &Api, bindings: &[Binding]) -> TokenStream {
    let tools = api.tools();
    let entries = tools.iter().zip(bindings).map(|(plan, binding)| {
        let (name, function) = (&plan.tool.name, &binding.method);
        quote!((#name, |call, arguments| ::std::boxed::Box::pin(#function(super::client(call), arguments))))
    });
    let functions = tools.iter().zip(bindings).map(|(plan, binding)| function(plan, binding));
    quote! {
        /// the function of each tool, sorted by name
        pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[#(#entries),*];
        #(#functions)*
    }
}

/// The function of one tool.
fn function(plan: &ToolPlan, binding: &Binding) -> TokenStream {
    let function = &binding.method;
    let outside_body =
        plan.arguments.iter().zip(&binding.arguments).filter_map(|(argument, setter)| Some((argument, setter.as_ref()?)));
    let setters = outside_body.map(|(argument, setter)| set(argument, setter));
    let body = plan.body.as_ref().zip(binding.body.as_ref()).map(|(body, type_)| self::body(plan, body, type_));
    let arguments = if plan.arguments.is_empty() && plan.body.is_none() {
        quote!(_: super::Arguments)
    } else {
        quote!(mut arguments: super::Arguments)
    };
    let request = if plan.arguments.is_empty() && plan.body.is_none() { quote!(let request) } else { quote!(let mut request) };
    quote! {
        async fn #function(client: Client, #arguments) -> ::std::result::Result<super::Received, super::ToolError> {
            #request = client.#function();
            #(#setters)*
            #body
            super::received(&client, request.send().await)
        }
    }
}

fn set(argument: &Argument, setter: &Setter) -> TokenStream {
    let (name, wire, ident, type_) = (&argument.name, &argument.wire, &setter.ident, &setter.type_);
    if argument.location == ArgumentLocation::Path {
        let segment = match argument.encoding {
            Encoding::Plain(Scalar::Number) => quote!(arguments.segment::<::serde_json::Number>(#name)?.to_string()),
            Encoding::Joined(separator) => quote!(arguments.joined_segment(#name, #separator)?),
            Encoding::Pairs(sign) => quote!(arguments.pairs_segment(#name, #sign)?),
            _ => quote!(arguments.segment::<#type_>(#name)?),
        };
        return quote!(request = request.#ident(#segment););
    }
    let taken = match argument.encoding {
        Encoding::Plain(Scalar::Number) => {
            quote!(arguments.value::<::serde_json::Number>(#name)?.map(|number| number.to_string()))
        }
        Encoding::Plain(_) | Encoding::Repeated(_) => quote!(arguments.value::<#type_>(#name)?),
        Encoding::Pairs(sign) => quote!(arguments.pairs(#name, #sign)?),
        Encoding::Members => quote!(arguments.members(#name)?),
        Encoding::Deep => quote!(arguments.deep(#name, #wire)?),
        Encoding::Joined(separator) => quote!(arguments.joined(#name, #separator)?),
        Encoding::Json => quote!(arguments.json(#name)?),
    };
    quote! {
        if let Some(value) = #taken {
            request = request.#ident(value);
        }
    }
}

fn body(plan: &ToolPlan, body: &Body, type_: &syn::Type) -> TokenStream {
    let parts = || plan.arguments.iter().filter(|argument| argument.location == ArgumentLocation::Body);
    let pair = |argument: &Argument| {
        let (name, wire) = (&argument.name, &argument.wire);
        quote!((#name, #wire))
    };
    match body {
        Body::Object { open: true } => {
            let renamed = parts().filter(|argument| argument.name != argument.wire).map(pair);
            quote!(request = request.body(arguments.rest::<#type_>(&[#(#renamed),*])?);)
        }
        Body::Object { open: false } => {
            let pairs = parts().map(pair);
            quote!(request = request.body(arguments.object::<#type_>(&[#(#pairs),*])?);)
        }
        Body::Whole { argument } => {
            let name = plan.arguments.iter().find(|candidate| candidate.wire == *argument).map_or(argument, |found| &found.name);
            quote!(request = request.body(arguments.whole::<#type_>(#name)?);)
        }
        Body::Form => {
            let pairs = parts().map(pair);
            bytes(&quote!(arguments.form(&[#(#pairs),*])))
        }
        Body::Urlencoded => {
            let pairs = parts().map(pair);
            bytes(&quote!(arguments.urlencoded(&[#(#pairs),*])))
        }
        Body::Text { argument, media } => {
            let name = plan.arguments.iter().find(|candidate| candidate.wire == *argument).map_or(argument, |found| &found.name);
            bytes(&quote!(arguments.text(#name, #media)))
        }
        Body::Bytes { argument, media } => {
            let name = plan.arguments.iter().find(|candidate| candidate.wire == *argument).map_or(argument, |found| &found.name);
            bytes(&quote!(arguments.content(#name, #media)))
        }
    }
}

/// A body of bytes with its media type.
fn bytes(made: &TokenStream) -> TokenStream {
    let form = format_ident!("form");
    quote! {
        let #form = #made?;
        request = request.content_type(#form.content_type).body(#form.body);
    }
}
