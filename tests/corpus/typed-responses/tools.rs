/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
    (
        "delete_item",
        |call, arguments| ::std::boxed::Box::pin(
            delete_item(super::client(call), arguments),
        ),
    ),
    (
        "get_picture",
        |call, arguments| ::std::boxed::Box::pin(
            get_picture(super::client(call), arguments),
        ),
    ),
    (
        "get_tree",
        |call, arguments| ::std::boxed::Box::pin(
            get_tree(super::client(call), arguments),
        ),
    ),
    (
        "list_items",
        |call, arguments| ::std::boxed::Box::pin(
            list_items(super::client(call), arguments),
        ),
    ),
    (
        "list_names",
        |call, arguments| ::std::boxed::Box::pin(
            list_names(super::client(call), arguments),
        ),
    ),
];

async fn create_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item();
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    super::received(&client, request.send().await)
}

async fn delete_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_item();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn get_picture(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_picture();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn get_tree(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.get_tree();
    super::received(&client, request.send().await)
}

async fn list_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("sort")? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.joined("tags", ',')? {
        request = request.tags(value);
    }
    if let Some(value) = arguments
        .value::<::serde_json::Number>("max-price")?
        .map(|number| number.to_string())
    {
        request = request.max_price(value);
    }
    if let Some(value) = arguments.json("where")? {
        request = request.where_(value);
    }
    super::received(&client, request.send().await)
}

async fn list_names(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_names();
    super::received(&client, request.send().await)
}
