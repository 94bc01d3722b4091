//! The DICOM JSON model (PS3.18 Annex F), as far as our answers need it.

use serde_json::{Map, Value, json};

/// A data set under construction.
#[derive(Default)]
pub(super) struct DataSet(Map<String, Value>);

impl DataSet {
    /// Adds an attribute with values; without any it is present and empty.
    pub(super) fn values(mut self, tag: &str, vr: &str, values: impl IntoIterator<Item = Value>) -> Self {
        let values: Vec<Value> = values.into_iter().collect();
        let attribute =
            if values.is_empty() { json!({ "vr": vr }) } else { json!({ "vr": vr, "Value": values }) };
        self.0.insert(tag.to_owned(), attribute);
        self
    }

    /// Adds an attribute of text; empty text is an empty attribute.
    pub(super) fn text(self, tag: &str, vr: &str, value: &str) -> Self {
        self.values(tag, vr, (!value.is_empty()).then(|| json!(value)))
    }

    /// Adds an attribute that is a number.
    pub(super) fn number(self, tag: &str, vr: &str, value: impl Into<Value>) -> Self {
        self.values(tag, vr, [value.into()])
    }

    /// Adds a person's name with its component groups.
    pub(super) fn person_name(self, tag: &str, name: &str) -> Self {
        let groups = ["Alphabetic", "Ideographic", "Phonetic"];
        let named: Map<String, Value> = groups
            .into_iter()
            .zip(name.split('='))
            .filter(|(_, group)| !group.is_empty())
            .map(|(key, group)| (key.to_owned(), json!(group)))
            .collect();
        self.values(tag, "PN", (!named.is_empty()).then_some(Value::Object(named)))
    }

    /// Adds a sequence.
    pub(super) fn sequence(self, tag: &str, items: impl IntoIterator<Item = DataSet>) -> Self {
        self.values(tag, "SQ", items.into_iter().map(DataSet::into_value))
    }

    /// The data set as JSON.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_three_groups() {
        let set =
            DataSet::default().person_name("00100010", "Yamada^Tarou=山田^太郎=やまだ^たろう").into_value();
        let name = &set["00100010"]["Value"][0];
        assert_eq!(name["Alphabetic"], "Yamada^Tarou");
        assert_eq!(name["Ideographic"], "山田^太郎");
        assert_eq!(name["Phonetic"], "やまだ^たろう");
    }

    #[test]
    fn an_empty_attribute_has_no_value() {
        let set = DataSet::default().text("00080050", "SH", "").into_value();
        assert_eq!(set["00080050"], json!({ "vr": "SH" }));
    }
}
