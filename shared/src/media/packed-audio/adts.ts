// The header before every frame of AAC in a stream without a container: ISO/IEC 13818-7, 6.2.

/** What a decoder must know before the first frame. */
export interface AacConfig {
  /** 1 Main, 2 Low Complexity, 3 SSR, 4 LTP: ISO/IEC 14496-3, table 1.17. */
  objectType: number;
  /** Index into `AAC_SAMPLE_RATES`. */
  frequencyIndex: number;
  /** 1…7; 0: the frames tell it. */
  channelConfig: number;
}

export interface AdtsHeader extends AacConfig {
  headerBytes: number;
  /** With the header. */
  frameBytes: number;
  samples: number;
  sampleRate: number;
}

/** In Hz. */
export const AAC_SAMPLE_RATES: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

export const ADTS_HEADER_BYTES = 7;
/** `aac_frame_length` has 13 bits. */
export const MAX_ADTS_FRAME_BYTES = 0x1fff;

const CHECKSUM_BYTES = 2;
const SAMPLES_PER_BLOCK = 1024;

/** @returns nothing when no header begins there */
export function readAdtsHeader(bytes: Buffer, at: number): AdtsHeader | undefined {
  if (at + ADTS_HEADER_BYTES > bytes.length) return undefined;
  // The sync word, and a layer of 0, by which it is told from MP3.
  if ((bytes.readUInt16BE(at) & 0xfff6) !== 0xfff0) return undefined;
  const fields = bytes.readUIntBE(at + 2, 5);
  const frequencyIndex = (bytes[at + 2]! >> 2) & 0x0f;
  const sampleRate = AAC_SAMPLE_RATES[frequencyIndex];
  const headerBytes = ADTS_HEADER_BYTES + (bytes[at + 1]! & 1 ? 0 : CHECKSUM_BYTES);
  const frameBytes = Math.floor(fields / 2 ** 13) & MAX_ADTS_FRAME_BYTES;
  if (sampleRate === undefined || frameBytes <= headerBytes) return undefined;
  return {
    objectType: (bytes[at + 2]! >> 6) + 1,
    frequencyIndex,
    channelConfig: ((bytes[at + 2]! & 1) << 2) | (bytes[at + 3]! >> 6),
    headerBytes,
    frameBytes,
    samples: SAMPLES_PER_BLOCK * ((bytes[at + 6]! & 3) + 1),
    sampleRate,
  };
}

/**
 * The header of a frame, as readers of transport streams expect it.
 * @param rawBytes the frame without the header; together `MAX_ADTS_FRAME_BYTES` at most
 */
export function adtsHeader(config: AacConfig, rawBytes: number): Buffer {
  const { objectType, frequencyIndex, channelConfig } = config;
  const frameBytes = ADTS_HEADER_BYTES + rawBytes;
  return Buffer.from([
    0xff,
    0xf1,
    ((objectType - 1) << 6) | (frequencyIndex << 2) | (channelConfig >> 2),
    ((channelConfig & 3) << 6) | (frameBytes >> 11),
    (frameBytes >> 3) & 0xff,
    // A buffer fullness of all ones: the bit rate varies.
    ((frameBytes & 7) << 5) | 0x1f,
    0xfc,
  ]);
}
