//! Codes about fields: missing, wrong, or refused by a rule.

use super::row::{CUSTOMER, DOCUMENT, ENDPOINT, PAYMENT, Row, SIMULATION, bilingual, field};

pub(super) const MISSING_FILE: Row = Row {
    meaning: bilingual(
        "O envio não tem arquivo, ou o arquivo está vazio.",
        "The upload has no file, or the file is empty.",
    ),
    resolve: bilingual(
        "Envie o arquivo na parte file do formulário.",
        "Send the file as the part file of the form.",
    ),
    sample: field(DOCUMENT, "file", "this file is required"),
};

pub(super) const MISSING_REQUIRED_FIELD: Row = Row {
    meaning: bilingual("Falta um campo obrigatório.", "A required field is missing."),
    resolve: bilingual(
        "Envie o campo indicado em param, ou todos os que estão em errors.",
        "Send the field that param names, or all the fields in errors.",
    ),
    sample: field(CUSTOMER, "cpf", "this field is required"),
};

pub(super) const INVALID_FORMAT: Row = Row {
    meaning: bilingual(
        "Um campo tem o tipo errado ou um valor fora do formato.",
        "A field has the wrong type, or a value in the wrong format.",
    ),
    resolve: bilingual(
        "Corrija o campo indicado em param, ou todos os que estão em errors. O campo detail diz o formato.",
        "Correct the field that param names, or all the fields in errors. The field detail gives the format.",
    ),
    sample: field(CUSTOMER, "phone", "not a telephone number in E.164 form, such as +5511999999999"),
};

pub(super) const INVALID_CPF: Row = Row {
    meaning: bilingual(
        "O CPF não existe: os dígitos verificadores não conferem.",
        "This is not a CPF: its check digits do not match.",
    ),
    resolve: bilingual(
        "Peça o CPF de novo ao cliente. Ele tem onze dígitos, com ou sem pontuação.",
        "Ask the customer for the CPF again. It has eleven digits, with or without punctuation.",
    ),
    sample: field(CUSTOMER, "cpf", "not a valid CPF: eleven digits whose check digits agree"),
};

pub(super) const INVALID_CNPJ: Row = Row {
    meaning: bilingual(
        "O CNPJ não existe: os dígitos verificadores não conferem.",
        "This is not a CNPJ: its check digits do not match.",
    ),
    resolve: bilingual(
        "Peça o CNPJ de novo ao cliente. Ele tem quatorze caracteres, com ou sem pontuação.",
        "Ask the customer for the CNPJ again. It has fourteen characters, with or without punctuation.",
    ),
    sample: field(CUSTOMER, "cnpj", "not a valid CNPJ: fourteen characters whose check digits agree"),
};

pub(super) const AMOUNT_OUT_OF_RANGE: Row = Row {
    meaning: bilingual("O valor está fora do permitido.", "The amount is outside the permitted range."),
    resolve: bilingual(
        "Use um valor entre min_amount e approved_amount da oferta que caiba nas parcelas.",
        "Use an amount between the offer's min_amount and its approved_amount that fits the installments.",
    ),
    sample: field(
        SIMULATION,
        "requested_amount",
        "must be between the offer's min_amount and its approved_amount",
    ),
};

pub(super) const INSTALLMENTS_OUT_OF_RANGE: Row = Row {
    meaning: bilingual(
        "A oferta não permite este número de parcelas, ou os juros de um mês seriam maiores que a parcela.",
        "The offer does not allow this number of installments, or a month's interest would exceed the installment.",
    ),
    resolve: bilingual(
        "Use um número de parcelas que a oferta permite, ou um menor.",
        "Use a number of installments that the offer allows, or a smaller one.",
    ),
    sample: field(SIMULATION, "installment_count", "is not a number of installments that the offer allows"),
};

pub(super) const UNPRICEABLE: Row = Row {
    meaning: bilingual(
        "Nenhum contrato pode declarar este preço: o custo efetivo total passa de 100.000 % ao ano.",
        "No contract can state this price: the total effective cost is more than 100,000 % a year.",
    ),
    resolve: bilingual(
        "Peça uma oferta com tarifa ou juros menores.",
        "Ask for an offer with a lower fee or a lower rate.",
    ),
    sample: field(SIMULATION, "requested_amount", "the total effective cost is more than 100,000 % a year"),
};

pub(super) const OVERPAYMENT_NOT_CONFIRMED: Row = Row {
    meaning: bilingual(
        "O pagamento é muito maior do que o devido, e ninguém confirmou que este é o valor.",
        "The payment is far above the amount owed, and nobody has confirmed it.",
    ),
    resolve: bilingual(
        "Confira o valor. Se ele está certo, envie confirm_overpayment: true; o que sobra fica como crédito a devolver.",
        "Check the amount. If it is right, send confirm_overpayment: true. The excess becomes a credit to return.",
    ),
    sample: field(
        PAYMENT,
        "amount",
        "is more than the R$ 987.65 owed on that day by more than R$ 100.00; if it did come in, send confirm_overpayment: true, and what is left over is kept as a credit to return",
    ),
};

pub(super) const INVALID_DOCUMENT_TYPE: Row = Row {
    meaning: bilingual(
        "O KYC do cliente não pede este documento.",
        "The customer's KYC does not require this document.",
    ),
    resolve: bilingual(
        "Envie um dos tipos listados no kyc do cliente.",
        "Send one of the types that the customer's kyc lists.",
    ),
    sample: field(DOCUMENT, "type", "is not among the documents in the customer's kyc"),
};

pub(super) const DONE_IN_SESSION: Row = Row {
    meaning: bilingual(
        "Este item é feito na sessão de biometria e não pode ser enviado como arquivo.",
        "This item is done in the biometrics session and cannot be uploaded as a file.",
    ),
    resolve: bilingual(
        "Crie uma sessão em POST /v3/customers/{id}/biometrics e leve o cliente até session_url, ou envie uma selfie.",
        "Create a session at POST /v3/customers/{id}/biometrics and send the customer to its session_url, or upload a selfie.",
    ),
    sample: field(
        DOCUMENT,
        "type",
        "is done in a hosted session: open one with POST …/customers/{id}/biometrics",
    ),
};

pub(super) const UNSUPPORTED_FILE_TYPE: Row = Row {
    meaning: bilingual(
        "O arquivo não é PDF, JPEG nem PNG. O conteúdo decide, não o nome.",
        "The file is not PDF, JPEG or PNG. Its content decides, not its name.",
    ),
    resolve: bilingual("Converta o arquivo para PDF, JPEG ou PNG.", "Convert the file to PDF, JPEG or PNG."),
    sample: field(DOCUMENT, "file", "the content is neither PDF nor JPEG nor PNG"),
};

pub(super) const INVALID_EVIDENCE: Row = Row {
    meaning: bilingual(
        "O que foi enviado não corresponde ao requisito.",
        "The evidence does not fit the requirement.",
    ),
    resolve: bilingual(
        "Leia os requisitos do cliente e envie um dos tipos de evidência que eles aceitam.",
        "Read the customer's requirements, and send a type of evidence that they accept.",
    ),
    sample: field(
        "POST /api/v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/kyc-attachments",
        "attachment_type",
        "is not a part of this evidence",
    ),
};

pub(super) const INVALID_EVENT: Row = Row {
    meaning: bilingual(
        "Não é o nome de um evento desta geração da API nem um padrão como loan.*.",
        "This is neither the name of an event of this generation of the API nor a pattern such as loan.*.",
    ),
    resolve: bilingual(
        "Use os nomes da lista de eventos do documento OpenAPI.",
        "Use the names in the OpenAPI document's list of events.",
    ),
    sample: field(ENDPOINT, "events[0]", "not the name of an event and not a pattern"),
};

pub(super) const INVALID_URL: Row = Row {
    meaning: bilingual("A URL não pode receber webhooks.", "The URL cannot receive webhooks."),
    resolve: bilingual(
        "Use uma URL https com endereço público, sem usuário nem senha, na porta 443 ou acima de 1023.",
        "Use an https URL with a public address, without user or password, on port 443 or above 1023.",
    ),
    sample: field(ENDPOINT, "url", "must be https:// (in the sandbox also http:// to a loopback host)"),
};
