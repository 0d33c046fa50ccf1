import { NotCopyableError } from '../../not-copyable.ts';
import {
  bodiesIn,
  bodyIn,
  neededBody,
  parse,
  readMovieBody,
  readTimescale,
  readVersion,
} from '../boxes.ts';
import { type EditList, readEditList } from './edit-list.ts';
import { type PictureFormat, readPictureFormat } from './picture-format.ts';
import { readPreSkip, readSoundFormat, type SoundFormat } from './sound-format.ts';

// The init section of fragmented MP4: ISO/IEC 14496-12, 8.2 to 8.8.

/** What the fragments of a track need not say. */
export interface SampleDefaults {
  duration: number;
  size: number;
  flags: number;
}

interface TrackHead extends EditList {
  id: number;
  /** Units per second of its times. */
  timescale: number;
  defaults: SampleDefaults;
  /** The four characters of its sample entry, e.g. `avc1`. */
  codec: string;
}

export interface VideoTrack extends TrackHead {
  kind: 'video';
  /** How far the player is asked to turn the picture, clockwise: 0…359. */
  rotationDegrees: number;
  /** Absent where we cannot read the codec. */
  pictures?: PictureFormat;
}

export interface AudioTrack extends TrackHead {
  kind: 'audio';
  /** As `elng` or `mdhd` state it; absent where it is undetermined. */
  language?: string;
  /** What its handler is called. */
  name?: string;
  /** Absent where a transport stream of ours does not carry the codec. */
  sound?: SoundFormat;
  /** Of Opus: what its decoder skips at first, in samples of 48 kHz. */
  preSkip: number;
}

export type Track = VideoTrack | AudioTrack;

/** What an init section says about its tracks of video and audio. */
export interface Initialization {
  tracks: Track[];
}

/** @throws NotCopyableError when the MP4 is not fragmented, or not as we know it */
export async function readInitialization(initFile: string): Promise<Initialization> {
  const movie = await readMovieBody(initFile);
  if (!movie) throw new NotCopyableError('the init section describes no tracks');
  return parseMovie(movie);
}

/** The same for an init section in memory. */
export function parseInitialization(init: Buffer): Initialization {
  return parseMovie(neededBody(init, 'moov'));
}

function parseMovie(movie: Buffer): Initialization {
  return parse(() => {
    const extensions = bodyIn(movie, 'mvex');
    if (!extensions) throw new NotCopyableError('the MP4 is not fragmented');
    const defaults = new Map(bodiesIn(extensions, 'trex').map(readTrackDefaults));
    const movieTimescale = readTimescale(neededBody(movie, 'mvhd'));
    const tracks = bodiesIn(movie, 'trak').map((track) =>
      readTrack(track, movieTimescale, defaults),
    );
    return { tracks: tracks.filter((track) => track !== undefined) };
  });
}

function readTrackDefaults(body: Buffer): [id: number, defaults: SampleDefaults] {
  const [duration, size, flags] = [12, 16, 20].map((at) => body.readUInt32BE(at));
  return [body.readUInt32BE(4), { duration: duration!, size: size!, flags: flags! }];
}

function readTrack(
  track: Buffer,
  movieTimescale: number,
  defaults: ReadonlyMap<number, SampleDefaults>,
): Track | undefined {
  const handlerBox = neededBody(track, 'mdia', 'hdlr');
  const handler = handlerBox.toString('latin1', 8, 12);
  if (handler !== 'vide' && handler !== 'soun') return undefined;
  const tables = neededBody(track, 'mdia', 'minf', 'stbl');
  assertNoSamples(tables);
  const header = neededBody(track, 'tkhd');
  const isLong = readVersion(header) === 1;
  const id = header.readUInt32BE(isLong ? 20 : 12);
  const timescale = readTimescale(neededBody(track, 'mdia', 'mdhd'));
  if (timescale === 0) throw new NotCopyableError('a track has no clock');
  const entry = readSampleEntry(neededBody(tables, 'stsd'));
  const head: TrackHead = {
    id,
    timescale,
    ...readEditList(bodyIn(track, 'edts', 'elst'), movieTimescale, timescale),
    defaults: defaults.get(id) ?? { duration: 0, size: 0, flags: 0 },
    codec: entry.codec,
  };
  if (handler === 'soun') {
    const told = { language: readLanguage(track), name: readName(handlerBox) };
    const [sound, preSkip] = [readSoundFormat(entry), readPreSkip(entry)];
    return { ...head, kind: 'audio', sound, preSkip, ...told };
  }
  const rotationDegrees = readRotation(header.subarray(isLong ? 52 : 40));
  return { ...head, kind: 'video', rotationDegrees, pictures: readPictureFormat(entry) };
}

/** Behind version, type and reserved bytes; QuickTime counts its letters, MP4 ends them with a zero. */
function readName(handler: Buffer): string | undefined {
  const bytes = handler.subarray(24);
  const isCounted = bytes.length > 1 && bytes[0] === bytes.length - 1;
  const name = bytes.subarray(isCounted ? 1 : 0).toString('utf8');
  return name.split('\0')[0]!.trim() || undefined;
}

/** `mdhd` packs three letters into 15 bits; `elng` holds what three letters cannot say. */
function readLanguage(track: Buffer): string | undefined {
  const extended = bodyIn(track, 'mdia', 'elng');
  const tag = extended?.toString('latin1', 4).split('\0')[0];
  if (tag) return tag;
  const header = neededBody(track, 'mdia', 'mdhd');
  const packed = header.readUInt16BE(readVersion(header) === 1 ? 32 : 20);
  const letters = [10, 5, 0].map((shift) => String.fromCharCode(((packed >> shift) & 31) + 0x60));
  const language = letters.join('');
  return /^[a-z]{3}$/.test(language) && language !== 'und' ? language : undefined;
}

/** A plain MP4 describes its samples here, and not in fragments. */
function assertNoSamples(tables: Buffer): void {
  const times = bodyIn(tables, 'stts');
  if (times && times.readUInt32BE(4) > 0) throw new NotCopyableError('the MP4 is not fragmented');
}

/**
 * @param descriptions the body of the `stsd` box
 * @throws NotCopyableError when there is not exactly one description
 */
export function readSampleEntry(descriptions: Buffer): { codec: string; body: Buffer } {
  if (descriptions.readUInt32BE(4) !== 1) {
    throw new NotCopyableError('a track has several descriptions of its samples');
  }
  const size = descriptions.readUInt32BE(8);
  const codec = descriptions.toString('latin1', 12, 16);
  return { codec, body: descriptions.subarray(16, 8 + size) };
}

/** @param matrix that of the track header: 9 numbers, of which the first two tell the turn */
function readRotation(matrix: Buffer): number {
  const [a, b, c, d] = [0, 4, 12, 16].map((at) => matrix.readInt32BE(at));
  if (a! * d! - b! * c! < 0) throw new NotCopyableError('the picture is shown mirrored');
  const degrees = Math.round((Math.atan2(b!, a!) * 180) / Math.PI);
  return (degrees + 360) % 360;
}
