//! Arrays as NPY 1.0 files, little-endian: the one array format that every tool for measurements opens.
//!
//! Strict on purpose: type and shape are known before a file is opened, so the header may say that and nothing else.

/// Bytes before the text of the header: magic, version, length of the text.
const PREAMBLE: usize = 10;
/// The header with its preamble is padded to a multiple of this many bytes.
const ALIGNMENT: usize = 64;
/// No header of a plain array needs more than this; numpy pads to 128.
pub const MAX_HEADER_BYTES: usize = 256;

/// Numbers that an array may hold.
pub trait Element: Copy {
    /// NumPy's name of the type, little-endian.
    const DESCR: &'static str;
    /// The number as it lies in the file.
    fn to_bytes(self) -> [u8; 4];
    /// The number that lies in the file.
    fn from_bytes(bytes: [u8; 4]) -> Self;
}

impl Element for u32 {
    const DESCR: &'static str = "<u4";
    fn to_bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self::from_le_bytes(bytes)
    }
}

impl Element for f32 {
    const DESCR: &'static str = "<f4";
    fn to_bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self::from_le_bytes(bytes)
    }
}

/// An array of `shape[0]` rows of `shape[1]` numbers as a file.
pub fn encode<T: Element>(values: &[T], shape: [usize; 2]) -> Vec<u8> {
    debug_assert_eq!(values.len(), shape[0] * shape[1]);
    let mut header = header_text::<T>(shape);
    let padded = (PREAMBLE + header.len() + 1).next_multiple_of(ALIGNMENT);
    while PREAMBLE + header.len() + 1 < padded {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = Vec::with_capacity(padded + values.len() * 4);
    bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
    bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    for value in values {
        bytes.extend_from_slice(&value.to_bytes());
    }
    bytes
}

/// The numbers of a file that must hold exactly this type and shape; else why it is refused.
pub fn decode<T: Element>(bytes: &[u8], shape: [usize; 2]) -> Result<Vec<T>, String> {
    let rest = bytes
        .strip_prefix(b"\x93NUMPY\x01\x00")
        .ok_or("it is not an NPY 1.0 file")?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or("its header is cut")?;
    let length = usize::from(u16::from_le_bytes(*length));
    if length + PREAMBLE > MAX_HEADER_BYTES {
        return Err("its header is too long".into());
    }
    let (header, data) = rest.split_at_checked(length).ok_or("its header is cut")?;
    let expected = header_text::<T>(shape);
    let header = header.strip_suffix(b"\n").unwrap_or_default();
    if header.trim_ascii_end() != expected.as_bytes() {
        return Err(format!("its header is not {expected}"));
    }
    let (numbers, left) = data.as_chunks::<4>();
    if !left.is_empty() || numbers.len() != shape[0] * shape[1] {
        let [rows, columns] = shape;
        return Err(format!("its data are not {rows} x {columns} numbers"));
    }
    Ok(numbers.iter().map(|&bytes| T::from_bytes(bytes)).collect())
}

fn header_text<T: Element>([rows, columns]: [usize; 2]) -> String {
    let descr = T::DESCR;
    format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_comes_back_bit_for_bit() {
        let values = [
            0.0f32,
            -0.0,
            1.5,
            f32::NEG_INFINITY,
            f32::MIN_POSITIVE,
            3e38,
        ];
        let bytes = encode(&values, [3, 2]);
        assert_eq!((bytes.len() - values.len() * 4) % ALIGNMENT, 0);
        let back = decode::<f32>(&bytes, [3, 2]).unwrap();
        assert_eq!(back.map_bits(), values.to_vec().map_bits());
        assert_eq!(
            decode::<u32>(&encode::<u32>(&[], [0, 2]), [0, 2]),
            Ok(vec![])
        );
    }

    #[test]
    fn another_type_shape_or_length_is_refused() {
        let bytes = encode(&[1u32, 2, 3, 4], [2, 2]);
        assert!(decode::<f32>(&bytes, [2, 2]).is_err());
        assert!(decode::<u32>(&bytes, [4, 1]).is_err());
        assert!(decode::<u32>(&bytes, [1, 2]).is_err());
        for cut in 0..bytes.len() {
            assert!(decode::<u32>(&bytes[..cut], [2, 2]).is_err(), "{cut}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(decode::<u32>(&longer, [2, 2]).is_err());
    }

    trait MapBits {
        fn map_bits(self) -> Vec<u32>;
    }

    impl MapBits for Vec<f32> {
        fn map_bits(self) -> Vec<u32> {
            self.into_iter().map(f32::to_bits).collect()
        }
    }
}
