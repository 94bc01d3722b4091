//! Which of our two forms of an answer the client takes.

/// Explicit VR Little Endian: what derived objects are written in, and what PS3.18 assumes.
pub(super) const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// How instances are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `application/dicom`: one instance as the whole body.
    Single,
    /// `multipart/related; type="application/dicom"`.
    Multipart,
}

/// Chooses a form for objects stored in `transfer_syntax`, or `None` when the client takes none. Objects are sent
/// as they are stored; a client that insists on another transfer syntax gets nothing.
pub(super) fn choose(accept: Option<&str>, transfer_syntax: &str, one: bool) -> Option<Form> {
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return Some(if one { Form::Single } else { Form::Multipart });
    };
    accept.split(',').find_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next()?.to_ascii_lowercase();
        let parameters: Vec<(&str, &str)> = parts
            .filter_map(|parameter| parameter.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
            .collect();
        let of = |name: &str| {
            parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
        };
        let takes_syntax =
            of("transfer-syntax").is_none_or(|wanted| wanted == "*" || wanted == transfer_syntax);
        if !takes_syntax || of("q").is_some_and(|q| q.parse() == Ok(0.0)) {
            return None;
        }
        let multipart_dicom = of("type").is_none_or(|kind| kind.eq_ignore_ascii_case("application/dicom"));
        match media_type.as_str() {
            "application/dicom" | "application/*" | "*/*" if one => Some(Form::Single),
            "multipart/related" if multipart_dicom => Some(Form::Multipart),
            "*/*" | "multipart/*" => Some(Form::Multipart),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str, one: bool) -> Option<Form> {
        choose(Some(accept), EXPLICIT_LITTLE_ENDIAN, one)
    }

    #[test]
    fn one_instance_comes_plain_when_the_client_takes_it_so() {
        assert_eq!(chosen("application/dicom", true), Some(Form::Single));
        assert_eq!(chosen("*/*", true), Some(Form::Single));
        assert_eq!(choose(None, EXPLICIT_LITTLE_ENDIAN, true), Some(Form::Single));
        let multipart = r#"multipart/related; type="application/dicom"; transfer-syntax=*"#;
        assert_eq!(chosen(multipart, true), Some(Form::Multipart));
    }

    #[test]
    fn several_instances_come_as_parts() {
        assert_eq!(chosen("*/*", false), Some(Form::Multipart));
        assert_eq!(chosen("application/dicom", false), None);
    }

    #[test]
    fn another_transfer_syntax_than_the_stored_one_is_not_made_up() {
        let wanted = r#"multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.90"#;
        assert_eq!(chosen(wanted, true), None);
        assert_eq!(
            chosen("application/dicom; transfer-syntax=1.2.840.10008.1.2.1", true),
            Some(Form::Single)
        );
    }

    #[test]
    fn rendered_pictures_are_not_made() {
        assert_eq!(chosen("image/jpeg", true), None);
        assert_eq!(chosen(r#"multipart/related; type="image/jpeg""#, true), None);
    }
}
