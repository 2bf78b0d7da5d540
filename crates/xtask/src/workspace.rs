//! The workspace as cargo sees it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::error::Error;
use crate::process;

/// Features that need hardware or vendor libraries; a machine without them cannot build them.
pub(crate) const VENDOR_FEATURES: [&str; 7] =
    ["accelerate", "cuda", "cudnn", "flash-attn", "metal", "mkl", "nccl"];

/// The package that applications depend on.
pub(crate) const FACADE: &str = "hashrec";

/// The packages of this workspace and its folders.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// The oldest compiler that the manifests promise to work.
    pub(crate) rust_version: String,
    /// Every member, by name.
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// The folder of its manifest.
    pub(crate) folder: PathBuf,
    /// The names by which its code knows its dependencies, those for tests and builds included.
    pub(crate) dependencies: Vec<String>,
    /// The other members that it depends on, tests and builds aside.
    pub(crate) members: Vec<String>,
    /// Feature names, `default` included.
    pub(crate) features: Vec<String>,
    /// The oldest compiler it promises to work with.
    pub(crate) rust_version: String,
    /// Whether the package is meant for crates.io.
    pub(crate) published: bool,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self, Error> {
        let mut command = cargo();
        let answer =
            process::capture(command.args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let answer = serde_json::from_str(&answer)
            .map_err(|error| Error::Metadata(format!("not JSON: {error}")))?;
        Self::from_metadata(&answer)
    }

    fn from_metadata(answer: &Value) -> Result<Self, Error> {
        let path = |key: &str| answer[key].as_str().map(PathBuf::from).ok_or_else(|| absent(key));
        let packages = answer["packages"].as_array().ok_or_else(|| absent("packages"))?;
        let mut packages: Vec<Package> =
            packages.iter().map(Package::from_metadata).collect::<Result<_, _>>()?;
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        let rust_version = packages.iter().find(|package| package.name == FACADE);
        let rust_version = rust_version.map(|package| package.rust_version.clone());
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            rust_version: rust_version.unwrap_or_default(),
            packages,
        })
    }

    /// The folder for everything that is fetched.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The arguments that select every package with every feature a plain machine can build.
    ///
    /// All steps use the same set, so that the dependencies, and the C++ library among them, are
    /// built once.
    pub(crate) fn everything(&self) -> Vec<String> {
        let mut features = Vec::new();
        let mut left_out = false;
        for package in &self.packages {
            for feature in &package.features {
                if VENDOR_FEATURES.contains(&feature.as_str()) {
                    left_out = true;
                } else {
                    features.push(format!("{}/{feature}", package.name));
                }
            }
        }
        let mut args = vec!["--workspace".to_owned()];
        if !left_out {
            args.push("--all-features".to_owned());
        } else if !features.is_empty() {
            args.extend(["--features".to_owned(), features.join(",")]);
        }
        args
    }
}

impl Package {
    fn from_metadata(answer: &Value) -> Result<Self, Error> {
        let name = answer["name"].as_str().ok_or_else(|| absent("packages[].name"))?;
        let features = answer["features"].as_object().ok_or_else(|| absent("features"))?;
        let mut features: Vec<String> = features.keys().cloned().collect();
        features.sort();
        // `publish = false` is the empty list of registries.
        let published = answer["publish"].as_array().is_none_or(|list| !list.is_empty());
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        let folder = PathBuf::from(text("manifest_path")).parent().map(Into::into);
        let dependencies = answer["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
        let is_member =
            |dependency: &&Value| dependency["kind"].is_null() && dependency["path"].is_string();
        let name_of = |dependency: &Value, key: &str| dependency[key].as_str().map(str::to_owned);
        Ok(Self {
            name: name.to_owned(),
            folder: folder.unwrap_or_default(),
            dependencies: dependencies
                .iter()
                .filter_map(|one| name_of(one, "rename").or_else(|| name_of(one, "name")))
                .map(|name| name.replace('-', "_"))
                .collect(),
            members: dependencies
                .iter()
                .filter(is_member)
                .filter_map(|one| name_of(one, "name"))
                .collect(),
            features,
            rust_version: text("rust_version"),
            published,
        })
    }

    /// The feature choices with which the package has to build alone: cargo's arguments for the
    /// default, for none, and for each feature by itself.
    pub(crate) fn feature_choices(&self) -> Vec<Vec<String>> {
        let mut choices = vec![Vec::new()];
        if self.features.is_empty() {
            return choices;
        }
        let none = "--no-default-features".to_owned();
        choices.push(vec![none.clone()]);
        for feature in &self.features {
            if feature != "default" && !VENDOR_FEATURES.contains(&feature.as_str()) {
                choices.push(vec![none.clone(), "--features".to_owned(), feature.clone()]);
            }
        }
        choices
    }
}

fn absent(key: &str) -> Error {
    Error::Metadata(format!("no `{key}` in the answer"))
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn metadata(features: Value) -> Value {
        json!({
            "workspace_root": "/src/hashrec",
            "target_directory": "/src/hashrec/target",
            "packages": [
                { "name": "xtask", "features": {}, "publish": [] },
                { "name": "hashrec", "features": features, "publish": null },
            ],
        })
    }

    #[test]
    fn packages_are_sorted_and_know_whether_they_are_published() {
        let workspace = Workspace::from_metadata(&metadata(json!({ "train": [] }))).unwrap();
        let names: Vec<_> = workspace.packages.iter().map(|p| (&*p.name, p.published)).collect();
        assert_eq!(names, [("hashrec", true), ("xtask", false)]);
        assert_eq!(workspace.tools(), Path::new("/src/hashrec/target/tools"));
    }

    #[test]
    fn vendor_features_are_left_out_of_everything() {
        let all = Workspace::from_metadata(&metadata(json!({ "train": [] }))).unwrap();
        assert_eq!(all.everything(), ["--workspace", "--all-features"]);
        let some = json!({ "train": [], "cuda": [], "default": [] });
        let some = Workspace::from_metadata(&metadata(some)).unwrap();
        let expected = ["--workspace", "--features", "hashrec/default,hashrec/train"];
        assert_eq!(some.everything(), expected);
    }

    #[test]
    fn each_feature_is_chosen_alone() {
        let features = json!({ "default": ["a"], "a": [], "b": [], "mkl": [] });
        let workspace = Workspace::from_metadata(&metadata(features)).unwrap();
        let choices: Vec<_> =
            workspace.packages[0].feature_choices().iter().map(|args| args.join(" ")).collect();
        assert_eq!(
            choices,
            [
                "",
                "--no-default-features",
                "--no-default-features --features a",
                "--no-default-features --features b"
            ]
        );
        assert_eq!(workspace.packages[1].feature_choices(), [Vec::<String>::new()]);
    }

    #[test]
    fn an_answer_without_packages_is_an_error() {
        assert!(matches!(Workspace::from_metadata(&json!({})), Err(Error::Metadata(_))));
    }
}
