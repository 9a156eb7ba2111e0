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
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    client.answer(request.send().await)
}
