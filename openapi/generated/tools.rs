// Made by `cargo codegen sync` from the OpenAPI document and the overlay: the functions of the tools, as the build makes them.
// Do not edit it: `cargo codegen check` fails where it differs from what the build makes.

/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "add_app",
        |call, arguments| ::std::boxed::Box::pin(add_app(super::client(call), arguments)),
    ),
    (
        "anonymize_user",
        |call, arguments| ::std::boxed::Box::pin(
            anonymize_user(super::client(call), arguments),
        ),
    ),
    (
        "create_app_field",
        |call, arguments| ::std::boxed::Box::pin(
            create_app_field(super::client(call), arguments),
        ),
    ),
    (
        "create_contract",
        |call, arguments| ::std::boxed::Box::pin(
            create_contract(super::client(call), arguments),
        ),
    ),
    (
        "create_custom_app",
        |call, arguments| ::std::boxed::Box::pin(
            create_custom_app(super::client(call), arguments),
        ),
    ),
    (
        "create_custom_integration",
        |call, arguments| ::std::boxed::Box::pin(
            create_custom_integration(super::client(call), arguments),
        ),
    ),
    (
        "create_plugin",
        |call, arguments| ::std::boxed::Box::pin(
            create_plugin(super::client(call), arguments),
        ),
    ),
    (
        "create_scim_user",
        |call, arguments| ::std::boxed::Box::pin(
            create_scim_user(super::client(call), arguments),
        ),
    ),
    (
        "delete_app_field",
        |call, arguments| ::std::boxed::Box::pin(
            delete_app_field(super::client(call), arguments),
        ),
    ),
    (
        "delete_contract",
        |call, arguments| ::std::boxed::Box::pin(
            delete_contract(super::client(call), arguments),
        ),
    ),
    (
        "delete_plugin",
        |call, arguments| ::std::boxed::Box::pin(
            delete_plugin(super::client(call), arguments),
        ),
    ),
    (
        "delete_scim_user",
        |call, arguments| ::std::boxed::Box::pin(
            delete_scim_user(super::client(call), arguments),
        ),
    ),
    (
        "download_file",
        |call, arguments| ::std::boxed::Box::pin(
            download_file(super::client(call), arguments),
        ),
    ),
    (
        "get_app",
        |call, arguments| ::std::boxed::Box::pin(get_app(super::client(call), arguments)),
    ),
    (
        "get_contract",
        |call, arguments| ::std::boxed::Box::pin(
            get_contract(super::client(call), arguments),
        ),
    ),
    (
        "get_expense_parse",
        |call, arguments| ::std::boxed::Box::pin(
            get_expense_parse(super::client(call), arguments),
        ),
    ),
    (
        "get_extension_settings",
        |call, arguments| ::std::boxed::Box::pin(
            get_extension_settings(super::client(call), arguments),
        ),
    ),
    (
        "get_file",
        |call, arguments| ::std::boxed::Box::pin(
            get_file(super::client(call), arguments),
        ),
    ),
    (
        "get_organization",
        |call, arguments| ::std::boxed::Box::pin(
            get_organization(super::client(call), arguments),
        ),
    ),
    (
        "get_scim_config",
        |call, arguments| ::std::boxed::Box::pin(
            get_scim_config(super::client(call), arguments),
        ),
    ),
    (
        "get_scim_user",
        |call, arguments| ::std::boxed::Box::pin(
            get_scim_user(super::client(call), arguments),
        ),
    ),
    (
        "get_user",
        |call, arguments| ::std::boxed::Box::pin(
            get_user(super::client(call), arguments),
        ),
    ),
    (
        "get_user_app",
        |call, arguments| ::std::boxed::Box::pin(
            get_user_app(super::client(call), arguments),
        ),
    ),
    (
        "get_workflow",
        |call, arguments| ::std::boxed::Box::pin(
            get_workflow(super::client(call), arguments),
        ),
    ),
    (
        "list_access_request_policies",
        |call, arguments| ::std::boxed::Box::pin(
            list_access_request_policies(super::client(call), arguments),
        ),
    ),
    (
        "list_app_field_metadata",
        |call, arguments| ::std::boxed::Box::pin(
            list_app_field_metadata(super::client(call), arguments),
        ),
    ),
    (
        "list_app_fields",
        |call, arguments| ::std::boxed::Box::pin(
            list_app_fields(super::client(call), arguments),
        ),
    ),
    (
        "list_app_users",
        |call, arguments| ::std::boxed::Box::pin(
            list_app_users(super::client(call), arguments),
        ),
    ),
    (
        "list_apps",
        |call, arguments| ::std::boxed::Box::pin(
            list_apps(super::client(call), arguments),
        ),
    ),
    (
        "list_audit_logs",
        |call, arguments| ::std::boxed::Box::pin(
            list_audit_logs(super::client(call), arguments),
        ),
    ),
    (
        "list_contract_field_metadata",
        |call, arguments| ::std::boxed::Box::pin(
            list_contract_field_metadata(super::client(call), arguments),
        ),
    ),
    (
        "list_contract_fields",
        |call, arguments| ::std::boxed::Box::pin(
            list_contract_fields(super::client(call), arguments),
        ),
    ),
    (
        "list_contracts",
        |call, arguments| ::std::boxed::Box::pin(
            list_contracts(super::client(call), arguments),
        ),
    ),
    (
        "list_eligible_access_policies",
        |call, arguments| ::std::boxed::Box::pin(
            list_eligible_access_policies(super::client(call), arguments),
        ),
    ),
    (
        "list_plugin_fields",
        |call, arguments| ::std::boxed::Box::pin(
            list_plugin_fields(super::client(call), arguments),
        ),
    ),
    (
        "list_roles",
        |call, arguments| ::std::boxed::Box::pin(
            list_roles(super::client(call), arguments),
        ),
    ),
    (
        "list_scim_resource_types",
        |call, arguments| ::std::boxed::Box::pin(
            list_scim_resource_types(super::client(call), arguments),
        ),
    ),
    (
        "list_scim_schemas",
        |call, arguments| ::std::boxed::Box::pin(
            list_scim_schemas(super::client(call), arguments),
        ),
    ),
    (
        "list_scim_users",
        |call, arguments| ::std::boxed::Box::pin(
            list_scim_users(super::client(call), arguments),
        ),
    ),
    (
        "list_similar_apps",
        |call, arguments| ::std::boxed::Box::pin(
            list_similar_apps(super::client(call), arguments),
        ),
    ),
    (
        "list_transaction_field_metadata",
        |call, arguments| ::std::boxed::Box::pin(
            list_transaction_field_metadata(super::client(call), arguments),
        ),
    ),
    (
        "list_transactions",
        |call, arguments| ::std::boxed::Box::pin(
            list_transactions(super::client(call), arguments),
        ),
    ),
    (
        "list_user_apps",
        |call, arguments| ::std::boxed::Box::pin(
            list_user_apps(super::client(call), arguments),
        ),
    ),
    (
        "list_user_field_metadata",
        |call, arguments| ::std::boxed::Box::pin(
            list_user_field_metadata(super::client(call), arguments),
        ),
    ),
    (
        "list_user_fields",
        |call, arguments| ::std::boxed::Box::pin(
            list_user_fields(super::client(call), arguments),
        ),
    ),
    (
        "list_users",
        |call, arguments| ::std::boxed::Box::pin(
            list_users(super::client(call), arguments),
        ),
    ),
    (
        "list_workflow_action_runs",
        |call, arguments| ::std::boxed::Box::pin(
            list_workflow_action_runs(super::client(call), arguments),
        ),
    ),
    (
        "list_workflow_changes",
        |call, arguments| ::std::boxed::Box::pin(
            list_workflow_changes(super::client(call), arguments),
        ),
    ),
    (
        "list_workflows",
        |call, arguments| ::std::boxed::Box::pin(
            list_workflows(super::client(call), arguments),
        ),
    ),
    (
        "match_apps",
        |call, arguments| ::std::boxed::Box::pin(
            match_apps(super::client(call), arguments),
        ),
    ),
    (
        "parse_expense_file",
        |call, arguments| ::std::boxed::Box::pin(
            parse_expense_file(super::client(call), arguments),
        ),
    ),
    (
        "parse_expense_file_by_columns",
        |call, arguments| ::std::boxed::Box::pin(
            parse_expense_file_by_columns(super::client(call), arguments),
        ),
    ),
    (
        "patch_scim_user",
        |call, arguments| ::std::boxed::Box::pin(
            patch_scim_user(super::client(call), arguments),
        ),
    ),
    (
        "publish_plugin_version",
        |call, arguments| ::std::boxed::Box::pin(
            publish_plugin_version(super::client(call), arguments),
        ),
    ),
    (
        "request_access",
        |call, arguments| ::std::boxed::Box::pin(
            request_access(super::client(call), arguments),
        ),
    ),
    (
        "request_app_access",
        |call, arguments| ::std::boxed::Box::pin(
            request_app_access(super::client(call), arguments),
        ),
    ),
    (
        "run_workflow",
        |call, arguments| ::std::boxed::Box::pin(
            run_workflow(super::client(call), arguments),
        ),
    ),
    (
        "search_apps",
        |call, arguments| ::std::boxed::Box::pin(
            search_apps(super::client(call), arguments),
        ),
    ),
    (
        "sync_custom_integration",
        |call, arguments| ::std::boxed::Box::pin(
            sync_custom_integration(super::client(call), arguments),
        ),
    ),
    (
        "sync_gluu_integration",
        |call, arguments| ::std::boxed::Box::pin(
            sync_gluu_integration(super::client(call), arguments),
        ),
    ),
    (
        "update_app",
        |call, arguments| ::std::boxed::Box::pin(
            update_app(super::client(call), arguments),
        ),
    ),
    (
        "update_app_field",
        |call, arguments| ::std::boxed::Box::pin(
            update_app_field(super::client(call), arguments),
        ),
    ),
    (
        "update_contract",
        |call, arguments| ::std::boxed::Box::pin(
            update_contract(super::client(call), arguments),
        ),
    ),
    (
        "update_extension_settings",
        |call, arguments| ::std::boxed::Box::pin(
            update_extension_settings(super::client(call), arguments),
        ),
    ),
    (
        "update_scim_user",
        |call, arguments| ::std::boxed::Box::pin(
            update_scim_user(super::client(call), arguments),
        ),
    ),
    (
        "update_transaction",
        |call, arguments| ::std::boxed::Box::pin(
            update_transaction(super::client(call), arguments),
        ),
    ),
    (
        "update_user",
        |call, arguments| ::std::boxed::Box::pin(
            update_user(super::client(call), arguments),
        ),
    ),
    (
        "update_user_app",
        |call, arguments| ::std::boxed::Box::pin(
            update_user_app(super::client(call), arguments),
        ),
    ),
    (
        "upload_file",
        |call, arguments| ::std::boxed::Box::pin(
            upload_file(super::client(call), arguments),
        ),
    ),
];

async fn add_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.add_app();
    request = request
        .body(arguments.object::<types::AddAppBody>(&[("idApp", "idApp")])?);
    super::received(&client, request.send().await)
}

async fn anonymize_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.anonymize_user();
    request = request
        .body(
            arguments
                .object::<
                    types::AnonymizeUserBody,
                >(&[("email", "email"), ("fields", "fields")])?,
        );
    super::received(&client, request.send().await)
}

async fn create_app_field(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_app_field();
    request = request
        .body(
            arguments
                .object::<
                    types::CreateAppFieldBody,
                >(
                    &[
                        ("name", "name"),
                        ("formQuestion", "formQuestion"),
                        ("type", "type"),
                        ("idGroup", "idGroup"),
                        ("options", "options"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn create_contract(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_contract();
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    super::received(&client, request.send().await)
}

async fn create_custom_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_custom_app();
    request = request
        .body(
            arguments
                .object::<
                    types::CreateCustomAppBody,
                >(
                    &[
                        ("name", "name"),
                        ("state", "state"),
                        ("url", "url"),
                        ("category", "category"),
                        ("description", "description"),
                        ("tags", "tags"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn create_custom_integration(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_custom_integration();
    request = request
        .body(
            arguments
                .object::<
                    types::CreateCustomIntegrationBody,
                >(&[("idApp", "idApp"), ("name", "name")])?,
        );
    super::received(&client, request.send().await)
}

async fn create_plugin(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_plugin();
    request = request
        .body(arguments.object::<types::CreatePluginBody>(&[("name", "name")])?);
    super::received(&client, request.send().await)
}

async fn create_scim_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.create_scim_user();
    request = request
        .body(
            arguments
                .object::<
                    types::CreateScimUserBody,
                >(
                    &[
                        ("schemas", "schemas"),
                        ("userName", "userName"),
                        ("name", "name"),
                        ("userType", "userType"),
                        ("active", "active"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn delete_app_field(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_app_field();
    request = request.id_field(arguments.segment::<i64>("idField")?);
    super::received(&client, request.send().await)
}

async fn delete_contract(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_contract();
    request = request.id_contract(arguments.segment::<i64>("idContract")?);
    super::received(&client, request.send().await)
}

async fn delete_plugin(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_plugin();
    request = request
        .uuid_plugin(arguments.segment::<::std::string::String>("uuidPlugin")?);
    super::received(&client, request.send().await)
}

async fn delete_scim_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.delete_scim_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    super::received(&client, request.send().await)
}

async fn download_file(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.download_file();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn get_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_app();
    request = request.id_app(arguments.segment::<i64>("idApp")?);
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.value::<bool>("includeLicenses")? {
        request = request.include_licenses(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("X-API-Version")? {
        request = request.x_api_version(value);
    }
    super::received(&client, request.send().await)
}

async fn get_contract(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_contract();
    request = request.id_contract(arguments.segment::<i64>("idContract")?);
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("X-API-Version")? {
        request = request.x_api_version(value);
    }
    super::received(&client, request.send().await)
}

async fn get_expense_parse(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_expense_parse();
    request = request.id(arguments.segment::<i64>("id")?);
    super::received(&client, request.send().await)
}

async fn get_extension_settings(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.get_extension_settings();
    super::received(&client, request.send().await)
}

async fn get_file(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_file();
    request = request.id(arguments.segment::<i64>("id")?);
    if let Some(value) = arguments.value::<::std::string::String>("type")? {
        request = request.type_(value);
    }
    super::received(&client, request.send().await)
}

async fn get_organization(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.get_organization();
    super::received(&client, request.send().await)
}

async fn get_scim_config(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.get_scim_config();
    super::received(&client, request.send().await)
}

async fn get_scim_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_scim_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    super::received(&client, request.send().await)
}

async fn get_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    super::received(&client, request.send().await)
}

async fn get_user_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_user_app();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    request = request.id_app(arguments.segment::<i64>("idApp")?);
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    super::received(&client, request.send().await)
}

async fn get_workflow(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.get_workflow();
    request = request.id_workflow(arguments.segment::<i64>("idWorkflow")?);
    super::received(&client, request.send().await)
}

async fn list_access_request_policies(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_access_request_policies();
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    super::received(&client, request.send().await)
}

async fn list_app_field_metadata(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_app_field_metadata();
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    super::received(&client, request.send().await)
}

async fn list_app_fields(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_app_fields();
    if let Some(value) = arguments.value::<bool>("includeDeletedOptions")? {
        request = request.include_deleted_options(value);
    }
    super::received(&client, request.send().await)
}

async fn list_app_users(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_app_users();
    request = request.id_app(arguments.segment::<i64>("idApp")?);
    if let Some(value) = arguments.joined("sort", ',')? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.joined("qFields", ',')? {
        request = request.q_fields(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("status")? {
        request = request.status(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    super::received(&client, request.send().await)
}

async fn list_apps(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_apps();
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.json("aggs")? {
        request = request.aggs(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.joined("sort", ',')? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.json("filters")? {
        request = request.filters(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.value::<bool>("includeLicenses")? {
        request = request.include_licenses(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("X-API-Version")? {
        request = request.x_api_version(value);
    }
    super::received(&client, request.send().await)
}

async fn list_audit_logs(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_audit_logs();
    if let Some(value) = arguments.value::<::std::string::String>("entity")? {
        request = request.entity(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("startTime")? {
        request = request.start_time(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("endTime")? {
        request = request.end_time(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("sort")? {
        request = request.sort(value);
    }
    super::received(&client, request.send().await)
}

async fn list_contract_field_metadata(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_contract_field_metadata();
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    super::received(&client, request.send().await)
}

async fn list_contract_fields(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_contract_fields();
    super::received(&client, request.send().await)
}

async fn list_contracts(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_contracts();
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("X-API-Version")? {
        request = request.x_api_version(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.json("filters")? {
        request = request.filters(value);
    }
    if let Some(value) = arguments.joined("sort", ',')? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.json("aggs")? {
        request = request.aggs(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.value::<i64>("id")? {
        request = request.id(value);
    }
    if let Some(value) = arguments.value::<i64>("idApp")? {
        request = request.id_app(value);
    }
    if let Some(value) = arguments.value::<i64>("createdBy")? {
        request = request.created_by(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("status")? {
        request = request.status(value);
    }
    super::received(&client, request.send().await)
}

async fn list_eligible_access_policies(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_eligible_access_policies();
    if let Some(value) = arguments.value::<::std::string::String>("userEmail")? {
        request = request.user_email(value);
    }
    if let Some(value) = arguments.value::<i64>("idApp")? {
        request = request.id_app(value);
    }
    super::received(&client, request.send().await)
}

async fn list_plugin_fields(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_plugin_fields();
    request = request.id_plugin(arguments.segment::<i64>("idPlugin")?);
    super::received(&client, request.send().await)
}

async fn list_roles(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_roles();
    super::received(&client, request.send().await)
}

async fn list_scim_resource_types(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_scim_resource_types();
    super::received(&client, request.send().await)
}

async fn list_scim_schemas(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_scim_schemas();
    super::received(&client, request.send().await)
}

async fn list_scim_users(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_scim_users();
    if let Some(value) = arguments.value::<::std::string::String>("filter")? {
        request = request.filter(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("sortBy")? {
        request = request.sort_by(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("sortOrder")? {
        request = request.sort_order(value);
    }
    if let Some(value) = arguments.value::<i64>("startIndex")? {
        request = request.start_index(value);
    }
    if let Some(value) = arguments.value::<i64>("count")? {
        request = request.count(value);
    }
    super::received(&client, request.send().await)
}

async fn list_similar_apps(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_similar_apps();
    if let Some(value) = arguments.value::<i64>("idApp")? {
        request = request.id_app(value);
    }
    super::received(&client, request.send().await)
}

async fn list_transaction_field_metadata(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_transaction_field_metadata();
    super::received(&client, request.send().await)
}

async fn list_transactions(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_transactions();
    if let Some(value) = arguments.value::<i64>("idApp")? {
        request = request.id_app(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("source")? {
        request = request.source(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.joined("mappingStatus", ',')? {
        request = request.mapping_status(value);
    }
    if let Some(value) = arguments.joined("sort", ',')? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    super::received(&client, request.send().await)
}

async fn list_user_apps(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_user_apps();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.value::<bool>("isUserRemovedFromApp")? {
        request = request.is_user_removed_from_app(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("state")? {
        request = request.state(value);
    }
    super::received(&client, request.send().await)
}

async fn list_user_field_metadata(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_user_field_metadata();
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    super::received(&client, request.send().await)
}

async fn list_user_fields(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_user_fields();
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    super::received(&client, request.send().await)
}

async fn list_users(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_users();
    if let Some(value) = arguments.value::<::std::string::String>("email")? {
        request = request.email(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("lifecycleStatus")? {
        request = request.lifecycle_status(value);
    }
    if let Some(value) = arguments.value::<bool>("isDeletedInIdentitySources")? {
        request = request.is_deleted_in_identity_sources(value);
    }
    if let Some(value) = arguments.value::<bool>("isExternal")? {
        request = request.is_external(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("firstName")? {
        request = request.first_name(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("lastName")? {
        request = request.last_name(value);
    }
    if let Some(value) = arguments.joined("idUsers", ',')? {
        request = request.id_users(value);
    }
    if let Some(value) = arguments.joined("sort", ',')? {
        request = request.sort(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.json("aggs")? {
        request = request.aggs(value);
    }
    if let Some(value) = arguments.joined("fields", ',')? {
        request = request.fields(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("view")? {
        request = request.view(value);
    }
    if let Some(value) = arguments.json("filters")? {
        request = request.filters(value);
    }
    super::received(&client, request.send().await)
}

async fn list_workflow_action_runs(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_workflow_action_runs();
    if let Some(value) = arguments.value::<i64>("idApp")? {
        request = request.id_app(value);
    }
    if let Some(value) = arguments.value::<i64>("idActionApp")? {
        request = request.id_action_app(value);
    }
    if let Some(value) = arguments.value::<i64>("idUser")? {
        request = request.id_user(value);
    }
    if let Some(value) = arguments.value::<i64>("idActionUser")? {
        request = request.id_action_user(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("cursor")? {
        request = request.cursor(value);
    }
    if let Some(value) = arguments.value::<i64>("size")? {
        request = request.size(value);
    }
    super::received(&client, request.send().await)
}

async fn list_workflow_changes(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_workflow_changes();
    if let Some(value) = arguments.value::<::std::string::String>("startTime")? {
        request = request.start_time(value);
    }
    if let Some(value) = arguments.value::<::std::string::String>("endTime")? {
        request = request.end_time(value);
    }
    if let Some(value) = arguments.value::<i64>("offset")? {
        request = request.offset(value);
    }
    if let Some(value) = arguments.value::<i64>("limit")? {
        request = request.limit(value);
    }
    super::received(&client, request.send().await)
}

async fn list_workflows(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.list_workflows();
    if let Some(value) = arguments.value::<::std::string::String>("type")? {
        request = request.type_(value);
    }
    super::received(&client, request.send().await)
}

async fn match_apps(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.match_apps();
    request = request
        .body(arguments.object::<types::MatchAppsBody>(&[("apps", "apps")])?);
    super::received(&client, request.send().await)
}

async fn parse_expense_file(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.parse_expense_file();
    request = request
        .body(arguments.object::<types::ParseExpenseFileBody>(&[("idFile", "idFile")])?);
    super::received(&client, request.send().await)
}

async fn parse_expense_file_by_columns(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.parse_expense_file_by_columns();
    request = request
        .body(
            arguments
                .object::<
                    types::ParseExpenseFileByColumnsBody,
                >(&[("parseConfig", "parseConfig")])?,
        );
    super::received(&client, request.send().await)
}

async fn patch_scim_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.patch_scim_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    request = request
        .body(
            arguments
                .object::<
                    types::PatchScimUserBody,
                >(&[("schemas", "schemas"), ("Operations", "Operations")])?,
        );
    super::received(&client, request.send().await)
}

async fn publish_plugin_version(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.publish_plugin_version();
    request = request
        .uuid_plugin(arguments.segment::<::std::string::String>("uuidPlugin")?);
    request = request
        .body(
            arguments
                .object::<types::PublishPluginVersionBody>(&[("idUpload", "idUpload")])?,
        );
    super::received(&client, request.send().await)
}

async fn request_access(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.request_access();
    request = request
        .id_access_request_policy(arguments.segment::<i64>("idAccessRequestPolicy")?);
    request = request
        .body(
            arguments
                .object::<
                    types::RequestAccessBody,
                >(&[("userEmail", "userEmail"), ("description", "description")])?,
        );
    super::received(&client, request.send().await)
}

async fn request_app_access(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.request_app_access();
    request = request
        .body(
            arguments
                .object::<
                    types::RequestAppAccessBody,
                >(
                    &[
                        ("triggerAppId", "triggerAppId"),
                        ("triggerUserEmail", "triggerUserEmail"),
                        ("description", "description"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn run_workflow(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.run_workflow();
    request = request.id_workflow(arguments.segment::<i64>("idWorkflow")?);
    request = request
        .body(
            arguments
                .object::<
                    types::RunWorkflowBody,
                >(
                    &[
                        ("triggerAppId", "triggerAppId"),
                        ("triggerUserEmail", "triggerUserEmail"),
                        ("triggerContractId", "triggerContractId"),
                        ("triggerLicenseName", "triggerLicenseName"),
                        ("triggerLicenseAppId", "triggerLicenseAppId"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn search_apps(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.search_apps();
    if let Some(value) = arguments.value::<::std::string::String>("q")? {
        request = request.q(value);
    }
    if let Some(value) = arguments.value::<i64>("limit")? {
        request = request.limit(value);
    }
    super::received(&client, request.send().await)
}

async fn sync_custom_integration(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.sync_custom_integration();
    request = request
        .body(
            arguments
                .object::<
                    types::SyncCustomIntegrationBody,
                >(&[("idFile", "idFile"), ("idAppAccount", "idAppAccount")])?,
        );
    super::received(&client, request.send().await)
}

async fn sync_gluu_integration(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.sync_gluu_integration();
    request = request
        .body(
            arguments
                .object::<
                    types::SyncGluuIntegrationBody,
                >(&[("idFile", "idFile"), ("idAppAccount", "idAppAccount")])?,
        );
    super::received(&client, request.send().await)
}

async fn update_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_app();
    request = request.id_app(arguments.segment::<i64>("idApp")?);
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    super::received(&client, request.send().await)
}

async fn update_app_field(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_app_field();
    request = request.id_field(arguments.segment::<i64>("idField")?);
    request = request
        .body(
            arguments
                .object::<
                    types::UpdateAppFieldBody,
                >(
                    &[
                        ("name", "name"),
                        ("formQuestion", "formQuestion"),
                        ("type", "type"),
                        ("idGroup", "idGroup"),
                        ("options", "options"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn update_contract(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_contract();
    request = request.id_contract(arguments.segment::<i64>("idContract")?);
    request = request
        .body(
            arguments
                .rest::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(&[])?,
        );
    super::received(&client, request.send().await)
}

async fn update_extension_settings(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_extension_settings();
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(
                    &[
                        ("dlp", "dlp"),
                        ("blockedSites", "blockedSites"),
                        ("usersFilter", "usersFilter"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn update_scim_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_scim_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    request = request
        .body(
            arguments
                .object::<
                    types::UpdateScimUserBody,
                >(
                    &[
                        ("schemas", "schemas"),
                        ("id", "id"),
                        ("userName", "userName"),
                        ("userType", "userType"),
                        ("active", "active"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn update_transaction(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_transaction();
    request = request.id_transaction(arguments.segment::<i64>("idTransaction")?);
    request = request
        .body(
            arguments
                .object::<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >(
                    &[
                        ("idApp", "idApp"),
                        ("mappingStatus", "mappingStatus"),
                        ("amount", "amount"),
                        ("transactionDate", "transactionDate"),
                    ],
                )?,
        );
    super::received(&client, request.send().await)
}

async fn update_user(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_user();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    request = request
        .body(
            arguments
                .object::<
                    types::UpdateUserBody,
                >(&[("lifecycleStatus", "lifecycleStatus")])?,
        );
    super::received(&client, request.send().await)
}

async fn update_user_app(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.update_user_app();
    request = request.id_user(arguments.segment::<i64>("idUser")?);
    request = request.id_app(arguments.segment::<i64>("idApp")?);
    request = request
        .body(
            arguments
                .object::<
                    types::UpdateUserAppBody,
                >(&[("isUserRemovedFromApp", "isUserRemovedFromApp")])?,
        );
    super::received(&client, request.send().await)
}

async fn upload_file(
    client: Client,
    mut arguments: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let mut request = client.upload_file();
    let form = arguments.form(&[("file", "file"), ("type", "type")])?;
    request = request.content_type(form.content_type).body(form.body);
    super::received(&client, request.send().await)
}
