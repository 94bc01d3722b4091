//! Connected pixels that a test at run time finds, how likely they are by chance, and the places that they make together.

use imaging::Volume;
use std::f64::consts::PI;

/// The most places that a reader is asked about.
const SUSPECTS_MAX: usize = 5;

/// Connected pixels (eight neighbours each) of a slice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cluster {
    pub(crate) pixels: usize,
    /// Column and row.
    pub(crate) centre: [f64; 2],
    /// How far beyond the largest of calibration it is, as a ratio.
    pub(crate) excess: f64,
}

/// Which test points at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspectKind {
    /// Structure was taken away or added.
    Structure,
    /// The images that the model draws differ.
    Disagreement,
}

/// A place that is less usual than anything in calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Which test points at it.
    pub kind: SuspectKind,
    /// Its centre in patient coordinates (LPS), mm.
    pub centre_mm: [f64; 3],
    /// Diameter of the sphere of the same volume, mm.
    pub diameter_mm: f64,
    /// First and last slice that it touches.
    pub slices: (usize, usize),
}

/// Lists the members of each group of neighbours with the same mark other than 0.
pub(crate) fn components(mut marks: Vec<i8>, width: usize) -> Vec<Vec<usize>> {
    let height = marks.len() / width;
    let mut found = Vec::new();
    for start in 0..marks.len() {
        let mark = marks[start];
        if mark == 0 {
            continue;
        }
        marks[start] = 0;
        let mut members = vec![start];
        let mut next = 0;
        while next < members.len() {
            let (y, x) = (members[next] / width, members[next] % width);
            next += 1;
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    let neighbour = row * width + column;
                    if marks[neighbour] == mark {
                        marks[neighbour] = 0;
                        members.push(neighbour);
                    }
                }
            }
        }
        found.push(members);
    }
    found
}

impl Cluster {
    pub(crate) fn new(members: &[usize], width: usize, excess: f64) -> Self {
        let mean = |place: &dyn Fn(usize) -> usize| {
            members.iter().map(|&at| place(at) as f64).sum::<f64>() / members.len() as f64
        };
        Self { pixels: members.len(), centre: [mean(&|at| at % width), mean(&|at| at / width)], excess }
    }

    fn radius(&self) -> f64 {
        (self.pixels as f64 / PI).sqrt()
    }
}

/// Gives the conformal chance of a slice to have a value as large, under ascending values of calibration:
/// (1 + those at least as large)/(n + 1).
pub(crate) fn chance<T: PartialOrd>(usual: &[T], value: &T) -> f64 {
    let at_least = usual.len() - usual.partition_point(|other| other < value);
    (1 + at_least) as f64 / (usual.len() + 1) as f64
}

/// Gives the chance that one of several slices has what a slice has with a chance, as if they were independent, which
/// neighbours aren't.
pub(crate) fn chance_of_any(chance: f64, slices: usize) -> f64 {
    1.0 - (1.0 - chance).powi(i32::try_from(slices).unwrap_or(i32::MAX))
}

/// Clusters of one kind in neighbouring slices that lie upon each other.
struct Group {
    kind: SuspectKind,
    clusters: Vec<(usize, Cluster)>,
}

impl Group {
    fn goes_on(&self, kind: SuspectKind, z: usize, cluster: &Cluster) -> bool {
        let upon = |other: &Cluster| {
            let [dx, dy] = [0, 1].map(|axis| cluster.centre[axis] - other.centre[axis]);
            dx.hypot(dy) <= cluster.radius() + other.radius()
        };
        self.kind == kind && self.clusters.iter().any(|(at, other)| z.abs_diff(*at) <= 1 && upon(other))
    }

    fn excess(&self) -> f64 {
        self.clusters.iter().map(|(_, cluster)| cluster.excess).fold(0.0, f64::max)
    }

    /// Where clusters of two scales lie upon each other both count, so that a place is rather told too large.
    fn suspect(&self, volume: &Volume) -> Suspect {
        let pixels = self.clusters.iter().map(|(_, cluster)| cluster.pixels as f64).sum::<f64>();
        let centre = |place: &dyn Fn(usize, &Cluster) -> f64| {
            self.clusters.iter().map(|(z, cluster)| cluster.pixels as f64 * place(*z, cluster)).sum::<f64>()
                / pixels
        };
        let voxel = [
            centre(&|_, cluster| cluster.centre[0]),
            centre(&|_, cluster| cluster.centre[1]),
            centre(&|z, _| z as f64),
        ];
        let slices = || self.clusters.iter().map(|(z, _)| *z);
        Suspect {
            kind: self.kind,
            centre_mm: volume.affine.apply(voxel),
            diameter_mm: (6.0 * pixels * volume.affine.determinant().abs() / PI).cbrt(),
            slices: (slices().min().unwrap_or(0), slices().max().unwrap_or(0)),
        }
    }
}

/// Makes places of clusters that were found slice after slice, the least usual first, at most five.
pub(crate) fn suspects(found: Vec<(usize, SuspectKind, Cluster)>, volume: &Volume) -> Vec<Suspect> {
    let mut groups: Vec<Group> = Vec::new();
    for (z, kind, cluster) in found {
        match groups.iter_mut().find(|group| group.goes_on(kind, z, &cluster)) {
            Some(group) => group.clusters.push((z, cluster)),
            None => groups.push(Group { kind, clusters: vec![(z, cluster)] }),
        }
    }
    groups.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    groups.iter().take(SUSPECTS_MAX).map(|group| group.suspect(volume)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;

    fn cluster(centre: [f64; 2], pixels: usize, excess: f64) -> Cluster {
        Cluster { pixels, centre, excess }
    }

    #[test]
    fn neighbours_by_a_corner_are_one_component_and_signs_are_kept_apart() {
        #[rustfmt::skip]
        let marks = vec![
            1, 0, 0, 0, -1,
            0, 1, 0, 0, 1,
            0, 0, 0, 0, 1,
        ];
        let sizes: Vec<usize> = components(marks, 5).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 2]);
        let of_line = Cluster::new(&[6, 7, 8], 5, 2.0);
        assert_eq!(of_line, cluster([2.0, 1.0], 3, 2.0));
    }

    #[test]
    fn a_value_is_as_likely_as_calibration_and_itself_say() {
        let usual = [1, 2, 2, 9];
        assert!((chance(&usual, &2) - 0.8).abs() < 1e-9 && (chance(&usual, &10) - 0.2).abs() < 1e-9);
        assert!((chance_of_any(0.2, 2) - 0.36).abs() < 1e-9);
    }

    #[test]
    fn clusters_upon_each_other_are_one_place_and_the_least_usual_comes_first() {
        let affine = Affine([[0.5, 0.0, 0.0, -10.0], [0.0, 0.5, 0.0, 5.0], [0.0, 0.0, 2.0, 100.0]]);
        let volume = Volume::new(vec![0.0; 40 * 40 * 9], [40, 40, 9], affine).unwrap();
        let structure = |z, x, excess| (z, SuspectKind::Structure, cluster([x, 12.0], 30, excess));
        let mut found = vec![structure(3, 10.0, 1.5), structure(4, 12.0, 1.2), structure(7, 11.0, 3.0)];
        found.push((4, SuspectKind::Disagreement, cluster([12.0, 12.0], 20, 1.1)));
        let suspects = suspects(found, &volume);
        let kinds: Vec<_> = suspects.iter().map(|suspect| (suspect.kind, suspect.slices)).collect();
        assert_eq!(
            kinds,
            [
                (SuspectKind::Structure, (7, 7)),
                (SuspectKind::Structure, (3, 4)),
                (SuspectKind::Disagreement, (4, 4)),
            ]
        );
        let joined = &suspects[1];
        for (at, mm) in joined.centre_mm.iter().zip([-4.5, 11.0, 107.0]) {
            assert!((at - mm).abs() < 1e-9, "{:?}", joined.centre_mm);
        }
        assert!((PI / 6.0 * joined.diameter_mm.powi(3) - 60.0 * 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_reader_is_asked_about_five_places_at_most() {
        let volume = Volume::new(vec![0.0; 100], [10, 10, 1], Affine::from_spacing([1.0; 3])).unwrap();
        let found = |at| (0, SuspectKind::Structure, cluster([10.0 * f64::from(at), 0.0], 3, f64::from(at)));
        assert_eq!(suspects((0..9).map(found).collect(), &volume).len(), SUSPECTS_MAX);
    }
}
