//! The programs and ports of the machine.

pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}

pub(super) fn free_port() -> Result<u16, NoCluster> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no)?;
    Ok(listener.local_addr().map_err(no)?.port())
}

/// The reason why there is no cluster.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL tests need initdb and postgres (Debian's package `postgresql`): {0}")]
pub struct NoCluster(pub(super) String);

pub(super) fn no(error: impl std::fmt::Display) -> NoCluster {
    NoCluster(error.to_string())
}
