//! Where the server of this session listens.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the server may listen, the likeliest place first, by the rules of its own client library.
pub(super) fn socket_paths() -> Vec<PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(servers) = var("PULSE_SERVER") {
        return unix_sockets(&servers);
    }
    let mut paths = Vec::new();
    paths.extend(var("PULSE_RUNTIME_PATH").map(|path| Path::new(&path).join("native")));
    paths.extend(var("XDG_RUNTIME_DIR").map(|path| Path::new(&path).join("pulse/native")));
    if let Ok(own) = std::fs::metadata("/proc/self") {
        paths.push(format!("/run/user/{}/pulse/native", own.uid()).into());
    }
    // Without a runtime folder the server makes one of its own and leaves a link in the home folder.
    let config = var("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| var("HOME").map(|home| Path::new(&home).join(".config")));
    let links = config.and_then(|config| std::fs::read_dir(config.join("pulse")).ok());
    for entry in links.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().ends_with("-runtime") {
            paths.push(entry.path().join("native"));
        }
    }
    paths.push("/var/run/pulse/native".into());
    paths
}

/// The local sockets in a list like `{machine}unix:/run/a /run/b tcp:c`.
fn unix_sockets(servers: &str) -> Vec<PathBuf> {
    servers
        .split_whitespace()
        .map(
            |server| match (server.starts_with('{'), server.split_once('}')) {
                (true, Some((_, address))) => address,
                _ => server,
            },
        )
        .map(|address| address.strip_prefix("unix:").unwrap_or(address))
        .filter(|path| path.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_servers_are_found_in_every_spelling() {
        let expect = |servers: &str, paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(unix_sockets(servers), paths, "{servers}");
        };
        expect("unix:/run/a/native", &["/run/a/native"]);
        expect("/run/a/native", &["/run/a/native"]);
        expect(
            "{0123abc}unix:/run/a tcp:studio:4713 /run/b",
            &["/run/a", "/run/b"],
        );
        expect("studio.local", &[]);
    }
}
