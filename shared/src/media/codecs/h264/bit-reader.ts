/** Reads the fields of a parameter set: ITU-T H.264, 7.2 and 9.1. */
export class BitReader {
  readonly #bytes: Buffer;
  #bit = 0;

  /** @param nalUnit with its header byte, which is skipped */
  constructor(nalUnit: Buffer) {
    this.#bytes = withoutEmulationPrevention(nalUnit.subarray(1));
  }

  /** @throws RangeError past the end */
  bit(): number {
    const byte = this.#bytes[this.#bit >> 3];
    if (byte === undefined) throw new RangeError('the parameter set is cut off');
    return (byte >> (7 - (this.#bit++ & 7))) & 1;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) value = value * 2 + this.bit();
    return value;
  }

  /** An unsigned Exp-Golomb code. */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) zeros++;
    if (zeros > 32) throw new RangeError('the parameter set holds no such number');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb code. */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Takes out the 3 of every 0, 0, 3: it is only there so that no start code appears. */
function withoutEmulationPrevention(bytes: Buffer): Buffer {
  const kept: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    const isPrevention = zeros >= 2 && byte === 3;
    if (!isPrevention) kept.push(byte);
    zeros = byte === 0 && !isPrevention ? zeros + 1 : 0;
  }
  return Buffer.from(kept);
}
