//! Samples in Java and Go, with what comes with each language.

use super::super::html::put;
use super::request::{Auth, Body, FILE, Request, indented, pretty};

/// A whole program in Java 17.
pub(super) fn java(request: &Request) -> String {
    let mut parts = vec![format!("HttpRequest.newBuilder(URI.create(\"{}\"))", request.url)];
    parts.push(match request.auth {
        Auth::Token => ".header(\"Authorization\", \"Bearer \" + System.getenv(\"TOKEN\"))".to_owned(),
        Auth::Credential => ".header(\"Authorization\", \"Basic \" + Base64.getEncoder().encodeToString(\n                (System.getenv(\"DINIE_CLIENT_ID\") + \":\" + System.getenv(\"DINIE_CLIENT_SECRET\")).getBytes()))".to_owned(),
    });
    parts.extend(request.headers().iter().map(|(name, value)| format!(".header(\"{name}\", \"{value}\")")));
    let mut before = String::new();
    let publisher = match &request.body {
        Body::None => "BodyPublishers.noBody()".to_owned(),
        Body::Json(body) => {
            format!("BodyPublishers.ofString(\"\"\"\n                {}\"\"\")", indented(&pretty(body), 16))
        }
        Body::Form(fields) => {
            let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            parts.push(".header(\"Content-Type\", \"application/x-www-form-urlencoded\")".to_owned());
            format!("BodyPublishers.ofString(\"{}\")", pairs.join("&"))
        }
        Body::Upload(fields) => {
            let mut form: String = "var form = new ByteArrayOutputStream();\n        ".to_owned();
            form.extend(fields.iter().map(|(name, value)| {
                format!("form.writeBytes((\"--end\\r\\nContent-Disposition: form-data; name=\\\"{name}\\\"\\r\\n\\r\\n{value}\\r\\n\").getBytes());\n        ")
            }));
            put(
                &mut form,
                &format!(
                    "form.writeBytes((\"--end\\r\\nContent-Disposition: form-data; name=\\\"file\\\"; filename=\\\"{FILE}\\\"\\r\\n\\r\\n\").getBytes());\n        \
                 form.writeBytes(Files.readAllBytes(Path.of(\"{FILE}\")));\n        \
                 form.writeBytes(\"\\r\\n--end--\\r\\n\".getBytes());\n        "
                ),
            );
            before = form;
            parts.push(".header(\"Content-Type\", \"multipart/form-data; boundary=end\")".to_owned());
            "BodyPublishers.ofByteArray(form.toByteArray())".to_owned()
        }
    };
    parts.push(format!(".method(\"{}\", {publisher})", request.method));
    parts.push(".build()".to_owned());
    format!(
        "import java.io.ByteArrayOutputStream;\nimport java.net.URI;\nimport java.net.http.HttpClient;\nimport java.net.http.HttpRequest;\n\
         import java.net.http.HttpRequest.BodyPublishers;\nimport java.net.http.HttpResponse.BodyHandlers;\nimport java.nio.file.Files;\n\
         import java.nio.file.Path;\nimport java.util.Base64;\n\nclass Sample {{\n    public static void main(String[] args) throws Exception {{\n        \
         {before}var request = {};\n        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());\n        \
         System.out.println(answer.statusCode() + \" \" + answer.body());\n    }}\n}}\n",
        parts.join("\n            ")
    )
}

/// A whole program in Go.
pub(super) fn go(request: &Request) -> String {
    let mut imports = vec!["fmt", "io", "net/http", "os"];
    let (mut before, mut after) = (String::new(), String::new());
    let reader = match &request.body {
        Body::None => "nil".to_owned(),
        Body::Json(body) => {
            imports.push("strings");
            format!("strings.NewReader(`{}`)", indented(&pretty(body), 0))
        }
        Body::Form(fields) => {
            imports.push("strings");
            let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            after.push_str("\trequest.Header.Set(\"Content-Type\", \"application/x-www-form-urlencoded\")\n");
            format!("strings.NewReader(\"{}\")", pairs.join("&"))
        }
        Body::Upload(fields) => {
            imports.extend(["bytes", "mime/multipart"]);
            before.push_str("\tvar body bytes.Buffer\n\tform := multipart.NewWriter(&body)\n");
            before.extend(
                fields.iter().map(|(name, value)| format!("\tform.WriteField(\"{name}\", \"{value}\")\n")),
            );
            put(&mut before, &format!("\tpart, _ := form.CreateFormFile(\"file\", \"{FILE}\")\n"));
            put(
                &mut before,
                &format!("\tcontent, _ := os.ReadFile(\"{FILE}\")\n\tpart.Write(content)\n\tform.Close()\n"),
            );
            after.push_str("\trequest.Header.Set(\"Content-Type\", form.FormDataContentType())\n");
            "&body".to_owned()
        }
    };
    after.push_str(match request.auth {
        Auth::Token => "\trequest.Header.Set(\"Authorization\", \"Bearer \"+os.Getenv(\"TOKEN\"))\n",
        Auth::Credential => {
            "\trequest.SetBasicAuth(os.Getenv(\"DINIE_CLIENT_ID\"), os.Getenv(\"DINIE_CLIENT_SECRET\"))\n"
        }
    });
    after.extend(
        request
            .headers()
            .iter()
            .map(|(name, value)| format!("\trequest.Header.Set(\"{name}\", \"{value}\")\n")),
    );
    imports.sort_unstable();
    let imports: Vec<String> = imports.iter().map(|name| format!("\t\"{name}\"\n")).collect();
    let imports = imports.concat();
    format!(
        "package main\n\nimport (\n{imports})\n\nfunc main() {{\n{before}\trequest, _ := http.NewRequest(\"{}\", \"{}\", {reader})\n{after}\
         \tanswer, err := http.DefaultClient.Do(request)\n\tif err != nil {{\n\t\tpanic(err)\n\t}}\n\tdefer answer.Body.Close()\n\
         \ttext, _ := io.ReadAll(answer.Body)\n\tfmt.Println(answer.StatusCode, string(text))\n}}\n",
        request.method, request.url
    )
}
