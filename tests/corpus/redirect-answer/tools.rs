/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "download_file",
        |client, arguments| ::std::boxed::Box::pin(download_file(client, arguments)),
    ),
];
async fn download_file(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.download_file();
    client.answer(request.send().await)
}
