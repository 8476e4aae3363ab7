//! The texts of proposals.

use domain::access::Action;
use domain::loan::pricing::Quote;
use domain::written;

/// The texts.
pub(crate) struct ProposalTexts {
    /// The name of an action in lists.
    pub(crate) action: fn(Action) -> &'static str,
    /// Takes the action, the amount and the name of the customer.
    pub(crate) title: fn(Action, &str, &str) -> String,
    /// The label of the button that approves, with the amount.
    pub(crate) approve: fn(Action, &str) -> String,
    /// The consequence of an approval.
    pub(crate) follows: fn(Action) -> &'static str,
    /// Takes the name of the first person.
    pub(crate) by: fn(&str) -> String,
    pub(crate) proposed: &'static str,
    pub(crate) approved: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) withdrawn: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) facts: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) tax_id: &'static str,
    pub(crate) partner: &'static str,
    pub(crate) contract: &'static str,
    pub(crate) destination: &'static str,
    /// The order that came back, with the reason.
    pub(crate) returned: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) installments: &'static str,
    /// The count and the amounts of the installments.
    pub(crate) in_installments: fn(&Quote) -> String,
    pub(crate) paid_on: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) decided_by: &'static str,
    pub(crate) reason: &'static str,
    /// Takes the names of both people.
    pub(crate) eyes: fn(&str, &str) -> String,
    pub(crate) nobody_yet: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) stale: &'static str,
    /// Takes what the subject is now, and the name of the first person.
    pub(crate) stale_text: fn(&str, &str) -> String,
    /// Takes a state and a time.
    pub(crate) loan_is: fn(&str, &str) -> String,
    pub(crate) payment_is: &'static str,
    pub(crate) policy_is: &'static str,
    pub(crate) customer_is: &'static str,
    pub(crate) credit_is: &'static str,
    /// Takes the present roles.
    pub(crate) roles_are: fn(&str) -> String,
    pub(crate) roles_now: &'static str,
    pub(crate) roles_then: &'static str,
    pub(crate) no_roles: &'static str,
    pub(crate) above_limit: &'static str,
    pub(crate) concerned: &'static str,
    pub(crate) own: &'static str,
    pub(crate) not_allowed: &'static str,
    pub(crate) stale_reason: &'static str,
    pub(crate) over: &'static str,
    pub(crate) reject: &'static str,
    pub(crate) reject_question: fn(&str) -> String,
    pub(crate) withdraw: &'static str,
    pub(crate) withdraw_question: fn(&str) -> String,
    pub(crate) nothing_follows: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) note_wrong: &'static str,
    pub(crate) not_done: &'static str,
    pub(crate) decided_before: &'static str,
    pub(crate) not_possible: &'static str,
    pub(crate) key_company: &'static str,
    pub(crate) key_person: &'static str,
    /// Takes the masked key.
    pub(crate) pix_key: fn(&str, &str) -> String,
}

pub(super) const PORTUGUESE: ProposalTexts = ProposalTexts {
    action: |action| match action {
        Action::ApproveCredit => "Crédito",
        Action::OrderDisbursement => "Desembolso",
        Action::PayAgain => "Novo desembolso",
        Action::ReversePayment => "Estorno",
        Action::WriteOff => "Baixa",
        Action::ChangeRoles => "Papéis",
        Action::AdoptPolicy => "Política de crédito",
        Action::EraseCustomer => "Apagar dados",
    },
    title: |action, amount, name| match action {
        Action::OrderDisbursement => format!("Desembolsar {amount} para {name}"),
        Action::PayAgain => format!("Pagar de novo {amount} para {name}"),
        Action::ApproveCredit => format!("Aprovar até {amount} para {name}"),
        Action::ReversePayment => format!("Estornar {amount} de {name}"),
        Action::WriteOff => format!("Baixar como prejuízo {amount} de {name}"),
        Action::ChangeRoles => format!("Mudar os papéis de {name}"),
        Action::AdoptPolicy => format!("Pôr em vigor a política {name}"),
        Action::EraseCustomer => format!("Apagar os dados de {name}"),
    },
    approve: |action, amount| match action {
        Action::OrderDisbursement => format!("Desembolsar {amount}"),
        Action::PayAgain => format!("Pagar {amount} de novo"),
        Action::ApproveCredit => format!("Aprovar {amount}"),
        Action::ReversePayment => format!("Estornar {amount}"),
        Action::WriteOff => format!("Baixar {amount}"),
        Action::ChangeRoles => "Mudar os papéis".to_owned(),
        Action::AdoptPolicy => "Pôr em vigor".to_owned(),
        Action::EraseCustomer => "Apagar os dados".to_owned(),
    },
    follows: |action| match action {
        Action::OrderDisbursement => {
            "A ordem vai para o banco. Depois de enviado, o dinheiro não volta por aqui."
        }
        Action::PayAgain => {
            "Uma nova ordem vai para o banco. A resposta à ordem que voltou não vale para ela."
        }
        Action::ReversePayment => {
            "O pagamento deixa de valer, e as parcelas voltam a ser devidas. Não dá para desfazer."
        }
        Action::ApproveCredit => {
            "O cliente recebe a oferta, e o parceiro é avisado, assim que o cadastro está ativo."
        }
        Action::WriteOff => {
            "O cliente continua devendo. Nos livros o principal vira perda, e o que ele pagar depois é recuperação."
        }
        Action::ChangeRoles => "Os papéis novos valem a partir do próximo acesso.",
        Action::AdoptPolicy => "Vale na hora, em todos os servidores, para as próximas decisões.",
        Action::EraseCustomer => {
            "Nome, documentos, conta e contratos são apagados, assim que a lei permite. Não dá para desfazer."
        }
    },
    by: |name| format!("proposto por {name}"),
    proposed: "Espera a segunda pessoa",
    approved: "Aprovada",
    rejected: "Rejeitada",
    withdrawn: "Retirada",
    expired: "Venceu",
    facts: "Fatos",
    customer: "Cliente",
    tax_id: "CNPJ ou CPF",
    partner: "Parceiro",
    contract: "Contrato",
    destination: "Destino",
    returned: "Devolução",
    attempt: "Tentativa",
    installments: "Parcelas",
    in_installments: written::installments,
    paid_on: "Pago em",
    reference: "Referência",
    amount: "Valor",
    ends: "Vale até",
    decided_by: "Decisão de",
    reason: "Motivo",
    eyes: |one, other| format!("Propôs: {one}. Decide: {other}."),
    nobody_yet: "ninguém ainda",
    decision: "Sua decisão",
    stale: "Mudou depois da proposta.",
    stale_text: |now, name| format!("{now} Rejeite; {name} vê como está agora e propõe de novo."),
    loan_is: |state, at| format!("O empréstimo mudou em {at} e agora está “{state}”."),
    payment_is: "O pagamento já foi estornado.",
    policy_is: "Outra versão da política entrou em vigor.",
    customer_is: "O cadastro mudou.",
    credit_is: "O crédito deste cliente já teve outra decisão.",
    roles_are: |roles| format!("O acesso mudou. Os papéis agora são: {roles}."),
    roles_now: "Papéis hoje",
    roles_then: "Papéis propostos",
    no_roles: "nenhum",
    above_limit: "O valor passa do seu limite. Quem tem limite maior aprova; você pode rejeitar.",
    concerned: "A proposta é sobre os seus papéis. Outra pessoa decide.",
    own: "Você propôs. Outra pessoa decide.",
    not_allowed: "O seu papel não permite esta decisão.",
    stale_reason: "Ninguém aprova o que mudou depois da proposta.",
    over: "Esta proposta já foi decidida.",
    reject: "Rejeitar",
    reject_question: |title| format!("Rejeitar: {title}?"),
    withdraw: "Retirar",
    withdraw_question: |title| format!("Retirar: {title}?"),
    nothing_follows: "Nada mais acontece. O mesmo pode ser proposto de novo.",
    note: "Motivo, para os colegas",
    note_hint: "Opcional, até 500 letras.",
    note_wrong: "O motivo é longo demais ou tem sinais que não são letras.",
    not_done: "Nada foi decidido.",
    decided_before: "Outra pessoa decidiu antes, ou o prazo acabou. Veja como está agora.",
    not_possible: "O que a proposta pede não é mais possível. Veja como está agora.",
    key_company: "CNPJ",
    key_person: "CPF",
    pix_key: |kind, key| format!("Pix, chave {kind} {key}"),
};

pub(super) const ENGLISH: ProposalTexts = ProposalTexts {
    action: |action| match action {
        Action::ApproveCredit => "Credit",
        Action::OrderDisbursement => "Disbursement",
        Action::PayAgain => "Disbursement again",
        Action::ReversePayment => "Reversal",
        Action::WriteOff => "Write-off",
        Action::ChangeRoles => "Roles",
        Action::AdoptPolicy => "Credit policy",
        Action::EraseCustomer => "Erasure",
    },
    title: |action, amount, name| match action {
        Action::OrderDisbursement => format!("Disburse {amount} to {name}"),
        Action::PayAgain => format!("Pay {amount} again to {name}"),
        Action::ApproveCredit => format!("Approve up to {amount} for {name}"),
        Action::ReversePayment => format!("Reverse {amount} of {name}"),
        Action::WriteOff => format!("Write off {amount} of {name}"),
        Action::ChangeRoles => format!("Change the roles of {name}"),
        Action::AdoptPolicy => format!("Bring the policy {name} into force"),
        Action::EraseCustomer => format!("Erase the data of {name}"),
    },
    approve: |action, amount| match action {
        Action::OrderDisbursement => format!("Disburse {amount}"),
        Action::PayAgain => format!("Pay {amount} again"),
        Action::ApproveCredit => format!("Approve {amount}"),
        Action::ReversePayment => format!("Reverse {amount}"),
        Action::WriteOff => format!("Write off {amount}"),
        Action::ChangeRoles => "Change the roles".to_owned(),
        Action::AdoptPolicy => "Bring into force".to_owned(),
        Action::EraseCustomer => "Erase the data".to_owned(),
    },
    follows: |action| match action {
        Action::OrderDisbursement => {
            "The order goes to the bank. Money that was sent does not return by this page."
        }
        Action::PayAgain => {
            "A new order goes to the bank. Answers to the returned order do not count for it."
        }
        Action::ReversePayment => {
            "The payment no longer counts, and its installments are due again. It cannot be undone."
        }
        Action::ApproveCredit => {
            "The customer gets the offer, and the partner is told, as soon as the registration is active."
        }
        Action::WriteOff => {
            "The customer still owes it. In the books the principal becomes a loss, and later payments are recoveries."
        }
        Action::ChangeRoles => "The new roles count from the next request on.",
        Action::AdoptPolicy => "It counts at once, on every server, for the next decisions.",
        Action::EraseCustomer => {
            "Name, documents, account and contracts are erased as soon as the law allows it. It cannot be undone."
        }
    },
    by: |name| format!("proposed by {name}"),
    proposed: "Waits for the second person",
    approved: "Approved",
    rejected: "Rejected",
    withdrawn: "Withdrawn",
    expired: "Expired",
    facts: "Facts",
    customer: "Customer",
    tax_id: "CNPJ or CPF",
    partner: "Partner",
    contract: "Contract",
    destination: "Destination",
    returned: "Returned",
    attempt: "Attempt",
    installments: "Installments",
    in_installments: in_english,
    paid_on: "Paid on",
    reference: "Reference",
    amount: "Amount",
    ends: "Valid until",
    decided_by: "Decided by",
    reason: "Reason",
    eyes: |one, other| format!("Proposed by: {one}. Decides: {other}."),
    nobody_yet: "nobody yet",
    decision: "Your decision",
    stale: "It has changed since the proposal.",
    stale_text: |now, name| format!("{now} Reject it; {name} looks again and proposes it anew."),
    loan_is: |state, at| format!("The loan changed on {at} and is now “{state}”."),
    payment_is: "The payment was reversed.",
    policy_is: "Another version of the policy is in force.",
    customer_is: "The registration has changed.",
    credit_is: "There is another decision on the credit of this customer.",
    roles_are: |roles| format!("The access has changed. The roles are now: {roles}."),
    roles_now: "Roles today",
    roles_then: "Proposed roles",
    no_roles: "none",
    above_limit: "The amount is above your limit. Somebody with a larger limit approves; you can reject.",
    concerned: "The proposal is about your own roles. Somebody else decides.",
    own: "You proposed it. Another person decides.",
    not_allowed: "Your role does not allow this decision.",
    stale_reason: "Nobody approves what has changed since the proposal.",
    over: "This proposal was decided.",
    reject: "Reject",
    reject_question: |title| format!("Reject: {title}?"),
    withdraw: "Withdraw",
    withdraw_question: |title| format!("Withdraw: {title}?"),
    nothing_follows: "Nothing else happens. The same can be proposed again.",
    note: "Reason, for your colleagues",
    note_hint: "Optional, up to 500 letters.",
    note_wrong: "The reason is too long or has signs that are no letters.",
    not_done: "Nothing was decided.",
    decided_before: "Another person has decided, or its time is over. See how it is now.",
    not_possible: "What the proposal asks for is no longer possible. See how it is now.",
    key_company: "CNPJ",
    key_person: "CPF",
    pix_key: |kind, key| format!("Pix, {kind} key {key}"),
};

/// `11 of R$ 97,40 and 1 of R$ 97,36`, because the last installment takes the residue.
fn in_english(quote: &Quote) -> String {
    let last = quote.schedule.last().map_or(quote.installment, |row| row.payment);
    let (count, each) = (quote.installments(), written::money(quote.installment));
    if last == quote.installment {
        return format!("{count} of {each}");
    }
    format!("{} of {each} and 1 of {}", count - 1, written::money(last))
}
