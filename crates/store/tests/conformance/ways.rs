//! Connections to PostgreSQL: TLS, certificates, several hosts, password files, and PgBouncer.

use std::path::{Path, PathBuf};

use domain::id::PartnerId;
use domain::time::RealTime;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use store::db::DatabaseUrl;
use store::seal::MasterKey;
use store::test_support::{PgBouncer, PostgresCluster};
use store::{Store, StoreError, args};

fn now() -> RealTime {
    RealTime::from_seconds(1_780_000_000)
}

fn url_of(database: DatabaseUrl) -> String {
    let DatabaseUrl::Postgres(url) = database else { unreachable!("the database is on PostgreSQL") };
    url
}

fn opens(url: &str) -> Result<Store, String> {
    Store::open(&DatabaseUrl::Postgres(url.to_owned()), MasterKey::new([42; 32]))
        .map_err(|error| error.to_string())
}

#[track_caller]
fn serves(url: &str) {
    let store = opens(url).unwrap();
    let id = store.write_blocking(|tx| store::partners::insert(tx, "Mercado Exemplo", now())).unwrap().id;
    assert!(store.write_blocking(move |tx| store::partners::find(tx, id)).unwrap().is_some());
}

#[track_caller]
fn refused(url: &str, why: &str) {
    let error = opens(url).err().expect("the connection is refused");
    assert!(error.contains(why), "{error}");
}

/// A root certificate, and files with certificates that it issues to a server and a client.
struct Certificates {
    folder: tempfile::TempDir,
    root: CertifiedIssuer<'static, KeyPair>,
}

impl Certificates {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "a root of this test");
        let root = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let certificate: &rcgen::Certificate = root.as_ref();
        std::fs::write(folder.path().join("root.pem"), certificate.pem()).unwrap();
        Self { folder, root }
    }

    /// The certificate and key for a name, in PEM.
    fn issue(&self, name: &str) -> (String, String) {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (parameters.signed_by(&key, &self.root).unwrap().pem(), key.serialize_pem())
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// A cluster that uses TLS as `localhost`.
fn with_tls(certificates: &Certificates, rules: &str) -> Option<PostgresCluster> {
    let cluster = PostgresCluster::own()?;
    let (certificate, key) = certificates.issue("localhost");
    cluster.put("server.crt", &certificate);
    cluster.put("server.key", &key);
    cluster.put("root.crt", &std::fs::read_to_string(certificates.root()).unwrap());
    cluster.configure(
        "ssl = on\nssl_ca_file = 'root.crt'\n",
        &format!("host all postgres 127.0.0.1/32 trust\n{rules}"),
    );
    Some(cluster)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn each_tls_mode_behaves_as_in_libpq() {
    let (ours, others) = (Certificates::new(), Certificates::new());
    let Some(cluster) = with_tls(&ours, "") else { return };
    let by_address = url_of(cluster.database());
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let (root, other) = (shown(&ours.root()), shown(&others.root()));
    serves(&format!("{by_address}?sslmode=disable"));
    serves(&by_address);
    serves(&format!("{by_address}?sslmode=require"));
    serves(&format!("{by_address}?sslmode=verify-ca&sslrootcert={root}"));
    serves(&format!("{by_name}?sslmode=verify-full&sslrootcert={root}"));
    refused(&format!("{by_address}?sslmode=verify-full&sslrootcert={root}"), "TLS");
    refused(&format!("{by_name}?sslmode=verify-full&sslrootcert={other}"), "TLS");
    refused(&format!("{by_name}?sslmode=verify-ca&sslrootcert={other}"), "TLS");
    refused(&format!("{by_name}?sslmode=require&sslrootcert={other}"), "TLS");
    let encrypted = opens(&format!("{by_name}?sslmode=verify-full&sslrootcert={root}")).unwrap();
    let sql = "select count(*) from pg_stat_ssl where pid = pg_backend_pid() and ssl";
    let found = encrypted.write_blocking(move |tx| tx.query_one(sql, &[], |row| row.get::<i64>(0)));
    assert_eq!(found, Ok::<_, StoreError>(1));
}

/// A certificate of X.509 version 1, as Citus makes it for its machines, and its key. They are used only here.
const FIRST_VERSION: (&str, &str) = (
    "-----BEGIN CERTIFICATE-----
MIIBHTCBwwIUEHtVbORZf0pMggcsZ71RaYXhS+0wCgYIKoZIzj0EAwIwEDEOMAwG
A1UEAwwFY2l0dXMwIBcNMjYxMTI2MDMxMzA4WhgPMjEyNjExMDIwMzEzMDhaMBAx
DjAMBgNVBAMMBWNpdHVzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+GlvP9PB
d9EUXx1yIDnTj4x0dDiE8gPlJDkBg63CrfGCT/HnqjnWxKbsQInrRfISgtMJojSU
y7xfu0thiMtjNDAKBggqhkjOPQQDAgNJADBGAiEA9oti0LEJ9lqGgwtc0TezbSHR
0rl/V54mmT5KAwhq7M8CIQCz70tR5OysWK0TnNnmUvPTmvwiDoYXLqTB71f12hCV
GQ==
-----END CERTIFICATE-----
",
    "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPopS3eozLP4ZWg2S
3LYYk5vJi+kAPMdJUH5JSHX8ib2hRANCAAT4aW8/08F30RRfHXIgOdOPjHR0OITy
A+UkOQGDrcKt8YJP8eeqOdbEpuxAietF8hKC0wmiNJTLvF+7S2GIy2M0
-----END PRIVATE KEY-----
",
);

#[test]
fn a_certificate_of_version_1_encrypts_if_no_certificate_is_verified() {
    let certificates = Certificates::new();
    let Some(cluster) = PostgresCluster::own() else { return };
    let (certificate, key) = FIRST_VERSION;
    cluster.put("server.crt", certificate);
    cluster.put("server.key", key);
    cluster.configure("ssl = on\n", "host all postgres 127.0.0.1/32 trust\n");
    let url = url_of(cluster.database());
    serves(&url);
    serves(&format!("{url}?sslmode=require"));
    refused(&format!("{url}?sslmode=verify-ca&sslrootcert={}", shown(&certificates.root())), "TLS");
}

#[test]
fn a_server_without_tls_accepts_prefer_and_refuses_require() {
    let Some(cluster) = PostgresCluster::shared() else { return };
    let url = url_of(cluster.database());
    serves(&format!("{url}?sslmode=prefer"));
    refused(&format!("{url}?sslmode=require"), "TLS");
}

#[test]
fn a_client_signs_in_with_its_certificate() {
    let certificates = Certificates::new();
    let Some(cluster) = with_tls(&certificates, "hostssl all dinie 127.0.0.1/32 cert\n") else { return };
    let url = url_of(cluster.database_owned_by("dinie"));
    let (certificate, key) = certificates.issue("dinie");
    let (certificate, key) =
        (certificates.put("dinie.crt", &certificate), certificates.put("dinie.key", &key));
    let (certificate, key) = (shown(&certificate), shown(&key));
    serves(&format!("{url}?sslmode=require&sslcert={certificate}&sslkey={key}"));
    refused(&format!("{url}?sslmode=require"), "28000");
}

#[test]
fn the_host_that_accepts_writes_is_used_among_several() {
    let (Some(standby), Some(primary)) = (PostgresCluster::own(), PostgresCluster::own()) else { return };
    let (other, url) = (url_of(standby.database()), url_of(primary.database()));
    standby.configure("default_transaction_read_only = on\n", "host all all 127.0.0.1/32 trust\n");
    let place = |url: &str| url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let both = format!("{},{}", place(&other), place(&url));
    serves(&url.replace(&place(&url), &both));
    // An unreachable host is skipped too.
    serves(&url.replace(&place(&url), &format!("127.0.0.1:1,{both}")));
}

#[test]
fn a_changed_password_in_its_file_needs_no_restart() {
    let Some(cluster) = PostgresCluster::own() else { return };
    let url = url_of(cluster.database_of("dinie", "first"));
    let folder = tempfile::TempDir::new().unwrap();
    let (plain, list) = (folder.path().join("password"), folder.path().join("pgpass"));
    std::fs::write(&plain, "first\n").unwrap();
    std::fs::write(&list, "127.0.0.1:*:*:dinie:first\n").unwrap();
    let without = url.replace(":first@", "@");
    serves(&format!("{without}?passfile={}", shown(&list)));
    refused(&without, "password");
    let store = opens(&format!("{without}?password_file={}", shown(&plain))).unwrap();
    cluster.set_password("dinie", "second");
    cluster.restart_at_once();
    let any = || store.write_blocking(store::partners::any);
    assert!(matches!(any(), Err(StoreError::Unavailable(_))));
    std::fs::write(&plain, "second\n").unwrap();
    assert_eq!(any(), Ok(true));
}

/// Checks a store with races, savepoints and snapshot reads.
fn works(url: &str) {
    let store = opens(url).unwrap();
    let id = store.write_blocking(|tx| store::partners::insert(tx, "Mercado Exemplo", now())).unwrap().id;
    let (writers, each) = (8_u32, 20_u32);
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for _ in 0..each {
                    store.write_blocking(move |tx| count(tx, id)).unwrap();
                    runtime
                        .block_on(store.look_up(move |tx| store::partners::find(tx, id)))
                        .unwrap()
                        .unwrap();
                    runtime.block_on(store.read(move |tx| store::partners::find(tx, id))).unwrap().unwrap();
                }
            });
        }
    });
    let sql = "select version from partners where id = $1";
    let version = store.write_blocking(move |tx| tx.query_one(sql, args![id], |row| row.get::<i64>(0)));
    assert_eq!(version, Ok::<_, StoreError>(1 + i64::from(writers * each)));
}

/// Raises the partner's version by one, and once more inside a part that is undone.
fn count(tx: &mut store::Tx<'_>, id: PartnerId) -> Result<(), StoreError> {
    store::partners::touch(tx, id)?;
    let part = tx.savepoint(|tx| {
        store::partners::touch(tx, id)?;
        Err::<(), _>(StoreError::NotFound)
    })?;
    assert_eq!(part, Err(StoreError::NotFound));
    Ok(())
}

#[test]
fn pgbouncer_in_session_mode_supports_everything() {
    let Some(cluster) = PostgresCluster::shared() else { return };
    let url = url_of(cluster.database());
    let Some(bouncer) = PgBouncer::before(&url, "session") else { return };
    works(&bouncer.url(&url));
}

#[test]
fn pgbouncer_in_transaction_mode_supports_everything_without_prepared_statements() {
    let Some(cluster) = PostgresCluster::shared() else { return };
    let url = url_of(cluster.database());
    let Some(bouncer) = PgBouncer::before(&url, "transaction") else { return };
    drop(opens(&url).unwrap());
    works(&format!("{}?pooler=transaction", bouncer.url(&url)));
}
