//! Builds again when the web-ui was built again.

fn main() {
    let dist = std::path::Path::new("../web-ui/dist");
    // Cargo can only watch what is there. A read-only checkout has the web-ui built already or does without.
    let _ = std::fs::create_dir_all(dist);
    println!("cargo:rerun-if-changed=../web-ui/dist");
}
