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
    let form = arguments
        .form(&[("picture", "picture"), ("code", "code"), ("settings", "settings")])?;
    request = request.content_type(form.content_type).body(form.body);
    client.answer(request.send().await)
}
