import type { VideoCodec } from '../../source/media-index.ts';
import { bodyIn } from '../boxes.ts';

// How pictures lie in MP4: ISO/IEC 14496-15, 5.3.3.1 (H.264) and 8.3.3.1 (HEVC).

/** What a sample entry says about the pictures, and what they leave out. */
export interface PictureFormat {
  codec: VideoCodec;
  /** Bytes of the length before each NAL unit. */
  lengthBytes: number;
  /** Parameter sets, without start codes. */
  vps: Buffer[];
  sps: Buffer[];
  pps: Buffer[];
}

/** `VisualSampleEntry` before the boxes in it. */
export const VISUAL_ENTRY_BYTES = 78;

/** NAL unit types of HEVC's parameter sets. */
const HEVC_SETS = { vps: 32, sps: 33, pps: 34 } as const;

/** @returns nothing for codecs that we cannot copy */
export function readPictureFormat(entry: {
  codec: string;
  body: Buffer;
}): PictureFormat | undefined {
  const boxes = entry.body.subarray(VISUAL_ENTRY_BYTES);
  if (entry.codec === 'avc1' || entry.codec === 'avc3') {
    const configuration = bodyIn(boxes, 'avcC');
    return configuration && readAvcConfiguration(configuration);
  }
  if (entry.codec === 'hvc1' || entry.codec === 'hev1') {
    const configuration = bodyIn(boxes, 'hvcC');
    return configuration && readHevcConfiguration(configuration);
  }
  return undefined;
}

function readAvcConfiguration(body: Buffer): PictureFormat {
  const sps = readSets(body, 6, body.readUInt8(5) & 0x1f);
  const pps = readSets(body, sps.end + 1, body.readUInt8(sps.end));
  const lengthBytes = (body.readUInt8(4) & 3) + 1;
  return { codec: 'h264', lengthBytes, vps: [], sps: sps.sets, pps: pps.sets };
}

function readHevcConfiguration(body: Buffer): PictureFormat {
  const lengthBytes = (body.readUInt8(21) & 3) + 1;
  const format: PictureFormat = { codec: 'hevc', lengthBytes, vps: [], sps: [], pps: [] };
  const arrays = body.readUInt8(22);
  let at = 23;
  for (let n = 0; n < arrays; n++) {
    const type = body.readUInt8(at) & 0x3f;
    const { sets, end } = readSets(body, at + 3, body.readUInt16BE(at + 1));
    for (const kind of ['vps', 'sps', 'pps'] as const) {
      if (type === HEVC_SETS[kind]) format[kind].push(...sets);
    }
    at = end;
  }
  return format;
}

function readSets(body: Buffer, from: number, count: number): { sets: Buffer[]; end: number } {
  const sets: Buffer[] = [];
  let at = from;
  for (let n = 0; n < count; n++) {
    const length = body.readUInt16BE(at);
    if (at + 2 + length > body.length) throw new RangeError('a parameter set is cut off');
    // Copied, so that the small set does not keep the whole init section in memory.
    sets.push(Buffer.from(body.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return { sets, end: at };
}
