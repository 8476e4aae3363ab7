//! No two files of a crate import each other, directly or through others. Separate crates have no circles, because a
//! dependency is missing. Within a crate the compiler allows circles, so this test reads every path of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::architecture::{SEES, root, sources};

/// A module's path within its crate. The path of the crate's root is empty.
type Module = Vec<String>;

/// A macro that is at the crate's root by the rules of the language, whichever file defines it.
const MACRO: &str = "args";

#[test]
fn no_two_files_import_each_other_in_a_circle() {
    for (name, _) in SEES {
        let files = files(&root().join("crates").join(name).join("src"));
        let arrows: BTreeMap<&Module, BTreeSet<Module>> =
            files.iter().map(|(module, code)| (module, imports(module, code, &files))).collect();
        let circle: Vec<String> = arrows
            .iter()
            .flat_map(|(from, to)| to.iter().map(move |to| (*from, to)))
            .filter(|(from, to)| reaches(to, from, &arrows))
            .map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::")))
            .collect();
        assert!(circle.is_empty(), "{name} has a circle of files:\n{}", circle.join("\n"));
    }
}

#[test]
fn a_circle_is_found_through_a_child_that_takes_a_name_from_its_parent() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    let files: BTreeMap<Module, Vec<String>> = [
        ("a", "pub mod b; pub use b::{One, Two as Three}; pub struct Four;"),
        ("a::b", "use super::Four; // use crate::c::Comment;\nconst TEXT: &str = \"crate::c::Text\";"),
        (
            "c",
            "fn c(one: &'static crate::a::One) -> char { '\"' } #[cfg(test)] mod tests { use crate::d::X; }",
        ),
        ("d", "use crate::{c, a::{self, b::One}};"),
    ]
    .map(|(path, text)| (module(path), tokens(text)))
    .into();
    let of = |path: &str| -> Vec<String> {
        let imported = imports(&module(path), &files[&module(path)], &files);
        imported.iter().map(|module| module.join("::")).collect()
    };
    assert_eq!(of("a"), ["a::b"]);
    assert_eq!(of("a::b"), ["a"]);
    assert_eq!(of("c"), ["a"]);
    assert_eq!(of("d"), ["a", "a::b", "c"]);
}

/// The tokens of each file of a crate, without its tests.
fn files(folder: &Path) -> BTreeMap<Module, Vec<String>> {
    let module = |path: &Path| {
        let path = path.strip_prefix(folder).unwrap().with_extension("");
        let mut parts: Module =
            path.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    };
    let files = sources(folder);
    let files = files.iter().filter(|(path, _)| !path.to_string_lossy().ends_with("tests.rs"));
    files.flat_map(|(path, text)| mounted(module(path)).into_iter().map(|at| (at, tokens(text)))).collect()
}

/// The modules of a file. A file of both generations is a module in each of them.
fn mounted(module: Module) -> Vec<Module> {
    let Some(place) = module.iter().position(|part| part == "both") else { return vec![module] };
    ["reference", "sdk"]
        .map(|generation| {
            let mut module = module.clone();
            generation.clone_into(&mut module[place]);
            module
        })
        .into()
}

/// Whether a chain of imports leads from one file to another.
fn reaches(from: &Module, to: &Module, arrows: &BTreeMap<&Module, BTreeSet<Module>>) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(module) = next.pop() {
        if module == to {
            return true;
        }
        next.extend(arrows[module].iter().filter(|further| seen.insert(further)));
    }
    false
}

/// The files whose names one file uses, in imports and in other paths.
fn imports(module: &Module, tokens: &[String], files: &BTreeMap<Module, Vec<String>>) -> BTreeSet<Module> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match (tokens[at].as_str(), at.checked_sub(1).map(|before| tokens[before].as_str())) {
            // `use<'a>` after a type lists captured lifetimes.
            ("use", _) if tokens[at + 1] != "<" => at = tree(tokens, at + 1, &mut Vec::new(), &mut paths),
            // `pub(in path)` is not an import.
            (_, Some("::" | "in")) => at += 1,
            _any_other => at = path(tokens, at, &mut paths),
        }
    }
    paths.iter().filter_map(|path| resolved(module, path, files)).filter(|found| found != module).collect()
}

/// Reads a tree of imports up to its end. Returns the index after it.
fn tree(tokens: &[String], mut at: usize, prefix: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut open = false;
    while let Some(word) = tokens.get(at) {
        match word.as_str() {
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    assert!(tokens[at] != ";", "a tree of imports has no end");
                    at = tree(tokens, at, prefix, paths);
                    at += usize::from(tokens[at] == ",");
                }
                at += 1;
                prefix.truncate(depth);
                return at;
            }
            "}" | "," | ";" => break,
            "as" => at += 1,
            "::" => {}
            name => {
                prefix.push(name.to_owned());
                open = true;
            }
        }
        at += 1;
    }
    if open {
        paths.push(prefix.clone());
    }
    prefix.truncate(depth);
    at
}

/// Reads a path of two or more names. Returns the index after it.
fn path(tokens: &[String], mut at: usize, paths: &mut Vec<Vec<String>>) -> usize {
    let mut names = vec![tokens[at].clone()];
    at += 1;
    while tokens.get(at).is_some_and(|word| word == "::")
        && tokens.get(at + 1).is_some_and(|word| is_name(word))
    {
        names.push(tokens[at + 1].clone());
        at += 2;
    }
    if names.len() > 1 {
        paths.push(names);
    }
    at
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The file that contains the target of a path; `None` if the path leads out of the crate.
fn resolved(module: &Module, path: &[String], files: &BTreeMap<Module, Vec<String>>) -> Option<Module> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let (mut at, rest) = match names.as_slice() {
        // A path in a test or in a macro's body: the module around it counts.
        ["super", "*"] | ["crate", MACRO] => return None,
        ["crate", rest @ ..] => (Module::new(), rest),
        ["self", rest @ ..] => (module.clone(), rest),
        ["super", ..] => {
            let up = names.iter().take_while(|name| **name == "super").count();
            (module[..module.len().checked_sub(up)?].to_vec(), &names[up..])
        }
        [first, ..] if files.contains_key(&below(module, first)) => (module.clone(), names.as_slice()),
        _another_crate => return None,
    };
    for name in rest {
        let deeper = below(&at, name);
        if !files.contains_key(&deeper) {
            break;
        }
        at = deeper;
    }
    Some(at)
}

fn below(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// The tokens of a file without comments, literals and tests.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
        if tokens.ends_with(&["#", "[", "cfg", "(", "test", ")", "]", "mod", "tests", "{"].map(str::to_owned))
        {
            break;
        }
    }
    tokens
}

/// The length of the literal at the start of a text, if it starts with a string or character literal.
fn literal(text: &str) -> Option<usize> {
    let behind = text.trim_start_matches('b').trim_start_matches('r').trim_start_matches('#');
    let before = &text[..text.len() - behind.len()];
    if behind.starts_with('"') && (before.is_empty() || before.starts_with(['b', 'r'])) {
        if before.contains('r') {
            let end = format!("\"{}", "#".repeat(before.matches('#').count()));
            return Some(before.len() + 1 + behind[1..].find(&end).unwrap() + end.len());
        }
        let mut escaped = false;
        let end = behind.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        return Some(before.len() + end.unwrap().0 + 1);
    }
    let mut chars = text.strip_prefix('\'')?.char_indices();
    match (chars.next()?.1, chars.next()?) {
        ('\\', (at, escape)) => {
            Some(1 + at + escape.len_utf8() + text[1 + at + escape.len_utf8()..].find('\'')? + 1)
        }
        (_, (at, '\'')) => Some(1 + at + 1),
        // This is a lifetime.
        _any_other => None,
    }
}
