import type { SoundFrame } from './sound-frame.ts';

// AC-3 and E-AC-3: ETSI TS 102 366 (ATSC A/52), 4.3 and E.1.2.

export interface DolbyFrame extends SoundFrame {
  isEnhanced: boolean;
  /** `acmod`: which full channels there are. */
  mode: number;
  /** Whether there is a channel of low frequencies beside them. */
  hasLowFrequencies: boolean;
}

export const DOLBY_HEADER_BYTES = 7;

const SYNC_WORD = 0x0b77;
const RATES = [48000, 44100, 32000];
/** In kbit/s, by `frmsizecod` without its last bit. */
const AC3_KBITS = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];
const AC3_SAMPLES = 1536;
const BLOCK_SAMPLES = 256;
/** By `numblkscod`. */
const BLOCKS = [1, 2, 3, 6];
/** `bsid` of plain AC-3 is at most this. */
const MAX_AC3_ID = 10;
const MAX_ENHANCED_ID = 16;

/** @returns nothing when no frame begins there */
export function readDolbyHeader(bytes: Buffer, at: number): DolbyFrame | undefined {
  if (at + DOLBY_HEADER_BYTES > bytes.length) return undefined;
  if (bytes.readUInt16BE(at) !== SYNC_WORD) return undefined;
  const id = bytes[at + 5]! >> 3;
  if (id > MAX_ENHANCED_ID) return undefined;
  return id <= MAX_AC3_ID ? readAc3(bytes, at, id) : readEnhanced(bytes, at);
}

function readAc3(bytes: Buffer, at: number, id: number): DolbyFrame | undefined {
  const sizeCode = bytes[at + 4]! & 0x3f;
  const baseRate = RATES[bytes[at + 4]! >> 6];
  const kbits = AC3_KBITS[sizeCode >> 1];
  if (!baseRate || !kbits) return undefined;
  // At 44.1 kHz frames are not whole words long: the last bit of the code adds one to some.
  const words = Math.floor((AC3_SAMPLES * kbits * 1000) / (16 * baseRate));
  const padding = baseRate === 44100 ? sizeCode & 1 : 0;
  // 9 and 10 stand for half and a quarter of the sample rate, with frames of the same size.
  const sampleRate = baseRate / 2 ** Math.max(0, id - 8);
  const frameBytes = (words + padding) * 2;
  const mode = bytes[at + 6]! >> 5;
  const hasLowFrequencies = ((bytes[at + 6]! >> (4 - mixBits(mode))) & 1) === 1;
  return {
    ...{ frameBytes, samples: AC3_SAMPLES, sampleRate, isEnhanced: false },
    ...{ mode, hasLowFrequencies },
  };
}

/** How many bits about mixing come between `acmod` and the flag of low frequencies. */
function mixBits(mode: number): number {
  const center = mode & 1 && mode !== 1 ? 2 : 0;
  const surround = mode & 4 ? 2 : 0;
  return center + surround + (mode === 2 ? 2 : 0);
}

function readEnhanced(bytes: Buffer, at: number): DolbyFrame | undefined {
  const streamType = bytes[at + 2]! >> 6;
  const substream = (bytes[at + 2]! >> 3) & 7;
  const rateCode = bytes[at + 4]! >> 6;
  const nextCode = (bytes[at + 4]! >> 4) & 3;
  // A rate code of 3: half of the rate that the next two bits tell, and always six blocks.
  const isReduced = rateCode === 3;
  const baseRate = RATES[isReduced ? nextCode : rateCode];
  if (!baseRate || streamType === 3) return undefined;
  return {
    frameBytes: ((bytes.readUInt16BE(at + 2) & 0x7ff) + 1) * 2,
    samples: BLOCK_SAMPLES * (isReduced ? 6 : BLOCKS[nextCode]!),
    sampleRate: isReduced ? baseRate / 2 : baseRate,
    isDependent: streamType === 1 || substream > 0,
    isEnhanced: true,
    mode: (bytes[at + 4]! >> 1) & 7,
    hasLowFrequencies: (bytes[at + 4]! & 1) === 1,
  };
}
