//! Everything that the lender has about a person, as an archive for the person (Lei 13.709/2018, LGPD, art. 18, II).
//!
//! Reasons: docs/decisions/0049.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use app::contracts::Document;
use app::personal_data::{self, OwnLoan};
use app::{StoreError, Tx};
use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::id::{CustomerId, DocumentId};
use domain::kyc::MediaType;
use domain::loan::rates::RateBook;
use domain::time::Timestamp;
use futures::stream;
use wire::operator::personal_data::{BankAccount, Borrowed, File, PersonalData, Registration, SharedWith};
use wire::operator::signature::Signature;
use wire::operator::{Unreadable, credit, customer, installment, loan, offer};
use wire::text_scalar;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::place::Read;
use super::{customer_timeline, mails, notes, payments};
use crate::contract_files;
use crate::http::document_pages;
use crate::http::extract::PathId;
use crate::http::problem::Rejection;
use crate::state::AppState;

/// Export everything about a person
///
/// For a person who asks for its data (LGPD, art. 18). The archive (ZIP) has the documents that were sent, the contracts
/// and, at the end, `person.json`: the registrations of the customer's CPF with every partner, their KYC, bank accounts,
/// decisions on credit with their reasons, offers, loans, installments, payments, evidence of signatures, e-mails, notes
/// and histories. A file that exists and cannot be read is listed in `missing_files`.
///
/// The call is in the audit trail. Give the archive to nobody but the person: nothing in it is masked.
#[utoipa::path(
    get, path = "/customers/{customer_id}/personal-data", operation_id = "exportPersonalData", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ExportPersonalData.name()))),
    responses((status = 200, description = "The archive.", content_type = "application/zip"))
)]
pub(super) async fn export(call: Read<PathId<CustomerId>>) -> Result<Response, Rejection> {
    archive(&call.state, call.id()).await
}

/// The archive of the person of a customer.
pub(crate) async fn archive(state: &AppState, id: CustomerId) -> Result<Response, Rejection> {
    let (data, files) = collected(state, id).await?;
    let name = format!("attachment; filename=\"{id}.zip\"");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_DISPOSITION, HeaderValue::from_str(&name).expect("an id has plain letters and digits")),
    ];
    let archive = Archive::new(state.clone(), data, files);
    Ok((headers, Body::from_stream(stream::try_unfold(archive, Archive::next))).into_response())
}

/// The archive in words, for the person.
const ABOUT: &str = "\
Este arquivo reúne os dados pessoais que a instituição mantém sobre você (Lei 13.709/2018, art. 18).

person.json   seus cadastros com cada parceiro: KYC, conta, análises de crédito com os motivos, ofertas,
              empréstimos, parcelas, pagamentos, assinaturas, e-mails e anotações
documents/    os documentos e fotos que você enviou
contracts/    os contratos, como emitidos e como assinados

Se algo estiver errado ou faltar, peça a correção à instituição.

---

This archive has the personal data that the lender holds about you (Brazilian law 13.709/2018, art. 18).

person.json   your registrations with each partner: KYC, account, decisions on credit with their reasons, offers,
              loans, installments, payments, signatures, e-mails and notes
documents/    the documents and photographs that you sent
contracts/    the contracts, as issued and as signed

If something is wrong or missing, ask the lender to correct it.
";

/// A file of the archive.
enum Source {
    Document(DocumentId, MediaType),
    Contract(Document),
}

impl Source {
    /// The file's name in the archive.
    fn name(&self) -> String {
        match self {
            Self::Document(id, media_type) => format!("documents/{id}.{}", extension(*media_type)),
            Self::Contract(Document { loan, copy, .. }) => {
                format!("contracts/{loan}-{}.pdf", copy.name())
            }
        }
    }

    /// The file's bytes; `None` if it cannot be read although the store answers.
    async fn content(&self, state: &AppState) -> Result<Option<Vec<u8>>, StoreError> {
        let found = match self {
            Self::Document(id, _) => {
                document_pages::found(state, *id).await.map(|found| found.map(|(_, content)| content))
            }
            Self::Contract(document) => {
                contract_files::find(state, *document).await.map(|file| file.map(|file| file.pdf))
            }
        };
        match found {
            Err(StoreError::NotFound) => Ok(None),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(file = self.name(), reason, "a file of an export cannot be read");
                Ok(None)
            }
            other => other,
        }
    }
}

/// Reads everything but the files.
async fn collected(state: &AppState, id: CustomerId) -> Result<(PersonalData, Vec<Source>), Rejection> {
    let real = state.clock.now();
    let (cpf, ids) = state.store.read(move |tx: &mut Tx<'_>| personal_data::registrations(tx, id)).await?;
    let (mut registrations, mut files) = (Vec::new(), Vec::new());
    for id in ids {
        let read = move |tx: &mut Tx<'_>| personal_data::registration(tx, real, id);
        let found = state.store.read(read).await?;
        files.extend(found.documents.iter().map(|sent| Source::Document(sent.id, sent.media_type)));
        let copies = found.loans.iter().flat_map(|own| &own.copies);
        files.extend(copies.map(|copy| Source::Contract(*copy)));
        registrations.push(registration(&found, &state.lender.book.in_force()));
    }
    let data = PersonalData {
        controller: state.lender.creditor.name.clone(),
        exported_at: text_scalar::Timestamp::real(real),
        cpf: cpf.to_string(),
        registrations,
        missing_files: Vec::new(),
    };
    Ok((data, files))
}

fn registration(found: &personal_data::Registration, book: &RateBook) -> Registration {
    Registration {
        partner: SharedWith { id: found.partner.to_string(), name: found.partner_name.clone() },
        customer: customer::Customer::of(&found.customer.file, &found.customer.tags),
        documents: found
            .documents
            .iter()
            .map(|sent| File {
                id: sent.id.to_string(),
                file: Source::Document(sent.id, sent.media_type).name(),
                sha256: sent.sha256.clone(),
                uploaded_at: text_scalar::Timestamp(sent.created_at),
            })
            .collect(),
        bank_account: found.account.as_ref().map(BankAccount::from),
        credit_decisions: found.decisions.iter().map(credit::Decision::from).collect(),
        offers: found.offers.iter().map(offer::Offer::from).collect(),
        loans: found.loans.iter().map(|own| borrowed(own, found.now, book)).collect(),
        mails: found.mails.iter().map(mails::shown).collect(),
        notes: found.notes.iter().map(notes::shown).collect(),
        history: found.history.iter().map(customer_timeline::moment).collect(),
        unreadable: found
            .unreadable
            .iter()
            .map(|id| Unreadable { id: id.clone(), unreadable: true })
            .collect(),
    }
}

fn borrowed(own: &OwnLoan, now: Timestamp, book: &RateBook) -> Borrowed {
    let installment = |one| installment::Installment::of(one, now, book);
    Borrowed {
        loan: loan::Loan::from(&own.loan),
        installments: own.installments.iter().map(installment).collect(),
        payments: own.payments.iter().map(payments::shown).collect(),
        signatures: own.signatures.iter().map(Signature::from).collect(),
        contracts: own.copies.iter().map(|copy| Source::Contract(*copy).name()).collect(),
    }
}

fn extension(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "pdf",
        MediaType::Jpeg => "jpg",
        MediaType::Png => "png",
    }
}

/// The bytes that the archive's writer has written and nobody has taken.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Zip = ZipWriter<StreamWriter<Written>>;

/// An archive that is written while it is sent: one file at a time is in memory.
struct Archive {
    state: AppState,
    data: PersonalData,
    files: std::vec::IntoIter<Source>,
    /// The writer; `None` after the end.
    zip: Option<Zip>,
    written: Written,
}

impl Archive {
    fn new(state: AppState, data: PersonalData, files: Vec<Source>) -> Self {
        let written = Written::default();
        let zip = Some(ZipWriter::new_stream(written.clone()));
        Self { state, data, files: files.into_iter(), zip, written }
    }

    /// The next bytes of the archive. An error ends the answer early, so that its receiver sees that it is not whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, io::Error> {
        let Some(zip) = self.zip.take() else { return Ok(None) };
        let Some(source) = self.files.next() else {
            let person = serde_json::to_vec_pretty(&self.data)?;
            let end = move |mut zip: Zip| {
                add(&mut zip, "LEIA-ME.txt", ABOUT.as_bytes())?;
                add(&mut zip, "person.json", &person)?;
                Ok(zip.finish().map(drop)?)
            };
            in_thread(zip, end).await?;
            return Ok(Some((self.written.take(), self)));
        };
        let name = source.name();
        let content = source.content(&self.state).await.map_err(io::Error::other)?;
        let Some(content) = content else {
            self.data.missing_files.push(name);
            self.zip = Some(zip);
            return Ok(Some((Bytes::new(), self)));
        };
        let put = move |mut zip: Zip| add(&mut zip, &name, &content).map(|()| zip);
        self.zip = Some(in_thread(zip, put).await?);
        Ok(Some((self.written.take(), self)))
    }
}

/// Works on the archive in a thread for blocking work: the checksum of a large file takes milliseconds.
async fn in_thread<T: Send + 'static>(
    zip: Zip, work: impl FnOnce(Zip) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(move || work(zip)).await.map_err(io::Error::other)?
}

/// Adds a file as it is: photographs and PDFs do not become smaller.
fn add(zip: &mut Zip, name: &str, content: &[u8]) -> io::Result<()> {
    zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    zip.write_all(content)
}
