/** Which field of a frame is of the earlier moment. */
export type FieldOrder = 'top' | 'bottom';

/** How the frames are coded. */
export interface FieldCoding {
  /** Multiples of 16 and of 32. */
  width: number;
  height: number;
  order: FieldOrder;
  /** Every so many frames decoding can begin. */
  keyFrames: number;
  /** Whether a frame is coded as one picture. */
  isFrame: (n: number) => boolean;
  /** Whether a frame that decoding can begin at brings its parameter sets. */
  hasSets: (n: number) => boolean;
  /** How frames are shown, as messages of timing tell: `pic_struct`. Both fields of a frame are of one moment then. */
  structureOf?: (n: number) => number;
}

/** A frame, as one picture or two, with start codes. */
export interface CodedFrame {
  pictures: Buffer[];
  isKey: boolean;
}

/** Puts fields of bits together: ITU-T H.264, 7.2. */
class BitWriter {
  #bits: number[] = [];

  bits(count: number, value: number): this {
    for (let n = count - 1; n >= 0; n--) this.#bits.push((value >> n) & 1);
    return this;
  }

  /** An unsigned Exp-Golomb code. */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(length - 1, 0).bits(length, value + 1);
  }

  align(): this {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    return this;
  }

  bytes(): Buffer {
    this.align();
    const bytes = Buffer.alloc(this.#bits.length / 8);
    this.#bits.forEach((bit, n) => {
      bytes[n >> 3]! |= bit << (7 - (n & 7));
    });
    return bytes;
  }
}

/** With what prevents start codes inside. */
function nalUnit(header: number, body: Buffer): Buffer {
  const bytes = [0, 0, 0, 1, header];
  let zeros = 0;
  for (const byte of body) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}

const STOP = 1;
const NUMBER_BITS = 8;

function sequenceParameters({ width, height, structureOf }: FieldCoding): Buffer {
  const MAIN = 77;
  const LEVEL_3 = 30;
  const set = new BitWriter().bits(8, MAIN).bits(8, 0).bits(8, LEVEL_3).ue(0);
  set.ue(NUMBER_BITS - 4); // log2_max_frame_num
  set.ue(0).ue(NUMBER_BITS - 4); // the order of showing is told by slices
  set.ue(1).bits(1, 0); // reference frames; no gaps
  set.ue(width / 16 - 1).ue(height / 32 - 1);
  set.bits(1, 0).bits(1, 0).bits(1, 1); // fields, not within frames; direct inference
  set.bits(1, 0); // not cropped
  // Of the usability information, that the structure of pictures is told.
  if (structureOf) set.bits(1, 1).bits(7, 0).bits(1, 1).bits(1, 0);
  else set.bits(1, 0);
  set.bits(1, STOP);
  return nalUnit(0x67, set.bytes());
}

function pictureParameters(): Buffer {
  const set = new BitWriter().ue(0).ue(0).bits(1, 0).bits(1, 1); // CAVLC; bottom's order is told
  set.ue(0).ue(0).ue(0); // one slice group, one reference
  set.bits(3, 0).ue(0).ue(0).ue(0); // no weights; quantisers
  set.bits(3, 0).bits(1, STOP);
  return nalUnit(0x68, set.bytes());
}

/** A message of timing, without time: ITU-T H.264, D.1.3. */
function timing(structure: number): Buffer {
  const clocks = structure >= 5 ? 3 : 2;
  const message = new BitWriter().bits(8, 1).bits(8, 1).bits(4, structure).bits(clocks, 0);
  message.bits(1, 1).align(); // what is left of the last byte
  return nalUnit(6, Buffer.concat([message.bytes(), Buffer.from([0x80])]));
}

/** What a picture is, as the head of its slice tells it. */
interface Head {
  isIdr: boolean;
  frameNumber: number;
  order: number;
  field?: FieldOrder;
  /** Refers to the field before, though none of its samples do: so second fields are coded. */
  isPredicted?: boolean;
  /** Of a frame: how much later its bottom field is. */
  bottomLater: number;
}

/** A picture of raw samples: FFmpeg has no encoder of field pictures. @param rows of levels */
function picture(head: Head, rows: readonly Uint8Array[]): Buffer {
  const [P_SLICE, I_SLICE] = [5, 7];
  const { isPredicted = false } = head;
  const slice = new BitWriter()
    .ue(0)
    .ue(isPredicted ? P_SLICE : I_SLICE)
    .ue(0)
    .bits(NUMBER_BITS, head.frameNumber);
  slice.bits(1, head.field ? 1 : 0);
  if (head.field) slice.bits(1, head.field === 'bottom' ? 1 : 0);
  if (head.isIdr) slice.ue(0);
  slice.bits(NUMBER_BITS, head.order);
  if (!head.field) slice.ue(head.bottomLater > 0 ? 1 : 2); // signed: 1, or -1
  if (isPredicted) slice.bits(2, 0); // as many references as usual, in the usual order
  if (head.isIdr) slice.bits(2, 0);
  else slice.bits(1, 0);
  slice.ue(0); // quantiser
  const parts: Buffer[] = [];
  const width = rows[0]!.length;
  const chroma = Buffer.alloc(128, 128);
  const RAW = isPredicted ? 5 + 25 : 25;
  for (let y = 0; y < rows.length; y += 16) {
    for (let x = 0; x < width; x += 16) {
      const macroblock = parts.length === 0 ? slice : new BitWriter();
      if (isPredicted) macroblock.ue(0); // none is skipped before it
      parts.push(macroblock.ue(RAW).bytes());
      for (let row = y; row < y + 16; row++)
        parts.push(Buffer.from(rows[row]!.subarray(x, x + 16)));
      parts.push(chroma);
    }
  }
  parts.push(Buffer.from([0x80]));
  return nalUnit(head.isIdr ? 0x65 : 0x61, Buffer.concat(parts));
}

/**
 * Frames coded as H.264 whose fields are pictures of their own (PAFF).
 * @param levelAt the level at a place of a row in a field, by the field's number from the first moment on
 */
export function fieldCodedFrames(
  coding: FieldCoding,
  count: number,
  levelAt: (field: number, x: number) => number,
): CodedFrame[] {
  const { width, height, order, keyFrames, isFrame, hasSets, structureOf } = coding;
  const other = order === 'top' ? 'bottom' : 'top';
  const row = (field: number) => Uint8Array.from({ length: width }, (_, x) => levelAt(field, x));
  const sets = Buffer.concat([sequenceParameters(coding), pictureParameters()]);
  return Array.from({ length: count }, (_, n) => {
    const since = n % keyFrames;
    const isKey = since === 0;
    const [first, second] = [row(2 * n), row(structureOf ? 2 * n : 2 * n + 1)];
    const head = { isIdr: isKey, frameNumber: since, order: 2 * since, bottomLater: 0 };
    const pictures = isFrame(n)
      ? [
          picture(
            {
              ...head,
              order: 2 * since + (order === 'top' ? 0 : 1),
              bottomLater: order === 'top' ? 1 : -1,
            },
            Array.from({ length: height }, (_, y) =>
              (y % 2 === 0) === (order === 'top') ? first : second,
            ),
          ),
        ]
      : [
          picture({ ...head, field: order }, Array(height / 2).fill(first)),
          picture(
            { ...head, isIdr: false, isPredicted: true, order: 2 * since + 1, field: other },
            Array(height / 2).fill(second),
          ),
        ];
    pictures[0] = Buffer.concat([
      DELIMITER,
      isKey && hasSets(n) ? sets : Buffer.alloc(0),
      ...(structureOf ? [timing(structureOf(n))] : []),
      pictures[0]!,
    ]);
    return {
      pictures: pictures.map((one, field) => (field === 1 ? Buffer.concat([DELIMITER, one]) : one)),
      isKey,
    };
  });
}

const DELIMITER = Buffer.from([0, 0, 0, 1, 9, 0x10]);
