//! Slices as PNG pictures inside a page.

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How a value becomes a colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// Black at `low`, white at `high`.
    Grey { low: f32, high: f32 },
    /// Blue at −`end`, white at 0, red at `end`.
    Diverging { end: f32 },
}

/// Gives a slice as the address of a PNG picture that the page holds itself.
///
/// # Errors
/// When the picture can't be encoded.
pub(super) fn data_uri(slice: &[f32], width: usize, scale: Scale) -> Result<String> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, (slice.len() / width) as u32);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = match scale {
        Scale::Grey { low, high } => {
            encoder.set_color(png::ColorType::Grayscale);
            slice.iter().map(|value| level((value - low) / (high - low))).collect()
        }
        Scale::Diverging { end } => {
            encoder.set_color(png::ColorType::Rgb);
            slice.iter().flat_map(|value| diverging(value / end)).collect()
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}

fn level(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

fn diverging(share: f32) -> [u8; 3] {
    let rest = level(1.0 - share.abs());
    if share < 0.0 { [rest, rest, 255] } else { [255, rest, rest] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(uri: &str) -> Vec<u8> {
        let bytes = STANDARD.decode(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        pixels.truncate(info.buffer_size());
        pixels
    }

    #[test]
    fn a_window_goes_from_black_to_white() {
        let slice = [-500.0, -160.0, 40.0, 240.0, 900.0, f32::NAN];
        let uri = data_uri(&slice, 3, Scale::Grey { low: -160.0, high: 240.0 }).unwrap();
        assert_eq!(decoded(&uri), [0, 0, 128, 255, 255, 0]);
    }

    #[test]
    fn a_difference_is_blue_below_and_red_above() {
        let uri = data_uri(&[-100.0, 0.0, 50.0], 3, Scale::Diverging { end: 100.0 }).unwrap();
        assert_eq!(decoded(&uri), [0, 0, 255, 255, 255, 255, 255, 128, 128]);
    }
}
