// Boxes, the building blocks of MP4, as bytes: ISO/IEC 14496-12, 4.2.

const HEADER_BYTES = 8;

/** A box of a type of four characters around its content. */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES);
  return Buffer.concat([uint32(size), Buffer.from(type, 'latin1'), ...parts], size);
}

/** A box that begins with a version and flags. */
export const fullBox = (
  type: string,
  { version = 0, flags = 0 }: { version?: number; flags?: number },
  ...parts: readonly Uint8Array[]
): Buffer => box(type, uint32(version * 2 ** 24 + flags), ...parts);

export const uint16 = (...values: readonly number[]): Buffer => numbers(values, 2);

export const uint32 = (...values: readonly number[]): Buffer => numbers(values, 4);

/** For tables, which are longer than a call may have arguments. */
export const table32 = (values: readonly number[]): Buffer => numbers(values, 4);

/** As `uint32`, with 8 bytes each. */
export function uint64(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [n, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), n * 8);
  return bytes;
}

export const zeros = (count: number): Buffer => Buffer.alloc(count);

function numbers(values: readonly number[], size: number): Buffer {
  const bytes = Buffer.alloc(values.length * size);
  for (let n = 0; n < values.length; n++) bytes.writeUIntBE(values[n]!, n * size, size);
  return bytes;
}
