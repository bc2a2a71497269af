//! Decodes PNG, JPEG and WebP files. The caller places a file in memory that it allocated here, calls `decode`, and
//! reads what came of it until the next call. A panic stops the instance, and with it nothing else.
#![allow(static_mut_refs)]

use std::alloc::{alloc, dealloc, Layout};

use image::{load_from_memory_with_format, DynamicImage, ImageFormat};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// What became of a file: pixels [height, width, channels] of `depth` bytes a sample, little-endian; or, with 0
/// channels, a message in UTF-8.
#[repr(C)]
pub struct Decoded {
    width: u32,
    height: u32,
    channels: u32,
    depth: u32,
    data: *const u8,
    length: usize,
}

static mut BYTES: Vec<u8> = Vec::new();
static mut DECODED: Decoded = Decoded { width: 0, height: 0, channels: 0, depth: 0, data: std::ptr::null(), length: 0 };

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
        let (shape, bytes) = result.unwrap_or_else(|message| ([0; 4], message.into_bytes()));
        let [width, height, channels, depth] = shape;
        BYTES = bytes;
        DECODED = Decoded { width, height, channels, depth, data: BYTES.as_ptr(), length: BYTES.len() };
        &raw const DECODED
    }
}

/// Frees what the last call of `decode` returned.
#[no_mangle]
pub extern "C" fn release() {
    unsafe { BYTES = Vec::new() }
}

type Pixels = ([u32; 4], Vec<u8>);

fn decode_bytes(bytes: &[u8]) -> Result<Pixels, String> {
    match bytes.first() {
        Some(0x89) => decode_with_image(bytes, ImageFormat::Png),
        Some(0xff) => decode_jpeg(bytes).map_err(|error| error.to_string()),
        _ => decode_with_image(bytes, ImageFormat::WebP),
    }
}

/// PNG, the default image of an APNG, and WebP, the first frame of an animation; without colour management.
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
    Ok(([width, height, channels, depth], bytes))
}

/// Grey stays grey; all other colours become red, green and blue. A file that ends too early is grey from there on.
fn decode_jpeg(bytes: &[u8]) -> Result<Pixels, zune_jpeg::errors::DecodeErrors> {
    let options = || DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut header = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
    header.decode_headers()?;
    let (width, height) = header.dimensions().unwrap();
    let colors = match header.input_colorspace().unwrap() {
        ColorSpace::Luma => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    let channels = colors.num_components();
    let mut pixels = vec![0; width * height * channels];
    JpegDecoder::new_with_options(ZCursor::new(bytes), options().jpeg_set_out_colorspace(colors)).decode_into(&mut pixels)?;
    Ok(([width as u32, height as u32, channels as u32, 1], pixels))
}
