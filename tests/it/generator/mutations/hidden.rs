//! What stands beside a change that is told, and what the tools never show: alternatives of the security, other places of the same
//! tool, defaults that the overlay replaces, signs of pages.

use serde_json::json;

use crate::generator::mutations::{Edit::Tree, Mutation, bodies::property, changes, facets::parameter, operations::operation};

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "alternative of the security with scopes",
        what: "`GET /roles` also takes OAuth tokens with the scope `read`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["security"] = json!([{ "torii": [] }, { "oauth": ["read"] }]);
            Some(())
        }),
        expected: changes(&["security-changed list_roles"]),
    },
    Mutation {
        name: "scopes of a key",
        what: "`GET /workflows` demands a key with the scope `admin`",
        edit: Tree(|document| {
            operation(document, "/workflows", "get")?["security"] = json!([{ "torii": ["admin"] }]);
            Some(())
        }),
        expected: changes(&["security-changed list_workflows"]),
    },
    Mutation {
        name: "default that the overlay replaces, beside an extension",
        what: "`size` of `GET /transactions` is 10 by default, and the operation has an extension",
        edit: Tree(|document| {
            parameter(document, "/transactions", "size")?["schema"]["default"] = 10.into();
            operation(document, "/transactions", "get")?["x-internal"] = true.into();
            Some(())
        }),
        expected: changes(&["other-changed list_transactions", "correction-outdated list_transactions"]),
    },
    Mutation {
        name: "field of a replaced response may be null",
        what: "`contracts` of `GET /contracts` may be null",
        edit: Tree(|document| {
            property(document, "ContractPage", "contracts")?["nullable"] = true.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "link to a next page",
        what: "`GET /roles` answers with a header `Link`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["responses"]["200"]["headers"] =
                json!({ "Link": { "schema": { "type": "string" } } });
            Some(())
        }),
        expected: changes(&["other-changed list_roles"]),
    },
    Mutation {
        name: "notation that says nothing",
        what: "`filter` of `GET /scim/v2/Users` says `required: false`, `style: form`, `nullable: false` and `minLength: 0`",
        edit: Tree(|document| {
            let filter = parameter(document, "/scim/v2/Users", "filter")?;
            (filter["required"], filter["style"]) = (false.into(), "form".into());
            (filter["schema"]["nullable"], filter["schema"]["minLength"]) = (false.into(), 0.into());
            Some(())
        }),
        expected: changes(&["text-changed list_scim_users"]),
    },
];
