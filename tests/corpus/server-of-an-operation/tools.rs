/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "create_item",
        |client, arguments| ::std::boxed::Box::pin(create_item(client, arguments)),
    ),
    (
        "list_items",
        |client, arguments| ::std::boxed::Box::pin(list_items(client, arguments)),
    ),
];
async fn create_item(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.create_item();
    client.answer(request.send().await)
}
async fn list_items(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items();
    client.answer(request.send().await)
}
