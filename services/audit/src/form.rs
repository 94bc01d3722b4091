//! The forms in which entries leave the ledger. Every line carries the place of its entry, so that an export that
//! broke off goes on after the last whole line.

mod class;
mod csv;
mod dicom;
mod fhir;

use crate::Error;
use crate::placed::Placed;
use contract::audit::ExportFormat;

/// Writes entries in one form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    format: ExportFormat,
    from: u64,
}

impl Form {
    /// An export that begins at entry `from`.
    pub(crate) fn new(format: ExportFormat, from: u64) -> Self {
        Self { format, from }
    }

    /// What stands before the first entry. An export that goes on has it already.
    pub(crate) fn head(self) -> Option<String> {
        (self.format == ExportFormat::Csv && self.from == 0).then(csv::head)
    }

    /// An entry, with its line end.
    pub(crate) fn line(self, placed: &Placed) -> Result<String, Error> {
        let line = match self.format {
            ExportFormat::JsonLines => json_line(placed)?,
            ExportFormat::Csv => csv::line(placed)?,
            ExportFormat::Fhir => fhir::resource(placed).to_string(),
            ExportFormat::Dicom => dicom::message(placed),
        };
        Ok(line + "\n")
    }
}

/// The entry exactly as its leaf is the hash of it, and what is personal in it beside.
fn json_line(placed: &Placed) -> Result<String, Error> {
    let personal = serde_json::Value::from(&*placed.personal);
    let (position, leaf, text) = (placed.position, placed.leaf()?, &placed.text);
    Ok(format!(r#"{{"index":{position},"leaf":"{leaf}","personal":{personal},"entry":{text}}}"#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::entry::tests::envelope;
    use crate::ledger::leaf_hash;
    use contract::event::Access;
    use contract::{Event, Time};

    fn placed() -> Placed {
        let event = Event::AccessRecorded { access: Access::History };
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("audit", 3, event) };
        Placed::new(7, entry)
    }

    #[test]
    fn a_json_line_holds_the_bytes_that_were_hashed() {
        let line = Form::new(ExportFormat::JsonLines, 0).line(&placed()).unwrap();
        let entry = line.split_once(r#""entry":"#).unwrap().1.trim_end().strip_suffix('}').unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["index"], 7);
        assert_eq!(told["leaf"], leaf_hash(entry.as_bytes()).to_string());
    }

    #[test]
    fn a_csv_starts_with_its_columns_unless_it_goes_on() {
        assert!(Form::new(ExportFormat::Csv, 0).head().unwrap().starts_with("index,recorded_at,"));
        assert_eq!(Form::new(ExportFormat::Csv, 5).head(), None);
        let line = Form::new(ExportFormat::Csv, 0).line(&placed()).unwrap();
        assert!(line.starts_with("7,1970-01-01T00:00:00Z,"), "{line}");
        assert!(line.contains(r#","Reader ""One""","#), "{line}");
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn every_form_is_one_line_an_entry() {
        for format in ExportFormat::ALL {
            let line = Form::new(format, 0).line(&placed()).unwrap();
            assert_eq!(line.matches('\n').count(), 1, "{format:?}");
        }
    }
}
