//! Two first reads → agreed or discordant (clinical decision 5).

use contract::review::{Finding, FindingKind, ReadContent, Severity, Verdict};

/// Findings closer than this are the same place, mm.
const DISTANCE_MM_MIN: f64 = 3.0;

/// What two first reads come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concord {
    /// Both accept, and every finding that may change the report stands in both.
    Accept,
    /// Both reject.
    Reject,
    /// They differ.
    Discordant,
}

/// What the model did to the image at a place. Findings of unlike direction are never the same finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Added,
    Removed,
    Altered,
}

fn direction(kind: FindingKind) -> Direction {
    match kind {
        FindingKind::Invented | FindingKind::Artefact => Direction::Added,
        FindingKind::Lost => Direction::Removed,
        FindingKind::Distorted | FindingKind::Texture | FindingKind::Intensity => Direction::Altered,
    }
}

/// Compares two first reads.
///
/// *Accept* against *accept with limitation* is discordant. Two rejections agree whatever their reasons. Two
/// accepting reads agree when each finding of at least major severity has a counterpart of its own in the other
/// read, of whatever severity.
pub fn compare(first: &ReadContent, second: &ReadContent) -> Concord {
    match (first.verdict, second.verdict) {
        (Some(Verdict::Reject), Some(Verdict::Reject)) => Concord::Reject,
        (Some(one), Some(other)) if one == other && one.accepts() && findings_agree(first, second) => {
            Concord::Accept
        }
        _ => Concord::Discordant,
    }
}

/// How many findings of `first` that `wanted` picks have a counterpart of their own in `second`.
pub fn matched_count(first: &[Finding], second: &[Finding], wanted: impl Fn(&Finding) -> bool) -> usize {
    let picked: Vec<&Finding> = first.iter().filter(|finding| wanted(finding)).collect();
    Matching::new(&picked, second).size()
}

/// By the theorem of Mendelsohn and Dulmage one matching covers the grave findings of both reads exactly when
/// one covers those of the first and another those of the second, so each side can be asked by itself.
fn findings_agree(first: &ReadContent, second: &ReadContent) -> bool {
    all_matched(&first.findings, &second.findings) && all_matched(&second.findings, &first.findings)
}

fn all_matched(from: &[Finding], to: &[Finding]) -> bool {
    let grave = from.iter().filter(|finding| is_grave(finding)).count();
    matched_count(from, to, is_grave) == grave
}

fn is_grave(finding: &Finding) -> bool {
    finding.severity >= Severity::Major
}

/// Whether two findings can be the same one: same direction, and centres no further apart than 3 mm or half the
/// larger diameter. The side follows from the place, which is in patient coordinates. A finding without a place
/// matches nothing.
fn same_finding(one: &Finding, other: &Finding) -> bool {
    let (Some(a), Some(b)) = (one.centre_mm, other.centre_mm) else { return false };
    let distance = a.iter().zip(b).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt();
    let diameter = one.diameter_mm.unwrap_or(0.0).max(other.diameter_mm.unwrap_or(0.0));
    direction(one.kind) == direction(other.kind) && distance <= DISTANCE_MM_MIN.max(diameter / 2.0)
}

/// A largest one-to-one matching between two lists of findings, by augmenting paths (Kuhn).
struct Matching {
    /// For each finding on the left, which on the right may be the same.
    candidates: Vec<Vec<usize>>,
    /// For each finding on the right, which on the left it is matched to.
    partner: Vec<Option<usize>>,
}

impl Matching {
    fn new(left: &[&Finding], right: &[Finding]) -> Self {
        let candidates = left
            .iter()
            .map(|one| (0..right.len()).filter(|&index| same_finding(one, &right[index])).collect())
            .collect();
        Self { candidates, partner: vec![None; right.len()] }
    }

    fn size(mut self) -> usize {
        (0..self.candidates.len())
            .filter(|&left| {
                let mut tried = vec![false; self.partner.len()];
                self.augment(left, &mut tried)
            })
            .count()
    }

    fn augment(&mut self, left: usize, tried: &mut [bool]) -> bool {
        for at in 0..self.candidates[left].len() {
            let right = self.candidates[left][at];
            if std::mem::replace(&mut tried[right], true) {
                continue;
            }
            if self.partner[right].is_none_or(|other| self.augment(other, tried)) {
                self.partner[right] = Some(left);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: FindingKind, severity: Severity, x_mm: f64) -> Finding {
        Finding {
            id: None,
            kind,
            severity,
            centre_mm: Some([x_mm, 0.0, 0.0]),
            diameter_mm: Some(4.0),
            comment: String::new(),
        }
    }

    fn read(verdict: Verdict, findings: Vec<Finding>) -> ReadContent {
        ReadContent { verdict: Some(verdict), findings, ..ReadContent::default() }
    }

    #[test]
    fn verdicts_alone_decide_reads_without_findings() {
        use Verdict::{Accept, AcceptWithLimitation, CannotJudge, Reject};
        let all = [Accept, AcceptWithLimitation, Reject, CannotJudge];
        for one in all {
            for other in all {
                let expected = match (one, other) {
                    (Accept, Accept) | (AcceptWithLimitation, AcceptWithLimitation) => Concord::Accept,
                    (Reject, Reject) => Concord::Reject,
                    _ => Concord::Discordant,
                };
                assert_eq!(compare(&read(one, vec![]), &read(other, vec![])), expected, "{one:?} {other:?}");
            }
        }
    }

    /// Two reads with limitation that each mark one finding: when is it the same finding?
    #[test]
    fn a_major_finding_needs_a_counterpart_of_the_same_direction_and_place() {
        use FindingKind::{Artefact, Distorted, Intensity, Invented, Lost, Texture};
        use Severity::{Critical, Major, Minor};
        let at = finding;
        let nowhere = Finding { centre_mm: None, ..at(Invented, Major, 0.0) };
        let large = Finding { diameter_mm: Some(20.0), ..at(Invented, Major, 0.0) };
        let table = [
            ("same place", at(Invented, Major, 0.0), at(Invented, Major, 0.0), true),
            ("3 mm apart", at(Invented, Major, 0.0), at(Invented, Major, 3.0), true),
            ("just over 3 mm apart", at(Invented, Major, 0.0), at(Invented, Major, 3.01), false),
            ("within half the larger diameter", large.clone(), at(Invented, Major, 10.0), true),
            ("beyond half the larger diameter", large, at(Invented, Major, 10.01), false),
            (
                "invented and artefact are both added",
                at(Invented, Major, 0.0),
                at(Artefact, Major, 0.0),
                true,
            ),
            ("added is not removed", at(Invented, Major, 0.0), at(Lost, Major, 0.0), false),
            ("altered is not added", at(Distorted, Major, 0.0), at(Invented, Major, 0.0), false),
            (
                "texture and intensity are both altered",
                at(Texture, Major, 0.0),
                at(Intensity, Major, 0.0),
                true,
            ),
            ("the counterpart may be graver", at(Lost, Major, 0.0), at(Lost, Critical, 0.0), true),
            ("the counterpart may be minor", at(Lost, Major, 0.0), at(Lost, Minor, 0.0), true),
            ("a missing place matches nothing", nowhere.clone(), nowhere, false),
            ("minor findings need no counterpart", at(Lost, Minor, 0.0), at(Invented, Minor, 90.0), true),
        ];
        for (story, one, other, agree) in table {
            let first = read(Verdict::AcceptWithLimitation, vec![one]);
            let second = read(Verdict::AcceptWithLimitation, vec![other]);
            let expected = if agree { Concord::Accept } else { Concord::Discordant };
            assert_eq!(compare(&first, &second), expected, "{story}");
            assert_eq!(compare(&second, &first), expected, "{story}, the other way round");
        }
    }

    #[test]
    fn a_finding_of_one_read_alone_is_discordant() {
        let with =
            read(Verdict::AcceptWithLimitation, vec![finding(FindingKind::Lost, Severity::Major, 0.0)]);
        assert_eq!(compare(&with, &read(Verdict::AcceptWithLimitation, vec![])), Concord::Discordant);
    }

    #[test]
    fn one_finding_is_not_the_counterpart_of_two() {
        let one = |x| finding(FindingKind::Lost, Severity::Major, x);
        let two = read(Verdict::AcceptWithLimitation, vec![one(0.0), one(2.0)]);
        let single = read(Verdict::AcceptWithLimitation, vec![one(1.0)]);
        assert_eq!(compare(&two, &single), Concord::Discordant);
        assert_eq!(compare(&single, &two), Concord::Discordant);
    }

    /// Nearest-first matching would give 2 mm to 0 mm and leave −2 mm alone; a one-to-one matching exists.
    #[test]
    fn the_matching_is_the_largest_one_and_not_greedy() {
        let one = |x| finding(FindingKind::Lost, Severity::Major, x);
        let first = read(Verdict::AcceptWithLimitation, vec![one(2.0), one(-2.0)]);
        let second = read(Verdict::AcceptWithLimitation, vec![one(0.0), one(4.5)]);
        assert_eq!(compare(&first, &second), Concord::Accept);
    }

    #[test]
    fn rejections_agree_whatever_was_found() {
        let one = read(Verdict::Reject, vec![finding(FindingKind::Lost, Severity::Critical, 0.0)]);
        assert_eq!(compare(&one, &read(Verdict::Reject, vec![])), Concord::Reject);
    }
}
