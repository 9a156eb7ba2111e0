//! Refuses `aggs` that cannot be: the API computes a number over nothing without saying so, and the assistant believes a zero.

use serde_json::{Map, Value};

use crate::{catalog::Tool, tool_error::ToolError};

/// The deepest aggregation that is examined.
const DEPTH: usize = 8;

/// Checks the argument `aggs` of a tool that has one.
///
/// # Errors
/// When a group is to be summed or the like, and nothing says over which field; the message has what is missing.
pub(crate) fn check(tool: &Tool, arguments: &Map<String, Value>) -> Result<(), ToolError> {
    let is_known = tool.input_schema.get("properties").and_then(|schema| schema.pointer("/aggs/properties/aggregationType"));
    let mut aggregation = arguments.get("aggs").filter(|_| is_known.is_some());
    for _ in 0..DEPTH {
        let Some(aggs) = aggregation else { break };
        let text = |pointer: &str| aggs.pointer(pointer).and_then(Value::as_str);
        let (kind, field) = (text("/aggregationType").unwrap_or_default(), text("/field").unwrap_or_default());
        let inner = aggs.get("aggs").filter(|inner| inner.is_object());
        let function = text("/options/metricFunction").filter(|function| *function != "total");
        if kind == "metric" && inner.is_some() {
            let wrong = format!("`aggs` computes one number of `{field}`, which has no groups for the `aggs` inside it");
            let next_step = "make the outer one a `groupBy`, with the `metric` inside it, and call again";
            return Err(ToolError::aggregation(wrong, next_step.to_owned()));
        }
        if let Some(function) = function.filter(|_| kind != "metric" && inner.is_none()) {
            let wrong = format!("`aggs` groups by `{field}` and does not say of which field to take the `{function}`");
            let metric =
                format!("{{\"field\": …, \"aggregationType\": \"metric\", \"options\": {{\"metricFunction\": \"{function}\"}}}}");
            return Err(ToolError::aggregation(wrong, format!("add inside it `\"aggs\": {metric}` and call again")));
        }
        aggregation = inner;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::tests::tool;

    fn checked(aggs: &Value) -> Result<(), String> {
        let schema = json!({ "type": "object", "properties": { "aggregationType": { "type": "string" } } });
        let tool = tool(json!({ "inputSchema": { "type": "object", "properties": { "aggs": schema } } }));
        let arguments = json!({ "aggs": aggs });
        check(tool, arguments.as_object().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_sum_of_groups_without_a_field_is_refused_with_what_is_missing() {
        let sum = json!({ "metricFunction": "sum" });
        let group = |inner: Value| json!({ "field": "currency", "aggregationType": "groupBy", "options": sum, "aggs": inner });
        let metric = json!({ "field": "amount", "aggregationType": "metric", "options": sum });
        assert_eq!(
            checked(&group(Value::Null)).unwrap_err(),
            "`aggs` groups by `currency` and does not say of which field to take the `sum`; add inside it `\"aggs\": {\"field\": …, \
             \"aggregationType\": \"metric\", \"options\": {\"metricFunction\": \"sum\"}}` and call again"
        );
        assert!(checked(&json!({ "field": "category", "aggregationType": "groupBy", "aggs": group(Value::Null) })).is_err());
        for possible in [
            group(metric.clone()),
            metric.clone(),
            json!({ "field": "category", "aggregationType": "groupBy", "options": { "metricFunction": "total" } }),
            json!({ "field": "category", "aggregationType": "groupBy" }),
        ] {
            assert_eq!(checked(&possible), Ok(()), "{possible}");
        }
        let upside_down = json!({ "field": "amount", "aggregationType": "metric", "aggs": group(metric) });
        assert!(checked(&upside_down).unwrap_err().starts_with("`aggs` computes one number of `amount`"));
    }
}
