//! Samples in the shell, Python, JavaScript, Ruby and PHP.

use serde_json::Value;

use super::super::html::put;
use super::request::{Auth, Body, FILE, Request, indented, pretty};

/// curl in a shell.
pub(super) fn curl(request: &Request) -> String {
    let mut parts = Vec::new();
    parts.push(match request.auth {
        Auth::Token => "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
        Auth::Credential => "-u \"$DINIE_CLIENT_ID:$DINIE_CLIENT_SECRET\"".to_owned(),
    });
    parts.extend(request.headers().iter().map(|(name, value)| format!("-H \"{name}: {value}\"")));
    match &request.body {
        Body::None => {}
        Body::Json(body) => parts.push(format!("-d '{}'", pretty(body).replace('\'', "'\\''"))),
        Body::Form(fields) => parts.extend(fields.iter().map(|(name, value)| format!("-d {name}={value}"))),
        Body::Upload(fields) => {
            parts.extend(fields.iter().map(|(name, value)| format!("-F {name}={value}")));
            parts.push(format!("-F file=@{FILE}"));
        }
    }
    format!("curl -X {} {} \\\n  {}\n", request.method, request.url, parts.join(" \\\n  "))
}

/// Python with requests.
pub(super) fn python(request: &Request) -> String {
    let mut parts = vec![format!("\"{}\"", request.url)];
    let mut headers: Vec<String> = Vec::new();
    match request.auth {
        Auth::Token => headers.push("\"Authorization\": f\"Bearer {os.environ['TOKEN']}\"".to_owned()),
        Auth::Credential => parts
            .push("auth=(os.environ[\"DINIE_CLIENT_ID\"], os.environ[\"DINIE_CLIENT_SECRET\"])".to_owned()),
    }
    // The library sets the content type of its bodies.
    let own = request.headers().into_iter().filter(|(name, _)| *name != "Content-Type");
    headers.extend(own.map(|(name, value)| format!("\"{name}\": \"{value}\"")));
    if !headers.is_empty() {
        parts.push(format!("headers={{{}}}", headers.join(", ")));
    }
    let pairs = |fields: &[(String, String)]| {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\": \"{value}\"")).collect();
        format!("data={{{}}}", pairs.join(", "))
    };
    match &request.body {
        Body::None => {}
        Body::Json(body) => parts.push(format!("json={}", indented(&literal(body), 4))),
        Body::Form(fields) => parts.push(pairs(fields)),
        Body::Upload(fields) => {
            parts.push(pairs(fields));
            parts.push(format!("files={{\"file\": open(\"{FILE}\", \"rb\")}}"));
        }
    }
    let call = format!("requests.{}(\n    {},\n)", request.method.to_lowercase(), parts.join(",\n    "));
    let end = if request.method == "DELETE" { "" } else { "print(answer.json())\n" };
    format!("import os\n\nimport requests\n\nanswer = {call}\nanswer.raise_for_status()\n{end}")
}

/// A JSON value as Python writes it.
pub(super) fn literal(value: &Value) -> String {
    let inner = |texts: Vec<String>| {
        texts.iter().map(|text| format!("    {},\n", indented(text, 4))).collect::<Vec<_>>().concat()
    };
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Object(members) => {
            let pairs = members.iter().map(|(name, value)| format!("\"{name}\": {}", literal(value)));
            format!("{{\n{}}}", inner(pairs.collect()))
        }
        Value::Array(items) => format!("[\n{}]", inner(items.iter().map(literal).collect())),
        Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// JavaScript with fetch.
pub(super) fn javascript(request: &Request) -> String {
    let mut headers = Vec::new();
    headers.push(match request.auth {
        Auth::Token => "Authorization: `Bearer ${process.env.TOKEN}`".to_owned(),
        Auth::Credential => "Authorization: \"Basic \" + btoa(`${process.env.DINIE_CLIENT_ID}:${process.env.DINIE_CLIENT_SECRET}`)".to_owned(),
    });
    headers.extend(request.headers().iter().map(|(name, value)| format!("\"{name}\": \"{value}\"")));
    let mut before = String::new();
    let body = match &request.body {
        Body::None => String::new(),
        Body::Json(body) => format!("\n  body: JSON.stringify({}),", indented(&pretty(body), 2)),
        Body::Form(fields) => {
            let pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: \"{value}\"")).collect();
            format!("\n  body: new URLSearchParams({{ {} }}),", pairs.join(", "))
        }
        Body::Upload(fields) => {
            before.push_str("import { openAsBlob } from \"node:fs\";\n\nconst form = new FormData();\n");
            before.extend(fields.iter().map(|(name, value)| format!("form.set(\"{name}\", \"{value}\");\n")));
            put(&mut before, &format!("form.set(\"file\", await openAsBlob(\"{FILE}\"), \"{FILE}\");\n"));
            "\n  body: form,".to_owned()
        }
    };
    let end = if request.method == "DELETE" { "" } else { "console.log(await answer.json());\n" };
    format!(
        "{before}const answer = await fetch(\"{}\", {{\n  method: \"{}\",\n  headers: {{\n    {},\n  }},{body}\n}});\n\
         if (!answer.ok) throw new Error((await answer.json()).code);\n{end}",
        request.url,
        request.method,
        headers.join(",\n    ")
    )
}

/// Ruby with its own library.
pub(super) fn ruby(request: &Request) -> String {
    let class = format!("{}{}", &request.method[..1], request.method[1..].to_lowercase());
    let mut lines = vec![
        "require \"net/http\"".to_owned(),
        "require \"json\"".to_owned(),
        String::new(),
        format!("uri = URI(\"{}\")", request.url),
        format!("request = Net::HTTP::{class}.new(uri)"),
    ];
    lines.push(match request.auth {
        Auth::Token => "request[\"Authorization\"] = \"Bearer #{ENV.fetch(\"TOKEN\")}\"".to_owned(),
        Auth::Credential => {
            "request.basic_auth(ENV.fetch(\"DINIE_CLIENT_ID\"), ENV.fetch(\"DINIE_CLIENT_SECRET\"))"
                .to_owned()
        }
    });
    lines.extend(request.headers().iter().map(|(name, value)| format!("request[\"{name}\"] = \"{value}\"")));
    match &request.body {
        Body::None => {}
        Body::Json(body) => {
            lines.push(format!("request.body = <<~JSON\n  {}\nJSON", indented(&pretty(body), 2)));
        }
        Body::Form(fields) => {
            let pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("\"{name}\" => \"{value}\"")).collect();
            lines.push(format!("request.set_form_data({})", pairs.join(", ")));
        }
        Body::Upload(fields) => {
            let mut pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("[\"{name}\", \"{value}\"]")).collect();
            pairs.push(format!("[\"file\", File.open(\"{FILE}\")]"));
            lines.push(format!("request.set_form([{}], \"multipart/form-data\")", pairs.join(", ")));
        }
    }
    lines.push("answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == \"https\") { |http| http.request(request) }".to_owned());
    lines.push(if request.method == "DELETE" {
        "puts answer.code".to_owned()
    } else {
        "puts JSON.parse(answer.body)".to_owned()
    });
    lines.join("\n") + "\n"
}

/// PHP with its curl extension.
pub(super) fn php(request: &Request) -> String {
    let mut headers = Vec::new();
    let mut options = vec![
        "CURLOPT_RETURNTRANSFER => true".to_owned(),
        format!("CURLOPT_CUSTOMREQUEST => \"{}\"", request.method),
    ];
    match request.auth {
        Auth::Token => headers.push("\"Authorization: Bearer \" . getenv(\"TOKEN\")".to_owned()),
        Auth::Credential => options.push(
            "CURLOPT_USERPWD => getenv(\"DINIE_CLIENT_ID\") . \":\" . getenv(\"DINIE_CLIENT_SECRET\")"
                .to_owned(),
        ),
    }
    headers.extend(request.headers().iter().map(|(name, value)| format!("\"{name}: {value}\"")));
    if !headers.is_empty() {
        options.push(format!("CURLOPT_HTTPHEADER => [\n        {},\n    ]", headers.join(",\n        ")));
    }
    let pairs = |fields: &[(String, String)]| {
        fields.iter().map(|(name, value)| format!("\"{name}\" => \"{value}\"")).collect::<Vec<_>>()
    };
    match &request.body {
        Body::None => {}
        Body::Json(body) => options
            .push(format!("CURLOPT_POSTFIELDS => <<<'JSON'\n    {}\n    JSON", indented(&pretty(body), 4))),
        Body::Form(fields) => {
            options.push(format!("CURLOPT_POSTFIELDS => http_build_query([{}])", pairs(fields).join(", ")));
        }
        Body::Upload(fields) => {
            let mut all = pairs(fields);
            all.push(format!("\"file\" => new CURLFile(\"{FILE}\")"));
            options.push(format!("CURLOPT_POSTFIELDS => [{}]", all.join(", ")));
        }
    }
    let end = if request.method == "DELETE" {
        "echo curl_getinfo($curl, CURLINFO_HTTP_CODE);"
    } else {
        "print_r(json_decode($answer, true));"
    };
    format!(
        "<?php\n$curl = curl_init(\"{}\");\ncurl_setopt_array($curl, [\n    {},\n]);\n$answer = curl_exec($curl);\n{end}\n",
        request.url,
        options.join(",\n    ")
    )
}
