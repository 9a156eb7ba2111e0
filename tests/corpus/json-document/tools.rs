/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    ("get_item", |client, arguments| ::std::boxed::Box::pin(get_item(client, arguments))),
];
async fn get_item(
    client: &Client,
    mut arguments: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let mut request = client.get_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    client.answer(request.send().await)
}
