/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "create_item",
        |client, arguments| ::std::boxed::Box::pin(create_item(client, arguments)),
    ),
    (
        "replace_items",
        |client, arguments| ::std::boxed::Box::pin(replace_items(client, arguments)),
    ),
];
async fn create_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.create_item();
    request = request
        .body(arguments.object::<types::CreateItemBody>(&[("name", "name")])?);
    client.answer(request.send().await)
}
async fn replace_items(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.replace_items();
    let form = arguments.urlencoded(&[("name", "name")])?;
    request = request.content_type(form.content_type).body(form.body);
    client.answer(request.send().await)
}
