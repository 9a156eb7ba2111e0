/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "create_item",
        |client, arguments| ::std::boxed::Box::pin(create_item(client, arguments)),
    ),
];
async fn create_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.create_item();
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(
                    &[
                        ("kind", "kind"),
                        ("color", "color"),
                        ("watts", "watts"),
                        ("socket", "socket"),
                        ("legs", "legs"),
                        ("paint", "paint"),
                    ],
                )?,
        );
    client.answer(request.send().await)
}
