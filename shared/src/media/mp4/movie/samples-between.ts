import { NotCopyableError } from '../../not-copyable.ts';
import type { ByteSpan } from '../../source/media-index.ts';
import { bodyIn, neededBody } from '../boxes.ts';

// A few samples of a long track, found without listing all of them: three hours of AAC are half a million. The tables
// are those of `read-tables.ts`.

/** A frame of sound, where it lies in the file, and when it is heard, in units of the track's timescale. */
export interface SoundSample extends ByteSpan {
  time: number;
  duration: number;
}

const damaged = () => new NotCopyableError('the MP4 is damaged');

/** Of frames of sound. A track of single samples, as of PCM, has more, and is not read so. */
const MAX_SAMPLES = 1 << 22;

/** How many samples a track has, and how long they are together. @param tables the body of the `stbl` box */
export function soundExtent(tables: Buffer): { count: number; units: number } {
  if (bodyIn(tables, 'ctts')) throw new NotCopyableError('the sound of the MP4 is out of order');
  const count = neededBody(tables, 'stsz').readUInt32BE(8);
  if (count > MAX_SAMPLES) throw new NotCopyableError('the MP4 lists single samples of sound');
  const last = [...runsIn(tables)].at(-1);
  const units = last ? last.time + last.count * last.duration : 0;
  const isTimed = (last ? last.first + last.count : 0) === count;
  if (!isTimed) throw damaged();
  return { count, units };
}

/**
 * The samples that are heard in [from, to), in units.
 * @param tables the body of the `stbl` box
 * @throws RangeError or NotCopyableError when the tables do not fit together
 */
export function samplesBetween(tables: Buffer, from: number, to: number): SoundSample[] {
  const samples: SoundSample[] = [];
  let places: Iterator<ByteSpan> | undefined;
  for (const { first, count, time, duration } of runsIn(tables)) {
    const isBefore = time + count * duration <= from;
    if (isBefore || time >= to) continue;
    // Samples of no duration lie in one place of time.
    const begin = duration > 0 ? Math.max(0, Math.floor((from - time) / duration)) : 0;
    const end = duration > 0 ? Math.min(count, Math.ceil((to - time) / duration)) : count;
    places ??= placesFrom(tables, first + begin);
    for (let n = begin; n < end; n++) {
      const { value: place } = places.next();
      if (!place) throw damaged();
      samples.push({ ...place, time: time + n * duration, duration });
    }
  }
  return samples;
}

/** Samples in a row that are equally long, with the number and the time of the first. */
function* runsIn(tables: Buffer) {
  const body = neededBody(tables, 'stts');
  const entries = body.readUInt32BE(4);
  let [first, time] = [0, 0];
  for (let at = 8; at < 8 + entries * 8; at += 8) {
    const [count, duration] = [body.readUInt32BE(at), body.readUInt32BE(at + 4)];
    yield { first, count, time, duration };
    first += count;
    time += count * duration;
  }
}

/** Where the samples from one on lie. */
function* placesFrom(tables: Buffer, first: number): Generator<ByteSpan, undefined> {
  const sizes = neededBody(tables, 'stsz');
  const common = sizes.readUInt32BE(4);
  const sizeOf = (sample: number) => common || sizes.readUInt32BE(12 + sample * 4);
  for (const { firstSample, count, offset } of chunksIn(tables)) {
    if (firstSample + count <= first) continue;
    let start = offset;
    for (let sample = firstSample; sample < firstSample + count; sample++) {
      const end = start + sizeOf(sample);
      if (sample >= first) yield { start, end };
      start = end;
    }
  }
  return undefined;
}

/** The chunks of a track: samples that lie behind each other. */
function* chunksIn(tables: Buffer) {
  const groups = neededBody(tables, 'stsc');
  const groupCount = groups.readUInt32BE(4);
  const offsets = offsetsIn(tables);
  let group = 0;
  let firstSample = 0;
  for (let chunk = 0; chunk < offsets.count; chunk++) {
    const next = 8 + (group + 1) * 12;
    if (group + 1 < groupCount && groups.readUInt32BE(next) === chunk + 1) group++;
    const count = groups.readUInt32BE(8 + group * 12 + 4);
    yield { firstSample, count, offset: offsets.at(chunk) };
    firstSample += count;
  }
}

function offsetsIn(tables: Buffer): { count: number; at: (chunk: number) => number } {
  const large = bodyIn(tables, 'co64');
  const body = large ?? neededBody(tables, 'stco');
  return {
    count: body.readUInt32BE(4),
    at: (chunk) => {
      if (!large) return body.readUInt32BE(8 + chunk * 4);
      const offset = Number(body.readBigUInt64BE(8 + chunk * 8));
      if (!Number.isSafeInteger(offset)) throw damaged();
      return offset;
    },
  };
}
