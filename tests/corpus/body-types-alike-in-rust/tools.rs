/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
    (
        "create_item_body",
        |call, arguments| ::std::boxed::Box::pin(
            create_item_body(super::client(call), arguments),
        ),
    ),
];

async fn create_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item();
    request = request
        .body(arguments.object::<types::CreateItemBody>(&[("body", "body")])?);
    super::received(&client, request.send().await)
}

async fn create_item_body(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item_body();
    request = request
        .body(arguments.object::<types::CreateItemBodyBody>(&[("y", "y")])?);
    super::received(&client, request.send().await)
}
