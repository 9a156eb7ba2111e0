/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
    (
        "list_items",
        |call, arguments| ::std::boxed::Box::pin(
            list_items(super::client(call), arguments),
        ),
    ),
    (
        "list_staff",
        |call, arguments| ::std::boxed::Box::pin(
            list_staff(super::client(call), arguments),
        ),
    ),
];

async fn create_item(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.create_item();
    super::received(&client, request.send().await)
}

async fn list_items(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items();
    super::received(&client, request.send().await)
}

async fn list_staff(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_staff();
    super::received(&client, request.send().await)
}
