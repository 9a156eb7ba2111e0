/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "list_items",
        |call, arguments| ::std::boxed::Box::pin(
            list_items(super::client(call), arguments),
        ),
    ),
];

async fn list_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<::std::string::String>("type")? {
        request = request.type_(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("self")? {
        request = request.self_(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("in")? {
        request = request.in_(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("async")? {
        request = request.async_(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("crate")? {
        request = request.crate_(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("url")? {
        request = request.url(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("request")? {
        request = request.request(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("response")? {
        request = request.response(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("result")? {
        request = request.result(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("value")? {
        request = request.value(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("info")? {
        request = request.info(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("body")? {
        request = request.body(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("content_type")? {
        request = request.content_type(value);
    }
    super::received(&client, request.send().await)
}
