//! Runs a resource command: its arguments become the request of its operation.

use clap::{ArgMatches, FromArgMatches as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

use super::body::{form, json_of, put};
use super::document::{Body, Field, Operation};
use super::tree::{ALL, DATA, KEY, id_of, operation};
use crate::access::AccessFlags;
use crate::failure::Failure;
use crate::ordered::Ordered;
use crate::output::{Output, OutputFlags, say_value};
use crate::partner::{ApiGeneration, Partner, key};
use crate::resend::{self, ResendArgs};
use crate::signed::{self, VerifyArgs};

/// Characters of a value in a path or a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Most items of a page.
const PAGE: &str = "100";

/// Runs the command that `matches` has found below a resource.
pub async fn run(generation: ApiGeneration, matches: &ArgMatches) -> anyhow::Result<()> {
    let (mut words, mut matches) = (Vec::new(), matches);
    while let Some((word, below)) = matches.subcommand() {
        words.push(word);
        matches = below;
    }
    match &*words {
        ["webhooks", "verify"] => return signed::run(&VerifyArgs::from_arg_matches(matches)?),
        ["events", "resend"] => {
            return resend::run(&ResendArgs::from_arg_matches(matches)?, generation).await;
        }
        _of_the_document => {}
    }
    let operation = operation(generation, &words).expect("clap knows only the commands of operations");
    let output = OutputFlags::from_arg_matches(matches)?.or(Output::Json);
    let access = AccessFlags::from_arg_matches(matches)?.access()?;
    let call = Call { operation, matches };
    let body = call.body()?;
    let base = format!("{}{}", access.url, generation.base());
    let partner =
        Partner::sign_in(&base, &access.client_id, &access.client_secret).await?.at(access.url, None);
    let answer =
        if call.has(ALL) { call.whole_list(&partner).await? } else { call.once(&partner, body).await? };
    if !answer.is_null() {
        say_value(&answer, output);
    }
    Ok(())
}

/// An operation with the arguments of its command.
struct Call<'a> {
    operation: &'static Operation,
    matches: &'a ArgMatches,
}

/// The body of a request.
enum Sent {
    Nothing,
    Json(Value),
    Form(reqwest::multipart::Form),
}

impl Call<'_> {
    fn has(&self, id: &str) -> bool {
        self.matches.try_get_one::<bool>(id).is_ok_and(|given| given == Some(&true))
    }

    fn text(&self, id: &str) -> Option<&String> {
        self.matches.try_get_one::<String>(id).ok().flatten()
    }

    /// The given fields with their values.
    fn given<'f>(&self, fields: &'f [Field]) -> Vec<(&'f Field, Vec<String>)> {
        let values = |field: &Field| self.matches.get_many::<String>(&id_of(field));
        let given = |field: &'f Field| values(field).map(|values| (field, values.cloned().collect()));
        fields.iter().filter_map(given).collect()
    }

    fn body(&self) -> anyhow::Result<Sent> {
        let Some(Body { media, fields }) = &self.operation.body else { return Ok(Sent::Nothing) };
        let given = self.given(fields);
        if media == "multipart/form-data" {
            return Ok(Sent::Form(form(&given)?));
        }
        let mut body = match self.text(DATA).map(|data| json_of(data)).transpose()? {
            Some(Value::Object(body)) => body,
            Some(other) if given.is_empty() => return Ok(Sent::Json(other)),
            Some(_other) => {
                return Err(Failure::Usage("--data is no object, so flags add nothing".to_owned()).into());
            }
            None => Map::new(),
        };
        for (field, values) in given {
            put(&mut body, field, &values)?;
        }
        Ok(Sent::Json(body.into()))
    }

    /// The path with its parameters, and the query.
    fn target(&self, more: &[(&str, &str)]) -> String {
        let mut path = self.operation.path.clone();
        for parameter in &self.operation.path_parameters {
            let value = self.text(&id_of(parameter)).map_or("", String::as_str);
            let value = utf8_percent_encode(value, PLAIN).to_string();
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        }
        let given = self.given(&self.operation.query);
        let is_set = |name: &str| more.iter().any(|(one, _)| *one == name);
        let own = given.iter().filter(|(field, _)| !is_set(&field.name));
        let own = own.flat_map(|(field, values)| values.iter().map(|value| (&*field.name, &**value)));
        let pairs: Vec<String> = own
            .chain(more.iter().copied())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PLAIN)))
            .collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }

    fn request(&self, partner: &Partner, target: &str) -> RequestBuilder {
        let method =
            Method::from_bytes(self.operation.method.as_bytes()).expect("the document names methods");
        partner.request(method, target)
    }

    fn named(&self) -> String {
        format!("{} {}", self.operation.method, self.target(&[]))
    }

    async fn once(&self, partner: &Partner, body: Sent) -> anyhow::Result<Ordered> {
        let mut request = self.request(partner, &self.target(&[]));
        if let Some(header) = &self.operation.idempotency_key {
            request = request.header(header, key(self.text(KEY).map(String::as_str)));
        }
        request = match body {
            Sent::Nothing => request,
            Sent::Json(body) => request.header("content-type", "application/json").body(body.to_string()),
            Sent::Form(form) => request.multipart(form),
        };
        partner.answer(request, &self.named()).await
    }

    /// Every page of a list as one page.
    async fn whole_list(&self, partner: &Partner) -> anyhow::Result<Ordered> {
        let (mut items, mut after): (Vec<Ordered>, Option<String>) = (Vec::new(), None);
        loop {
            let mut more = vec![("limit", PAGE)];
            more.extend(after.as_deref().map(|after| ("starting_after", after)));
            let mut page = partner.answer(self.request(partner, &self.target(&more)), &self.named()).await?;
            let id = |item: &Ordered| item.text("id").or(item.text("client_id")).map(str::to_owned);
            after = page.text("next_starting_after").map(str::to_owned);
            let Some(Ordered::List(found)) = page.get_mut("data") else { return Ok(page) };
            after = after.or_else(|| found.last().and_then(id));
            items.append(found);
            let has_more = page.get("has_more") == Some(&Ordered::Plain(true.into()));
            if !has_more || after.is_none() {
                if let Some(data) = page.get_mut("data") {
                    *data = Ordered::List(items);
                }
                if let Some(has_more) = page.get_mut("has_more") {
                    *has_more = Ordered::Plain(false.into());
                }
                return Ok(page);
            }
        }
    }
}
