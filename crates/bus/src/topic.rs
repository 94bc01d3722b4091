//! Topic patterns, as AMQP's topic exchange reads them.

/// Whether a queue bound with `pattern` takes a message of `topic`: `*` stands for one word, `#` for any number
/// of words.
pub fn topic_matches(pattern: &str, topic: &str) -> bool {
    fn matches(pattern: &[&str], topic: &[&str]) -> bool {
        match (pattern.split_first(), topic.split_first()) {
            (None, None) => true,
            (Some((&"#", rest)), None) => matches(rest, topic),
            (Some((&"#", rest)), Some((_, later))) => matches(rest, topic) || matches(pattern, later),
            (Some((&word, rest)), Some((&first, later))) => {
                (word == "*" || word == first) && matches(rest, later)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
    let pattern: Vec<&str> = pattern.split('.').collect();
    let topic: Vec<&str> = topic.split('.').collect();
    matches(&pattern, &topic)
}

#[cfg(test)]
mod tests {
    use super::topic_matches;

    #[test]
    fn a_word_matches_itself_only() {
        assert!(topic_matches("case.released", "case.released"));
        assert!(!topic_matches("case.released", "case.rejected"));
        assert!(!topic_matches("case", "case.released"));
    }

    #[test]
    fn a_star_is_one_word_and_a_hash_is_any_number() {
        assert!(topic_matches("case.*", "case.released"));
        assert!(!topic_matches("*", "case.released"));
        assert!(topic_matches("#", "case.released"));
        assert!(topic_matches("case.#", "case"));
        assert!(topic_matches("#.released", "site.a.case.released"));
    }
}
