/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "download_file",
        |call, arguments| ::std::boxed::Box::pin(
            download_file(super::client(call), arguments),
        ),
    ),
];

async fn download_file(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.download_file();
    super::received(&client, request.send().await)
}
