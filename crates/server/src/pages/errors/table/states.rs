//! Codes about resources: unknown resources, and states that do not allow the request.

use super::row::{CUSTOMER, LOAN, Row, bilingual, field, whole};

pub(super) const RESOURCE_NOT_FOUND: Row = Row {
    meaning: bilingual(
        "O recurso não existe ou pertence a outro parceiro.",
        "The resource does not exist, or it belongs to another partner.",
    ),
    resolve: bilingual(
        "Confira o id, o ambiente e a credencial usada.",
        "Check the id, the environment and the credential that you use.",
    ),
    sample: whole(
        "GET /v3/loans/ln_019bc1a7f3c07d22b3c4d5e6f708192a",
        "no such resource, or it is not yours",
    ),
};

pub(super) const CUSTOMER_ALREADY_EXISTS: Row = Row {
    meaning: bilingual(
        "Já existe um cliente com este CPF e com outro CNPJ ou external_id.",
        "A customer with this CPF already exists, with another CNPJ or external_id.",
    ),
    resolve: bilingual(
        "Procure o cliente em GET /v3/customers. Para obter o mesmo cliente, envie os mesmos identificadores.",
        "Look for the customer at GET /v3/customers. To get the same customer, send the same identifiers.",
    ),
    sample: whole(CUSTOMER, "a customer with this CPF exists with another CNPJ or external_id"),
};

pub(super) const OFFER_ALREADY_ACCEPTED: Row = Row {
    meaning: bilingual("Um empréstimo já usou esta oferta.", "A loan already uses this offer."),
    resolve: bilingual(
        "Use o empréstimo que já existe: o id dele está em detail e no evento loan.created, ao lado de credit_offer_id. Ou use outra oferta disponível.",
        "Use the existing loan: its id is in detail, and in the event loan.created beside credit_offer_id. Or use another available offer.",
    ),
    sample: whole(LOAN, "the loan ln_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b has taken the offer"),
};

pub(super) const SESSION_ALREADY_ACTIVE: Row = Row {
    meaning: bilingual(
        "O cliente tem uma sessão de biometria aberta.",
        "The customer has an open biometrics session.",
    ),
    resolve: bilingual(
        "Use o link que já foi criado. Ele expira em uma hora; depois disso, crie outro.",
        "Use the existing link. It expires after one hour. Then create another one.",
    ),
    sample: whole(
        "POST /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/biometrics",
        "a biometrics session of this customer is open",
    ),
};

pub(super) const INVALID_STATE: Row = Row {
    meaning: bilingual(
        "O estado atual do recurso não permite a operação.",
        "The present state of the resource does not allow the operation.",
    ),
    resolve: bilingual(
        "Leia o recurso, veja o seu status e decida de novo. O campo detail diz o que impede.",
        "Read the resource, look at its status, and decide again. The field detail gives the reason.",
    ),
    sample: field(
        "PATCH /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b",
        "name",
        "can be changed only while the customer is pending_kyc",
    ),
};

pub(super) const IMMUTABLE_FIELD: Row = Row {
    meaning: bilingual("O campo não pode ser alterado.", "The field cannot be changed."),
    resolve: bilingual(
        "Envie no PATCH apenas os campos que podem mudar.",
        "Send only the fields that may change in the PATCH.",
    ),
    sample: field(
        "PATCH /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b",
        "cpf",
        "this field cannot be changed",
    ),
};

pub(super) const KYC_INCOMPLETE: Row = Row {
    meaning: bilingual(
        "O cliente ainda não passou pelo KYC, ou falta um item obrigatório para a análise.",
        "The customer has not passed KYC yet, or a mandatory item is missing for the review.",
    ),
    resolve: bilingual(
        "Envie o que o kyc do cliente pede e espere o evento customer.active.",
        "Send everything that the customer's kyc requires, and wait for the event customer.active.",
    ),
    sample: whole(LOAN, "the customer is not active"),
};

pub(super) const OFFER_EXPIRED: Row = Row {
    meaning: bilingual("O prazo da oferta acabou.", "The offer has expired."),
    resolve: bilingual(
        "Use uma oferta com status available, ou espere a próxima.",
        "Use an offer whose status is available, or wait for the next one.",
    ),
    sample: whole(LOAN, "the offer has expired"),
};

pub(super) const SIMULATION_MISMATCH: Row = Row {
    meaning: bilingual(
        "Os valores não são os da simulação mais recente da oferta.",
        "The figures are not those of the offer's newest simulation.",
    ),
    resolve: bilingual(
        "Envie as parcelas, o valor da parcela e first_due_date como vieram na simulação mais nova, sem arredondar, ou simule de novo.",
        "Send the number of installments, their amount and first_due_date as the newest simulation gave them, without rounding, or simulate again.",
    ),
    sample: field(LOAN, "installments_value", "must be that of the simulation"),
};

pub(super) const SIMULATION_EXPIRED: Row = Row {
    meaning: bilingual(
        "O prazo da simulação acabou. Ela vale até o fim do dia seguinte, no horário de São Paulo.",
        "The simulation has expired. It is valid until the end of the next day, São Paulo time.",
    ),
    resolve: bilingual(
        "Faça uma nova simulação e mostre os novos valores ao cliente.",
        "Make a new simulation and show its figures to the customer.",
    ),
    sample: whole(LOAN, "the simulation has expired; make a new one"),
};
