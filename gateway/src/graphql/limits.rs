//! Limits on the shape of a GraphQL document, checked before anything of it is validated or carried out.
//!
//! Fragments are followed as often as they are spread, with a budget, so that a document that grows when it is
//! expanded costs no more to refuse than a long one.

use crate::config::GraphqlLimits;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned};
use std::collections::HashMap;

/// The most selections that a document may come to when its fragments are put in place.
const SELECTIONS_MAX: usize = 2_000;
/// The deepest nesting of fields and fragments.
const NESTING_MAX: usize = 32;

/// A limit that a document exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request has too many {0}")]
pub(crate) struct Exceeded(&'static str);

/// Whether `document` stays within `limits`.
pub(crate) fn check(document: &ExecutableDocument, limits: &GraphqlLimits) -> Result<(), Exceeded> {
    let mut operations = 0;
    for (_, operation) in document.operations.iter() {
        operations += 1;
        if operations > 1 {
            return Err(Exceeded("operations"));
        }
        let mut walk = Walk {
            fragments: &document.fragments,
            limits,
            selections: 0,
            aliases: 0,
            directives: 0,
            root_fields: 0,
        };
        walk.directives(&operation.node.directives)?;
        walk.selection_set(&operation.node.selection_set.node, 0, 0)?;
    }
    Ok(())
}

/// Whether `document` holds nothing but a subscription.
pub(crate) fn is_subscription(document: &ExecutableDocument) -> bool {
    let subscription =
        |operation: &Positioned<OperationDefinition>| operation.node.ty == OperationType::Subscription;
    document.operations.iter().all(|(_, operation)| subscription(operation))
}

struct Walk<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    limits: &'d GraphqlLimits,
    selections: usize,
    aliases: usize,
    directives: usize,
    root_fields: usize,
}

impl Walk<'_> {
    /// `depth` counts fields, `nesting` fields and fragments.
    fn selection_set(&mut self, set: &SelectionSet, depth: usize, nesting: usize) -> Result<(), Exceeded> {
        if nesting > NESTING_MAX {
            return Err(Exceeded("levels of fields and fragments"));
        }
        for selection in &set.items {
            count(&mut self.selections, SELECTIONS_MAX, "fields")?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.directives(&field.directives)?;
                    if field.alias.is_some() {
                        count(&mut self.aliases, self.limits.aliases_max, "aliases")?;
                    }
                    if depth == 0 {
                        count(&mut self.root_fields, self.limits.root_fields_max, "fields at the root")?;
                    }
                    if depth + 1 > self.limits.depth_max {
                        return Err(Exceeded("levels of fields"));
                    }
                    self.selection_set(&field.selection_set.node, depth + 1, nesting + 1)?;
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives)?;
                    self.selection_set(&fragment.node.selection_set.node, depth, nesting + 1)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        self.selection_set(&fragment.node.selection_set.node, depth, nesting + 1)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), Exceeded> {
        for _ in directives {
            count(&mut self.directives, self.limits.directives_max, "directives")?;
        }
        Ok(())
    }
}

fn count(counter: &mut usize, most: usize, what: &'static str) -> Result<(), Exceeded> {
    *counter += 1;
    if *counter > most { Err(Exceeded(what)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use std::fmt::Write as _;

    fn checked(query: &str) -> Result<(), Exceeded> {
        check(&parse_query(query).unwrap(), &GraphqlLimits::default())
    }

    #[test]
    fn an_ordinary_query_passes() {
        checked("query A { worklist(first: 5) { nodes { id study { patient { name } } } } }").unwrap();
    }

    #[test]
    fn renaming_a_field_over_and_over_is_refused() {
        let aliases: String = (0..31).fold(String::new(), |mut text, index| {
            write!(text, "a{index}: username ").unwrap();
            text
        });
        assert_eq!(checked(&format!("{{ viewer {{ {aliases} }} }}")), Err(Exceeded("aliases")));
    }

    #[test]
    fn many_fields_at_the_root_are_refused_even_through_a_fragment() {
        let query = "{ ...F } fragment F on Query { a b c d e f g h i j k }";
        assert_eq!(checked(query), Err(Exceeded("fields at the root")));
    }

    #[test]
    fn fragments_that_double_each_other_are_refused_early() {
        let fragments: String = (0..24).fold(String::new(), |mut text, index| {
            write!(text, "fragment F{index} on Viewer {{ ...F{0} ...F{0} }} ", index + 1).unwrap();
            text
        });
        let query = format!("{{ viewer {{ ...F0 }} }} {fragments} fragment F24 on Viewer {{ id }}");
        assert_eq!(checked(&query), Err(Exceeded("fields")));
    }

    #[test]
    fn fragments_in_a_circle_are_refused() {
        let query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
        assert_eq!(checked(query), Err(Exceeded("levels of fields and fragments")));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let query = format!("{}id{}", "{ a ".repeat(13), " }".repeat(13));
        assert_eq!(checked(&query), Err(Exceeded("levels of fields")));
    }

    #[test]
    fn several_operations_in_one_document_are_refused() {
        assert_eq!(checked("query A { a } query B { a }"), Err(Exceeded("operations")));
    }

    #[test]
    fn only_a_document_of_subscriptions_is_one() {
        assert!(is_subscription(&parse_query("subscription { a }").unwrap()));
        assert!(!is_subscription(&parse_query("mutation { a }").unwrap()));
    }
}
