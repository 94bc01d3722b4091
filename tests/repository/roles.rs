//! The script of PostgreSQL roles names exactly the services; what it does is tried in `tests/roles`.

use super::root;

#[test]
fn the_script_of_roles_names_every_service() {
    let compose = std::fs::read_to_string(root().join("services/countersign/src/compose.rs")).unwrap();
    let list = compose.split("SERVICES: [&str;").nth(1).unwrap().split_once('=').unwrap().1;
    let services: Vec<&str> = list.split(']').next().unwrap().split('"').skip(1).step_by(2).collect();
    assert_eq!(services.len(), 7);
    let script = std::fs::read_to_string(root().join("infra/postgres-roles.sql")).unwrap();
    let array = script.split("ARRAY[").nth(1).unwrap().split(']').next().unwrap();
    let named: Vec<&str> = array.split('\'').skip(1).step_by(2).collect();
    assert_eq!(named, services);
}
