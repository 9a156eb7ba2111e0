/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "get_item",
        |call, arguments| ::std::boxed::Box::pin(
            get_item(super::client(call), arguments),
        ),
    ),
    (
        "replace_item",
        |call, arguments| ::std::boxed::Box::pin(
            replace_item(super::client(call), arguments),
        ),
    ),
];

async fn get_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    super::received(&client, request.send().await)
}

async fn replace_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.replace_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("color")? {
        request = request.color(value);
    }
    request = request
        .body(arguments.object::<types::ReplaceItemBody>(&[("name", "name")])?);
    super::received(&client, request.send().await)
}
