/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "delete_item",
        |call, arguments| ::std::boxed::Box::pin(
            delete_item(super::client(call), arguments),
        ),
    ),
];

async fn delete_item(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.delete_item();
    super::received(&client, request.send().await)
}
