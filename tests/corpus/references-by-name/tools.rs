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
                    types::CreateItemBody,
                >(
                    &[
                        ("size", "size"),
                        ("color", "color"),
                        ("owner", "owner"),
                        ("parts", "parts"),
                        ("wrong", "wrong"),
                    ],
                )?,
        );
    client.answer(request.send().await)
}
