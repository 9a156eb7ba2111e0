/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "get_item",
        |call, arguments| ::std::boxed::Box::pin(
            get_item(super::client(call), arguments),
        ),
    ),
];
async fn get_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    super::received(&client, request.send().await)
}
