//! Field report R04: what lies oblique in the patient comes back where it was, slice by slice.

use crate::site::{Running, Site};
use contract::generation::{DerivedRole, Run};
use contract::intake::Series;
use contract::{Event, RunId};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, Stored};
use dicom_io::scan::Plane;
use dicom_io::{TransferSyntax, read, scan, tags};
use generation::Config;
use imaging::{Affine, Volume};

/// Voxels along an edge of the bright cube.
const CUBE: usize = 5;
/// Half the smallest edge of a voxel.
const HALF_VOXEL_MM: f64 = 0.3;
/// Brighter than everything else in the volume, HU.
const BRIGHT: f32 = 1500.0;

/// The middle of the demo's chest, put into the patient along `row`, tilted about x.
fn placed(row: [f64; 3], tilt_degrees: f64) -> Volume {
    let file = include_bytes!("../../../../tests/fixtures/demo/lung1-lowdose.nii.gz");
    let whole = volume_io::nifti::read_gzip_bytes(file).unwrap();
    let part = whole.crop([100, 100, 3], [40, 48, 9]).unwrap();
    let (sin, cos) = tilt_degrees.to_radians().sin_cos();
    let tilt = |v: [f64; 3]| [v[0], v[1] * cos - v[2] * sin, v[1] * sin + v[2] * cos];
    let (row, column, normal) = (tilt(row), tilt([-row[1], row[0], 0.0]), tilt([0.0, 0.0, 1.0]));
    let origin = [-123.456_789, 45.6, -7.000_1];
    let axis = |r: usize| [row[r] * 0.6, column[r] * 0.7, normal[r] * 3.0, origin[r]];
    let data = part.data.iter().map(|value| value.round().clamp(-1000.0, 1000.0)).collect();
    Volume::new(data, part.dims, Affine([axis(0), axis(1), axis(2)])).unwrap()
}

/// Puts a bright cube into the corner that lies most to the left, anterior and head, and gives its middle in the
/// patient.
fn marked(volume: &mut Volume) -> [f64; 3] {
    let ends = |axis: usize| [CUBE / 2 + 1, volume.dims[axis] - CUBE / 2 - 2];
    let corners = (0..8).map(|bits| [0, 1, 2].map(|axis| ends(axis)[bits >> axis & 1]));
    let height = |corner: &[usize; 3]| {
        let [x, y, z] = volume.affine.apply(corner.map(|index| index as f64));
        x - y + z
    };
    let middle = corners.max_by(|a, b| height(a).total_cmp(&height(b))).unwrap();
    let [columns, rows, _] = volume.dims;
    let around = |at: usize| at - CUBE / 2..=at + CUBE / 2;
    for k in around(middle[2]) {
        for j in around(middle[1]) {
            for i in around(middle[0]) {
                volume.data[(k * rows + j) * columns + i] = BRIGHT;
            }
        }
    }
    volume.affine.apply(middle.map(|index| index as f64))
}

fn plane(file: &[u8]) -> (Plane, [usize; 2]) {
    let part10 = read::split(file).unwrap();
    let header = scan::scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid).unwrap().header;
    let image = header.image.unwrap();
    (image.plane.unwrap(), [usize::from(image.columns), usize::from(image.rows)])
}

/// The middle of everything bright, by position, orientation and spacing of each slice as they are written.
fn bright_place(files: &[Vec<u8>]) -> [f64; 3] {
    let (mut sum, mut count) = ([0.0; 3], 0.0);
    for file in files {
        let (Plane { position, orientation: o, spacing_mm }, [columns, rows]) = plane(file);
        let pixels = file[file.len() - 2 * columns * rows..].chunks_exact(2);
        for (index, pixel) in pixels.enumerate() {
            if f32::from(i16::from_le_bytes([pixel[0], pixel[1]])) < BRIGHT - 100.0 {
                continue;
            }
            let (x, y) = ((index % columns) as f64 * spacing_mm[1], (index / columns) as f64 * spacing_mm[0]);
            for axis in 0..3 {
                sum[axis] += position[axis] + o[axis] * x + o[axis + 3] * y;
            }
            count += 1.0;
        }
    }
    assert!(count >= 100.0, "the cube is there: {count}");
    sum.map(|mm| mm / count)
}

/// Every value of an element in a file, in the order in which they stand there.
fn values(file: &[u8], tag: dicom_io::Tag) -> Vec<String> {
    let ([g0, g1], [e0, e1]) = (tag.group().to_le_bytes(), tag.element().to_le_bytes());
    let header = [g0, g1, e0, e1, b'D', b'S'];
    let places = (0..file.len() - 8).filter(|at| file[*at..].starts_with(&header));
    places
        .map(|at| {
            let length = usize::from(u16::from_le_bytes([file[at + 6], file[at + 7]]));
            String::from_utf8(file[at + 8..at + 8 + length].to_vec()).unwrap()
        })
        .collect()
}

async fn derived_files(site: &Site, run: &Run, role: DerivedRole) -> Vec<Vec<u8>> {
    let series = run.derived.iter().find(|series| series.role == role).unwrap();
    let mut instances = series.instances.clone();
    instances.sort_by_key(|instance| instance.slice);
    let mut files = Vec::new();
    for instance in instances {
        files.push(site.dicom.get(&instance.object).await.unwrap().unwrap().to_vec());
    }
    files
}

async fn source_files(site: &Site, series: &Series) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for instance in &series.instances {
        files.push(site.dicom.get(&instance.object).await.unwrap().unwrap().to_vec());
    }
    files
}

async fn r04_an_oblique_series_comes_back_slice_by_slice_where_it_was(scratch: Scratch) {
    // The letters that a site may want in a corner are as bright as the cube.
    let site = Site::open_with(&scratch, Config { mark_pixels: false, ..Config::default() }).await;
    let running = site.start().await;
    let mut worker = site.worker().await;
    let turned = |degrees: f64| [degrees.to_radians().cos(), degrees.to_radians().sin(), 0.0];
    let rows =
        [[0.1208, 0.9927, 0.0], turned(44.0), turned(46.0), turned(91.0), turned(-135.0), turned(180.0)];
    for (number, (row, tilt)) in rows.iter().flat_map(|row| [(*row, 0.0), (*row, 20.0)]).enumerate() {
        let mut volume = placed(row, tilt);
        let place = marked(&mut volume);
        let source = CtSeries::new(&format!("1.2.3.{number}"));
        let slices = source.slices_of(&volume, Stored { bits: 16, ..Stored::default() });
        let mut files: Vec<Vec<u8>> =
            slices.iter().map(|slice| slice.file(TransferSyntax::ExplicitLittle)).collect();
        // They need not come in the order in which they lie.
        files.rotate_left(number % 3);
        let id = 100 + number as u128;
        let series = site.scans(id, &source, files).await;
        site.requests_run_on(id, &series).await;
        worker.completes().await;
        let run = completed(&site, &running, id).await;

        let (sources, images) =
            (source_files(&site, &series).await, derived_files(&site, &run, DerivedRole::Image).await);
        assert_eq!(images.len(), sources.len());
        for (image, source) in images.iter().zip(&sources) {
            assert_eq!(plane(image), plane(source), "row {row:?} tilt {tilt}");
        }
        let found = bright_place(&images);
        let off = [0, 1, 2].map(|axis| found[axis] - place[axis]);
        let distance = off.iter().map(|mm| mm * mm).sum::<f64>().sqrt();
        assert!(distance < HALF_VOXEL_MM, "row {row:?} tilt {tilt}: {distance} mm off");
        let positions: Vec<String> =
            sources.iter().map(|file| values(file, tags::IMAGE_POSITION_PATIENT).remove(0)).collect();
        for role in [DerivedRole::Uncertainty, DerivedRole::Lower, DerivedRole::Upper] {
            let map = derived_files(&site, &run, role).await.remove(0);
            assert_eq!(values(&map, tags::IMAGE_POSITION_PATIENT), positions, "{role:?}");
            assert_eq!(
                values(&map, tags::IMAGE_ORIENTATION_PATIENT),
                values(&sources[0], tags::IMAGE_ORIENTATION_PATIENT)
            );
        }
    }
}

async fn completed(site: &Site, running: &Running, number: u128) -> Run {
    let id = RunId::from_bits(number);
    let ended = |event: &Event| matches!(event, Event::RunCompleted { run, .. } | Event::RunFailed { run, .. } if *run == id);
    site.tells_that(ended).await;
    let run = site.generation(running).run(&id).await.unwrap().unwrap();
    assert_eq!(run.failure, None);
    run
}

database::on_both_databases!(r04_an_oblique_series_comes_back_slice_by_slice_where_it_was);
