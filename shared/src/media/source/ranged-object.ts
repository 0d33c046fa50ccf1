/** Bytes that lie elsewhere and can be read in pieces: an object in S3. */
export interface RangedObject {
  /** How many bytes it has. */
  readonly size: number;
  /** @returns the bytes [start, end), which is a piece of the object and not empty */
  read(start: number, end: number): Promise<Buffer>;
}
