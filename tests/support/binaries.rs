//! The binaries of the workspace, as Cargo builds them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The binary of this package: a Lambda function, or the local stack.
///
/// `cargo test` does not build the binaries of other packages, so the first call asks Cargo for
/// all of them, in the profile and the target directory of the running test. Naming a test target
/// as well makes Cargo choose the same features as for the tests, so that nothing is built twice.
///
/// # Panics
/// If Cargo cannot build them.
pub fn binary(package: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(build).join(format!("{package}{}", std::env::consts::EXE_SUFFIX))
}

fn build() -> PathBuf {
    // `<target directory>/<profile>/deps/<test>-<hash>`.
    let test = std::env::current_exe().unwrap();
    let directory = test.parent().and_then(Path::parent).unwrap();
    let target_directory = directory.parent().unwrap();
    let profile = match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--bins", "--test", "end_to_end", "--profile", profile])
        .args(["--quiet", "--offline", "--target-dir"])
        .arg(target_directory)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    directory.to_owned()
}
