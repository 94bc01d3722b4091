use super::*;
use contract::Refusal;
use platform::{Random, keys};
use safetensors::{Dtype, tensor::TensorView};
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

/// A publisher's key, a site that trusts it, and a sealed package.
struct Bench {
    folder: TempDir,
    key: SigningKey,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key =
            keys::load_or_generate(&folder.path().join("publishers"), "maker", &Random::seeded(1)).unwrap();
        let bench = Self { folder, key };
        fs_write(&bench.package(), "model.toml", b"name = \"ct-denoise\"\n");
        fs_write(&bench.package(), "card.md", b"# A model\n");
        fs_write(&bench.package(), "metrics.json", b"{}");
        fs_write(&bench.package(), "LICENSE", b"Apache-2.0\n");
        fs_write(&bench.package(), "weights.safetensors", &weights(&[2, 3]));
        seal(&bench.package(), &bench.key).unwrap();
        bench
    }

    fn package(&self) -> PathBuf {
        let path = self.folder.path().join("package");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    fn check(&self) -> Result<Sealed, Refusal> {
        check(&self.package(), &self.folder.path().join("publishers")).map_err(refusal)
    }

    fn zip(&self, entries: &[(&str, &[u8])]) -> PathBuf {
        let path = self.folder.path().join("package.zip");
        let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in entries {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        path
    }
}

/// What unpacking a source gives: the names found, or the refusal's code.
fn unpacked(source: &Path, bytes_max: u64) -> Result<Vec<String>, String> {
    let into = tempfile::tempdir().unwrap();
    unpack(source, into.path(), bytes_max).map_err(|error| refusal(error).code)?;
    Ok(names(into.path()).unwrap())
}

fn fs_write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn weights(shape: &[usize]) -> Vec<u8> {
    let bytes = vec![0; 4 * shape.iter().product::<usize>()];
    let view = TensorView::new(Dtype::F32, shape.to_vec(), &bytes).unwrap();
    safetensors::serialize([("head.weight", view)], None).unwrap()
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::Refused(refusal) => refusal,
        other => panic!("not refused but {other}"),
    }
}

#[test]
fn a_sealed_package_names_its_publisher() {
    let sealed = Bench::new().check().unwrap();
    assert_eq!(sealed.publisher, "maker");
}

#[test]
fn a_file_that_was_changed_added_or_taken_away_is_named() {
    let bench = Bench::new();
    fs_write(&bench.package(), "card.md", b"# Another card\n");
    let refused = bench.check().unwrap_err();
    assert!(refused.code == "package_altered" && refused.message.contains("card.md"), "{refused:?}");
    fs_write(&bench.package(), "card.md", b"# A model\n");
    fs_write(&bench.package(), "notes.txt", b"more");
    assert_eq!(bench.check().unwrap_err().code, "package_unlisted");
    std::fs::remove_file(bench.package().join("notes.txt")).unwrap();
    bench.check().unwrap();
    std::fs::remove_file(bench.package().join("LICENSE")).unwrap();
    let refused = bench.check().unwrap_err();
    assert!(refused.code == "package_incomplete" && refused.message.contains("LICENSE"), "{refused:?}");
}

#[test]
fn a_list_that_nobody_trusted_has_signed_is_refused() {
    let bench = Bench::new();
    let other = keys::load_or_generate(&bench.folder.path().join("elsewhere"), "other", &Random::seeded(2));
    seal(&bench.package(), &other.unwrap()).unwrap();
    assert_eq!(bench.check().unwrap_err().code, "package_publisher");
    fs_write(&bench.package(), SIGNATURE, b"short");
    assert_eq!(bench.check().unwrap_err().code, "package_signature");
}

#[test]
fn weights_with_other_tensors_than_stated_are_refused() {
    let bench = Bench::new();
    fs_write(&bench.package(), "weights.safetensors", &weights(&[3, 2]));
    // Signed as they are, but the list of tensors is of the weights before.
    let mut sums = String::new();
    for name in names(&bench.package()).unwrap() {
        if name != SUMS && name != SIGNATURE {
            writeln!(sums, "{}  {name}", digest(&bench.package(), &name).unwrap()).unwrap();
        }
    }
    fs_write(&bench.package(), SUMS, sums.as_bytes());
    fs_write(&bench.package(), SIGNATURE, &bench.key.sign(sums.as_bytes()).to_bytes());
    let refused = bench.check().unwrap_err();
    assert!(refused.code == "package_tensors" && refused.message.contains("head.weight"), "{refused:?}");
}

#[test]
fn an_archive_is_unpacked_within_its_limits_and_its_folder() {
    let bench = Bench::new();
    let whole = bench.zip(&[("card.md", b"a card"), ("model.toml", b"a model")]);
    assert_eq!(unpacked(&whole, 100).unwrap(), ["card.md", "model.toml"]);
    assert_eq!(unpacked(&whole, 10).unwrap_err(), "package_too_large");
    let climbing = bench.zip(&[("../card.md", b"a card")]);
    assert_eq!(unpacked(&climbing, 100).unwrap_err(), "package_name");
    let many: Vec<String> = (0..65).map(|i| format!("file{i}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    let many = bench.zip(&many);
    assert_eq!(unpacked(&many, 100).unwrap_err(), "package_too_large");
    let text = bench.folder.path().join("text");
    std::fs::write(&text, "no archive").unwrap();
    assert_eq!(unpacked(&text, 100).unwrap_err(), "package_archive");
}

#[test]
fn a_folder_with_a_link_in_it_is_refused() {
    let bench = Bench::new();
    std::os::unix::fs::symlink("/etc/hostname", bench.package().join("hosts")).unwrap();
    assert_eq!(unpacked(&bench.package(), 1 << 20).unwrap_err(), "package_name");
}

#[test]
fn other_tools_check_the_same_package() {
    let bench = Bench::new();
    let sums = std::process::Command::new("sha256sum")
        .args(["-c", "--strict", SUMS])
        .current_dir(bench.package())
        .output()
        .unwrap();
    assert!(sums.status.success(), "{}", String::from_utf8_lossy(&sums.stderr));
    let verified = std::process::Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-rawin", "-in", SUMS, "-sigfile", SIGNATURE, "-inkey"])
        .arg(bench.folder.path().join("publishers/maker.pub"))
        .current_dir(bench.package())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
