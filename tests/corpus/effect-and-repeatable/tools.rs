/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "match_items",
        |client, arguments| ::std::boxed::Box::pin(match_items(client, arguments)),
    ),
];
async fn match_items(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.match_items();
    client.answer(request.send().await)
}
