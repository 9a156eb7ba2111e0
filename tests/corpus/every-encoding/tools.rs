/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "create_draft",
        |call, arguments| ::std::boxed::Box::pin(
            create_draft(super::client(call), arguments),
        ),
    ),
    (
        "create_item",
        |call, arguments| ::std::boxed::Box::pin(
            create_item(super::client(call), arguments),
        ),
    ),
    (
        "create_note",
        |call, arguments| ::std::boxed::Box::pin(
            create_note(super::client(call), arguments),
        ),
    ),
    (
        "create_picture",
        |call, arguments| ::std::boxed::Box::pin(
            create_picture(super::client(call), arguments),
        ),
    ),
    (
        "create_relation",
        |call, arguments| ::std::boxed::Box::pin(
            create_relation(super::client(call), arguments),
        ),
    ),
    (
        "create_search",
        |call, arguments| ::std::boxed::Box::pin(
            create_search(super::client(call), arguments),
        ),
    ),
    (
        "export_relations",
        |call, arguments| ::std::boxed::Box::pin(
            export_relations(super::client(call), arguments),
        ),
    ),
    (
        "get_part",
        |call, arguments| ::std::boxed::Box::pin(
            get_part(super::client(call), arguments),
        ),
    ),
    (
        "import_relations",
        |call, arguments| ::std::boxed::Box::pin(
            import_relations(super::client(call), arguments),
        ),
    ),
    (
        "list_relation_methods",
        |call, arguments| ::std::boxed::Box::pin(
            list_relation_methods(super::client(call), arguments),
        ),
    ),
    (
        "replace_item",
        |call, arguments| ::std::boxed::Box::pin(
            replace_item(super::client(call), arguments),
        ),
    ),
    (
        "replace_items",
        |call, arguments| ::std::boxed::Box::pin(
            replace_items(super::client(call), arguments),
        ),
    ),
    (
        "trace_relations",
        |call, arguments| ::std::boxed::Box::pin(
            trace_relations(super::client(call), arguments),
        ),
    ),
    (
        "update_item",
        |call, arguments| ::std::boxed::Box::pin(
            update_item(super::client(call), arguments),
        ),
    ),
    (
        "update_relations",
        |call, arguments| ::std::boxed::Box::pin(
            update_relations(super::client(call), arguments),
        ),
    ),
    (
        "upload_file",
        |call, arguments| ::std::boxed::Box::pin(
            upload_file(super::client(call), arguments),
        ),
    ),
];

async fn create_draft(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.create_draft();
    super::received(&client, request.send().await)
}

async fn create_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_item();
    request = request
        .body(
            arguments
                .object::<
                    types::CreateItemBody,
                >(
                    &[
                        ("name", "name"),
                        ("count", "count"),
                        ("isOpen", "isOpen"),
                        ("price", "price"),
                        ("tags", "tags"),
                        ("size", "size"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn create_note(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_note();
    let form = arguments.text("body", "text/markdown")?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}

async fn create_picture(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_picture();
    request = request
        .body(arguments.object::<types::CreatePictureBody>(&[("name", "name")])?);
    super::received(&client, request.send().await)
}

async fn create_relation(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_relation();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    request = request
        .body(arguments.object::<types::CreateRelationBody>(&[("name", "name")])?);
    super::received(&client, request.send().await)
}

async fn create_search(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_search();
    let form = arguments
        .urlencoded(
            &[("q", "q"), ("tags", "tags"), ("size", "size"), ("near", "near")],
        )?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}

async fn export_relations(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.export_relations();
    if let Some(value) = arguments.value::<::std::vec::Vec<i64>>("team_ids")? {
        request = request.team_ids(value);
    }
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    super::received(&client, request.send().await)
}

async fn get_part(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_part();
    request = request.id_item(arguments.segment::<::std::string::String>("idItem")?);
    request = request.id_part(arguments.segment::<i64>("idPart")?);
    if let Some(value) = arguments.value::<::std::string::String>("name")? {
        request = request.name(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<bool>("isOpen")? {
        request = request.is_open(value);
    }
    if let Some(value) = arguments
        .value::<::serde_json::Number>("price")?
        .map(|number| number.to_string())
    {
        request = request.price(value);
    }
    if let Some(value) = arguments
        .value::<::std::vec::Vec<::std::string::String>>("status")?
    {
        request = request.status(value);
    }
    if let Some(value) = arguments.value::<::std::vec::Vec<i64>>("ids")? {
        request = request.ids(value);
    }
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.joined("words", ' ')? {
        request = request.words(value);
    }
    if let Some(value) = arguments.joined("tags", '|')? {
        request = request.tags(value);
    }
    if let Some(value) = arguments.value::<::std::vec::Vec<i64>>("sizes")? {
        request = request.sizes(value);
    }
    if let Some(value) = arguments.members("color")? {
        request = request.color(value);
    }
    if let Some(value) = arguments.pairs("shade", ',')? {
        request = request.shade(value);
    }
    if let Some(value) = arguments.deep("conditions", "where")? {
        request = request.where_(value);
    }
    if let Some(value) = arguments.json("filters")? {
        request = request.filters(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("X-Api.Version")? {
        request = request.x_api_version(value);
    }
    if let Some(value) = arguments.value::<i64>("X-Trace")? {
        request = request.x_trace(value);
    }
    if let Some(value) = arguments.joined("X-Shops", ',')? {
        request = request.x_shops(value);
    }
    if let Some(value) = arguments.pairs("X-Range", '=')? {
        request = request.x_range(value);
    }
    super::received(&client, request.send().await)
}

async fn import_relations(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.import_relations();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    let form = arguments.content("body", "application/zip")?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}

async fn list_relation_methods(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_relation_methods();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    super::received(&client, request.send().await)
}

async fn replace_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.replace_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[("new_name", "name")])?,
        );
    super::received(&client, request.send().await)
}

async fn replace_items(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.replace_items();
    request = request
        .body(arguments.whole::<::std::vec::Vec<types::ReplaceItemsBodyItem>>("body")?);
    super::received(&client, request.send().await)
}

async fn trace_relations(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.trace_relations();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    super::received(&client, request.send().await)
}

async fn update_item(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_item();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[("owner", "owner"), ("name", "name")])?,
        );
    super::received(&client, request.send().await)
}

async fn update_relations(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_relations();
    request = request.id_item(arguments.segment::<i64>("idItem")?);
    request = request
        .body(
            arguments.whole::<::std::vec::Vec<types::UpdateRelationsBodyItem>>("body")?,
        );
    super::received(&client, request.send().await)
}

async fn upload_file(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.upload_file();
    let form = arguments.form(&[("type", "type"), ("file", "file")])?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}
