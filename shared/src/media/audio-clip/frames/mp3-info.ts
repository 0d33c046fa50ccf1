import { type MpegAudioFrame, readMpegAudioHeader } from '../../packed-audio/mpeg-audio.ts';

// What encoders of MP3 say in a first frame that holds no sound: "Xing" by the encoder of that name, "Info"
// where the bit rate is constant, and behind both what LAME adds (gabriel.mp3-tech.org/mp3infotag.html).

/** What the first frame tells about those that follow. */
export interface Mp3Info {
  isConstantBitRate: boolean;
  /** Of frames with sound, and of bytes with this frame; absent: not told. */
  frameCount?: number;
  byteCount?: number;
  /** Samples that are not the original's, in front and behind. */
  startPadding: number;
  endPadding: number;
}

/** Bytes of side information behind the header, without or with a second channel. */
const SIDE_BYTES = { mpeg1: [32, 17], mpeg2: [17, 9] } as const;
const HEADER_BYTES = 4;

const HAS_FRAMES = 1;
const HAS_BYTES = 2;
const HAS_TABLE = 4;
const HAS_QUALITY = 8;
const TABLE_BYTES = 100;

/** FFmpeg, whose decoding we agree with, trusts the padding of these encoders only. */
const TRUSTED_ENCODERS = ['LAME', 'Lavf', 'Lavc'];
const PADDING_AT = 21;
/** What the decoder itself puts in front: ISO/IEC 11172-3's filter bank, and one sample. */
const DECODER_SAMPLES = 529;

/** @returns undefined where the frame holds sound */
export function readMp3Info(bytes: Buffer, at: number): Mp3Info | undefined {
  const frame = readMpegAudioHeader(bytes, at);
  if (!frame) return undefined;
  const frameEnd = at + frame.frameBytes;
  const from = at + HEADER_BYTES + sideBytes(frame);
  const name = bytes.toString('latin1', from, from + 4);
  if (isVbri(bytes, at)) return { isConstantBitRate: false, startPadding: 0, endPadding: 0 };
  if ((name !== 'Xing' && name !== 'Info') || from + 8 > bytes.length) return undefined;
  const flags = bytes.readUInt32BE(from + 4);
  let next = from + 8;
  const field = (flag: number, length: number): number | undefined => {
    if (!(flags & flag)) return undefined;
    const place = next;
    next += length;
    return place + 4 <= bytes.length ? bytes.readUInt32BE(place) : undefined;
  };
  const frameCount = field(HAS_FRAMES, 4);
  const byteCount = field(HAS_BYTES, 4);
  field(HAS_TABLE, TABLE_BYTES);
  field(HAS_QUALITY, 4);
  const isWhole = next + PADDING_AT + 3 <= Math.min(bytes.length, frameEnd);
  const padding = isWhole ? paddingAt(bytes, next) : undefined;
  return {
    isConstantBitRate: name === 'Info',
    frameCount,
    byteCount,
    startPadding: padding ? padding.start + DECODER_SAMPLES : 0,
    endPadding: padding ? Math.max(0, padding.end - DECODER_SAMPLES) : 0,
  };
}

function paddingAt(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  if (!TRUSTED_ENCODERS.includes(bytes.toString('latin1', at, at + 4))) return undefined;
  const both = bytes.readUIntBE(at + PADDING_AT, 3);
  return { start: both >> 12, end: both & 0xfff };
}

function sideBytes({ isMpeg1, isMono }: MpegAudioFrame): number {
  return SIDE_BYTES[isMpeg1 ? 'mpeg1' : 'mpeg2'][isMono ? 1 : 0];
}

/** Fraunhofer's encoder has a tag of its own, always at the same place. */
const isVbri = (bytes: Buffer, at: number): boolean =>
  bytes.toString('latin1', at + 36, at + 40) === 'VBRI';
