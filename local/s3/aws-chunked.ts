import { s3Error } from './errors.ts';

const MAX_LINE_BYTES = 8 * 1024;

/**
 * Decodes a body in the `aws-chunked` encoding, in which the SDKs stream uploads:
 *
 * ```
 * <size in hex>[;chunk-signature=…] CRLF <data> CRLF …   any number of chunks
 * 0[;chunk-signature=…] CRLF                             the last one, empty
 * <name>:<value> CRLF …                                  trailers, if announced
 * ```
 *
 * Chunk signatures are not verified. The data is handed on as it arrives, without copies.
 * @param trailers receives the trailers, names in lower case, before the generator ends
 * @throws AwsError `IncompleteBody` when the body is cut short or is not in this encoding
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const lines = new ChunkLines(trailers);
  let line = '';
  let dataBytesLeft = 0;
  for await (const piece of source) {
    let at = 0;
    while (at < piece.length) {
      if (dataBytesLeft > 0) {
        const data = piece.subarray(at, at + dataBytesLeft);
        dataBytesLeft -= data.length;
        at += data.length;
        yield data;
        continue;
      }
      const newline = piece.indexOf('\n', at);
      line += piece.toString('latin1', at, newline === -1 ? piece.length : newline);
      if (line.length > MAX_LINE_BYTES)
        throw s3Error('IncompleteBody', 'A chunk header is too long.');
      if (newline === -1) break;
      at = newline + 1;
      dataBytesLeft = lines.accept(line.replace(/\r$/, ''));
      line = '';
    }
  }
  // Only the last trailer may lack its line end; a chunk's header without one may be cut.
  if (lines.sawLastChunk) lines.accept(line.replace(/\r$/, ''));
  if (dataBytesLeft > 0 || !lines.sawLastChunk) throw s3Error('IncompleteBody');
}

/** Everything between the data: sizes, the line ends behind chunks, trailers. */
class ChunkLines {
  #expected: 'size' | 'end of data' | 'trailer' = 'size';

  constructor(private readonly trailers: Map<string, string>) {}

  get sawLastChunk(): boolean {
    return this.#expected === 'trailer';
  }

  /** @returns how many bytes of data follow this line */
  accept(line: string): number {
    if (this.#expected === 'trailer') {
      // Blank lines mean nothing: signed trailers have them in their midst (SigV4, chunked upload).
      const colon = line.indexOf(':');
      if (colon > 0) {
        this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
      }
      return 0;
    }
    if (this.#expected === 'end of data') {
      if (line !== '')
        throw s3Error('IncompleteBody', 'A chunk is longer than its announced size.');
      this.#expected = 'size';
      return 0;
    }
    const size = /^([0-9a-f]{1,12})(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) throw s3Error('IncompleteBody', 'The body is not aws-chunked.');
    const sizeBytes = Number.parseInt(size, 16);
    this.#expected = sizeBytes === 0 ? 'trailer' : 'end of data';
    return sizeBytes;
  }
}
