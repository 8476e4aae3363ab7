//! The sentences of the session's pages, in Portuguese and English.

use app::kyc::sessions::SessionRefused;
use axum::http::StatusCode;
use axum::response::Response;

use crate::pages::answer::message;

/// A sentence about a fault.
#[derive(Clone, Copy)]
pub(super) struct Wrong {
    pub(super) portuguese: &'static str,
    pub(super) english: &'static str,
}

const fn wrong(portuguese: &'static str, english: &'static str) -> Wrong {
    Wrong { portuguese, english }
}

pub(super) const NO_FILE: Wrong = wrong("Escolha um arquivo.", "Choose a file.");
pub(super) const NO_DOCUMENT: Wrong =
    wrong("Envie uma foto JPEG ou PNG, ou um PDF.", "Send a JPEG or PNG photo, or a PDF.");
pub(super) const NO_PHOTO: Wrong = wrong("Envie uma foto JPEG ou PNG.", "Send a JPEG or PNG photo.");
pub(super) const TOO_LARGE: Wrong = wrong("O arquivo passa de 10 MB.", "The file is over 10 MB.");
pub(super) const NO_ROOM: Wrong = wrong(
    "Você já enviou arquivos demais. Os substituídos são apagados em uma hora; tente de novo depois.",
    "You have sent too many files. Replaced files are deleted in an hour. Try again then.",
);
pub(super) const NOT_REQUIRED: Wrong = wrong("Este arquivo não é pedido.", "This file is not required.");
pub(super) const ACCEPTED: Wrong = wrong("Este item já foi aceito.", "This item is already accepted.");
pub(super) const INCOMPLETE: Wrong =
    wrong("Ainda falta enviar alguma etapa.", "Some steps are still missing.");
pub(super) const ACCOUNT_KEPT: Wrong = wrong(
    "A análise já começou e a conta não pode mais ser trocada aqui. Fale com quem lhe passou este link.",
    "The review has begun, and the account cannot be changed here. Talk to the person who sent you this link.",
);
pub(super) const TO_CONFIRM: Wrong = wrong(
    "Você já assinou um contrato. Para trocar a conta, use o link e o código que enviamos ao seu e-mail.",
    "You have signed a contract. To change the account, use the link and the code that we sent to your e-mail.",
);
pub(super) const NO_KIND: Wrong = wrong("Escolha o tipo da conta.", "Choose the kind of account.");
pub(super) const NO_BANK: Wrong = wrong("Escolha o banco.", "Choose the bank.");
pub(super) const NO_BRANCH: Wrong = wrong(
    "A agência tem quatro números, sem o dígito.",
    "The branch has four digits, without its check digit.",
);
pub(super) const NO_NUMBER: Wrong =
    wrong("Confira o número da conta, sem o dígito.", "Check the account's number, without its check digit.");
pub(super) const NO_DIGIT: Wrong = wrong("Confira o dígito da conta.", "Check the account's check digit.");

/// The page that is shown in place of a session.
pub(super) fn no_session(refused: SessionRefused) -> Response {
    let (title, portuguese, english) = match refused {
        SessionRefused::Unknown => (
            "Link inválido",
            "Este link não existe. Confira se ele foi copiado por inteiro.",
            "This link does not exist. Check that you copied the whole link.",
        ),
        SessionRefused::Expired => (
            "Link expirado",
            "O prazo deste link acabou. O que você já enviou está guardado. Peça um novo a quem o enviou.",
            "This link has expired. We have kept your files. Ask the person who sent it for a new one.",
        ),
        SessionRefused::Used => (
            "Link já utilizado",
            "Este link já foi aberto em outro navegador. Continue por lá ou peça um novo a quem o enviou.",
            "This link has been opened in another browser. Continue there, or ask the person who sent it for a new one.",
        ),
        SessionRefused::Completed => (
            "Recebido",
            "Pronto! Recebemos o que foi enviado. Se faltar algo, você receberá um novo link. Pode fechar esta página.",
            "Done. We have received your files. If anything is missing, you will receive a new link. You may close this page.",
        ),
        SessionRefused::OtherBrowser => (
            "Ative os cookies",
            "Esta página precisa do cookie que o link traz. Ative os cookies e abra o link de novo.",
            "This page needs the link's cookie. Allow cookies and open the link again.",
        ),
        SessionRefused::InvalidState => (
            "Cadastro em análise",
            "Seu cadastro já está em análise e não precisa de mais nada.",
            "Your registration is under review and needs nothing else.",
        ),
    };
    let status = match refused {
        SessionRefused::Unknown => StatusCode::NOT_FOUND,
        SessionRefused::Expired | SessionRefused::Used => StatusCode::GONE,
        SessionRefused::Completed => StatusCode::OK,
        SessionRefused::InvalidState => StatusCode::CONFLICT,
        SessionRefused::OtherBrowser => StatusCode::BAD_REQUEST,
    };
    message(status, title, portuguese, english)
}
