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
];

async fn delete_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<::std::string::String>("lang")? {
        request = request.lang(value);
    }
    super::received(&client, request.send().await)
}

async fn get_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_item();
    if let Some(value) = arguments.value::<::std::string::String>("lang")? {
        request = request.lang(value);
    }
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    super::received(&client, request.send().await)
}
