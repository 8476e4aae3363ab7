//! Codes about requests in general: their form, their keys, their number, and failures of the server.

use super::row::{CUSTOMER, CUSTOMERS, LOAN, Row, TOKEN, bilingual, field, whole};

pub(super) const MALFORMED_BODY: Row = Row {
    meaning: bilingual(
        "O corpo não pode ser lido como o seu tipo de conteúdo: não é JSON, ou o formulário está quebrado.",
        "The body cannot be read as its content type: it is not JSON, or the form is broken.",
    ),
    resolve: bilingual(
        "Gere o corpo com uma biblioteca de JSON ou de formulários e envie-o por inteiro.",
        "Write the body with a JSON or form library, and send all of it.",
    ),
    sample: whole(CUSTOMER, "a JSON body is required"),
};

pub(super) const INVALID_CONTENT_TYPE: Row = Row {
    meaning: bilingual(
        "A operação não aceita o tipo de conteúdo enviado.",
        "The operation does not accept the content type of the request.",
    ),
    resolve: bilingual(
        "Envie Content-Type: application/json, ou multipart/form-data ao enviar um arquivo.",
        "Send Content-Type: application/json, or multipart/form-data to upload a file.",
    ),
    sample: whole(CUSTOMER, "send JSON: Content-Type: application/json"),
};

pub(super) const UNSUPPORTED_CONTENT_ENCODING: Row = Row {
    meaning: bilingual(
        "O corpo foi enviado comprimido ou com outra codificação, que o servidor não lê.",
        "The body was sent compressed or in another encoding that the server does not read.",
    ),
    resolve: bilingual("Envie o corpo sem Content-Encoding.", "Send the body without a Content-Encoding."),
    sample: whole(CUSTOMER, "send the body without Content-Encoding: compressed ones are not read"),
};

pub(super) const INVALID_PARAMETER: Row = Row {
    meaning: bilingual(
        "Um parâmetro da consulta tem um valor inválido.",
        "A query parameter has a wrong value.",
    ),
    resolve: bilingual(
        "Corrija o parâmetro indicado em param, ou todos os que estão em errors. O campo detail diz o que está errado.",
        "Correct the parameter that param names, or all those in errors. The field detail names the fault.",
    ),
    sample: field(CUSTOMERS, "limit", "must be a whole number from 1 to 100"),
};

pub(super) const INVALID_CURSOR: Row = Row {
    meaning: bilingual(
        "starting_after não é o id de um item desta lista.",
        "starting_after is not the id of an item of this list.",
    ),
    resolve: bilingual(
        "Use o id do último item da página anterior, ou comece de novo sem starting_after.",
        "Use the id of the last item of the previous page, or start again without starting_after.",
    ),
    sample: field(CUSTOMERS, "starting_after", "is not the id of an item of this list"),
};

pub(super) const INVALID_IDEMPOTENCY_KEY: Row = Row {
    meaning: bilingual(
        "A chave de idempotência está malformada, ou duas chaves diferentes foram enviadas.",
        "The idempotency key is malformed, or two different keys were sent.",
    ),
    resolve: bilingual(
        "Envie uma só chave de 1 a 255 caracteres ASCII visíveis; um UUID serve.",
        "Send one key of 1 to 255 visible ASCII characters; a UUID is suitable.",
    ),
    sample: whole(CUSTOMER, "two different idempotency keys were sent"),
};

pub(super) const INVALID_REQUEST: Row = Row {
    meaning: bilingual(
        "A requisição como um todo não pode ser lida. No endpoint de token, falta um parâmetro ou ele se repete.",
        "The request as a whole cannot be read. At the token endpoint, a parameter is missing or repeated.",
    ),
    resolve: bilingual(
        "Corrija o que o campo detail indica e envie de novo.",
        "Correct the fault in the field detail and send the request again.",
    ),
    sample: whole(TOKEN, "grant_type is required"),
};

pub(super) const ROUTE_NOT_FOUND: Row = Row {
    meaning: bilingual("O caminho não faz parte da API.", "The path is not part of the API."),
    resolve: bilingual(
        "Confira o caminho no documento OpenAPI, em /v3/openapi.json.",
        "Check the path in the OpenAPI document, at /v3/openapi.json.",
    ),
    sample: whole(
        "GET /v3/customer",
        "there is no such path; the paths are listed at /v3/openapi.json and /api/v3/openapi.json",
    ),
};

pub(super) const METHOD_NOT_ALLOWED: Row = Row {
    meaning: bilingual(
        "O caminho existe, mas não aceita este método HTTP.",
        "The path exists, but it does not accept this HTTP method.",
    ),
    resolve: bilingual(
        "Use um dos métodos do cabeçalho Allow.",
        "Use one of the methods in the header Allow.",
    ),
    sample: whole("DELETE /v3/customers", "this path does not take this method; see Allow"),
};

pub(super) const IDEMPOTENCY_IN_PROGRESS: Row = Row {
    meaning: bilingual(
        "A primeira requisição com esta chave de idempotência ainda está em andamento.",
        "The first request with this idempotency key is still running.",
    ),
    resolve: bilingual(
        "Espere os segundos de Retry-After e repita com a mesma chave: a resposta será a da primeira.",
        "Wait for the seconds in Retry-After and repeat with the same key: you receive the first request's answer.",
    ),
    sample: whole(LOAN, "the first request with this idempotency key is still running"),
};

pub(super) const PAYLOAD_TOO_LARGE: Row = Row {
    meaning: bilingual(
        "O corpo é maior que o limite: 256 KiB de JSON, ou 10 MiB por arquivo.",
        "The body is larger than the limit: 256 KiB of JSON, or 10 MiB for a file.",
    ),
    resolve: bilingual(
        "Reduza o corpo; comprima a imagem ou o PDF antes de enviar.",
        "Make the body smaller; compress the image or the PDF before you send it.",
    ),
    sample: whole(CUSTOMER, "the body may have at most 262144 bytes"),
};

pub(super) const IDEMPOTENCY_KEY_MISMATCH: Row = Row {
    meaning: bilingual(
        "A chave de idempotência já foi usada com outro método, caminho ou corpo.",
        "The idempotency key was used with another method, path or body.",
    ),
    resolve: bilingual(
        "Use uma chave nova para cada operação, e repita a mesma chave só com a mesma requisição.",
        "Use a new key for each operation, and repeat a key only with the same request.",
    ),
    sample: whole(CUSTOMER, "this idempotency key was used for another method, path or body"),
};

pub(super) const RATE_LIMIT_EXCEEDED: Row = Row {
    meaning: bilingual(
        "Foram feitas requisições demais em pouco tempo.",
        "Too many requests were made in a short time.",
    ),
    resolve: bilingual(
        "Espere os segundos de Retry-After. X-RateLimit-Remaining diz quantas requisições restam.",
        "Wait for the seconds in Retry-After. X-RateLimit-Remaining gives the remaining requests.",
    ),
    sample: whole(CUSTOMERS, "too many requests; see Retry-After"),
};

pub(super) const INTERNAL_ERROR: Row = Row {
    meaning: bilingual(
        "O servidor falhou. O erro não é da sua requisição.",
        "The server failed. Your request is not the cause.",
    ),
    resolve: bilingual(
        "Repita com a mesma chave de idempotência. Se continuar, informe o request_id ao suporte.",
        "Repeat with the same idempotency key. If it continues, give the request_id to support.",
    ),
    sample: whole(LOAN, "the server failed; the request id helps to find out why"),
};

pub(super) const UNAVAILABLE: Row = Row {
    meaning: bilingual("O servidor não pode responder agora.", "The server cannot answer now."),
    resolve: bilingual(
        "Espere os segundos de Retry-After e repita com a mesma chave de idempotência.",
        "Wait for the seconds in Retry-After, and repeat with the same idempotency key.",
    ),
    sample: whole(LOAN, "the server cannot answer now; try again"),
};
