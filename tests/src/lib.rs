//! What holds for the whole repository is checked in `repository/`; fixtures stand in `fixtures/`.
