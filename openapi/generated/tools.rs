// Made by `cargo codegen sync` from the OpenAPI document and the overlay: the functions of the tools, as the build makes them.
// Do not edit it: `cargo codegen check` fails where it differs from what the build makes.

use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("add_app", tool_fn!(add_app)),
    ("anonymize_user", tool_fn!(anonymize_user)),
    ("create_app_field", tool_fn!(create_app_field)),
    ("create_contract", tool_fn!(create_contract)),
    ("create_custom_app", tool_fn!(create_custom_app)),
    ("create_custom_integration", tool_fn!(create_custom_integration)),
    ("create_plugin", tool_fn!(create_plugin)),
    ("create_scim_user", tool_fn!(create_scim_user)),
    ("delete_app_field", tool_fn!(delete_app_field)),
    ("delete_contract", tool_fn!(delete_contract)),
    ("delete_plugin", tool_fn!(delete_plugin)),
    ("delete_scim_user", tool_fn!(delete_scim_user)),
    ("download_file", tool_fn!(download_file)),
    ("get_app", tool_fn!(get_app)),
    ("get_contract", tool_fn!(get_contract)),
    ("get_expense_parse", tool_fn!(get_expense_parse)),
    ("get_extension_settings", tool_fn!(get_extension_settings)),
    ("get_file", tool_fn!(get_file)),
    ("get_organization", tool_fn!(get_organization)),
    ("get_scim_config", tool_fn!(get_scim_config)),
    ("get_scim_user", tool_fn!(get_scim_user)),
    ("get_user", tool_fn!(get_user)),
    ("get_user_app", tool_fn!(get_user_app)),
    ("get_workflow", tool_fn!(get_workflow)),
    ("list_access_request_policies", tool_fn!(list_access_request_policies)),
    ("list_app_field_metadata", tool_fn!(list_app_field_metadata)),
    ("list_app_fields", tool_fn!(list_app_fields)),
    ("list_app_users", tool_fn!(list_app_users)),
    ("list_apps", tool_fn!(list_apps)),
    ("list_audit_logs", tool_fn!(list_audit_logs)),
    ("list_contract_field_metadata", tool_fn!(list_contract_field_metadata)),
    ("list_contract_fields", tool_fn!(list_contract_fields)),
    ("list_contracts", tool_fn!(list_contracts)),
    ("list_eligible_access_policies", tool_fn!(list_eligible_access_policies)),
    ("list_plugin_fields", tool_fn!(list_plugin_fields)),
    ("list_roles", tool_fn!(list_roles)),
    ("list_scim_resource_types", tool_fn!(list_scim_resource_types)),
    ("list_scim_schemas", tool_fn!(list_scim_schemas)),
    ("list_scim_users", tool_fn!(list_scim_users)),
    ("list_similar_apps", tool_fn!(list_similar_apps)),
    ("list_transaction_field_metadata", tool_fn!(list_transaction_field_metadata)),
    ("list_transactions", tool_fn!(list_transactions)),
    ("list_user_apps", tool_fn!(list_user_apps)),
    ("list_user_field_metadata", tool_fn!(list_user_field_metadata)),
    ("list_user_fields", tool_fn!(list_user_fields)),
    ("list_users", tool_fn!(list_users)),
    ("list_workflow_action_runs", tool_fn!(list_workflow_action_runs)),
    ("list_workflow_changes", tool_fn!(list_workflow_changes)),
    ("list_workflows", tool_fn!(list_workflows)),
    ("match_apps", tool_fn!(match_apps)),
    ("parse_expense_file", tool_fn!(parse_expense_file)),
    ("parse_expense_file_by_columns", tool_fn!(parse_expense_file_by_columns)),
    ("patch_scim_user", tool_fn!(patch_scim_user)),
    ("publish_plugin_version", tool_fn!(publish_plugin_version)),
    ("request_access", tool_fn!(request_access)),
    ("request_app_access", tool_fn!(request_app_access)),
    ("run_workflow", tool_fn!(run_workflow)),
    ("search_apps", tool_fn!(search_apps)),
    ("sync_custom_integration", tool_fn!(sync_custom_integration)),
    ("sync_gluu_integration", tool_fn!(sync_gluu_integration)),
    ("update_app", tool_fn!(update_app)),
    ("update_app_field", tool_fn!(update_app_field)),
    ("update_contract", tool_fn!(update_contract)),
    ("update_extension_settings", tool_fn!(update_extension_settings)),
    ("update_scim_user", tool_fn!(update_scim_user)),
    ("update_transaction", tool_fn!(update_transaction)),
    ("update_user", tool_fn!(update_user)),
    ("update_user_app", tool_fn!(update_user_app)),
    ("upload_file", tool_fn!(upload_file)),
];

/// POST /apps
async fn add_app(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["idApp"])?;
    let sent = client.add_app(&body).await;
    received(&client, sent)
}

/// POST /anonymizeRequest
async fn anonymize_user(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["email", "fields"])?;
    let sent = client.anonymize_user(&body).await;
    received(&client, sent)
}

/// POST /apps/fields
async fn create_app_field(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments
        .object(&["name", "formQuestion", "type", "idGroup", "options"])?;
    let sent = client.create_app_field(&body).await;
    received(&client, sent)
}

/// POST /contracts
async fn create_contract(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.rest(&[])?;
    let sent = client.create_contract(&body).await;
    received(&client, sent)
}

/// POST /apps/custom
async fn create_custom_app(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments
        .object(&["name", "state", "url", "category", "description", "tags"])?;
    let sent = client.create_custom_app(&body).await;
    received(&client, sent)
}

/// POST /services/custom
async fn create_custom_integration(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["idApp", "name"])?;
    let sent = client.create_custom_integration(&body).await;
    received(&client, sent)
}

/// POST /plugins
async fn create_plugin(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["name"])?;
    let sent = client.create_plugin(&body).await;
    received(&client, sent)
}

/// POST /scim/v2/Users
async fn create_scim_user(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["schemas", "userName", "name", "userType", "active"])?;
    let sent = client.create_scim_user(&body).await;
    received(&client, sent)
}

/// DELETE /apps/fields/{idField}
async fn delete_app_field(client: Client, mut arguments: Arguments) -> Reply {
    let id_field = arguments.segment("idField")?;
    let sent = client.delete_app_field(id_field).await;
    received(&client, sent)
}

/// DELETE /contracts/{idContract}
async fn delete_contract(client: Client, mut arguments: Arguments) -> Reply {
    let id_contract = arguments.segment("idContract")?;
    let sent = client.delete_contract(id_contract).await;
    received(&client, sent)
}

/// DELETE /plugins/{uuidPlugin}
async fn delete_plugin(client: Client, mut arguments: Arguments) -> Reply {
    let uuid_plugin = arguments.segment::<String>("uuidPlugin")?;
    let sent = client.delete_plugin(&uuid_plugin).await;
    received(&client, sent)
}

/// DELETE /scim/v2/Users/{idUser}
async fn delete_scim_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let sent = client.delete_scim_user(id_user).await;
    received(&client, sent)
}

/// GET /files/{id}/download
async fn download_file(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.download_file(id).await;
    received(&client, sent)
}

/// GET /apps/{idApp}
async fn get_app(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = arguments.segment("idApp")?;
    let fields = arguments.joined("fields", ',')?;
    let include_licenses = arguments.value("includeLicenses")?;
    let x_api_version = arguments.string("X-API-Version")?;
    let sent = client
        .get_app(id_app, fields.as_deref(), include_licenses, x_api_version.as_deref())
        .await;
    received(&client, sent)
}

/// GET /contracts/{idContract}
async fn get_contract(client: Client, mut arguments: Arguments) -> Reply {
    let id_contract = arguments.segment("idContract")?;
    let fields = arguments.joined("fields", ',')?;
    let x_api_version = arguments.string("X-API-Version")?;
    let sent = client
        .get_contract(id_contract, fields.as_deref(), x_api_version.as_deref())
        .await;
    received(&client, sent)
}

/// GET /parsings/{id}
async fn get_expense_parse(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.get_expense_parse(id).await;
    received(&client, sent)
}

/// GET /extension/settings
async fn get_extension_settings(client: Client, _: Arguments) -> Reply {
    let sent = client.get_extension_settings().await;
    received(&client, sent)
}

/// GET /files/{id}
async fn get_file(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let type_ = arguments.string("type")?;
    let sent = client.get_file(id, type_.as_deref()).await;
    received(&client, sent)
}

/// GET /orgs/my
async fn get_organization(client: Client, _: Arguments) -> Reply {
    let sent = client.get_organization().await;
    received(&client, sent)
}

/// GET /scim/v2/ServiceProviderConfig
async fn get_scim_config(client: Client, _: Arguments) -> Reply {
    let sent = client.get_scim_config().await;
    received(&client, sent)
}

/// GET /scim/v2/Users/{idUser}
async fn get_scim_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let sent = client.get_scim_user(id_user).await;
    received(&client, sent)
}

/// GET /users/{idUser}
async fn get_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let sent = client.get_user(id_user).await;
    received(&client, sent)
}

/// GET /users/{idUser}/apps/{idApp}
async fn get_user_app(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let id_app = arguments.segment("idApp")?;
    let fields = arguments.joined("fields", ',')?;
    let sent = client.get_user_app(id_user, id_app, fields.as_deref()).await;
    received(&client, sent)
}

/// GET /workflows/{idWorkflow}
async fn get_workflow(client: Client, mut arguments: Arguments) -> Reply {
    let id_workflow = arguments.segment("idWorkflow")?;
    let sent = client.get_workflow(id_workflow).await;
    received(&client, sent)
}

/// GET /appCatalog/accessRequestPolicies
async fn list_access_request_policies(
    client: Client,
    mut arguments: Arguments,
) -> Reply {
    let fields = arguments.joined("fields", ',')?;
    let sent = client.list_access_request_policies(fields.as_deref()).await;
    received(&client, sent)
}

/// GET /apps/metadata
async fn list_app_field_metadata(client: Client, mut arguments: Arguments) -> Reply {
    let q = arguments.string("q")?;
    let sent = client.list_app_field_metadata(q.as_deref()).await;
    received(&client, sent)
}

/// GET /apps/fields
async fn list_app_fields(client: Client, mut arguments: Arguments) -> Reply {
    let include_deleted_options = arguments.value("includeDeletedOptions")?;
    let sent = client.list_app_fields(include_deleted_options).await;
    received(&client, sent)
}

/// GET /apps/{idApp}/users
async fn list_app_users(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = arguments.segment("idApp")?;
    let sort = arguments.joined("sort", ',')?;
    let q = arguments.string("q")?;
    let q_fields = arguments.joined("qFields", ',')?;
    let status = arguments.string("status")?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let sent = client
        .list_app_users(
            id_app,
            cursor.as_deref(),
            q.as_deref(),
            q_fields.as_deref(),
            size,
            sort.as_deref(),
            status.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /apps
async fn list_apps(client: Client, mut arguments: Arguments) -> Reply {
    let fields = arguments.joined("fields", ',')?;
    let aggs = arguments.json("aggs")?;
    let q = arguments.string("q")?;
    let sort = arguments.joined("sort", ',')?;
    let filters = arguments.json("filters")?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let include_licenses = arguments.value("includeLicenses")?;
    let x_api_version = arguments.string("X-API-Version")?;
    let sent = client
        .list_apps(
            aggs.as_deref(),
            cursor.as_deref(),
            fields.as_deref(),
            filters.as_deref(),
            include_licenses,
            q.as_deref(),
            size,
            sort.as_deref(),
            x_api_version.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /audit
async fn list_audit_logs(client: Client, mut arguments: Arguments) -> Reply {
    let entity = arguments.string("entity")?;
    let start_time = arguments.string("startTime")?;
    let end_time = arguments.string("endTime")?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let sort = arguments.string("sort")?;
    let sent = client
        .list_audit_logs(
            cursor.as_deref(),
            end_time.as_deref(),
            entity.as_deref(),
            size,
            sort.as_deref(),
            start_time.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /contracts/metadata
async fn list_contract_field_metadata(
    client: Client,
    mut arguments: Arguments,
) -> Reply {
    let q = arguments.string("q")?;
    let sent = client.list_contract_field_metadata(q.as_deref()).await;
    received(&client, sent)
}

/// GET /contracts/fields
async fn list_contract_fields(client: Client, _: Arguments) -> Reply {
    let sent = client.list_contract_fields().await;
    received(&client, sent)
}

/// GET /contracts
async fn list_contracts(client: Client, mut arguments: Arguments) -> Reply {
    let fields = arguments.joined("fields", ',')?;
    let x_api_version = arguments.string("X-API-Version")?;
    let q = arguments.string("q")?;
    let filters = arguments.json("filters")?;
    let sort = arguments.joined("sort", ',')?;
    let aggs = arguments.json("aggs")?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let id = arguments.value("id")?;
    let id_app = arguments.value("idApp")?;
    let created_by = arguments.value("createdBy")?;
    let status = arguments.string("status")?;
    let sent = client
        .list_contracts(
            aggs.as_deref(),
            created_by,
            cursor.as_deref(),
            fields.as_deref(),
            filters.as_deref(),
            id,
            id_app,
            q.as_deref(),
            size,
            sort.as_deref(),
            status.as_deref(),
            x_api_version.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /appCatalog/accessRequestPolicies/eligible
async fn list_eligible_access_policies(
    client: Client,
    mut arguments: Arguments,
) -> Reply {
    let user_email = required("userEmail", arguments.string("userEmail")?)?;
    let id_app = required("idApp", arguments.value("idApp")?)?;
    let sent = client.list_eligible_access_policies(id_app, &user_email).await;
    received(&client, sent)
}

/// GET /plugins/{idPlugin}/fields
async fn list_plugin_fields(client: Client, mut arguments: Arguments) -> Reply {
    let id_plugin = arguments.segment("idPlugin")?;
    let sent = client.list_plugin_fields(id_plugin).await;
    received(&client, sent)
}

/// GET /roles
async fn list_roles(client: Client, _: Arguments) -> Reply {
    let sent = client.list_roles().await;
    received(&client, sent)
}

/// GET /scim/v2/ResourceTypes
async fn list_scim_resource_types(client: Client, _: Arguments) -> Reply {
    let sent = client.list_scim_resource_types().await;
    received(&client, sent)
}

/// GET /scim/v2/Schemas
async fn list_scim_schemas(client: Client, _: Arguments) -> Reply {
    let sent = client.list_scim_schemas().await;
    received(&client, sent)
}

/// GET /scim/v2/Users
async fn list_scim_users(client: Client, mut arguments: Arguments) -> Reply {
    let filter = arguments.string("filter")?;
    let sort_by = arguments.string("sortBy")?;
    let sort_order = arguments.string("sortOrder")?;
    let start_index = arguments.value("startIndex")?;
    let count = arguments.value("count")?;
    let sent = client
        .list_scim_users(
            count,
            filter.as_deref(),
            sort_by.as_deref(),
            sort_order.as_deref(),
            start_index,
        )
        .await;
    received(&client, sent)
}

/// GET /apps/similar
async fn list_similar_apps(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = required("idApp", arguments.value("idApp")?)?;
    let sent = client.list_similar_apps(id_app).await;
    received(&client, sent)
}

/// GET /transactions/metadata
async fn list_transaction_field_metadata(client: Client, _: Arguments) -> Reply {
    let sent = client.list_transaction_field_metadata().await;
    received(&client, sent)
}

/// GET /transactions
async fn list_transactions(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = arguments.value("idApp")?;
    let source = arguments.string("source")?;
    let q = arguments.string("q")?;
    let mapping_status = arguments.joined("mappingStatus", ',')?;
    let sort = arguments.joined("sort", ',')?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let fields = arguments.joined("fields", ',')?;
    let sent = client
        .list_transactions(
            cursor.as_deref(),
            fields.as_deref(),
            id_app,
            mapping_status.as_deref(),
            q.as_deref(),
            size,
            sort.as_deref(),
            source.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /users/{idUser}/apps
async fn list_user_apps(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let fields = arguments.joined("fields", ',')?;
    let is_user_removed_from_app = arguments.value("isUserRemovedFromApp")?;
    let state = arguments.string("state")?;
    let sent = client
        .list_user_apps(
            id_user,
            fields.as_deref(),
            is_user_removed_from_app,
            state.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /users/metadata
async fn list_user_field_metadata(client: Client, mut arguments: Arguments) -> Reply {
    let q = arguments.string("q")?;
    let sent = client.list_user_field_metadata(q.as_deref()).await;
    received(&client, sent)
}

/// GET /users/fields
async fn list_user_fields(client: Client, mut arguments: Arguments) -> Reply {
    let q = arguments.string("q")?;
    let sent = client.list_user_fields(q.as_deref()).await;
    received(&client, sent)
}

/// GET /users
async fn list_users(client: Client, mut arguments: Arguments) -> Reply {
    let email = arguments.string("email")?;
    let lifecycle_status = arguments.string("lifecycleStatus")?;
    let is_deleted_in_identity_sources = arguments.value("isDeletedInIdentitySources")?;
    let is_external = arguments.value("isExternal")?;
    let first_name = arguments.string("firstName")?;
    let last_name = arguments.string("lastName")?;
    let id_users = arguments.joined("idUsers", ',')?;
    let sort = arguments.joined("sort", ',')?;
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let aggs = arguments.json("aggs")?;
    let fields = arguments.joined("fields", ',')?;
    let q = arguments.string("q")?;
    let view = arguments.string("view")?;
    let filters = arguments.json("filters")?;
    let sent = client
        .list_users(
            aggs.as_deref(),
            cursor.as_deref(),
            email.as_deref(),
            fields.as_deref(),
            filters.as_deref(),
            first_name.as_deref(),
            id_users.as_deref(),
            is_deleted_in_identity_sources,
            is_external,
            last_name.as_deref(),
            lifecycle_status.as_deref(),
            q.as_deref(),
            size,
            sort.as_deref(),
            view.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /workflows/actionExecutions
async fn list_workflow_action_runs(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = arguments.value("idApp")?;
    let id_action_app = arguments.value("idActionApp")?;
    let id_user = arguments.value("idUser")?;
    let id_action_user = arguments.value("idActionUser")?;
    let cursor = arguments.string("cursor")?;
    let size = arguments.value("size")?;
    let sent = client
        .list_workflow_action_runs(
            cursor.as_deref(),
            id_action_app,
            id_action_user,
            id_app,
            id_user,
            size,
        )
        .await;
    received(&client, sent)
}

/// GET /workflows/audit
async fn list_workflow_changes(client: Client, mut arguments: Arguments) -> Reply {
    let start_time = arguments.string("startTime")?;
    let end_time = arguments.string("endTime")?;
    let offset = arguments.value("offset")?;
    let limit = arguments.value("limit")?;
    let sent = client
        .list_workflow_changes(end_time.as_deref(), limit, offset, start_time.as_deref())
        .await;
    received(&client, sent)
}

/// GET /workflows
async fn list_workflows(client: Client, mut arguments: Arguments) -> Reply {
    let type_ = arguments.string("type")?;
    let sent = client.list_workflows(type_.as_deref()).await;
    received(&client, sent)
}

/// POST /apps/match
async fn match_apps(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["apps"])?;
    let sent = client.match_apps(&body).await;
    received(&client, sent)
}

/// PUT /parsings/automatic
async fn parse_expense_file(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["idFile"])?;
    let sent = client.parse_expense_file(&body).await;
    received(&client, sent)
}

/// PUT /parsings/manual
async fn parse_expense_file_by_columns(
    client: Client,
    mut arguments: Arguments,
) -> Reply {
    let body = arguments.object(&["parseConfig"])?;
    let sent = client.parse_expense_file_by_columns(&body).await;
    received(&client, sent)
}

/// PATCH /scim/v2/Users/{idUser}
async fn patch_scim_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let body = arguments.object(&["schemas", "Operations"])?;
    let sent = client.patch_scim_user(id_user, &body).await;
    received(&client, sent)
}

/// PUT /plugins/{uuidPlugin}
async fn publish_plugin_version(client: Client, mut arguments: Arguments) -> Reply {
    let uuid_plugin = arguments.segment::<String>("uuidPlugin")?;
    let body = arguments.object(&["idUpload"])?;
    let sent = client.publish_plugin_version(&uuid_plugin, &body).await;
    received(&client, sent)
}

/// POST /appCatalog/accessRequestPolicies/{idAccessRequestPolicy}/trigger
async fn request_access(client: Client, mut arguments: Arguments) -> Reply {
    let id_access_request_policy = arguments.segment("idAccessRequestPolicy")?;
    let body = arguments.object(&["userEmail", "description"])?;
    let sent = client.request_access(id_access_request_policy, &body).await;
    received(&client, sent)
}

/// POST /appCatalog/triggerAppAccessRequestPolicy
async fn request_app_access(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["triggerAppId", "triggerUserEmail", "description"])?;
    let sent = client.request_app_access(&body).await;
    received(&client, sent)
}

/// POST /workflows/{idWorkflow}/trigger
async fn run_workflow(client: Client, mut arguments: Arguments) -> Reply {
    let id_workflow = arguments.segment("idWorkflow")?;
    let body = arguments
        .object(
            &[
                "triggerAppId",
                "triggerUserEmail",
                "triggerContractId",
                "triggerLicenseName",
                "triggerLicenseAppId",
            ],
        )?;
    let sent = client.run_workflow(id_workflow, &body).await;
    received(&client, sent)
}

/// GET /apps/search
async fn search_apps(client: Client, mut arguments: Arguments) -> Reply {
    let q = required("q", arguments.string("q")?)?;
    let limit = arguments.value("limit")?;
    let sent = client.search_apps(limit, &q).await;
    received(&client, sent)
}

/// PUT /services/sync/custom
async fn sync_custom_integration(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["idFile", "idAppAccount"])?;
    let sent = client.sync_custom_integration(&body).await;
    received(&client, sent)
}

/// PUT /services/sync/gluu
async fn sync_gluu_integration(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["idFile", "idAppAccount"])?;
    let sent = client.sync_gluu_integration(&body).await;
    received(&client, sent)
}

/// PUT /apps/{idApp}
async fn update_app(client: Client, mut arguments: Arguments) -> Reply {
    let id_app = arguments.segment("idApp")?;
    let body = arguments.rest(&[])?;
    let sent = client.update_app(id_app, &body).await;
    received(&client, sent)
}

/// PUT /apps/fields/{idField}
async fn update_app_field(client: Client, mut arguments: Arguments) -> Reply {
    let id_field = arguments.segment("idField")?;
    let body = arguments
        .object(&["name", "formQuestion", "type", "idGroup", "options"])?;
    let sent = client.update_app_field(id_field, &body).await;
    received(&client, sent)
}

/// PUT /contracts/{idContract}
async fn update_contract(client: Client, mut arguments: Arguments) -> Reply {
    let id_contract = arguments.segment("idContract")?;
    let body = arguments.rest(&[])?;
    let sent = client.update_contract(id_contract, &body).await;
    received(&client, sent)
}

/// PUT /extension/settings
async fn update_extension_settings(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["dlp", "blockedSites", "usersFilter"])?;
    let sent = client.update_extension_settings(&body).await;
    received(&client, sent)
}

/// PUT /scim/v2/Users/{idUser}
async fn update_scim_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let body = arguments.object(&["schemas", "id", "userName", "userType", "active"])?;
    let sent = client.update_scim_user(id_user, &body).await;
    received(&client, sent)
}

/// PUT /transactions/{idTransaction}
async fn update_transaction(client: Client, mut arguments: Arguments) -> Reply {
    let id_transaction = arguments.segment("idTransaction")?;
    let body = arguments
        .object(&["idApp", "mappingStatus", "amount", "transactionDate"])?;
    let sent = client.update_transaction(id_transaction, &body).await;
    received(&client, sent)
}

/// PUT /users/{idUser}
async fn update_user(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let body = arguments.object(&["lifecycleStatus"])?;
    let sent = client.update_user(id_user, &body).await;
    received(&client, sent)
}

/// PUT /users/{idUser}/apps/{idApp}
async fn update_user_app(client: Client, mut arguments: Arguments) -> Reply {
    let id_user = arguments.segment("idUser")?;
    let id_app = arguments.segment("idApp")?;
    let body = arguments.object(&["isUserRemovedFromApp"])?;
    let sent = client.update_user_app(id_user, id_app, &body).await;
    received(&client, sent)
}

/// POST /files/upload
async fn upload_file(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments.form(&["file", "type"], &["file"])?;
    let sent = client.upload_file(&form.content_type, form.body).await;
    received(&client, sent)
}
