//! The boxes that MP4 and QuickTime files are made of (ISO 14496-12, 4.2): a length, four letters, content.

/// Identifier, header length and whole length, bytes; 16 bytes of the box, or 8 where that is all there is.
pub(super) fn box_header(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let short = u64::from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?));
    let id = bytes.get(4..8)?.try_into().ok()?;
    let (header_len, len) = match short {
        0 => (8, u64::MAX),
        1 => (16, u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)),
        _ => (8, short),
    };
    (len >= header_len).then_some((id, header_len, len))
}

/// The boxes inside a box: identifier and content.
pub(super) fn boxes(mut content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (id, header_len, len) = box_header(content)?;
        let end = usize::try_from(len)
            .unwrap_or(usize::MAX)
            .min(content.len());
        let inside = content.get(header_len as usize..end)?;
        content = &content[end..];
        Some((id, inside))
    })
}

/// The first box of this name.
pub(super) fn child<'a>(content: &'a [u8], id: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(content)
        .find(|(found, _)| found == id)
        .map(|(_, inside)| inside)
}

/// The box that these names lead to, from the outside to the inside.
pub(super) fn path<'a>(content: &'a [u8], ids: &[&[u8; 4]]) -> Option<&'a [u8]> {
    ids.iter().try_fold(content, |inside, id| child(inside, id))
}

/// Version, and what follows the flags.
pub(super) fn full_box(content: &[u8]) -> Option<(u8, &[u8])> {
    Some((*content.first()?, content.get(4..)?))
}

/// 32 bits at a place.
pub(super) fn word(content: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*content.get(at..)?.first_chunk()?))
}
