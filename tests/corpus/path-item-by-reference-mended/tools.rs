/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "list_items",
        |client, arguments| ::std::boxed::Box::pin(list_items(client, arguments)),
    ),
];
async fn list_items(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.list_items();
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    client.answer(request.send().await)
}
