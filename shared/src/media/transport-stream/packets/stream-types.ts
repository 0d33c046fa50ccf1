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
export const PRIVATE_SOUND: readonly number[] = [
  STREAM_TYPE.privateData,
  STREAM_TYPE.ac3,
  STREAM_TYPE.enhancedAc3,
  STREAM_TYPE.dts,
];
const SOUND_REGISTRATIONS = ['AC-3', 'EAC3', 'Opus', 'DTS1', 'DTS2', 'DTS3', 'BSSD'];
const SOUND_DESCRIPTORS: readonly number[] = [
  DESCRIPTOR.ac3,
  DESCRIPTOR.enhancedAc3,
  DESCRIPTOR.dts,
  DESCRIPTOR.aac,
];

/** AAC without any headers, and MPEG-H. */
const FOREIGN_SOUND: readonly number[] = [0x1c, 0x2d, 0x2e];
/** Of Blu-ray discs, by the registration of the program: LPCM, DTS, TrueHD, E-AC-3, DTS-HD. */
const DISC_SOUND: readonly number[] = [0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0xa1, 0xa2];
const DISC = 'HDMV';

/** What is sound: `known` where the stream itself says all there is to know, so that it can be written anew. */
export function soundKind(
  streamType: number,
  descriptors: readonly Descriptor[],
  programDescriptors: readonly Descriptor[],
): 'known' | 'foreign' | undefined {
  if (SOUND.includes(streamType)) return 'known';
  if (FOREIGN_SOUND.includes(streamType)) return 'foreign';
  if (registrationIn(programDescriptors) === DISC && DISC_SOUND.includes(streamType)) {
    return 'foreign';
  }
  return streamType === STREAM_TYPE.privateData ? privateSoundKind(descriptors) : undefined;
}

function privateSoundKind(descriptors: readonly Descriptor[]): 'known' | 'foreign' | undefined {
  const isNamed = SOUND_REGISTRATIONS.includes(registrationIn(descriptors) ?? '');
  if (isNamed || descriptors.some(({ tag }) => SOUND_DESCRIPTORS.includes(tag))) return 'known';
  const extensions = descriptors.filter(({ tag }) => tag === DESCRIPTOR.extension);
  if (extensions.some(({ content }) => content[0] === EXTENSION.dtsHd)) return 'known';
  return extensions.some(({ content }) => content[0] === EXTENSION.ac4) ? 'foreign' : undefined;
}
