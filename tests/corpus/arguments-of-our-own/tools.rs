/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "delete_item",
        |call, arguments| ::std::boxed::Box::pin(
            delete_item(super::client(call), arguments),
        ),
    ),
    (
        "get_item",
        |call, arguments| ::std::boxed::Box::pin(
            get_item(super::client(call), arguments),
        ),
    ),
    (
        "list_items",
        |call, arguments| ::std::boxed::Box::pin(
            list_items(super::client(call), arguments),
        ),
    ),
    (
        "list_shops",
        |call, arguments| ::std::boxed::Box::pin(
            list_shops(super::client(call), arguments),
        ),
    ),
    (
        "order_items",
        |call, arguments| ::std::boxed::Box::pin(
            order_items(super::client(call), arguments),
        ),
    ),
];

async fn delete_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_item();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn get_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_item();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn list_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    super::received(&client, request.send().await)
}

async fn list_shops(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_shops();
    super::received(&client, request.send().await)
}

async fn order_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.order_items();
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    super::received(&client, request.send().await)
}
