//! Names the program's commit, and links the release program without symbols, which go into a file beside it
//! (`scripts/release/link`).
//!
//! Cargo alone does not do this on Linux: its `strip` drops the line tables, and the file of `split-debuginfo` does not hold
//! them. A compiler that cannot wrap its linker makes a warning and a program with everything in it.

use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    let folder = variable("CARGO_MANIFEST_DIR").expect("Cargo says where the package is");
    name_commit(Path::new(&folder));
    let link = Path::new(&folder).join("../../scripts/release/link");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", link.display());
    let linux = variable("CARGO_CFG_TARGET_OS").as_deref() == Some("linux");
    if !linux || variable("PROFILE").as_deref() != Some("release") {
        return;
    }
    let native = variable("HOST") == variable("TARGET");
    if native && wraps_its_linker() && succeeds(Command::new("objcopy").arg("--version")) {
        println!("cargo:rustc-link-arg-bin=dinie=-wrapper");
        println!("cargo:rustc-link-arg-bin=dinie={}", link.display());
    } else {
        println!(
            "cargo:warning=the program keeps its symbols: GCC and objcopy would part them, for this system only"
        );
    }
}

/// Gives the program its commit as `DINIE_COMMIT`: that of the source archive, or of the repository. Only a release names
/// one. A program for tests would otherwise be built anew after every commit.
fn name_commit(package: &Path) {
    let archive = package.join("commit.txt");
    println!("cargo:rerun-if-changed={}", archive.display());
    let commit = match variable("PROFILE").as_deref() {
        Some("release") => of_archive(&archive).or_else(|| of_repository(package)),
        _other => Some("development".to_owned()),
    };
    println!("cargo:rustc-env=DINIE_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

/// The commit that `git archive` has written into the file.
fn of_archive(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    Some(text.trim().to_owned()).filter(|commit| is_commit(commit))
}

/// The commit of the repository that has this package. The log of its head changes with each commit.
fn of_repository(package: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(package).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        Some(text.trim().to_owned())
    };
    // A repository around an unpacked archive is not the program's.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    println!(
        "cargo:rerun-if-changed={}",
        package.join(git(&["rev-parse", "--git-path", "logs/HEAD"])?).display()
    );
    git(&["rev-parse", "HEAD"]).filter(|commit| is_commit(commit))
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// GCC can call its linker through another program, Clang cannot.
fn wraps_its_linker() -> bool {
    let linker = variable("RUSTC_LINKER").unwrap_or_else(|| "cc".to_owned());
    succeeds(Command::new(linker).args(["-wrapper", "env", "-x", "c", "-E", "/dev/null"]))
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[expect(clippy::disallowed_methods, reason = "this is how Cargo talks to a build script")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
