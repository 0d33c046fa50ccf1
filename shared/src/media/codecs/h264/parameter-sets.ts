import { NotCopyableError } from '../../not-copyable.ts';
import { isSameColour } from '../colour.ts';
import { BitReader } from './bit-reader.ts';
import { parseSequenceParameters, type SequenceParameters } from './sequence-parameters.ts';

/** Parameter sets by their ids, without start codes. */
export interface ParameterSets {
  sps: ReadonlyMap<number, Buffer>;
  pps: ReadonlyMap<number, Buffer>;
}

interface Carrier {
  sps: readonly Buffer[];
  pps: readonly Buffer[];
}

/**
 * All parameter sets of some pictures.
 * @throws NotCopyableError when two different ones have the same id: a file's header can hold only one
 */
export function parameterSetsOf(pictures: Iterable<Carrier>): ParameterSets {
  const sps = new Map<number, Buffer>();
  const pps = new Map<number, Buffer>();
  for (const picture of pictures) {
    for (const set of picture.sps) addTo(sps, parse(set, parseSequenceParameters).id, set);
    for (const set of picture.pps) addTo(pps, parse(set, pictureParametersId), set);
  }
  return { sps, pps };
}

function addTo(sets: Map<number, Buffer>, id: number, set: Buffer): void {
  const known = sets.get(id);
  if (known && !known.equals(set)) {
    throw new NotCopyableError('the encoding parameters change within the video');
  }
  if (!known) sets.set(id, set);
}

const pictureParametersId = (set: Buffer) => new BitReader(set).unsigned();

function parse<Value>(set: Buffer, parser: (set: Buffer) => Value): Value {
  try {
    return parser(set);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotCopyableError('a parameter set is damaged', { cause: error });
  }
}

/** @throws NotCopyableError when it is damaged */
export const sequenceParameters = (set: Buffer) => parse(set, parseSequenceParameters);

/** The lowest id above 0 that no set has: for sets that shall live beside these. */
export function freeId({ sps, pps }: ParameterSets): number {
  for (let id = 1; id <= MAX_SPS_ID; id++) if (!sps.has(id) && !pps.has(id)) return id;
  throw new NotCopyableError('all ids of parameter sets are taken');
}

const MAX_SPS_ID = 31;

/**
 * Whether pictures with these parameters can live in one track: decoders are set up once, for one size
 * and one kind of picture.
 */
export function assertOneTrack(all: readonly SequenceParameters[]): void {
  const kinds = new Set(
    all.map((one) =>
      [
        one.profile,
        one.chromaFormat,
        one.bitDepth,
        one.isProgressive,
        one.width,
        one.height,
      ].join(),
    ),
  );
  if (kinds.size > 1) throw new NotCopyableError('the pictures differ in size or profile');
  // A file's header says it once, and players believe it.
  if (!all.every(({ colour }) => isSameColour(colour, all[0]!.colour))) {
    throw new NotCopyableError('the pictures differ in colour');
  }
}
