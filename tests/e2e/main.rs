//! The whole story, from a scanner's C-STORE to the PACS.
