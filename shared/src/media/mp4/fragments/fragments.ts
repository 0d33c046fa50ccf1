import { bodiesIn, bodyIn, neededBody, parse, readFlags, readVersion } from '../boxes.ts';
import type { SampleDefaults, Track } from '../tracks/initialization.ts';
import type { ChunkBounds } from './chunk-bounds.ts';

// Movie fragments: ISO/IEC 14496-12, 8.8.4 to 8.8.12.

/** A fragment's description, and where its box began. */
export interface MovieFragment {
  start: number;
  body: Buffer;
}

/** A picture or a frame of sound as a fragment describes it. Times are in the track's units. */
export interface Sample {
  /** [start, end) in the file. */
  start: number;
  end: number;
  /** After the decode time of the first sample. */
  decodeOffset: number;
  /** From its decode time to its presentation. */
  compositionOffset: number;
  duration: number;
  flags: number;
}

/** The samples of one track in one fragment. */
export interface TrackFragment {
  trackId: number;
  /** Of the first sample; absent: it continues where the track's last one ended. */
  decodeTime?: bigint;
  samples: Sample[];
  /** How long they last together. */
  duration: number;
}

const NO_DEFAULTS: SampleDefaults = { duration: 0, size: 0, flags: 0 };

/** Flags of a `tfhd`. */
const TRACK = {
  baseDataOffset: 0x1,
  sampleDescription: 0x2,
  duration: 0x8,
  size: 0x10,
  flags: 0x20,
  baseIsFragment: 0x20000,
} as const;

/** Flags of a `trun`. */
const RUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
} as const;

/**
 * @param tracks the others of the fragment are left out
 * @throws NotCopyableError when the fragment is damaged, or its media is not where it should be
 */
export function trackFragments(
  fragment: MovieFragment,
  tracks: readonly Track[],
  bounds: ChunkBounds,
): TrackFragment[] {
  return parse(() => {
    const found: TrackFragment[] = [];
    // Without other word, the media of a track begins behind that of the track before it.
    let dataEnd = fragment.start;
    for (const body of bodiesIn(fragment.body, 'traf')) {
      const header = readHeader(neededBody(body, 'tfhd'));
      const track = tracks.find(({ id }) => id === header.trackId);
      const reader = new RunReader(
        baseOf(header, fragment.start, dataEnd, bounds),
        { ...NO_DEFAULTS, ...track?.defaults, ...header.defaults },
        bounds,
        track?.kind === 'audio' ? 'frame of sound' : 'picture',
      );
      for (const run of bodiesIn(body, 'trun')) reader.read(run);
      dataEnd = reader.dataEnd;
      const { samples, duration } = reader;
      const decodeTime = readDecodeTime(bodyIn(body, 'tfdt'));
      if (track) found.push({ trackId: track.id, decodeTime, samples, duration });
    }
    return found;
  });
}

interface TrackHeader {
  trackId: number;
  flags: number;
  baseDataOffset: number;
  defaults: Partial<SampleDefaults>;
}

function readHeader(body: Buffer): TrackHeader {
  const flags = readFlags(body);
  const defaults: Partial<SampleDefaults> = {};
  let baseDataOffset = 0;
  let at = 8;
  if (flags & TRACK.baseDataOffset) {
    baseDataOffset = Number(body.readBigUInt64BE(at));
    at += 8;
  }
  if (flags & TRACK.sampleDescription) at += 4;
  for (const name of ['duration', 'size', 'flags'] as const) {
    if ((flags & TRACK[name]) === 0) continue;
    defaults[name] = body.readUInt32BE(at);
    at += 4;
  }
  return { trackId: body.readUInt32BE(4), flags, baseDataOffset, defaults };
}

function baseOf(
  header: TrackHeader,
  fragmentStart: number,
  dataEnd: number,
  bounds: ChunkBounds,
): number {
  if (header.flags & TRACK.baseDataOffset) {
    const base = header.baseDataOffset;
    // A chunk that is a byte range of a larger file counts from that file's beginning. What writers mean
    // is their fragment.
    return base === 0 || bounds.isMediaStart(base) ? base : fragmentStart;
  }
  return header.flags & TRACK.baseIsFragment ? fragmentStart : dataEnd;
}

function readDecodeTime(body: Buffer | undefined): bigint | undefined {
  if (!body) return undefined;
  return readVersion(body) === 1 ? body.readBigUInt64BE(4) : BigInt(body.readUInt32BE(4));
}

/** Reads the runs of one track in one fragment: each continues the one before it. */
class RunReader {
  readonly samples: Sample[] = [];
  duration = 0;
  dataEnd: number;
  readonly #base: number;
  readonly #defaults: SampleDefaults;
  readonly #bounds: ChunkBounds;
  readonly #what: string;

  /** @param what a sample holds, to be named */
  constructor(base: number, defaults: SampleDefaults, bounds: ChunkBounds, what: string) {
    this.#what = what;
    this.#base = base;
    this.#defaults = defaults;
    this.#bounds = bounds;
    this.dataEnd = base;
  }

  read(body: Buffer): void {
    const flags = readFlags(body);
    const count = body.readUInt32BE(4);
    let at = 8;
    const next = () => {
      at += 4;
      return body.readUInt32BE(at - 4);
    };
    if (flags & RUN.dataOffset) this.dataEnd = this.#base + (next() | 0);
    const firstFlags = flags & RUN.firstFlags ? next() : undefined;
    for (let n = 0; n < count; n++) {
      const duration = flags & RUN.duration ? next() : this.#defaults.duration;
      const size = flags & RUN.size ? next() : this.#defaults.size;
      const ownFlags = flags & RUN.flags ? next() : this.#defaults.flags;
      // Unsigned in version 0 by the letter, but writers have put negative ones there, too.
      const compositionOffset = flags & RUN.compositionOffset ? next() | 0 : 0;
      const place = { start: this.dataEnd, end: this.dataEnd + size };
      this.#bounds.take(place, this.#what);
      this.samples.push({
        ...place,
        decodeOffset: this.duration,
        compositionOffset,
        duration,
        flags: n === 0 ? (firstFlags ?? ownFlags) : ownFlags,
      });
      this.duration += duration;
      this.dataEnd += size;
    }
  }
}

/** Flags of a sample: ISO/IEC 14496-12, 8.8.3.1. */
export const isSyncSample = (flags: number) => (flags & 0x10000) === 0;
