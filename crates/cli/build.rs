//! Links the release program without symbols, which go into a file beside it (`scripts/release/link`).
//!
//! Cargo alone does not do this on Linux: its `strip` drops the line tables, and the file of `split-debuginfo` does not hold
//! them. A compiler that cannot wrap its linker makes a warning and a program with everything in it.

use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    let folder = variable("CARGO_MANIFEST_DIR").expect("Cargo says where the package is");
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
