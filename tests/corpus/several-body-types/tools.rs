/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
    (
        "replace_items",
        |call, arguments| ::std::boxed::Box::pin(
            replace_items(super::client(call), arguments),
        ),
    ),
];

async fn create_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item();
    request = request
        .body(arguments.object::<types::CreateItemBody>(&[("name", "name")])?);
    super::received(&client, request.send().await)
}

async fn replace_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.replace_items();
    let form = arguments.urlencoded(&[("name", "name")])?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}
