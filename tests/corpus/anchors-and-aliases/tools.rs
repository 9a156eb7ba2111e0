/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "list_items",
        |call, arguments| ::std::boxed::Box::pin(
            list_items(super::client(call), arguments),
        ),
    ),
    (
        "list_parts",
        |call, arguments| ::std::boxed::Box::pin(
            list_parts(super::client(call), arguments),
        ),
    ),
];

async fn list_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    super::received(&client, request.send().await)
}

async fn list_parts(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_parts();
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    super::received(&client, request.send().await)
}
