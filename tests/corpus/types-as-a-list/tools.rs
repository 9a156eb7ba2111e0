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
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("order")? {
        request = request.order(value);
    }
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(
                    &[
                        ("name", "name"),
                        ("code", "code"),
                        ("only", "only"),
                        ("nothing", "nothing"),
                        ("owner", "owner"),
                        ("size", "size"),
                    ],
                )?,
        );
    client.answer(request.send().await)
}
