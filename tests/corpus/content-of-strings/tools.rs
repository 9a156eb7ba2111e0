/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
];

async fn create_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item();
    let form = arguments
        .form(&[("picture", "picture"), ("code", "code"), ("settings", "settings")])?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}
