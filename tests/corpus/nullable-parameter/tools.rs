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
    if let Some(value) = arguments.value::<::std::vec::Vec<i64>>("ids")? {
        request = request.ids(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("name")? {
        request = request.name(value);
    }
    super::received(&client, request.send().await)
}
