/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "get_item",
        |client, arguments| ::std::boxed::Box::pin(get_item(client, arguments)),
    ),
    (
        "replace_item",
        |client, arguments| ::std::boxed::Box::pin(replace_item(client, arguments)),
    ),
];
async fn get_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.get_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<i64>("page")? {
        request = request.page(value);
    }
    client.answer(request.send().await)
}
async fn replace_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.replace_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("color")? {
        request = request.color(value);
    }
    request = request
        .body(arguments.object::<types::ReplaceItemBody>(&[("name", "name")])?);
    client.answer(request.send().await)
}
