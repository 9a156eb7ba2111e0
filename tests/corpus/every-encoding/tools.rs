use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("create_draft", tool_fn!(create_draft)),
    ("create_item", tool_fn!(create_item)),
    ("create_note", tool_fn!(create_note)),
    ("create_picture", tool_fn!(create_picture)),
    ("create_relation", tool_fn!(create_relation)),
    ("create_search", tool_fn!(create_search)),
    ("export_relations", tool_fn!(export_relations)),
    ("get_part", tool_fn!(get_part)),
    ("get_range", tool_fn!(get_range)),
    ("import_relations", tool_fn!(import_relations)),
    ("list_relation_methods", tool_fn!(list_relation_methods)),
    ("replace_item", tool_fn!(replace_item)),
    ("replace_items", tool_fn!(replace_items)),
    ("trace_relations", tool_fn!(trace_relations)),
    ("update_item", tool_fn!(update_item)),
    ("update_relations", tool_fn!(update_relations)),
    ("upload_file", tool_fn!(upload_file)),
];

/// POST /pictures#draft
async fn create_draft(client: Client, _: Arguments) -> Reply {
    let sent = client.create_draft().await;
    received(&client, sent)
}

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["name", "count", "isOpen", "price", "tags", "size"])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}

/// POST /notes
async fn create_note(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments.text("body", "text/markdown")?;
    let sent = client.create_note(&form.content_type, form.body).await;
    received(&client, sent)
}

/// POST /pictures
async fn create_picture(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["name"])?;
    let sent = client.create_picture(&body).await;
    received(&client, sent)
}

/// POST /items/{idItem}/relations
async fn create_relation(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let body = arguments.object(&["name"])?;
    let sent = client.create_relation(id_item, &body).await;
    received(&client, sent)
}

/// POST /searches
async fn create_search(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments.urlencoded(&["q", "tags", "size", "near"])?;
    let sent = client.create_search(&form.content_type, form.body).await;
    received(&client, sent)
}

/// GET /items/{idItem}/relations
async fn export_relations(client: Client, mut arguments: Arguments) -> Reply {
    let team_ids = arguments.value("team_ids")?;
    let id_item = arguments.segment("idItem")?;
    let sent = client.export_relations(id_item, team_ids.as_ref()).await;
    received(&client, sent)
}

/// GET /items/{idItem}/parts/{idPart}
async fn get_part(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment::<String>("idItem")?;
    let id_part = arguments.segment("idPart")?;
    let name = required("name", arguments.string("name")?)?;
    let size = arguments.value("size")?;
    let is_open = arguments.value("isOpen")?;
    let price = arguments.number("price")?;
    let status = arguments.value("status")?;
    let ids = arguments.value("ids")?;
    let fields = arguments.joined("fields", ',')?;
    let words = arguments.joined("words", ' ')?;
    let tags = arguments.joined("tags", '|')?;
    let sizes = arguments.value("sizes")?;
    let color = arguments.members("color")?;
    let shade = arguments.pairs("shade", ',')?;
    let where_ = arguments.deep("conditions", "where")?;
    let filters = arguments.json("filters")?;
    let x_api_version = arguments.string("X-Api.Version")?;
    let x_trace = arguments.value("X-Trace")?;
    let x_shops = arguments.joined("X-Shops", ',')?;
    let x_range = arguments.pairs("X-Range", '=')?;
    let sent = client
        .get_part(
            &id_item,
            id_part,
            color.as_ref(),
            fields.as_deref(),
            filters.as_deref(),
            ids.as_ref(),
            is_open,
            &name,
            price.as_deref(),
            shade.as_deref(),
            size,
            sizes.as_ref(),
            status.as_ref(),
            tags.as_deref(),
            where_.as_ref(),
            words.as_deref(),
            x_api_version.as_deref(),
            x_range.as_deref(),
            x_shops.as_deref(),
            x_trace,
        )
        .await;
    received(&client, sent)
}

/// GET /ranges/{ids}/{range}/{shade}
async fn get_range(client: Client, mut arguments: Arguments) -> Reply {
    let ids = arguments.joined_segment("ids", ',')?;
    let range = arguments.pairs_segment("range", '=')?;
    let shade = arguments.value("shade")?;
    let path_shade = arguments.pairs_segment("path_shade", ',')?;
    let sent = client.get_range(&ids, &range, &path_shade, shade).await;
    received(&client, sent)
}

/// PUT /items/{idItem}/relations
async fn import_relations(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let form = arguments.content("body", "application/zip")?;
    let sent = client.import_relations(id_item, &form.content_type, form.body).await;
    received(&client, sent)
}

/// OPTIONS /items/{idItem}/relations
async fn list_relation_methods(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let sent = client.list_relation_methods(id_item).await;
    received(&client, sent)
}

/// PUT /items/{idItem}
async fn replace_item(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let body = arguments.rest(&[("new_name", "name")])?;
    let sent = client.replace_item(id_item, &body).await;
    received(&client, sent)
}

/// PUT /items
async fn replace_items(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.whole("body")?;
    let sent = client.replace_items(&body).await;
    received(&client, sent)
}

/// TRACE /items/{idItem}/relations
async fn trace_relations(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let sent = client.trace_relations(id_item).await;
    received(&client, sent)
}

/// PATCH /items/{idItem}
async fn update_item(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let body = arguments.object(&["owner", "name"])?;
    let sent = client.update_item(id_item, &body).await;
    received(&client, sent)
}

/// PATCH /items/{idItem}/relations
async fn update_relations(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let body = arguments.whole("body")?;
    let sent = client.update_relations(id_item, &body).await;
    received(&client, sent)
}

/// POST /files
async fn upload_file(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments.form(&["type", "file"], &["file"])?;
    let sent = client.upload_file(&form.content_type, form.body).await;
    received(&client, sent)
}
