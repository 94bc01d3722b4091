//! Another version of the reference model, signed by a publisher and taken in by an operator.

use serde_json::Value;
use std::path::Path;
use tests::program::{Call, repository};
use tests::{Person, Stack, sha256};

/// The publisher signs the version, this site trusts the publisher, and an operator takes it in.
///
/// Its weights are those of the reference model as `weights` changes them.
pub(crate) async fn is_taken_in(
    stack: &Stack,
    admin: &Person,
    version: &str,
    weights: fn(Vec<u8>) -> Vec<u8>,
) -> String {
    let package = tempfile::tempdir().unwrap();
    write_package(package.path(), version, weights);
    let data = stack.ledger_arguments().pop().unwrap();
    let publishers = Path::new(&data).join("publishers");
    let (folder, keys) = (package.path().to_str().unwrap(), publishers.to_str().unwrap());
    for arguments in [
        &["model", "sign", folder, "--keys", keys, "--publisher", "maker"][..],
        &["model", "import", folder, "--data", &data][..],
    ] {
        let (code, said) = Call::new("model", arguments).finishes();
        assert_eq!(code, Some(0), "{said}");
    }
    let models = admin.asks("{ models { id version publisher } }", &Value::Null).await;
    let found = models["models"].as_array().unwrap().iter().find(|model| model["version"] == version);
    let model = found.expect("the version is registered");
    assert_eq!(model["publisher"], "maker");
    model["id"].as_str().unwrap().to_owned()
}

/// The version of the reference model.
pub(crate) fn shipped() -> String {
    let description = std::fs::read_to_string(repository().join("models/ct-denoise/model.toml")).unwrap();
    let (_, rest) = description.split_once("\nversion = \"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// The reference model under another version, with what a package needs.
fn write_package(folder: &Path, version: &str, weights: fn(Vec<u8>) -> Vec<u8>) {
    let source = repository().join("models/ct-denoise");
    for name in ["card.md", "metrics.json"] {
        std::fs::copy(source.join(name), folder.join(name)).unwrap();
    }
    let reference = std::fs::read(source.join("weights.safetensors")).unwrap();
    let digest = sha256(&reference);
    let changed = weights(reference);
    std::fs::write(folder.join("weights.safetensors"), &changed).unwrap();
    std::fs::copy(repository().join("LICENSE"), folder.join("LICENSE")).unwrap();
    let description = std::fs::read_to_string(source.join("model.toml")).unwrap();
    let line = |version: &str| format!("\nversion = \"{version}\"\n");
    let next = description.replacen(&line(&shipped()), &line(version), 1);
    assert_ne!(next, description, "the description doesn't say its version as it is read");
    std::fs::write(folder.join("model.toml"), next.replacen(&digest, &sha256(&changed), 1)).unwrap();
}
