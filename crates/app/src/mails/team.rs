//! Letters to the team of a partner about its webhook endpoints.

use domain::access::TeamRole;
use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::written;
use store::mails::Patience;
use store::{StoreError, Tx};

use super::people::send;
use crate::lender::Lender;

/// The fault of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointTrouble {
    /// Every attempt has failed since this moment.
    Failing(RealTime),
    /// It was disabled, because no attempt had succeeded for five days.
    GivenUp,
    /// It was disabled, because it answered 410.
    Gone,
}

/// A partner's webhook endpoint with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TroubledEndpoint {
    /// The partner.
    pub(crate) partner: PartnerId,
    /// The endpoint.
    pub(crate) endpoint: EndpointId,
    /// The fault.
    pub(crate) trouble: EndpointTrouble,
}

/// Tells the members of the partner's team who can mend an endpoint what is wrong with it.
pub(crate) fn tell_team(
    tx: &mut Tx<'_>, now: RealTime, endpoint: &TroubledEndpoint, lender: &Lender,
) -> Result<(), StoreError> {
    let url = match store::webhook_endpoints::find(tx, endpoint.partner, endpoint.endpoint) {
        // The letter names the endpoint by its id, and the lane reports the unreadable row.
        Err(StoreError::Corrupt(_)) => None,
        found => found?.map(|found| found.url.clone()),
    };
    let name = url.unwrap_or_else(|| endpoint.endpoint.to_string());
    for member in store::operators::members(tx, endpoint.partner)? {
        let mends =
            member.team.is_some_and(|team| matches!(team.role, TeamRole::Developer | TeamRole::Admin));
        let person = if mends { store::people::find(tx, member.id)? } else { None };
        if let Some(person) = person {
            let words = trouble(&member.name, endpoint, &name, lender);
            send(tx, now, (member.id, &person.email), words, lender)?;
        }
    }
    Ok(())
}

fn trouble(
    name: &str, endpoint: &TroubledEndpoint, url: &str, lender: &Lender,
) -> (String, String, Patience) {
    let page = lender.links.endpoint_page(endpoint.endpoint);
    let (subject, portuguese, english) = match endpoint.trouble {
        EndpointTrouble::Failing(since) => {
            let since = written::moment(since.unmoved());
            (
                "Seus webhooks estão falhando",
                format!(
                    "Desde {since}, nenhuma entrega de webhooks para {url} teve sucesso. Continuamos tentando, e \
                     nada se perde. Depois de 5 dias sem sucesso, o endpoint é desativado."
                ),
                format!(
                    "Since {since}, no delivery of webhooks to {url} has succeeded. We keep trying, and nothing \
                     is lost. After 5 days without success the endpoint is disabled."
                ),
            )
        }
        EndpointTrouble::GivenUp => (
            "Um endpoint de webhooks foi desativado",
            format!(
                "O endpoint {url} foi desativado: nenhuma entrega teve sucesso durante 5 dias. Os eventos novos \
                 esperam. Corrija o endpoint e ative-o na página abaixo; ele recebe então tudo o que esperou."
            ),
            format!(
                "The endpoint {url} was disabled: no delivery succeeded for 5 days. New events wait. Mend the \
                 endpoint and enable it on the page above; it then receives everything that waited."
            ),
        ),
        EndpointTrouble::Gone => (
            "Um endpoint de webhooks foi desativado",
            format!(
                "O endpoint {url} respondeu 410 (Gone) e foi desativado. Os eventos novos esperam. Se ele deve \
                 continuar a receber, ative-o na página abaixo."
            ),
            format!(
                "The endpoint {url} answered 410 (Gone) and was disabled. New events wait. If it shall still \
                 receive them, enable it on the page above."
            ),
        ),
    };
    let text = format!("Olá, {name},\n\n{portuguese}\n{page}\n\n{english}\n");
    (subject.to_owned(), text, Patience::Hours)
}
