// The tags of ID3 v2.3 and v2.4 (id3.org), in which packed audio tells its time: RFC 8216, 3.4.

export const ID3_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const FOOTER_BYTES = 10;

const TIMESTAMP_OWNER = Buffer.from('com.apple.streaming.transportStreamTimestamp\0', 'latin1');

/** @returns the length of the tag with its header; nothing when none begins there */
export function id3TagBytes(bytes: Buffer, at: number): number | undefined {
  if (at + ID3_HEADER_BYTES > bytes.length) return undefined;
  if (bytes.toString('latin1', at, at + 3) !== 'ID3') return undefined;
  const hasFooter = (bytes[at + 5]! & 0x10) !== 0;
  return ID3_HEADER_BYTES + readSafe(bytes, at + 6) + (hasFooter ? FOOTER_BYTES : 0);
}

/** The time of the first sample behind a tag, in ticks of 90 kHz: 33 bits. @param tag a whole one */
export function id3Timestamp(tag: Buffer): number | undefined {
  const version = tag[3]!;
  let at = ID3_HEADER_BYTES;
  while (at + FRAME_HEADER_BYTES <= tag.length) {
    const size = version >= 4 ? readSafe(tag, at + 4) : tag.readUInt32BE(at + 4);
    const body = tag.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + size);
    if (tag.toString('latin1', at, at + 4) === 'PRIV') {
      const value = privateValue(body);
      if (value !== undefined) return value;
    }
    at += FRAME_HEADER_BYTES + size;
  }
  return undefined;
}

function privateValue(body: Buffer): number | undefined {
  const at = TIMESTAMP_OWNER.length;
  if (body.length < at + 8 || !body.subarray(0, at).equals(TIMESTAMP_OWNER)) return undefined;
  // 33 bits of the 64 count.
  return (body[at + 3]! & 1) * 2 ** 32 + body.readUInt32BE(at + 4);
}

/** A number whose bytes have seven bits each, so that they cannot be taken for a sync word. */
function readSafe(bytes: Buffer, at: number): number {
  const [a, b, c, d] = bytes.subarray(at, at + 4);
  return ((a! & 0x7f) << 21) | ((b! & 0x7f) << 14) | ((c! & 0x7f) << 7) | (d! & 0x7f);
}
