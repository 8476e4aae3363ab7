//! Changes that are committed while no server runs. Their events wait.

use app::customers::registry::CompanyRegistry;
use app::customers::{RegisterCustomer, Registered};
use domain::credential::Environment;
use domain::id::PartnerId;
use serde_json::Value;
use server::clock::real_now;
use store::{Failed, Store, Tx};
use wire::reference::customer::CreateCustomer;

/// Changes that one transaction makes.
const AT_ONCE: usize = 100;

/// Registers customers as the API does, but many in one commit. Returns their ids.
pub(super) fn register(store: &Store, partner: PartnerId, bodies: &[Value]) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    let commands = bodies.iter().map(|body| {
        let given = CreateCustomer::read(body)
            .map_err(|problem| anyhow::anyhow!("a registration is refused: {problem:?}"))?;
        Ok(RegisterCustomer { registration: given.registration(), external_id: given.external_id })
    });
    let commands = commands.collect::<anyhow::Result<Vec<RegisterCustomer>>>()?;
    for commands in commands.chunks(AT_ONCE) {
        let commands = commands.to_vec();
        let registered = store.write_blocking(move |tx: &mut Tx<'_>| {
            let registry = CompanyRegistry::of(Environment::Sandbox);
            let one = |command| match app::customers::register(
                tx,
                partner,
                real_now().unmoved(),
                registry,
                command,
            )? {
                Registered::New(file) | Registered::Existing(file) => Ok(file.customer.id.to_string()),
            };
            commands.iter().map(one).collect::<Result<Vec<String>, Failed<_>>>()
        });
        ids.extend(registered.map_err(|failed| anyhow::anyhow!("a registration failed: {failed:?}"))?);
    }
    Ok(ids)
}
