//! A JSON Schema as rows of a table: one for each field, named by its path.

use serde_yaml_ng::Value;

/// How deep fields are shown. No document nests deeper; one that refers to itself ends here.
const DEPTH_MAX: usize = 8;

/// A row of the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The path of the field, or what a group of fields is called.
    pub(super) name: String,
    /// The type and its limits; code between backticks.
    pub(super) kind: String,
    /// Whether it has to be there.
    pub(super) required: bool,
    /// What it means.
    pub(super) description: String,
    /// Whether it stands above the fields of one of several alternatives.
    pub(super) is_heading: bool,
}

impl Row {
    /// The row of one field.
    pub(super) fn of(root: &Value, name: &str, schema: &Value) -> Self {
        let resolved = resolve(root, schema);
        let said = [schema, resolved].map(|schema| text(schema, "description"));
        let description = said.into_iter().find(|description| !description.is_empty());
        Self {
            name: name.to_owned(),
            kind: kind(root, schema),
            description: description.unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }
}

/// What a value stands for, if it is a reference into the document.
pub(super) fn resolve<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let steps = reference.trim_start_matches("#/").split('/');
        value = steps.fold(root, |value, step| value.get(step).unwrap_or(&Value::Null));
    }
    value
}

/// The fields of a body, those of an object before those inside it.
pub(super) fn rows(root: &Value, schema: &Value) -> Vec<Row> {
    let mut found = Vec::new();
    let resolved = resolve(root, schema);
    if resolved.get("properties").is_none() {
        found.push(Row::of(root, "(body)", schema));
    }
    inside(root, schema, "", 0, &mut found);
    found
}

/// Adds the rows of what stands inside a value.
fn inside(root: &Value, schema: &Value, path: &str, depth: usize, found: &mut Vec<Row>) {
    if depth > DEPTH_MAX {
        return;
    }
    let depth = depth.saturating_add(1);
    let schema = resolve(root, schema);
    let joined = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    if let Some(properties) = schema.get("properties").and_then(Value::as_mapping) {
        let required: Vec<_> = strings(schema, "required").collect();
        for (name, property) in properties {
            let Some(name) = name.as_str() else { continue };
            let path = joined(name);
            let row = Row::of(root, &path, property);
            found.push(Row { required: required.contains(&name), ..row });
            inside(root, property, &path, depth, found);
        }
        return;
    }
    if let Some(items) = schema.get("items") {
        inside(root, items, &format!("{path}[]"), depth, found);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_mapping()) {
        found.push(Row::of(root, &joined("*"), values));
    }
    for variant in
        alternatives(schema).filter(|variant| resolve(root, variant).get("properties").is_some())
    {
        let name = text(variant, "$ref").rsplit('/').next().unwrap_or_default();
        let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
        let description = text(resolve(root, variant), "description").to_owned();
        found.push(Row {
            name: format!("{place}{}", words(name)),
            description,
            is_heading: true,
            ..Row::default()
        });
        inside(root, variant, path, depth, found);
    }
}

/// The type of a value and its limits, in words.
fn kind(root: &Value, schema: &Value) -> String {
    let schema = resolve(root, schema);
    if let Some(constant) = schema.get("const") {
        return code(constant);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_sequence) {
        return values.iter().map(code).collect::<Vec<_>>().join(" ");
    }
    let variants: Vec<_> = alternatives(schema).map(|variant| kind(root, variant)).collect();
    if !variants.is_empty() && schema.get("properties").is_none() {
        let mut variants = variants;
        variants.dedup();
        return variants.join(" or ");
    }
    let mut parts = vec![names(root, schema)];
    parts.extend(schema.get("format").and_then(Value::as_str).map(ToOwned::to_owned));
    parts.extend(range(schema, "minLength", "maxLength", "characters"));
    parts.extend(range(schema, "minItems", "maxItems", "items"));
    parts.extend(range(schema, "minProperties", "maxProperties", "entries"));
    // The limits of 64 bits are what the format says.
    if text(schema, "format") != "int64" {
        parts.extend(range(schema, "minimum", "maximum", ""));
    }
    parts.extend(schema.get("default").map(|default| format!("default {}", code(default))));
    let pattern = text(schema, "pattern");
    if !pattern.is_empty() && schema.get("format").is_none() {
        parts.push(format!("`{pattern}`"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// The names of the type.
fn names(root: &Value, schema: &Value) -> String {
    let single = schema.get("type").and_then(Value::as_str).into_iter();
    let names: Vec<_> = single.chain(strings(schema, "type")).collect();
    let array = schema.get("items").filter(|_| names.contains(&"array"));
    let name = |name: &str| match (name, array) {
        ("array", Some(items)) => {
            let items = resolve(root, items);
            let item =
                if alternatives(items).next().is_some() { String::new() } else { names_of(items) };
            if item.is_empty() { "array".to_owned() } else { format!("array of {item}") }
        }
        (other, _) => other.to_owned(),
    };
    names.into_iter().map(name).collect::<Vec<_>>().join(" or ")
}

fn names_of(schema: &Value) -> String {
    match schema.get("enum").and_then(Value::as_sequence) {
        Some(values) => values.iter().map(code).collect::<Vec<_>>().join(" "),
        None => format!("{}s", text(schema, "type")),
    }
}

/// "1 to 100 items", "not empty", "at most 100 items".
fn range(schema: &Value, least: &str, most: &str, unit: &str) -> Option<String> {
    let number = |name| schema.get(name).and_then(|value| serde_json::to_string(value).ok());
    let range = match (number(least), number(most)) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) if least == "1" && !unit.is_empty() => {
            return Some("not empty".to_owned());
        }
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => return None,
    };
    Some(format!("{range} {unit}").trim_end().to_owned())
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"]
        .into_iter()
        .flat_map(|name| schema.get(name).and_then(Value::as_sequence).into_iter().flatten())
}

/// `NewCreditLine` in words.
fn words(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

fn code(value: &Value) -> String {
    let text = value.as_str().map(ToOwned::to_owned);
    let text = text.filter(|text| !text.is_empty());
    format!("`{}`", text.or_else(|| serde_json::to_string(value).ok()).unwrap_or_default())
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn strings<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v str> + use<'v> {
    value.get(name).and_then(Value::as_sequence).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema: &str, expected: &[&str]) {
        let root: Value = serde_yaml_ng::from_str(
            "components: {schemas: {Name: {type: string, maxLength: 5, description: N.}, \
             Loan: {type: object, properties: {kind: {const: loan}}}, Line: {type: object, properties: {kind: {const: line}}}}}",
        )
        .unwrap();
        let schema = serde_yaml_ng::from_str(schema).unwrap();
        let rows: Vec<_> = rows(&root, &schema)
            .into_iter()
            .map(|row| {
                let required = if row.required { "!" } else { "" };
                format!("{}{required} | {} | {}", row.name, row.kind, row.description)
            })
            .collect();
        assert_eq!(rows, expected, "{schema:?}");
    }

    #[test]
    fn fields_are_named_by_their_path() {
        check(
            "{required: [a], properties: {a: {$ref: '#/components/schemas/Name'}, \
             b: {type: array, maxItems: 3, items: {type: object, properties: {c: {type: boolean}}}}}}",
            &[
                "a! | string, at most 5 characters | N.",
                "b | array of objects, at most 3 items | ",
                "b[].c | boolean | ",
            ],
        );
    }

    #[test]
    fn alternatives_stand_under_their_names() {
        check(
            "{properties: {d: {oneOf: [{$ref: '#/components/schemas/Loan'}, {$ref: '#/components/schemas/Line'}]}}}",
            &[
                "d | object | ",
                "d: loan |  | ",
                "d.kind | `loan` | ",
                "d: line |  | ",
                "d.kind | `line` | ",
            ],
        );
    }

    #[test]
    fn a_type_is_said_with_its_limits() {
        for (schema, kind) in [
            (
                "{type: integer, minimum: 1, maximum: 100, default: 10}",
                "integer, 1 to 100, default `10`",
            ),
            ("{type: [string, 'null'], format: uuid}", "string or null, uuid"),
            ("{enum: [a, null]}", "`a` `null`"),
            ("{type: string, pattern: '^a$'}", "string, `^a$`"),
        ] {
            check(schema, &[&format!("(body) | {kind} | ")]);
        }
    }
}
