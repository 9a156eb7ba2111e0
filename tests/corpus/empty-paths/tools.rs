/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[];
