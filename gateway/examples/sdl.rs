//! x
fn main() {
    print!("{}", gateway::schema_sdl());
}
