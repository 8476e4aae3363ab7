//! The demo's second half. A loan is signed on its page; installments are paid on time, late and in part; one payment
//! is reversed; an early payoff ends the loan. Then the ledger is printed.

use anyhow::{Context as _, ensure};
use domain::money::Cents;
use domain::time::Date;
use serde_json::{Value, json};

use super::access::Access;
use super::steps::Steps;
use crate::partner::{Partner, cents, text};
use crate::say;

/// The expected events of that half: two payments on time, one late, one in part, the payoff.
pub(super) const EVENTS: [&str; 6] = [
    "loan.payment_received",
    "loan.payment_received",
    "loan.payment_received",
    "loan.payment_received",
    "loan.payment_received",
    "loan.finished",
];

/// A loan, with the partner and the operator who move it on.
pub(super) struct Lifecycle<'a> {
    partner: &'a Partner,
    sandbox: Partner,
    operator: Partner,
    loan: String,
    contract: String,
    /// The customer's payment page, known after the disbursement.
    payment_page: String,
}

impl<'a> Lifecycle<'a> {
    pub(super) fn new(partner: &'a Partner, access: &Access, loan: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            partner,
            sandbox: partner.at(format!("{}/sandbox", access.url), None),
            operator: partner.at(format!("{}/operator/v1", access.url), access.operator_token.as_deref()),
            loan: text(loan, "id")?,
            contract: text(loan, "ccb_number")?,
            payment_page: String::new(),
        })
    }

    /// The newest e-mail whose subject begins with this text.
    async fn mail(&self, subject: &str) -> anyhow::Result<Value> {
        let mails = self.sandbox.get("/mails").await?;
        let mut mails = mails["data"].as_array().into_iter().flatten();
        let found = mails.find(|mail| mail["subject"].as_str().is_some_and(|s| s.starts_with(subject)));
        found.cloned().with_context(|| format!("no e-mail {subject:?}"))
    }

    /// Signs on the signing page: follows the link of an e-mail, enters the code of another e-mail, and consents.
    pub(super) async fn sign(&self, steps: &Steps) -> anyhow::Result<()> {
        steps.begin("signing the contract on its page");
        let link = link_in(&self.mail(&format!("Assine a {}", self.contract)).await?)?;
        self.partner.press(&format!("{link}/code"), "").await?;
        let subject = text(&self.mail("Seu código para assinar").await?, "subject")?;
        let (_, code) = subject.rsplit_once(' ').context("the e-mail has no code")?;
        let page = self.partner.press(&link, &format!("code={code}&consent=yes")).await?;
        ensure!(page.contains("Contrato assinado"), "the page did not accept the signature");
        steps.done(&format!("{} signed with the code from an e-mail", self.contract));
        Ok(())
    }

    /// Pays the loan back.
    pub(super) async fn through_finish(&mut self, steps: &Steps) -> anyhow::Result<()> {
        self.payment_page = link_in(&self.mail("Seu dinheiro chegou").await?)?;
        for number in 1..=2 {
            steps.begin("letting a month pass");
            let due = self.installment(number).await?;
            self.wait_until(date(&due)?).await?;
            self.pay_by_code(number).await?;
            steps.done(&format!("installment {number} paid on its due date, {}", text(&due, "due_date")?));
        }
        self.pay_late(steps, 3).await?;
        self.pay_in_part_and_take_back(steps, 4).await?;
        self.pay_off(steps).await
    }

    async fn pay_late(&self, steps: &Steps, number: usize) -> anyhow::Result<()> {
        steps.begin("being late");
        let late = date(&self.installment(number).await?)?.checked_add(jiff::Span::new().days(10))?;
        self.wait_until(late).await?;
        let overdue = self.installment(number).await?;
        ensure!(
            overdue["status"] == "overdue" && cents(&overdue["fees"])? > Cents::ZERO,
            "it is not overdue"
        );
        self.pay_by_code(number).await?;
        steps.done(&format!(
            "installment {number} paid late, with R$ {} of charges",
            cents(&overdue["fees"])?
        ));
        Ok(())
    }

    async fn pay_in_part_and_take_back(&self, steps: &Steps, number: usize) -> anyhow::Result<()> {
        steps.begin("paying in part");
        let amount = Cents::new(cents(&self.installment(number).await?["amount_due"])?.get() / 2);
        let payment = self.record(amount, "installments").await?;
        ensure!(self.installment(number).await?["status"] == "partially_paid", "it is not paid in part");
        steps.done(&format!("R$ {amount} of installment {number} paid"));
        steps.begin("reversing the payment");
        let path = format!("/payments/{}/reverse", text(&payment, "id")?);
        self.operator.post(&path, &json!({}), 200).await?;
        let after = self.installment(number).await?;
        ensure!(cents(&after["amount_paid"])? == Cents::ZERO, "the payment still counts: {after}");
        steps.done("the Pix was returned, and the payment was reversed");
        Ok(())
    }

    async fn pay_off(&self, steps: &Steps) -> anyhow::Result<()> {
        steps.begin("paying off early");
        let quote = self.operator.get(&format!("/loans/{}/payoff-quote", self.loan)).await?;
        self.record(cents(&quote["amount"])?, "payoff").await?;
        let loan = self.partner.get(&format!("/loans/{}", self.loan)).await?;
        ensure!(loan["status"] == "finished", "the loan is {}", loan["status"]);
        let discount = cents(&quote["discount"])?;
        steps.done(&format!("paid off early for R$ {}, R$ {discount} let off", cents(&quote["amount"])?));
        Ok(())
    }

    async fn installment(&self, number: usize) -> anyhow::Result<Value> {
        let path = format!("/loans/{}/transactions?limit=100", self.loan);
        let transactions = self.partner.get(&path).await?;
        transactions["data"].get(number - 1).cloned().with_context(|| format!("no installment {number}"))
    }

    async fn wait_until(&self, day: Date) -> anyhow::Result<()> {
        self.sandbox.post("/clock/advance", &json!({"until": day.to_string()}), 200).await.map(drop)
    }

    async fn pay_by_code(&self, number: usize) -> anyhow::Result<()> {
        let shown = self.partner.page(&format!("{}/{number}", self.payment_page)).await?;
        let charge = shown.split_once("name=\"charge\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let (charge, _) = charge.context("the payment page offers no code")?;
        let page = self.partner.press(&self.payment_page, &format!("charge={charge}")).await?;
        ensure!(page.contains("Pagamento recebido"), "the page did not show the payment");
        let paid = self.installment(number).await?;
        ensure!(paid["status"] == "paid", "installment {number} is {}", paid["status"]);
        Ok(())
    }

    /// Records a payment of today as an operator.
    async fn record(&self, amount: Cents, kind: &str) -> anyhow::Result<Value> {
        let clock = self.sandbox.get("/clock").await?;
        let now: jiff::Timestamp = text(&clock, "now")?.parse()?;
        let today = domain::time::Timestamp::from_micros(now.as_microsecond()).business_date();
        let body = json!({
            "reference": format!("demo-{}-{kind}", self.loan), "amount": amount.to_string(),
            "paid_on": today.to_string(), "kind": kind
        });
        self.operator.post(&format!("/loans/{}/payments", self.loan), &body, 201).await
    }

    /// Prints the balances of the loan's ledger, whose sum must be zero.
    pub(super) async fn print_ledger(&self) -> anyhow::Result<()> {
        let ledger = self.operator.get(&format!("/loans/{}/ledger?limit=100", self.loan)).await?;
        say("\nLedger of the loan");
        for entry in ledger["data"].as_array().into_iter().flatten() {
            say(&format!("  {}  {}", text(entry, "entered_at")?, text(entry, "cause")?));
            for posting in entry["postings"].as_array().into_iter().flatten() {
                let amount = text(posting, "amount")?;
                say(&format!("    {:<26}{amount:>14}", text(posting, "account")?));
            }
        }
        let mut sum = 0;
        say("  balances");
        for balance in ledger["balances"].as_array().into_iter().flatten() {
            let amount = text(balance, "amount")?;
            sum += amount.replace('.', "").parse::<i64>()?;
            say(&format!("    {:<26}{amount:>14}", text(balance, "account")?));
        }
        ensure!(sum == 0, "the loan's ledger is off by {}", Cents::new(sum));
        Ok(())
    }
}

/// The link that has a whole line of an e-mail.
fn link_in(mail: &Value) -> anyhow::Result<String> {
    let text = text(mail, "text")?;
    let link = text.lines().find(|line| line.starts_with("http"));
    link.map(|link| link.trim().to_owned()).context("the e-mail has no link")
}

fn date(installment: &Value) -> anyhow::Result<Date> {
    Ok(text(installment, "due_date")?.parse()?)
}
