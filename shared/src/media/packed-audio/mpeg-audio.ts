import type { SoundFrame } from './sound-frame.ts';

// MP3 and its older layers: ISO/IEC 11172-3, 2.4.2.3, and 13818-3; MPEG 2.5 is an extension of practice.

export const MPEG_AUDIO_HEADER_BYTES = 4;

/** In kbit/s, by bit rate index. */
const MPEG1_KBITS: Readonly<Record<number, readonly number[]>> = {
  1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
};
const MPEG2_LAYER_1_KBITS = [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
const MPEG2_KBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_RATES = [44100, 48000, 32000];

/** By the two bits of the version: what the sample rates of MPEG-1 are divided by. */
const RATE_DIVISORS: readonly (number | undefined)[] = [4, undefined, 2, 1];

export interface MpegAudioFrame extends SoundFrame {
  /** Layer III is MP3. */
  layer: number;
  isMpeg1: boolean;
  isMono: boolean;
  /** In bits per second, as the header states it. */
  bitRate: number;
}

/** @returns nothing when no frame of a known length begins there */
export function readMpegAudioHeader(bytes: Buffer, at: number): MpegAudioFrame | undefined {
  if (at + MPEG_AUDIO_HEADER_BYTES > bytes.length) return undefined;
  const header = bytes.readUInt32BE(at);
  const divisor = RATE_DIVISORS[(header >> 19) & 3];
  const layer = 4 - ((header >> 17) & 3);
  const baseRate = MPEG1_RATES[(header >> 10) & 3];
  if (header >>> 21 !== 0x7ff || layer === 4 || !divisor || !baseRate) return undefined;
  const isMpeg1 = divisor === 1;
  const kbits = kbitsOf(isMpeg1, layer)[(header >> 12) & 0x0f];
  // Index 0 leaves the length of the frames open.
  if (!kbits) return undefined;
  const sampleRate = baseRate / divisor;
  const samples = samplesOf(isMpeg1, layer);
  const slotBytes = layer === 1 ? 4 : 1;
  const slots = Math.floor((samples * kbits * 1000) / (8 * slotBytes * sampleRate));
  const padding = (header >> 9) & 1;
  const frameBytes = (slots + padding) * slotBytes;
  const isMono = ((header >> 6) & 3) === 3;
  return { frameBytes, samples, sampleRate, layer, isMpeg1, isMono, bitRate: kbits * 1000 };
}

function kbitsOf(isMpeg1: boolean, layer: number): readonly number[] {
  if (isMpeg1) return MPEG1_KBITS[layer]!;
  return layer === 1 ? MPEG2_LAYER_1_KBITS : MPEG2_KBITS;
}

function samplesOf(isMpeg1: boolean, layer: number): number {
  if (layer === 1) return 384;
  return layer === 3 && !isMpeg1 ? 576 : 1152;
}
