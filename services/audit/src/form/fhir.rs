//! FHIR R4 AuditEvent.
//!
//! # Source
//! HL7 FHIR R4 (4.0.1), AuditEvent; codes of DICOM as its value sets take them.

use super::class::{agent, class};
use crate::placed::Placed;
use crate::sentence::sentence;
use serde_json::{Value, json};

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const SOURCE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";

/// The resource of an entry.
pub(super) fn resource(placed: &Placed) -> Value {
    let told = &placed.entry.envelope;
    let class = class(&told.event);
    let (code, display) = class.id;
    let who = agent(told);
    let mut agent = json!({
        "who": { "identifier": { "value": who.id } },
        "requestor": true,
    });
    if let Some(username) = who.other_id {
        agent["altId"] = json!(username);
    }
    if let Some(name) = who.name {
        agent["name"] = json!(name);
    }
    if !who.roles.is_empty() {
        agent["role"] = who.roles.iter().map(|role| json!({ "text": role })).collect();
    }
    let entity = |id: String| {
        json!({
            "what": { "identifier": { "value": id } },
            "type": { "system": ENTITY_TYPE, "code": "2", "display": "System Object" },
        })
    };
    json!({
        "resourceType": "AuditEvent",
        "id": format!("ledger-{}", placed.position),
        "type": { "system": DCM, "code": code, "display": display },
        "subtype": [{ "code": told.event.kind() }],
        "action": class.action.to_string(),
        "recorded": told.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        "outcome": class.outcome.to_string(),
        "outcomeDesc": sentence(told),
        "agent": [agent],
        "source": {
            "observer": { "identifier": { "value": format!("countersign/{}", told.service) } },
            "type": [{ "system": SOURCE_TYPE, "code": "4", "display": "Application Server" }],
        },
        "entity": placed.entry.mentions().into_iter().map(entity).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::entry::tests::envelope;
    use contract::{Event, Time};

    #[test]
    fn an_audit_event_has_everything_that_r4_demands() {
        let event = Event::LoginRefused { reason_code: "wrong_credentials".to_owned() };
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("gateway", 3, event) };
        let resource = resource(&Placed::new(7, entry));
        assert_eq!(resource["id"], "ledger-7");
        assert_eq!(resource["type"]["code"], "110114");
        assert_eq!(resource["outcome"], "4");
        assert_eq!(resource["recorded"], "1970-01-01T00:00:00Z");
        assert_eq!(resource["agent"][0]["requestor"], true);
        assert_eq!(resource["agent"][0]["altId"], "rad1");
        assert_eq!(resource["source"]["observer"]["identifier"]["value"], "countersign/gateway");
    }
}
