/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "delete_item",
        |client, arguments| ::std::boxed::Box::pin(delete_item(client, arguments)),
    ),
];
async fn delete_item(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.delete_item();
    client.answer(request.send().await)
}
