//! The schema is what `gateway/schema.graphql` says, to the byte; `./generate` writes that file.

#[test]
fn the_schema_is_the_written_one() {
    let written = include_str!("../schema.graphql");
    assert_eq!(gateway::schema_sdl(), written, "run ./generate if this change is meant");
}
