//! The text of a Cédula de Crédito Bancário (Lei 10.931/2004 art. 29; Res. CMN 5.004/2022), in Portuguese.

use domain::kyc::SubjectRole;
use domain::loan::contract::{Contract, Party};
use domain::loan::pricing::Charges;
use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::written::{date, date_in_words, installments, moment, money, percent};

use super::block::Block;

/// The document's title.
pub const TITLE: &str = "Cédula de Crédito Bancário";

/// The words to which a signer agrees. The evidence has the same words.
pub fn consent(contract: &Contract) -> String {
    format!(
        "Li a {TITLE} nº {}, concordo com todos os seus termos e aceito assiná-la eletronicamente, \
         reconhecendo este meio como válido.",
        contract.number
    )
}

/// The whole document.
pub fn blocks(contract: &Contract) -> Vec<Block> {
    let mut blocks = parties(contract);
    blocks.extend(summary(contract));
    blocks.extend(promise(contract));
    blocks.extend(clauses(contract));
    blocks.extend(issue(contract));
    blocks
}

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn facts<const N: usize>(pairs: [(&str, String); N]) -> Block {
    Block::Facts(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A person's name and number, in the document's words.
fn person(party: &Party) -> String {
    match &party.name {
        Some(name) => format!("{name}, CPF {}", party.cpf),
        None => format!("CPF {}", party.cpf),
    }
}

/// The borrower: the company if there is one, else the person.
fn issuer(contract: &Contract) -> String {
    let person =
        person(contract.signers.first().expect("a contract names the person of the registration first"));
    match (&contract.company.name, contract.company.cnpj) {
        (Some(company), Some(number)) => format!("{company}, CNPJ {number}"),
        (None, Some(number)) => format!("CNPJ {number}"),
        (Some(company), None) => format!("{company} ({person})"),
        (None, None) => person,
    }
}

fn parties(contract: &Contract) -> Vec<Block> {
    let creditor = &contract.creditor;
    let mut pairs = vec![("Emitente".to_owned(), issuer(contract))];
    for party in &contract.signers {
        let role = match party.role {
            SubjectRole::Applicant => "Representante",
            SubjectRole::CoOwner => "Sócio(a) signatário(a)",
        };
        pairs.push((role.to_owned(), person(party)));
    }
    pairs.push(("Credora".into(), format!("{}, CNPJ {}", creditor.name, creditor.cnpj)));
    pairs.push(("Endereço da credora".into(), creditor.address.clone()));
    pairs
        .push(("Local e data de emissão".into(), format!("{}, {}", creditor.city, date(contract.issued_on))));
    vec![heading("1. Partes"), Block::Facts(pairs)]
}

fn summary(contract: &Contract) -> Vec<Block> {
    let (quote, terms) = (&contract.quote, &contract.terms);
    let borne = match terms.charges {
        Charges::Financed => "financiados, somados ao principal",
        Charges::Deducted => "descontados do valor liberado",
    };
    let last = quote.schedule.last().map_or(quote.release, |row| row.due);
    let figures = facts([
        ("Valor solicitado", money(quote.requested)),
        ("Valor líquido a receber", money(quote.net)),
        ("Tarifa de serviço", format!("{} ({} do valor solicitado)", money(quote.fee), percent(terms.fee))),
        ("IOF", money(quote.iof)),
        ("Tarifa e IOF", borne.to_owned()),
        ("Valor do principal", money(quote.principal)),
        ("Juros até o vencimento", money(quote.interest)),
        ("Valor total a pagar", money(quote.total)),
        ("Parcelas", installments(quote)),
        ("Primeiro e último vencimento", format!("{} e {}", date(quote.first_due()), date(last))),
        ("Taxa de juros efetiva ao mês", percent(quote.monthly_rate)),
        ("Taxa de juros efetiva ao ano", percent(quote.annual_rate)),
        ("Taxa de juros efetiva ao dia", percent(terms.daily_rate)),
        (
            "Custo Efetivo Total (CET)",
            format!("{} ao ano, {} ao mês", percent(quote.cet_annual), percent(quote.cet_monthly)),
        ),
    ]);
    vec![heading("2. Quadro-resumo"), figures]
}

fn promise(contract: &Contract) -> Vec<Block> {
    let (quote, creditor) = (&contract.quote, &contract.creditor);
    let text = format!(
        "A Emitente promete pagar à Credora, ou à sua ordem, de forma incondicional, em {}, a dívida em dinheiro, \
         certa, líquida e exigível, de {} de principal, com os juros e encargos desta Cédula, em {} parcelas, nas \
         datas e nos valores seguintes, que somam {}.",
        creditor.city,
        money(quote.principal),
        quote.installments(),
        money(quote.total)
    );
    let row = |row: &domain::loan::schedule::ScheduledInstallment| {
        vec![
            row.number.to_string(),
            date(row.due),
            money(row.payment),
            money(row.principal),
            money(row.interest),
            money(row.balance),
        ]
    };
    vec![
        heading("3. Promessa de pagamento e cronograma"),
        Block::Paragraph(text),
        Block::Table {
            columns: vec!["Nº", "Vencimento", "Parcela", "Principal", "Juros", "Saldo devedor"],
            rows: quote.schedule.iter().map(row).collect(),
        },
        Block::Paragraph(format!(
            "Os pagamentos são feitos em {}, por Pix, com o código de cada parcela. A parcela que vence em dia não \
             útil pode ser paga sem encargos no dia útil seguinte.",
            creditor.city
        )),
    ]
}

fn clauses(contract: &Contract) -> Vec<Block> {
    let (quote, terms) = (&contract.quote, &contract.terms);
    let clause = |title: &str, text: String| [heading(title), Block::Paragraph(text)];
    [
        clause(
            "4. Juros",
            format!(
                "Os juros remuneratórios são de {} ao mês, capitalizados diariamente (Lei 10.931/2004, art. 28, \
                 § 1º, I): cada período rende sobre o saldo devedor o fator (1 + i) elevado a d/30, em que i é a taxa \
                 mensal e d são os dias corridos do período.",
                percent(quote.monthly_rate)
            ),
        ),
        clause(
            "5. Tributos e tarifas",
            format!(
                "Incidem o IOF de {} ao dia sobre cada parcela do principal, até 365 dias, e o adicional de {} sobre \
                 o principal (Decreto 6.306/2007), no total de {}; e a tarifa de serviço de {}. Nenhum outro valor é \
                 cobrado da Emitente. O CET, de {} ao ano, considera todos eles (Res. CMN 4.881/2020).",
                percent(terms.iof.daily),
                percent(terms.iof.additional),
                money(quote.iof),
                money(quote.fee),
                percent(quote.cet_annual)
            ),
        ),
        clause(
            "6. Atraso",
            format!(
                "A parcela não paga até o dia útil em que podia ser paga sem encargos passa a dever, sobre o valor em \
                 atraso, multa de {}, uma só vez, juros de mora de {} ao mês, simples e por dia, e juros \
                 remuneratórios à taxa desta Cédula (Res. CMN 4.882/2020).",
                percent(terms.late.fine),
                percent(terms.late.default_monthly)
            ),
        ),
        clause(
            "7. Liquidação antecipada",
            "A Emitente pode liquidar a dívida antes do vencimento, no todo ou em parte, sem tarifa. Na liquidação \
             total, o valor é o presente das parcelas a vencer, descontadas pela taxa de juros desta Cédula por dias \
             corridos, com a redução proporcional dos juros (Lei 8.078/1990, art. 52, § 2º; Res. CMN 5.004/2022)."
                .to_owned(),
        ),
        clause(
            "8. Liberação",
            format!(
                "A Credora libera {} por Pix, depois de assinada esta Cédula por todos os signatários. Se a liberação \
                 não for concluída, nada é devido.",
                money(quote.net)
            ),
        ),
        clause(
            "9. Assinatura eletrônica",
            "As partes aceitam a assinatura eletrônica como válida (Medida Provisória 2.200-2/2001, art. 10, § 2º). De \
             cada assinatura são guardados o signatário, a data e a hora, o endereço de rede, o programa usado, o \
             resumo SHA-256 deste documento e o consentimento, que constam da página de assinaturas."
                .to_owned(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn issue(contract: &Contract) -> Vec<Block> {
    let signatories = contract.signers.iter().map(|party| {
        let role = match party.role {
            SubjectRole::Applicant => "Pela Emitente",
            SubjectRole::CoOwner => "Sócio(a) da Emitente",
        };
        (role.to_owned(), person(party))
    });
    vec![
        heading("10. Emissão e signatários"),
        Block::Paragraph(format!("{}, {}.", contract.creditor.city, date_in_words(contract.issued_on))),
        Block::Facts(signatories.collect()),
    ]
}

/// The page of signatures.
pub fn signatures(contract: &Contract, document_sha256: &str, evidence: &[Evidence]) -> Vec<Block> {
    let mut blocks = vec![
        Block::NewPage,
        heading("Página de assinaturas"),
        facts([
            ("Documento", format!("{TITLE} nº {}", contract.number)),
            ("SHA-256 do documento assinado", document_sha256.to_owned()),
        ]),
    ];
    for (signature, number) in evidence.iter().zip(1..) {
        blocks.push(heading(&format!("Assinatura {number}")));
        blocks.push(signature_facts(signature));
    }
    blocks
}

fn signature_facts(signature: &Evidence) -> Block {
    let authentication = match &signature.authentication {
        Authentication::CodeByMail { address: Some(address), of: Mailbox::Signer } => {
            format!("código de uso único enviado a {address}")
        }
        Authentication::CodeByMail { address: Some(address), of: Mailbox::Company } => {
            format!("código de uso único enviado ao e-mail cadastrado da empresa, {address}")
        }
        Authentication::CodeByMail { address: None, .. } => "código de uso único".to_owned(),
        Authentication::Sandbox => "nenhuma: assinatura simulada pelo ambiente de testes".to_owned(),
    };
    let unknown = || "não informado".to_owned();
    facts([
        ("Signatário", signature.name.as_ref().map_or_else(unknown, ToString::to_string)),
        ("CPF", signature.cpf.to_string()),
        ("Data e hora", moment(signature.signed_at)),
        ("Autenticação", authentication),
        ("Endereço de rede", signature.address.map_or_else(unknown, |address| address.to_string())),
        ("Programa", signature.user_agent.clone().unwrap_or_else(unknown)),
        ("SHA-256 exibido", signature.document_sha256.clone()),
        ("Consentimento", signature.consent.clone()),
    ])
}
