//! SCIM discovery: the capabilities of the service, for clients that request them first.

use serde_json::json;

use super::{MAX_COUNT, USER_SCHEMA};
use crate::{
    answer::{Answer, json},
    request::Parameters,
};

pub(crate) async fn resource_types(parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    Ok(json(&json!([{
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "A member of the organization",
        "schema": USER_SCHEMA,
    }])))
}

pub(crate) async fn schemas(parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let attribute = |name: &str, type_: &str, is_required: bool, is_writable: bool| {
        json!({
            "name": name,
            "type": type_,
            "multiValued": name == "emails",
            "description": format!("The {name} of a member"),
            "required": is_required,
            "caseExact": false,
            "mutability": if is_writable { "readWrite" } else { "readOnly" },
            "returned": if name == "id" { "always" } else { "default" },
            "uniqueness": if matches!(name, "id" | "userName") { "server" } else { "none" },
            "subAttributes": [],
        })
    };
    Ok(json(&json!({
        "schemas": [USER_SCHEMA],
        "startIndex": 1,
        "itemsPerPage": 1,
        "totalResults": 1,
        "Resources": [{
            "id": USER_SCHEMA,
            "name": "User",
            "description": "A member of the organization",
            "attributes": [
                attribute("id", "string", false, false),
                attribute("userName", "string", true, false),
                attribute("name", "complex", false, true),
                attribute("active", "boolean", false, true),
                attribute("emails", "complex", false, false),
                attribute("userType", "string", false, true),
            ],
        }],
    })))
}

pub(crate) async fn service_provider_config(parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    Ok(json(&json!({
        "schemas": [USER_SCHEMA],
        "documentationUri": "https://www.rfc-editor.org/rfc/rfc7644",
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": false },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A SCIM key sent as bearer token",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "documentationUri": null,
            "primary": true,
        }],
    })))
}
