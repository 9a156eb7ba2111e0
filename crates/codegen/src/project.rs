//! The project file, as in `openapi/codegen.yaml`: which files the generator reads and writes.

use std::env;
use std::path::PathBuf;

use serde::Deserialize;

use crate::diagnostics::Diagnostics;
use crate::load;
use crate::tree::File;

/// The files of a project. Paths are relative to the folder of the project.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Project {
    /// the OpenAPI document
    pub document: PathBuf,
    /// the overlay with the annotations
    pub overlay: PathBuf,
    /// the lock, which records the tools as reviewed
    pub lock: Option<PathBuf>,
    /// the changelog of the tools
    pub changelog: Option<PathBuf>,
    /// the copy of the tools' functions for review
    pub generated: Option<PathBuf>,
    /// the URL of the published document
    pub url: Option<String>,
    pub variables: Variables,
}

/// Environment variables that name other inputs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Variables {
    pub document: Option<String>,
    pub overlay: Option<String>,
    pub url: Option<String>,
}

impl Project {
    /// Reads a project file, YAML or JSON.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut diagnostics = Diagnostics::new(name, "", "");
        let Some(tree) = load::load(text, File::Document, &mut diagnostics) else { return Err(diagnostics.to_string()) };
        let project: Self = serde_json::from_value(tree.to_json()).map_err(|error| format!("`{name}`: {error}"))?;
        if project.document.as_os_str().is_empty() || project.overlay.as_os_str().is_empty() {
            return Err(format!("`{name}` must name a `document` and an `overlay`"));
        }
        Ok(project)
    }

    /// The OpenAPI document that the environment names, or else the project's.
    pub fn document_in_use(&self) -> PathBuf {
        named(self.variables.document.as_ref()).map_or_else(|| self.document.clone(), PathBuf::from)
    }

    /// The overlay that the environment names, or else the project's.
    pub fn overlay_in_use(&self) -> PathBuf {
        named(self.variables.overlay.as_ref()).map_or_else(|| self.overlay.clone(), PathBuf::from)
    }

    /// The URL of the published document that the environment names, or else the project's.
    pub fn url_in_use(&self) -> Option<String> {
        named(self.variables.url.as_ref()).and_then(|url| url.into_string().ok()).or_else(|| self.url.clone())
    }
}

fn named(variable: Option<&String>) -> Option<std::ffi::OsString> {
    env::var_os(variable?)
}
