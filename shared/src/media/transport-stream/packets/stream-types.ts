import { readMpegAudioHeader } from '../../packed-audio/mpeg-audio.ts';
import type { VideoCodec } from '../../source/media-index.ts';
import { DESCRIPTOR, type Descriptor, EXTENSION, registrationIn } from './descriptors.ts';

// What the `stream_type`s mean: ISO/IEC 13818-1, table 2-34, and the practice of ATSC, DVB and HLS.

export const STREAM_TYPE = {
  h264: 0x1b,
  hevc: 0x24,
  mpeg1Audio: 0x03,
  mpeg2Audio: 0x04,
  /** Whatever its descriptors say. */
  privateData: 0x06,
  adtsAac: 0x0f,
  latmAac: 0x11,
  ac3: 0x81,
  enhancedAc3: 0x87,
  dts: 0x8a,
} as const;

export const VIDEO_STREAM_TYPE: Readonly<Record<VideoCodec, number>> = {
  h264: STREAM_TYPE.h264,
  hevc: STREAM_TYPE.hevc,
};

/** MPEG-1, MPEG-2, MPEG-4, SVC, MVC, VVC. */
export const OTHER_VIDEO: readonly number[] = [0x01, 0x02, 0x10, 0x1f, 0x20, 0x33];

/** H.264, AAC, AC-3 and E-AC-3 of Apple's “MPEG-2 Stream Encryption Format for HTTP Live Streaming”. */
export const SAMPLE_ENCRYPTED: readonly number[] = [0xdb, 0xcf, 0xc1, 0xc2];

const SOUND: readonly number[] = [
  STREAM_TYPE.mpeg1Audio,
  STREAM_TYPE.mpeg2Audio,
  STREAM_TYPE.adtsAac,
  STREAM_TYPE.latmAac,
  STREAM_TYPE.ac3,
  STREAM_TYPE.enhancedAc3,
  STREAM_TYPE.dts,
];
/** Sound that PES packets carry as private data. */
const PRIVATE_SOUND: readonly number[] = [
  STREAM_TYPE.privateData,
  STREAM_TYPE.ac3,
  STREAM_TYPE.enhancedAc3,
  STREAM_TYPE.dts,
];
export const isPrivateSound = (streamType: number): boolean =>
  PRIVATE_SOUND.includes(streamType) || isDiscSound(streamType);
const SOUND_REGISTRATIONS = ['AC-3', 'EAC3', 'Opus', 'DTS1', 'DTS2', 'DTS3', 'BSSD'];
const SOUND_DESCRIPTORS: readonly number[] = [
  DESCRIPTOR.ac3,
  DESCRIPTOR.enhancedAc3,
  DESCRIPTOR.dts,
  DESCRIPTOR.aac,
];

/** AAC without any headers. */
const RAW_AAC = 0x1c;
/** MPEG-H, main and auxiliary. */
const MPEG_H: readonly number[] = [0x2d, 0x2e];
/** Of Blu-ray discs, by the registration of the program: LPCM, DTS, TrueHD, E-AC-3, DTS-HD. */
const DISC_SOUND: Readonly<Record<number, string>> = {
  128: 'LPCM',
  130: 'DTS',
  131: 'TrueHD',
  132: 'E-AC-3',
  133: 'DTS-HD',
  134: 'DTS-HD Master Audio',
  161: 'E-AC-3',
  162: 'DTS-HD',
};
/** Those that carry a second codec beside the first, which only FFmpeg tells apart. */
export const TRUE_HD = 0x83;
/** Whoever likes may use these, with that registration or without, for sound or anything else: the bytes tell. */
const FIRST_UNCLEAR = 0x80;
export const DISC = 'HDMV';
/** Marks for advertising (SCTE 35), which share type 0x86 with DTS-HD. */
const CUES = 'CUEI';
const CUE_DESCRIPTOR = 0x8a;

/** Whether readers need the registration of the program to know a type. */
export const isDiscSound = (streamType: number): boolean => streamType in DISC_SOUND;

/**
 * What is sound. `known`: the stream itself says all there is to know, so that it can be written anew;
 * `foreign`: FFmpeg must read it where it lies; `unclear`: its bytes must tell; `lost`: nobody here decodes it.
 */
export type SoundKind = 'known' | 'foreign' | 'unclear' | 'lost';

export function soundKind(
  streamType: number,
  descriptors: readonly Descriptor[],
  programDescriptors: readonly Descriptor[],
): SoundKind | undefined {
  if (SOUND.includes(streamType)) return 'known';
  if (streamType === RAW_AAC) return 'foreign';
  if (MPEG_H.includes(streamType)) return 'lost';
  const program = registrationIn(programDescriptors);
  if (program === DISC && isDiscSound(streamType)) {
    return streamType === TRUE_HD ? 'foreign' : 'known';
  }
  if (streamType >= FIRST_UNCLEAR) {
    const isCue =
      program === CUES ||
      registrationIn(descriptors) === CUES ||
      descriptors.some(({ tag }) => tag === CUE_DESCRIPTOR);
    return isCue ? undefined : 'unclear';
  }
  return streamType === STREAM_TYPE.privateData ? privateSoundKind(descriptors) : undefined;
}

function privateSoundKind(descriptors: readonly Descriptor[]): SoundKind | undefined {
  const registration = registrationIn(descriptors) ?? '';
  if (LOST_REGISTRATIONS.includes(registration)) return 'lost';
  const isNamed = SOUND_REGISTRATIONS.includes(registration);
  if (isNamed || descriptors.some(({ tag }) => SOUND_DESCRIPTORS.includes(tag))) return 'known';
  const extensions = descriptors.filter(({ tag }) => tag === DESCRIPTOR.extension);
  if (extensions.some(({ content }) => content[0] === EXTENSION.dtsHd)) return 'known';
  if (extensions.some(({ content }) => content[0] === EXTENSION.ac4)) return 'lost';
  // What else is private has descriptors, too: subtitles, teletext, metadata.
  return descriptors.every(({ tag }) => tag === DESCRIPTOR.language) ? 'unclear' : undefined;
}

/** Whether a type that does not tell is surely no mere data. */
export const mayBeLostSound = (streamType: number): boolean => streamType >= FIRST_UNCLEAR;

const LOST_REGISTRATIONS = ['AC-4', 'MHA1', 'MHM1'];

const CODEC_NAMES: Readonly<Record<number, string>> = {
  [STREAM_TYPE.mpeg1Audio]: 'MPEG audio',
  [STREAM_TYPE.mpeg2Audio]: 'MPEG audio',
  [STREAM_TYPE.adtsAac]: 'AAC',
  [STREAM_TYPE.latmAac]: 'AAC (LATM)',
  [STREAM_TYPE.ac3]: 'AC-3',
  [STREAM_TYPE.enhancedAc3]: 'E-AC-3',
  [STREAM_TYPE.dts]: 'DTS',
  [RAW_AAC]: 'AAC without headers',
  ...DISC_SOUND,
};

const REGISTERED_NAMES: Readonly<Record<string, string>> = {
  'AC-3': 'AC-3',
  EAC3: 'E-AC-3',
  BSSD: 'SMPTE 302M PCM',
};

/** The name of an audio codec, for people. */
export function soundName(streamType: number, descriptors: readonly Descriptor[]): string {
  if (MPEG_H.includes(streamType)) return 'MPEG-H 3D Audio';
  if (streamType !== STREAM_TYPE.privateData) return CODEC_NAMES[streamType] ?? 'unknown audio';
  const registration = registrationIn(descriptors);
  if (registration?.startsWith('DTS')) return 'DTS';
  if (registration?.startsWith('MH')) return 'MPEG-H 3D Audio';
  const tags = descriptors.map(({ tag }) => tag);
  if (tags.includes(DESCRIPTOR.ac3)) return 'AC-3';
  if (tags.includes(DESCRIPTOR.enhancedAc3)) return 'E-AC-3';
  if (tags.includes(DESCRIPTOR.dts)) return 'DTS';
  if (tags.includes(DESCRIPTOR.aac)) return 'AAC';
  const extension = descriptors.find(({ tag }) => tag === DESCRIPTOR.extension)?.content[0];
  if (extension === EXTENSION.dtsHd) return 'DTS-HD';
  if (extension === EXTENSION.ac4) return 'AC-4';
  return (registration && REGISTERED_NAMES[registration]) ?? registration ?? 'unknown audio';
}

const DTS_SYNC_WORDS: readonly number[] = [
  0x7ffe8001, 0xfe7f0180, 0x1fffe800, 0xff1f00e8, 0x64582025,
];
const ADTS_SYNC_WORDS: readonly number[] = [0xfff1, 0xfff9];
const DOLBY_SYNC_WORD = 0x0b77;
const MAX_AC3_ID = 10;

/**
 * Tells from the first bytes of a PES packet what sound it carries whose type does not tell.
 * @returns the type that says so to everybody
 */
export function soundTypeOf(payload: Buffer): number | undefined {
  if (payload.length < 8) return undefined;
  if (DTS_SYNC_WORDS.includes(payload.readUInt32BE(0))) return STREAM_TYPE.dts;
  if (ADTS_SYNC_WORDS.includes(payload.readUInt16BE(0))) return STREAM_TYPE.adtsAac;
  if (readMpegAudioHeader(payload, 0)) return STREAM_TYPE.mpeg1Audio;
  if (payload.readUInt16BE(0) !== DOLBY_SYNC_WORD) return undefined;
  return payload[5]! >> 3 <= MAX_AC3_ID ? STREAM_TYPE.ac3 : STREAM_TYPE.enhancedAc3;
}
