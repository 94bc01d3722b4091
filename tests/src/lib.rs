//! The language of the tests: a stack, people, a scanner, a PACS and faults.
