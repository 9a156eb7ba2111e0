/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "delete_item",
        |client, arguments| ::std::boxed::Box::pin(delete_item(client, arguments)),
    ),
    (
        "get_item",
        |client, arguments| ::std::boxed::Box::pin(get_item(client, arguments)),
    ),
    (
        "list_items",
        |client, arguments| ::std::boxed::Box::pin(list_items(client, arguments)),
    ),
    (
        "list_shops",
        |client, arguments| ::std::boxed::Box::pin(list_shops(client, arguments)),
    ),
    (
        "order_items",
        |client, arguments| ::std::boxed::Box::pin(order_items(client, arguments)),
    ),
];
async fn delete_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.delete_item();
    request = request.id(arguments.segment::<i64>("id")?);
    client.answer(request.send().await)
}
async fn get_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.get_item();
    request = request.id(arguments.segment::<i64>("id")?);
    client.answer(request.send().await)
}
async fn list_items(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    client.answer(request.send().await)
}
async fn list_shops(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_shops();
    client.answer(request.send().await)
}
async fn order_items(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.order_items();
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    client.answer(request.send().await)
}
