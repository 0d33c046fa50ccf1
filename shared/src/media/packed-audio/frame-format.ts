import { AAC_SAMPLE_RATES, readAdtsHeader } from './adts.ts';
import { readDolbyHeader } from './dolby.ts';
import { readMpegAudioHeader } from './mpeg-audio.ts';
import type { SoundKind } from './sound-formats.ts';

/** What the header of an audio frame says of how it is decoded. Where this changes, a decoder begins again. */
export interface FrameFormat {
  codec: SoundKind;
  /** Equal where frames can be decoded one after the other. */
  id: string;
  /** In Hz. */
  sampleRate: number;
  /** FFmpeg's name of the channel layout; absent where the header alone does not tell. */
  layout?: string;
}

/** By `channel_configuration`: ISO/IEC 14496-3, table 1.19. */
const AAC_LAYOUTS = [undefined, 'mono', 'stereo', '3.0', '4.0', '5.0', '5.1', '7.1'];
/** Up to here, SBR may double the rate, and one channel may become two by parametric stereo. */
const MAX_CORE_RATE = 24_000;

/**
 * SBR adds no high band before its first header, which encoders repeat every ten frames or twice a second: so many
 * frames hold one for certain.
 */
const SBR_LEAD_FRAMES = 14;
const AAC_FRAME_SAMPLES = 1024;

/**
 * How much a decoder of HE-AAC needs before the first audio that counts, in ticks of 90 kHz. Headers tell the core
 * alone, and so whether there can be SBR, not whether there is.
 * @returns nothing where there can be none
 */
export function sbrLeadTicks(format: FrameFormat | undefined): number | undefined {
  if (format?.codec !== 'aac' || format.sampleRate > MAX_CORE_RATE) return undefined;
  return Math.round((SBR_LEAD_FRAMES * AAC_FRAME_SAMPLES * 90_000) / format.sampleRate);
}

/** By `acmod`, without and with the channel of low frequencies: ETSI TS 102 366, 4.4.2.3. */
const DOLBY_LAYOUTS = [
  ['stereo', '2.1'],
  ['mono', undefined],
  ['stereo', '2.1'],
  ['3.0', '3.1'],
  ['3.0(back)', undefined],
  ['4.0', '4.1'],
  ['quad(side)', undefined],
  ['5.0(side)', '5.1(side)'],
];

/** @returns the format of the frame that begins there; nothing when none does */
export function readFrameFormat(bytes: Buffer, at: number): FrameFormat | undefined {
  const aac = readAdtsHeader(bytes, at);
  if (aac) {
    const { objectType, frequencyIndex, channelConfig, samples } = aac;
    const sampleRate = AAC_SAMPLE_RATES[frequencyIndex]!;
    const isSure = channelConfig !== 1 || sampleRate > MAX_CORE_RATE;
    return {
      codec: 'aac',
      id: ['aac', objectType, frequencyIndex, channelConfig, samples].join(),
      sampleRate,
      layout: isSure ? AAC_LAYOUTS[channelConfig] : undefined,
    };
  }
  const dolby = readDolbyHeader(bytes, at);
  if (dolby) {
    const { isEnhanced, sampleRate, mode, hasLowFrequencies } = dolby;
    const codec = isEnhanced ? 'eac3' : 'ac3';
    return {
      codec,
      id: [codec, sampleRate, mode, hasLowFrequencies].join(),
      sampleRate,
      layout: DOLBY_LAYOUTS[mode]![hasLowFrequencies ? 1 : 0],
    };
  }
  const mpeg = readMpegAudioHeader(bytes, at);
  if (!mpeg) return undefined;
  const { layer, sampleRate, isMono } = mpeg;
  return {
    codec: 'mp3',
    id: ['mp3', layer, sampleRate, isMono].join(),
    sampleRate,
    layout: isMono ? 'mono' : 'stereo',
  };
}

/** Reads formats one after the other, and gives equal ones as the same object: an hour has 170,000 frames. */
export function formatReader(): typeof readFrameFormat {
  let last: FrameFormat | undefined;
  return (bytes, at) => {
    const format = readFrameFormat(bytes, at);
    if (format && format.id !== last?.id) last = format;
    return format && last;
  };
}
