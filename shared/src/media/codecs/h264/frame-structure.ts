import type { ParameterSetList } from '../../source/media-index.ts';
import { BitReader } from './bit-reader.ts';
import { isFirstSlice, NAL, nalType } from './nal-units.ts';
import { payloadIn } from './recovery-point.ts';
import { parseSequenceParameters, type SequenceParameters } from './sequence-parameters.ts';

export type FieldParity = 'top' | 'bottom';

/** What a slice tells of the picture it is part of. */
interface PictureStructure {
  /** The picture is a single field of its frame. */
  field?: FieldParity;
  frameNumber: number;
  /** Which field of a frame is of the earlier moment; absent: both are of one. */
  first?: FieldParity;
  isAdaptive?: boolean;
}

/** What begins with a NAL unit. */
export type Beginning =
  /** A frame, or the first field of one. */
  | { kind: 'frame'; firstField?: FieldParity; isWoven?: boolean; isTelecined?: boolean }
  /** The second field of the frame before. */
  | { kind: 'second field' };

interface PictureTiming {
  isProgressive: boolean;
  isInterlaced: boolean;
  /** A field or all of the frame is shown again: film, at the rate of television. */
  isRepeated: boolean;
}

const PICTURE_TIMING = 1;
/** `pic_struct`: 1 to 4 are fields, alone or in pairs. */
const WHOLE_FRAME = 0;
const FIRST_REPEATED = 5;
/** `ct_type`. */
const SCAN = { progressive: 0, interlaced: 1, unknown: 2 } as const;

interface PictureParameters {
  sequenceId: number;
  /** `bottom_field_pic_order_in_frame_present_flag`. */
  tellsBottom: boolean;
}

const UNKNOWN_FRAME = -1;

/** Enough of a slice for what is read of it, with what prevents start codes in it. */
export const SLICE_HEAD_BYTES = 20;

/**
 * Tells frames from fields: ITU-T H.264, 7.3.3. It must see all parameter sets: those known from the start, and others
 * as they come. Of progressive video it reads nothing.
 */
export class FrameStructures {
  readonly #sequences = new Map<number, SequenceParameters>();
  readonly #pictures = new Map<number, PictureParameters>();
  #isInterlaced = false;
  /** The message of timing about the picture that comes next. */
  #timing?: Buffer;
  /** The field before, where it still lacks the other one. */
  #alone?: PictureStructure;

  constructor({ sps, pps }: Pick<ParameterSetList, 'sps' | 'pps'> = { sps: [], pps: [] }) {
    for (const set of [...sps, ...pps]) this.next(set);
  }

  /**
   * @param unit a NAL unit of any kind, of a slice at least its head; what is damaged is left to others
   * @returns nothing where no picture begins, and of progressive video
   */
  next(unit: Buffer): Beginning | undefined {
    const type = nalType(unit[0]!);
    if (type === NAL.sps || type === NAL.pps) this.#learn(unit);
    if (type === NAL.supplement && this.#isInterlaced) {
      const payload = payloadIn(unit, PICTURE_TIMING);
      if (payload) this.#timing = Buffer.from(payload);
    }
    const isPicture = (type === NAL.slice || type === NAL.idrSlice) && isFirstSlice(unit);
    if (!isPicture || !this.#isInterlaced) return undefined;
    const structure = this.#structureOf(unit);
    const timing = this.#timing && this.#timingIn(this.#timing, unit);
    this.#timing = undefined;
    const { field, frameNumber, first = field, isAdaptive = false } = structure;
    const isSecond =
      field !== undefined &&
      this.#alone?.frameNumber === frameNumber &&
      this.#alone.field !== field;
    this.#alone = field && !isSecond ? structure : undefined;
    if (isSecond) return { kind: 'second field' };
    const isTelecined = timing?.isRepeated ? { isTelecined: true } : {};
    const isOfOneMoment = !field && timing?.isProgressive;
    if (isOfOneMoment || (!first && !timing?.isInterlaced))
      return { kind: 'frame', ...isTelecined };
    if (timing?.isInterlaced) return { kind: 'frame', firstField: first ?? 'top' };
    return { kind: 'frame', firstField: first, ...(field || isAdaptive ? {} : { isWoven: true }) };
  }

  #learn(unit: Buffer): void {
    try {
      if (nalType(unit[0]!) === NAL.sps) this.#learnSequence(parseSequenceParameters(unit));
      else this.#learnPicture(new BitReader(unit));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  /**
   * ITU-T H.264, D.1.3 and D.2.3.
   * @param slice of the picture the message is about: it tells which parameters hold
   */
  #timingIn(payload: Buffer, slice: Buffer): PictureTiming | undefined {
    try {
      const { delayBits } = this.#parametersOf(slice).sequence;
      if (delayBits === undefined) return undefined;
      // The reader skips the header of a NAL unit.
      const reader = new BitReader(Buffer.concat([Buffer.alloc(1), payload]));
      reader.bits(delayBits);
      const structure = reader.bits(4);
      const scan = reader.flag() ? reader.bits(2) : SCAN.unknown;
      const isWhole = structure === WHOLE_FRAME || structure >= FIRST_REPEATED;
      return {
        isProgressive: isWhole || scan === SCAN.progressive,
        isInterlaced: !isWhole && scan === SCAN.interlaced,
        isRepeated: structure >= FIRST_REPEATED,
      };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return undefined;
    }
  }

  /** Where the slice cannot be read, what is likely. */
  #structureOf(slice: Buffer): PictureStructure {
    try {
      return this.#read(slice);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { frameNumber: UNKNOWN_FRAME, first: 'top', isAdaptive: true };
    }
  }

  #learnSequence(parameters: SequenceParameters): void {
    this.#sequences.set(parameters.id, parameters);
    this.#isInterlaced ||= !parameters.isProgressive;
  }

  #learnPicture(reader: BitReader): void {
    const id = reader.unsigned();
    const sequenceId = reader.unsigned();
    reader.flag(); // entropy coding
    this.#pictures.set(id, { sequenceId, tellsBottom: reader.flag() });
  }

  /** @returns the reader behind what tells them, too */
  #parametersOf(slice: Buffer) {
    const reader = new BitReader(slice);
    reader.unsigned(); // first_mb_in_slice
    reader.unsigned(); // slice_type
    const picture = this.#pictures.get(reader.unsigned());
    const sequence = picture && this.#sequences.get(picture.sequenceId);
    if (!sequence) throw new RangeError('the slice refers to unknown parameters');
    return { reader, picture, sequence };
  }

  #read(slice: Buffer): PictureStructure {
    const { reader, picture, sequence } = this.#parametersOf(slice);
    if (sequence.isProgressive) return { frameNumber: UNKNOWN_FRAME };
    if (sequence.hasSeparatePlanes) reader.bits(2);
    const frameNumber = reader.bits(sequence.frameNumberBits);
    if (reader.flag()) {
      return { frameNumber, field: reader.flag() ? 'bottom' : 'top' };
    }
    if (nalType(slice[0]!) === NAL.idrSlice) reader.unsigned(); // idr_pic_id
    let bottomLater = 0;
    if (sequence.orderBits !== undefined) {
      reader.bits(sequence.orderBits);
      if (picture.tellsBottom) bottomLater = reader.signed();
    }
    const { isAdaptive } = sequence;
    if (bottomLater === 0 && !isAdaptive) return { frameNumber };
    return { frameNumber, first: bottomLater < 0 ? 'bottom' : 'top', isAdaptive };
  }
}
