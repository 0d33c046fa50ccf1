import { NotCopyableError } from '../not-copyable.ts';
import { bodyIn } from './boxes.ts';
import type { MovieTrack } from './movie/read-movie.ts';
import { readSampleEntry } from './tracks/initialization.ts';
import { VISUAL_ENTRY_BYTES } from './tracks/picture-format.ts';
import { readSoundFormat } from './tracks/sound-format.ts';

/**
 * The codec of a track as players want it told, for example `avc1.64001f`: RFC 6381, 3.3.
 * @throws NotCopyableError for codecs that no clip of ours has
 */
export function codecName({ kind, description }: Pick<MovieTrack, 'kind' | 'description'>): string {
  const entry = readSampleEntry(description);
  const name = kind === 'audio' ? soundName(entry) : pictureName(entry);
  if (!name) throw new NotCopyableError(`there is no name for the codec ${entry.codec}`);
  return name;
}

type Entry = ReturnType<typeof readSampleEntry>;

function soundName(entry: Entry): string | undefined {
  const { aac } = readSoundFormat(entry) ?? {};
  return aac && `${entry.codec}.40.${aac.objectType}`;
}

function pictureName({ codec, body }: Entry): string | undefined {
  const boxes = body.subarray(VISUAL_ENTRY_BYTES);
  const avc = bodyIn(boxes, 'avcC');
  // Profile, constraints and level: ISO/IEC 14496-15, 5.3.3.1.
  if (avc) return `${codec}.${avc.toString('hex', 1, 4)}`;
  const hevc = bodyIn(boxes, 'hvcC');
  return hevc && `${codec}.${hevcParts(hevc).join('.')}`;
}

/** Letters of `general_profile_space`, and of `general_tier_flag`: ISO/IEC 14496-15, annex E.3. */
const PROFILE_SPACES = ['', 'A', 'B', 'C'];
const TIERS = ['L', 'H'];

function hevcParts(configuration: Buffer): string[] {
  const profile = configuration.readUInt8(1);
  const compatibility = configuration.readUInt32BE(2);
  const constraints = [...configuration.subarray(6, 12)];
  const lastSet = constraints.findLastIndex((byte) => byte !== 0);
  return [
    `${PROFILE_SPACES[profile >> 6]}${profile & 0x1f}`,
    reversedBits(compatibility).toString(16).toUpperCase(),
    `${TIERS[(profile >> 5) & 1]}${configuration.readUInt8(12)}`,
    ...constraints.slice(0, lastSet + 1).map((byte) => byte.toString(16).toUpperCase()),
  ];
}

function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}
