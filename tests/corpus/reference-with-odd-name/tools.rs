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
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    super::received(&client, request.send().await)
}
