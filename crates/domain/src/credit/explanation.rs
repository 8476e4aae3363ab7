//! A decision in Portuguese, for the customer who asks for it (LGPD, art. 20).

use super::{Decision, Outcome};
use crate::actor::Actor;
use crate::written;

/// Decision and reasons, the one who decided, the data that was used, and the right to a review. One paragraph a line.
pub fn explanation(decision: &Decision) -> String {
    let used = decision.inputs.iter().map(|(name, _)| data_name(name));
    let used: Vec<String> = used.collect();
    let mut lines = vec![outcome(decision), format!("Motivos: {}.", listed(&decision.reasons))];
    lines.push(by(decision.decided_by).to_owned());
    if !used.is_empty() {
        lines.push(format!("Dados usados: {}.", used.join(", ")));
    }
    lines.push(
        "Você pode pedir que uma pessoa revise esta decisão, e pedir os dados e os critérios usados (LGPD, art. 20)."
            .to_owned(),
    );
    lines.join("\n")
}

fn outcome(decision: &Decision) -> String {
    let day = written::day_of(decision.decided_at);
    match &decision.outcome {
        Outcome::Approved(terms) => {
            let amount = written::money(terms.approved_amount);
            format!("Em {day}, o seu pedido de crédito foi aprovado até {amount}.")
        }
        Outcome::Refused => format!("Em {day}, o seu pedido de crédito não foi aprovado."),
        Outcome::Referred => {
            format!("Em {day}, o seu pedido de crédito foi encaminhado a uma pessoa, que vai decidir.")
        }
    }
}

/// The reasons in one sentence, without the points at their ends.
fn listed(reasons: &[String]) -> String {
    let bare = reasons.iter().map(|reason| reason.trim_end_matches(['.', ' ']));
    bare.collect::<Vec<_>>().join("; ")
}

fn by(actor: Actor) -> &'static str {
    match actor {
        Actor::Operator(_) => "Uma pessoa ou um sistema autorizado do credor decidiu.",
        Actor::Policy | Actor::Sandbox => {
            "A decisão foi automática, pelas regras de crédito que valem para todos os clientes."
        }
    }
}

/// A fact's name in words. Operators name facts of their own, with underscores for spaces.
fn data_name(name: &str) -> String {
    match name {
        "natureza_juridica" => "natureza jurídica".to_owned(),
        "idade_da_empresa_meses" => "idade da empresa em meses".to_owned(),
        "parceiro" => "parceiro".to_owned(),
        "concedido_cpf" => "valor já concedido à pessoa".to_owned(),
        "em_aberto_cpf" => "valor em aberto da pessoa".to_owned(),
        "concedido_cnpj" => "valor já concedido à empresa".to_owned(),
        "em_aberto_cnpj" => "valor em aberto da empresa".to_owned(),
        "simples_declarado_em" => "dia da declaração do Simples Nacional".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, DecisionId, ResourceId as _};
    use crate::time::Timestamp;

    #[test]
    fn a_refusal_says_why_by_whom_on_which_data_and_how_to_ask_for_a_review() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let decision = Decision {
            id: DecisionId::new(now, [1; 10]),
            customer: CustomerId::new(now, [2; 10]),
            outcome: Outcome::Refused,
            inputs: vec![
                ("natureza_juridica".to_owned(), "mei".to_owned()),
                ("faturamento_mensal".to_owned(), "1000.00".to_owned()),
            ],
            decided_by: Actor::Policy,
            policy_version: "1".to_owned(),
            reasons: vec!["Empresa nova demais.".to_owned(), "Sem faturamento".to_owned()],
            valid_days: None,
            decided_at: now,
        };
        insta::assert_snapshot!(explanation(&decision), @r"
        Em 21/09/2026, o seu pedido de crédito não foi aprovado.
        Motivos: Empresa nova demais; Sem faturamento.
        A decisão foi automática, pelas regras de crédito que valem para todos os clientes.
        Dados usados: natureza jurídica, faturamento mensal.
        Você pode pedir que uma pessoa revise esta decisão, e pedir os dados e os critérios usados (LGPD, art. 20).
        ");
    }
}
