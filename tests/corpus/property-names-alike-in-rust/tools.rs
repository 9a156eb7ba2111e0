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
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(
                    &[
                        ("itemId", "itemId"),
                        ("item_id", "item_id"),
                        ("ITEM-ID", "ITEM-ID"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}
