/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "match_items",
        |call, arguments| ::std::boxed::Box::pin(
            match_items(super::client(call), arguments),
        ),
    ),
];

async fn match_items(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.match_items();
    super::received(&client, request.send().await)
}
