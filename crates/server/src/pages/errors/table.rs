//! One exhaustive table with the meaning, the remedy and a sample of each code. A new code needs a row here.
//!
//! Each sample is an answer of the server. A test sends the requests and compares.

use wire::problem::{Code, Problem, ProblemPlace};

/// One text in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// Portuguese, which comes first on every page.
    pub(super) portuguese: &'static str,
    /// English.
    pub(super) english: &'static str,
}

/// A row: the meaning, the remedy and a sample of a code.
#[derive(Debug)]
pub(super) struct Row {
    /// The meaning of the code.
    pub(super) meaning: Words,
    /// The remedy that the caller has.
    pub(super) resolve: Words,
    /// A request and its refusal.
    pub(super) sample: Sample,
}

/// A request and the parts of its refusal.
#[derive(Debug)]
pub(super) struct Sample {
    /// Method and path.
    pub(super) request: &'static str,
    /// The field at fault, if there is one.
    pub(super) param: Option<&'static str>,
    pub(super) detail: &'static str,
}

impl Sample {
    /// The body of the refusal, indented.
    #[expect(clippy::expect_used, reason = "a problem holds text and numbers only")]
    pub(super) fn body(&self, code: Code) -> String {
        let path = self.request.split_once(' ').map_or(self.request, |(_method, path)| path);
        let type_base = wire::generations::problem_type_base(path);
        let place = ProblemPlace { type_base, instance: path, request_id: REQUEST_ID };
        let problem = match self.param {
            Some(param) => Problem::of_field(param, code, self.detail),
            None => Problem::new(code, self.detail),
        };
        let problem = if path.ends_with("/auth/token") { problem.as_oauth() } else { problem };
        serde_json::to_string_pretty(&problem.at(&place)).expect("text and numbers are JSON")
    }
}

/// The request id of every sample.
const REQUEST_ID: &str = "req_2f1c8a7e5b904d6391a0c4e8";

const fn words(portuguese: &'static str, english: &'static str) -> Words {
    Words { portuguese, english }
}

const fn whole(request: &'static str, detail: &'static str) -> Sample {
    Sample { request, param: None, detail }
}

const fn field(request: &'static str, param: &'static str, detail: &'static str) -> Sample {
    Sample { request, param: Some(param), detail }
}

const CUSTOMER: &str = "POST /v3/customers";
const CUSTOMERS: &str = "GET /v3/customers";
const LOAN: &str = "POST /v3/loans";
const TOKEN: &str = "POST /v3/auth/token";
const DOCUMENT: &str = "POST /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/documents";
const PAYMENT: &str = "POST /operator/v1/loans/ln_019bc1a8b1e27d44b5c6d7e8f9a0b1c2/payments";
const SIMULATION: &str = "POST /v3/credit-offers/co_019bc1a6a8f07c11a2b3c4d5e6f70819/simulations";
const ENDPOINT: &str = "POST /v3/webhooks/endpoints";

/// The row of a code.
#[expect(clippy::too_many_lines, reason = "it is one table: a row for each code")]
pub(super) const fn row(code: Code) -> Row {
    match code {
        Code::MalformedBody => Row {
            meaning: words(
                "O corpo não pode ser lido como o seu tipo de conteúdo: não é JSON, ou o formulário está quebrado.",
                "The body cannot be read as its content type: it is not JSON, or the form is broken.",
            ),
            resolve: words(
                "Gere o corpo com uma biblioteca de JSON ou de formulários e envie-o por inteiro.",
                "Write the body with a JSON or form library, and send all of it.",
            ),
            sample: whole(CUSTOMER, "a JSON body is required"),
        },
        Code::InvalidContentType => Row {
            meaning: words(
                "A operação não aceita o tipo de conteúdo enviado.",
                "The operation does not take the content type that was sent.",
            ),
            resolve: words(
                "Envie Content-Type: application/json, ou multipart/form-data ao enviar um arquivo.",
                "Send Content-Type: application/json, or multipart/form-data to upload a file.",
            ),
            sample: whole(CUSTOMER, "send JSON: Content-Type: application/json"),
        },
        Code::InvalidScope => Row {
            meaning: words(
                "O scope pedido não é um que a credencial tenha.",
                "The scope that was asked for is none that the credential has.",
            ),
            resolve: words(
                "Peça o token sem scope, ou com o da credencial.",
                "Ask for the token without a scope, or with the credential's own.",
            ),
            sample: whole(TOKEN, "the credential holds the scope partner"),
        },
        Code::UnsupportedContentEncoding => Row {
            meaning: words(
                "O corpo foi enviado comprimido ou com outra codificação, que o servidor não lê.",
                "The body was sent compressed or in another encoding, which the server does not read.",
            ),
            resolve: words(
                "Envie o corpo sem Content-Encoding.",
                "Send the body without a Content-Encoding.",
            ),
            sample: whole(CUSTOMER, "send the body without Content-Encoding: compressed ones are not read"),
        },
        Code::MissingFile => Row {
            meaning: words(
                "O envio não tem arquivo, ou o arquivo está vazio.",
                "The upload has no file, or the file is empty.",
            ),
            resolve: words(
                "Envie o arquivo na parte file do formulário.",
                "Send the file as the part file of the form.",
            ),
            sample: field(DOCUMENT, "file", "this file is required"),
        },
        Code::InvalidParameter => Row {
            meaning: words(
                "Um parâmetro da consulta tem um valor inválido.",
                "A query parameter has a wrong value.",
            ),
            resolve: words(
                "Corrija o parâmetro indicado em param. O campo detail diz quais valores são aceitos.",
                "Correct the parameter that param names. The field detail says which values are accepted.",
            ),
            sample: field(CUSTOMERS, "limit", "must be a whole number from 1 to 100"),
        },
        Code::InvalidCursor => Row {
            meaning: words(
                "starting_after não é o id de um item desta lista.",
                "starting_after is not the id of an item of this list.",
            ),
            resolve: words(
                "Use o id do último item da página anterior, ou comece de novo sem starting_after.",
                "Use the id of the last item of the page before, or start again without starting_after.",
            ),
            sample: field(CUSTOMERS, "starting_after", "is not the id of an item of this list"),
        },
        Code::InvalidIdempotencyKey => Row {
            meaning: words(
                "A chave de idempotência está malformada, ou duas chaves diferentes foram enviadas.",
                "The idempotency key is malformed, or two different keys were sent.",
            ),
            resolve: words(
                "Envie uma só chave de 1 a 255 caracteres ASCII visíveis; um UUID serve.",
                "Send one key of 1 to 255 visible ASCII characters; a UUID will do.",
            ),
            sample: whole(CUSTOMER, "two different idempotency keys were sent"),
        },
        Code::InvalidRequest => Row {
            meaning: words(
                "A requisição como um todo não pode ser lida. No endpoint de token, falta um parâmetro ou ele se repete.",
                "The request as a whole cannot be read. At the token endpoint, a parameter is missing or repeated.",
            ),
            resolve: words(
                "Corrija o que o campo detail indica e envie de novo.",
                "Correct what the field detail names and send the request again.",
            ),
            sample: whole(TOKEN, "grant_type is required"),
        },
        Code::UnsupportedGrantType => Row {
            meaning: words(
                "O endpoint de token aceita apenas grant_type=client_credentials.",
                "The token endpoint takes grant_type=client_credentials only.",
            ),
            resolve: words(
                "Envie grant_type=client_credentials com o client_id e o client_secret.",
                "Send grant_type=client_credentials with the client_id and the client_secret.",
            ),
            sample: whole(TOKEN, "grant_type must be client_credentials"),
        },
        Code::MissingToken => Row {
            meaning: words("A requisição não tem token de acesso.", "The request has no access token."),
            resolve: words(
                "Peça um token em POST /v3/auth/token e envie Authorization: Bearer dinie_at_…",
                "Get a token from POST /v3/auth/token and send Authorization: Bearer dinie_at_…",
            ),
            sample: whole(CUSTOMERS, "send an access token: Authorization: Bearer dinie_at_…"),
        },
        Code::InvalidToken => Row {
            meaning: words(
                "O token está malformado, é desconhecido, ou a credencial dele foi revogada.",
                "The token is malformed or unknown, or its credential was revoked.",
            ),
            resolve: words(
                "Peça um novo token com uma credencial ativa.",
                "Get a new token with an active credential.",
            ),
            sample: whole(CUSTOMERS, "the access token is malformed, unknown or revoked"),
        },
        Code::TokenExpired => Row {
            meaning: words(
                "O prazo do token acabou. Um token vale uma hora.",
                "The token has expired. A token is valid for one hour.",
            ),
            resolve: words(
                "Peça um novo token e repita a requisição.",
                "Get a new token and repeat the request.",
            ),
            sample: whole(CUSTOMERS, "the access token's time is over"),
        },
        Code::InvalidClient => Row {
            meaning: words(
                "O client_id ou o client_secret está errado, ou a credencial foi revogada ou expirou.",
                "The client_id or the client_secret is wrong, or the credential was revoked or has expired.",
            ),
            resolve: words(
                "Confira a credencial. O segredo só aparece quando ela é criada: se ele se perdeu, crie outra.",
                "Check the credential. Its secret is shown only when it is created: if it is lost, create another one.",
            ),
            sample: whole(TOKEN, "the client id or its secret is wrong, or the credential has ended"),
        },
        Code::InvalidCode => Row {
            meaning: words(
                "O código de uso único é desconhecido, já foi usado, ou o prazo dele acabou.",
                "The single-use code is unknown, was used before, or has expired.",
            ),
            resolve: words(
                "Abra uma nova sessão, ou peça um novo código na página de assinatura.",
                "Open a new session, or ask for a new code on the signing page.",
            ),
            sample: whole(
                "POST /api/v3/biometrics/session-exchange",
                "the code is unknown, has been used, or its time is over",
            ),
        },
        Code::Forbidden => Row {
            meaning: words(
                "O token é válido, mas não permite esta operação, ou pertence ao outro ambiente.",
                "The token is valid, but it does not allow this operation or belongs to the other environment.",
            ),
            resolve: words(
                "Use uma credencial com o escopo necessário, criada neste ambiente (test na sandbox, live em produção).",
                "Use a credential that has the scope and was created in this environment (test in the sandbox, live in production).",
            ),
            sample: whole(CUSTOMERS, "this token may not do this"),
        },
        Code::ResourceNotFound => Row {
            meaning: words(
                "O recurso não existe ou pertence a outro parceiro.",
                "The resource does not exist, or it belongs to another partner.",
            ),
            resolve: words(
                "Confira o id, o ambiente e a credencial usada.",
                "Check the id, the environment and the credential that you use.",
            ),
            sample: whole(
                "GET /v3/loans/ln_019bc1a7f3c07d22b3c4d5e6f708192a",
                "There is no such resource, or it is not yours.",
            ),
        },
        Code::RouteNotFound => Row {
            meaning: words("O caminho não faz parte da API.", "The path is not part of the API."),
            resolve: words(
                "Confira o caminho no documento OpenAPI, em /v3/openapi.json.",
                "Check the path in the OpenAPI document, at /v3/openapi.json.",
            ),
            sample: whole(
                "GET /v3/customer",
                "there is no such path; the paths are listed at /v3/openapi.json and /api/v3/openapi.json",
            ),
        },
        Code::MethodNotAllowed => Row {
            meaning: words(
                "O caminho existe, mas não aceita este método HTTP.",
                "The path exists, but it does not take this HTTP method.",
            ),
            resolve: words(
                "Use um dos métodos do cabeçalho Allow.",
                "Use one of the methods in the header Allow.",
            ),
            sample: whole("DELETE /v3/customers", "this path does not take this method; see Allow"),
        },
        Code::CustomerAlreadyExists => Row {
            meaning: words(
                "Já existe um cliente com este CPF e com outro CNPJ ou external_id.",
                "A customer with this CPF exists and has another CNPJ or external_id.",
            ),
            resolve: words(
                "Procure o cliente em GET /v3/customers. Para obter o mesmo cliente, envie os mesmos identificadores.",
                "Look for the customer at GET /v3/customers. To get the same customer, send the same identifiers.",
            ),
            sample: whole(CUSTOMER, "a customer with this CPF exists with another CNPJ or external_id"),
        },
        Code::OfferAlreadyAccepted => Row {
            meaning: words("Um empréstimo já usou esta oferta.", "A loan has taken this offer."),
            resolve: words(
                "Consulte o empréstimo que já existe, ou use outra oferta disponível.",
                "Read the loan that exists, or use another available offer.",
            ),
            sample: whole(LOAN, "a loan has taken the offer"),
        },
        Code::SessionAlreadyActive => Row {
            meaning: words(
                "O cliente tem uma sessão de biometria aberta.",
                "The customer has an open biometrics session.",
            ),
            resolve: words(
                "Use o link que já foi criado. Ele expira em uma hora; depois disso, crie outro.",
                "Use the link that exists. It expires after one hour; then create another one.",
            ),
            sample: whole(
                "POST /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/biometrics",
                "a biometrics session of this customer is open",
            ),
        },
        Code::CredentialAlreadyRevoked => Row {
            meaning: words(
                "A credencial já foi revogada ou expirou.",
                "The credential was revoked before, or it has expired.",
            ),
            resolve: words(
                "Nada a fazer: ela não funciona mais.",
                "There is nothing to do: it no longer works.",
            ),
            sample: whole(
                "DELETE /v3/auth/credentials/dinie_ci_test_019bc1a1b0c07a33c4d5e6f708192a3b",
                "the credential has been revoked or has expired",
            ),
        },
        Code::IdempotencyInProgress => Row {
            meaning: words(
                "A primeira requisição com esta chave de idempotência ainda está em andamento.",
                "The first request with this idempotency key is still running.",
            ),
            resolve: words(
                "Espere os segundos de Retry-After e repita com a mesma chave: a resposta será a da primeira.",
                "Wait for the seconds in Retry-After and repeat with the same key: you get the answer of the first.",
            ),
            sample: whole(LOAN, "the first request with this idempotency key is still running"),
        },
        Code::InvalidState => Row {
            meaning: words(
                "O estado atual do recurso não permite a operação.",
                "The present state of the resource does not allow the operation.",
            ),
            resolve: words(
                "Leia o recurso, veja o seu status e decida de novo. O campo detail diz o que impede.",
                "Read the resource, look at its status, and decide again. The field detail says what prevents it.",
            ),
            sample: field(
                "PATCH /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b",
                "name",
                "can be changed only while the customer is pending_kyc",
            ),
        },
        Code::CredentialRevoked => Row {
            meaning: words(
                "A credencial já foi revogada ou expirou. É o nome deste erro em /api/v3.",
                "The credential was revoked before, or it has expired. This is the error's name at /api/v3.",
            ),
            resolve: words(
                "Nada a fazer: ela não funciona mais.",
                "There is nothing to do: it no longer works.",
            ),
            sample: whole(
                "DELETE /api/v3/auth/credentials/dinie_ci_test_019bc1a1b0c07a33c4d5e6f708192a3b",
                "the credential has been revoked or has expired",
            ),
        },
        Code::PayloadTooLarge => Row {
            meaning: words(
                "O corpo é maior que o limite: 256 KiB de JSON, ou 10 MiB por arquivo.",
                "The body is larger than the limit: 256 KiB of JSON, or 10 MiB for a file.",
            ),
            resolve: words(
                "Reduza o corpo; comprima a imagem ou o PDF antes de enviar.",
                "Make the body smaller; compress the image or the PDF before you send it.",
            ),
            sample: whole(CUSTOMER, "the body may have at most 262144 bytes"),
        },
        Code::MissingRequiredField => Row {
            meaning: words("Falta um campo obrigatório.", "A required field is missing."),
            resolve: words(
                "Envie o campo indicado em param, ou todos os que estão em errors.",
                "Send the field that param names, or all the fields in errors.",
            ),
            sample: field(CUSTOMER, "cpf", "this field is required"),
        },
        Code::InvalidFormat => Row {
            meaning: words(
                "Um campo tem o tipo errado ou um valor fora do formato.",
                "A field has the wrong type, or a value in the wrong format.",
            ),
            resolve: words(
                "Corrija o campo indicado em param, ou todos os que estão em errors. O campo detail diz o formato.",
                "Correct the field that param names, or all the fields in errors. The field detail says the format.",
            ),
            sample: field(CUSTOMER, "phone", "not a telephone number in E.164 form, such as +5511999999999"),
        },
        Code::InvalidCpf => Row {
            meaning: words(
                "O CPF não existe: os dígitos verificadores não conferem.",
                "This is not a CPF: its check digits do not agree.",
            ),
            resolve: words(
                "Peça o CPF de novo ao cliente. Ele tem onze dígitos, com ou sem pontuação.",
                "Ask the customer for the CPF again. It has eleven digits, with or without punctuation.",
            ),
            sample: field(CUSTOMER, "cpf", "not a valid CPF: eleven digits whose check digits agree"),
        },
        Code::InvalidCnpj => Row {
            meaning: words(
                "O CNPJ não existe: os dígitos verificadores não conferem.",
                "This is not a CNPJ: its check digits do not agree.",
            ),
            resolve: words(
                "Peça o CNPJ de novo ao cliente. Ele tem quatorze caracteres, com ou sem pontuação.",
                "Ask the customer for the CNPJ again. It has fourteen characters, with or without punctuation.",
            ),
            sample: field(CUSTOMER, "cnpj", "not a valid CNPJ: fourteen characters whose check digits agree"),
        },
        Code::ImmutableField => Row {
            meaning: words("O campo não pode ser alterado.", "The field cannot be changed."),
            resolve: words(
                "Envie no PATCH apenas os campos que podem mudar.",
                "Send only the fields that may change in the PATCH.",
            ),
            sample: field(
                "PATCH /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b",
                "cpf",
                "this field cannot be changed",
            ),
        },
        Code::KycIncomplete => Row {
            meaning: words("O cliente ainda não passou pelo KYC.", "The customer has not passed KYC yet."),
            resolve: words(
                "Envie o que o kyc do cliente pede e espere o evento customer.active.",
                "Send what the customer's kyc asks for, and wait for the event customer.active.",
            ),
            sample: whole(LOAN, "the customer is not active"),
        },
        Code::OfferExpired => Row {
            meaning: words("O prazo da oferta acabou.", "The offer has expired."),
            resolve: words(
                "Use uma oferta com status available, ou espere a próxima.",
                "Use an offer whose status is available, or wait for the next one.",
            ),
            sample: whole(LOAN, "the offer has expired"),
        },
        Code::SimulationMismatch => Row {
            meaning: words(
                "Os valores não são os da simulação mais recente da oferta.",
                "The figures are not those of the offer's newest simulation.",
            ),
            resolve: words(
                "Envie installments, installments_value e first_due_date como vieram na simulação, ou simule de novo.",
                "Send installments, installments_value and first_due_date as the simulation gave them, or simulate again.",
            ),
            sample: whole(LOAN, "the figures must be those of the offer's newest simulation"),
        },
        Code::SimulationExpired => Row {
            meaning: words(
                "O prazo da simulação acabou. Ela vale até o fim do dia seguinte, no horário de São Paulo.",
                "The simulation has expired. It is valid until the end of the next day, São Paulo time.",
            ),
            resolve: words(
                "Faça uma nova simulação e mostre os novos valores ao cliente.",
                "Make a new simulation and show its figures to the customer.",
            ),
            sample: whole(LOAN, "the simulation has expired; make a new one"),
        },
        Code::AmountOutOfRange => Row {
            meaning: words("O valor está fora do permitido.", "The amount is outside the permitted range."),
            resolve: words(
                "Use um valor entre min_amount e approved_amount da oferta que caiba nas parcelas.",
                "Use an amount between the offer's min_amount and its approved_amount that fits the installments.",
            ),
            sample: field(
                SIMULATION,
                "requested_amount",
                "must be between the offer's min_amount and its approved_amount",
            ),
        },
        Code::InstallmentsOutOfRange => Row {
            meaning: words(
                "A oferta não permite este número de parcelas, ou os juros de um mês seriam maiores que a parcela.",
                "The offer does not allow this number of installments, or a month's interest would exceed the installment.",
            ),
            resolve: words(
                "Use um número de parcelas que a oferta permite, ou um menor.",
                "Use a number of installments that the offer allows, or a smaller one.",
            ),
            sample: field(
                SIMULATION,
                "installment_count",
                "is not a number of installments that the offer allows",
            ),
        },
        Code::Unpriceable => Row {
            meaning: words(
                "Nenhum contrato pode declarar este preço: o custo efetivo total passa de 100.000 % ao ano.",
                "No contract can state this price: the total effective cost is more than 100,000 % a year.",
            ),
            resolve: words(
                "Peça uma oferta com tarifa ou juros menores.",
                "Ask for an offer with a lower fee or a lower rate.",
            ),
            sample: field(
                SIMULATION,
                "requested_amount",
                "the total effective cost is more than 100,000 % a year",
            ),
        },
        Code::OverpaymentNotConfirmed => Row {
            meaning: words(
                "O pagamento é muito maior do que o devido, e ninguém confirmou que este é o valor.",
                "The payment is far above what is owed, and nobody has confirmed the amount.",
            ),
            resolve: words(
                "Confira o valor. Se ele está certo, envie confirm_overpayment: true; o que sobra fica como crédito a devolver.",
                "Check the amount. If it is right, send confirm_overpayment: true; what is left over is a credit to return.",
            ),
            sample: field(
                PAYMENT,
                "amount",
                "is more than the R$ 987.65 owed on that day by more than R$ 100.00; if it did come in, send confirm_overpayment: true, and what is left over is kept as a credit to return",
            ),
        },
        Code::InvalidDocumentType => Row {
            meaning: words(
                "O KYC do cliente não pede este documento.",
                "The customer's KYC does not ask for this document.",
            ),
            resolve: words(
                "Envie um dos tipos listados no kyc do cliente.",
                "Send one of the types that the customer's kyc lists.",
            ),
            sample: field(DOCUMENT, "type", "is not among the documents in the customer's kyc"),
        },
        Code::DoneInSession => Row {
            meaning: words(
                "Este item é feito na sessão de biometria e não pode ser enviado como arquivo.",
                "This item is done in the biometrics session and cannot be uploaded as a file.",
            ),
            resolve: words(
                "Crie uma sessão em POST /v3/customers/{id}/biometrics e leve o cliente até session_url, ou envie uma selfie.",
                "Create a session at POST /v3/customers/{id}/biometrics and send the customer to its session_url, or upload a selfie.",
            ),
            sample: field(
                DOCUMENT,
                "type",
                "is done in a hosted session: open one with POST …/customers/{id}/biometrics",
            ),
        },
        Code::UnsupportedFileType => Row {
            meaning: words(
                "O arquivo não é PDF, JPEG nem PNG. O conteúdo decide, não o nome.",
                "The file is not PDF, JPEG or PNG. Its content decides, not its name.",
            ),
            resolve: words(
                "Converta o arquivo para PDF, JPEG ou PNG.",
                "Convert the file to PDF, JPEG or PNG.",
            ),
            sample: field(DOCUMENT, "file", "the content is neither PDF nor JPEG nor PNG"),
        },
        Code::InvalidEvidence => Row {
            meaning: words(
                "O que foi enviado não corresponde ao requisito.",
                "What was sent does not fit the requirement.",
            ),
            resolve: words(
                "Leia os requisitos do cliente e envie um dos tipos de evidência que eles aceitam.",
                "Read the customer's requirements, and send a type of evidence that they accept.",
            ),
            sample: field(
                "POST /api/v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/kyc-attachments",
                "attachment_type",
                "is not a part of this evidence",
            ),
        },
        Code::InvalidEvent => Row {
            meaning: words(
                "Não é o nome de um evento nem um padrão como loan.*.",
                "This is neither the name of an event nor a pattern such as loan.*.",
            ),
            resolve: words(
                "Use os nomes da lista de eventos do documento OpenAPI.",
                "Use the names in the OpenAPI document's list of events.",
            ),
            sample: field(ENDPOINT, "events[0]", "not the name of an event and not a pattern"),
        },
        Code::InvalidUrl => Row {
            meaning: words("A URL não pode receber webhooks.", "The URL cannot receive webhooks."),
            resolve: words(
                "Use uma URL https com endereço público, sem usuário nem senha, na porta 443 ou acima de 1023.",
                "Use an https URL with a public address, without user or password, on port 443 or above 1023.",
            ),
            sample: field(
                ENDPOINT,
                "url",
                "must be https:// (in the sandbox also http:// to a loopback host)",
            ),
        },
        Code::IdempotencyKeyMismatch => Row {
            meaning: words(
                "A chave de idempotência já foi usada com outro método, caminho ou corpo.",
                "The idempotency key was used with another method, path or body.",
            ),
            resolve: words(
                "Use uma chave nova para cada operação, e repita a mesma chave só com a mesma requisição.",
                "Use a new key for each operation, and repeat a key only with the same request.",
            ),
            sample: whole(CUSTOMER, "this idempotency key was used for another method, path or body"),
        },
        Code::RateLimitExceeded => Row {
            meaning: words(
                "Foram feitas requisições demais em pouco tempo.",
                "Too many requests were made in a short time.",
            ),
            resolve: words(
                "Espere os segundos de Retry-After. X-RateLimit-Remaining diz quantas requisições restam.",
                "Wait for the seconds in Retry-After. X-RateLimit-Remaining says how many requests are left.",
            ),
            sample: whole(CUSTOMERS, "too many requests; see Retry-After"),
        },
        Code::InternalError => Row {
            meaning: words(
                "O servidor falhou. O erro não é da sua requisição.",
                "The server failed. Your request is not the cause.",
            ),
            resolve: words(
                "Repita com a mesma chave de idempotência. Se continuar, informe o request_id ao suporte.",
                "Repeat with the same idempotency key. If it goes on, give the request_id to support.",
            ),
            sample: whole(LOAN, "the server failed; the request id helps to find out why"),
        },
        Code::Unavailable => Row {
            meaning: words("O servidor não pode responder agora.", "The server cannot answer now."),
            resolve: words(
                "Espere os segundos de Retry-After e repita com a mesma chave de idempotência.",
                "Wait for the seconds in Retry-After, and repeat with the same idempotency key.",
            ),
            sample: whole(LOAN, "the server cannot answer now; try again"),
        },
    }
}
