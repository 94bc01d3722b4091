use super::Event;
use crate::CaseId;

#[test]
fn the_kind_is_the_type_on_the_wire() {
    let event = Event::CaseRejected { case: CaseId::from_bits(1) };
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(json["type"], event.kind());
}
