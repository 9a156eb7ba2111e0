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
    if let Some(value) = arguments.value::<::std::string::String>("filter")? {
        request = request.filter(value);
    }
    if let Some(value) = arguments.value::<i64>("width")? {
        request = request.größe(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.page_size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("its")? {
        request = request.its(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("2nd")? {
        request = request._2nd(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("plus")? {
        request = request.plus1(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("quote")? {
        request = request.quote(value);
    }
    super::received(&client, request.send().await)
}
