//! The commands of a generation as clap knows them.

use std::collections::BTreeMap;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args as _, Command};

use super::document::{Field, Kind, Operation, operations};
use crate::access::AccessFlags;
use crate::output::OutputFlags;
use crate::partner::ApiGeneration;
use crate::resend::ResendArgs;
use crate::signed::VerifyArgs;

/// The whole body, or those of its fields that have no flag.
pub(super) const DATA: &str = "data";
/// The idempotency key.
pub(super) const KEY: &str = "idempotency-key";
/// Every page of a list.
pub(super) const ALL: &str = "all";
/// The generation, which has chosen the commands.
const GENERATION: &str = "generation";

const VERIFY: &str = "Check the signature of a webhook, and say why it is wrong";
const RESEND: &str = "Deliver an event again to the endpoints that have it";

/// A word of commands, with the words that may follow it.
#[derive(Default)]
struct Node {
    below: BTreeMap<String, Node>,
    operation: Option<&'static Operation>,
}

/// The commands of every resource of a generation.
pub fn commands(generation: ApiGeneration) -> Vec<Command> {
    let mut root = Node::default();
    for operation in operations(generation) {
        let words = operation.words(generation.base());
        let place = words.into_iter().fold(&mut root, |node, word| node.below.entry(word).or_default());
        place.operation = Some(operation);
    }
    let resource = |(word, node): (String, Node)| {
        let about = node.first().and_then(|operation| operation.about.clone());
        let own = match &*word {
            "webhooks" => Some(VerifyArgs::augment_args(Command::new("verify").about(VERIFY))),
            "events" => Some(ResendArgs::augment_args(Command::new("resend").about(RESEND))),
            _other => None,
        };
        let choice = Arg::new(GENERATION).long("generation").value_name("NAME").global(true);
        let choice = choice
            .value_parser(["reference", "sdk"])
            .help("The API generation: reference (/v3) or sdk (/api/v3)");
        let command = node.command(word).arg(choice).subcommands(own);
        match about {
            Some(about) => command.about(about.trim_end_matches('.').to_owned()),
            None => command,
        }
    };
    root.below.into_iter().map(resource).collect()
}

/// The operation behind the words of a command.
pub(super) fn operation(generation: ApiGeneration, words: &[&str]) -> Option<&'static Operation> {
    operations(generation).iter().find(|operation| operation.words(generation.base()) == words)
}

/// The words of an operation's command.
pub fn words_of(generation: ApiGeneration, id: &str) -> Option<Vec<String>> {
    let operation = operations(generation).iter().find(|operation| operation.id == id)?;
    Some(operation.words(generation.base()))
}

impl Node {
    /// The first operation below the node.
    fn first(&self) -> Option<&'static Operation> {
        self.operation.or_else(|| self.below.values().find_map(Self::first))
    }

    fn command(self, word: String) -> Command {
        if let Some(operation) = self.operation {
            return leaf(word, operation);
        }
        let about = about(&word, &self.below);
        let below = self.below.into_iter().map(|(word, node)| node.command(word));
        Command::new(word)
            .about(about)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(below)
    }
}

/// What a group of commands is for: the actions in it.
fn about(word: &str, below: &BTreeMap<String, Node>) -> String {
    let words: Vec<&str> = below.keys().map(String::as_str).collect();
    format!("{}: {}", word.replace('-', " "), words.join(", "))
}

fn leaf(word: String, operation: &'static Operation) -> Command {
    let mut command =
        Command::new(word).about(operation.summary.clone().unwrap_or_else(|| operation.id.clone()));
    let route = format!("{} {}", operation.method, operation.path);
    let text = operation.description.as_deref().map_or(String::new(), |text| format!("{text}\n\n"));
    command = command.after_help(format!("{text}{route}"));
    for parameter in &operation.path_parameters {
        command = command.arg(described(Arg::new(id_of(parameter)), parameter).required(true));
    }
    let body = operation.body.iter().flat_map(|body| &body.fields);
    for field in operation.query.iter().chain(body) {
        command = command.arg(flag(field));
    }
    if operation.body.is_some() {
        let help = "The body as JSON, @FILE or - for the input. Flags replace its fields";
        command = command.arg(Arg::new(DATA).long(DATA).short('d').value_name("JSON").help(help));
    }
    if operation.idempotency_key.is_some() {
        let help = "Makes it safe to repeat the command for 24 hours (default: a new key)";
        command = command.arg(Arg::new(KEY).long(KEY).value_name("KEY").help(help));
    }
    if operation.has_pages {
        let all = Arg::new(ALL).long(ALL).action(ArgAction::SetTrue);
        command = command.arg(all.help("Every page of the list"));
    }
    with_own(command)
}

/// The place of the flags of every command in the help: behind the fields.
const OWN_PLACE: usize = 500;

/// Adds the flags of every command. A field has its name in the document; a flag of the same name then begins with
/// `server-`.
fn with_own(command: Command) -> Command {
    let taken: Vec<String> = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
    let own = AccessFlags::augment_args(OutputFlags::augment_args(Command::new("own")));
    let own: Vec<Arg> = own.get_arguments().cloned().collect();
    own.into_iter().enumerate().fold(command, |command, (place, argument)| {
        let argument = argument.display_order(OWN_PLACE + place);
        let is_taken = argument.get_long().is_some_and(|long| taken.iter().any(|one| one == long));
        let long = argument.get_long().map(|long| format!("server-{long}"));
        command.arg(match long {
            Some(long) if is_taken => argument.long(long),
            _free => argument,
        })
    })
}

/// The id of a field's argument: another one than that of a flag of the same name.
pub(super) fn id_of(field: &Field) -> String {
    format!("field {}", field.name)
}

fn flag(field: &'static Field) -> Arg {
    let long = field.name.replace('_', "-");
    let argument = described(Arg::new(id_of(field)), field).long(long.clone());
    let argument = if long == field.name { argument } else { argument.alias(&*field.name) };
    match field.kind {
        Kind::Boolean => argument
            .value_parser(["true", "false"])
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Texts => argument.action(ArgAction::Append).value_delimiter(','),
        Kind::File => argument.value_name("PATH"),
        Kind::Text | Kind::Number | Kind::Json if !field.values.is_empty() => {
            argument.value_parser(PossibleValuesParser::new(field.values.iter().map(String::as_str)))
        }
        Kind::Text => argument.allow_hyphen_values(true),
        Kind::Number | Kind::Json => argument.allow_negative_numbers(true),
    }
}

fn described(argument: Arg, field: &'static Field) -> Arg {
    let name = field.name.rsplit('.').next().unwrap_or(&field.name).to_uppercase();
    let text = field.description.as_deref().map_or("", |text| text.trim_end_matches('.'));
    let help = if field.required && argument.get_long().is_some() {
        format!("{text} (required)")
    } else {
        text.to_owned()
    };
    argument.value_name(name).help(help)
}
