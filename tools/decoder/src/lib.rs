//! Decodes PNG, JPEG, WebP, GIF, BMP and PNM files. The caller places a file in memory that it allocated here, calls
//! `decode`, and reads what came of it until the next call. A panic stops the instance, and with it nothing else.
#![allow(static_mut_refs)]

use std::alloc::{alloc, dealloc, Layout};

use image::{load_from_memory_with_format, DynamicImage, ImageFormat};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{errors::DecodeErrors, JpegDecoder};

/// What became of a file: pixels [height, width, channels] of `depth` bytes a sample, little-endian, with 0 channels if
/// there are none; and what is wrong with the file, in UTF-8, empty if nothing is.
#[repr(C)]
pub struct Decoded {
    width: u32,
    height: u32,
    channels: u32,
    depth: u32,
    data: *const u8,
    length: usize,
    problem: *const u8,
    problem_length: usize,
}

static mut BYTES: Vec<u8> = Vec::new();
static mut PROBLEM: String = String::new();
static mut DECODED: Decoded = Decoded {
    width: 0,
    height: 0,
    channels: 0,
    depth: 0,
    data: std::ptr::null(),
    length: 0,
    problem: std::ptr::null(),
    problem_length: 0,
};

fn layout(length: usize) -> Layout {
    Layout::from_size_align(length.max(1), 1).unwrap()
}

#[no_mangle]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    unsafe { alloc(layout(length)) }
}

/// Decodes the file at `file`, which came from `allocate`, and frees it.
#[no_mangle]
pub extern "C" fn decode(file: *mut u8, length: usize) -> *const Decoded {
    let result = decode_bytes(unsafe { std::slice::from_raw_parts(file, length) });
    unsafe {
        dealloc(file, layout(length));
        let ([width, height, channels, depth], bytes, problem) =
            result.unwrap_or_else(|problem| ([0; 4], Vec::new(), problem));
        BYTES = bytes;
        PROBLEM = problem;
        DECODED = Decoded {
            width,
            height,
            channels,
            depth,
            data: BYTES.as_ptr(),
            length: BYTES.len(),
            problem: PROBLEM.as_ptr(),
            problem_length: PROBLEM.len(),
        };
        &raw const DECODED
    }
}

/// Frees what the last call of `decode` returned.
#[no_mangle]
pub extern "C" fn release() {
    unsafe { BYTES = Vec::new() }
}

/// Width, height, channels and depth, the pixels, and what is wrong with the file though it has pixels.
type Pixels = ([u32; 4], Vec<u8>, String);

fn decode_bytes(bytes: &[u8]) -> Result<Pixels, String> {
    match bytes {
        [0xff, ..] => decode_jpeg(bytes).map_err(|error| error.to_string()),
        [0x89, ..] => decode_with_image(bytes, ImageFormat::Png),
        [b'G', ..] => decode_with_image(bytes, ImageFormat::Gif),
        [b'B', ..] => decode_with_image(bytes, ImageFormat::Bmp),
        [b'P', ..] => decode_with_image(bytes, ImageFormat::Pnm),
        _ => decode_with_image(bytes, ImageFormat::WebP),
    }
}

/// All formats but JPEG: the default image of an APNG, and the first frame of another animation; without color management.
fn decode_with_image(bytes: &[u8], format: ImageFormat) -> Result<Pixels, String> {
    let image = load_from_memory_with_format(bytes, format).map_err(|error| error.to_string())?;
    let (width, height, color) = (image.width(), image.height(), image.color());
    let channels = u32::from(color.channel_count());
    let depth = u32::from(color.bytes_per_pixel()) / channels;
    let bytes = match image {
        DynamicImage::ImageLuma8(pixels) => pixels.into_raw(),
        DynamicImage::ImageLumaA8(pixels) => pixels.into_raw(),
        DynamicImage::ImageRgb8(pixels) => pixels.into_raw(),
        DynamicImage::ImageRgba8(pixels) => pixels.into_raw(),
        wide => wide.into_bytes(),
    };
    Ok(([width, height, channels, depth], bytes, String::new()))
}

/// Gray stays gray; all other colors become red, green and blue. What the strict decoder refuses is decoded as far as
/// possible, with its reason; the rest of the picture is gray.
fn decode_jpeg(bytes: &[u8]) -> Result<Pixels, DecodeErrors> {
    let mut header = JpegDecoder::new_with_options(ZCursor::new(bytes), options(false));
    header.decode_headers()?;
    let (width, height) = header.dimensions().unwrap();
    let colors = match header.input_colorspace().unwrap() {
        ColorSpace::Luma => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    let channels = colors.num_components();
    let mut pixels = vec![0; width * height * channels];
    let decode = |strict, pixels: &mut [u8]| {
        let options = options(strict).jpeg_set_out_colorspace(colors);
        JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode_into(pixels)
    };
    let mut problem = String::new();
    if let Err(error) = decode(true, &mut pixels) {
        pixels.fill(0);
        decode(false, &mut pixels)?;
        if is_damage(&error) {
            problem = error.to_string();
        }
    }
    if !ends(bytes) {
        problem = "it ends too early".to_string();
    }
    Ok(([width as u32, height as u32, channels as u32, 1], pixels, problem))
}

fn options(strict: bool) -> DecoderOptions {
    DecoderOptions::default().set_strict_mode(strict).set_max_width(usize::MAX).set_max_height(usize::MAX)
}

/// Whether what the strict decoder refuses harms pixels. Stray bytes between segments, and a color model that does not
/// match the number of components, do not.
fn is_damage(error: &DecodeErrors) -> bool {
    match error {
        DecodeErrors::FormatStatic(text) => !text.starts_with("[strict-mode]"),
        DecodeErrors::Format(text) => !text.starts_with("Expected"),
        _ => true,
    }
}

/// Whether a JPEG file has its end marker, which is two bytes that do not occur in the data of a scan. One before the first
/// scan may be that of a thumbnail.
fn ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while at + 4 <= bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (0xff, 0xda) => return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            (0xff, 0x01 | 0xd0..=0xd9) => at += 2,
            (0xff, marker) if marker != 0 && marker != 0xff => {
                at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]))
            }
            _ => at += 1,
        }
    }
    false
}
