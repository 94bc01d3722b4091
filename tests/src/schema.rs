//! The schema of the API as a person without any of our code has it: what can be asked, down to every field that needs
//! no argument.

use std::collections::BTreeMap;

/// How deep objects are asked for; deeper ones stand in other answers.
const DEPTH: usize = 4;

/// A field of a type.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Names of the arguments without which it can't be asked.
    pub required: Vec<String>,
    /// Whether it is a list with pages.
    pub is_paged: bool,
    kind: String,
}

/// The object types.
#[derive(Debug)]
pub struct Schema(BTreeMap<String, Vec<Field>>);

impl Schema {
    /// Reads `gateway/schema.graphql`.
    ///
    /// # Panics
    /// When a line of it isn't understood.
    pub fn of_the_gateway() -> Self {
        let path = crate::program::repository().join("gateway/schema.graphql");
        let text = std::fs::read_to_string(path).unwrap();
        let mut types = BTreeMap::new();
        let mut open: Option<(String, Vec<Field>)> = None;
        let mut is_described = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("\"\"\"") {
                is_described = !is_described;
            } else if is_described || line.is_empty() {
            } else if let Some(name) = line.strip_prefix("type ") {
                open = Some((name.split([' ', '{']).next().unwrap().to_owned(), Vec::new()));
            } else if line == "}" {
                types.extend(open.take());
            } else if let Some((_, fields)) = &mut open {
                fields.push(field(line));
            }
        }
        Self(types)
    }

    /// Everything that can be asked for.
    pub fn queries(&self) -> &[Field] {
        &self.0["Query"]
    }

    /// What of a field's answer is asked for: all of it, down to some depth; nothing for a value without fields.
    pub fn selection(&self, of: &Field) -> String {
        self.of_type(&of.kind, DEPTH)
    }

    fn of_type(&self, kind: &str, depth: usize) -> String {
        let Some(fields) = self.0.get(kind) else { return String::new() };
        let asked = fields.iter().filter(|field| field.required.is_empty()).filter_map(|field| {
            let inner = self.of_type(&field.kind, depth.saturating_sub(1));
            let is_too_deep = self.0.contains_key(&field.kind) && (depth == 0 || inner.is_empty());
            (!is_too_deep).then(|| format!("{}{inner}", field.name))
        });
        let asked: Vec<String> = asked.collect();
        if asked.is_empty() { String::new() } else { format!(" {{ {} }}", asked.join(" ")) }
    }
}

/// Reads `name(argument: Type! = default, …): [Type!]!`.
fn field(line: &str) -> Field {
    let (head, kind) = line.rsplit_once(": ").unwrap_or_else(|| panic!("'{line}' is no field"));
    let (name, arguments) = head.split_once('(').unwrap_or((head, ""));
    let arguments = arguments.trim_end_matches(')').split(", ").filter(|argument| !argument.is_empty());
    let named = arguments.map(|argument| argument.split_once(": ").unwrap());
    let is_required = |kind: &str| kind.ends_with('!');
    Field {
        name: name.to_owned(),
        required: named
            .clone()
            .filter(|(_, kind)| is_required(kind))
            .map(|(name, _)| name.to_owned())
            .collect(),
        is_paged: named.clone().any(|(name, _)| name == "first"),
        kind: kind.split(' ').next().unwrap().trim_matches(['[', ']', '!']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_a_case_reaches_its_reads_and_leaves_out_what_needs_an_argument() {
        let schema = Schema::of_the_gateway();
        let asked = |name: &str| {
            let found = schema.queries().iter().find(|query| query.name == name).unwrap();
            (found.required.clone(), found.is_paged, schema.selection(found))
        };
        let (required, is_paged, selection) = asked("case");
        assert_eq!((required, is_paged), (vec!["id".to_owned()], false));
        for field in
            ["availability", "reads { id", "draft { version", "study { id", "printedName", "priors { id"]
        {
            assert!(selection.contains(field), "{field} in {selection}");
        }
        let (required, is_paged, selection) = asked("worklist");
        assert!(required.is_empty() && is_paged && selection.contains("hasNextPage"), "{selection}");
    }
}
