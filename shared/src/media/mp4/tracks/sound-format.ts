import { AAC_SAMPLE_RATES, type AacConfig } from '../../packed-audio/adts.ts';
import { SOUND_FORMATS } from '../../packed-audio/sound-formats.ts';
import type { StreamFormat } from '../../source/media-index.ts';
import { bodyIn } from '../boxes.ts';

// How sound lies in MP4: ISO/IEC 14496-12, 12.2.3; 14496-1, 7.2.6 (esds); ETSI TS 102 366, annex F (Dolby).

/** What makes the samples of a track fit for a transport stream. */
export interface SoundFormat {
  format: StreamFormat;
  /** AAC: what goes into the header before each frame. */
  aac?: AacConfig;
}

/** `AudioSampleEntry` before the boxes in it. */
const AUDIO_ENTRY_BYTES = 28;
/** QuickTime's versions of it are longer. */
const LONGER_BY: readonly (number | undefined)[] = [0, 16, 36];

/** `objectTypeIndication`s of an `esds` box. */
const AAC_OBJECT = 0x40;
const MPEG_AUDIO_OBJECTS = [0x69, 0x6b];

/** @returns nothing for what a transport stream of ours does not carry */
export function readSoundFormat(entry: { codec: string; body: Buffer }): SoundFormat | undefined {
  if (entry.codec === 'ac-3') return { format: SOUND_FORMATS.ac3 };
  if (entry.codec === 'ec-3') return { format: SOUND_FORMATS.eac3 };
  if (entry.codec === '.mp3') return { format: SOUND_FORMATS.mp3 };
  const longerBy = LONGER_BY[entry.body.readUInt16BE(8)];
  if (entry.codec !== 'mp4a' || longerBy === undefined) return undefined;
  const descriptor = bodyIn(entry.body.subarray(AUDIO_ENTRY_BYTES + longerBy), 'esds');
  return descriptor && readElementaryStream(descriptor.subarray(4));
}

/** What a decoder of Opus skips at first, in samples of 48 kHz: `dOps`, of Encapsulation of Opus in ISOBMFF, 4.3.2. */
export function readPreSkip({ codec, body }: { codec: string; body: Buffer }): number {
  const specific = codec === 'Opus' ? bodyIn(body.subarray(AUDIO_ENTRY_BYTES), 'dOps') : undefined;
  return specific && specific.length >= 4 ? specific.readUInt16BE(2) : 0;
}

const TAG = { stream: 0x03, decoderConfig: 0x04, specificInfo: 0x05 } as const;
/** Of a `DecoderConfigDescriptor`, before the descriptors in it. */
const DECODER_CONFIG_BYTES = 13;

function readElementaryStream(body: Buffer): SoundFormat | undefined {
  const stream = descriptorIn(body, TAG.stream);
  const decoder = stream && descriptorIn(afterStreamFields(stream), TAG.decoderConfig);
  if (!decoder) return undefined;
  const object = decoder.readUInt8(0);
  if (MPEG_AUDIO_OBJECTS.includes(object)) return { format: SOUND_FORMATS.mp3 };
  if (object !== AAC_OBJECT) return undefined;
  const info = descriptorIn(decoder.subarray(DECODER_CONFIG_BYTES), TAG.specificInfo);
  const aac = info && readAacConfig(info);
  return aac && { format: SOUND_FORMATS.aac, aac };
}

/** The optional fields of an `ES_Descriptor` are told by flags. */
function afterStreamFields(stream: Buffer): Buffer {
  const flags = stream.readUInt8(2);
  let at = 3;
  if (flags & 0x80) at += 2;
  if (flags & 0x40) at += 1 + stream.readUInt8(at);
  if (flags & 0x20) at += 2;
  return stream.subarray(at);
}

function descriptorIn(body: Buffer, tag: number): Buffer | undefined {
  let at = 0;
  while (at < body.length) {
    const found = body.readUInt8(at++);
    let length = 0;
    let byte: number;
    // Seven bits a byte; the first bit tells that another one follows.
    do {
      byte = body.readUInt8(at++);
      length = length * 0x80 + (byte & 0x7f);
    } while (byte & 0x80 && at < body.length);
    if (found === tag) return body.subarray(at, at + length);
    at += length;
  }
  return undefined;
}

const SPECTRAL_BAND_REPLICATION = 5;
const PARAMETRIC_STEREO = 29;
/** The frequency follows in full. */
const ESCAPED_FREQUENCY = 15;
/** An ADTS header has two bits for the object type. */
const MAX_ADTS_OBJECT_TYPE = 4;
const MAX_ADTS_CHANNEL_CONFIG = 7;

/**
 * The core of an `AudioSpecificConfig`: ISO/IEC 14496-3, 1.6.2.1. Decoders find what HE-AAC adds by
 * themselves.
 * @returns nothing when ADTS headers cannot say it
 */
function readAacConfig(info: Buffer): AacConfig | undefined {
  const bits = bitsOf(info);
  let objectType = readObjectType(bits);
  const frequencyIndex = readFrequencyIndex(bits);
  const channelConfig = bits(4);
  if (objectType === SPECTRAL_BAND_REPLICATION || objectType === PARAMETRIC_STEREO) {
    readFrequencyIndex(bits);
    objectType = readObjectType(bits);
  }
  // Frames of 960 samples: ADTS has no word for them.
  const isShort = bits(1) === 1;
  const isSayable =
    !isShort &&
    objectType >= 1 &&
    objectType <= MAX_ADTS_OBJECT_TYPE &&
    frequencyIndex in AAC_SAMPLE_RATES &&
    channelConfig >= 1 &&
    channelConfig <= MAX_ADTS_CHANNEL_CONFIG;
  return isSayable ? { objectType, frequencyIndex, channelConfig } : undefined;
}

type Bits = (count: number) => number;

/** Missing bits are zeros, with which no configuration is sayable. */
function bitsOf(bytes: Buffer): Bits {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let n = 0; n < count; n++, at++) {
      value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    }
    return value;
  };
}

function readObjectType(bits: Bits): number {
  const type = bits(5);
  return type === 31 ? 32 + bits(6) : type;
}

function readFrequencyIndex(bits: Bits): number {
  const index = bits(4);
  return index === ESCAPED_FREQUENCY ? AAC_SAMPLE_RATES.indexOf(bits(24)) : index;
}
