/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "delete_item",
        |client, arguments| ::std::boxed::Box::pin(delete_item(client, arguments)),
    ),
    ("get_item", |client, arguments| ::std::boxed::Box::pin(get_item(client, arguments))),
];
async fn delete_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.delete_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    if let Some(value) = arguments.value::<::std::string::String>("lang")? {
        request = request.lang(value);
    }
    client.answer(request.send().await)
}
async fn get_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.get_item();
    if let Some(value) = arguments.value::<::std::string::String>("lang")? {
        request = request.lang(value);
    }
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    client.answer(request.send().await)
}
